"""Evaluates a claimed batch: each interaction by the definitions in force when it took place."""

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from functools import cache, partial
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import and_, cast, func, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from qm.facts.models import DailyRollup, InteractionFacts
from qm.interactions.conversations import whole_from_row
from qm.interactions.events import events_by_interaction, merge_events
from qm.interactions.models import Interaction
from qm.reviews.models import Evaluation
from scorecards.autoscore.engine import AutomaticEvaluation
from scorecards.definitions.conversation import Conversation
from tenants.bulk_sql import id_array
from tenants.clients import DEFAULT_SETTINGS, hold_client, time_zone_of
from tenants.days import day_of, start_of
from workers.context import WorkerContext
from workers.definitions_cache import CompiledDefinitions
from workers.scoring.claims import Claim
from workers.scoring.models_in_force import NO_MODELS_IN_FORCE, ModelsInForce, current_models, pinned_models

# Called with each interaction that cannot be evaluated, and its error.
OnFailure = Callable[[uuid.UUID, Exception], None]

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class PreviousEvaluation:
    """What is stored of an interaction evaluated before; `models` are the kinds and ids of those it pins."""

    policy_id: uuid.UUID | None
    rate: float
    drawable_since: datetime
    draw: float | None
    models: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ScoringTask:
    """One claimed interaction and what its evaluation needs.

    `conversation` is what is judged: the `whole`, or the part of one of several agents. `agent_days` are
    those since its agent's first day.
    """

    tenant_id: uuid.UUID
    client_id: uuid.UUID
    row: Any
    whole: Conversation
    conversation: Conversation
    definitions: CompiledDefinitions
    previous: PreviousEvaluation | None
    agent_days: float | None
    models: ModelsInForce = NO_MODELS_IN_FORCE
    time_zone: tzinfo = UTC


@dataclass(frozen=True, slots=True)
class EvaluatedTask:
    """One interaction and its automatic evaluation."""

    task: ScoringTask
    evaluation: AutomaticEvaluation


def prepare(
    session: Session, context: WorkerContext, claim: Claim, on_failure: OnFailure
) -> list[ScoringTask]:
    """Read what the evaluation of a batch needs: definitions, events, previous evaluations, models."""
    client = hold_client(session, claim.client_id)
    time_zone = time_zone_of(client)
    threshold = float(client.settings.get("charged_threshold", DEFAULT_SETTINGS["charged_threshold"]))
    definitions = context.definitions.open(session, claim.client_id, [row.started_at for row in claim.rows])
    events = events_by_interaction(session, claim.ids)
    previous = _previous_evaluations(session, [row.interaction_id for row in claim.rows if row.revision > 1])
    told = individually(claim.rows, partial(_told, events), lambda row: row.interaction_id, on_failure)
    agents_since = _agents_since(session, context, claim, time_zone, told)
    current = current_models(session, context.models, claim.client_id)
    pinned = cache(partial(pinned_models, session, context.models, claim.client_id, current))
    pinned_of = {interaction_id: pinned(each.models) for interaction_id, each in previous.items()}

    def task(each: _Told) -> ScoringTask:
        row, conversation = each.row, each.conversation
        return ScoringTask(
            claim.tenant_id,
            claim.client_id,
            row,
            each.whole,
            conversation,
            definitions.rules_for(
                at=row.started_at,
                channel=row.channel,
                program=row.program,
                threshold=threshold,
                judged=conversation.is_judged,
            ),
            previous.get(row.interaction_id),
            _days(agents_since.get((claim.client_id, each.agent)), row.started_at) if each.agent else None,
            pinned_of.get(row.interaction_id, current),
            time_zone,
        )

    return individually(told, task, lambda each: each.row.interaction_id, on_failure)


@dataclass(frozen=True, slots=True)
class _Told:
    """A stored row, the whole conversation with later events, and what is judged of it."""

    row: Any
    whole: Conversation
    conversation: Conversation

    @property
    def agent(self) -> str | None:
        """The one agent who answers for it, if it is known and judged."""
        return self.conversation.answerable_agent if self.conversation.is_judged else None


def _told(events: Mapping[uuid.UUID, Sequence[Any]], row: Any) -> _Told:
    stated, changes = msgspec.json.decode(row.outcome), msgspec.json.decode(row.status)
    outcome, status = merge_events(row, stated, changes, events.get(row.interaction_id, ()))
    whole = whole_from_row(row, outcome, status)
    return _Told(row, whole, whole.part_of(row.part_agent) if row.part_agent else whole)


