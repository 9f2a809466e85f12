"""A random sample of stored interactions, always the same one: some are judged again, all are counted."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Text, and_, cast, func, not_, select, tuple_
from sqlalchemy.orm import Session

from qm.interactions.models import Interaction
from qm.reports.request import Period
from qm.reviews.blindness import hidden_from
from qm.reviews.models import Review
from qm.what_if.judge_sets import Segment
from scorecards.sampling import holdout
from tenants.credentials import Actor
from tenants.models import Client

_SHUFFLED = func.md5(func.concat("what-if", cast(Interaction.interaction_id, Text)))


@dataclass(frozen=True, slots=True)
class SampleQuery:
    """Which interactions are asked about: a client's, of a period, those that the caller may see judged."""

    client: Client
    period: Period
    filters: Mapping[str, str]
    actor: Actor

    @property
    def conditions(self) -> Sequence[ColumnElement[bool]]:
        """What an interaction must be: scored, so that it is drawn for review or not, and not hidden.

        Before that nobody knows whether the caller will be asked to judge it without the machine's answers.
        """
        return (
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
    """The ids of a sample in random order, so that its beginning is a sample too, and of how many."""

    ids: Sequence[uuid.UUID]
    of: int


def sample(session: Session, asked: SampleQuery, *, wanted: Callable[[Segment], bool], most: int) -> Sample:
    """Draw at most so many of the interactions in wanted places; the same ones whenever it is asked."""
    program = func.coalesce(Interaction.program, "")
    counted = session.execute(
        select(Interaction.channel, program, func.count())
        .where(*asked.conditions)
        .group_by(Interaction.channel, program)
    ).all()
    places = {(channel, name): count for channel, name, count in counted if wanted((channel, name or None))}
    if not places:
        return Sample((), 0)
    ids = session.scalars(
        select(Interaction.interaction_id)
        .where(*asked.conditions, tuple_(Interaction.channel, program).in_(list(places)))
        .order_by(_SHUFFLED)
        .limit(most)
    ).all()
    return Sample(ids, sum(places.values()))


def sample_holdout(session: Session, asked: SampleQuery, *, key: bytes, most: int) -> Sample:
    """Draw interactions that chance drew, people reviewed, and no model ever learns from.

    `key` is the one of `scorecards.sampling.holdout`.
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
        .where(*asked.conditions, Review.state == "submitted", ~Review.targeted)
        .order_by(_SHUFFLED)
    )
    unseen = [each for each in ids if holdout.in_holdout(key, each)]
    return Sample(unseen[:most], len(unseen))
