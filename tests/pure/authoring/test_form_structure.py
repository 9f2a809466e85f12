"""Parts of a scorecard that are added, moved and taken away by form."""

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecards.authoring.form_schemas import ScorecardSchema
from scorecards.authoring.form_structure import additions, restructured
from scorecards.authoring.schema_errors import load
from tenants.http.faults import Invalid


def section(key, *questions):
    return {
        "key": key,
        "questions": [{"key": each, "text": f"{each}?", "kind": "yes_no"} for each in questions],
    }


BODY = {"name": "Own", "sections": [section("a", "p", "q"), section("b", "r"), section("c")]}


def outline(body):
    return [(each["key"], [question["key"] for question in each["questions"]]) for each in body["sections"]]


@pytest.mark.parametrize(
    ("deed", "expected", "place"),
    [
        ("up/a/q", [("a", ["q", "p"]), ("b", ["r"]), ("c", [])], "a/q"),
        ("down/a/q", [("a", ["p"]), ("b", ["q", "r"]), ("c", [])], "b/q"),
        ("up/b/r", [("a", ["p", "q", "r"]), ("b", []), ("c", [])], "a/r"),
        ("down/b/r", [("a", ["p", "q"]), ("b", []), ("c", ["r"])], "c/r"),
        ("up/a/p", [("a", ["p", "q"]), ("b", ["r"]), ("c", [])], "a/p"),
        ("down/a", [("b", ["r"]), ("a", ["p", "q"]), ("c", [])], "a"),
        ("down/c", [("a", ["p", "q"]), ("b", ["r"]), ("c", [])], "c"),
        ("remove/a/p", [("a", ["q"]), ("b", ["r"]), ("c", [])], "a"),
        ("remove/b", [("a", ["p", "q"]), ("c", [])], ""),
    ],
)
def test_parts_are_moved_and_taken_away(deed, expected, place):
    before = copy.deepcopy(BODY)
    changed, found = restructured(BODY, deed, {})

    assert (outline(changed), found) == (expected, place)
    assert before == BODY


def test_a_question_gets_a_key_of_its_own_from_its_wording():
    typed = {"new/question/b/text": " P ", "new/question/b/kind": "scale"}
    changed, place = restructured(BODY, "add_question/b", typed)

    added = changed["sections"][1]["questions"][-1]
    assert (place, added["key"], added["text"], added["kind"]) == ("b/p_2", "p_2", "P", "scale")
    assert [each["value"] for each in added["options"]] == [0, 0.25, 0.5, 0.75, 1]


def test_answers_are_added_and_taken_away_and_never_called_as_not_applicable():
    body, _ = restructured(
        BODY, "add_question/c", {"new/question/c/text": "T", "new/question/c/kind": "single"}
    )
    names = {"new/answer/c/t/label": "N/A?", "new/answer/c/t/value": "0,5"}
    body, place = restructured(body, "add_answer/c/t", names | {"new/answer/c/t/label": "na"})
    body, _ = restructured(body, "add_answer/c/t", names)

    options = body["sections"][2]["questions"][0]["options"]
    assert place == "c/t"
    assert [(each["key"], each["value"]) for each in options] == [("na_2", 0.5), ("n_a", 0.5)]
    body, _ = restructured(body, "remove/c/t/na_2", {})
    assert [each["key"] for each in body["sections"][2]["questions"][0]["options"]] == ["n_a"]


@pytest.mark.parametrize(
    ("deed", "typed", "pointers"),
    [
        ("add_section", {"new/section/name": " "}, ["/new/section/name"]),
        ("add_question/a", {"new/question/a/kind": "song"}, ["/new/question/a/kind", "/new/question/a/text"]),
        ("add_question/x", {"new/question/x/text": "Q"}, [""]),
        ("add_answer/a/p", {"new/answer/a/p/label": "maybe"}, [""]),
        ("up/x", {}, [""]),
        ("remove/a/p/yes", {}, [""]),
        ("up", {}, [""]),
        ("explode/a", {}, [""]),
    ],
)
def test_what_cannot_be_done_is_refused_at_its_field(deed, typed, pointers):
    with pytest.raises(Invalid) as refused:
        restructured(BODY, deed, typed)

    assert sorted(fault.pointer for fault in refused.value.faults) == pointers


def test_everything_typed_for_something_new_is_added_with_whatever_is_saved():
    typed = {"new/answer/a/p/label": "x", "new/answer/a/p/value": "", "new/section/name": "y", "name": "z"}

    assert additions(typed) == ["add_answer/a/p", "add_section"]


places = st.sampled_from(["a", "b", "c", "a/p", "a/q", "b/r", "b/p", "c/r"])


@given(st.lists(st.tuples(st.sampled_from(["up", "down"]), places), max_size=12))
def test_moving_never_loses_a_question_and_stays_valid(deeds):
    body = BODY
    for what, place in deeds:
        try:
            body, _ = restructured(body, f"{what}/{place}", {})
        except Invalid as refused:
            assert refused.faults[0].code == "unknown_place"  # noqa: PT017 - it was moved elsewhere before

    assert sorted(key for _, keys in outline(body) for key in keys) == ["p", "q", "r"]
    assert load(ScorecardSchema(), body)[1] == []
