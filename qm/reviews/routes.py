"""HTTP routes of reviews and evaluations."""

from typing import Any
from uuid import UUID

from flask import Response, jsonify, request
from sqlalchemy import select

from qm.interactions.models import Interaction
from qm.reviews import (
    blindness,
    claiming,
    editing,
    leaving,
    publishing,
    queue,
    reopening,
    representations,
    submission,
)
from qm.reviews.models import Evaluation, Review
from qm.reviews.override_reasons import save_override_reasons
from qm.reviews.schemas import (
    EvaluationEditSchema,
    EvaluationHistorySchema,
    EvaluationListArguments,
    EvaluationPageSchema,
    EvaluationSchema,
    EvaluationVoidSchema,
    HoldingsSchema,
    NextReviewSchema,
    OverrideReasonsSchema,
    ReviewDraftSchema,
    ReviewFlagSchema,
    ReviewItemSchema,
    ReviewListArguments,
    ReviewPageSchema,
    ReviewPickSchema,
    ReviewReassignmentSchema,
    ReviewSchema,
    ReviewSkipSchema,
    ReviewSubmissionSchema,
    SavedDraftSchema,
    WorkloadSchema,
)
from qm.reviews.workload import workload
from tenants.access import actor, person, requires, session
from tenants.clients import client_named
from tenants.http.changes import page_of_changes
from tenants.http.contract import Blueprint, PageArguments, check_match, linked, page_of, tagged
from tenants.http.faults import NotFound
from tenants.models import Client, utc_now
from tenants.users import load_user

NOTHING_HEADER = "QM-Nothing-Offered"
blueprint = Blueprint(
    "reviews",
    __name__,
    url_prefix="/v1",
    description="What people judge: the queue, drafts, submissions, and every evaluation",
)


@blueprint.route("/reviews")
@requires("reviews:read")
@blueprint.arguments(ReviewListArguments, location="query")
@blueprint.response(200, ReviewPageSchema)
def list_reviews(arguments: dict[str, Any]) -> Any:
    """List reviews, oldest first; reviewers see their own: what waits for anybody is a number to them."""
    client_name = arguments.pop("client")
    client = client_named(session(), client_name) if client_name else None
    wanted = {name: arguments.pop(name) for name in ("state", "reviewer", "kind")}
    statement = queue.select_reviews(actor(), client=client, **wanted)
    page = page_of(session(), statement, [Review.created_at, Review.review_id], **arguments)
    return linked(page, representations.review_summaries(session(), actor(), page.data))


@blueprint.route("/reviews/next", methods=["POST"])
@requires("reviews:write")
@blueprint.arguments(NextReviewSchema, required=False)
@blueprint.response(200, ReviewSchema)
@blueprint.alt_response(
    204,
    description="Nothing is offered to this person.",
    headers={
        NOTHING_HEADER: {
            "description": "`empty`: nothing waits. `capacity`: they have had their reviews of the week. "
            "`seen`: they have seen an evaluation of all that waits. `limits`: it is in other languages, "
            "needs other skills, or is their own work.",
            "schema": {"type": "string", "enum": list(claiming.NOTHING)},
        }
    },
    success=True,
)
def claim_next_review(body: dict[str, Any]) -> Response:
    """Claim the next review for the person behind the credential, or return the one they hold."""
    client = client_named(session(), body["client"]) if body["client"] else None
    now = utc_now()
    review = claiming.claim_next(session(), person(), client=client, now=now)
    if review is not None:
        return _detail_response(review)
    reason = claiming.reason_for_nothing(session(), person(), client=client, now=now)
    return Response(status=204, headers={NOTHING_HEADER: reason})


@blueprint.route("/reviews/<uuid:review_id>")
@requires("reviews:read")
@blueprint.response(200, ReviewSchema)
def get_review(review_id: UUID) -> Response:
    """Read a review with transcript, scorecard, brand voice and playbooks."""
    return _detail_response(queue.get_review(session(), actor(), review_id))


@blueprint.route("/reviews/<uuid:review_id>/draft", methods=["PUT"])
@requires("reviews:write")
@blueprint.arguments(ReviewDraftSchema)
@blueprint.response(200, SavedDraftSchema)
def save_review_draft(body: dict[str, Any], review_id: UUID) -> Response:
    """Save the answers so far; `If-Match` guards against another window and a changed transcript."""
    review = queue.get_claimed_review(session(), person(), review_id)
    _check_match(review)
    saved = queue.save_draft(session(), review, **body, now=utc_now())
    return tagged(jsonify(_DRAFT.dump(saved)), representations.review_etag(session(), saved))


@blueprint.route("/reviews/<uuid:review_id>/submit", methods=["POST"])
@requires("reviews:write")
@blueprint.arguments(ReviewSubmissionSchema, required=False)
@blueprint.response(200, ReviewSchema)
def submit_review(body: dict[str, Any], review_id: UUID) -> Response:
    """Submit the answers, or the draft; the answer shows the machine's evaluation beside."""
    review = queue.get_claimed_review(session(), person(), review_id)
    _check_match(review)
    return _detail_response(submission.submit(session(), review, **body, now=utc_now()))