def evaluate(tasks: Sequence[ScoringTask], on_failure: OnFailure) -> list[EvaluatedTask]:
    """Evaluate tasks in groups that share definitions and model; if a group fails, each task of it alone."""
    groups: dict[tuple[int, int], list[ScoringTask]] = {}
    for each in tasks:
        groups.setdefault((id(each.definitions), id(each.models.client_models.answers)), []).append(each)
    evaluated: list[EvaluatedTask] = []
    for group in groups.values():
        try:
            evaluations = _evaluate([each.conversation for each in group], group[0])
            evaluated += [EvaluatedTask(*each) for each in zip(group, evaluations, strict=True)]
        except Exception:  # noqa: BLE001 - whatever error a rule raises, the others must be scored
            evaluated += individually(
                group, _evaluate_alone, lambda each: each.row.interaction_id, on_failure
            )
    return evaluated


def individually(
    items: Iterable[T], function: Callable[[T], R], id_of: Callable[[T], uuid.UUID], on_failure: OnFailure
) -> list[R]:
    """Apply a function to each item; errors are reported item by item, and the other results returned."""
    found = []
    for each in items:
        try:
            found.append(function(each))
        except Exception as error:  # noqa: BLE001 - stored with the interaction, visible and retryable
            on_failure(id_of(each), error)
    return found


def _evaluate_alone(task: ScoringTask) -> EvaluatedTask:
    return EvaluatedTask(task, _evaluate([task.conversation], task)[0])


def _evaluate(conversations: Sequence[Conversation], task: ScoringTask) -> list[AutomaticEvaluation]:
    """Evaluate conversations by the definitions and models of one task."""
    return task.definitions.judge.evaluate(conversations, task.models.client_models)


_automatic_in_force = and_(
    Evaluation.tenant_id == InteractionFacts.tenant_id,
    Evaluation.interaction_id == InteractionFacts.interaction_id,
    Evaluation.kind == "automatic",
    Evaluation.superseded_at.is_(None),
)


def _previous_evaluations(session: Session, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, PreviousEvaluation]:
    if not ids:
        return {}
    found = session.execute(
        select(
            InteractionFacts.interaction_id,
            InteractionFacts.policy_id,
            InteractionFacts.rate,
            InteractionFacts.drawable_since,
            InteractionFacts.draw,
            func.coalesce(Evaluation.versions["model"], cast([], JSONB)).label("models"),
        )
        .outerjoin(Evaluation, _automatic_in_force)
        .where(InteractionFacts.interaction_id == id_array(ids))
    )
    return {
        each.interaction_id: PreviousEvaluation(
            each.policy_id,
            each.rate,
            each.drawable_since,
            each.draw,
            tuple((model["key"], model["id"]) for model in each.models),
        )
        for each in found
    }


def _agents_since(
    session: Session, context: WorkerContext, claim: Claim, time_zone: ZoneInfo, told: Sequence[_Told]
) -> dict[tuple[uuid.UUID, str], datetime]:
    """Return when each agent's first day with this client began; what is found is cached in the context.

    Interactions that are not scored yet count too: a history is imported in batches, and their order must not
    make an experienced agent look new.
    """
    known = context.agents_since
    agents = {each.agent for each in told if each.agent}
    unknown = sorted(agent for agent in agents if (claim.client_id, agent) not in known)
    for agent, found in _first_days(session, claim, unknown) if unknown else ():
        day = day_of(found, time_zone) if isinstance(found, datetime) else found
        _record_day(known, (claim.client_id, agent), start_of(day, time_zone))
    for each in told:
        if each.agent:
            began = start_of(day_of(each.row.started_at, time_zone), time_zone)
            _record_day(known, (claim.client_id, each.agent), began)
    return known


def _first_days(
    session: Session, claim: Claim, agents: Sequence[str]
) -> Iterator[tuple[str, date | datetime]]:
    """Yield the first day of agents in scored interactions, and the first moment in those that wait."""
    named = func.jsonb_array_elements_text(Interaction.turn_agents).column_valued(
        "named", joins_implicitly=True
    )
    sources: tuple[tuple[Any, Any, Any], ...] = (
        (DailyRollup, DailyRollup.agent, DailyRollup.day),
        (Interaction, Interaction.agent, Interaction.started_at),
        (Interaction, named, Interaction.started_at),
    )
    for table, agent, first in sources:
        of_client = (table.tenant_id == claim.tenant_id, table.client_id == claim.client_id)
        statement = select(agent, func.min(first)).select_from(table).where(*of_client, agent.in_(agents))
        if table is Interaction:
            statement = statement.where(Interaction.state != "scored")
        yield from ((str(row[0]), row[1]) for row in session.execute(statement.group_by(agent)))


def _record_day(
    known: dict[tuple[uuid.UUID, str], datetime], agent: tuple[uuid.UUID, str], since: datetime
) -> None:
    known[agent] = min(since, known.get(agent, since))


def _days(since: datetime | None, at: datetime) -> float:
    return 0.0 if since is None else max(0.0, (at - since).total_seconds() / 86_400)
