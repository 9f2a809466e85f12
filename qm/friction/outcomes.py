"""What came of an interaction, in the numbers that the report on outcomes adds up (pure)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

_PROMOTER, _DETRACTOR = 9, 6
_ENDED = frozenset({"resolved", "closed"})


def outcome_numbers(
    outcome: Mapping[str, Any], status: Sequence[Mapping[str, Any]]
) -> dict[str, float | None]:
    """Return the outcomes of an interaction with its later events merged in; None where one is not known.

    Whether it was reopened is known of what was ever resolved or closed, and of what was reopened.

    Examples
    --------
    >>> outcome_numbers({"csat": 4, "nps": 9, "first_contact": True}, [{"to": "resolved"}])
    {'csat': 4.0, 'nps': 100.0, 'first_contact': 100.0, 'reopened': 0.0}
    >>> outcome_numbers({"nps": 6}, [{"to": "open"}])
    {'csat': None, 'nps': -100.0, 'first_contact': None, 'reopened': None}
    """
    csat, nps, first = (outcome.get(name) for name in ("csat", "nps", "first_contact"))
    changes = {change["to"] for change in status}
    reopened = outcome.get("reopened") is True or "reopened" in changes
    ended = reopened or outcome.get("reopened") is False or outcome.get("resolved") is True
    return {
        "csat": None if csat is None else float(csat),
        "nps": None if nps is None else 100.0 * ((nps >= _PROMOTER) - (nps <= _DETRACTOR)),
        "first_contact": None if first is None else 100.0 * first,
        "reopened": 100.0 * reopened if ended or changes & _ENDED else None,
    }


def left_at(row: Any, outcome: Mapping[str, Any], events: Iterable[Any]) -> datetime | None:
    """
    Return since when the customer is said to have left; None where they stayed, or nothing is said.

    The latest of what is said decides whether they left; the first that says so since they were last said to
    be there, when.

    Parameters
    ----------
    row
        The interaction, for its moments: `outcome` counts as of them (`qm.interactions.events`).
    outcome
        What was pushed with it; only `churned` is looked at.
    events
        Its later events, in any order.

    Examples
    --------
    >>> from types import SimpleNamespace as Row
    >>> row = Row(source_updated_at=None, ended_at=None, started_at=datetime(2026, 7, 1))
    >>> left = [Row(at=datetime(2026, 7, day), kind="churned", value=True) for day in (9, 5)]
    >>> left_at(row, {}, left).day
    5
    >>> back = Row(at=datetime(2026, 7, 3), kind="churned", value=False)
    >>> left_at(row, {"churned": True}, [back]) is None
    True
    """
    pushed_at = row.source_updated_at or row.ended_at or row.started_at
    said = [(pushed_at, outcome["churned"])] if outcome.get("churned") is not None else []
    said += [(event.at, event.value) for event in events if event.kind == "churned"]
    since = None
    for at, left in sorted(said):
        since = (since or at) if left else None
    return since
