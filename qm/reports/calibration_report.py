"""The report on calibration: how far people agree in the sessions of a period, the machine beside them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func
from sqlalchemy.orm import Session

from qm.calibration.blindness import note_results_seen, select_sessions
from qm.calibration.board import MACHINE, Board, QuestionRatings, ratings_of
from qm.calibration.board_loading import load_board
from qm.calibration.deviations import severity_by_rater
from qm.calibration.models import Calibration
from qm.calibration.question_agreement import overall_agreement
from qm.disclosure import is_small
from qm.reports.report_request import ReportRequest
from scorecards.statistics.agreement import percent_agreement
from tenants.credentials import Actor

MAX_SESSIONS = 12
MAX_DISPUTED = 10
METHOD_NOTE = (
    "Sessions that ended in the period, the newest twelve. Agreement is over the interactions that "
    "several people answered, the mean over questions; its interval is a smoothed Bayesian bootstrap over "
    "interactions. Zones are Krippendorff's: below 0.667 tentative at best, 0.8 and over reliable. "
    "Severity is how far a rater is from the reference of the session, an expert or the mean of people; "
    "the machine is one more rater and is in no agreement. Disputed questions are counted over all these "
    "sessions, under whatever version. Calibration answers change no score."
)
_FIGURES = ("n", "percent", "alpha", "alpha_low", "alpha_high", "zone", "zone_note")
_MACHINE = ("machine_severity", "machine_low", "machine_high", "machine_leaning")


@dataclass(slots=True)
class _Question:
    """One question over sessions: items that several answered, and the sum of their shares of agreement."""

    text: str
    sessions: int = 0
    n: int = 0
    agreed: float = 0.0


@dataclass(slots=True)
class _Read:
    """What is read of sessions."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    questions: dict[tuple[str, str], _Question] = field(default_factory=dict)


def report(session: Session, request: ReportRequest, actor: Actor) -> dict[str, Any]:
    """Return the answer of `reports/calibration`; that a participant has seen results is noted."""
    found = _ended_sessions(session, request, actor)
    shown = found[:MAX_SESSIONS]
    note_results_seen(session, actor, [each.calibration_id for each in shown])
    read = _Read()
    for each in shown:
        board = load_board(session, actor, each)
        _read_session(read, request, each, board, named="calibration:read" in actor.scopes)
    disputed = _disputed(request, read.questions)
    return {
        "client": request.client.slug,
        "from": request.period.first,
        "to": request.period.last,
        "finding": finding(read.rows, disputed),
        "sessions": read.rows,
        "more_sessions": max(0, len(found) - len(shown)),
        "disputed": disputed,
        "method_note": METHOD_NOTE,
    }


def finding(rows: Sequence[Mapping[str, Any]], disputed: Sequence[Mapping[str, Any]]) -> str:
    """
    Return what the sessions say in a sentence, or what is missing and what to do.

    Examples
    --------
    >>> finding([], [])
    'No calibration session ended in this period: choose another one, or make a session.'
    >>> row = {"name": "May", "alpha": 0.71, "alpha_low": 0.5, "alpha_high": 0.84, "suppressed": False}
    >>> finding([row], [{"text": "Owned?", "percent": 50.0}])
    "In the newest of 1 sessions, 'May', alpha was 0.71 (0.50 to 0.84). People differ most on 'Owned?'."
    """
    if not rows:
        return "No calibration session ended in this period: choose another one, or make a session."
    told = [row for row in rows if row["alpha"] is not None and row["alpha_low"] is not None]
    if not told:
        return (
            "In no session of this period have people answered enough of the same to tell how far they "
            "agree: have two or more answer the same interactions."
        )
    row = told[0]
    limits = f"{row['alpha_low']:.2f} to {row['alpha_high']:.2f}"
    most = f" People differ most on '{disputed[0]['text']}'." if disputed else ""
    where = f"In the newest of {len(rows):,} sessions, '{row['name']}',"
    return f"{where} alpha was {row['alpha']:.2f} ({limits}).{most}"


