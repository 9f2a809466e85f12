"""Conditions of the list of interactions."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sqlalchemy import and_, case, cast, false, func, literal, not_, or_, select, text, true
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import aliased

from qm.facts.models import CLOCK_COUNTS, InteractionFacts
from qm.friction.models import FrictionFact
from qm.interactions.models import WHOLE, Interaction, InteractionEvent
from qm.reviews.blindness import hidden_from
from scorecards.sla.clocks import UNANSWERED
from scorecards.sla.policy import TARGETS
from tenants.credentials import Actor
from tenants.models import utc_now

OF_FACTS = frozenset({"score_lt", "charged", "sla", "sla_rule", "breached"})
"""The filters by what was found out of an interaction; all others are by what was pushed."""
# Full-text search without stemming, for any language, over the texts of turns only.
_TEXT_SEARCH_CONFIG = text("'simple'")
_TURN_TEXTS = text("'$[*].text'")
_OWN_TURNS = text("""'$[*] ? (@.speaker == "agent" && @.agent == $agent)'::jsonpath""")
# Turns of agents that name somebody, and those that name nobody.
_AGENT_TURNS = (
    text("""'$[*] ? (@.speaker == "agent" && @.agent != null)'::jsonpath"""),
    text("""'$[*] ? (@.speaker == "agent" && (!exists(@.agent) || @.agent == null))'::jsonpath"""),
)

_part, _facts = aliased(Interaction), aliased(InteractionFacts)


def conditions(actor: Actor, filters: Mapping[str, Any]) -> Iterator[Any]:
    """Yield the condition of each filter that is given; by findings only those that the caller may see.

    What is hidden is asked last, of what the findings leave: by cases, as PostgreSQL would else ask it first.
    """
    given = {name: value for name, value in filters.items() if value is not None}
    shown = (
        not_(hidden_from(actor, Interaction.interaction_id, in_list=True))
        if OF_FACTS & given.keys()
        else true()
    )
    for name, value in given.items():
        condition = _CONDITIONS[name](value)
        found = case((condition, shown), else_=false()) if name in OF_FACTS else condition
        yield or_(found, _part_below(actor, value, given.get("agent"))) if name == "score_lt" else found


def _equal(name: str) -> Callable[[Any], Any]:
    return lambda value: getattr(Interaction, name) == value


def _agent(external_id: str) -> Any:
    """Return the condition that an agent answers for turns: those that name them, or of theirs none names."""
    named, unnamed = (func.jsonb_path_exists(Interaction.turns, path) for path in _AGENT_TURNS)
    spoke = func.jsonb_path_exists(
        Interaction.turns, _OWN_TURNS, func.jsonb_build_object("agent", external_id)
    )
    return or_(
        # The short list of who is named is looked at first: it spares reading the turns of all others.
        and_(Interaction.turn_agents.contains([external_id]), spoke),
        and_(
            Interaction.agent == external_id,
            or_(Interaction.turn_agents == cast([], JSONB), unnamed, not_(named)),
        ),
    )


def _csat(value: int) -> Any:
    """Compare the satisfaction by the rule of `merge_events`: the latest, and of two at once the higher."""
    stated_at = func.coalesce(Interaction.source_updated_at, Interaction.ended_at, Interaction.started_at)
    said = aliased(InteractionEvent)
    pushed = Interaction.outcome["csat"]
    latest = (
        select(said.value)
        .where(
            said.tenant_id == Interaction.tenant_id,
            said.interaction_id == Interaction.interaction_id,
            said.kind == "csat",
            or_(
                pushed.is_(None),
                said.at > stated_at,
                and_(said.at == stated_at, said.value >= pushed),
            ),
        )
        .order_by(said.at.desc(), said.value.desc())
        .limit(1)
        .correlate(Interaction)
        .scalar_subquery()
    )
    return func.coalesce(latest, pushed) == cast(value, JSONB)


def _said(words: str) -> Any:
    texts = func.to_tsvector(_TEXT_SEARCH_CONFIG, func.jsonb_path_query_array(Interaction.turns, _TURN_TEXTS))
    return texts.op("@@")(func.websearch_to_tsquery(_TEXT_SEARCH_CONFIG, words))


def _part_below(actor: Actor, points: float, agent: str | None) -> Any:
    """Return the condition that a part of an interaction scores less: any agent's, or this one's."""
    of_part = select(_facts.score).where(
        _facts.tenant_id == _part.tenant_id, _facts.interaction_id == _part.interaction_id
    )
    low_part = (
        select(literal(1))
        .select_from(_part)
        .where(
            _part.tenant_id == Interaction.tenant_id,
            _part.client_id == Interaction.client_id,
            _part.external_id == Interaction.external_id,
            _part.part_agent != WHOLE,
            *([] if agent is None else [_part.part_agent == agent]),
            of_part.scalar_subquery() < points,
            not_(hidden_from(actor, _part.interaction_id, in_list=True)),
        )
    )
    return low_part.exists()


def _sla_condition(state: str) -> Any:
    now = utc_now()
    late = or_(*(_late(clock) for clock in TARGETS))
    running = or_(*(getattr(InteractionFacts, f"{clock}_due") >= now for clock in TARGETS))
    if state == "breached":
        return late
    if state in {"paused", UNANSWERED}:
        counts = [name for name in CLOCK_COUNTS if name.endswith(f"_{state}")]
        return or_(*(getattr(InteractionFacts, name) > 0 for name in counts))
    if state == "running":
        return and_(running, ~func.coalesce(late, false()))
    met = or_(*(getattr(InteractionFacts, f"{clock}_met") > 0 for clock in TARGETS))
    return and_(met, ~func.coalesce(late, false()), ~func.coalesce(running, false()))


def _theme(key: str) -> Any:
    return (
        select(literal(1))
        .select_from(FrictionFact)
        .where(
            FrictionFact.tenant_id == Interaction.tenant_id,
            FrictionFact.interaction_id == Interaction.interaction_id,
            FrictionFact.theme == key,
        )
        .exists()
    )


def _late(clock: str) -> Any:
    counted, due = (getattr(InteractionFacts, f"{clock}_{name}") for name in ("breached", "due"))
    return or_(counted > 0, due < utc_now())


_COLUMNS = (
    "channel",
    "program",
    "queue",
    "language",
    "priority",
    "customer",
    "intent",
    "state",
    "external_id",
)
_CONDITIONS: Mapping[str, Callable[[Any], Any]] = {
    **{name: _equal(name) for name in _COLUMNS},
    "agent": _agent,
    "team": lambda team: Interaction.agent_details["team"].astext == team,
    "tag": lambda tag: Interaction.details["tags"].contains([tag]),
    "csat": _csat,
    "start": lambda moment: Interaction.started_at >= moment,
    "end": lambda moment: Interaction.started_at < moment,
    "score_lt": lambda points: InteractionFacts.score < points,
    "charged": lambda charged: InteractionFacts.charged == int(charged),
    "sla": _sla_condition,
    "sla_rule": lambda rule: InteractionFacts.sla_rule == rule,
    "breached": _late,
    "theme": _theme,
    "q": _said,
}
