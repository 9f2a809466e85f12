"""How a customer felt in single turns, as a reviewer says: what sentiment is learned from (pure)."""

from collections.abc import Mapping, Sequence
from typing import Any

from tenants.faults import Fault

LABELS = "sentiment_labels"
"""Where they stand among the findings of a person's evaluation."""

Labels = Sequence[Mapping[str, Any]]


def feeling_faults(labels: Labels, speakers: Sequence[str] | None = None) -> list[Fault]:
    """Find everything that is wrong with the feelings somebody named.

    Parameters
    ----------
    labels : sequence of mappings
        Each with ``turn``, from 0, and ``feeling``.
    speakers : sequence of str, optional
        Who speaks in each turn; left out, only repeats are looked for.

    Examples
    --------
    >>> given = [{"turn": 0, "feeling": "negative"}, {"turn": 1, "feeling": "neutral"}]
    >>> [(fault.pointer, fault.code) for fault in feeling_faults(given, ["customer", "agent"])]
    [('/1/turn', 'not_the_customer')]
    """
    faults: list[Fault] = []
    seen: set[int] = set()
    for place, label in enumerate(labels):
        turn = label["turn"]
        if turn in seen:
            faults.append(Fault(f"/{place}/turn", "duplicate_turn", f"Turn {turn} is given two feelings."))
        elif speakers is not None and turn >= len(speakers):
            detail = f"There is no turn {turn}; the last is {len(speakers) - 1}."
            faults.append(Fault(f"/{place}/turn", "no_such_turn", detail))
        elif speakers is not None and speakers[turn] != "customer":
            detail = f"In turn {turn} somebody else speaks; only customers' feelings are asked for."
            faults.append(Fault(f"/{place}/turn", "not_the_customer", detail))
        seen.add(turn)
    return faults


def plain(labels: Labels) -> list[dict[str, Any]]:
    """Return the feelings as they are stored and shown, by turn."""
    found = [{"turn": label["turn"], "feeling": label["feeling"]} for label in labels]
    return sorted(found, key=lambda label: label["turn"])
