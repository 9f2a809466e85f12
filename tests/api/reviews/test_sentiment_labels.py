"""Reviewers name feelings turn by turn: saved, checked, kept with the evaluation, shown back."""

import pytest

from tests.api.review_api import GOOD, pointers

SAD = [{"turn": 0, "feeling": "negative"}]


@pytest.fixture
def held(desk):
    """A review that its reviewer holds: the customer speaks in turn 0, the agent in turn 1."""
    review = desk.drawn()
    reviewer = desk.reviewer()
    reviewer.post("/v1/reviews/next")
    return reviewer, f"/v1/reviews/{review.review_id}"


def test_feelings_are_submitted_with_the_answers_and_kept_with_the_evaluation(held):
    reviewer, path = held
    done = reviewer.post(f"{path}/submit", json={"answers": GOOD, "sentiment": SAD})

    assert done.status_code == 200, done.json
    assert done.json["evaluation"]["findings"] == {"sentiment_labels": SAD}
    assert done.json["sentiment"] == []
    shown = reviewer.get(f"/v1/evaluations/{done.json['evaluation']['id']}").json
    assert shown["findings"]["sentiment_labels"] == SAD


def test_feelings_are_saved_with_the_draft_shown_back_and_submitted_with_it(held):
    reviewer, path = held
    saved = reviewer.put(f"{path}/draft", json={"answers": GOOD, "sentiment": SAD})
    read = reviewer.get(path)
    done = reviewer.post(f"{path}/submit")

    assert saved.json["sentiment"] == read.json["sentiment"] == SAD
    assert done.json["evaluation"]["findings"]["sentiment_labels"] == SAD


def test_a_draft_replaces_what_was_saved_before_feelings_too(held):
    reviewer, path = held
    reviewer.put(f"{path}/draft", json={"answers": GOOD, "sentiment": SAD})
    reviewer.put(f"{path}/draft", json={"answers": GOOD})

    assert reviewer.get(path).json["sentiment"] == []


def test_feelings_of_the_submission_come_before_those_of_the_draft(held):
    reviewer, path = held
    reviewer.put(f"{path}/draft", json={"answers": GOOD, "sentiment": SAD})
    glad = [{"turn": 0, "feeling": "positive"}]
    done = reviewer.post(f"{path}/submit", json={"sentiment": glad})

    assert done.json["evaluation"]["findings"]["sentiment_labels"] == glad


def test_without_feelings_nothing_is_kept_of_them(held):
    reviewer, path = held
    done = reviewer.post(f"{path}/submit", json={"answers": GOOD})

    assert done.json["evaluation"]["findings"] == {}


def test_every_fault_is_named_at_once_beside_those_of_the_answers(held):
    reviewer, path = held
    done = reviewer.post(
        f"{path}/submit",
        json={
            "answers": GOOD[:2],
            "sentiment": [
                {"turn": 1, "feeling": "neutral"},
                {"turn": 7, "feeling": "neutral"},
                {"turn": 0, "feeling": "neutral"},
                {"turn": 0, "feeling": "positive"},
            ],
        },
    )

    assert done.status_code == 422
    assert pointers(done) == [
        ("/answers", "missing_answer"),
        ("/sentiment/0/turn", "not_the_customer"),
        ("/sentiment/1/turn", "no_such_turn"),
        ("/sentiment/3/turn", "duplicate_turn"),
    ]


def test_faults_of_shape_and_of_place_are_named_at_once(held):
    reviewer, path = held
    done = reviewer.post(
        f"{path}/submit",
        json={
            "answers": [{"question": "hears", "value": True}, *GOOD[1:]],
            "sentiment": [
                {"turn": 1, "feeling": "furious"},
                {"turn": 1, "feeling": "neutral"},
                {"turn": "0", "feeling": "neutral"},
                7,
                {"turn": 7},
            ],
        },
    )

    assert done.status_code == 422
    assert set(pointers(done)) == {
        ("/answers/0/value", "wrong_type"),
        ("/sentiment/0/feeling", "not_allowed"),
        ("/sentiment/0/turn", "not_the_customer"),
        ("/sentiment/1/turn", "duplicate_turn"),
        ("/sentiment/1/turn", "not_the_customer"),
        ("/sentiment/2/turn", "wrong_type"),
        ("/sentiment/3", "wrong_type"),
        ("/sentiment/4/feeling", "required"),
        ("/sentiment/4/turn", "no_such_turn"),
    }


def test_feelings_out_of_shape_do_not_hide_what_is_wrong_with_the_answers(held):
    reviewer, path = held
    body = {"answers": GOOD[:2], "sentiment": [{"turn": 0, "feeling": "furious"}]}
    done = reviewer.post(f"{path}/submit", json=body)

    assert pointers(done) == [("/answers", "missing_answer"), ("/sentiment/0/feeling", "not_allowed")]


def test_a_draft_names_repeats_and_what_is_out_of_shape_at_once(held):
    reviewer, path = held
    again = [{"turn": 0, "feeling": "neutral"}, {"turn": 0, "feeling": "furious"}]
    saved = reviewer.put(f"{path}/draft", json={"answers": [GOOD[0], GOOD[0]], "sentiment": again})

    assert set(pointers(saved)) == {
        ("/answers/1/question", "duplicate_answer"),
        ("/sentiment/1/feeling", "not_allowed"),
        ("/sentiment/1/turn", "duplicate_turn"),
    }
    assert reviewer.get(path).json["answers"] == []


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ({"answers": GOOD, "sentiment": {}}, ("/sentiment", "wrong_type")),
        ({"answers": GOOD, "sentiment": [SAD[0]] * 2001}, ("/sentiment", "too_long")),
        ({"answers": 7}, ("/answers", "wrong_type")),
        ({"answers": [], "sentiment": None}, ("/sentiment", "null")),
        ({"sentiment": []}, ("/answers", "required")),
    ],
)
def test_a_list_that_is_none_is_named_as_a_whole(held, body, fault):
    reviewer, path = held
    assert fault in pointers(reviewer.put(f"{path}/draft", json=body))


@pytest.mark.parametrize(
    ("label", "fault"),
    [
        ({"turn": 0, "feeling": "furious"}, ("/sentiment/0/feeling", "not_allowed")),
        ({"turn": 0}, ("/sentiment/0/feeling", "required")),
        ({"feeling": "neutral"}, ("/sentiment/0/turn", "required")),
        ({"turn": -1, "feeling": "neutral"}, ("/sentiment/0/turn", "out_of_range")),
        ({"turn": "0", "feeling": "neutral"}, ("/sentiment/0/turn", "wrong_type")),
    ],
)
def test_a_label_of_the_wrong_shape_is_refused_in_a_draft_already(held, label, fault):
    reviewer, path = held
    answer = reviewer.put(f"{path}/draft", json={"answers": [], "sentiment": [label]})

    assert (answer.status_code, pointers(answer)) == (422, [fault])


def test_a_review_that_is_given_back_keeps_no_feelings(held):
    reviewer, path = held
    reviewer.put(f"{path}/draft", json={"answers": [], "sentiment": SAD})
    reviewer.post(f"{path}/release")

    assert reviewer.get(path).json["sentiment"] == []
