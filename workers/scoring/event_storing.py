"""Events of a scored batch: what the machine scored, what failed critically, which clocks ran out."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from qm.webhooks.announcements import Breach
from qm.webhooks.events import CRITICAL_FOUND, INTERACTION_SCORED, SLA_BREACHED, Event
from qm.webhooks.outbox import Wanting, store_events, wanting
from scorecards.sla.clocks import Clock
from workers.event_watch import BREACH_MEMORY
from workers.scoring.claims import Claim
from workers.scoring.results import Result


def store_scoring_events(
    session: Session,
    claim: Claim,
    stored: Sequence[Result],
    evaluations: Mapping[uuid.UUID, Mapping[str, Any]],
    critical_before: Mapping[uuid.UUID, Sequence[str]],
    *,
    now: datetime,
) -> int:
    """Store the events that somebody wants of results that are stored in this transaction.

    Parameters
    ----------
    evaluations
        Rows of the evaluations that are new, by interaction: an evaluation that came out the same is none.
    critical_before
        What the evaluation that each of these replaced had found.
    """
    wanted = wanting(session, claim.client_id, INTERACTION_SCORED, CRITICAL_FOUND, SLA_BREACHED)
    if not wanted.endpoints:
        return 0
    external_ids = {row.interaction_id: row.external_id for row in claim.rows}
    events: list[Event] = []
    for result in stored:
        interaction_id = result.facts["interaction_id"]
        external_id, made = external_ids[interaction_id], evaluations.get(interaction_id)
        if made is not None and result.facts["judged"]:
            before = critical_before.get(interaction_id, ())
            events += _of_evaluation(wanted, result, made, external_id, before)
        if SLA_BREACHED in wanted:
            events += (each.event(wanted.slug) for each in _breaches(result, external_id, now))
    return store_events(session, wanted, events)


def _of_evaluation(
    wanted: Wanting,
    result: Result,
    made: Mapping[str, Any],
    external_id: str,
    critical_before: Sequence[str],
) -> Iterator[Event]:
    owner = made["client_id"], made["interaction_id"]
    common = {
        "client": wanted.slug,
        "interaction_id": made["interaction_id"],
        "external_id": external_id,
        "evaluation_id": made["evaluation_id"],
        "score": made["score"],
        "critical": list(made["critical"]),
    }
    if INTERACTION_SCORED in wanted:
        figures = {name: made[name] for name in ("empathy", "outcome", "band")}
        facts = {name: result.facts[name] for name in ("channel", "started_at")}
        yield Event(INTERACTION_SCORED, {**common, **figures, **facts}, *owner)
    found = sorted(set(made["critical"]) - set(critical_before))
    if found and CRITICAL_FOUND in wanted:
        yield Event(CRITICAL_FOUND, {**common, "kind": "automatic", "found": found}, *owner)


def _breaches(result: Result, external_id: str, now: datetime) -> Iterator[Breach]:
    """Yield the clocks that ran out lately, whether or not they have stopped since."""
    for clock in result.facts["clocks"]:
        if clock.due_at is None or clock.due_at < now - BREACH_MEMORY:
            continue
        if clock.state == "breached" or clock.open_breached(now):
            yield _breach(result, external_id, clock)


def _breach(result: Result, external_id: str, clock: Clock) -> Breach:
    if clock.due_at is None:
        raise ValueError("A clock that is paused with time left has not run out.")
    return Breach(
        result.facts["client_id"],
        result.facts["interaction_id"],
        external_id,
        target=clock.target,
        number=clock.number,
        rule=clock.rule,
        goal_seconds=clock.goal_seconds,
        started_at=clock.started_at,
        due_at=clock.due_at,
        stopped_at=clock.stopped_at,
    )
