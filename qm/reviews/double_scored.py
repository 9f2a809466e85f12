"""Submitted reviews beside the machine's evaluation: the one statement behind agreement, gates and training.

Two evaluations of the machine can be meant: the one that holds now, as reports show it, or the one that held
when the person judged. Gates and training need the latter: a later one may have learned from that person.
"""

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from qm.reviews.models import Evaluation, Review

human, machine = aliased(Evaluation, name="human"), aliased(Evaluation, name="machine")

same_version = human.scorecard_id == machine.scorecard_id
"""Both evaluations were made under the same version of the same scorecard."""
sampled = ~Review.targeted
"""The review was sampled, not picked by hand."""


def submitted_reviews(*columns: Any) -> Select[Any]:
    """Return the statement of submitted reviews, each with the person's evaluation if it still holds."""
    mine = human.evaluation_id == Review.evaluation_id
    return (
        select(*columns)
        .select_from(Review)
        .join(human, _of_review(human, mine, human.superseded_at.is_(None)))
        .where(Review.state == "submitted")
    )


def machine_now() -> ColumnElement[bool]:
    """Return the join condition of the machine's evaluation that holds now."""
    return _of_review(machine, machine.kind == "automatic", machine.superseded_at.is_(None))


def machine_at_review() -> ColumnElement[bool]:
    """Return the join condition of the machine's evaluation, by the same version, when the person judged."""
    return _of_review(
        machine,
        machine.kind == "automatic",
        same_version,
        machine.created_at <= human.created_at,
        or_(machine.superseded_at.is_(None), machine.superseded_at > human.created_at),
    )


def _of_review(
    evaluation: Any, *conditions: ColumnElement[bool] | InstrumentedAttribute[bool]
) -> ColumnElement[bool]:
    return and_(
        evaluation.tenant_id == Review.tenant_id,
        evaluation.interaction_id == Review.interaction_id,
        *conditions,
    )
