"""SLA clocks of one interaction, and the share of clocks that were met (pure).

* First response: from the customer's first turn to the first turn of an agent; a bot's or the
  system's turn is no response. There is none when the agent spoke first.
* Next response: from the first of a group of later customer turns to the agent's next turn.
* Resolution: from the start to `resolved` or `closed`. Without any status event the end of the
  interaction, if it has one, is its resolution; with status events they alone decide.

* A clock counts open time of its calendar. It stands still in the statuses the rule pauses on and
  while the interaction is resolved. Reopening restarts the resolution clock where it stood.
* A customer turn after resolution ("thanks, bye") starts no clock, unless the interaction is
  reopened before the agent answers: then the clock starts at the reopening.
* When an interaction is resolved while a customer's turn stands unanswered, the wait is over: it
  counts as breached if its time had run out before, and otherwise there is no clock, because
  nobody answered and nobody had to.
* A clock whose first or last turn carries no time cannot be known and is left out. Reassignment
  to another agent changes nothing.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from scorecards.definitions.conversation import Conversation
from scorecards.sla.policy import DONE, TARGETS, Rule, SlaPolicy
from scorecards.statistics.confidence_intervals import wilson


class Pause(NamedTuple):
    """A span in which a clock stands still; `end` is None while it lasts."""

    start: datetime
    end: datetime | None


@dataclass(frozen=True, slots=True)
class Clock:
    """One promise and how it stands; all seconds are open seconds of the calendar.

    `due_at` is None while the clock is paused with time left, because the due moment moves on. A
    stopped clock is `met` when it stopped at `due_at` or before. `number` counts from 1 per target.
    """

    target: str
    number: int
    started_at: datetime
    due_at: datetime | None
    stopped_at: datetime | None
    state: str
    paused_seconds: float
    open_seconds: float
    goal_seconds: int
    rule: str
    calendar: str
    pauses: tuple[Pause, ...] = ()

    def open_breached(self, now: datetime) -> bool:
        """Tell whether the clock still runs, or is paused, although its time has run out."""
        return self.stopped_at is None and self.due_at is not None and now > self.due_at


@dataclass(frozen=True, slots=True)
class Compliance:
    """Share of clocks met in [0, 1] with its 95 % interval; None when no clock is decided."""

    share: float | None
    low: float | None
    high: float | None
    n: int


class _Wait(NamedTuple):
    target: str
    started_at: datetime
    answered_at: datetime | None


def clocks(
    policy: SlaPolicy, conversation: Conversation, now: datetime, previous: Sequence[Clock] = ()
) -> tuple[Clock, ...]:
    """Return the clocks of an interaction as they stand now.

    Parameters
    ----------
    policy
        Its first rule that matches decides; none means no clocks.
    conversation
        Turns in the order they were spoken; all moments aware.
    now
        The present; an event that is later (a sender's clock that is ahead) counts as the present.
    previous
        The clocks as last stored. A clock that had stopped keeps its verdict, so a new policy,
        priority or holiday judges running clocks only, unless its start or stop turn out different
        or, under the same rule, pauses do (status events that arrived late). A pause that was
        granted lasts until the interaction leaves that status, even when the policy or priority
        now in force would not pause there. Leave out to judge everything afresh.

    Returns
    -------
    tuple of Clock
        First response, next responses, resolution.
    """
    rule = policy.rule_for(conversation)
    if rule is None:
        return ()
    granted = {pause.start for clock in previous for pause in clock.pauses}
    done = _spans(conversation, DONE, frozenset())
    off = _spans(conversation, DONE | rule.pause_on, granted)
    now = max([now, *(turn.at for turn in conversation.turns if turn.at is not None)])
    now = max([now, *(event.at for event in conversation.status)])
    found = (
        *_responses(rule, conversation, done, off, now),
        *_resolution(rule, conversation, done, off, now),
    )
    if not previous:
        return found
    settled = {(clock.target, clock.started_at, clock.stopped_at): clock for clock in previous}
    return tuple(
        _settled(clock, settled.get((clock.target, clock.started_at, clock.stopped_at))) for clock in found
    )


def _settled(clock: Clock, earlier: Clock | None) -> Clock:
    if clock.stopped_at is None or earlier is None:
        return clock
    paused, known = ({pause.start for pause in each.pauses} for each in (clock, earlier))
    if clock.rule == earlier.rule and paused != known:
        return clock
    return replace(earlier, number=clock.number)


def _spans(
    conversation: Conversation, statuses: frozenset[str], granted: Iterable[datetime]
) -> tuple[Pause, ...]:
    """Return the spans in which the interaction was in one of the statuses, neighbours apart."""
    in_order = sorted(conversation.status, key=lambda event: event.at)
    events = tuple({event.at: event for event in in_order}.values())  # the last of one moment holds
    if not events and conversation.ended_at is not None:
        return (Pause(conversation.ended_at, None),)
    ends = [*(event.at for event in events[1:]), None]
    return tuple(
        Pause(event.at, end)
        for event, end in zip(events, ends, strict=bool(events))
        if event.to in statuses or event.at in granted
    )


def _responses(
    rule: Rule, conversation: Conversation, done: Sequence[Pause], off: Sequence[Pause], now: datetime
) -> Iterator[Clock]:
    over_since = _over_since(done)
    numbers = dict.fromkeys(TARGETS, 0)
    for wait in _waits(conversation):
        started_at = _start_of_wait(wait, done) if wait.target in rule.targets else None
        if started_at is None:
            continue
        numbers[wait.target] = number = numbers[wait.target] + 1
        period = (started_at, wait.answered_at or over_since)
        clock = _clock(rule, wait.target, off, now, period=period, number=number)
        if wait.answered_at is not None or over_since is None or clock.state == "breached":
            yield clock


def _resolution(
    rule: Rule, conversation: Conversation, done: Sequence[Pause], off: Sequence[Pause], now: datetime
) -> Iterator[Clock]:
    if "resolution" in rule.targets:
        period = (conversation.started_at, _over_since(done))
        yield _clock(rule, "resolution", off, now, period=period)


def _over_since(done: Sequence[Pause]) -> datetime | None:
    """Return when the interaction was resolved, for the last time, if it still is."""
    if not done or done[-1].end is not None:
        return None
    since = done[-1].start
    for span in reversed(done[:-1]):  # resolved, then closed: over since it was resolved
        if span.end != since:
            break
        since = span.start
    return since


def _waits(conversation: Conversation) -> Iterator[_Wait]:
    """Yield each group of customer turns with the agent's turn that answered it, if both have times."""
    target, waiting, since = "first_response", False, None
    for turn in conversation.turns:
        if turn.speaker == "customer" and not waiting:
            waiting, since = True, turn.at
        elif turn.speaker == "agent":
            if waiting and since is not None and turn.at is not None:
                yield _Wait(target, since, max(since, turn.at))
            target, waiting = "next_response", False
    if waiting and since is not None:
        yield _Wait(target, since, None)


def _start_of_wait(wait: _Wait, done: Sequence[Pause]) -> datetime | None:
    """Return when the wait begins to count: at the turn, at a later reopening, or never."""
    at = wait.started_at
    for span in done:
        if span.start <= at and (span.end is None or at < span.end):
            if span.end is None or (wait.answered_at is not None and span.end >= wait.answered_at):
                return None
            at = span.end
    return at


def _clock(
    rule: Rule,
    target: str,
    off: Sequence[Pause],
    now: datetime,
    *,
    period: tuple[datetime, datetime | None],
    number: int = 1,
) -> Clock:
    """Walk the counting pieces between the pauses until the goal is used up."""
    started_at, stopped_at = period
    if stopped_at is not None:
        stopped_at = max(stopped_at, started_at)
    end, goal, calendar = stopped_at or max(now, started_at), rule.targets[target], rule.calendar
    pauses = tuple(each for each in off if each.start <= end and (each.end is None or each.end > started_at))
    used, due_at, at = 0.0, None, started_at
    for pause in (*pauses, Pause(end, end)):
        counted = calendar.elapsed(at, pause.start)
        if due_at is None and counted and used + counted >= goal:
            due_at = calendar.add(at, goal - used)
        used = round(used + counted, 6)
        at = end if pause.end is None else max(at, pause.end)
        if at >= end:
            break
    paused = stopped_at is None and bool(pauses) and pauses[-1].end is None
    if due_at is None and not paused:
        due_at = calendar.add(end, goal - used)
    return Clock(
        target=target,
        number=number,
        started_at=started_at,
        due_at=due_at,
        stopped_at=stopped_at,
        state=_state(due_at, stopped_at, paused=paused),
        paused_seconds=round(calendar.elapsed(started_at, end) - used, 6) if pauses else 0.0,
        open_seconds=used,
        goal_seconds=goal,
        rule=rule.key,
        calendar=calendar.key,
        pauses=pauses,
    )


def _state(due_at: datetime | None, stopped_at: datetime | None, *, paused: bool) -> str:
    if stopped_at is None:
        return "paused" if paused else "running"
    return "met" if due_at is not None and stopped_at <= due_at else "breached"


def tally(found: Iterable[Clock], now: datetime) -> dict[str, tuple[int, int]]:
    """Count (met, breached) per target; a clock still running past its due moment is breached."""
    counts = dict.fromkeys(TARGETS, (0, 0))
    for clock in found:
        met, breached = counts[clock.target]
        late = clock.state == "breached" or clock.open_breached(now)
        counts[clock.target] = (met + (clock.state == "met"), breached + late)
    return counts


def compliance(met: int, breached: int) -> Compliance:
    """Share of decided clocks that were met, with the Wilson 95 % interval.

    Clocks still running past due belong to `breached` (see `tally`); other running or paused
    clocks are not decided and are left out.

    Examples
    --------
    >>> compliance(0, 0)
    Compliance(share=None, low=None, high=None, n=0)
    >>> found = compliance(45, 5)
    >>> found.share, round(found.low, 3), round(found.high, 3), found.n
    (0.9, 0.786, 0.957, 50)
    """
    n = met + breached
    interval = wilson(met / n if n else 0.0, n)
    return Compliance(interval.estimate, interval.low, interval.high, n)
