"""Interactions that chance drew, a person reviewed and the machine judged: where the two can be compared.

A pair counts when the person's review was drawn (never hand-picked) and submitted, both evaluations hold
now, and both were made under the same version of the same scorecard. Whoever is still to judge an
interaction is shown nothing that rests on it.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, func, not_, select
from sqlalchemy.orm import Session

from qm.interactions.models import Interaction
from qm.reports.request import Period
from qm.reports.request import ReportRequest as Asked
from qm.reviews.blindness import hidden_from
from qm.reviews.double_scored import human, machine, machine_now, same_version, sampled, submitted_reviews
from qm.reviews.models import Review
from scorecards.authoring.models import Definition
from scorecards.definitions.form import Form
from tenants.credentials import Actor


@dataclass(frozen=True, slots=True)
class Scorecard:
    """One version of a scorecard that pairs were judged by."""

    key: str
    version: int
    form: Form


def double_scored(asked: Asked, actor: Actor, *columns: Any) -> Select[Any]:
    """Return the statement of a client's pairs, without the condition of the same version."""
    return pairs_of(asked.period, asked.filters, actor, *columns).where(
        Review.tenant_id == asked.client.tenant_id, Review.client_id == asked.client.client_id
    )


def pairs_of(period: Period, filters: Mapping[str, str], actor: Actor, *columns: Any) -> Select[Any]:
    """Return the statement of such pairs of all clients that the caller sees, and these columns."""
    return (
        submitted_reviews(*columns)
        .join(machine, machine_now())
        .join(
            Interaction,
            and_(
                Interaction.tenant_id == Review.tenant_id,
                Interaction.interaction_id == Review.interaction_id,
            ),
        )
        .where(
            Review.started_at >= period.start,
            Review.started_at < period.end,
            sampled,
            *(func.coalesce(getattr(Interaction, name), "") == value for name, value in filters.items()),
            not_(hidden_from(actor, Review.interaction_id)),
        )
    )


def scorecards(session: Session, asked: Asked, actor: Actor) -> dict[uuid.UUID, Scorecard]:
    """Return every version that such pairs were judged by, the oldest first."""
    wanted = double_scored(asked, actor, human.scorecard_id).where(same_version)
    found = session.scalars(
        select(Definition)
        .where(
            Definition.tenant_id == asked.client.tenant_id,
            Definition.client_id == asked.client.client_id,
            Definition.definition_id.in_(wanted),
        )
        .order_by(Definition.key, Definition.version)
    )
    return {
        each.definition_id: Scorecard(each.key, each.version, Form.from_body(each.body)) for each in found
    }
