"""SLA clocks of one interaction, and the share of clocks that were met (pure).

* First response: from the customer's first turn to the first turn of an agent; a bot's or the
  system's turn is no response. There is none when the agent's turn comes first.
* Next response: from the first of a group of later customer turns to the agent's next turn.
* Resolution: from the start to `resolved` or `closed`. Without any status event the end of the
  interaction, if it has one, is its resolution; with status events only these count.

* The rule is that of the priority as last stated, for the whole interaction. But pauses are kept: at each
  moment the clock stands still in the statuses that the rule of the priority of that time pauses on.
* A clock counts open time of its calendar. It is paused in the statuses the rule pauses on and while the
  interaction is resolved. Reopening resumes the resolution clock with the time already used.
* A customer turn after resolution ("thanks, bye") starts no clock, unless the interaction is
  reopened before the agent answers: then the clock starts at the reopening.
* When an interaction is resolved while a customer's turn is unanswered, the response clock is breached if
  its time had run out before, and `closed_unanswered` otherwise: neither kept nor broken.
* Status events count in the order of their time, in whatever order they arrive. Of several at one moment
  the one furthest along holds (`pauses.SIMULTANEOUS`).
* A clock whose first or last turn has no timestamp is left out. Reassignment to another agent changes
  nothing.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import NamedTuple

from scorecards.definitions.conversation import Conversation
from scorecards.sla.business_calendar import Calendar
from scorecards.sla.calendar_history import CalendarHistory, PolicyChange, calendar_in_time
from scorecards.sla.pauses import Pause, pauses_of, periods_in
from scorecards.sla.policy import DONE, TARGETS, Rule, SlaPolicy
from scorecards.statistics.confidence_intervals import wilson

UNANSWERED = "closed_unanswered"
STATES = ("running", "paused", "met", "breached", UNANSWERED)


@dataclass(frozen=True, slots=True)
class Clock:
    """One SLA clock; all seconds are open seconds of the calendar, all moments aware.

    Attributes
    ----------
    target : str
        One of `TARGETS`.
    number : int
        Counts from 1 per target.
    started_at, stopped_at : datetime
        None for `stopped_at` while it runs.
    due_at : datetime or None
        None while the clock is paused with time left, because the due time moves on.
    state : {'running', 'paused', 'met', 'breached', 'closed_unanswered'}
        A stopped clock is met when it stopped at `due_at` or before, unless what stopped it is that the
        interaction was resolved and nobody had answered.
    paused_seconds, open_seconds : float
        Time paused, and time counted.
    goal_seconds : int
        The target.
    rule, calendar : str
        Keys of the rule and calendar that applied.
    pauses : tuple of Pause
        In the order of time.
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
        """Tell whether the clock is running or paused although its time has run out."""
        return self.stopped_at is None and self.due_at is not None and now > self.due_at


@dataclass(frozen=True, slots=True)
class Compliance:
    """Share of `n` stopped or overdue clocks that were met, in [0, 1], with its 95 % interval if n > 0."""

    share: float | None
    low: float | None
    high: float | None
    n: int


class _Wait(NamedTuple):
    target: str
    started_at: datetime
    answered_at: datetime | None


_Measured = Callable[..., Clock]


def clocks(
    policy: SlaPolicy, conversation: Conversation, now: datetime, changes: Sequence[PolicyChange] = ()
) -> tuple[Clock, ...]:
    """Return the present state of an interaction's clocks: a function of its arguments and of nothing else.

    Parameters
    ----------
    policy
        The version in force when the interaction began. The first rule that matches applies, with its
        targets and, as long as no other priority was stated, the statuses it pauses on; without one there
        are no clocks.
    conversation
        Turns in order; status events in any order, and as often as they come; all moments aware.
    now
        The present; a later event (from a sender whose clock is ahead) moves it forward.
    changes
        Later versions of the policy, oldest first. They change no promise, but the calendar it is kept
        in: each moment is counted by the version of the calendar that was in force then.

    Returns
    -------
    tuple of Clock
        First response, next responses, resolution.
    """
    rule = policy.rule_for(conversation)
    if rule is None:
        return ()
    calendar = calendar_in_time(rule.calendar, changes)
    done = periods_in(conversation, DONE)
    paused = pauses_of(policy, conversation)
    now = max([now, *(turn.at for turn in conversation.turns if turn.at is not None)])
    now = max([now, *(event.at for event in conversation.status)])
    measured = partial(_clock, rule, calendar, paused, now)
    return (*_responses(rule, conversation, done, measured), *_resolution(rule, conversation, done, measured))


def _responses(
    rule: Rule, conversation: Conversation, done: Sequence[Pause], measured: _Measured
) -> Iterator[Clock]:
    resolved_at = _resolved_at(done)
    numbers = dict.fromkeys(TARGETS, 0)
    for wait in _waits(conversation):
        started_at = _start_of_wait(wait, done) if wait.target in rule.targets else None
        if started_at is None:
            continue
        numbers[wait.target] = number = numbers[wait.target] + 1
        period = (started_at, wait.answered_at or resolved_at)
        clock = measured(wait.target, period=period, number=number)
        if wait.answered_at is None and clock.state == "met":
            clock = replace(clock, state=UNANSWERED)
        yield clock


