"""What is told of each kind of event, by whoever changes something: ids and figures, and nothing else."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from sqlalchemy import text
from sqlalchemy.orm import Session

from qm.webhooks.events import (
    CRITICAL_FOUND,
    EVALUATION_PUBLISHED,
    GATE_MOVED,
    REPORT_FROZEN,
    SLA_BREACHED,
    Event,
    id_of,
)
from qm.webhooks.outbox import store_events, wanting
from tenants.isolation import scope_of

_EXTERNAL_ID = text(
    "select external_id from interactions"
    " where tenant_id = :tenant and client_id = :client and interaction_id = :interaction"
)


class EvaluationOfPerson(Protocol):
    """What is told of an evaluation: a row of `evaluations`."""

    client_id: Any
    interaction_id: Any
    evaluation_id: Any
    kind: Any
    score: Any
    empathy: Any
    outcome: Any
    band: Any
    critical: Any
    published_at: Any
    replaces: Any


@dataclass(frozen=True, slots=True)
class Breach:
    """An SLA clock whose time ran out."""

    client_id: uuid.UUID
    interaction_id: uuid.UUID
    external_id: str
    target: str
    number: int
    rule: str
    goal_seconds: int
    started_at: datetime
    due_at: datetime
    stopped_at: datetime | None

    def event(self, client: str) -> Event:
        """Return the event, the same one whenever it is found out again."""
        return Event(
            SLA_BREACHED,
            {
                "client": client,
                "interaction_id": self.interaction_id,
                "external_id": self.external_id,
                "target": self.target,
                "number": self.number,
                "rule": self.rule,
                "goal_seconds": self.goal_seconds,
                "started_at": self.started_at,
                "due_at": self.due_at,
                "stopped_at": self.stopped_at,
            },
            self.client_id,
            self.interaction_id,
            occurred_at=self.due_at,
            event_id=id_of(SLA_BREACHED, self.interaction_id, self.target, self.number),
        )


def evaluation_changed(
    session: Session,
    evaluation: EvaluationOfPerson,
    *,
    now: datetime,
    critical_before: Sequence[str] = (),
) -> None:
    """Tell of what a person said: that it is published, if it is by now, and what critical failures it found.

    `critical_before` are those that the version before had found. What is published later by the clock, the
    schedule tells of.
    """
    if evaluation.kind != "human":
        return
    published = evaluation.published_at is not None and evaluation.published_at <= now
    found = sorted(set(evaluation.critical) - set(critical_before))
    types = [EVALUATION_PUBLISHED] * published + [CRITICAL_FOUND] * bool(found)
    wanted = wanting(session, evaluation.client_id, *types) if types else None
    if wanted is None or not wanted.endpoints:
        return
    external_id = _external_id(session, evaluation)
    events = []
    if EVALUATION_PUBLISHED in wanted:
        events.append(publication(evaluation, external_id, wanted.slug))
    if CRITICAL_FOUND in wanted:
        told = told_of(evaluation, external_id, wanted.slug)
        data = {name: told[name] for name in told if name not in {"outcome", "band", "empathy"}}
        events.append(
            Event(
                CRITICAL_FOUND,
                {**data, "kind": "human", "found": found},
                evaluation.client_id,
                evaluation.interaction_id,
                event_id=id_of(CRITICAL_FOUND, evaluation.evaluation_id),
            )
        )
    store_events(session, wanted, events)


def evaluation_published(session: Session, evaluation: EvaluationOfPerson) -> None:
    """Tell that an evaluation is published; told before, it is not told again."""
    wanted = wanting(session, evaluation.client_id, EVALUATION_PUBLISHED)
    if wanted.endpoints:
        event = publication(evaluation, _external_id(session, evaluation), wanted.slug)
        store_events(session, wanted, [event])


def publication(evaluation: EvaluationOfPerson, external_id: str, client: str) -> Event:
    """Return the event of an evaluation that is published."""
    return Event(
        EVALUATION_PUBLISHED,
        {
            **told_of(evaluation, external_id, client),
            "published_at": evaluation.published_at,
            "replaces": evaluation.replaces,
        },
        evaluation.client_id,
        evaluation.interaction_id,
        event_id=id_of(EVALUATION_PUBLISHED, evaluation.evaluation_id),
    )


def told_of(evaluation: Any, external_id: str, client: str) -> dict[str, Any]:
    """Return what is told of any evaluation."""
    return {
        "client": client,
        "interaction_id": evaluation.interaction_id,
        "external_id": external_id,
        "evaluation_id": evaluation.evaluation_id,
        "score": evaluation.score,
        "empathy": evaluation.empathy,
        "outcome": evaluation.outcome,
        "band": evaluation.band,
        "critical": list(evaluation.critical),
    }


def _external_id(session: Session, evaluation: EvaluationOfPerson) -> str:
    owner = {"tenant": scope_of(session).tenant_id, "client": evaluation.client_id}
    found: str = session.execute(
        _EXTERNAL_ID, {**owner, "interaction": evaluation.interaction_id}
    ).scalar_one()
    return found


def gate_moved(
    session: Session,
    client_id: uuid.UUID,
    *,
    scorecard: str,
    question: str,
    before: str,
    after: str,
    cause: str,
    threshold: float | None,
    model_id: uuid.UUID | None,
) -> None:
    """Tell that the machine may do more or less of a question from now on."""
    wanted = wanting(session, client_id, GATE_MOVED)
    if wanted.endpoints:
        data = {
            "client": wanted.slug,
            "scorecard": scorecard,
            "question": question,
            "from": before,
            "to": after,
            "cause": cause,
            "threshold": threshold,
            "model_id": model_id,
        }
        store_events(session, wanted, [Event(GATE_MOVED, data, client_id)])


def report_frozen(
    session: Session,
    client_id: uuid.UUID,
    *,
    snapshot_id: uuid.UUID,
    first: date,
    last: date,
    content_hash: str,
) -> None:
    """Tell that a report of a period is frozen; for whoever freezes one, in the same transaction."""
    wanted = wanting(session, client_id, REPORT_FROZEN)
    if wanted.endpoints:
        data = {
            "client": wanted.slug,
            "snapshot_id": snapshot_id,
            "from": first,
            "to": last,
            "content_hash": content_hash,
        }
        event_id = id_of(REPORT_FROZEN, snapshot_id)
        store_events(session, wanted, [Event(REPORT_FROZEN, data, client_id, event_id=event_id)])
