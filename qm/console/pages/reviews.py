"""The pages of reviews: the queue, the workbench on which one is answered, and both answers side by side."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Response, flash, jsonify, make_response, redirect, request, url_for
from flask_babel import gettext, lazy_gettext
from sqlalchemy import select

from qm.console.blueprint import blueprint
from qm.console.forms import attempt
from qm.console.page_access import page
from qm.console.pages.review_form import faults_by_question, read_review_form, typed_places, well_formed
from qm.console.pages.review_shown import (
    answer_in_words,
    client_name,
    own_queue,
    shown_form,
    shown_turns,
    why_here,
)
from qm.console.rendering import render
from qm.interactions.models import Interaction
from qm.reviews import claiming, override_reasons, queue, reopening, submission
from qm.reviews.models import Evaluation, Review
from qm.reviews.representations import review_detail, review_etag
from qm.reviews.reviewed_words import words_of
from scorecards.autoscore.models.sentiment_model import SENTIMENT_CLASSES
from scorecards.definitions.form import Form
from tenants.access import actor, person, session
from tenants.http.faults import Fault
from tenants.models import utc_now

_NOTHING = {
    "empty": lazy_gettext("Nothing waits for you."),
    "capacity": lazy_gettext(
        "You have had your reviews of this week. What is assigned or picked by hand still comes."
    ),
    "seen": lazy_gettext("Something waits, but you have seen an evaluation of all of it."),
    "limits": lazy_gettext("Something waits, in other languages, for other skills, or your own work."),
}


@blueprint.route("/reviews", endpoint="reviews")
@page("reviews:own")
def show_queue() -> str:
    """Show what waits for whoever reviews, and the one button that matters."""
    mine = own_queue(session(), actor(), utc_now())
    return render("reviews/queue.html", queue=mine, why=why_here)


@blueprint.route("/reviews/next", methods=["POST"], endpoint="reviews_next")
@page("reviews:own")
def claim_review() -> Response:
    """Claim the next review, or go back to the one that is held."""
    return _next()


@blueprint.route("/reviews/<uuid:review_id>", endpoint="reviews_one")
@page("reviews:own")
def show_review(review_id: UUID) -> Any:
    """Show the workbench to whoever holds the review, and to others what they may see of it."""
    review = queue.get_review(session(), actor(), review_id)
    if review.state == "claimed" and review.reviewer_id == actor().user_id:
        return _workbench(review)
    return _record(review)


@blueprint.route("/reviews/<uuid:review_id>/draft", methods=["POST"], endpoint="reviews_draft")
@page("reviews:own")
def save_draft(review_id: UUID) -> Any:
    """Save what was typed so far; the script of the workbench calls this after each answer."""
    found: dict[str, Any] = {}
    with attempt() as tried:
        review = queue.get_claimed_review(session(), person(), review_id)
        found["etag"] = review_etag(session(), review)
        if request.form.get("etag") != found["etag"]:
            code = "conversation_changed" if _words_changed(review) else "stale_version"
            return jsonify(code=code, **found), 412
        form, interaction, _ = _form_of(review)
        if form is None:
            return jsonify(code="no_scorecard", **found), 409
        typed = read_review_form(
            request.form, form, channel=interaction.channel, intent=interaction.intent, complete=False
        )
        queue.save_draft(session(), review, **typed.loaded(), now=utc_now())
        queue.flag(session(), person(), review_id, flagged="flagged" in request.form)
        found["etag"] = review_etag(session(), review)
        found["reload"] = _scorecard_changed(review)
    if tried.failed:
        told = [{"pointer": each.pointer, "code": each.code, "detail": each.detail} for each in tried.faults]
        return jsonify(code=tried.faults[0].code, errors=told, **found), 409 if len(told) == 1 else 422
    return jsonify(found)


@blueprint.route("/reviews/<uuid:review_id>", methods=["POST"], endpoint="reviews_submit")
@page("reviews:own")
def submit_review(review_id: UUID) -> Any:
    """Submit the form, or save it as it is where `save` was pressed; what is refused is kept as the draft."""
    with attempt() as held:
        review = queue.get_claimed_review(session(), person(), review_id)
    if held.failed:
        return _gone(review_id, held.faults)
    form, interaction, _ = _form_of(review)
    if form is None:
        return _workbench(review, status=409)
    submits = "save" not in request.form
    stale = _stale(review)
    typed = read_review_form(
        request.form, form, channel=interaction.channel, intent=interaction.intent, complete=submits
    )
    if stale:
        if stale[0].code == "conversation_changed" and well_formed(typed.loaded()):
            _keep(review, typed.body)
        by_question, general = faults_by_question(typed, [])
        return _workbench(review, typed.body, by_question, [*general, *stale], status=409)
    loaded = typed.loaded()
    with attempt() as tried:
        queue.flag(session(), person(), review_id, flagged="flagged" in request.form)
        if submits and not typed.faults:
            submission.submit(session(), review, **loaded, now=utc_now())
        elif not submits:
            queue.save_draft(session(), review, **loaded, now=utc_now())
    if submits and not tried.failed and not typed.faults:
        return _after_submission(review)
    if submits and well_formed(loaded):
        _keep(review, typed.body)
    if submits or tried.failed or typed.faults:
        by_question, general = faults_by_question(typed, tried.faults)
        return _workbench(review, typed.body, by_question, general, status=422)
    flash(gettext("Saved. Nothing is submitted yet."))
    return _see("console.reviews_one", review_id=review_id)


@blueprint.route("/reviews/<uuid:review_id>/skip", methods=["POST"], endpoint="reviews_skip")
@page("reviews:own")
def skip_review(review_id: UUID) -> Any:
    """Put a review aside for good, with a reason, and take the next."""
    reason = request.form.get("skip_reason", "").strip()
    if not reason or len(reason) > 500:
        review = queue.get_review(session(), actor(), review_id)
        missing = gettext("Say why this cannot be judged, in at most 500 characters.")
        return _workbench(review, skip_faults=[Fault("/reason", "required", missing)], status=422)
    with attempt() as tried:
        queue.skip(session(), person(), review_id, reason=reason, now=utc_now())
    if tried.failed:
        return _gone(review_id, tried.faults)
    flash(gettext("Skipped. It stays in the record, with your reason."))
    return _next()


@blueprint.route("/reviews/<uuid:review_id>/release", methods=["POST"], endpoint="reviews_release")
@page("reviews:own")
def release_review(review_id: UUID) -> Response:
    """Give a review back to the queue."""
    with attempt() as tried:
        queue.release(session(), person(), review_id)
    if tried.failed:
        return _gone(review_id, tried.faults)
    flash(gettext("Given back to the queue, for somebody else."))
    return _see("console.reviews")


@blueprint.route("/reviews/<uuid:review_id>/reopen", methods=["POST"], endpoint="reviews_reopen")
@page("reviews:own")
def reopen_review(review_id: UUID) -> Response:
    """Take a submission back."""
    with attempt() as tried:
        queue.get_review(session(), actor(), review_id)
        reopening.reopen(session(), person(), review_id, now=utc_now())
    if tried.failed:
        return _gone(review_id, tried.faults)
    flash(gettext("Reopened: change your answers and submit again."))
    return _see("console.reviews_one", review_id=review_id)


@blueprint.route("/reviews/<uuid:review_id>/reasons", methods=["POST"], endpoint="reviews_reasons")
@page("reviews:own")
def explain_overrides(review_id: UUID) -> Any:
    """Keep why the person answered other than the machine, and take the next review."""
    reasons = [
        {"question": name.removeprefix("reason-"), "reason": text.strip()[:2000]}
        for name, text in request.form.items()
        if name.startswith("reason-") and text.strip()
    ]
    with attempt() as tried:
        override_reasons.save_override_reasons(session(), person(), review_id, reasons)
    if tried.failed:
        return _gone(review_id, tried.faults)
    if reasons:
        flash(gettext("Your reasons are kept."))
    return _next()


def _see(endpoint: str, **values: Any) -> Response:
    answer: Response = make_response(redirect(url_for(endpoint, **values), 303))
    return answer


def _next() -> Response:
    now = utc_now()
    review = claiming.claim_next(session(), person(), client=None, now=now)
    if review is not None:
        return _see("console.reviews_one", review_id=review.review_id)
    flash(str(_NOTHING[claiming.reason_for_nothing(session(), person(), client=None, now=now)]))
    return _see("console.reviews")


def _gone(review_id: UUID, faults: list[Fault]) -> Response:
    """Tell that a review is not the caller's to answer any more."""
    told = {
        "not_claimed": gettext(
            "You do not hold this review any more: your claim ended or it was taken back."
        ),
        "already_submitted": gettext("This review is submitted already."),
    }
    flash(told.get(faults[0].code, faults[0].detail), "problem")
    return _see("console.reviews_one", review_id=review_id)


