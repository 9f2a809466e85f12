"""What differs between two versions, by name."""

from hypothesis import given
from hypothesis import strategies as st

from scorecards.authoring.differences import Difference, differences

KEYS = st.lists(st.sampled_from("abcdef"), unique=True, max_size=5)
QUESTIONS = KEYS.flatmap(
    lambda keys: st.tuples(*(st.integers(0, 3) for _ in keys)).map(
        lambda weights: [{"key": key, "weight": weight} for key, weight in zip(keys, weights, strict=True)]
    )
)


def test_a_question_put_in_between_is_one_addition():
    before = {"sections": [{"key": "s", "questions": [{"key": "a"}, {"key": "b"}]}]}
    after = {"sections": [{"key": "s", "questions": [{"key": "a"}, {"key": "new"}, {"key": "b"}]}]}

    assert differences(before, after) == [
        Difference(("sections", "s", "questions", "new"), "added", after={"key": "new"})
    ]


def test_questions_that_changed_places_are_told_once():
    before, after = ({"questions": [{"key": key} for key in keys]} for keys in ("abc", "cab"))

    assert [(each.path, each.kind) for each in differences(before, after)] == [(("questions",), "moved")]


def test_what_has_no_name_of_its_own_is_compared_as_a_whole():
    found = differences({"examples": ["a", "b"]}, {"examples": ["a", "c"]})

    assert found == [Difference(("examples",), "changed", ["a", "b"], ["a", "c"])]


@given(before=QUESTIONS, after=QUESTIONS)
def test_nothing_differs_exactly_where_two_bodies_are_the_same(before, after):
    found = differences({"questions": before}, {"questions": after})

    assert (found == []) == (before == after)


@given(before=QUESTIONS, after=QUESTIONS)
def test_the_way_back_tells_the_same_the_other_way_round(before, after):
    def told(one, other):
        return {(each.path, each.kind) for each in differences({"questions": one}, {"questions": other})}

    turned = {"added": "removed", "removed": "added"}
    assert told(after, before) == {(path, turned.get(kind, kind)) for path, kind in told(before, after)}
