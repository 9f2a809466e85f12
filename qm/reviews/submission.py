"""Answers become an evaluation: all faults named at once, scored, versions pinned, never twice."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from qm.interactions.models import Interaction
from qm.reviews.definitions_in_force import DefinitionsInForce, definitions_in_force
from qm.reviews.evaluations import row_of
from qm.reviews.malformed_lists import MalformedList, well_formed
from qm.reviews.models import Evaluation, Review
from qm.reviews.sentiment_labels import LABELS, Labels, label_faults, plain
from scorecards.definitions.form import Answer, Form, read_answers
from scorecards.scoring.answer_validation import answer_faults
from scorecards.scoring.scoring import FormScore, score
from tenants import audit
from tenants.http.faults import Conflict, Fault, Invalid


def submit(
    session: Session,
    review: Review,
    *,
    answers: Sequence[Mapping[str, Any]] | MalformedList | None,
    sentiment: Labels | MalformedList | None = None,
    now: datetime,
) -> Review:
    """Turn the answers, or the draft where none are given, into the person's evaluation.

    Raises
    ------
    Invalid
        Naming what is out of shape, every question that is not answered, not answerable so, or lacks its
        evidence, and every feeling that is not one of a customer's turn.
    Conflict
        When there is nothing to judge: no scorecard applies, or the transcript is no longer kept.
    """
    interaction = session.scalars(
        select(Interaction).where(Interaction.interaction_id == review.interaction_id)
    ).one()
    standards, form = _judgeable(session, interaction)
    bodies = review.draft if answers is None else answers
    felt = review.draft_sentiment if sentiment is None else sentiment
    given, felt = _sound(form, interaction, bodies, felt)
    result = score(form, given, channel=interaction.channel, intent=interaction.intent)
    evaluation = _evaluation(review, standards, given, result, felt)
    session.add(evaluation)
    session.flush()
    review.state, review.evaluation_id, review.finished_at = "submitted", evaluation.evaluation_id, now
    review.draft, review.draft_sentiment = [], []
    review.revision += 1
    session.flush()
    _note(session, review, evaluation)
    return review


def definitions_of(session: Session, interaction: Interaction) -> DefinitionsInForce:
    """Return what judges this interaction."""
    return definitions_in_force(
        session,
        client_id=interaction.client_id,
        at=interaction.started_at,
        channel=interaction.channel,
        program=interaction.program,
    )


def _judgeable(session: Session, interaction: Interaction) -> tuple[DefinitionsInForce, Form]:
    if not interaction.turns:
        raise Conflict("The transcript is no longer kept; skip this review.", "transcript_deleted")
    standards = definitions_of(session, interaction)
    if standards.form is None:
        raise Conflict("No scorecard was in force for this interaction.", "no_scorecard")
    return standards, standards.form


def _evaluation(
    review: Review,
    standards: DefinitionsInForce,
    given: Mapping[str, Answer],
    result: FormScore,
    felt: Labels,
) -> Evaluation:
    row = row_of(
        kind="human",
        reviewer_id=review.reviewer_id,
        scorecard_id=standards.scorecard.definition_id if standards.scorecard else None,
        versions=standards.pinned,
        answers=[given[key].to_json() for key in result.shown if key in given],
        score=result,
        findings={LABELS: plain(felt)} if felt else None,
    )
    return Evaluation(
        tenant_id=review.tenant_id,
        client_id=review.client_id,
        interaction_id=review.interaction_id,
        **row,
    )


def _sound(
    form: Form,
    interaction: Interaction,
    bodies: Sequence[Mapping[str, Any]] | MalformedList,
    felt: Labels | MalformedList,
) -> tuple[dict[str, Answer], Labels]:
    """Return answers and feelings with nothing wrong; which questions are asked only sound answers tell."""
    answers: dict[str, Answer] = {}
    if isinstance(bodies, MalformedList):
        faults = list(bodies.faults)
    else:
        answers, faults = _answered(form, interaction, bodies)
    wrong = label_faults(felt, [turn["speaker"] for turn in interaction.turns])
    if faults or wrong:
        named = (fault.under("/answers") for fault in faults)
        raise Invalid([*named, *(fault.under("/sentiment") for fault in wrong)])
    return answers, well_formed(felt)


def _answered(
    form: Form, interaction: Interaction, bodies: Sequence[Mapping[str, Any]]
) -> tuple[dict[str, Answer], list[Fault]]:
    faults: list[Fault] = []
    try:
        answers = read_answers(bodies)
    except Invalid as error:
        faults += error.faults
        answers = {body["question"]: Answer.from_json(body) for body in bodies}
    found = answer_faults(
        form,
        answers,
        channel=interaction.channel,
        intent=interaction.intent,
        turns=[turn["text"] for turn in interaction.turns],
        evidence_required=True,
    )
    places = {body["question"]: place for place, body in enumerate(bodies)}
    faults += (_where_it_stands(fault, [places[key] for key in answers]) for fault in found)
    return answers, faults


def _where_it_stands(fault: Fault, places: Sequence[int]) -> Fault:
    """Point at the answer as it was sent: where one comes twice, the later one was judged."""
    _, _, path = fault.pointer.partition("/")
    place, slash, rest = path.partition("/")
    return replace(fault, pointer=f"/{places[int(place)]}{slash}{rest}") if place else fault


def _note(session: Session, review: Review, evaluation: Evaluation) -> None:
    audit.record(
        session,
        "review.submitted",
        f"review:{review.review_id}",
        client_id=review.client_id,
        evaluation=evaluation.evaluation_id,
        interaction=review.interaction_id,
        score=evaluation.score,
    )


def evaluations_beside(
    session: Session, *, evaluation_id: uuid.UUID, interaction_id: uuid.UUID
) -> tuple[Evaluation, Evaluation | None]:
    """Return a person's evaluation and the machine's present one of the same interaction, if there is one."""
    found = session.scalars(
        select(Evaluation).where(
            Evaluation.interaction_id == interaction_id,
            (Evaluation.evaluation_id == evaluation_id)
            | ((Evaluation.kind == "automatic") & Evaluation.superseded_at.is_(None)),
        )
    ).all()
    human = next(each for each in found if each.evaluation_id == evaluation_id)
    return human, next((each for each in found if each.kind == "automatic"), None)
