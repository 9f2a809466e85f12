"""The draws of scored interactions under the quotas of their policies.

While the window of a quota is open, a maximum lowers the probabilities of what it draws as more comes, and
nothing of a fixed number is drawn; minimum and fixed number are applied when the window closes
(`qm/sampling/closing.py`). What comes later, or changes later, has a threshold that does not change any more.

Writers of one client's draws take turns by an advisory lock, which they take first; then interactions, their
reviews and their facts are locked, as everywhere.
"""

import uuid
from collections.abc import Collection, Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, Select, and_, or_, select, text
from sqlalchemy.orm import Session

from qm.facts.models import NOT_YET, InteractionFacts
from qm.interactions.models import LOCK_ORDER, Interaction
from qm.sampling.models import SamplingWindow
from scorecards.authoring.models import Definition
from scorecards.sampling.policy import SamplingPolicy, from_body
from scorecards.sampling.quotas import FixedSize, Window, effective_probability, thresholds
from tenants.bulk_sql import id_array

_LOCK = text("select pg_advisory_xact_lock(hashtextextended('draws:' || :client, 0))")

FactsRow = MutableMapping[str, Any]
Policies = Mapping[uuid.UUID | None, SamplingPolicy]
Group = tuple[uuid.UUID, Window]
MEMBER_COLUMNS: tuple[Any, ...] = (
    *(InteractionFacts.client_id, InteractionFacts.interaction_id, InteractionFacts.policy_id),
    *(InteractionFacts.agent, InteractionFacts.day, InteractionFacts.started_at, InteractionFacts.rate),
    *(InteractionFacts.draw, InteractionFacts.inclusion_probability, InteractionFacts.threshold),
    *(InteractionFacts.settled, InteractionFacts.sampled, InteractionFacts.drawable_since),
)
"""What the draw of a stored interaction rests on."""


@dataclass(frozen=True, slots=True)
class OpenDraws:
    """The policies with quotas of some interactions, and the groups whose windows are still open."""

    policies: Policies
    closed: Mapping[Group, SamplingWindow]
    before: Mapping[uuid.UUID, Row[Any]]

    def group(self, policy_id: uuid.UUID | None, agent: str, day: date) -> Group | None:
        """Return the group that an interaction belongs to; None where no quota applies."""
        policy = self.policies.get(policy_id) if policy_id else None
        window = policy.quota.window(agent, day) if policy and policy.quota else None
        return (policy_id, window) if policy_id and window else None

    def group_of(self, row: Mapping[str, Any]) -> Group | None:
        """Return the group of a row of facts."""
        return self.group(row["policy_id"], row["agent"], row["day"])


def lock_draws(session: Session, client_id: uuid.UUID) -> None:
    """Wait until no other transaction changes draws of a client under quotas, and keep others out."""
    session.execute(_LOCK, {"client": str(client_id)})


def policies_with_quotas(session: Session, policy_ids: Collection[uuid.UUID]) -> Policies:
    """Return those of these policies that have quotas."""
    if not policy_ids:
        return {}
    found = session.execute(
        select(Definition.definition_id, Definition.body).where(
            Definition.definition_id == id_array(list(policy_ids)), Definition.body.has_key("quotas")
        )
    )
    return {row.definition_id: from_body(row.body) for row in found}


def lock_groups(
    session: Session, client_id: uuid.UUID, rows: Sequence[FactsRow], parts: Sequence[uuid.UUID] = ()
) -> OpenDraws | None:
    """Lock what the draws of scored interactions may change; None where no quota applies to any of them.

    Locked are these interactions with their parts and, of the groups that they belong to or come from, those
    that are drawn or would be if these were not there.
    """
    policies = policies_with_quotas(session, {row["policy_id"] for row in rows if row["policy_id"]})
    ids = [row["interaction_id"] for row in rows]
    if not policies:
        if parts:
            lock_interactions(session, client_id, [*ids, *parts])
        return None
    lock_draws(session, client_id)
    stored = select(*MEMBER_COLUMNS).where(InteractionFacts.interaction_id == id_array(ids))
    before = {row.interaction_id: row for row in session.execute(stored)}
    draws = OpenDraws(policies, {}, before)
    touched = _touched(draws, rows)
    draws = OpenDraws(policies, _closed_windows(session, client_id, touched), before)
    members = _members(session, client_id, _capped(draws, touched))
    own = set(ids)
    others = _changeable(draws, [each for each in members if each.interaction_id not in own])
    lock_interactions(session, client_id, [*ids, *parts, *others])
    return draws


