"""What-if: what becomes of answers when a conversation is judged twice, counted by hand."""

import uuid

from qm.what_if.answer_changes import MOST_CHANGED, Again, most_changed, question_changes
from qm.what_if.comparison import Pair
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


def again(before, after, person=None, points=(50.0, 50.0), scorecard="care"):
    number = uuid.uuid4()
    return Again(
        pair=Pair(number, "a-7", total(points[0]), total(points[1])),
        external_id=str(number),
        scorecard=scorecard,
        questions={"warmth": WARMTH},
        before={"warmth": answer(before)} if before != "not asked" else {},
        after={"warmth": answer(after)} if after != "not asked" else {},
        people={} if person is None else {"warmth": person},
    )


def only(cases):
    (found,) = question_changes(cases)
    return found


def test_changes_are_counted_with_those_to_and_from_no_answer():
    found = only(
        [again("1", "2"), again("1", "2"), again(None, "2"), again("2", "2"), again("n/a", "not asked")]
    )

    assert (found.asked, found.answered_before, found.answered_after, found.changed) == (5, 4, 4, 4)
    assert [(each.before, each.after, each.count) for each in found.moves] == [
        ("1", "2", 2),
        (None, "2", 1),
        ("n/a", None, 1),
    ]


def test_the_share_of_changes_has_wilson_s_interval():
    found = only([again("1", "2")] * 5 + [again("2", "2")] * 5)

    assert [round(each, 1) for each in (found.share.low, found.share.estimate, found.share.high)] == [
        23.7,
        50.0,
        76.3,
    ]


def test_agreement_is_over_reviewed_answers_that_both_gave():
    """Near answers of a scale do not contradict each other; N/A against a value does."""
    found = only(
        [
            again("0", "4", person="4"),
            again("3", "3", person="4"),
            again("4", "n/a", person="4"),
            again(None, "4", person="4"),
            again("0", "4"),
        ]
    ).agreement

    assert (found.n, round(found.before, 1), round(found.after, 1), found.gained) == (3, 66.7, 66.7, 1)


def test_what_people_answered_by_options_that_are_gone_is_no_disagreement():
    assert only([again("0", "4", person="splendid")]).agreement.n == 0


def test_confidence_is_over_answers_that_both_gave():
    found = only([again("0", "4"), again(None, "4"), again("1", None)]).confidence

    assert (found.n, found.before, found.gained, found.lost) == (1, 0.8, 1, 1)


def test_the_same_key_on_two_scorecards_is_two_questions():
    found = question_changes([again("1", "1"), again("1", "2", scorecard="calls")])

    assert [(each.scorecard, each.changed) for each in found] == [("calls", 1), ("care", 0)]


def test_what_moves_most_comes_first_and_what_does_not_move_not_at_all():
    small, large = again("1", "1", points=(50, 51)), again("1", "2", points=(50, 20))
    answers = again("1", "2", points=(50, 50))
    found = most_changed([again("1", "1"), answers, small, large])

    assert [each.interaction_id for each in found] == [
        each.pair.interaction_id for each in (large, small, answers)
    ]
    assert len(most_changed([large] * 99)) == MOST_CHANGED
