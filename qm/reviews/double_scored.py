"""Double-scored interactions: submitted reviews joined with automatic evaluations.

Reports join the current automatic evaluation. Gates and training join the one that was current when the
reviewer submitted: a later one may be by a model that was trained on that review.
"""

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from qm.interactions.models import Interaction
from qm.reviews.models import Evaluation, Review
from qm.reviews.worked_queues import in_sample

human, machine = aliased(Evaluation, name="human"), aliased(Evaluation, name="machine")

same_version = human.scorecard_id == machine.scorecard_id
"""The condition that both evaluations are under the same version of the same scorecard."""
sampled = and_(in_sample, ~Review.hand_picked_answer, ~Review.reopened)
"""The condition that the review was sampled and answered blind, not by hand-picking or after reopening."""


def select_submitted_reviews(*columns: Any) -> Select[Any]:
    """Return the statement of submitted reviews joined with their current human evaluation."""
    own_evaluation = human.evaluation_id == Review.evaluation_id
    return (
        select(*columns)
        .select_from(Review)
        .join(human, _of_review(human, own_evaluation, human.superseded_at.is_(None)))
        .where(Review.state == "submitted", Review.kind == "standard")
    )


def join_machine_at_review() -> ColumnElement[bool]:
    """Return the join condition of the automatic evaluation, by the same version, at the time of review."""
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


# With an offset it is looked up for each review by its index. Joined, PostgreSQL compares every review with
# every evaluation, as long as the tables are not analysed.
current_machine = aliased(
    Evaluation,
    select(Evaluation)
    .where(_of_review(Evaluation, Evaluation.kind == "automatic", Evaluation.superseded_at.is_(None)))
    .correlate(Review)
    .offset(0)
    .lateral("current_machine"),
)
"""The current automatic evaluation of a review: join it on `true()`."""
reviewed_interaction = aliased(
    Interaction,
    select(Interaction)
    .where(
        Interaction.tenant_id == Review.tenant_id,
        Interaction.interaction_id == Review.interaction_id,
    )
    .correlate(Review)
    .offset(0)
    .lateral("reviewed_interaction"),
)
"""The interaction of a review, looked up likewise: join it on `true()`."""
same_current_version = human.scorecard_id == current_machine.scorecard_id
"""The condition that it is under the same version of the same scorecard as the person's."""
