from threading import Barrier

import pytest
from sqlalchemy import select, update

from qm.interactions.models import Interaction
from qm.reviews.models import Evaluation
from scorecards.authoring import template_library
from scorecards.definitions.form import Form
from tenants.models import AuditEntry
from tests.api.review_api import GOOD, PLACE, TURNS, ReviewFixture, fresh, pointers, run_together


def test_review_lifecycle_from_claim_through_draft_to_submission(review_fixture):
    review = review_fixture.drawn("northwind", "sla_breach")
    reviewer = review_fixture.reviewer()

    claimed = reviewer.post("/v1/reviews/next")
    assert claimed.status_code == 200, claimed.json
    assert claimed.json["id"] == str(review.review_id)
    assert claimed.json["state"] == "claimed"
    assert claimed.json["reviewer"]["id"] == str(reviewer.user.user_id)
    assert claimed.json["scorecard"]["key"] == "care"
    assert claimed.json["turns"][0]["text"] == "Where is my order?"
    assert claimed.json["interaction"]["agent"] == {"external_id": "a-7", "name": "Ada"}

    path = f"/v1/reviews/{review.review_id}"
    saved = reviewer.put(
        f"{path}/draft", json={"answers": GOOD[:1]}, headers={"If-Match": claimed.headers["ETag"]}
    )
    assert saved.status_code == 200, saved.json
    read = reviewer.get(path)
    assert [answer["question"] for answer in read.json["answers"]] == ["hears"]
    assert read.headers["ETag"] == saved.headers["ETag"]

    done = reviewer.post(
        f"{path}/submit", json={"answers": GOOD}, headers={"If-Match": saved.headers["ETag"]}
    )
    assert done.status_code == 200, done.json
    assert done.json["state"] == "submitted"
    evaluation = done.json["evaluation"]
    assert evaluation["kind"] == "human"
    assert evaluation["score"] == 75.0
    assert evaluation["sections"] == {"listen_validate": 100.0, "process": 0.0}
    assert evaluation["pillars"]["listen_validate"] == evaluation["empathy"] == 100.0
    assert (evaluation["outcome"], evaluation["band"]) == ("pass", "Good")
    pinned = evaluation["versions"]["scorecard"]
    assert pinned == [{"id": evaluation["scorecard_id"], "key": "care", "version": 1}]


def test_a_submitted_review_is_in_the_audit_log(review_fixture):
    review = review_fixture.drawn()
    reviewer = review_fixture.reviewer()
    reviewer.post("/v1/reviews/next")
    reviewer.post(f"/v1/reviews/{review.review_id}/submit", json={"answers": GOOD})

    with review_fixture.provider.session() as session:
        noted = session.scalars(
            select(AuditEntry).where(AuditEntry.action.like("review.%")).order_by(AuditEntry.number)
        ).all()

    assert [entry.action for entry in noted] == ["review.claimed", "review.submitted"]
    [actor] = {entry.actor for entry in noted}
    assert actor.startswith(f"user:{reviewer.user.user_id} credential:")


def test_the_saved_draft_is_submitted_when_no_answers_are_sent(review_fixture):
    review = review_fixture.drawn()
    reviewer = review_fixture.reviewer()
    reviewer.post("/v1/reviews/next")
    reviewer.put(f"/v1/reviews/{review.review_id}/draft", json={"answers": GOOD})

    done = reviewer.post(f"/v1/reviews/{review.review_id}/submit")

    assert done.json["evaluation"]["score"] == 75.0


def test_empathy_template_scorecard_can_be_reviewed(provider):
    body = {**template_library.scorecards()["empathy"], "key": "empathy"}
    review_fixture = ReviewFixture(provider)
    review_fixture.publish("contoso", body)
    review = review_fixture.drawn("contoso")
    reviewer = review_fixture.reviewer()
    assert reviewer.post("/v1/reviews/next").json["scorecard"]["key"] == "empathy"

    form = Form.from_body(body)
    answers = [
        {
            "question": key,
            "value": next(o.key for o in question.options if o.value == 1),
            "evidence": [{"turn": 1}],
        }
        for key, question in form.questions.items()
        if question.options
    ]
    done = reviewer.post(f"/v1/reviews/{review.review_id}/submit", json={"answers": answers})

    assert done.status_code == 200, done.json
    assert done.json["evaluation"]["empathy"] == 100.0


