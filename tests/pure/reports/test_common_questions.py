"""Scores over the questions that both raters answered."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qm.reports.common_questions import answers_from_values, same_questions, scores_in_common
from scorecards.definitions.form import Form
from scorecards.scoring.scoring import score
from tests.pure.scoring.test_scoring import filled

ANYWHERE = {"channel": None, "intent": None}
ASKED_IF_NOT = {"show_when": {"question": "hears", "options": ["no"]}}


def question(key, kind="yes_no", **more):
    return {"key": key, "text": "?", "kind": kind, **more}


def form(*questions, **more):
    return Form.from_body({"sections": [{"key": "care", "questions": list(questions)}], **more})


def totals(asked, one, other):
    found = scores_in_common(asked, answers_from_values(one), answers_from_values(other), **ANYWHERE)
    return tuple(each.total for each in found)


@given(filled(), st.data())
def test_scores_in_common_equal_full_scores_if_both_answered_all(case, data):
    body, one = case
    asked = Form.from_body(body)
    keys = {key: [None, *(option.key for option in asked.questions[key].options)] for key in one}
    other = answers_from_values({key: data.draw(st.sampled_from(values)) for key, values in keys.items()})
    assert same_questions(asked, one, other)
    assert scores_in_common(asked, one, other, **ANYWHERE) == (
        score(asked, one, **ANYWHERE),
        score(asked, other, **ANYWHERE),
    )


@given(filled(), st.data())
def test_scores_in_common_are_equal_if_the_common_answers_agree(case, data):
    body, one = case
    kept = data.draw(st.sets(st.sampled_from(sorted(one)))) if one else set()
    first, second = scores_in_common(Form.from_body(body), one, {key: one[key] for key in kept}, **ANYWHERE)
    assert first == second


@given(filled(), filled())
def test_scores_in_common_swap_with_argument_order(case, other_case):
    body, one = case
    asked, other = (
        Form.from_body(body),
        {key: each for key, each in other_case[1].items() if key in Form.from_body(body).questions},
    )
    there, back = (
        scores_in_common(asked, one, other, **ANYWHERE),
        scores_in_common(asked, other, one, **ANYWHERE),
    )
    assert there == back[::-1]


def test_question_shown_to_only_one_rater_is_excluded():
    asked = form(question("hears"), question("repairs", **ASKED_IF_NOT), question("owns"))
    assert totals(
        asked, {"hears": "no", "repairs": "no", "owns": "yes"}, {"hears": "yes", "owns": "yes"}
    ) == (50, 100)


def test_conditional_question_shown_to_both_raters_is_kept():
    asked = form(question("hears"), question("repairs", **ASKED_IF_NOT))
    assert totals(asked, {"hears": "no", "repairs": "yes"}, {"hears": "no", "repairs": "no"}) == (50, 0)


def test_critical_answer_given_by_only_one_rater_does_not_fail_the_form():
    critical = {"critical": {"rule": "fail_form", "area": "customer", "options": ["no"]}}
    asked = form(question("hears"), question("identity", **critical))
    assert totals(asked, {"hears": "yes", "identity": "no"}, {"hears": "yes"}) == (100, 100)


def test_na_counts_as_answer_and_scores_full_if_na_passes():
    asked = form(question("hears", na_allowed=True), question("owns"), not_applicable="pass")
    assert totals(asked, {"hears": None, "owns": "no"}, {"hears": "no", "owns": "no"}) == (50, 0)


@pytest.mark.parametrize("other", [{}, {"hears": None}, {"owns": "yes"}])
def test_no_common_scored_question_gives_no_score(other):
    asked = form(question("hears", na_allowed=True), question("owns"))
    assert totals(asked, {"hears": "yes"}, other)[1] is None


def test_unscored_text_answer_does_not_affect_same_questions():
    asked = form(question("hears"), question("remark", "text"))
    assert same_questions(
        asked,
        answers_from_values({"hears": "yes", "remark": "Well done"}),
        answers_from_values({"hears": "no"}),
    )
