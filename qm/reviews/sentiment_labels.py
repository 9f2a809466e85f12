"""How a customer felt in single turns, as a reviewer says: what sentiment is learned from (pure)."""

from collections.abc import Mapping, Sequence
from typing import Any

from qm.reviews.malformed_lists import MalformedList
from tenants.http.faults import Fault

LABELS = "sentiment_labels"
"""Where they stand among the findings of a person's evaluation."""

Labels = Sequence[Mapping[str, Any]]


def label_faults(labels: Labels | MalformedList, speakers: Sequence[str] | None = None) -> list[Fault]:
    """Find everything that is wrong with the feelings somebody named, their shape included.

    Parameters
    ----------
    labels : sequence of mappings, or Unsound
        Each with ``turn``, from 0, and ``feeling``; where their shape is not sound, what could be read.
    speakers : sequence of str, optional
        Who speaks in each turn; left out, only repeats are looked for.

    Examples
    --------
    >>> given = [{"turn": 0, "feeling": "negative"}, {"turn": 1, "feeling": "neutral"}]
    >>> [(fault.pointer, fault.code) for fault in feeling_faults(given, ["customer", "agent"])]
    [('/1/turn', 'not_the_customer')]
    """
    given = labels if isinstance(labels, MalformedList) else MalformedList((), labels)
    faults = list(given.faults)
    seen: set[int] = set()
    for place, label in enumerate(given.parts):
        turn = label.get("turn")
        if turn is None:
            continue
        found = [Fault("", "duplicate_turn", f"Turn {turn} is given two feelings.")] if turn in seen else []
        found += [] if speakers is None else _misplaced(turn, speakers)
        faults += (fault.under(f"/{place}/turn") for fault in found)
        seen.add(turn)
    return faults


def _misplaced(turn: int, speakers: Sequence[str]) -> list[Fault]:
    if turn >= len(speakers):
        return [Fault("", "no_such_turn", f"There is no turn {turn}; the last is {len(speakers) - 1}.")]
    if speakers[turn] != "customer":
        detail = f"In turn {turn} somebody else speaks; only customers' feelings are asked for."
        return [Fault("", "not_the_customer", detail)]
    return []


def plain(labels: Labels) -> list[dict[str, Any]]:
    """Return the feelings as they are stored and shown, by turn."""
    found = [{"turn": label["turn"], "feeling": label["feeling"]} for label in labels]
    return sorted(found, key=lambda label: label["turn"])
