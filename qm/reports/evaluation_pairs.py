"""Pairs of human and automatic evaluations of randomly sampled, double-scored interactions.

A pair counts if the review was sampled (never hand-picked) and submitted, both evaluations are current, and
both are under the same version of the same scorecard. Interactions that the caller may not see evaluations
of, because they are still to review them, are left out.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, any_, func, not_, select, true
from sqlalchemy.orm import Session

from qm.reports.report_request import Period, ReportRequest
from qm.reviews.blindness import hidden_from
from qm.reviews.double_scored import (
    current_machine,
    human,
    reviewed_interaction,
    same_current_version,
    sampled,
    select_submitted_reviews,
)
from qm.reviews.models import Review
from scorecards.authoring.models import Definition
from scorecards.definitions.form import Form
from tenants.credentials import Actor


@dataclass(frozen=True, slots=True)
class ScorecardVersion:
    """One version of a scorecard that pairs were evaluated with."""

    key: str
    version: int
    form: Form


def select_pairs(request: ReportRequest, actor: Actor, *columns: Any) -> Select[Any]:
    """Return the statement of a client's pairs, which may be under different scorecard versions."""
    return select_pairs_within(began_in(request.period), request.filters, actor, *columns).where(
        Review.tenant_id == request.client.tenant_id, Review.client_id == request.client.client_id
    )


def began_in(period: Period) -> ColumnElement[bool]:
    """Return the condition that the reviewed interaction began in a period."""
    return and_(Review.started_at >= period.start, Review.started_at < period.end)


def select_pairs_within(
    began: ColumnElement[bool], filters: Mapping[str, str], actor: Actor, *columns: Any
) -> Select[Any]:
    """Return the statement of the pairs of all clients that the caller may see, with these columns."""
    return (
        select_submitted_reviews(*columns)
        .join(current_machine, true())
        .join(reviewed_interaction, true())
        .where(
            began,
            sampled,
            *(
                func.coalesce(getattr(reviewed_interaction, name), "") == value
                for name, value in filters.items()
            ),
            not_(hidden_from(actor, Review.interaction_id)),
        )
    )


def load_scorecard_versions(
    session: Session, request: ReportRequest, actor: Actor
) -> dict[uuid.UUID, ScorecardVersion]:
    """Return every scorecard version that pairs were evaluated with, oldest first."""
    version_ids = select_pairs(request, actor, human.scorecard_id).where(same_current_version).distinct()
    # As an array the pairs are looked for once; joined, for every definition, as long as the tables are not
    # analysed.
    is_used = Definition.definition_id == any_(func.array(version_ids.scalar_subquery()))
    definitions = session.scalars(
        select(Definition)
        .where(
            Definition.tenant_id == request.client.tenant_id,
            Definition.client_id == request.client.client_id,
            is_used,
        )
        .order_by(Definition.key, Definition.version)
    )
    return {
        each.definition_id: ScorecardVersion(each.key, each.version, Form.from_body(each.body))
        for each in definitions
    }