def test_submission_reports_all_validation_errors(review_fixture):
    review = review_fixture.drawn()
    reviewer = review_fixture.reviewer()
    reviewer.post("/v1/reviews/next")
    answers = [
        {"question": "hears", "value": "yes"},
        {"question": "how", "value": "so-so", "evidence": PLACE},
        {"question": "unheard_of", "value": "yes"},
        {
            "question": "hears",
            "value": "yes",
            "evidence": [{"turn": 1, "start": 0, "end": 9999}, {"turn": 8}],
        },
    ]

    refused = reviewer.post(f"/v1/reviews/{review.review_id}/submit", json={"answers": answers})

    assert refused.status_code == 422
    assert pointers(refused) == [
        ("/answers", "missing_answer"),
        # What another answer follows to the same question is looked at too.
        ("/answers/0/evidence", "evidence_required"),
        ("/answers/1/value", "unknown_option"),
        ("/answers/2/question", "unknown_question"),
        ("/answers/3/evidence/0", "bad_span"),
        ("/answers/3/evidence/1", "bad_span"),
        ("/answers/3/question", "duplicate_answer"),
    ]


def test_faults_of_shape_hide_no_fault_against_form_and_transcript(review_fixture):
    review = review_fixture.drawn()
    reviewer = review_fixture.reviewer()
    reviewer.post("/v1/reviews/next")
    answers = [
        {"question": "hears", "value": "yes", "evidence": [{"turn": 8}], "sure": True},
        {"question": "how", "value": True, "evidence": PLACE},
        {"question": "unheard_of", "value": "yes", "note": 3},
    ]
    body = {"answers": answers, "answer": [], "sentiment": [{"turn": 99, "feeling": "glad"}, "calm"]}
    path = f"/v1/reviews/{review.review_id}"

    refused = reviewer.post(f"{path}/submit", json=body)
    undrafted = reviewer.put(f"{path}/draft", json={**body, "answers": [*answers, answers[0]]})

    shape = [
        ("/answer", "unknown_field"),
        ("/answers/0/sure", "unknown_field"),
        ("/answers/1/value", "wrong_type"),
        ("/answers/2/note", "wrong_type"),
        ("/sentiment/0/feeling", "not_allowed"),
        ("/sentiment/1", "wrong_type"),
    ]
    against = [
        ("/answers", "missing_answer"),
        ("/answers/0/evidence/0", "bad_span"),
        ("/answers/2/question", "unknown_question"),
        ("/sentiment/0/turn", "no_such_turn"),
    ]
    assert (refused.status_code, pointers(refused)) == (422, sorted(shape + against))
    twice = [("/answers/3/question", "duplicate_answer"), ("/answers/3/sure", "unknown_field")]
    assert (undrafted.status_code, pointers(undrafted)) == (422, sorted(shape + twice))


def test_every_duplicate_of_an_answer_is_looked_at(review_fixture):
    review = review_fixture.drawn()
    reviewer = review_fixture.reviewer()
    reviewer.post("/v1/reviews/next")
    answers = [
        {"question": "how", "value": "so-so", "evidence": PLACE},
        {"question": "how", "value": "nay", "evidence": [{"turn": 8}], "sure": True},
        *GOOD,
        {"question": "how", "value": "never", "evidence": PLACE},
    ]
    last = len(answers) - 1

    refused = reviewer.post(f"/v1/reviews/{review.review_id}/submit", json={"answers": answers})

    told = pointers(refused)
    for fault in (
        ("/answers/0/value", "unknown_option"),
        ("/answers/1/evidence/0", "bad_span"),
        ("/answers/1/question", "duplicate_answer"),
        ("/answers/1/sure", "unknown_field"),
        ("/answers/1/value", "unknown_option"),
        (f"/answers/{last}/question", "duplicate_answer"),
        (f"/answers/{last}/value", "unknown_option"),
    ):
        assert told.count(fault) == 1, fault


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        ({"by": "me", "answers": GOOD}, [("/by", "unknown_field")]),
        # The draft is empty: what is submitted then is told as well.
        ({"by": "me"}, [("/answers", "missing_answer")] * 2 + [("/by", "unknown_field")]),
        ({"answers": "all yes"}, [("/answers", "wrong_type")]),
        # Nobody knows which question this answers, nor what it would show.
        ({"answers": [{"value": "yes"}]}, [("/answers/0/question", "required")]),
        (
            {"answers": [{"question": 7}, *GOOD, 3]},
            [("/answers/0/question", "wrong_type"), ("/answers/4", "wrong_type")],
        ),
        ([], [("", "wrong_type")]),
    ],
)
def test_only_certain_faults_are_told_beside_faults_of_shape(review_fixture, body, faults):
    review = review_fixture.drawn()
    reviewer = review_fixture.reviewer()
    reviewer.post("/v1/reviews/next")

    refused = reviewer.post(f"/v1/reviews/{review.review_id}/submit", json=body)

    assert (refused.status_code, pointers(refused)) == (422, faults)


def test_a_scored_answer_without_evidence_is_refused(review_fixture):
    review = review_fixture.drawn()
    reviewer = review_fixture.reviewer()
    reviewer.post("/v1/reviews/next")
    answers = [{**answer, "evidence": []} for answer in GOOD]

    refused = reviewer.post(f"/v1/reviews/{review.review_id}/submit", json={"answers": answers})

    assert pointers(refused) == [(f"/answers/{n}/evidence", "evidence_required") for n in range(3)]


