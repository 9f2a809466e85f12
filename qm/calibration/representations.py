"""API representations of sessions and of what a participant is asked, as the caller may see them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from qm.calibration.answering import AskedItem
from qm.calibration.blindness import (
    participation,
    runs,
    sees_answers,
    sees_names,
    select_sessions,
    unanswered,
)
from qm.calibration.board_loading import load_items
from qm.calibration.models import Calibration, CalibrationAnswer
from qm.calibration.participants import Attendance, load_attendance
from tenants.credentials import Actor
from tenants.models import Client


def session_summaries(
    session: Session, actor: Actor, sessions: Sequence[Calibration], now: datetime
) -> list[dict[str, Any]]:
    """Return sessions as list items."""
    slugs = {row.client_id: row.slug for row in session.execute(select(Client.client_id, Client.slug))}
    return [_summary(session, actor, each, slugs[each.client_id], now) for each in sessions]


def _summary(
    session: Session, actor: Actor, calibration: Calibration, slug: str, now: datetime
) -> dict[str, Any]:
    mine = participation(session, actor, calibration)
    asks = mine is not None and calibration.state(now) == "open"
    return {
        "id": calibration.calibration_id,
        "client": slug,
        "name": calibration.name,
        "state": calibration.state(now),
        "source": calibration.source,
        "reference": calibration.reference,
        "covert": calibration.covert,
        "opens_at": calibration.opens_at,
        "deadline": calibration.deadline,
        "created_at": calibration.created_at,
        "ended_at": calibration.ended_at(now),
        "reopened_at": calibration.reopened_at,
        "takes_part": mine is not None,
        "to_answer": len(unanswered(session, actor, calibration)) if asks else 0,
        "shows_results": sees_answers(session, actor, calibration, now),
    }


def sessions_in_progress(
    session: Session, actor: Actor, now: datetime, *, most: int = 10
) -> list[dict[str, Any]]:
    """Return the open sessions that ask something of the caller or, where they run sessions, of anybody."""
    statement = select_sessions(actor, now).where(
        Calibration.opens_at <= now,
        Calibration.closed_at.is_(None),
        or_(Calibration.deadline.is_(None), Calibration.deadline > now),
    )
    # Those that end first come first; then those that end when somebody closes them.
    order = (Calibration.deadline.nulls_last(), Calibration.created_at, Calibration.calibration_id)
    found = session.scalars(statement.order_by(*order).limit(most)).all()
    shown = session_summaries(session, actor, found, now)
    return [each for each in shown if runs(actor) or each["to_answer"]]


def session_detail(session: Session, actor: Actor, calibration: Calibration, now: datetime) -> dict[str, Any]:
    """Return a session with its interactions and, by side, who takes part and how far they are."""
    (summary,) = session_summaries(session, actor, [calibration], now)
    items, attendance = load_items(session, calibration), load_attendance(session, calibration)
    mine = _answered(session, actor, calibration)
    return {
        **summary,
        "draw": calibration.draw if actor.sees_agents else None,
        "interactions_drawn": calibration.drawn,
        "interactions_erased": calibration.drawn - len(items),
        "participants": [_participant(actor, calibration, each) for each in attendance],
        "items": [
            {
                "number": item.number,
                "interaction": item.interaction_id,
                "external_id": item.external_id if actor.sees_agents else None,
                "scorecard": item.form.key,
                "version": item.version,
                "changed": item.changed,
                "answered": item.interaction_id in mine,
            }
            for item in items
            if runs(actor) or actor.sees_agents or summary["takes_part"]
        ],
    }


def _answered(session: Session, actor: Actor, calibration: Calibration) -> set[Any]:
    if actor.user_id is None:
        return set()
    return set(
        session.scalars(
            select(CalibrationAnswer.interaction_id).where(
                CalibrationAnswer.calibration_id == calibration.calibration_id,
                CalibrationAnswer.user_id == actor.user_id,
            )
        )
    )


def _participant(actor: Actor, calibration: Calibration, attendance: Attendance) -> dict[str, Any]:
    named = sees_names(actor, attendance.side)
    return {
        "number": attendance.number,
        "user": attendance.user_id if named else None,
        "name": attendance.name if named else f"Reviewer {attendance.number}",
        "side": attendance.side,
        "expert": attendance.user_id == calibration.expert_id,
        "answered": attendance.answered,
        "last_answer_at": attendance.last_answer_at,
    }


def asked_item(calibration: Calibration, asked: AskedItem, now: datetime) -> dict[str, Any]:
    """Return what a participant is asked: transcript, scorecard, and their own answers."""
    interaction, mine = asked.interaction, asked.mine
    return {
        "calibration": calibration.calibration_id,
        "number": asked.item.number,
        "interaction": interaction.interaction_id,
        "channel": interaction.channel,
        "language": interaction.language,
        "started_at": interaction.started_at,
        "state": calibration.state(now),
        "changed": asked.changed,
        "turns": [{**turn, "agent": turn.get("agent") or None} for turn in asked.turns],
        "scorecard": {
            "id": asked.scorecard.definition_id,
            "key": asked.scorecard.key,
            "version": asked.scorecard.version,
            "body": asked.scorecard.body,
        },
        "answers": mine.answers if mine else [],
        "score": mine.scores.get("score") if mine else None,
        "answered_at": mine.answered_at if mine else None,
    }
