"""Submission of a review: validates and scores the answers, and stores the human evaluation."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from qm.interactions.conversations import turns_of
from qm.interactions.models import Interaction
from qm.reviews.active_time import note_activity
from qm.reviews.calibrations_to_answer import scores_of, store_covert_answers
from qm.reviews.definitions_in_force import DefinitionsInForce, definitions_in_force
from qm.reviews.evaluations import evaluation_columns
from qm.reviews.malformed_lists import MalformedList, require_well_formed
from qm.reviews.models import Evaluation, Review
from qm.reviews.publishing import publication_of
from qm.reviews.quality_checks import store_check
from qm.reviews.readings import has_seen
from qm.reviews.reviewed_words import words
from qm.reviews.sent_answers import faults_against, read_sent
from qm.reviews.sentiment_labels import LABELS_KEY, Labels, label_faults, serialize_labels
from qm.webhooks import announcements
from scorecards.definitions.form import Answer, Form
from scorecards.scoring.scoring import FormScore, score
from tenants import audit
from tenants.http.faults import Conflict, Fault, Invalid
from tenants.models import Client


def submit(
    session: Session,
    review: Review,
    *,
    answers: Sequence[Mapping[str, Any]] | MalformedList | None,
    sentiment: Labels | MalformedList | None = None,
    faults: Sequence[Fault] = (),
    now: datetime,
) -> Review:
    """Store the answers, or the draft if none are given, as a human evaluation.

    Raises
    ------
    Invalid
        With all schema errors, those of the body around the lists given as `faults`, unanswered questions,
        invalid answers, missing evidence, and sentiment labels of turns that are not a customer's.
    Conflict
        When no scorecard applies, the transcript was deleted, the words are not those that were claimed, or
        the reviewer has seen an evaluation.
    """
    found: Any = session.execute(
        select(Interaction, words, has_seen(review.reviewer_id, Interaction.interaction_id), Client)
        .join(Client, Client.client_id == Interaction.client_id)
        .where(Interaction.interaction_id == review.interaction_id)
        .execution_options(populate_existing=True)
    ).one()
    interaction, spoken, seen, client = found
    if review.words is not None and review.words != spoken:
        raise Conflict(
            "The conversation changed after you claimed its review. Claim it again to read the new words.",
            "conversation_changed",
        )
    if seen:
        raise Conflict(
            "You have been shown an evaluation of this interaction; give the review back for somebody else.",
            "not_blind",
        )
    definitions, form = _definitions_to_review(session, interaction)
    bodies = review.draft if answers is None else answers
    labels = review.draft_sentiment if sentiment is None else sentiment
    valid_answers, labels = validated(form, interaction, bodies, labels, faults)
    result = score(form, valid_answers, channel=interaction.channel, intent=interaction.intent)
    if review.calibration_id is not None:
        return _submit_to_calibration(session, review, valid_answers, result, now)
    if review.quality_check is not None:
        note_activity(review, now)
        scorecard_id = definitions.scorecard.definition_id if definitions.scorecard else None
        given = [valid_answers[key].to_json() for key in result.shown if key in valid_answers]
        return store_check(
            session, review, scorecard_id=scorecard_id, answers=given, score=result.total, now=now
        )
    evaluation = _evaluation(review, definitions, valid_answers, result, labels)
    if review.kind == "standard":
        evaluation.published_at = publication_of(client, now)
    session.add(evaluation)
    session.flush()
    # Not before: the review is changed by one statement.
    note_activity(review, now)
    review.state, review.evaluation_id, review.finished_at = "submitted", evaluation.evaluation_id, now
    review.draft, review.draft_sentiment = [], []
    review.revision += 1
    session.flush()
    _record_submission(session, review, evaluation)
    announcements.evaluation_changed(session, evaluation, now=now)
    return review


def _submit_to_calibration(
    session: Session, review: Review, answers: Mapping[str, Answer], result: FormScore, now: datetime
) -> Review:
    """Store the answers of a covert calibration session: they are no evaluation."""
    given = [answers[key].to_json() for key in result.shown if key in answers]
    store_covert_answers(session, review, given, scores_of(result), now)
    note_activity(review, now)
    review.state, review.finished_at = "submitted", now
    review.draft, review.draft_sentiment = [], []
    review.revision += 1
    session.flush()
    audit.record(
        session,
        "calibration.answered",
        f"calibration:{review.calibration_id}",
        client_id=review.client_id,
        interaction=review.interaction_id,
    )
    return review


def definitions_for(session: Session, interaction: Any) -> DefinitionsInForce:
    """Return the definitions that apply to an interaction, or to a row with what is needed of it."""
    return definitions_in_force(
        session,
        client_id=interaction.client_id,
        at=interaction.started_at,
        channel=interaction.channel,
        program=interaction.program,
    )


def _definitions_to_review(session: Session, interaction: Interaction) -> tuple[DefinitionsInForce, Form]:
    if not interaction.turns:
        raise Conflict("The transcript is no longer kept; skip this review.", "transcript_deleted")
    definitions = definitions_for(session, interaction)
    if definitions.form is None:
        raise Conflict("No scorecard was in force for this interaction.", "no_scorecard")
    return definitions, definitions.form


def _evaluation(
    review: Review,
    definitions: DefinitionsInForce,
    answers: Mapping[str, Answer],
    result: FormScore,
    labels: Labels,
) -> Evaluation:
    row = evaluation_columns(
        kind="human" if review.kind == "standard" else review.kind,
        reviewer_id=review.reviewer_id,
        scorecard_id=definitions.scorecard.definition_id if definitions.scorecard else None,
        versions=definitions.pinned,
        answers=[answers[key].to_json() for key in result.shown if key in answers],
        score=result,
        findings={LABELS_KEY: serialize_labels(labels)} if labels else None,
    )
    return Evaluation(
        tenant_id=review.tenant_id,
        client_id=review.client_id,
        interaction_id=review.interaction_id,
        **row,
    )


def validated(
    form: Form,
    interaction: Interaction,
    bodies: Sequence[Mapping[str, Any]] | MalformedList,
    labels: Labels | MalformedList,
    faults: Sequence[Fault],
) -> tuple[dict[str, Answer], Labels]:
    """Return valid answers and labels, or raise `Invalid`, with `faults`, if there are any others."""
    sent = read_sent(bodies)
    answer_errors = faults_against(
        form,
        sent,
        channel=interaction.channel,
        intent=interaction.intent,
        turns=[turn["text"] for turn in interaction.turns],
        others_turns=_others_turns(interaction),
    )
    label_errors = label_faults(labels, [turn.speaker for turn in turns_of(interaction)])
    if faults or answer_errors or label_errors:
        named = (fault.under("/answers") for fault in answer_errors)
        raise Invalid([*faults, *named, *(fault.under("/sentiment") for fault in label_errors)])
    return sent.answers, require_well_formed(labels)


def _others_turns(interaction: Interaction) -> frozenset[int]:
    """Return the turns of other agents, by number, if this is the part of one agent."""
    if not interaction.part_agent:
        return frozenset()
    agents = ((turn["speaker"], turn.get("agent")) for turn in interaction.turns)
    return frozenset(
        number
        for number, (speaker, agent) in enumerate(agents)
        if speaker == "agent" and agent != interaction.part_agent
    )


def _record_submission(session: Session, review: Review, evaluation: Evaluation) -> None:
    audit.record(
        session,
        "review.submitted",
        f"review:{review.review_id}",
        client_id=review.client_id,
        evaluation=evaluation.evaluation_id,
        interaction=review.interaction_id,
        score=evaluation.score,
    )


def human_and_automatic(
    session: Session, *, evaluation_id: uuid.UUID, interaction_id: uuid.UUID
) -> tuple[Evaluation, Evaluation | None]:
    """Return a human evaluation and the current automatic one of the same interaction, if there is one."""
    found = session.scalars(
        select(Evaluation).where(
            Evaluation.interaction_id == interaction_id,
            (Evaluation.evaluation_id == evaluation_id)
            | ((Evaluation.kind == "automatic") & Evaluation.superseded_at.is_(None)),
        )
    ).all()
    human = next(each for each in found if each.evaluation_id == evaluation_id)
    return human, next((each for each in found if each.kind == "automatic"), None)