def test_an_answer_that_does_not_apply_needs_no_evidence(review_fixture):
    review = review_fixture.drawn()
    reviewer = review_fixture.reviewer()
    reviewer.post("/v1/reviews/next")
    answers = [{"question": "hears", "na": True}, GOOD[2]]

    done = reviewer.post(f"/v1/reviews/{review.review_id}/submit", json={"answers": answers})

    assert done.json["evaluation"]["sections"] == {"listen_validate": None, "process": 0.0}


@pytest.mark.parametrize("value", [True, {"a": 1}, ["a", 1], "nul\x00", 10**400])
def test_draft_rejects_malformed_answer_value(review_fixture, value):
    review = review_fixture.drawn()
    reviewer = review_fixture.reviewer()
    reviewer.post("/v1/reviews/next")

    body = {"answers": [{"question": "hears", "value": value}]}
    refused = reviewer.put(f"/v1/reviews/{review.review_id}/draft", json=body)

    assert refused.status_code == 422


def test_a_second_submission_conflicts(review_fixture):
    review = review_fixture.drawn()
    reviewer = review_fixture.reviewer()
    reviewer.post("/v1/reviews/next")
    reviewer.post(f"/v1/reviews/{review.review_id}/submit", json={"answers": GOOD})

    again = reviewer.post(f"/v1/reviews/{review.review_id}/submit", json={"answers": GOOD})

    assert (again.status_code, again.json["code"]) == (409, "already_submitted")
    with review_fixture.provider.session() as session:
        human = select(Evaluation).where(Evaluation.kind == "human")
        assert len(session.scalars(human).all()) == 1


def test_concurrent_submissions_accept_one_and_return_409_for_other(review_fixture):
    review = review_fixture.drawn()
    reviewer = review_fixture.reviewer()
    reviewer.post("/v1/reviews/next")
    codes, barrier = [], Barrier(2)

    def submit():
        barrier.wait()
        path = f"/v1/reviews/{review.review_id}/submit"
        codes.append(fresh(review_fixture, reviewer).post(path, json={"answers": GOOD}).status_code)

    run_together(submit, submit)

    assert sorted(codes) == [200, 409]


def test_a_queued_review_has_to_be_claimed_before_it_is_submitted(review_fixture):
    review = review_fixture.drawn()

    refused = review_fixture.reviewer().post(f"/v1/reviews/{review.review_id}/submit", json={"answers": GOOD})

    assert (refused.status_code, refused.json["code"]) == (409, "not_claimed")


def test_draft_save_with_stale_etag_returns_412(review_fixture):
    review = review_fixture.drawn()
    reviewer = review_fixture.reviewer()
    seen = reviewer.post("/v1/reviews/next").headers["ETag"]
    path = f"/v1/reviews/{review.review_id}/draft"
    reviewer.put(path, json={"answers": GOOD}, headers={"If-Match": seen})

    assert reviewer.put(path, json={"answers": []}, headers={"If-Match": seen}).status_code == 412


def test_submission_returns_412_if_transcript_changed_since_claim(review_fixture):
    review = review_fixture.drawn()
    reviewer = review_fixture.reviewer()
    seen = reviewer.post("/v1/reviews/next").headers["ETag"]
    with review_fixture.provider.session() as session:
        ours = Interaction.interaction_id == review.interaction_id
        session.execute(update(Interaction).where(ours).values(turns=[*TURNS, TURNS[0]]))

    path = f"/v1/reviews/{review.review_id}/submit"
    stale = reviewer.post(path, json={"answers": GOOD}, headers={"If-Match": seen})

    assert stale.status_code == 412


def test_submission_returns_409_if_transcript_was_deleted(review_fixture):
    review = review_fixture.drawn(turns=[])
    reviewer = review_fixture.reviewer()
    reviewer.post("/v1/reviews/next")

    refused = reviewer.post(f"/v1/reviews/{review.review_id}/submit", json={"answers": GOOD})

    assert (refused.status_code, refused.json["code"]) == (409, "transcript_deleted")


def test_submission_returns_409_without_scorecard(provider):
    review_fixture = ReviewFixture(provider)
    review = review_fixture.drawn("contoso")
    reviewer = review_fixture.reviewer()
    assert reviewer.post("/v1/reviews/next").json["scorecard"] is None

    refused = reviewer.post(f"/v1/reviews/{review.review_id}/submit", json={"answers": []})

    assert (refused.status_code, refused.json["code"]) == (409, "no_scorecard")


def test_submission_with_same_idempotency_key_is_no_conflict(review_fixture):
    review = review_fixture.drawn()
    reviewer = review_fixture.reviewer()
    reviewer.post("/v1/reviews/next")
    path, headers = f"/v1/reviews/{review.review_id}/submit", {"Idempotency-Key": "submit-1"}

    answers = [reviewer.post(path, json={"answers": GOOD}, headers=headers) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
