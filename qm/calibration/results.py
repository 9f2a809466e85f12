"""The results of a session, as the caller may see them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from qm.calibration.blindness import note_results_seen
from qm.calibration.board import MACHINE, Board, QuestionRatings, Rater, ratings_of
from qm.calibration.board_loading import load_board
from qm.calibration.deviations import (
    RaterSeverity,
    deviation,
    leaning_of,
    severity_by_rater,
    side_difference,
    side_difference_on,
)
from qm.calibration.disputes import Disputed, Unclear, most_disputed, unclear_questions
from qm.calibration.finding import finding, finding_note
from qm.calibration.history import PastSession, QuestionHistory, load_past, question_histories
from qm.calibration.models import SIDES, Calibration
from qm.calibration.question_agreement import Agreement, overall_agreement, question_agreement
from qm.calibration.rewording import said_of
from qm.disclosure import is_small
from qm.interactions.models import Interaction
from qm.reviews.client_reading import without_names
from qm.reviews.readings import note_readings
from scorecards.authoring.version_queries import open_ended_versions
from tenants.credentials import Actor
from tenants.models import Client

SUPPRESSED = "Fewer than five interactions: the figures are kept back."


def results(session: Session, actor: Actor, calibration: Calibration, now: datetime) -> dict[str, Any]:
    """Return the results of a session; that the caller has seen its interactions judged is noted."""
    board = load_board(session, actor, calibration)
    note_readings(session, actor, [item.interaction_id for item in board.items])
    note_results_seen(session, actor, [calibration.calibration_id])
    questions = ratings_of(board)
    hides = actor.role == "client_stakeholder"
    answer = {
        "calibration": calibration.calibration_id,
        "name": calibration.name,
        "state": calibration.state(now),
        "reference": calibration.reference,
        "missing": _missing(session, calibration, board),
    }
    if hides and is_small(len(board.items)):
        return {**_empty(), **answer, "suppressed": True, "finding": SUPPRESSED, "finding_note": ""}
    agreed = [(each, question_agreement(each, board.people)) for each in questions]
    found = [(each, agreement) for each, agreement in agreed if not (hides and is_small(agreement.n))]
    shown = [each for each, _ in found]
    texts = [(each.question.text, agreement) for each, agreement in found]
    overall = overall_agreement(board, shown, board.people)
    past = load_past(session, actor, calibration, board, now)
    history = question_histories(past)
    disputed = [_disputed(board, each, actor) for each in most_disputed(board, shown)]
    return {
        **answer,
        "suppressed": False,
        "finding": finding(overall, texts),
        "finding_note": finding_note(overall, texts),
        "overall": overall.figures(),
        "questions": [_question(board, each, agreement) for each, agreement in found],
        "raters": _raters(board, shown, hides=hides),
        "sides": _sides(board, shown, hides=hides),
        "disputed": without_names(session, actor, _interactions(session, disputed), disputed),
        "unclear": [_unclear(board, each) for each in unclear_questions(board, shown)],
        "history": [_history(each, hides=hides) for each in history],
        "sessions": [_session(each, hides=hides) for each in past],
    }


def _interactions(session: Session, disputed: Sequence[Mapping[str, Any]]) -> Sequence[Interaction]:
    ids = {each["interaction"] for each in disputed}
    return session.scalars(select(Interaction).where(Interaction.interaction_id.in_(ids))).all()


def _empty() -> dict[str, Any]:
    names = ("questions", "raters", "disputed", "unclear", "history", "sessions")
    lists: dict[str, Any] = {name: [] for name in names}
    return {**lists, "overall": None, "sides": None}


def _missing(session: Session, calibration: Calibration, board: Board) -> dict[str, Any]:
    """Return what the figures lack, and why."""
    people = board.people
    machine = next(each for each in board.raters if each.number == MACHINE)
    versions = {(item.form.key, item.version) for item in board.items}
    newer = {each.key: each.version for each in _scorecards_in_force(session, calibration)}
    return {
        "erased": board.drawn - len(board.items),
        "changed": sum(item.changed for item in board.items),
        "answers_expected": len(people) * len(board.items),
        "answers_given": sum(each.answered for each in people),
        "never_answered": [each.name for each in people if not each.answered],
        "not_blind": sum(each.not_blind for each in people),
        "machine": len(board.items) - machine.answered,
        "newer_versions": sorted(key for key, version in versions if newer.get(key, version) > version),
    }


def _scorecards_in_force(session: Session, calibration: Calibration) -> Sequence[Any]:
    found = open_ended_versions(session, client_id=calibration.client_id)
    return [each for each in found if each.kind == "scorecard"]


def _question(board: Board, ratings: QuestionRatings, agreement: Agreement) -> dict[str, Any]:
    difference = side_difference_on(board, ratings)
    return {
        "scorecard": ratings.scorecard,
        "version": ratings.version,
        "question": ratings.question.key,
        "text": ratings.question.text,
        "kind": ratings.question.kind,
        "level": ratings.level,
        **agreement.figures(),
        "client_minus_provider": difference.interval.estimate,
        "client_minus_provider_low": difference.interval.low,
        "client_minus_provider_high": difference.interval.high,
    }


def _raters(board: Board, questions: Sequence[QuestionRatings], *, hides: bool) -> list[dict[str, Any]]:
    found = {
        number: severity
        for number, severity in severity_by_rater(board).items()
        if not (hides and is_small(severity.n))
    }
    return [_rater(board, rater, questions, found, hides=hides) for rater in board.raters]


def _rater(
    board: Board,
    rater: Rater,
    questions: Sequence[QuestionRatings],
    found: Mapping[int, RaterSeverity],
    *,
    hides: bool,
) -> dict[str, Any]:
    severity = found.get(rater.number)
    deviations = [(each, deviation(board, each, rater)) for each in questions]
    return {
        "number": rater.number,
        "name": rater.name,
        "side": rater.side,
        "is_reference": rater.number in board.experts,
        "answered": rater.answered,
        "severity": severity.interval.estimate if severity else None,
        "severity_low": severity.interval.low if severity else None,
        "severity_high": severity.interval.high if severity else None,
        "leaning": severity.leaning if severity else "unknown",
        "deviations": [
            {
                "scorecard": each.scorecard,
                "question": each.question.key,
                "mean": None if rater.number in board.experts or (hides and is_small(one.n)) else one.mean,
                "n": one.n,
            }
            for each, one in deviations
        ],
    }


def _sides(board: Board, questions: Sequence[QuestionRatings], *, hides: bool) -> dict[str, Any] | None:
    """Return how the client's people compare with the provider's; nothing where one side is missing."""
    difference = side_difference(board)
    if not all(board.of_side(side) for side in SIDES) or (hides and is_small(difference.n)):
        return None
    within = {side: overall_agreement(board, questions, board.of_side(side)) for side in SIDES}
    return {
        "client_minus_provider": difference.interval.estimate,
        "low": difference.interval.low,
        "high": difference.interval.high,
        "n": difference.n,
        "leaning": leaning_of(difference.interval),
        "provider_percent": within["provider"].percent,
        "client_percent": within["client"].percent,
    }


def _disputed(board: Board, disputed: Disputed, actor: Actor) -> dict[str, Any]:
    item = next(each for each in board.items if each.number == disputed.item)
    key = disputed.ratings.question.key
    given = [(rater, board.answers.get((item.number, rater.number), {}).get(key)) for rater in board.raters]
    return {
        "number": item.number,
        "interaction": item.interaction_id,
        "external_id": item.external_id if actor.sees_agents else None,
        "scorecard": disputed.ratings.scorecard,
        "question": key,
        "text": disputed.ratings.question.text,
        "percent": 100 * disputed.agreement,
        "answers": [
            {
                "number": rater.number,
                "name": rater.name,
                "side": rater.side,
                "value": body.get("value"),
                "na": bool(body.get("na")),
                "note": body.get("note") or "",
                "evidence": body.get("evidence") or [],
            }
            for rater, body in given
            if body is not None and not body.get("abstained")
        ],
    }


def _unclear(board: Board, unclear: Unclear) -> dict[str, Any]:
    names = {rater.number: rater.name for rater in board.raters}
    return {
        "scorecard": unclear.ratings.scorecard,
        "question": unclear.ratings.question.key,
        "text": unclear.ratings.question.text,
        "alpha": unclear.agreement.alpha.estimate,
        "ac1": unclear.agreement.ac1.estimate,
        "reasons": list(unclear.reasons),
        "apart": None if unclear.apart is None else names[unclear.apart],
        "detail": said_of(unclear),
    }


def _history(history: QuestionHistory, *, hides: bool) -> dict[str, Any]:
    change = history.change
    sessions = [
        {
            "calibration": past.calibration.calibration_id,
            "name": past.calibration.name,
            "ended_at": past.ended_at,
            "version": version,
            "percent": agreement.percent,
            "alpha": agreement.alpha.estimate,
            "n": agreement.n,
        }
        for past, version, agreement in history.sessions
        if not (hides and is_small(agreement.n))
    ]
    return {
        "scorecard": history.scorecard,
        "question": history.question,
        "sessions": sessions,
        "reworded": change is not None,
        "version_before": history.before,
        "version_after": history.after,
        "difference": _points(change.difference.estimate) if change else None,
        "difference_low": _points(change.difference.low) if change else None,
        "difference_high": _points(change.difference.high) if change else None,
        "verdict": change.verdict if change else None,
    }


def _session(past: PastSession, *, hides: bool) -> dict[str, Any]:
    """Return the agreement over all questions of a session of the client's."""
    people = past.board.people
    questions = ratings_of(past.board)
    if hides:
        questions = [each for each in questions if not is_small(question_agreement(each, people).n)]
    return {
        "calibration": past.calibration.calibration_id,
        "name": past.calibration.name,
        "ended_at": past.ended_at,
        **overall_agreement(past.board, questions, people).figures(),
    }


def _points(share: float | None) -> float | None:
    return None if share is None else 100 * share


def client_of(session: Session, calibration: Calibration) -> Client:
    """Return the client of a session."""
    return session.scalars(select(Client).where(Client.client_id == calibration.client_id)).one()
