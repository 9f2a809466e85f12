"""Reproducible random samples of stored interactions for what-if analyses."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Text, and_, cast, exists, func, literal, not_, select, tuple_
from sqlalchemy.orm import Session

from qm.facts.models import InteractionFacts
from qm.interactions.models import Interaction
from qm.reports.report_request import Period
from qm.reviews.blindness import hidden_from
from qm.reviews.double_scored import sampled
from qm.reviews.models import Review
from qm.what_if.judge_sets import Segment
from scorecards.sampling import holdout
from tenants.credentials import Actor
from tenants.models import Client

_SHUFFLED = func.md5(func.concat("what-if", cast(Interaction.interaction_id, Text)))


@dataclass(frozen=True, slots=True)
class SampleQuery:
    """The population: interactions of a client and period whose evaluations the caller may see."""

    client: Client
    period: Period
    filters: Mapping[str, str]
    actor: Actor

    @property
    def conditions(self) -> Sequence[ColumnElement[bool]]:
        """The conditions of the population; only judged interactions that are not hidden from the caller.

        Before scoring it is not known whether the interaction is sampled for blind review by the caller.
        Where several agents spoke, these are the parts of each: nothing judges the whole.
        """
        not_judged = select(literal(1)).where(
            InteractionFacts.tenant_id == Interaction.tenant_id,
            InteractionFacts.interaction_id == Interaction.interaction_id,
            InteractionFacts.judged == 0,
        )
        return (
            not_(exists(not_judged)),
            Interaction.tenant_id == self.client.tenant_id,
            Interaction.client_id == self.client.client_id,
            Interaction.started_at >= self.period.start,
            Interaction.started_at < self.period.end,
            Interaction.state == "scored",
            *(func.coalesce(getattr(Interaction, name), "") == value for name, value in self.filters.items()),
            not_(hidden_from(self.actor, Interaction.interaction_id)),
        )


@dataclass(frozen=True, slots=True)
class Sample:
    """Ids in random order, any prefix of which is a random sample too, and the size of the population."""

    ids: Sequence[uuid.UUID]
    of: int


def draw_sample(
    session: Session, query: SampleQuery, *, in_segment: Callable[[Segment], bool], limit: int
) -> Sample:
    """Draw at most `limit` interactions of the chosen segments; repeated calls draw the same ones."""
    program = func.coalesce(Interaction.program, "")
    counted = session.execute(
        select(Interaction.channel, program, func.count())
        .where(*query.conditions)
        .group_by(Interaction.channel, program)
    ).all()
    segments = {
        (channel, name): count for channel, name, count in counted if in_segment((channel, name or None))
    }
    if not segments:
        return Sample((), 0)
    ids = session.scalars(
        select(Interaction.interaction_id)
        .where(*query.conditions, tuple_(Interaction.channel, program).in_(list(segments)))
        .order_by(_SHUFFLED)
        .limit(limit)
    ).all()
    return Sample(ids, sum(segments.values()))


def draw_holdout_sample(session: Session, query: SampleQuery, *, key: bytes, limit: int) -> Sample:
    """Draw interactions with sampled, submitted, held-out reviews, which no model is trained on.

    `key` is the holdout key of `scorecards.sampling.holdout`.
    """
    ids = session.scalars(
        select(Interaction.interaction_id)
        .join(
            Review,
            and_(
                Review.tenant_id == Interaction.tenant_id,
                Review.interaction_id == Interaction.interaction_id,
            ),
        )
        .where(*query.conditions, Review.state == "submitted", sampled)
        .order_by(_SHUFFLED)
    )
    held_out = [each for each in ids if holdout.in_holdout(key, each)]
    return Sample(held_out[:limit], len(held_out))
