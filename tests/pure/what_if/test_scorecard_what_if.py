"""What-if of a scorecard draft: mapping of stored answers, rescoring, comparison and headline sentence."""

import copy
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qm.what_if.answer_mapping import REASONS, FormMapping, StoredAnswer, incompatibility, rescore_answers
from qm.what_if.comparison import MAX_LISTED, ScorePair, compare_scores, mean_change
from qm.what_if.headline import NOTHING, headline
from qm.what_if.rescoring import RescoredEvaluation
from qm.what_if.scorecard_what_if import count_unanswerable
from scorecards.definitions.form import Form
from scorecards.scoring.scoring import FormScore, score

SHARES = st.sampled_from([0, 0.25, 0.5, 1])


@st.composite
def cards(draw):
    sections = []
    for row in range(draw(st.integers(1, 3))):
        questions = [
            {
                "key": f"q{row}_{column}",
                "text": "?",
                "kind": "scale",
                "na_allowed": draw(st.booleans()),
                "auto": "greets",
                "weight": draw(st.integers(0, 4)),
                "options": [{"key": str(place), "value": draw(SHARES)} for place in range(3)],
                "critical": draw(
                    st.sampled_from([None, {"rule": "fail_form", "area": "customer", "options": ["0"]}])
                ),
                "show_when": {"question": "q0_0", "options": ["1"]} if row and draw(st.booleans()) else None,
            }
            for column in range(draw(st.integers(1, 3)))
        ]
        sections.append({"key": f"s{row}", "weight": draw(st.integers(0, 4)), "questions": questions})
    bands = [{"name": "Good", "from": 70}, {"name": "Coach", "from": 0}]
    return {"sections": sections, "pass_mark": 70, "bands": bands}


@st.composite
def filled(draw):
    body = draw(cards())
    answers = {}
    for key, question in Form.from_body(body).questions.items():
        choice = draw(st.sampled_from([None, "abstained", "0", "1", "2", *(["na"] * question.na_allowed)]))
        if choice is not None:
            value = None if choice in {"abstained", "na"} else choice
            answers[key] = StoredAnswer(value, na=choice == "na")
    return body, answers


def rescored_with_draft(body, draft, answers, *, automatic=False):
    crossing = FormMapping.between(Form.from_body(body), Form.from_body(draft), automatic=automatic)
    return rescore_answers(crossing, answers, channel=None, intent=None)


def direct_score(body, answers):
    return score(Form.from_body(body), answers, channel=None, intent=None)


def pair(before, after, *, interaction=None, agent=None, marks=(None, None), bands=(None, None)):
    def scored(total, outcome, band):
        return FormScore(total, {"s": total}, {}, None, outcome, band, (), ())

    return ScorePair(
        interaction or uuid.uuid4(),
        agent,
        scored(before, marks[0], bands[0]),
        scored(after, marks[1], bands[1]),
    )


def card(**more):
    question = {"key": "hears", "text": "Heard?", "kind": "yes_no", **more}
    return {"sections": [{"key": "care", "questions": [question]}]}


# Carrying answers over -------------------------------------------------------------------------------


@given(filled(), st.booleans())
def test_the_same_scorecard_gives_the_same_score(case, automatic):
    body, answers = case
    assert rescored_with_draft(body, copy.deepcopy(body), answers, automatic=automatic).score == direct_score(
        body, answers
    )


@given(filled(), st.sampled_from([0.5, 3, 10]))
def test_scaled_weights_change_nothing(case, factor):
    body, answers = case
    draft = copy.deepcopy(body)
    for section in draft["sections"]:
        section["weight"] *= factor
        for question in section["questions"]:
            question["weight"] *= factor
    before, after = direct_score(body, answers), rescored_with_draft(body, draft, answers).score
    compared = compare_scores([ScorePair(uuid.uuid4(), None, before, after)])
    assert (compared.moved, after.outcome, after.band) == (0, before.outcome, before.band)
    assert after.total == pytest.approx(before.total)


@given(filled())
def test_new_question_is_reported_missing_and_not_scored(case):
    body, answers = case
    draft = copy.deepcopy(body)
    draft["sections"][0]["questions"].append({"key": "fresh", "text": "?", "kind": "yes_no", "weight": 9})
    found = rescored_with_draft(body, draft, answers)
    assert found.missing["fresh"] == "new"
    assert found.score.total == direct_score(body, answers).total


