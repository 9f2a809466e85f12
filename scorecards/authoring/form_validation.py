"""Semantic validation of a scorecard that its schema accepts: keys, weights, answers, thresholds."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import pairwise
from math import inf
from typing import Any

from scorecards.authoring.question_reachability import condition_faults
from scorecards.definitions.form import OPTION_KINDS, Form, Question, question_from_body
from tenants.http.faults import Fault

# Names of results in reports; a section or question of the same name would be ambiguous.
RESERVED = frozenset(
    {
        "total", "score", "outcome", "band", "bands", "empathy", "critical", "shown", "maximum", "pass_mark",
        "na", "not_applicable", "pass", "fail", "overall", "sentiment", "none", "null", "all", "default",
    }
)  # fmt: skip
SCALE_OPTIONS = range(2, 12)
REWORDING_NOTE = "[To reword: "
"""How a note begins that a calibration leaves in the help of a question of a draft."""
Body = Mapping[str, Any]


def scorecard_faults(body: Body, *, known_judgements: Collection[str]) -> list[Fault]:
    """Return every semantic fault of a scorecard."""
    sections: Sequence[Body] = body.get("sections") or ()
    questions = [
        (f"/sections/{row}/questions/{column}", question)
        for row, section in enumerate(sections)
        for column, question in enumerate(section.get("questions") or ())
    ]
    listed = [(f"/sections/{row}", section) for row, section in enumerate(sections)]
    return [
        *_points(body),
        *_bands(body),
        *key_faults(listed, "section", RESERVED),
        *key_faults(questions, "question", RESERVED),
        *_sections(listed),
        *_any_scored(body, questions),
        *(
            fault.under(pointer)
            for pointer, question in questions
            for fault in _question(question, known_judgements)
        ),
        *condition_faults(body, questions),
    ]


def key_faults(
    items: Sequence[tuple[str, Body]], noun: str, reserved: Collection[str] = ()
) -> Iterator[Fault]:
    """Find duplicate and reserved keys."""
    seen: dict[str, str] = {}
    for pointer, item in items:
        key = item["key"]
        if key in seen:
            yield Fault(f"{pointer}/key", "duplicate_key", f"The {noun} key '{key}' is used twice.")
        if key in reserved:
            yield Fault(
                f"{pointer}/key", "reserved_name", f"'{key}' is the name of a result; choose another."
            )
        seen[key] = pointer


def _points(body: Body) -> Iterator[Fault]:
    maximum = body.get("maximum", 100)
    if not 100 <= maximum <= 1000:
        yield Fault("/maximum", "out_of_range", "The maximum lies from 100 to 1000 points.")
    mark = body.get("pass_mark")
    if mark is not None and mark > maximum:
        yield Fault("/pass_mark", "above_maximum", f"Nobody can reach {mark:g} of {maximum:g} points.")
    if mark is not None and mark < 0:
        yield Fault("/pass_mark", "negative", "The pass mark cannot be negative.")


def _bands(body: Body) -> Iterator[Fault]:
    bands = body.get("bands") or ()
    maximum = body.get("maximum", 100)
    for index, band in enumerate(bands):
        earlier = bands[:index]
        if band["from"] > maximum:
            detail = f"Nobody can reach '{band['name']}' with {maximum:g} points at most."
            yield Fault(f"/bands/{index}/from", "above_maximum", detail)
        if band["from"] < 0:
            yield Fault(f"/bands/{index}/from", "negative", "A band cannot start below 0.")
        if any(each["from"] == band["from"] for each in earlier):
            yield Fault(f"/bands/{index}/from", "duplicate_band", "Two bands start at the same total.")
        if any(each["name"] == band["name"] for each in earlier):
            yield Fault(f"/bands/{index}/name", "duplicate_band", f"Two bands are called '{band['name']}'.")
    if bands and all(band["from"] != 0 for band in bands):
        yield Fault("/bands", "no_lowest_band", "One band has to start at 0, or low totals have no band.")


def _sections(listed: Sequence[tuple[str, Body]]) -> Iterator[Fault]:
    if not listed:
        yield Fault("/sections", "no_sections", "A scorecard needs at least one section.")
    for pointer, section in listed:
        if section.get("weight", 1) < 0:
            yield Fault(f"{pointer}/weight", "negative", "A weight cannot be negative.")
        questions = [question_from_body(each) for each in section.get("questions") or ()]
        if not questions:
            yield Fault(f"{pointer}/questions", "no_questions", f"Section '{section['key']}' asks nothing.")
        weighted = [each for each in questions if each.scored and not each.bonus]
        if (
            weighted
            and all(each.weight == 0 for each in weighted)
            and not any(each.critical for each in weighted)
        ):
            detail = f"All questions of section '{section['key']}' weigh 0, so it has no score."
            yield Fault(f"{pointer}/questions", "all_weights_zero", detail)
    if listed and all(section.get("weight", 1) == 0 for _, section in listed):
        yield Fault("/sections", "all_weights_zero", "All sections weigh 0, so there is no total.")


def _any_scored(body: Body, questions: Sequence[tuple[str, Body]]) -> Iterator[Fault]:
    if questions and not any(question.scored for question in Form.from_body(body).questions.values()):
        yield Fault("/sections", "nothing_scored", "No question is scored, so there is no total.")


def _question(body: Body, known_judgements: Collection[str]) -> Iterator[Fault]:
    question = question_from_body(body)
    if question.weight < 0:
        yield Fault("/weight", "negative", "A weight cannot be negative.")
    if REWORDING_NOTE in (body.get("help") or ""):
        detail = "A note of a calibration stands in the help: reword the question, then take the note out."
        yield Fault("/help", "note_left", detail)
    yield from _options(body, question)
    yield from _ranges(body)
    for index, key in enumerate(body.get("required") or ()):
        if question.kind != "multi":
            yield Fault(f"/required/{index}", "not_multi", "Only a multi question has required options.")
        elif question.option(key) is None:
            yield Fault(f"/required/{index}", "unknown_option", f"There is no option '{key}'.")
    yield from _critical(body, question)
    yield from _bonus(question)
    yield from _auto(question, known_judgements)


def _options(body: Body, question: Question) -> Iterator[Fault]:
    given = body.get("options") or ()
    if given and question.kind not in OPTION_KINDS:
        yield Fault("/options", "no_options_here", f"A {question.kind} question has no options.")
        return
    yield from key_faults([(f"/options/{index}", each) for index, each in enumerate(given)], "option", {"na"})
    for index, option in enumerate(given):
        if question.kind == "yes_no" and option["key"] not in {"yes", "no"}:
            detail = f"A yes/no question has no option '{option['key']}'; make it single."
            yield Fault(f"/options/{index}/key", "unknown_option", detail)
        if option.get("reason_required") and not option.get("reasons"):
            detail = "A reason is required, but there are none to choose from."
            yield Fault(f"/options/{index}/reasons", "no_reasons", detail)
        if question.kind == "scale" and option.get("value") is None:
            yield Fault(f"/options/{index}/value", "value_missing", "Every option of a scale needs a value.")
    if question.kind == "scale" and len(given) not in SCALE_OPTIONS:
        yield Fault("/options", "scale_size", f"A scale has 2 to 11 options, not {len(given)}.")
    if question.kind in {"single", "multi"} and len(given) < 1 + (question.kind == "single"):
        yield Fault(
            "/options", "too_few_options", f"A {question.kind} question needs options to choose from."
        )
    if question.kind == "single" and 0 < len(question.values) < len(question.options):
        detail = "Give every option a value, or none when the question is not scored."
        yield Fault("/options", "value_missing", detail)


def _ranges(body: Body) -> Iterator[Fault]:
    bands: Sequence[Body] = body.get("bands") or ()
    if bands and body["kind"] != "numeric":
        yield Fault("/bands", "not_numeric", "Only a numeric question has bands.")
        return
    ends = [(_end(band, "from", -inf), _end(band, "to", inf), index) for index, band in enumerate(bands)]
    for start, end, index in ends:
        if start >= end:
            yield Fault(f"/bands/{index}", "empty_band", "This band ends before it starts.")
    for (_, earlier, _), (start, _, index) in pairwise(sorted(ends)):
        if start < earlier:
            yield Fault(f"/bands/{index}/from", "overlapping_bands", "This band overlaps the one below it.")
        elif start > earlier:
            detail = f"Numbers from {earlier:g} to {start:g} lie in no band."
            yield Fault(f"/bands/{index}/from", "gap_between_bands", detail)


def _end(band: Body, name: str, open_end: float) -> float:
    value = band.get(name)
    return open_end if value is None else float(value)


def _critical(body: Body, question: Question) -> Iterator[Fault]:
    if question.critical is None:
        return
    if question.kind not in OPTION_KINDS:
        detail = f"A {question.kind} question has no options that could fail."
        yield Fault("/critical", "critical_without_options", detail)
        return
    if not question.critical.options:
        yield Fault("/critical/options", "critical_without_options", "Say which answers fail.")
    for index, key in enumerate(body["critical"].get("options") or ()):
        if question.option(key) is None:
            yield Fault(f"/critical/options/{index}", "unknown_option", f"There is no option '{key}'.")
    if question.options and question.critical.options.issuperset(each.key for each in question.options):
        yield Fault(
            "/critical/options", "always_critical", "Every answer would fail; leave one that does not."
        )


def _bonus(question: Question) -> Iterator[Fault]:
    if question.bonus == 0:
        return
    if question.weight != 0:
        yield Fault("/bonus", "bonus_with_weight", "A bonus question has the weight 0, or it counts twice.")
    best = {"numeric": max((each.value for each in question.ranges), default=0.0), "multi": 1.0}
    reachable = best.get(question.kind, max(question.values.values(), default=0.0))
    if not question.scored or reachable < 1:
        yield Fault("/bonus", "bonus_never_earned", "No answer is worth 1, so the bonus is never earned.")


def _auto(question: Question, known_judgements: Collection[str]) -> Iterator[Fault]:
    if question.auto is None:
        return
    if question.auto not in known_judgements:
        known = ", ".join(sorted(known_judgements))
        detail = f"There is no automatic judgement '{question.auto}'; there are: {known}."
        yield Fault("/auto", "unknown_judgement", detail)
    if question.option("yes") is None or question.option("no") is None or question.kind == "multi":
        yield Fault("/auto", "judgement_needs_yes_no", "Automatic judgements answer yes or no.")