def _changeable(draws: OpenDraws, members: Sequence[Row[Any]]) -> list[uuid.UUID]:
    """Return the members whose review may change: those drawn, and those with the smallest ranks."""
    groups: dict[Group, list[Row[Any]]] = {}
    for each in members:
        key = draws.group(each.policy_id, each.agent, each.day)
        if key is not None:
            groups.setdefault(key, []).append(each)
    found = {each.interaction_id for each in members if each.sampled}
    for (policy_id, _), rows in groups.items():
        ranked = sorted(rows, key=lambda each: float(each.draw / each.rate))
        found |= {each.interaction_id for each in ranked[: open_maximum(draws.policies[policy_id])]}
    return list(found)


def lock_interactions(session: Session, client_id: uuid.UUID, ids: Sequence[uuid.UUID]) -> set[uuid.UUID]:
    """Lock interactions in the order in which everybody does, and return those that are still there."""
    locked = session.scalars(
        select(Interaction.interaction_id)
        .where(Interaction.client_id == client_id, Interaction.interaction_id == id_array(ids))
        .order_by(*LOCK_ORDER)
        .with_for_update(key_share=True)
    )
    return set(locked)


def settle_without_quota(row: FactsRow) -> None:
    """Complete a row of facts to which no quota applies."""
    settle(row, threshold=1.0, settled=True, before=None, now=row["drawable_since"])


def settle(row: FactsRow, *, threshold: float, settled: bool, before: Row[Any] | None, now: datetime) -> None:
    """Complete a row of facts by the threshold of its quota.

    `drawable_since` becomes now when the probability is higher than before: interactions count from the
    moment on at which they had their chance.
    """
    p = None if row["policy_id"] is None else effective_probability(row["rate"], threshold)
    row.update(threshold=threshold, settled=settled, inclusion_probability=p)
    row["sampled"] = int(p is not None and row["draw"] < p)
    if p == 0:
        row["drawable_since"] = NOT_YET
    elif before is not None:
        raised = p is not None and p > (before.inclusion_probability or 0.0)
        row["drawable_since"] = now if raised else before.drawable_since


def settle_draws(
    session: Session, client_id: uuid.UUID, draws: OpenDraws, rows: Sequence[FactsRow], *, now: datetime
) -> list[FactsRow]:
    """Complete the rows of scored interactions, and return the changed draws of others of their groups.

    `draws` is that of `lock_groups`, of these rows or more.
    """
    own = {row["interaction_id"] for row in rows}
    members = _members(session, client_id, _capped(draws, _touched(draws, rows)))
    others = [each for each in members if each.interaction_id not in own]
    found = _open_thresholds(draws, rows, others)
    for row in rows:
        before = draws.before.get(row["interaction_id"])
        threshold, settled = _threshold(draws, row, before, found)
        settle(row, threshold=threshold, settled=settled, before=before, now=now)
    # What is not drawn has an exact threshold when the window closes; until then it does not matter.
    changed = changed_rows(others, found, settled=False, now=now)
    drawn_before = {each.interaction_id for each in others if each.sampled}
    return [row for row in changed if row["sampled"] or row["interaction_id"] in drawn_before]


def _open_thresholds(
    draws: OpenDraws, rows: Sequence[FactsRow], others: Sequence[Row[Any]]
) -> dict[uuid.UUID, float]:
    """Return the thresholds, in open windows, of what the policy's rate draws."""
    groups: dict[Group, list[tuple[uuid.UUID, float]]] = {}
    stored: Sequence[Any] = [each._mapping for each in others]  # noqa: SLF001 - as in `changed_rows`
    for row in (*rows, *stored):
        key = draws.group_of(row)
        if key is not None and key not in draws.closed and row["draw"] < row["rate"]:
            groups.setdefault(key, []).append((row["interaction_id"], row["draw"] / row["rate"]))
    found: dict[uuid.UUID, float] = {}
    for (policy_id, _), ranks in groups.items():
        limits = thresholds((rank for _, rank in ranks), 0, open_maximum(draws.policies[policy_id]))
        found |= {interaction_id: limits.of(rank) for interaction_id, rank in ranks}
    return found


