"""Sections, questions and answers of a scorecard that are added, moved and taken away, by name (pure).

What is done is named by a path, as the buttons of a form send it: `add_section`, `add_question/{section}`,
`add_answer/{section}/{question}`, and `up`, `down` or `remove` with the place of a section, a question or an
answer.
"""

import re
from collections.abc import Iterable, Mapping
from copy import deepcopy
from typing import Any

from scorecards.authoring.form_edits import number
from scorecards.authoring.form_schemas import OptionSchema, QuestionSchema, SectionSchema
from scorecards.authoring.schema_errors import load
from scorecards.definitions.form import OPTION_KINDS
from tenants.http.faults import Fault, Invalid

Body = dict[str, Any]
_SCALE: tuple[Body, ...] = tuple(
    {"key": str(step + 1), "label": str(step + 1), "value": step / 4} for step in range(5)
)
_NOT_IN_KEY = re.compile(r"[^a-z0-9]+")
_MAX_KEY = 64


def restructured(body: Mapping[str, Any], deed: str, typed: Mapping[str, str]) -> tuple[Body, str]:
    """Return a scorecard after something was added, moved or taken away, and the place to look at.

    Parameters
    ----------
    body
        The scorecard.
    deed
        What to do, and where.
    typed
        What was typed for something new: `new/section/name`, `new/question/{section}/text` and `kind`,
        `new/answer/{section}/{question}/label` and `value`.

    Raises
    ------
    Invalid
        With every fault of what is new at the names of its fields, or when the place is not there.

    Notes
    -----
    A question that is moved beyond the end of its section goes to the next one. Keys are made of what was
    typed and stay the same ever after, since answers are stored by them.
    """
    changed: Body = deepcopy(dict(body))
    what, *place = deed.split("/")
    if what == "add_section" and not place:
        return changed, _add_section(changed, typed)
    if what == "add_question" and len(place) == 1:
        return changed, _add_question(_section(changed, place[0]), _questions(changed), typed)
    if what == "add_answer" and len(place) == 2:
        return changed, _add_answer(_question(_section(changed, place[0]), place[1]), place, typed)
    if what in {"up", "down"} and len(place) in {1, 2, 3}:
        return changed, _move(changed, place, -1 if what == "up" else 1)
    if what == "remove" and len(place) in {1, 2, 3}:
        siblings = _siblings(changed, place)
        siblings.remove(_named(siblings, place[-1]))
        return changed, "/".join(place[:-1])
    raise _nowhere()


def additions(typed: Mapping[str, str]) -> list[str]:
    """Return what the fields for something new ask for: answers first, then questions, then sections.

    >>> additions({"new/section/name": "Care", "new/question/a/text": "Heard?", "new/question/b/text": " "})
    ['add_question/a', 'add_section']
    """
    filled = [name for name, text in typed.items() if name.startswith("new/") and text.strip()]
    asked = {
        re.sub(r"^new/(\w+)", r"add_\1", name.rpartition("/")[0])
        for name in filled
        if name.rpartition("/")[2] in {"name", "text", "label"}
    }
    return sorted(asked)


def key_from(text: str, taken: Iterable[str], otherwise: str) -> str:
    """Return a key made of a text that none of the others has.

    >>> key_from("Did they apologise?", ["did_they_apologise"], "question")
    'did_they_apologise_2'
    >>> key_from("是吗?", [], "question")
    'question'
    """
    wanted = _NOT_IN_KEY.sub("_", text.lower()).strip("_")[:_MAX_KEY].strip("_") or otherwise
    known = set(taken)
    if wanted not in known:
        return wanted
    count = 2
    while (key := f"{wanted[: _MAX_KEY - len(str(count)) - 1]}_{count}") in known:
        count += 1
    return key


def _add_section(body: Body, typed: Mapping[str, str]) -> str:
    sections = body.setdefault("sections", [])
    name = typed.get("new/section/name", "").strip()
    key = key_from(name, (each["key"] for each in sections), "section")
    sections.append(_checked(SectionSchema(), {"key": key, "name": name, "questions": []}, "/new/section"))
    return key


def _add_question(section: Body, others: Iterable[Body], typed: Mapping[str, str]) -> str:
    place = f"new/question/{section['key']}"
    text = typed.get(f"{place}/text", "").replace("\r\n", "\n").strip()
    key = key_from(text, (each["key"] for each in others), "question")
    question: Body = {"key": key, "text": text, "kind": typed.get(f"{place}/kind", "yes_no")}
    if question["kind"] == "scale":
        question["options"] = deepcopy(list(_SCALE))
    question = _checked(QuestionSchema(), question, f"/{place}")
    section["questions"] = [*(section.get("questions") or ()), question]
    return f"{section['key']}/{key}"


def _add_answer(question: Body, place: list[str], typed: Mapping[str, str]) -> str:
    if question["kind"] not in OPTION_KINDS or question["kind"] == "yes_no":
        raise _nowhere()
    prefix = f"new/answer/{'/'.join(place)}"
    options = question.get("options") or []
    label, value = (typed.get(f"{prefix}/{name}", "").strip() for name in ("label", "value"))
    option: Body = {"key": key_from(label, [*(each["key"] for each in options), "na"], "answer")}
    if not label:
        raise Invalid([Fault(f"/{prefix}/label", "required", "This has to be given.")])
    option |= {"label": label} | ({"value": number(value)} if value else {})
    question["options"] = [*options, _checked(OptionSchema(), option, f"/{prefix}")]
    return "/".join(place)


def _checked(schema: Any, given: Body, pointer: str) -> Body:
    loaded, faults = load(schema, given)
    if faults:  # one a field: what is empty is also too short
        raise Invalid([fault.under(pointer) for fault in {each.pointer: each for each in faults}.values()])
    found: Body = loaded
    return found


def _move(body: Body, place: list[str], step: int) -> str:
    siblings = _siblings(body, place)
    moved = _named(siblings, place[-1])
    here = siblings.index(moved)
    if 0 <= here + step < len(siblings):
        siblings.insert(here + step, siblings.pop(here))
        return "/".join(place)
    sections = body["sections"]
    other = sections.index(_section(body, place[0])) + step
    if len(place) != 2 or not 0 <= other < len(sections):
        return "/".join(place)
    siblings.remove(moved)
    there = [*(sections[other].get("questions") or ())]
    there.insert(len(there) if step < 0 else 0, moved)
    sections[other]["questions"] = there
    return f"{sections[other]['key']}/{moved['key']}"


def _siblings(body: Body, place: list[str]) -> list[Body]:
    """Return the list that holds what a place names."""
    if len(place) == 1:
        found = body.get("sections")
    elif len(place) == 2:
        found = _section(body, place[0]).get("questions")
    else:
        found = _question(_section(body, place[0]), place[1]).get("options")
    if not found:
        raise _nowhere()
    listed: list[Body] = found
    return listed


def _section(body: Body, key: str) -> Body:
    return _named(body.get("sections") or (), key)


def _question(section: Body, key: str) -> Body:
    return _named(section.get("questions") or (), key)


def _questions(body: Body) -> list[Body]:
    return [each for section in body.get("sections") or () for each in section.get("questions") or ()]


def _named(groups: Iterable[Body], key: str) -> Body:
    found = next((each for each in groups if each["key"] == key), None)
    if found is None:
        raise _nowhere()
    return found


def _nowhere() -> Invalid:
    return Invalid([Fault("", "unknown_place", "There is no such part of the scorecard.")])
