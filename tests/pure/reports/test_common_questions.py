"""Scores over the questions that both answered."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qm.reports.common_questions import answers_of, same_questions, scores_in_common
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
    found = scores_in_common(asked, answers_of(one), answers_of(other), **ANYWHERE)
    return tuple(each.total for each in found)


@given(filled(), st.data())
def test_where_both_answered_everything_the_scores_are_those_stored(case, data):
    body, one = case
    asked = Form.from_body(body)
    keys = {key: [None, *(option.key for option in asked.questions[key].options)] for key in one}
    other = answers_of({key: data.draw(st.sampled_from(values)) for key, values in keys.items()})
    assert same_questions(asked, one, other)
    assert scores_in_common(asked, one, other, **ANYWHERE) == (
        score(asked, one, **ANYWHERE),
        score(asked, other, **ANYWHERE),
    )


@given(filled(), st.data())
def test_who_leaves_questions_out_and_agrees_in_the_rest_has_no_error(case, data):
    body, one = case
    kept = data.draw(st.sets(st.sampled_from(sorted(one)))) if one else set()
    first, second = scores_in_common(Form.from_body(body), one, {key: one[key] for key in kept}, **ANYWHERE)
    assert first == second


@given(filled(), filled())
def test_whose_score_comes_first_is_the_callers_choice(case, other_case):
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


def test_a_question_that_one_was_not_asked_is_left_out():
    asked = form(question("hears"), question("repairs", **ASKED_IF_NOT), question("owns"))
    assert totals(
        asked, {"hears": "no", "repairs": "no", "owns": "yes"}, {"hears": "yes", "owns": "yes"}
    ) == (50, 100)


def test_a_question_that_both_were_asked_stays_with_the_one_it_hangs_on():
    asked = form(question("hears"), question("repairs", **ASKED_IF_NOT))
    assert totals(asked, {"hears": "no", "repairs": "yes"}, {"hears": "no", "repairs": "no"}) == (50, 0)


def test_a_critical_answer_that_the_machine_left_to_people_fails_nobody():
    critical = {"critical": {"rule": "fail_form", "area": "customer", "options": ["no"]}}
    asked = form(question("hears"), question("identity", **critical))
    assert totals(asked, {"hears": "yes", "identity": "no"}, {"hears": "yes"}) == (100, 100)


def test_not_applicable_is_an_answer_and_counts_where_it_passes():
    asked = form(question("hears", na_allowed=True), question("owns"), not_applicable="pass")
    assert totals(asked, {"hears": None, "owns": "no"}, {"hears": "no", "owns": "no"}) == (50, 0)


@pytest.mark.parametrize("other", [{}, {"hears": None}, {"owns": "yes"}])
def test_what_has_nothing_in_common_has_no_score(other):
    asked = form(question("hears", na_allowed=True), question("owns"))
    assert totals(asked, {"hears": "yes"}, other)[1] is None


def test_a_remark_that_only_people_write_moves_no_score():
    asked = form(question("hears"), question("remark", "text"))
    assert same_questions(
        asked, answers_of({"hears": "yes", "remark": "Well done"}), answers_of({"hears": "no"})
    )