def open_maximum(policy: SamplingPolicy) -> int | None:
    """Return the most that are drawn of a group while its window is open; None where nothing bounds them."""
    return None if isinstance(policy.quota, FixedSize | None) else policy.quota.at_most


def changed_rows(
    members: Iterable[Row[Any]], found: Mapping[uuid.UUID, float], *, settled: bool, now: datetime
) -> list[FactsRow]:
    """Return the members whose threshold changes, or that settle, with their draws as they are now."""
    changed: list[FactsRow] = []
    for each in members:
        threshold = found.get(each.interaction_id, each.threshold)
        if threshold != each.threshold or settled != each.settled:
            row = dict(each._mapping)  # noqa: SLF001 - the public name of a row's mapping
            settle(row, threshold=threshold, settled=settled, before=each, now=now)
            changed.append(row)
    return changed


def _threshold(
    draws: OpenDraws, row: FactsRow, before: Row[Any] | None, found: Mapping[uuid.UUID, float]
) -> tuple[float, bool]:
    """Return the threshold of a scored interaction, and whether it is final."""
    key = draws.group_of(row)
    if key is None:
        return 1.0, True
    same = before is not None and draws.group(before.policy_id, before.agent, before.day) == key
    window = draws.closed.get(key)
    if window is not None:
        kept = before.threshold if before is not None and same and before.settled else window.other_threshold
        return kept, True
    if isinstance(draws.policies[key[0]].quota, FixedSize):
        # One that moves here from a closed window stays what it was until this one closes.
        return (before.threshold if before is not None else 0.0), False
    return found.get(row["interaction_id"], 1.0), False


def _touched(draws: OpenDraws, rows: Iterable[FactsRow]) -> set[Group]:
    """Return the groups that interactions belong to or come from."""
    groups = {draws.group_of(row) for row in rows}
    for row in rows:
        before = draws.before.get(row["interaction_id"])
        if before is not None:
            groups.add(draws.group(before.policy_id, before.agent, before.day))
    return {each for each in groups if each is not None}


def _closed_windows(
    session: Session, client_id: uuid.UUID, groups: Collection[Group]
) -> dict[Group, SamplingWindow]:
    if not groups:
        return {}
    found = session.scalars(
        select(SamplingWindow).where(
            SamplingWindow.client_id == client_id,
            SamplingWindow.policy_id.in_({policy_id for policy_id, _ in groups}),
            SamplingWindow.first_day.in_({window.first for _, window in groups}),
            SamplingWindow.agent.in_({window.agent for _, window in groups}),
        )
    )
    return {(each.policy_id, Window(each.agent, each.first_day, each.last_day)): each for each in found}


def _capped(draws: OpenDraws, groups: Iterable[Group]) -> list[Group]:
    """Return the open groups that have a maximum while they are open."""
    return [
        each
        for each in groups
        if each not in draws.closed and open_maximum(draws.policies[each[0]]) is not None
    ]


def _members(session: Session, client_id: uuid.UUID, groups: Sequence[Group]) -> Sequence[Row[Any]]:
    """Return the stored interactions of open groups that the policy's rate draws."""
    if not groups:
        return ()
    # One condition for each period: weeks are few, agents many.
    periods: dict[tuple[uuid.UUID, date, date], list[str]] = {}
    for policy_id, window in groups:
        periods.setdefault((policy_id, window.first, window.last), []).append(window.agent)
    of_groups = [
        and_(
            InteractionFacts.policy_id == policy_id,
            InteractionFacts.day.between(first, last),
            InteractionFacts.agent.in_(agents),
        )
        for (policy_id, first, last), agents in periods.items()
    ]
    statement: Select[Any] = select(*MEMBER_COLUMNS).where(
        InteractionFacts.client_id == client_id,
        ~InteractionFacts.settled,
        InteractionFacts.draw < InteractionFacts.rate,
        or_(*of_groups),
    )
    return session.execute(statement).all()
