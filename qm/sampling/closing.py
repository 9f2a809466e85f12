"""Closes the windows of quotas: from then on their draws and probabilities are final.

A window closes when its last day is more than a day past, nothing of it waits to be scored and nothing of it
has come in the last hour. Whoever closes it again changes nothing.
"""

import uuid
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Row, Select, exists, or_, select
from sqlalchemy.orm import Session

from qm.facts.models import InteractionFacts
from qm.facts.rollups import change_draws
from qm.interactions.models import Interaction
from qm.sampling.drawn_reviews import follow_draws
from qm.sampling.draws import (
    MEMBER_COLUMNS,
    FactsRow,
    changed_rows,
    lock_draws,
    lock_interactions,
    policies_with_quotas,
)
from qm.sampling.models import SamplingWindow
from scorecards.sampling.policy import SamplingPolicy
from scorecards.sampling.quotas import FixedSize, Thresholds, Window, everything, thresholds
from tenants import audit
from tenants.isolation import scope_of

GRACE = timedelta(days=1)
"""How long after its last day a window stays open for what comes late."""
QUIET = timedelta(hours=1)
"""How long nothing of a window must have come before it closes: a history is pushed in many parts."""
AGENT_MINIMUM, FIXED_NUMBER = "agent_minimum", "fixed_number"
"""Reasons of reviews that are drawn when a window closes."""
Period = tuple[uuid.UUID, SamplingPolicy, date, date]
"""A version of a policy, and the first and last day of the windows that close."""
_DONE = ("scored", "dead")


def periods_to_close(session: Session, client_id: uuid.UUID, now: datetime) -> list[Period]:
    """Return the periods of a client, by policy, whose windows are due to close, oldest first."""
    latest = (now - GRACE).date()
    open_days = session.execute(
        select(InteractionFacts.policy_id, InteractionFacts.day)
        .where(
            InteractionFacts.client_id == client_id, ~InteractionFacts.settled, InteractionFacts.day < latest
        )
        .distinct()
    ).all()
    policies = policies_with_quotas(session, {row.policy_id for row in open_days})
    periods = set()
    for policy_id, day in open_days:
        if policy_id is None:
            continue
        quota = policies[policy_id].quota
        # Any agent will do: the period is the same for all.
        window = quota.window("-", day) if quota else None
        if window is not None and window.last < latest:
            periods.add((window.first, window.last, policy_id))
    return [
        (policy_id, policies[policy_id], first, last)
        for first, last, policy_id in sorted(periods)
        if not _still_coming(session, client_id, first, last, now)
    ]


def _still_coming(session: Session, client_id: uuid.UUID, first: date, last: date, now: datetime) -> bool:
    # A day on either side, because the days of a client begin when its time zone says.
    begin = datetime.combine(first - timedelta(days=1), time(), UTC)
    end = datetime.combine(last + timedelta(days=2), time(), UTC)
    coming = select(Interaction.interaction_id).where(
        Interaction.client_id == client_id,
        Interaction.started_at >= begin,
        Interaction.started_at < end,
        or_(Interaction.state.not_in(_DONE), Interaction.received_at > now - QUIET),
    )
    return bool(session.scalar(select(exists(coming))))


def close_windows(
    session: Session,
    client_id: uuid.UUID,
    period: Period,
    *,
    now: datetime,
) -> int:
    """Close the open windows of a policy in one period, and return how many interactions were drawn more."""
    policy_id, policy, first, last = period
    lock_draws(session, client_id)
    members = _open_members(session, client_id, policy_id, first, last)
    groups: dict[Window, list[Row[Any]]] = {}
    for each in members:
        window = policy.quota.window(each.agent, each.day) if policy.quota else None
        if window is not None:
            groups.setdefault(window, []).append(each)
    found: dict[uuid.UUID, float] = {}
    for window, rows in groups.items():
        limits = _thresholds(policy, rows)
        found |= {each.interaction_id: limits.of(each.draw / each.rate) for each in rows}
        drawn = sum(each.draw / each.rate < limits.drawn for each in rows)
        numbers = {"drawn_threshold": limits.drawn, "other_threshold": limits.others, "drawn": drawn}
        _store_window(session, client_id, policy_id, window, interactions=len(rows), closed_at=now, **numbers)
    changed = changed_rows(members, found, settled=True, now=now)
    before = {each.interaction_id: each.sampled for each in members}
    # Those that have a review, or get one.
    reviewed = [row for row in changed if row["sampled"] or row["draw"] < row["rate"]]
    there = lock_interactions(session, client_id, [row["interaction_id"] for row in reviewed])
    _follow(session, policy, [row for row in reviewed if row["interaction_id"] in there], before, now)
    change_draws(session, changed)
    more: int = sum(int(row["sampled"]) for row in changed) - sum(before.values())
    audit.record(
        session,
        "sampling.windows_closed",
        f"client:{client_id}",
        client_id=client_id,
        policy=policy_id,
        first=first,
        last=last,
        windows=len(groups),
        interactions=len(members),
        more_drawn=more,
    )
    return more


def _follow(
    session: Session,
    policy: SamplingPolicy,
    rows: Sequence[FactsRow],
    before: dict[uuid.UUID, int],
    now: datetime,
) -> None:
    """Bring the reviews in line; those that were drawn already keep their reasons."""
    reason = FIXED_NUMBER if isinstance(policy.quota, FixedSize) else AGENT_MINIMUM
    new = [row for row in rows if row["sampled"] and not before[row["interaction_id"]]]
    old = [row for row in rows if not row["sampled"] or before[row["interaction_id"]]]
    follow_draws(session, new, reasons=[[reason]] * len(new), now=now)
    follow_draws(session, old, now=now)


def _open_members(
    session: Session, client_id: uuid.UUID, policy_id: uuid.UUID, first: date, last: date
) -> Sequence[Row[Any]]:
    statement: Select[Any] = select(*MEMBER_COLUMNS).where(
        InteractionFacts.client_id == client_id,
        InteractionFacts.policy_id == policy_id,
        InteractionFacts.day.between(first, last),
        ~InteractionFacts.settled,
    )
    return session.execute(statement).all()


def _thresholds(policy: SamplingPolicy, rows: Sequence[Row[Any]]) -> Thresholds:
    at_least, at_most = policy.quota.bounds if policy.quota else (0, None)
    highest = everything(policy.base_rate)
    return thresholds((each.draw / each.rate for each in rows), at_least, at_most, highest=highest)


def _store_window(
    session: Session, client_id: uuid.UUID, policy_id: uuid.UUID, window: Window, **values: Any
) -> None:
    session.add(
        SamplingWindow(
            tenant_id=scope_of(session).tenant_id,
            client_id=client_id,
            policy_id=policy_id,
            agent=window.agent,
            first_day=window.first,
            last_day=window.last,
            **values,
        )
    )
