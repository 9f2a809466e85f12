"""What-if: changes between the answers before and after a re-evaluation, checked against hand counts."""

import uuid

from qm.what_if.answer_changes import MAX_CHANGED, RejudgedInteraction, most_changed, question_changes
from qm.what_if.comparison import ScorePair
from scorecards.autoscore.answer_policy import AutomaticAnswer
from scorecards.definitions.form import Option, Question
from scorecards.scoring.scoring import FormScore

FIVE = tuple(Option(str(each), str(each), each / 4) for each in range(5))
WARMTH = Question("warmth", "How warm?", "scale", options=FIVE, na_allowed=True)


def answer(value, confidence=0.8):
    """Return an answer; None abstains, n/a does not apply."""
    return AutomaticAnswer(
        question="warmth",
        value=None if value in {None, "n/a"} else value,
        na=value == "n/a",
        confidence=confidence if value is not None else 0.0,
        evidence=(),
        reason="",
        clause=None,
        abstained=value is None,
    )


def total(points):
    return FormScore(points, {}, {}, None, None, None, (), ())


def rejudged(before, after, person=None, points=(50.0, 50.0), scorecard="care"):
    number = uuid.uuid4()
    return RejudgedInteraction(
        pair=ScorePair(number, "a-7", total(points[0]), total(points[1])),
        external_id=str(number),
        scorecard=scorecard,
        questions={"warmth": WARMTH},
        before={"warmth": answer(before)} if before != "not asked" else {},
        after={"warmth": answer(after)} if after != "not asked" else {},
        human={} if person is None else {"warmth": person},
    )


def only(cases):
    (found,) = question_changes(cases)
    return found


def test_answer_changes_include_transitions_to_and_from_no_answer():
    found = only(
        [
            rejudged("1", "2"),
            rejudged("1", "2"),
            rejudged(None, "2"),
            rejudged("2", "2"),
            rejudged("n/a", "not asked"),
        ]
    )

    assert (found.asked, found.answered_before, found.answered_after, found.changed) == (5, 4, 4, 4)
    assert [(each.before, each.after, each.count) for each in found.moves] == [
        ("1", "2", 2),
        (None, "2", 1),
        ("n/a", None, 1),
    ]


def test_share_of_changed_answers_has_wilson_interval():
    found = only([rejudged("1", "2")] * 5 + [rejudged("2", "2")] * 5)

    assert [round(each, 1) for each in (found.share.low, found.share.estimate, found.share.high)] == [
        23.7,
        50.0,
        76.3,
    ]


def test_agreement_uses_only_reviewed_answers_present_before_and_after():
    """Near answers of a scale do not contradict each other; N/A against a value does."""
    found = only(
        [
            rejudged("0", "4", person="4"),
            rejudged("3", "3", person="4"),
            rejudged("4", "n/a", person="4"),
            rejudged(None, "4", person="4"),
            rejudged("0", "4"),
        ]
    ).agreement

    assert (found.n, round(found.before, 1), round(found.after, 1), found.gained) == (3, 66.7, 66.7, 1)


def test_human_answers_with_removed_options_are_excluded_from_agreement():
    assert only([rejudged("0", "4", person="splendid")]).agreement.n == 0


def test_mean_confidence_uses_only_answers_present_before_and_after():
    found = only([rejudged("0", "4"), rejudged(None, "4"), rejudged("1", None)]).confidence

    assert (found.n, found.before, found.gained, found.lost) == (1, 0.8, 1, 1)


def test_the_same_key_on_two_scorecards_is_two_questions():
    found = question_changes([rejudged("1", "1"), rejudged("1", "2", scorecard="calls")])

    assert [(each.scorecard, each.changed) for each in found] == [("calls", 1), ("care", 0)]


def test_most_changed_are_sorted_by_size_and_exclude_unchanged():
    small, large = rejudged("1", "1", points=(50, 51)), rejudged("1", "2", points=(50, 20))
    answers = rejudged("1", "2", points=(50, 50))
    found = most_changed([rejudged("1", "1"), answers, small, large])

    assert [each.interaction_id for each in found] == [
        each.pair.interaction_id for each in (large, small, answers)
    ]
    assert len(most_changed([large] * 99)) == MAX_CHANGED
