"""The figures of any board: in their ranges, the same in any order, never an error for what is missing."""

import uuid
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qm.calibration.board import MACHINE, Board, BoardItem, Rater, ratings_of
from qm.calibration.deviations import deviation, severity_by_rater, side_difference
from qm.calibration.disputes import most_disputed, unclear_questions
from qm.calibration.finding import finding, finding_note
from qm.calibration.question_agreement import overall_agreement, question_agreement
from scorecards.definitions.form import Form
from scorecards.scoring.scoring import score
from tests.pure.calibration.scripted_reviewers import Answer

FORM = Form.from_body(
    {
        "key": "care",
        "sections": [
            {
                "key": "care",
                "questions": [
                    {"key": "hears", "text": "Heard?", "kind": "yes_no", "na_allowed": True},
                    {
                        "key": "tone",
                        "text": "How warm?",
                        "kind": "scale",
                        "na_allowed": True,
                        "options": [{"key": str(n), "label": str(n), "value": n / 2} for n in range(3)],
                    },
                    {
                        "key": "waits",
                        "text": "How long?",
                        "kind": "numeric",
                        "bands": [{"to": 5, "value": 1}, {"from": 5, "value": 0}],
                    },
                ],
            }
        ],
    }
)


def body(question, value):
    return {"question": question, "value": None if value == "n/a" else value, "na": value == "n/a"}


answers = st.fixed_dictionaries(
    {
        "hears": st.sampled_from(["yes", "no", "n/a"]),
        "tone": st.sampled_from(["0", "1", "2", "n/a"]),
        "waits": st.sampled_from([1.0, 9.0]),
    }
)


def points(given_answers):
    found = {
        key: Answer(key, None if value == "n/a" else value, value == "n/a")
        for key, value in given_answers.items()
    }
    return score(FORM, found, channel="chat", intent=None).total


@st.composite
def boards(draw):
    people, items = draw(st.integers(1, 5)), draw(st.integers(1, 6))
    sides = draw(st.lists(st.sampled_from(["provider", "client"]), min_size=people, max_size=people))
    raters = [Rater(number, uuid.uuid4(), f"R{number}", side) for number, side in enumerate(sides, 1)]
    raters.append(Rater(MACHINE, None, "Machine", "machine"))
    cells = {
        (item, rater.number): draw(st.none() | answers) for item in range(1, items + 1) for rater in raters
    }
    known = {key: each for key, each in cells.items() if each is not None}
    return Board(
        drawn=items,
        items=[
            BoardItem(number, uuid.uuid4(), f"T-{number}", uuid.uuid4(), 1, FORM, changed=False)
            for number in range(1, items + 1)
        ],
        raters=raters,
        answers={key: {q: body(q, value) for q, value in each.items()} for key, each in known.items()},
        scores={key: {"score": points(each)} for key, each in known.items()},
        experts=draw(st.sampled_from([(), (1,)])),
        reference=draw(st.sampled_from(["consensus", "none"])),
    )


def figures(board):
    questions = ratings_of(board)
    each = [(one.question.text, question_agreement(one, board.people)) for one in questions]
    overall = overall_agreement(board, questions, board.people)
    return {
        "agreement": [agreement.figures() for _, agreement in each],
        "overall": overall.figures(),
        "deviations": {
            (rater.number, one.question.key): deviation(board, one, rater)
            for one in questions
            for rater in board.raters
        },
        "severity": severity_by_rater(board),
        "sides": side_difference(board),
        "disputed": [(one.item, one.ratings.question.key) for one in most_disputed(board, questions)],
        "unclear": [(one.ratings.question.key, one.reasons) for one in unclear_questions(board, questions)],
        "finding": (finding(overall, each), finding_note(overall, each)),
    }


@settings(max_examples=60, deadline=None)
@given(boards())
def test_figures_of_any_board_are_in_their_ranges_and_the_same_in_any_order(board):
    found = figures(board)

    for each in (*found["agreement"], found["overall"]):
        assert each["percent"] is None or 0 <= each["percent"] <= 100
        for name in ("alpha", "ac1"):
            if each[name] is not None:
                assert each[f"{name}_low"] <= each[name] + 1e-9 <= each[f"{name}_high"] + 2e-9
                assert each[name] <= 1 + 1e-9
    assert all(one.mean is None or -100 <= one.mean <= 100 for one in found["deviations"].values())
    turned = figures(replace(board, raters=board.raters[::-1], answers=dict(reversed(board.answers.items()))))
    assert turned["disputed"] == found["disputed"]
    assert turned["unclear"] == found["unclear"]
    assert turned["finding"] == found["finding"]
    for one, other in zip(turned["agreement"], found["agreement"], strict=True):
        assert one == pytest.approx(other, nan_ok=True)
    for number, severity in found["severity"].items():
        assert turned["severity"][number].interval.estimate == pytest.approx(severity.interval.estimate)


def board_of(people, answer):
    """Return a board of twelve items; `answer` gives the answers of a rater to an item."""
    raters = [Rater(number, uuid.uuid4(), f"R{number}", "provider") for number in range(1, people + 1)]
    items = [
        BoardItem(number, uuid.uuid4(), f"T-{number}", uuid.uuid4(), 1, FORM, changed=False)
        for number in range(1, 13)
    ]
    cells = {
        (item, rater): {key: body(key, value) for key, value in answer(item, rater).items()}
        for item in range(1, 13)
        for rater in range(1, people + 1)
    }
    return Board(drawn=12, items=items, raters=raters, answers=cells, scores={})


def test_one_person_apart_is_named_and_their_question_comes_last():
    """Four agree and one does not: that is no fault of the wording."""

    def answer(item, rater):
        hears = "yes" if (item % 2 == 0) != (rater == 5) else "no"
        return {"hears": hears, "tone": str((item + rater) % 3), "waits": 1.0}

    board = board_of(5, answer)

    first, last = unclear_questions(board, ratings_of(board))

    assert (first.ratings.question.key, first.apart) == ("tone", None)
    assert (last.ratings.question.key, last.apart) == ("hears", 5)
    assert "one_person" in last.reasons


def test_where_nearly_all_answers_are_the_same_nobody_is_told_to_reword():
    """One of 36 answers differs: alpha is about 0, AC1 above 0.9, and neither shows what people mean."""

    def answer(item, rater):
        hears = "no" if (item, rater) == (3, 2) else "yes"
        return {"hears": hears, "tone": str((item * rater) % 3), "waits": 1.0}

    board = board_of(3, answer)
    ratings = ratings_of(board)
    agreed = {each.question.key: question_agreement(each, board.people) for each in ratings}
    assert agreed["hears"].alpha.estimate == pytest.approx(0, abs=0.01)
    assert agreed["hears"].ac1.estimate > 0.9

    first, last = unclear_questions(board, ratings)

    assert (first.ratings.question.key, first.reasons) == ("tone", ("low_agreement",))
    assert (last.ratings.question.key, last.reasons) == ("hears", ("skewed",))
    texts = [(each.question.text, agreed[each.question.key]) for each in ratings]
    overall = overall_agreement(board, ratings, board.people)
    assert finding(overall, texts) == "“How warm?” is not yet shared language"
    assert "Of one question nearly all answers are the same" in finding_note(overall, texts)
    assert "One question falls below 0.667" in finding_note(overall, texts)
