"""The list of overrides: automatic answers that reviewers answered differently, newest first."""

import uuid
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import Text, cast, func, tuple_
from sqlalchemy.orm import Session

from qm.disclosure import SEES_INTERACTIONS
from qm.reports.evaluation_pairs import ScorecardVersion, load_scorecard_versions, select_pairs
from qm.reports.override_outcomes import load_outcomes
from qm.reports.report_request import ReportRequest
from qm.reviews.answer_comparison import AnswerPair, pair_answers
from qm.reviews.double_scored import current_machine, human, reviewed_interaction, same_current_version
from qm.reviews.models import Review
from qm.reviews.readings import note_readings
from scorecards.authoring.models import Definition
from tenants.credentials import Actor
from tenants.http.contract import Page, cursor_of, key_of

# Rows fetched at a time: a page is usually filled from the first.
_CHUNK_SIZE = 200
# A cursor is not encrypted: it holds a digest, not the review's id.
_ORDER = func.md5(cast(Review.review_id, Text), type_=Text).label("order")
_SORT_KEY = (human.created_at, _ORDER, Definition.key)
_COLUMNS = (
    _ORDER,
    *(human.created_at, Review.review_id, Review.interaction_id, reviewed_interaction.external_id),
    *(human.scorecard_id, human.evaluation_id),
    *(human.answers.label("human_answers"), current_machine.answers.label("machine_answers")),
    human.override_reasons,
)
# Fields that identify an interaction or may quote it: a note is free text; automatic reasons never quote.
_MASKED: dict[str, Any] = dict.fromkeys(
    ("interaction_id", "external_id", "review_id", "evaluation_id", "human_note", "override_reason")
)


@dataclass(frozen=True, slots=True)
class _Position:
    """The position of the last override of the previous page."""

    at: datetime
    order: str
    question: str


def list_overrides(
    session: Session,
    request: ReportRequest,
    actor: Actor,
    *,
    limit: int,
    cursor: str | None,
    question: str | None = None,
) -> Page:
    """Return one page of overrides, of one question or of all.

    An override is an answer of a sampled, submitted review that differs from the automatic answer; a question
    on which automatic scoring abstained is none. Overrides of one review are in form order. Without the scope
    `interactions:read`, ids of interactions, reviewers' notes and their reasons are left out.
    """
    after = _Position(*key_of(cursor, len(_SORT_KEY), _SORT_KEY)) if cursor else None
    versions = load_scorecard_versions(session, request, actor)
    with closing(_overrides(session, request, actor, versions, after)) as overrides:
        matching = (each for each in overrides if question is None or each["question"] == question)
        found = list(islice(matching, limit + 1))
    rows = found[:limit]
    note_readings(session, actor, (each["interaction_id"] for each in rows))
    override_outcomes = load_outcomes(
        session, request.client.client_id, [each["interaction_id"] for each in rows]
    )
    last = rows[-1] if len(found) > limit else None
    place = [last[name] for name in ("reviewed_at", "order", "question")] if last else []
    masked = {} if SEES_INTERACTIONS in actor.scopes else _MASKED
    return Page(
        [override_outcomes.with_outcome(each) | masked for each in rows], cursor_of(place) if last else None
    )


def _overrides(
    session: Session,
    request: ReportRequest,
    actor: Actor,
    versions: Mapping[uuid.UUID, ScorecardVersion],
    after: _Position | None,
) -> Generator[dict[str, Any]]:
    position = tuple_(*_SORT_KEY[:2])
    statement = select_pairs(request, actor, *_COLUMNS).where(same_current_version)
    if after is not None:
        statement = statement.where(position <= tuple_(after.at, after.order))
    statement = statement.order_by(human.created_at.desc(), _ORDER.desc())
    with session.execute(statement.execution_options(yield_per=_CHUNK_SIZE)) as rows:
        for row in rows:
            scorecard = versions[row.scorecard_id]
            overridden = [
                each
                for each in pair_answers(scorecard.form, row.human_answers, row.machine_answers)
                if each.overridden
            ]
            if after is not None and row.order == after.order:
                overridden = _after_question(scorecard, overridden, after.question)
            human_answers, machine_answers = (
                _by_question(row.human_answers),
                _by_question(row.machine_answers),
            )
            for each in overridden:
                key = each.question.key
                yield _override(row, scorecard, each) | _reasons(human_answers[key], machine_answers[key])


def _after_question(
    scorecard: ScorecardVersion, overridden: Sequence[AnswerPair], question: str
) -> list[AnswerPair]:
    """Return the overrides that come after this question on the form."""
    order = {key: number for number, key in enumerate(scorecard.form.questions)}
    return [each for each in overridden if order[each.question.key] > order.get(question, -1)]


def _override(row: Any, scorecard: ScorecardVersion, pair: AnswerPair) -> dict[str, Any]:
    machine_value, human_value = pair.machine, pair.human
    scores = (machine_value.score if machine_value else None, human_value.score if human_value else None)
    return {
        "interaction_id": row.interaction_id,
        "external_id": row.external_id,
        "review_id": row.review_id,
        "evaluation_id": row.evaluation_id,
        "reviewed_at": row.created_at,
        "order": row.order,
        "scorecard": scorecard.key,
        "version": scorecard.version,
        "question": pair.question.key,
        "text": pair.question.text,
        "machine_said": machine_value.name if machine_value else None,
        "human_said": human_value.name if human_value else None,
        "override_reason": row.override_reasons.get(pair.question.key),
        "difference": None if None in scores else 100 * (scores[0] - scores[1]),  # type: ignore[operator]
    }


def _reasons(human_answer: Mapping[str, Any], machine_answer: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "machine_confidence": machine_answer.get("confidence"),
        "machine_reason": machine_answer.get("reason") or "",
        "machine_clause": machine_answer.get("clause"),
        "machine_turn": _first_turn(machine_answer),
        "human_reasons": ", ".join(human_answer.get("reasons") or ()),
        "human_note": human_answer.get("note") or "",
        "human_turn": _first_turn(human_answer),
    }


def _first_turn(answer: Mapping[str, Any]) -> int | None:
    evidence = answer.get("evidence") or ()
    return min((span["turn"] for span in evidence), default=None)


def _by_question(answers: Sequence[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    return {answer["question"]: answer for answer in answers}
