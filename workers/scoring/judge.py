"""Judges a claimed slice: each interaction by the rules in force when it took place, many at a time."""

import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cache, partial
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Date, Select, and_, cast, func, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from qm.facts.models import DailyRollup, InteractionFacts
from qm.interactions.conversations import conversation_from_row
from qm.interactions.events import events_by_interaction, merge_events
from qm.interactions.models import Interaction
from qm.reviews.models import Evaluation
from scorecards.autoscore.engine import AutomaticEvaluation
from scorecards.definitions.conversation import Conversation
from tenants.bulk_sql import id_array
from tenants.clients import DEFAULT_SETTINGS
from tenants.models import Client
from workers.context import WorkerContext
from workers.definitions_cache import CompiledDefinitions
from workers.scoring.claims import Claim
from workers.scoring.models_in_force import NO_MODELS_IN_FORCE, ModelsInForce, current_models, pinned_models

# Told of each interaction that cannot be judged, and why.
Failed = Callable[[uuid.UUID, Exception], None]

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class PreviousEvaluation:
    """What is stored of an interaction that was judged before; `models`: kind and id of those that did."""

    clocks: Sequence[dict[str, Any]]
    policy_id: uuid.UUID | None
    inclusion_probability: float | None
    draw: float | None
    models: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ScoringTask:
    """One claimed interaction with what is needed to judge it; `agent_days` since its agent's first day."""

    tenant_id: uuid.UUID
    client_id: uuid.UUID
    row: Any
    conversation: Conversation
    definitions: CompiledDefinitions
    previous: PreviousEvaluation | None
    agent_days: float | None
    models: ModelsInForce = NO_MODELS_IN_FORCE


@dataclass(frozen=True, slots=True)
class Judged:
    """One interaction and what the machine says of it."""

    prepared: ScoringTask
    judgement: AutomaticEvaluation


def prepare(session: Session, runtime: WorkerContext, held: Claim, failed: Failed) -> list[ScoringTask]:
    """Read what the slice needs: rules in force, later facts, what was judged before."""
    client = session.scalars(select(Client).where(Client.client_id == held.client_id)).one()
    threshold = float(client.settings.get("charged_threshold", DEFAULT_SETTINGS["charged_threshold"]))
    chapter = runtime.definitions.open(session, held.client_id, [row.started_at for row in held.rows])
    events = events_by_interaction(session, held.ids)
    earlier = _earlier(session, [row.interaction_id for row in held.rows if row.revision > 1])
    since = _agents_since(session, runtime, held)
    now = current_models(session, runtime.models, held.client_id)
    then = cache(partial(pinned_models, session, runtime.models, held.client_id, now))
    before = {interaction_id: then(each.models) for interaction_id, each in earlier.items()}

    def prepared(row: Any) -> ScoringTask:
        stated, changes = msgspec.json.decode(row.outcome), msgspec.json.decode(row.status)
        outcome, status = merge_events(stated, changes, events.get(row.interaction_id, ()))
        return ScoringTask(
            held.tenant_id,
            held.client_id,
            row,
            conversation_from_row(row, outcome, status),
            chapter.rules_for(
                at=row.started_at, channel=row.channel, program=row.program, threshold=threshold
            ),
            earlier.get(row.interaction_id),
            _days(since.get((held.client_id, row.agent)), row.started_at) if row.agent else None,
            before.get(row.interaction_id, now),
        )

    return individually(held.rows, prepared, lambda row: row.interaction_id, failed)


def judge(prepared: Sequence[ScoringTask], failed: Failed) -> list[Judged]:
    """Judge a slice by groups that share their rules; where a group fails, each of it alone."""
    groups: dict[tuple[int, int], list[ScoringTask]] = {}
    for each in prepared:
        groups.setdefault((id(each.definitions), id(each.models.client_models.answers)), []).append(each)
    judged: list[Judged] = []
    for group in groups.values():
        try:
            made = _judge([each.conversation for each in group], group[0])
            judged += [Judged(each, judgement) for each, judgement in zip(group, made, strict=True)]
        except Exception:  # noqa: BLE001 - whatever a rule trips over, the others must be scored
            judged += individually(group, _judged_alone, lambda each: each.row.interaction_id, failed)
    return judged


