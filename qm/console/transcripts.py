"""Turns of a transcript, cut where something in them is marked (pure)."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

_PLACEHOLDER = re.compile(r"\[[A-Z][A-Z_ ]{1,30}\]")


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a turn: its text, what rests on it, and whether it stands for what was masked."""

    text: str
    notes: tuple[str, ...] = ()
    masked: bool = False


Note = tuple[int, int | None, int | None, str]
"""A turn, from where to where (None: all of it), and what rests on it."""


def evidence_notes(
    evaluations: Iterable[Mapping[str, Any]], questions: Mapping[str, str], names: Mapping[Any, str]
) -> list[Note]:
    """Return the evidence of the answers of evaluations; `names` says by id whose they are."""
    return [
        (place["turn"], place.get("start"), place.get("end"), f"{names[evaluation['evaluation_id']]}: {text}")
        for evaluation in evaluations
        for answer in evaluation["answers"]
        for place in answer.get("evidence") or ()
        for text in [questions.get(answer["question"], answer["question"])]
    ]


def pieces(text: str, turn: int, notes: Sequence[Note]) -> list[Piece]:
    """
    Return the text of a turn in pieces, each with the notes that cover it.

    Examples
    --------
    >>> found = pieces("Hi [NAME], sorry", 0, [(0, 11, 16, "Apology?"), (1, 0, 2, "other turn")])
    >>> [(piece.text, piece.notes, piece.masked) for piece in found]
    [('Hi ', (), False), ('[NAME]', (), True), (', ', (), False), ('sorry', ('Apology?',), False)]
    """
    here = [
        (start or 0, len(text) if end is None else end, words)
        for at, start, end, words in notes
        if at == turn
    ]
    masked = [found.span() for found in _PLACEHOLDER.finditer(text)]
    bounds = {0, len(text)}
    for start, end in [*((start, end) for start, end, _ in here), *masked]:
        bounds |= {min(max(start, 0), len(text)), min(max(end, 0), len(text))}
    cuts = sorted(bounds)
    return [
        Piece(
            text[first:last],
            tuple(dict.fromkeys(words for start, end, words in here if start <= first and last <= end)),
            any(start <= first and last <= end for start, end in masked),
        )
        for first, last in pairwise(cuts)
    ]