@blueprint.route("/reviews/<uuid:review_id>/skip", methods=["POST"])
@requires("reviews:write")
@blueprint.arguments(ReviewSkipSchema)
@blueprint.response(200, ReviewItemSchema)
def skip_review(body: dict[str, Any], review_id: UUID) -> Response:
    """Put the review aside for good, with a reason; it stays in the record and is not replaced."""
    return _summary_response(queue.skip(session(), person(), review_id, reason=body["reason"], now=utc_now()))


@blueprint.route("/reviews/<uuid:review_id>/release", methods=["POST"])
@requires("reviews:write")
@blueprint.response(200, ReviewItemSchema)
def release_review(review_id: UUID) -> Response:
    """Give the review back to the queue; its draft is dropped."""
    return _summary_response(queue.release(session(), person(), review_id))


@blueprint.route("/reviews/<uuid:review_id>/reopen", methods=["POST"])
@requires("reviews:write")
@blueprint.response(200, ReviewItemSchema)
def reopen_review(review_id: UUID) -> Response:
    """Take back a submission: your own for 15 minutes, any as a QM manager or admin; its history stays."""
    return _summary_response(reopening.reopen(session(), person(), review_id, now=utc_now()))


@blueprint.route("/reviews/<uuid:review_id>/reassign", methods=["POST"])
@requires("reviews:write")
@blueprint.arguments(ReviewReassignmentSchema)
@blueprint.response(200, ReviewItemSchema)
def reassign_review(body: dict[str, Any], review_id: UUID) -> Response:
    """Keep the review for another person; for QM managers and admins."""
    return _summary_response(
        queue.reassign(session(), person(), review_id, user_id=body["user"], due_at=body["due_at"])
    )


@blueprint.route("/reviews/<uuid:review_id>/flag", methods=["PUT"])
@requires("reviews:write")
@blueprint.arguments(ReviewFlagSchema)
@blueprint.response(200, ReviewItemSchema)
def flag_review(body: dict[str, Any], review_id: UUID) -> Response:
    """Mark a review as wanted for calibration, or no more."""
    return _summary_response(queue.flag(session(), person(), review_id, flagged=body["flagged"]))


@blueprint.route("/reviews/<uuid:review_id>/override-reasons", methods=["PUT"])
@requires("reviews:write")
@blueprint.arguments(OverrideReasonsSchema)
@blueprint.response(200, ReviewItemSchema)
def explain_overrides(body: dict[str, Any], review_id: UUID) -> Response:
    """Say why you answered other than the machine, once you have submitted and seen both answers."""
    return _summary_response(save_override_reasons(session(), person(), review_id, body["reasons"]))


@blueprint.route("/workload")
@requires("reviews:read")
@blueprint.response(200, WorkloadSchema)
def get_workload() -> Any:
    """Read what everybody has to review, and what nobody may review; for QM managers and admins."""
    return workload(session(), actor(), utc_now())


@blueprint.route("/users/<uuid:user_id>/holdings")
@requires("admin")
@blueprint.response(200, HoldingsSchema)
def get_holdings(user_id: UUID) -> Any:
    """Read what of a person's returns to the queue, and which keys and sessions end, if they are disabled."""
    return leaving.holdings(session(), load_user(session(), user_id))


@blueprint.route("/interactions/<uuid:interaction_id>/reviews", methods=["POST"])
@requires("reviews:write")
@blueprint.arguments(ReviewPickSchema, required=False)
@blueprint.response(201, ReviewItemSchema)
def pick_interaction(body: dict[str, Any], interaction_id: UUID) -> Response:
    """Ask for a review of an interaction picked by hand; it never feeds an estimate."""
    response = _summary_response(
        queue.create_hand_picked_review(
            session(),
            actor(),
            interaction_id,
            note=body["note"],
            user_id=body["user"],
            kind=body["kind"],
            due_at=body["due_at"],
        )
    )
    response.status_code = 201
    return response


@blueprint.route("/interactions/<uuid:interaction_id>/evaluations")
@requires("interactions:read")
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, EvaluationPageSchema)
def list_evaluations(arguments: dict[str, Any], interaction_id: UUID) -> Any:
    """List the present evaluations of an interaction; hidden from those who are still to review it."""
    interaction = select(Interaction.interaction_id).where(Interaction.interaction_id == interaction_id)
    if session().scalar(interaction) is None:
        raise NotFound("interaction")
    statement = blindness.select_current_evaluations(actor(), interaction_id)
    page = page_of(session(), statement, [Evaluation.evaluation_id], **arguments)
    return linked(page, representations.evaluation_representations(session(), actor(), page.data))