@given(filled())
def test_missing_questions_are_shown_and_were_not_answered(case):
    body, answers = case
    draft = copy.deepcopy(body)
    draft["sections"][-1]["questions"][0]["options"].append({"key": "3", "value": 1})
    found = rescored_with_draft(body, draft, answers)
    assert set(found.missing) <= set(found.score.shown)
    assert set(found.missing.values()) <= set(REASONS)
    used = set(answers) - {draft["sections"][-1]["questions"][0]["key"]}
    assert used.isdisjoint(found.missing)


@pytest.mark.parametrize(
    ("was", "now", "automatic", "reason"),
    [
        ({}, {"kind": "scale", "options": [{"key": "yes"}, {"key": "no"}]}, False, "kind_changed"),
        (
            {"kind": "single", "options": [{"key": "a"}]},
            {"kind": "single", "options": [{"key": "a"}, {"key": "b"}]},
            False,
            "options_changed",
        ),
        ({"auto": "greets"}, {"auto": "signs_off"}, True, "other_judgement"),
        ({"auto": "greets"}, {"auto": "signs_off"}, False, None),
        ({}, {"weight": 4, "text": "Listened?", "options": [{"key": "no", "value": 0.5}]}, False, None),
    ],
)
def test_answer_reuse_depends_on_kind_options_and_judgement_only(was, now, automatic, reason):
    earlier, later = (Form.from_body(card(**more)).questions["hears"] for more in (was, now))
    assert incompatibility(earlier, later, automatic=automatic) == reason


def test_an_na_that_is_no_longer_allowed_has_no_answer():
    found = rescored_with_draft(card(na_allowed=True), card(), {"hears": StoredAnswer(None, na=True)})
    assert found.missing == {"hears": "na_not_allowed"}


def test_a_number_beyond_the_new_ranges_has_no_answer():
    def numeric(end):
        return card(kind="numeric", bands=[{"from": 0, "to": end, "value": 1}])

    found = rescored_with_draft(numeric(10), numeric(5), {"hears": StoredAnswer(7, na=False)})
    assert (found.missing, found.score.total) == ({"hears": "no_range"}, None)


def test_previously_unanswered_question_is_missing_as_not_asked():
    assert rescored_with_draft(card(), card(), {}).missing == {"hears": "not_asked"}


def test_question_without_auto_is_not_missing_in_automatic_evaluations():
    assert rescored_with_draft(card(), card(), {}, automatic=True).missing == {}


def test_form_mapping_reports_removed_and_reworded_questions():
    earlier = Form.from_body(card(text="Heard?"))
    draft = {"sections": [{"key": "care", "questions": [{"key": "owns", "text": "?", "kind": "yes_no"}]}]}
    assert FormMapping.between(earlier, Form.from_body(draft), automatic=False).removed == ("hears",)
    reworded = Form.from_body(card(text="Listened?"))
    assert FormMapping.between(earlier, reworded, automatic=False).reworded == ("hears",)


def test_unanswerable_counts_by_question_reason_and_interaction():
    one = uuid.uuid4()
    cases = [
        RescoredEvaluation("human", pair(1, 2, interaction=one), {"a": "new"}),
        RescoredEvaluation("automatic", pair(1, 2, interaction=one), {"a": "kind_changed"}),
        RescoredEvaluation("automatic", pair(1, 2), {}),
    ]
    found = count_unanswerable(cases)
    assert (found["evaluations"], found["interactions"]) == (2, 1)
    (question,) = found["questions"]
    assert (question["question"], question["evaluations"], question["interactions"]) == ("a", 2, 1)
    assert [(each["code"], each["evaluations"]) for each in question["reasons"]] == [
        ("new", 1),
        ("kind_changed", 1),
    ]


# Comparing -------------------------------------------------------------------------------------------


@given(st.lists(st.floats(0, 100), min_size=2, max_size=30), st.floats(-50, 50))
def test_constant_shift_has_zero_width_interval(totals, shift):
    found = mean_change((place, total, total + shift) for place, total in enumerate(totals))
    assert found.difference == pytest.approx(shift, abs=1e-9)
    assert found.high - found.low == pytest.approx(0, abs=1e-6)