def _ended_sessions(session: Session, request: ReportRequest, actor: Actor) -> list[Calibration]:
    """Return the sessions that ended in the period and that the caller may know of, the newest first."""
    ended = func.least(Calibration.closed_at, Calibration.deadline)
    found = session.scalars(
        select_sessions(actor, request.now)
        .where(
            Calibration.tenant_id == request.client.tenant_id,
            Calibration.client_id == request.client.client_id,
            ended >= request.period.start,
            ended < min(request.period.end, request.now),
        )
        .order_by(ended.desc(), Calibration.calibration_id)
    )
    return list(found)


def _read_session(
    read: _Read, request: ReportRequest, calibration: Calibration, board: Board, *, named: bool
) -> None:
    questions = ratings_of(board)
    row: dict[str, Any] = {
        "calibration": calibration.calibration_id,
        "name": calibration.name,
        "ended_at": calibration.ended_at(request.now),
        "interactions": len(board.items),
        "people": len(board.people),
        **dict.fromkeys((*_FIGURES, *_MACHINE)),
        "raters": [],
        "suppressed": True,
    }
    if request.suppress_small and is_small(len(board.items)):
        read.rows.append({**row, "interactions": None})
        return
    agreement = overall_agreement(board, questions, board.people).figures()
    raters = _raters(request, board, named=named)
    machine = next((each for each in raters if each["number"] == MACHINE), None)
    if machine is not None:
        names = ("severity", "severity_low", "severity_high", "leaning")
        row |= dict(zip(_MACHINE, (machine[name] for name in names), strict=True))
    read.rows.append(
        {**row, **{name: agreement[name] for name in _FIGURES}, "raters": raters, "suppressed": False}
    )
    for each in questions:
        _add_question(read, board, each)


def _raters(request: ReportRequest, board: Board, *, named: bool) -> list[dict[str, Any]]:
    """Return how severe each rater is, the machine too; of few interactions nothing to stakeholders."""
    found = severity_by_rater(board)
    rows = []
    for rater in board.raters:
        severity = found.get(rater.number)
        if severity is not None and request.suppress_small and is_small(severity.n):
            severity = None
        rows.append(
            {
                "number": rater.number,
                "name": rater.name if named or rater.number == MACHINE else f"Reviewer {rater.number}",
                "side": rater.side,
                "answered": rater.answered,
                "severity": severity.interval.estimate if severity else None,
                "severity_low": severity.interval.low if severity else None,
                "severity_high": severity.interval.high if severity else None,
                "leaning": severity.leaning if severity else "unknown",
            }
        )
    return rows


def _add_question(read: _Read, board: Board, ratings: QuestionRatings) -> None:
    """Add what one session says of a question: the share of pairs that agree, by item."""
    counts = ratings.counts(board.people, ratings.items)
    n, share = int((counts.sum(axis=1) >= 2).sum()), percent_agreement(counts)
    if share is None or not n:
        return
    key = (ratings.scorecard, ratings.question.key)
    question = read.questions.setdefault(key, _Question(ratings.question.text))
    question.sessions += 1
    question.n += n
    question.agreed += n * share


def _disputed(request: ReportRequest, questions: Mapping[tuple[str, str], _Question]) -> list[dict[str, Any]]:
    """Return the questions on which people differ, those most that they differ on most."""
    rows = [
        {
            "scorecard": scorecard,
            "question": key,
            "text": each.text,
            "sessions": each.sessions,
            "n": each.n,
            "percent": 100 * each.agreed / each.n,
        }
        for (scorecard, key), each in questions.items()
        if each.agreed < each.n and not request.suppresses(each.n)
    ]
    rows.sort(key=lambda row: (row["percent"], row["scorecard"], row["question"]))
    return rows[:MAX_DISPUTED]
