"""A participant's answers to one interaction: what is asked, and what is stored."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import exists, literal, select
from sqlalchemy.orm import Session

from qm.calibration.blindness import participation, unanswered
from qm.calibration.models import Calibration, CalibrationAnswer, CalibrationItem
from qm.interactions.models import Interaction
from qm.interactions.queries import lock_interaction
from qm.reviews.calibrations_to_answer import scores_of
from qm.reviews.client_reading import without_agents
from qm.reviews.malformed_lists import MalformedList
from qm.reviews.models import Review
from qm.reviews.readings import has_seen, may_review
from qm.reviews.reviewed_words import words_of
from qm.reviews.sent_answers import faults_against, read_sent
from scorecards.authoring.models import Definition
from scorecards.definitions.form import Answer, Form
from scorecards.scoring.scoring import FormScore, score
from tenants import audit
from tenants.credentials import Actor
from tenants.http.faults import Conflict, Fault, Invalid, NotFound


@dataclass(frozen=True, slots=True)
class AskedItem:
    """What a participant is asked: an interaction, its scorecard, and what they have answered so far.

    The turns are as the participant may read them: a client's own people see no names of the provider's.
    """

    item: CalibrationItem
    interaction: Interaction
    scorecard: Definition
    turns: Sequence[Mapping[str, Any]]
    mine: CalibrationAnswer | None
    changed: bool

    @property
    def form(self) -> Form:
        """The scorecard as a form."""
        return Form.from_body({**self.scorecard.body, "key": self.scorecard.key})


def load_asked(
    session: Session, actor: Actor, calibration: Calibration, interaction_id: uuid.UUID
) -> AskedItem:
    """Return an interaction of a session as it is asked of the caller.

    Raises
    ------
    NotFound
        When the caller takes no part, or the session has no such interaction (any more).
    """
    if participation(session, actor, calibration) is None:
        raise NotFound("interaction of this session")
    row = session.execute(
        select(CalibrationItem, Interaction, Definition)
        .join(Interaction, Interaction.interaction_id == CalibrationItem.interaction_id)
        .join(Definition, Definition.definition_id == CalibrationItem.scorecard_id)
        .where(
            CalibrationItem.calibration_id == calibration.calibration_id,
            CalibrationItem.interaction_id == interaction_id,
        )
    ).one_or_none()
    if row is None:
        raise NotFound("interaction of this session")
    mine = session.scalars(
        select(CalibrationAnswer).where(
            CalibrationAnswer.calibration_id == calibration.calibration_id,
            CalibrationAnswer.interaction_id == interaction_id,
            CalibrationAnswer.user_id == actor.user_id,
        )
    ).one_or_none()
    changed = row.CalibrationItem.words != words_of(session, interaction_id)
    turns = row.Interaction.turns if actor.sees_agents else without_agents(session, row.Interaction)
    return AskedItem(row.CalibrationItem, row.Interaction, row.Definition, turns, mine, changed)


def answer(
    session: Session,
    actor: Actor,
    calibration: Calibration,
    interaction_id: uuid.UUID,
    *,
    answers: Sequence[Mapping[str, Any]] | MalformedList,
    faults: Sequence[Fault] = (),
    now: datetime,
) -> AskedItem:
    """Store a participant's answers to one interaction; they may change until the last one is answered.

    Raises
    ------
    Invalid
        With every fault, as of a review.
    Conflict
        When the session is not open, all is answered, or the conversation has changed.
    """
    load_asked(session, actor, calibration, interaction_id)
    # An erasure that began before is waited for; then the interaction is gone.
    lock_interaction(session, interaction_id)
    asked = load_asked(session, actor, calibration, interaction_id)
    held = session.scalars(
        select(Calibration)
        .where(Calibration.calibration_id == calibration.calibration_id)
        .with_for_update(read=True)
        .execution_options(populate_existing=True)
    ).one()
    _check_open(held, now)
    if asked.changed:
        detail = (
            "The conversation changed after the session began and is asked no more. Go on to the next one."
        )
        raise Conflict(detail, "conversation_changed")
    mine = participation(session, actor, held)
    if mine is not None and mine.results_seen_at is not None:
        detail = "You have been shown the results of this session: your answers would not be blind any more."
        raise Conflict(detail, "results_seen")
    if not unanswered(session, actor, held):
        detail = "You have submitted all of your answers and may see those of the others; they are final."
        raise Conflict(detail, "answers_final")
    blind = _is_blind(session, actor, held, asked)
    _store(session, actor, asked, *_validated(asked, answers, faults), blind=blind, now=now)
    return load_asked(session, actor, calibration, interaction_id)


def _check_open(calibration: Calibration, now: datetime) -> None:
    state = calibration.state(now)
    if state == "closed":
        detail = "This session has ended; no answer is taken any more. What you have submitted counts."
        raise Conflict(detail, "calibration_closed")
    if state == "planned":
        raise Conflict("This session has not begun yet.", "calibration_planned")


def _validated(
    asked: AskedItem, answers: Sequence[Mapping[str, Any]] | MalformedList, faults: Sequence[Fault]
) -> tuple[list[Answer], FormScore]:
    interaction, sent = asked.interaction, read_sent(answers)
    found = faults_against(
        asked.form,
        sent,
        channel=interaction.channel,
        intent=interaction.intent,
        turns=[turn["text"] for turn in asked.turns],
    )
    if faults or found:
        raise Invalid([*faults, *(fault.under("/answers") for fault in found)])
    result = score(asked.form, sent.answers, channel=interaction.channel, intent=interaction.intent)
    return [sent.answers[key] for key in result.shown if key in sent.answers], result


def _store(
    session: Session,
    actor: Actor,
    asked: AskedItem,
    answers: Sequence[Answer],
    result: FormScore,
    *,
    blind: bool,
    now: datetime,
) -> None:
    mine = asked.mine
    if mine is None:
        owner = {
            name: getattr(asked.item, name)
            for name in ("tenant_id", "client_id", "calibration_id", "interaction_id")
        }
        mine = CalibrationAnswer(**owner, user_id=actor.user_id)
        mine.blind = blind
    mine.answers = [each.to_json() for each in answers]
    mine.scores, mine.answered_at = scores_of(result), now
    session.add(mine)
    session.flush()
    audit.record(
        session,
        "calibration.answered",
        f"calibration:{asked.item.calibration_id}",
        client_id=asked.item.client_id,
        interaction=asked.item.interaction_id,
    )


def _is_blind(session: Session, actor: Actor, calibration: Calibration, asked: AskedItem) -> bool:
    """Tell whether the caller had neither reviewed the interaction nor been shown an evaluation of it.

    What people who do not review were shown while a session had ended is not noted: once it is reopened,
    their answers count as not blind.
    """
    if calibration.reopened_at is not None and not may_review(actor):
        return False
    reviewed = exists(
        select(literal(1))
        .select_from(Review)
        .where(
            Review.interaction_id == asked.item.interaction_id,
            Review.reviewer_id == actor.user_id,
            Review.state == "submitted",
        )
    )
    seen = has_seen(actor.user_id, literal(asked.item.interaction_id))
    return not session.scalar(select(reviewed | seen))