@given(st.lists(st.tuples(st.floats(0, 100), st.floats(0, 100)), min_size=2, max_size=30))
def test_swapping_before_and_after_negates_the_change(values):
    there = mean_change((place, *ends) for place, ends in enumerate(values))
    back = mean_change((place, now, was) for place, (was, now) in enumerate(values))
    assert there.difference == pytest.approx(-back.difference)
    assert (there.low, there.high) == pytest.approx((-back.high, -back.low))
    assert there.after - there.before == pytest.approx(there.difference, abs=1e-9)


def test_evaluations_of_one_interaction_do_not_make_the_interval_narrower():
    ones = [(place, 70.0, 70.0 + place) for place in range(6)]
    single, doubled = mean_change(ones), mean_change([*ones, *ones])
    assert (doubled.low, doubled.high) == pytest.approx((single.low, single.high))


def test_change_of_a_single_interaction_has_no_interval():
    found = mean_change([(1, 70.0, 60.0), (1, 80.0, 70.0)])
    assert (found.difference, found.low, found.high) == (-10.0, None, None)


def test_totals_defined_only_before_or_after_are_counted_as_gained_or_lost():
    found = mean_change([(1, None, 60.0), (2, 80.0, None), (3, 50.0, 60.0), (4, None, None)])
    assert (found.n, found.gained, found.lost, found.before, found.after) == (1, 1, 1, 50.0, 60.0)


@given(st.lists(st.tuples(st.sampled_from("AB"), st.sampled_from("ABC")), max_size=40))
def test_band_transition_counts_sum_to_all_evaluations(moves):
    found = compare_scores([pair(1, 2, bands=bands) for bands in moves])
    assert sum(move.count for move in found.bands) == len(moves)
    assert all((move.before, move.after) in moves for move in found.bands)


def test_outcome_flips_count_all_and_list_at_most_50_distinct_interactions():
    twice = uuid.uuid4()
    flipped = [pair(80, 60, interaction=twice, marks=("pass", "fail")) for _ in range(2)]
    flipped += [pair(80, 60, marks=("pass", "fail")) for _ in range(60)]
    found = compare_scores(flipped)
    assert (found.pass_to_fail.count, len(found.pass_to_fail.interactions)) == (62, MAX_LISTED)
    assert len(set(found.pass_to_fail.interactions)) == MAX_LISTED
    assert found.pass_to_fail.interactions[0] == twice
    assert (found.fail_to_pass.count, found.pass_share.difference) == (0, -100.0)


def test_agents_are_sorted_by_change_and_need_five_evaluations():
    pairs = [pair(80, 70, agent="much") for _ in range(5)]
    pairs += [pair(80, 82, agent="little") for _ in range(5)]
    pairs += [pair(80, 80, agent="not") for _ in range(5)]
    pairs += [pair(80, 0, agent="few") for _ in range(4)]
    assert list(compare_scores(pairs).agents) == ["much", "little"]


# The sentence ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pairs", "incomplete", "sentence"),
    [
        ([], 0, NOTHING),
        ([pair(80, 80)], 0, "No total, outcome or band of 1 human evaluation would change."),
        (
            [pair(80, 70, marks=("pass", "fail")), pair(70, 62)],
            1,
            (
                "The mean total of 2 human evaluations shows no clear move, from 75.00 to 66.00 (95 % "
                "interval of the difference -21.71 to +3.71); 1 would fail that passed, and 0 pass that "
                "failed; 1 of them lacks an answer that it asks for."
            ),
        ),
        (
            [pair(80, 70), pair(70, 60)],
            2,
            (
                "The mean total of 2 human evaluations would fall by 10.00 points from 75.00 to 65.00 (95 % "
                "interval of the difference -10.00 to -10.00); no outcome would flip; 2 of them lack an "
                "answer that it asks for."
            ),
        ),
        (
            [pair(80, 80, marks=("pass", "fail")), pair(70, 70)],
            0,
            (
                "The mean total of 2 human evaluations would stay at 75.00; 1 would fail that passed, and 0 "
                "pass that failed."
            ),
        ),
        (
            [pair(60, 70)],
            0,
            "The mean total of 1 human evaluation would move from 60.00 to 70.00; no outcome would flip.",
        ),
        (
            [pair(None, 70)],
            0,
            "None of 1 human evaluation has a total both before and after; no outcome would flip.",
        ),
    ],
)
def test_headline_sentence_matches_the_comparison(pairs, incomplete, sentence):
    assert headline(compare_scores(pairs), kind="human", incomplete=incomplete) == sentence
