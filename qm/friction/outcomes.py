"""What came of an interaction, in the numbers that the report on outcomes adds up (pure)."""

from collections.abc import Mapping, Sequence
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
