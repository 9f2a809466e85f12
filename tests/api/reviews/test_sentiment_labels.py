"""Sentiment labels of customer turns in reviews: drafted, validated, stored with the evaluation, returned."""

import pytest

from tests.api.review_api import GOOD, pointers

SAD = [{"turn": 0, "feeling": "negative"}]


@pytest.fixture
def claimed_review(review_fixture):
    """A review that its reviewer holds: the customer speaks in turn 0, the agent in turn 1."""
    review = review_fixture.drawn()
    reviewer = review_fixture.reviewer()
    reviewer.post("/v1/reviews/next")
    return reviewer, f"/v1/reviews/{review.review_id}"


def test_submission_stores_sentiment_labels_in_evaluation(claimed_review):
    reviewer, path = claimed_review
    done = reviewer.post(f"{path}/submit", json={"answers": GOOD, "sentiment": SAD})

    assert done.status_code == 200, done.json
    assert done.json["evaluation"]["findings"] == {"sentiment_labels": SAD}
    assert done.json["sentiment"] == []
    shown = reviewer.get(f"/v1/evaluations/{done.json['evaluation']['id']}").json
    assert shown["findings"]["sentiment_labels"] == SAD


def test_draft_sentiment_labels_are_returned_and_submitted(claimed_review):
    reviewer, path = claimed_review
    saved = reviewer.put(f"{path}/draft", json={"answers": GOOD, "sentiment": SAD})
    read = reviewer.get(path)
    done = reviewer.post(f"{path}/submit")

    assert saved.json["sentiment"] == read.json["sentiment"] == SAD
    assert done.json["evaluation"]["findings"]["sentiment_labels"] == SAD


def test_draft_without_sentiment_clears_saved_labels(claimed_review):
    reviewer, path = claimed_review
    reviewer.put(f"{path}/draft", json={"answers": GOOD, "sentiment": SAD})
    reviewer.put(f"{path}/draft", json={"answers": GOOD})

    assert reviewer.get(path).json["sentiment"] == []


def test_submission_sentiment_labels_override_draft_labels(claimed_review):
    reviewer, path = claimed_review
    reviewer.put(f"{path}/draft", json={"answers": GOOD, "sentiment": SAD})
    glad = [{"turn": 0, "feeling": "positive"}]
    done = reviewer.post(f"{path}/submit", json={"sentiment": glad})

    assert done.json["evaluation"]["findings"]["sentiment_labels"] == glad


def test_submission_without_sentiment_stores_no_labels(claimed_review):
    reviewer, path = claimed_review
    done = reviewer.post(f"{path}/submit", json={"answers": GOOD})

    assert done.json["evaluation"]["findings"] == {}


def test_submission_reports_sentiment_and_answer_errors_together(claimed_review):
    reviewer, path = claimed_review
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


def test_submission_reports_schema_and_turn_errors_together(claimed_review):
    reviewer, path = claimed_review
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


@pytest.mark.parametrize(("method", "step"), [("put", "draft"), ("post", "submit")])
def test_unknown_field_hides_no_error_of_answers_or_labels(claimed_review, method, step):
    reviewer, path = claimed_review
    body = {
        "answers": [{"question": "hears", "value": True, "colour": "red"}, 7],
        "sentiment": [{"turn": 0, "feeling": "neutral"}, {"turn": "0", "feeling": "furious"}],
        "colour": "red",
    }

    assert set(pointers(getattr(reviewer, method)(f"{path}/{step}", json=body))) == {
        ("/colour", "unknown_field"),
        ("/answers/0/colour", "unknown_field"),
        ("/answers/0/value", "wrong_type"),
        ("/answers/1", "wrong_type"),
        ("/sentiment/1/feeling", "not_allowed"),
        ("/sentiment/1/turn", "wrong_type"),
    }


@pytest.mark.parametrize("step", ["skip", "reassign"])
def test_other_steps_name_an_unknown_field_and_what_is_missing(claimed_review, step):
    reviewer, path = claimed_review
    wanted = {"skip": "/reason", "reassign": "/user"}[step]

    assert set(pointers(reviewer.post(f"{path}/{step}", json={"colour": "red"}))) == {
        ("/colour", "unknown_field"),
        (wanted, "required"),
    }


def test_next_review_names_an_unknown_field_and_a_wrong_client(claimed_review):
    reviewer, _ = claimed_review

    assert set(pointers(reviewer.post("/v1/reviews/next", json={"client": "a\x00", "colour": 1}))) == {
        ("/colour", "unknown_field"),
        ("/client", "unclean_text"),
    }


def test_malformed_sentiment_labels_do_not_hide_answer_errors(claimed_review):
    reviewer, path = claimed_review
    body = {"answers": GOOD[:2], "sentiment": [{"turn": 0, "feeling": "furious"}]}
    done = reviewer.post(f"{path}/submit", json=body)

    assert pointers(done) == [("/answers", "missing_answer"), ("/sentiment/0/feeling", "not_allowed")]


def test_draft_reports_duplicate_and_schema_errors_together(claimed_review):
    reviewer, path = claimed_review
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
def test_draft_rejects_invalid_answer_or_sentiment_list(claimed_review, body, fault):
    reviewer, path = claimed_review
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
def test_draft_rejects_malformed_sentiment_label(claimed_review, label, fault):
    reviewer, path = claimed_review
    answer = reviewer.put(f"{path}/draft", json={"answers": [], "sentiment": [label]})

    assert (answer.status_code, pointers(answer)) == (422, [fault])


def test_released_review_drops_draft_sentiment_labels(claimed_review):
    reviewer, path = claimed_review
    reviewer.put(f"{path}/draft", json={"answers": [], "sentiment": SAD})
    reviewer.post(f"{path}/release")

    assert reviewer.get(path).json["sentiment"] == []
