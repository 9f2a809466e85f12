"""Scores follow the formulas, for every form and every set of answers."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from scorecards.definitions.form import AREAS, PILLARS, RULES, Answer, Form
from scorecards.scoring.scoring import score

SHARES = st.sampled_from([0, 0.25, 0.5, 0.75, 1])


@st.composite
def bodies(draw, rules=RULES, bonuses=(0, 5)):
    sections = []
    for row in range(draw(st.integers(1, 4))):
        questions = []
        for column in range(draw(st.integers(1, 4))):
            values = draw(st.lists(SHARES, min_size=2, max_size=4))
            bonus = draw(st.sampled_from(bonuses))
            question = {
                "key": f"q{row}_{column}",
                "text": "?",
                "kind": "scale",
                "weight": 0 if bonus else draw(st.integers(0, 5)),
                "bonus": bonus,
                "options": [{"key": str(index), "value": value} for index, value in enumerate(values)],
            }
            if rules and draw(st.integers(0, 5)) == 0:
                area = draw(st.sampled_from(AREAS))
                question["critical"] = {"rule": draw(st.sampled_from(rules)), "area": area, "options": ["0"]}
            questions.append(question)
        pillar = draw(st.sampled_from([None, *PILLARS]))
        weight = draw(st.integers(0, 5))
        sections.append({"key": f"s{row}", "weight": weight, "pillar": pillar, "questions": questions})
    return {"sections": sections, "maximum": draw(st.sampled_from([100, 110])), "pass_mark": 70}


@st.composite
def filled(draw, **options):
    body = draw(bodies(**options))
    answers = {}
    for key, question in Form.from_body(body).questions.items():
        choice = draw(st.sampled_from([None, "na", *(option.key for option in question.options)]))
        if choice is not None:
            answers[key] = Answer(key, na=True) if choice == "na" else Answer(key, choice)
    return body, answers


def scored(body, answers, channel=None, intent=None):
    return score(Form.from_body(body), answers, channel=channel, intent=intent)


def yes_no(key, **more):
    return {"key": key, "text": "?", "kind": "yes_no", **more}


def one_section(*questions, **more):
    return {"sections": [{"key": "s", "questions": list(questions)}], **more}


def given_answers(**values):
    return {
        key: Answer(key, na=True) if value == "na" else Answer(key, value) for key, value in values.items()
    }


@given(filled())
def test_every_score_stays_in_its_range(case):
    body, answers = case
    result = scored(body, answers)
    assert result.total is None or 0 <= result.total <= body["maximum"]
    parts = [*result.sections.values(), *result.pillars.values(), result.empathy]
    assert all(part is None or 0 <= part <= 100 for part in parts)


@given(filled(), st.sampled_from([0.001, 0.1, 3, 7.5, 100]))
def test_only_the_ratio_of_weights_matters(case, factor):
    body, answers = case
    before = scored(body, answers)
    for section in body["sections"]:
        section["weight"] *= factor
        for question in section["questions"]:
            question["weight"] *= factor
    after = scored(body, answers)
    assert after.total == pytest.approx(before.total)
    assert after.sections == pytest.approx(before.sections)


@given(filled())
@settings(max_examples=200)
def test_better_answer_never_lowers_the_total(case):
    body, answers = case
    assume(answers)
    form = Form.from_body(body)
    before = scored(body, answers)
    for key, answer in answers.items():
        question = form.questions[key]
        if answer.na:
            continue
        better = [
            option.key
            for option in question.options
            if option.value >= question.values[answer.value]
            and not (question.critical and option.key in question.critical.options)
        ]
        for choice in better:
            after = scored(body, {**answers, key: Answer(key, choice)})
            if before.total is not None and after.total is not None and not gained_a_section(before, after):
                assert after.total >= before.total


def gained_a_section(before, after):
    """A failed section that had no weight becomes undefined again; then the mean is over fewer sections."""
    return [each is None for each in before.sections.values()] != [
        each is None for each in after.sections.values()
    ]


@given(filled(rules=(), bonuses=(0,)))
def test_na_as_pass_never_scores_below_na_left_out(case):
    body, answers = case
    excluded = scored(body, answers)
    passed = scored({**body, "not_applicable": "pass"}, answers)
    for key, share in excluded.sections.items():
        assert share is None or passed.sections[key] >= share


@given(filled(rules=(), bonuses=(0,)))
def test_excluded_na_equals_leaving_the_question_out(case):
    body, answers = case
    kept = {key: answer for key, answer in answers.items() if not answer.na}
    assert scored(body, answers) == scored(body, kept)


@given(filled(rules=("fail_form",)))
def test_fail_form_critical_sets_total_zero_and_outcome_fail(case):
    result = scored(*case)
    if result.critical:
        assert (result.total, result.outcome) == (0.0, "fail")


@given(filled(rules=("flag",)))
def test_a_flag_changes_the_outcome_and_nothing_else(case):
    body, answers = case
    result = scored(body, answers)
    for section in body["sections"]:
        for question in section["questions"]:
            question.pop("critical", None)
    plain = scored(body, answers)
    assert (result.total, result.sections, result.empathy) == (plain.total, plain.sections, plain.empathy)
    assert result.outcome == ("fail" if result.critical else plain.outcome)


@given(filled(rules=(), bonuses=(0,)))
def test_full_marks_are_exactly_a_hundred(case):
    body, answers = case
    for section in body["sections"]:
        for question in section["questions"]:
            for option in question["options"]:
                option["value"] = 1
    result = scored(body, answers)
    assert result.total in {None, 100.0}
    assert set(result.sections.values()) <= {None, 100.0}


def test_total_weighs_sections_and_sections_weigh_questions():
    body = {
        "sections": [
            {"key": "a", "weight": 3, "questions": [yes_no("q1", weight=3), yes_no("q2", weight=1)]},
            {"key": "b", "weight": 1, "questions": [yes_no("q3")]},
        ]
    }
    result = scored(body, given_answers(q1="yes", q2="no", q3="no"))
    assert (result.sections, result.total) == ({"a": 75.0, "b": 0.0}, 56.25)


def test_a_section_without_answers_gives_its_weight_to_the_rest():
    body = {
        "sections": [
            {"key": "a", "weight": 3, "questions": [yes_no("q1")]},
            {"key": "b", "weight": 1, "questions": [yes_no("q2")]},
        ]
    }
    result = scored(body, given_answers(q1="na", q2="yes"))
    assert (result.sections, result.total) == ({"a": None, "b": 100.0}, 100.0)


def test_nothing_answered_has_no_total_no_band_and_no_outcome():
    body = one_section(yes_no("q"), pass_mark=70, bands=[{"name": "Coach", "from": 0}])
    result = scored(body, {})
    assert (result.total, result.band, result.outcome, result.empathy) == (None, None, None, None)


def test_an_abstained_answer_is_left_out():
    result = scored(one_section(yes_no("q1"), yes_no("q2")), given_answers(q1=None, q2="yes"))
    assert result.total == 100.0


def test_na_passes_when_the_scorecard_says_so():
    body = one_section(yes_no("q1"), yes_no("q2"), not_applicable="pass")
    assert scored(body, given_answers(q1="na", q2="no")).total == 50.0


def test_na_never_earns_a_bonus():
    body = one_section(yes_no("q1"), yes_no("q2", bonus=10), not_applicable="pass", maximum=110)
    assert scored(body, given_answers(q1="yes", q2="na")).total == 100.0


@pytest.mark.parametrize(("maximum", "total"), [(100, 100.0), (105, 105.0), (120, 110.0)])
def test_bonus_is_capped_by_the_maximum(maximum, total):
    body = one_section(yes_no("q1"), yes_no("q2", bonus=10), maximum=maximum)
    assert scored(body, given_answers(q1="yes", q2="yes")).total == total


def test_half_an_answer_earns_no_bonus():
    options = [{"key": "half", "value": 0.5}, {"key": "full", "value": 1}]
    bonus = {"key": "b", "text": "?", "kind": "scale", "bonus": 10, "options": options}
    body = one_section(yes_no("q"), bonus)
    assert scored(body, given_answers(q="no", b="half")).total == 0.0


def test_fail_section_critical_sets_only_its_section_to_zero():
    critical = {"rule": "fail_section", "area": "business"}
    body = {
        "sections": [
            {"key": "a", "questions": [yes_no("q1", critical=critical), yes_no("q2")]},
            {"key": "b", "questions": [yes_no("q3")]},
        ]
    }
    result = scored(body, given_answers(q1="no", q2="yes", q3="yes"))
    assert (result.sections, result.total, result.critical) == ({"a": 0.0, "b": 100.0}, 50.0, ("q1",))


def test_a_critical_question_that_is_na_does_not_fail():
    critical = {"rule": "fail_form", "area": "compliance"}
    result = scored(
        one_section(yes_no("q1", critical=critical), yes_no("q2")), given_answers(q1="na", q2="yes")
    )
    assert (result.total, result.critical) == (100.0, ())


def test_a_critical_question_that_is_not_shown_does_not_fail():
    critical = {"rule": "fail_form", "area": "compliance"}
    hidden = yes_no("q1", critical=critical, show_when={"channels": ["voice"]})
    result = scored(one_section(hidden, yes_no("q2")), given_answers(q1="no", q2="yes"), channel="chat")
    assert (result.total, result.shown) == (100.0, ("q2",))


def test_any_failing_selection_of_a_multi_question_is_critical():
    multi = {
        "key": "m",
        "text": "?",
        "kind": "multi",
        "options": [{"key": "fine"}, {"key": "rude"}],
        "critical": {"rule": "flag", "area": "customer", "options": ["rude"]},
    }
    assert scored(one_section(multi), given_answers(m=("fine", "rude"))).critical == ("m",)


def test_total_equal_to_pass_mark_passes_despite_float_rounding():
    options = [{"key": "a", "value": 0.7}, {"key": "b", "value": 0}]
    questions = [
        {"key": f"q{n}", "text": "?", "kind": "scale", "weight": 0.1, "options": options} for n in range(3)
    ]
    result = scored(one_section(*questions, pass_mark=70), given_answers(q0="a", q1="a", q2="a"))
    assert (result.total, result.outcome) == (70.0, "pass")


@pytest.mark.parametrize(("answer", "band"), [("yes", "Good"), ("no", "Coach")])
def test_the_band_is_the_highest_one_reached(answer, band):
    bands = [{"name": "Coach", "from": 0}, {"name": "Good", "from": 70}, {"name": "Ideal", "from": 101}]
    assert scored(one_section(yes_no("q"), bands=bands), given_answers(q=answer)).band == band


def test_empathy_is_the_weighted_mean_of_the_pillars_only():
    body = {
        "sections": [
            {"key": "a", "weight": 3, "pillar": "listen_validate", "questions": [yes_no("q1")]},
            {"key": "b", "weight": 1, "pillar": "acknowledge_own", "questions": [yes_no("q2")]},
            {"key": "c", "weight": 9, "questions": [yes_no("q3")]},
        ]
    }
    result = scored(body, given_answers(q1="yes", q2="no", q3="no"))
    assert result.empathy == 75.0
    assert result.pillars == {"listen_validate": 100.0, "acknowledge_own": 0.0}


@pytest.mark.parametrize(("number", "total"), [(0, 100.0), (4.9, 100.0), (5, 50.0), (1e9, 50.0), (-1, None)])
def test_numeric_bands_are_half_open(number, total):
    bands = [{"from": 0, "to": 5, "value": 1}, {"from": 5, "to": None, "value": 0.5}]
    numeric = {"key": "n", "text": "?", "kind": "numeric", "bands": bands}
    assert scored(one_section(numeric), given_answers(n=number)).total == total


def test_multi_scores_the_share_of_required_selections():
    multi = {
        "key": "m",
        "text": "?",
        "kind": "multi",
        "options": [{"key": key} for key in "abcd"],
        "required": ["a", "b", "c"],
    }
    assert scored(one_section(multi), given_answers(m=("a", "d"))).total == pytest.approx(100 / 3)


def test_a_question_is_shown_when_the_earlier_answer_matches():
    body = one_section(yes_no("q1"), yes_no("q2", show_when={"question": "q1", "options": ["no"]}))
    assert scored(body, given_answers(q1="no")).shown == ("q1", "q2")
    assert scored(body, given_answers(q1="yes")).shown == ("q1",)


@pytest.mark.parametrize("answer", ["na", None])
def test_a_question_is_hidden_when_the_earlier_one_is_not_answered(answer):
    body = one_section(yes_no("q1"), yes_no("q2", show_when={"question": "q1", "options": ["no"]}))
    assert scored(body, given_answers(q1=answer)).shown == ("q1",)


def test_question_conditional_on_a_hidden_question_is_hidden():
    body = one_section(
        yes_no("q1", show_when={"channels": ["voice"]}),
        yes_no("q2", show_when={"question": "q1", "options": ["yes"]}),
    )
    assert scored(body, given_answers(q1="yes", q2="yes"), channel="chat").shown == ()


def test_every_part_of_a_condition_has_to_match():
    body = one_section(yes_no("q", show_when={"channels": ["chat"], "intents": ["refund"]}))
    shown = {
        (channel, intent): bool(scored(body, {}, channel=channel, intent=intent).shown)
        for channel in ("chat", "email")
        for intent in ("refund", None)
    }
    assert [case for case, is_shown in shown.items() if is_shown] == [("chat", "refund")]
