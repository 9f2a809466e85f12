"""Risk factors of past interactions, as far as they are stored, for a dry run of a sampling policy."""

import uuid
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import Row, func, select, text
from sqlalchemy.orm import Session

from qm.facts.models import DailyRollup, InteractionFacts
from qm.interactions.events import events_by_interaction, merge_events
from qm.reviews.models import Evaluation
from scorecards.authoring.version_queries import forms_by_id
from scorecards.sampling.dry_run import PastInteraction
from scorecards.sampling.inclusion import RiskFacts
from tenants.models import Client

_BATCH = 1000
# Confidence and abstention are those of the answers that were the machine's to give: where it may answer, or
# where a written rule answers (`ruled`, as scorecard:question).
_PAST = text(
    """
    select f.interaction_id, f.agent, f.day, f.started_at, f.charged, i.outcome,
           i.ended_at, i.source_updated_at,
           first_response_breached + next_response_breached + resolution_breached > 0
           or least(first_response_due, next_response_due, resolution_due) < :now as breached,
           coalesce(e.critical, '[]') <> '[]' as critical, a.confidence, a.abstained
    from interaction_facts f
    join interactions i on i.tenant_id = f.tenant_id and i.interaction_id = f.interaction_id
    left join evaluations e on e.tenant_id = f.tenant_id and e.interaction_id = f.interaction_id
         and e.kind = 'automatic' and e.superseded_at is null
    left join lateral (
        select min((x ->> 'confidence')::float8) filter (where not (x ->> 'abstained')::bool) as confidence,
               coalesce(bool_or((x ->> 'abstained')::bool), false) as abstained
        from jsonb_array_elements(e.answers) as x
        where x ->> 'gate' <> 'human_only'
           or e.scorecard_id::text || ':' || (x ->> 'question') = any(cast(:ruled as text[]))
    ) as a on true
    where f.client_id = :client and f.judged = 1
      and f.day between :first and :last and f.interaction_id > :after
    order by f.interaction_id limit :size
    """
)


def count_interactions(session: Session, client: Client, first: date, last: date) -> int:
    """Return how many scored interactions there are in a period."""
    days = DailyRollup.day.between(first, last)
    statement = select(func.coalesce(func.sum(DailyRollup.judged), 0))
    return int(session.scalar(statement.where(DailyRollup.client_id == client.client_id, days)) or 0)


def load_past_interactions(
    session: Session, client: Client, first: date, last: date, now: datetime
) -> list[PastInteraction]:
    """Return all scored interactions of a period with their risk factors."""
    since = _first_days(session, client)
    return [_past(row, csat, since) for row, csat in _rows(session, client, first, last, now)]


def _rows(
    session: Session, client: Client, first: date, last: date, now: datetime
) -> Iterator[tuple[Row[Any], float | None]]:
    """Yield the stored facts of interactions, and the CSAT with later events merged in."""
    period = {"client": client.client_id, "first": first, "last": last, "now": now}
    parameters = {**period, "ruled": _ruled_questions(session, client, first, last), "size": _BATCH}
    after = uuid.UUID(int=0)
    while rows := session.execute(_PAST, {**parameters, "after": after}).all():
        events = events_by_interaction(session, [row.interaction_id for row in rows])
        for row in rows:
            outcome, _ = merge_events(row, row.outcome, (), events.get(row.interaction_id, ()))
            yield row, outcome.get("csat")
        after = rows[-1].interaction_id


def _past(row: Row[Any], csat: float | None, since: dict[str, date]) -> PastInteraction:
    begun = datetime.combine(since.get(row.agent, row.day), time(), UTC)
    facts = RiskFacts(
        charged=bool(row.charged),
        sla_breach=bool(row.breached),
        critical=row.critical,
        abstained=bool(row.abstained),
        confidence=row.confidence,
        csat=csat,
        agent_days=max(0.0, (row.started_at - begun).total_seconds() / 86_400) if row.agent else None,
    )
    return PastInteraction(row.agent, row.day, facts)


def _first_days(session: Session, client: Client) -> dict[str, date]:
    """Return the first day of each agent with this client."""
    statement = select(DailyRollup.agent, func.min(DailyRollup.day).label("first"))
    of_client = statement.where(DailyRollup.client_id == client.client_id)
    return {row.agent: row.first for row in session.execute(of_client.group_by(DailyRollup.agent))}


def _ruled_questions(session: Session, client: Client, first: date, last: date) -> Sequence[str]:
    """Return the questions that a written rule answers, by scorecard."""
    scorecards = session.scalars(
        select(Evaluation.scorecard_id)
        .join(
            InteractionFacts,
            (InteractionFacts.tenant_id == Evaluation.tenant_id)
            & (InteractionFacts.interaction_id == Evaluation.interaction_id),
        )
        .where(
            InteractionFacts.client_id == client.client_id,
            InteractionFacts.day.between(first, last),
            Evaluation.kind == "automatic",
            Evaluation.scorecard_id.is_not(None),
        )
        .distinct()
    )
    forms = forms_by_id(session, [each for each in scorecards if each is not None])
    return [
        f"{scorecard_id}:{key}"
        for scorecard_id, form in forms.items()
        for key, question in form.questions.items()
        if question.auto is not None
    ]