def individually(
    things: Iterable[T], make: Callable[[T], R], id_of: Callable[[T], uuid.UUID], failed: Failed
) -> list[R]:
    """Make something of each thing; one that cannot be made is told of and harms no other."""
    made = []
    for each in things:
        try:
            made.append(make(each))
        except Exception as error:  # noqa: BLE001 - kept with the interaction, seen and retryable
            failed(id_of(each), error)
    return made


def _judged_alone(prepared: ScoringTask) -> Judged:
    return Judged(prepared, _judge([prepared.conversation], prepared)[0])


def _judge(conversations: Sequence[Conversation], by: ScoringTask) -> list[AutomaticEvaluation]:
    return by.definitions.judge.evaluate(conversations, by.models.client_models)


_judged_by_machine = and_(
    Evaluation.tenant_id == InteractionFacts.tenant_id,
    Evaluation.interaction_id == InteractionFacts.interaction_id,
    Evaluation.kind == "automatic",
    Evaluation.superseded_at.is_(None),
)


def _earlier(session: Session, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, PreviousEvaluation]:
    if not ids:
        return {}
    found = session.execute(
        select(
            InteractionFacts.interaction_id,
            InteractionFacts.clocks,
            InteractionFacts.policy_id,
            InteractionFacts.inclusion_probability,
            InteractionFacts.draw,
            func.coalesce(Evaluation.versions["model"], cast([], JSONB)).label("models"),
        )
        .outerjoin(Evaluation, _judged_by_machine)
        .where(InteractionFacts.interaction_id == id_array(ids))
    )
    return {
        each.interaction_id: PreviousEvaluation(
            each.clocks,
            each.policy_id,
            each.inclusion_probability,
            each.draw,
            tuple((model["key"], model["id"]) for model in each.models),
        )
        for each in found
    }


def _agents_since(
    session: Session, runtime: WorkerContext, held: Claim
) -> dict[tuple[uuid.UUID, str], datetime]:
    """Return since when each agent has been with this client; those seen before are remembered.

    What waits counts too: history comes in slices, and its order must not make an old hand new.
    """
    known = runtime.agents_since
    agents = {row.agent for row in held.rows if row.agent}
    unknown = sorted(agent for agent in agents if (held.client_id, agent) not in known)
    for statement in _first_days(held, unknown) if unknown else ():
        for agent, day in session.execute(statement):
            _seen(known, (held.client_id, agent), day)
    for row in held.rows:
        if row.agent:
            _seen(known, (held.client_id, row.agent), row.started_at.astimezone(UTC).date())
    return known


def _first_days(held: Claim, agents: Sequence[str]) -> Iterator[Select[str, date]]:
    """Ask for each agent's first day among what is scored, and among what is not."""
    began = cast(func.timezone("UTC", Interaction.started_at), Date)
    for table, day, *waiting in (
        (DailyRollup, DailyRollup.day),
        (Interaction, began, Interaction.state != "scored"),
    ):
        of_client = (table.tenant_id == held.tenant_id, table.client_id == held.client_id)
        theirs = select(table.agent, func.min(day)).where(*of_client, table.agent.in_(agents), *waiting)
        yield theirs.group_by(table.agent)


def _seen(known: dict[tuple[uuid.UUID, str], datetime], agent: tuple[uuid.UUID, str], day: date) -> None:
    since = datetime.combine(day, time(), UTC)
    known[agent] = min(since, known.get(agent, since))


def _days(since: datetime | None, at: datetime) -> float:
    return 0.0 if since is None else max(0.0, (at - since).total_seconds() / 86_400)