@blueprint.route("/clients/<client>/evaluations")
@requires("interactions:read", snapshot=False)
@blueprint.arguments(EvaluationListArguments, location="query")
@blueprint.response(200, EvaluationPageSchema)
def list_client_evaluations(arguments: dict[str, Any], client: Client) -> Any:
    """List a client's evaluations by when they were made or superseded, oldest first.

    To stay in step, ask with the `changed_at` of the last item as `updated_since`, again and again: what
    changed in that moment comes once more, and nothing is lost. People do not see what they are still to
    review, nor later because they have reviewed it; keys of machines see everything.
    """
    limit, cursor, since = (arguments.pop(name, None) for name in ("limit", "cursor", "updated_since"))
    statement = blindness.select_evaluations(actor(), client, **arguments)
    key = [Evaluation.updated_at, Evaluation.evaluation_id]
    page = page_of_changes(session(), statement, key, since=since, limit=limit, cursor=cursor)
    return linked(page, representations.evaluation_representations(session(), actor(), page.data))


@blueprint.route("/evaluations/<uuid:evaluation_id>")
@requires("interactions:read", "clients:read")
@blueprint.response(200, EvaluationSchema)
def get_evaluation(evaluation_id: UUID) -> Any:
    """Read one evaluation; hidden from those who are still to review its interaction.

    Whoever reads interactions reads them all; agents the published ones of their own work; a client's
    stakeholders the published ones of months that have ended, without who handled or reviewed what.
    """
    found = publishing.get_readable_evaluation(session(), actor(), evaluation_id)
    return representations.evaluation_representations(session(), actor(), [found])[0]


@blueprint.route("/evaluations/<uuid:evaluation_id>/versions")
@requires("interactions:read")
@blueprint.response(200, EvaluationHistorySchema)
def list_evaluation_versions(evaluation_id: UUID) -> Any:
    """Read every version of an evaluation, and what each edit changed."""
    found = blindness.get_evaluation(session(), actor(), evaluation_id)
    return {"data": representations.version_representations(session(), actor(), found)}


@blueprint.route("/evaluations/<uuid:evaluation_id>/versions", methods=["POST"])
@requires("reviews:write")
@blueprint.arguments(EvaluationEditSchema)
@blueprint.response(201, EvaluationSchema)
def edit_evaluation(body: dict[str, Any], evaluation_id: UUID) -> Any:
    """Change what was submitted by a new version: your own for 15 minutes, any as a QM manager or admin."""
    made = editing.edit(session(), person(), evaluation_id, **body, now=utc_now())
    return representations.evaluation_representations(session(), actor(), [made])[0]


@blueprint.route("/evaluations/<uuid:evaluation_id>/publish", methods=["POST"])
@requires("reviews:write")
@blueprint.response(200, EvaluationSchema)
def publish_evaluation(evaluation_id: UUID) -> Any:
    """Let the agent see an evaluation now; for QM managers and admins."""
    found = blindness.get_evaluation(session(), actor(), evaluation_id)
    publishing.publish(session(), actor(), found, now=utc_now())
    return representations.evaluation_representations(session(), actor(), [found])[0]


@blueprint.route("/evaluations/<uuid:evaluation_id>/void", methods=["POST"])
@requires("reviews:write")
@blueprint.arguments(EvaluationVoidSchema)
@blueprint.response(200, EvaluationSchema)
def void_evaluation(body: dict[str, Any], evaluation_id: UUID) -> Any:
    """Void an evaluation, with a reason: it counts nowhere, and its interaction waits for somebody else."""
    found = editing.void(session(), actor(), evaluation_id, reason=body["reason"], now=utc_now())
    return representations.evaluation_representations(session(), actor(), [found])[0]


@blueprint.route("/me/evaluations")
@requires("reviews:own")
@blueprint.arguments(PageArguments, location="query")
@blueprint.response(200, EvaluationPageSchema)
def list_own_evaluations(arguments: dict[str, Any]) -> Any:
    """List the published evaluations of your own work, newest first: of the interactions you handled."""
    statement = publishing.select_published_evaluations(person())
    key = [Evaluation.published_at, Evaluation.evaluation_id]
    page = page_of(session(), statement, key, **arguments, descending=True)
    return linked(page, representations.evaluation_representations(session(), actor(), page.data))


# Made once: a schema copies every field of those that it holds.
_DETAIL, _SUMMARY, _DRAFT = ReviewSchema(), ReviewItemSchema(), SavedDraftSchema()


def _check_match(review: Review) -> None:
    """Check the precondition; without one the transcript need not be digested."""
    if "If-Match" in request.headers:
        check_match(representations.review_etag(session(), review))


def _detail_response(review: Review) -> Response:
    detail = representations.review_detail(session(), actor(), review)
    return tagged(jsonify(_DETAIL.dump(detail)), detail["etag"])


def _summary_response(review: Review) -> Response:
    summary = representations.review_summaries(session(), actor(), [review])[0]
    return tagged(jsonify(_SUMMARY.dump(summary)), representations.review_etag(session(), review))