def _words_changed(review: Review) -> bool:
    return review.words is not None and review.words != words_of(session(), review.interaction_id)


def _form_of(review: Review) -> tuple[Form | None, Interaction, str]:
    """Return the form, the interaction and the id of the scorecard version."""
    interaction = (
        session()
        .scalars(select(Interaction).where(Interaction.interaction_id == review.interaction_id))
        .one()
    )
    definitions = submission.definitions_for(session(), interaction)
    version = str(definitions.scorecard.definition_id) if definitions.scorecard else ""
    return definitions.form, interaction, version


def _scorecard_changed(review: Review) -> bool:
    return request.form.get("scorecard", "") != _form_of(review)[2]


def _stale(review: Review) -> list[Fault]:
    """Return what changed since the page was shown: words, scorecard, or the draft in another window."""
    if _words_changed(review):
        return [Fault("", "conversation_changed", gettext("The conversation changed since you began."))]
    if _scorecard_changed(review):
        changed = gettext(
            "A new version of the scorecard was published meanwhile. These are its questions; answers "
            "to questions that it still has are kept."
        )
        return [Fault("", "scorecard_changed", changed)]
    if request.form.get("etag") != review_etag(session(), review):
        other = gettext(
            "This review was changed in another window. What you see here is what you typed in this one: "
            "send it again to keep it."
        )
        return [Fault("", "stale_version", other)]
    return []


