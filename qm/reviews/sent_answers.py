"""Answers as they were sent: faults of shape, and those against each other and the form, at once (pure)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from qm.reviews.malformed_lists import MalformedList
from scorecards.definitions.form import Answer, Form, read_answers
from scorecards.scoring.answer_validation import answer_faults
from tenants.http.faults import Fault, Invalid

_DECISIVE = ("value", "na")
"""An answer with a fault here may show or hide other questions, nobody knows which."""


@dataclass(frozen=True, slots=True)
class SentAnswers:
    """Answers by question, as far as they can be read, and every fault of reading them.

    Attributes
    ----------
    answers : dict of str to Answer
        One whose value cannot be read is there without any.
    faults : list of Fault
        Pointers begin at the list.
    places : sequence of int
        Of each answer its place in the list; of duplicates the last.
    earlier : sequence of dict of str to (int, Answer)
        Duplicates that others follow, with their places: first those that one follows, then two, and so on.
    broken : collection of str
        Pointers of the faults of shape.
    undecided : collection of int
        Places of answers whose question or value cannot be read.
    unnamed : bool
        Whether there are answers whose question cannot be read.
    """

    answers: dict[str, Answer]
    faults: list[Fault]
    places: Sequence[int] = ()
    earlier: Sequence[Mapping[str, tuple[int, Answer]]] = ()
    broken: Collection[str] = ()
    undecided: Collection[int] = ()
    unnamed: bool = False


def read_sent(bodies: Sequence[Mapping[str, Any]] | MalformedList) -> SentAnswers:
    """Read the answers of a request or a draft."""
    sent = bodies if isinstance(bodies, MalformedList) else MalformedList((), bodies)
    faults, broken = list(sent.faults), {fault.pointer for fault in sent.faults}
    if "" in broken:
        return SentAnswers({}, faults, broken=broken, unnamed=True)
    named = [place for place, part in enumerate(sent.parts) if part.get("question") is not None]
    undecided = {place for place in range(len(sent.parts)) if place not in named} | {
        place for place in named if any(_touches(f"/{place}/{name}", broken) for name in _DECISIVE)
    }
    parts = [
        {
            name: value
            for name, value in sent.parts[place].items()
            if name == "question" or not (place in undecided or _touches(f"/{place}/{name}", broken))
        }
        for place in named
    ]
    try:
        read_answers(parts)
    except Invalid as error:
        faults += (_moved(fault, named) for fault in error.faults)
    last, *earlier = _by_turns(parts, named) or [{}]
    answers = {key: answer for key, (_, answer) in last.items()}
    places = [place for place, _ in last.values()]
    return SentAnswers(answers, faults, places, earlier, broken, undecided, len(named) < len(sent.parts))


def _by_turns(
    parts: Sequence[Mapping[str, Any]], places: Sequence[int]
) -> list[dict[str, tuple[int, Answer]]]:
    """Return each question's last answer, then of those with duplicates the one before, and so on."""
    given: dict[str, list[tuple[int, Answer]]] = {}
    for part, place in zip(parts, places, strict=True):
        given.setdefault(part["question"], []).append((place, Answer.from_json(part)))
    most = max(map(len, given.values()), default=0)
    return [
        {key: found[-1 - back] for key, found in given.items() if back < len(found)} for back in range(most)
    ]


def faults_against(form: Form, sent: SentAnswers, **conversation: Any) -> list[Fault]:
    """Return every fault of the answers, those against the form and the transcript included.

    Only certain faults are told: none where there is a fault of shape, and none that rests on a value or a
    question that cannot be read. `conversation` is what `answer_faults` needs to know of it.
    """
    told = [*sent.faults, *_certain_faults(form, sent, conversation)]
    for duplicates in sent.earlier:
        answers = {**sent.answers, **{key: answer for key, (_, answer) in duplicates.items()}}
        own = {key: place for key, (place, _) in duplicates.items()}
        places = [own.get(key, place) for key, place in zip(sent.answers, sent.places, strict=True)]
        found = _certain_faults(form, replace(sent, answers=answers, places=places), conversation)
        told += (fault for fault in found if _is_of(fault, own.values()) and fault.code != "not_shown")
    return told


def _is_of(fault: Fault, places: Collection[int]) -> bool:
    return fault.pointer != "" and int(fault.pointer.split("/")[1]) in places


def _certain_faults(form: Form, sent: SentAnswers, conversation: Mapping[str, Any]) -> list[Fault]:
    found = answer_faults(form, sent.answers, evidence_required=True, **conversation)
    return [_moved(fault, sent.places) for fault in found if _is_certain(fault, sent)]


def _is_certain(fault: Fault, sent: SentAnswers) -> bool:
    if fault.pointer == "":
        return not sent.unnamed
    if fault.code == "not_shown":
        return not sent.undecided
    place = int(fault.pointer.split("/")[1])
    if sent.places[place] in sent.undecided:
        return fault.code == "unknown_question"
    return not _touches(_moved(fault, sent.places).pointer, sent.broken)


def _touches(pointer: str, broken: Collection[str]) -> bool:
    """Tell whether one of the broken places is this one, holds it or lies in it."""
    return any(
        f"{place}/".startswith(f"{pointer}/") or f"{pointer}/".startswith(f"{place}/") for place in broken
    )


def _moved(fault: Fault, places: Sequence[int]) -> Fault:
    """Return a fault with the place in the list instead of the number of the answer."""
    _, _, path = fault.pointer.partition("/")
    index, slash, rest = path.partition("/")
    return replace(fault, pointer=f"/{places[int(index)]}{slash}{rest}") if index else fault
