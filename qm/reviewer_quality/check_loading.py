"""Reads quality checks that were answered, each as of everybody whose work it says something about."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Text, and_, func, select, type_coerce
from sqlalchemy.orm import Session

from qm.reviewer_quality.figures import Check, CheckedQuestion, Work
from qm.reviews.answer_comparison import compare_answers
from qm.reviews.models import Evaluation, Review
from qm.reviews.quality_check_models import GoldenItem, QualityCheck
from scorecards.authoring.models import Definition
from scorecards.definitions.form import Form
from tenants.models import Client


def bounds_of(first: date, last: date) -> tuple[datetime, datetime]:
    """Return the moments between which the days lie, in UTC: people work for several clients."""
    start = datetime.combine(first, time(), UTC)
    return start, datetime.combine(last, time(), UTC) + timedelta(days=1)


def load_checks(
    session: Session, *, first: date, last: date, client: Client | None = None
) -> Mapping[uuid.UUID, Sequence[Check]]:
    """Return the checks of each person.

    A golden item says something of who answered it. A second look says as much of who reviewed first: neither
    of the two is right by definition. Left out are those whose conversation or scorecard has another version
    on one side, and those whose first evaluation was voided.
    """
    rows = session.execute(_statement(first, last, client)).all()
    forms = _forms(session, {row.scorecard_id for row in rows})
    found: dict[uuid.UUID, list[Check]] = defaultdict(list)
    for row in rows:
        known, score = _known(row)
        questions = _compared(forms[row.scorecard_id], row.answers, known)
        day = row.answered_at.astimezone(UTC).date()
        difference = None if row.score is None or score is None else row.score - score
        found[row.user_id].append(Check(row.kind, day, questions, difference))
        if row.kind == "re_review" and row.first_id is not None:
            other = None if difference is None else -difference
            found[row.first_id].append(Check(row.kind, day, questions, other))
    return found


def _statement(first: date, last: date, client: Client | None) -> Any:
    start, end = bounds_of(first, last)
    check = QualityCheck
    of_review = and_(Review.tenant_id == check.tenant_id, Review.review_id == check.review_id)
    of_evaluation = and_(
        Evaluation.tenant_id == check.tenant_id,
        Evaluation.interaction_id == check.interaction_id,
        Evaluation.evaluation_id == check.evaluation_id,
    )
    of_item = and_(GoldenItem.tenant_id == check.tenant_id, GoldenItem.golden_item_id == check.golden_item_id)
    statement = (
        select(
            *(check.kind, check.user_id, check.scorecard_id, check.answers, check.score, check.answered_at),
            GoldenItem.answers.label("golden_answers"),
            GoldenItem.score.label("golden_score"),
            Evaluation.answers.label("first_answers"),
            Evaluation.score.label("first_score"),
            Evaluation.reviewer_id.label("first_id"),
        )
        .join(Review, of_review)
        .outerjoin(Evaluation, and_(of_evaluation, Evaluation.voided_at.is_(None)))
        .outerjoin(GoldenItem, of_item)
        .where(
            check.answered_at >= start,
            check.answered_at < end,
            Review.state == "submitted",
            Review.words == check.words,
            check.scorecard_id == func.coalesce(GoldenItem.scorecard_id, Evaluation.scorecard_id),
        )
        .order_by(check.answered_at, check.review_id)
    )
    return statement if client is None else statement.where(check.client_id == client.client_id)


def _known(row: Any) -> tuple[Sequence[Mapping[str, Any]], float | None]:
    if row.golden_answers is not None:
        return row.golden_answers, row.golden_score
    return row.first_answers, row.first_score


def _forms(session: Session, scorecard_ids: Iterable[uuid.UUID]) -> Mapping[uuid.UUID, Form]:
    found = session.scalars(select(Definition).where(Definition.definition_id.in_(list(scorecard_ids))))
    return {each.definition_id: Form.from_body({**each.body, "key": each.key}) for each in found}


def _compared(
    form: Form, given: Sequence[Mapping[str, Any]], known: Sequence[Mapping[str, Any]]
) -> Sequence[CheckedQuestion]:
    comparison = compare_answers(
        form,
        {answer["question"]: answer for answer in given},
        {answer["question"]: answer for answer in known},
    )
    return [
        CheckedQuestion(form.key, each.question, form.questions[each.question].text, each.agrees)
        for each in comparison.questions
        if each.agrees is not None
    ]


def load_work(
    session: Session, *, first: date, last: date, client: Client | None = None
) -> Mapping[uuid.UUID, Work]:
    """Return what each person did with the reviews that they took, checks included."""
    start, end = bounds_of(first, last)
    ours = [Review.kind == "standard", ~Review.hand_picked_answer]
    if client is not None:
        ours.append(Review.client_id == client.client_id)
    seconds = func.array_agg(Review.active_seconds).filter(
        Review.state == "submitted", Review.active_seconds > 0
    )
    rows = session.execute(
        select(
            Review.reviewer_id,
            func.count().filter(Review.state != "skipped").label("submitted"),
            func.count().filter(Review.state == "skipped").label("skipped"),
            seconds.label("seconds"),
        )
        .where(
            *ours,
            Review.state.in_(("submitted", "skipped", "outdated")),
            Review.reviewer_id.is_not(None),
            Review.finished_at >= start,
            Review.finished_at < end,
        )
        .group_by(Review.reviewer_id)
    )
    given_back = _given_back(session, ours, start, end)
    found = {
        row.reviewer_id: Work(
            row.submitted, row.skipped, given_back.pop(row.reviewer_id, 0), tuple(row.seconds or ())
        )
        for row in rows
    }
    return found | {user_id: Work(given_back=count) for user_id, count in given_back.items()}


def _given_back(
    session: Session, ours: Sequence[Any], start: datetime, end: datetime
) -> dict[uuid.UUID, int]:
    """Return how many reviews of a period each person gave back, or let expire."""
    who = func.jsonb_array_elements_text(Review.given_back_by).label("who")
    each = (
        select(type_coerce(who, Text).label("who"))
        .where(*ours, Review.given_back_by != [], Review.created_at >= start, Review.created_at < end)
        .subquery()
    )
    rows = session.execute(select(each.c.who, func.count()).group_by(each.c.who))
    return {uuid.UUID(who): count for who, count in rows}