def _keep(review: Review, body: dict[str, Any]) -> None:
    """Save what was typed although it cannot be submitted."""
    answered = [each for each in body["answers"] if len(each) > 2]
    with attempt():
        queue.save_draft(session(), review, answers=answered, sentiment=body["sentiment"], now=utc_now())


def _workbench(
    review: Review,
    body: dict[str, Any] | None = None,
    faults: dict[str, list[Fault]] | None = None,
    general: list[Fault] | None = None,
    *,
    skip_faults: Sequence[Fault] = (),
    status: int = 200,
) -> Any:
    detail = review_detail(session(), actor(), review)
    form = Form.from_body(detail["scorecard"]["body"]) if detail["scorecard"] else None
    shown = body or {"answers": detail["answers"], "sentiment": detail["sentiment"]}
    questions = shown_form(
        form or Form("", ""),
        shown["answers"],
        faults or {},
        channel=detail["interaction"]["channel"],
        intent=detail["interaction"]["intent"],
        typed_places=typed_places(request.form),
    )
    known = form.questions if form else {}
    return render(
        "reviews/workbench.html",
        review=detail,
        client_name=client_name(session(), detail["client"]),
        skip_faults=skip_faults,
        questions=questions,
        turns=shown_turns(detail["turns"]),
        feelings={each["turn"]: each["feeling"] for each in shown["sentiment"]},
        feeling_names=SENTIMENT_CLASSES,
        general=[each for each in general or () if each.code != "conversation_changed"],
        unasked=[each for each in detail["answers"] if each["question"] not in known],
        words_changed=_words_changed(review),
        flagged=review.flagged if body is None else "flagged" in request.form,
        etag=detail["etag"],
        faulty=sum(bool(each.faults) for each in questions),
        queue=own_queue(session(), actor(), utc_now()),
        why=why_here,
        skip_reason=request.form.get("skip_reason", ""),
    ), status


def _after_submission(review: Review) -> Response:
    differing = override_reasons.overridden_questions(session(), review)
    if differing or "stay" in request.form:
        return _see("console.reviews_one", review_id=review.review_id)
    if review.evaluation_id is None:
        flash(gettext("Submitted."))
    else:
        flash(gettext("Submitted. The machine answers nothing differently."))
    return _next()


def _record(review: Review) -> Any:
    """Show a review that the caller does not hold: both answers where they may see them."""
    detail = review_detail(session(), actor(), review)
    evaluation = detail["evaluation"]
    form = Form.from_body(detail["scorecard"]["body"]) if detail["scorecard"] else Form("", "")
    mine = review.reviewer_id is not None and review.reviewer_id == actor().user_id
    reopens = mine and review.state == "submitted" and review.finished_at is not None
    return render(
        "reviews/record.html",
        review=detail,
        client_name=client_name(session(), detail["client"]),
        turns=shown_turns(detail["turns"]),
        rows=_comparison_rows(form, detail),
        own_only=[
            (form.questions.get(each["question"]), each)
            for each in (evaluation or {}).get("answers", ())
            if detail["comparison"] is None
        ],
        in_words=answer_in_words,
        mine=mine,
        may_reopen=reopens and utc_now() - (review.finished_at or utc_now()) <= reopening.WINDOW,
        window=reopening.WINDOW // timedelta(minutes=1),
        may_praise=mine and review.state == "submitted" and "reviews:write" in actor().scopes,
        given=_given_reasons(review) if evaluation else {},
        queue=own_queue(session(), actor(), utc_now()),
        why=why_here,
    )


def _comparison_rows(form: Form, detail: dict[str, Any]) -> list[dict[str, Any]]:
    if detail["comparison"] is None:
        return []
    return [
        {
            "question": form.questions[each.question],
            "human": each.human,
            "automatic": each.automatic,
            "agrees": each.agrees,
        }
        for each in detail["comparison"].questions
    ]


def _given_reasons(review: Review) -> dict[str, str]:
    found = session().scalar(
        select(Evaluation.override_reasons).where(
            Evaluation.interaction_id == review.interaction_id,
            Evaluation.evaluation_id == review.evaluation_id,
        )
    )
    return dict(found or {})
