"""Where people said something else than the machine: each single answer, the newest first."""

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
from qm.interactions.models import Interaction
from qm.reports.override_outcomes import outcomes
from qm.reports.pairs import Scorecard, double_scored, scorecards
from qm.reports.request import ReportRequest as Asked
from qm.reviews.answer_comparison import Compared, compared
from qm.reviews.double_scored import human, machine, same_version
from qm.reviews.models import Review
from scorecards.authoring.models import Definition
from tenants.credentials import Actor
from tenants.http.contract import Page, cursor_of, key_of

# Rows fetched at a time: a page is usually filled from the first.
_CHUNK = 200
# A cursor can be read: the digest keeps the review's id out of it.
_ORDER = func.md5(cast(Review.review_id, Text), type_=Text).label("order")
_PLACE = (human.created_at, _ORDER, Definition.key)
_COLUMNS = (
    _ORDER,
    *(human.created_at, Review.review_id, Review.interaction_id, Interaction.external_id),
    *(human.scorecard_id, human.evaluation_id, human.answers.label("said"), machine.answers.label("judged")),
)
# What leads to one interaction, or may quote it: a note is free text; the machine's reason never quotes.
_UNSEEN: dict[str, Any] = dict.fromkeys(
    ("interaction_id", "external_id", "review_id", "evaluation_id", "human_note")
)


@dataclass(frozen=True, slots=True)
class _After:
    """The last override of the page before."""

    at: datetime
    order: str
    question: str


def page(
    session: Session,
    asked: Asked,
    actor: Actor,
    *,
    limit: int,
    cursor: str | None,
    wanted: str | None = None,
) -> Page:
    """Return one page of overrides, those of the question `wanted` or of all.

    An override is an answer of a drawn, submitted review that says something else than the machine did;
    a question on which the machine abstained is none. Within a review they stand as on the form. Whoever
    may not look interactions up is not told which they are, nor what people noted of them.
    """
    after = _After(*key_of(cursor, len(_PLACE), _PLACE)) if cursor else None
    versions = scorecards(session, asked, actor)
    with closing(_overrides(session, asked, actor, versions, after)) as every:
        matching = (each for each in every if wanted is None or each["question"] == wanted)
        found = list(islice(matching, limit + 1))
    more = found[:limit]
    became = outcomes(session, asked.client.client_id, [each["interaction_id"] for each in more])
    last = more[-1] if len(found) > limit else None
    place = [last[name] for name in ("reviewed_at", "order", "question")] if last else []
    unseen = {} if SEES_INTERACTIONS in actor.scopes else _UNSEEN
    return Page([became.told(each) | unseen for each in more], cursor_of(place) if last else None)


def _overrides(
    session: Session,
    asked: Asked,
    actor: Actor,
    versions: Mapping[uuid.UUID, Scorecard],
    after: _After | None,
) -> Generator[dict[str, Any]]:
    place = tuple_(*_PLACE[:2])
    statement = double_scored(asked, actor, *_COLUMNS).where(same_version)
    if after is not None:
        statement = statement.where(place <= tuple_(after.at, after.order))
    statement = statement.order_by(human.created_at.desc(), _ORDER.desc())
    with session.execute(statement.execution_options(yield_per=_CHUNK)) as rows:
        for row in rows:
            scorecard = versions[row.scorecard_id]
            changed = [each for each in compared(scorecard.form, row.said, row.judged) if each.overridden]
            if after is not None and row.order == after.order:
                changed = _left(scorecard, changed, after.question)
            said, judged = _by_question(row.said), _by_question(row.judged)
            for each in changed:
                key = each.question.key
                yield _shown(row, scorecard, each) | _reasons(said[key], judged[key])


def _left(scorecard: Scorecard, changed: Sequence[Compared], question: str) -> list[Compared]:
    """Return what stands on the form below the question that ended the page before."""
    order = {key: number for number, key in enumerate(scorecard.form.questions)}
    return [each for each in changed if order[each.question.key] > order.get(question, -1)]


def _shown(row: Any, scorecard: Scorecard, found: Compared) -> dict[str, Any]:
    one, other = found.machine, found.human
    scores = (one.score if one else None, other.score if other else None)
    return {
        "interaction_id": row.interaction_id,
        "external_id": row.external_id,
        "review_id": row.review_id,
        "evaluation_id": row.evaluation_id,
        "reviewed_at": row.created_at,
        "order": row.order,
        "scorecard": scorecard.key,
        "version": scorecard.version,
        "question": found.question.key,
        "text": found.question.text,
        "machine_said": one.name if one else None,
        "human_said": other.name if other else None,
        "difference": None if None in scores else 100 * (scores[0] - scores[1]),  # type: ignore[operator]
    }


def _reasons(said: Mapping[str, Any], judged: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "machine_confidence": judged.get("confidence"),
        "machine_reason": judged.get("reason") or "",
        "machine_clause": judged.get("clause"),
        "machine_turn": _first_turn(judged),
        "human_reasons": ", ".join(said.get("reasons") or ()),
        "human_note": said.get("note") or "",
        "human_turn": _first_turn(said),
    }


def _first_turn(answer: Mapping[str, Any]) -> int | None:
    evidence = answer.get("evidence") or ()
    return min((span["turn"] for span in evidence), default=None)


def _by_question(answers: Sequence[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    return {answer["question"]: answer for answer in answers}
