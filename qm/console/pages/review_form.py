"""The scorecard as it is typed on the page of a review, read into answers as the API takes them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from werkzeug.datastructures import MultiDict

from qm.reviews.malformed_lists import MalformedList
from qm.reviews.schemas import ReviewDraftSchema
from scorecards.definitions.form import Answer, Form, Question
from scorecards.scoring.scoring import shown_questions
from tenants.http.faults import Fault

NOT_APPLICABLE = "n/a"
"""What a choice sends for N/A; no option has such a key."""
NONE_CHOSEN = "n/one"
"""What a choice of several sends for none of them."""
CHOICES = ("yes_no", "scale", "single")
_DRAFT = ReviewDraftSchema()
_PLACE = re.compile(r"T?(\d{1,9})(?::(\d{1,9})-(\d{1,9}))?", re.IGNORECASE)


@dataclass(slots=True)
class TypedReview:
    """What was typed: the body of a draft, and the faults of what cannot be read, by question."""

    body: dict[str, Any]
    faults: dict[str, list[Fault]] = field(default_factory=dict)

    @property
    def order(self) -> list[str]:
        """The questions in the order of the answers in the body."""
        return [each["question"] for each in self.body["answers"]]

    def loaded(self) -> dict[str, Any]:
        """Return the body as the API's schema loads it, with its own faults under `faults`."""
        return _DRAFT.load(self.body)


def read_review_form(
    sent: MultiDict[str, str],
    form: Form,
    *,
    channel: str | None,
    intent: str | None,
    complete: bool,
    only_asked: bool = False,
) -> TypedReview:
    """Return what was typed; with `complete`, what has to be answered and was not as an empty answer.

    With `only_asked`, answers to questions that are not asked, given the others, are left out: without a
    script no choice can be taken back.
    """
    typed = TypedReview({"answers": [], "sentiment": list(_sentiment(sent))})
    answers = {}
    for key, question in form.questions.items():
        answers[key], faults = _answer(sent, question)
        if faults:
            typed.faults[key] = faults
    given = {key: answer for key, answer in answers.items() if answer is not None}
    shown = shown_questions(
        form,
        {key: Answer.from_json(body) for key, body in given.items()},
        channel=channel,
        intent=intent,
    )
    for key, question in form.questions.items():
        if key in given and (key in shown or not only_asked):
            typed.body["answers"].append(given[key])
        elif complete and key in shown and (question.scored or question.critical):
            typed.body["answers"].append({"question": key, "value": None})
    return typed


def _answer(sent: MultiDict[str, str], question: Question) -> tuple[dict[str, Any] | None, list[Fault]]:
    values = [text.replace("\r\n", "\n") for text in sent.getlist(f"value-{question.key}") if text.strip()]
    na = NOT_APPLICABLE in values or f"na-{question.key}" in sent
    values = [each for each in values if each != NOT_APPLICABLE]
    evidence, faults = read_places(sent.get(f"evidence-{question.key}", ""))
    note = sent.get(f"note-{question.key}", "").replace("\r\n", "\n").strip()
    body: dict[str, Any] = {
        "question": question.key,
        "value": _value(question, values),
        "na": na,
        "reasons": sent.getlist(f"reasons-{question.key}"),
        "note": note,
        "evidence": evidence,
    }
    if body["value"] is None and not (na or body["reasons"] or note or evidence):
        return None, faults
    return body, faults


def _value(question: Question, values: Sequence[str]) -> Any:
    if not values:
        return None
    if question.kind == "multi":
        return [each for each in values if each != NONE_CHOSEN]
    if question.kind == "numeric":
        try:
            return float(values[0].strip().replace(",", "."))
        except ValueError:
            return values[0]
    return values[0]


def read_places(text: str) -> tuple[list[dict[str, int]], list[Fault]]:
    """Return the places of the conversation that a text names, turns counted from 1 as on the page.

    Examples
    --------
    >>> read_places("T2, 4:0-10")
    ([{'turn': 1}, {'turn': 3, 'start': 0, 'end': 10}], [])
    >>> [fault.code for fault in read_places("the second")[1]]
    ['bad_place', 'bad_place']
    """
    places: list[dict[str, int]] = []
    faults = []
    for piece in filter(None, re.split(r"[\s,;]+", text)):
        found = _PLACE.fullmatch(piece)
        if found is None or int(found[1]) == 0:
            faults.append(
                Fault("/evidence", "bad_place", f"'{piece}' is no place: write a turn, such as T2.")
            )
            continue
        place = {"turn": int(found[1]) - 1}
        if found[2] is not None:
            place |= {"start": int(found[2]), "end": int(found[3])}
        if place not in places:
            places.append(place)
    return places, faults


def typed_places(sent: MultiDict[str, str]) -> dict[str, str]:
    """Return the places that were typed, by question."""
    prefix = "evidence-"
    return {name.removeprefix(prefix): text for name, text in sent.items() if name.startswith(prefix)}


def write_places(evidence: Sequence[Mapping[str, Any]]) -> str:
    """Return places as they are typed.

    >>> write_places([{"turn": 1}, {"turn": 3, "start": 0, "end": 10}])
    'T2 T4:0-10'
    """
    return " ".join(
        f"T{each['turn'] + 1}"
        + (f":{each['start']}-{each['end']}" if each.get("start") is not None and each.get("end") else "")
        for each in evidence
    )


def _sentiment(sent: MultiDict[str, str]) -> Iterator[dict[str, Any]]:
    for name, feeling in sent.items():
        place = name.removeprefix("feeling-")
        if place != name and place.isdecimal() and feeling:
            yield {"turn": int(place), "feeling": feeling}


def faults_by_question(
    typed: TypedReview, faults: Sequence[Fault]
) -> tuple[dict[str, list[Fault]], list[Fault]]:
    """Return faults by question, and those of the whole review.

    A fault of the API names an answer by its place in the list.
    """
    found = {key: list(own) for key, own in typed.faults.items()}
    general = []
    for fault in faults:
        parts = fault.pointer.split("/")
        if (
            len(parts) > 2
            and parts[1] == "answers"
            and parts[2].isdecimal()
            and int(parts[2]) < len(typed.order)
        ):
            found.setdefault(typed.order[int(parts[2])], []).append(fault)
        else:
            general.append(fault)
    return found, general


def well_formed(loaded: Mapping[str, Any]) -> bool:
    """Whether a loaded draft can be saved as it is."""
    return not loaded["faults"] and not any(
        isinstance(loaded[name], MalformedList) for name in ("answers", "sentiment")
    )