def _resolution(
    rule: Rule, conversation: Conversation, done: Sequence[Pause], measured: _Measured
) -> Iterator[Clock]:
    if "resolution" in rule.targets:
        yield measured("resolution", period=(conversation.started_at, _resolved_at(done)))


def _resolved_at(done: Sequence[Pause]) -> datetime | None:
    """Return when the interaction was last resolved, or None when it is not resolved now."""
    if not done or done[-1].end is not None:
        return None
    since = done[-1].start
    for period in reversed(done[:-1]):  # resolved, then closed: the earlier moment counts
        if period.end != since:
            break
        since = period.start
    return since


def _waits(conversation: Conversation) -> Iterator[_Wait]:
    """Yield the wait of each group of customer turns for the agent's next turn, if both have timestamps."""
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
    """Return when the clock of a wait starts: at the turn, at a later reopening, or never (None)."""
    at = wait.started_at
    for period in done:
        if period.start <= at and (period.end is None or at < period.end):
            if period.end is None or (wait.answered_at is not None and period.end >= wait.answered_at):
                return None
            at = period.end
    return at


def _clock(
    rule: Rule,
    calendar: Calendar | CalendarHistory,
    paused: Sequence[Pause],
    now: datetime,
    target: str,
    *,
    period: tuple[datetime, datetime | None],
    number: int = 1,
) -> Clock:
    """Add up the open time between pauses until the goal is used up."""
    started_at, stopped_at = period
    if stopped_at is not None:
        stopped_at = max(stopped_at, started_at)
    end, goal = stopped_at or max(now, started_at), rule.targets[target]
    pauses = tuple(
        each for each in paused if each.start <= end and (each.end is None or each.end > started_at)
    )
    used, due_at, at = 0.0, None, started_at
    for pause in (*pauses, Pause(end, end)):
        counted = calendar.elapsed(at, pause.start)
        if due_at is None and counted and used + counted >= goal:
            due_at = calendar.add(at, goal - used)
        used = round(used + counted, 6)
        at = end if pause.end is None else max(at, pause.end)
        if at >= end:
            break
    is_paused = stopped_at is None and bool(pauses) and pauses[-1].end is None
    if due_at is None and not is_paused:
        due_at = calendar.add(end, goal - used)
    return Clock(
        target=target,
        number=number,
        started_at=started_at,
        due_at=due_at,
        stopped_at=stopped_at,
        state=_state(due_at, stopped_at, paused=is_paused),
        paused_seconds=round(calendar.elapsed(started_at, end) - used, 6) if pauses else 0.0,
        open_seconds=used,
        goal_seconds=goal,
        rule=rule.key,
        calendar=calendar.key,
        pauses=_until(pauses, stopped_at),
    )


def _until(pauses: tuple[Pause, ...], stopped_at: datetime | None) -> tuple[Pause, ...]:
    """Return what of the pauses is before a clock stopped: what came later is none of its business."""
    if stopped_at is None:
        return pauses
    return tuple(
        Pause(each.start, min(each.end or stopped_at, stopped_at))
        for each in pauses
        if each.start < stopped_at
    )


def _state(due_at: datetime | None, stopped_at: datetime | None, *, paused: bool) -> str:
    if stopped_at is None:
        return "paused" if paused else "running"
    return "met" if due_at is not None and stopped_at <= due_at else "breached"


def tally(counted: Iterable[Clock], now: datetime) -> dict[str, tuple[int, int]]:
    """Count clocks per target.

    Parameters
    ----------
    counted
        Clocks of any interactions.
    now
        The present, aware.

    Returns
    -------
    dict of str to (int, int)
        By target, the clocks met and breached; one still running past its due time counts as breached.
    """
    counts = dict.fromkeys(TARGETS, (0, 0))
    for clock in counted:
        met, breached = counts[clock.target]
        late = clock.state == "breached" or clock.open_breached(now)
        counts[clock.target] = (met + (clock.state == "met"), breached + late)
    return counts


def compliance(met: int, breached: int) -> Compliance:
    """Share of clocks that were met, with the Wilson 95 % interval.

    Parameters
    ----------
    met, breached
        Clocks as counted by `tally`; those that run or stand still with time left, and those closed
        unanswered, belong to neither.

    Returns
    -------
    Compliance
        All None but `n` when there is no clock.

    Examples
    --------
    >>> compliance(0, 0)
    Compliance(share=None, low=None, high=None, n=0)
    >>> sla = compliance(45, 5)
    >>> sla.share, round(sla.low, 3), round(sla.high, 3), sla.n
    (0.9, 0.786, 0.957, 50)
    """
    n = met + breached
    interval = wilson(met / n if n else 0.0, n)
    return Compliance(interval.estimate, interval.low, interval.high, n)
