"""`python loadtests/sla_clocks.py`: what an SLA clock costs beside subtracting the times of its turns."""

import argparse
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from scorecards.definitions.conversation import Conversation, StatusEvent, Turn
from scorecards.sla.clocks import clocks
from scorecards.sla.policy import from_body

_BEGAN = datetime(2026, 3, 6, 9, tzinfo=UTC)
_NOW = datetime(2030, 1, 1, tzinfo=UTC)
_OFFICE = {
    "key": "office",
    "time_zone": "Europe/Berlin",
    "hours": {day: ["09:00-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")},
    "holidays": {"country": "DE", "subdivision": "BE"},
}
_ROUNDS, _CALLS = 5, 200


def main() -> None:
    """Print microseconds a clock without and with office hours, and how many times the bare subtraction."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    conversation = _conversation()
    moments = [turn.at for turn in conversation.turns if turn.at is not None]
    bare = _least_seconds(lambda: [later - earlier for earlier, later in pairwise(moments)])
    for calendar in ("always", "office"):
        policy = from_body({"calendars": [_OFFICE], "rules": [_rule(calendar)]})
        found = len(clocks(policy, conversation, _NOW))
        each = _least_seconds(lambda policy=policy: clocks(policy, conversation, _NOW)) / found
        ratio = each * found / bare
        print(f"{calendar:7} {each * 1e6:6.1f} microseconds a clock, {ratio:6.0f} times the bare subtraction")


def _rule(calendar: str) -> dict[str, object]:
    targets = {"first_response": "1h", "next_response": "2h", "resolution": "8h"}
    return {"key": "everything", "calendar": calendar, "pause_on": ["pending"], "targets": targets}


def _conversation() -> Conversation:
    turns = [
        Turn(speaker, "words", _BEGAN + timedelta(hours=hour, minutes=minute))
        for hour in range(6)
        for speaker, minute in (("customer", 0), ("agent", 20))
    ]
    status = [
        StatusEvent(_BEGAN + timedelta(minutes=minutes), to)
        for minutes, to in ((30, "pending"), (60, "open"), (4320, "resolved"))
    ]
    return Conversation("email", tuple(turns), _BEGAN, None, status=status)


def _least_seconds(work: Callable[[], object]) -> float:
    return min(_seconds(work) for _ in range(_ROUNDS)) / _CALLS


def _seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    for _ in range(_CALLS):
        work()
    return time.process_time() - began


if __name__ == "__main__":
    main()
