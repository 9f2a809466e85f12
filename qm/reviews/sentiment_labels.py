"""Reviewers' sentiment labels of customer turns, the training data of the sentiment model (pure)."""

from collections.abc import Mapping, Sequence
from typing import Any

from qm.reviews.malformed_lists import MalformedList
from tenants.http.faults import Fault

LABELS_KEY = "sentiment_labels"
"""The key of the labels in the findings of a human evaluation."""

Labels = Sequence[Mapping[str, Any]]


def label_faults(labels: Labels | MalformedList, speakers: Sequence[str] | None = None) -> list[Fault]:
    """Return all faults of sentiment labels, schema errors included.

    Parameters
    ----------
    labels : sequence of mappings, or MalformedList
        Each with ``turn``, from 0, and ``feeling``.
    speakers : sequence of str, optional
        The speaker of each turn; left out, labels are checked for duplicates only.

    Examples
    --------
    >>> labels = [{"turn": 0, "feeling": "negative"}, {"turn": 1, "feeling": "neutral"}]
    >>> [(fault.pointer, fault.code) for fault in label_faults(labels, ["customer", "agent"])]
    [('/1/turn', 'not_the_customer')]
    """
    malformed = labels if isinstance(labels, MalformedList) else MalformedList((), labels)
    faults = list(malformed.faults)
    seen: set[int] = set()
    for index, label in enumerate(malformed.parts):
        turn = label.get("turn")
        if turn is None:
            continue
        turn_faults = (
            [Fault("", "duplicate_turn", f"Turn {turn} is given two feelings.")] if turn in seen else []
        )
        turn_faults += [] if speakers is None else _speaker_faults(turn, speakers)
        faults += (fault.under(f"/{index}/turn") for fault in turn_faults)
        seen.add(turn)
    return faults


def _speaker_faults(turn: int, speakers: Sequence[str]) -> list[Fault]:
    if turn >= len(speakers):
        return [Fault("", "no_such_turn", f"There is no turn {turn}; the last is {len(speakers) - 1}.")]
    if speakers[turn] != "customer":
        detail = f"In turn {turn} somebody else speaks; only customers' feelings are asked for."
        return [Fault("", "not_the_customer", detail)]
    return []


def serialize_labels(labels: Labels) -> list[dict[str, Any]]:
    """Return the labels as they are stored and returned, by turn."""
    found = [{"turn": label["turn"], "feeling": label["feeling"]} for label in labels]
    return sorted(found, key=lambda label: label["turn"])
