"""Which published evaluations agents have read, which wait, and which wait too long: for their leaders."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, literal, or_, select
from sqlalchemy.orm import Session

from qm.disputes.acknowledging import acknowledgement_of, acknowledgements
from qm.disputes.models import Acknowledgement
from qm.disputes.opening import scorecard_of
from qm.disputes.rules import SETTING, rules_of
from qm.interactions.models import Interaction
from qm.reviews.blindness import visible_evaluations
from qm.reviews.models import Evaluation
from tenants.access import Forbidden
from tenants.clients import client_named
from tenants.credentials import Actor
from tenants.models import Client, User

READ_STATES = ("read", "waiting", "overdue")
ORDER = [Evaluation.published_at, Evaluation.evaluation_id]
_LEADERS = frozenset({"admin", "qm_manager", "team_lead"})
_scorecard = Evaluation.versions["scorecard"][0]["key"].astext
_whose: ColumnElement[Any] = func.coalesce(func.nullif(Interaction.part_agent, ""), Interaction.agent)


class NotLeader(Forbidden):
    """The credential has the scope, but its role does not look after agents."""

    def __init__(self) -> None:
        """Set the message that names the roles."""
        super().__init__("disputes:read")
        self.args = ("Only team leads, QM managers and admins see who has read what.",)


def leads(actor: Actor) -> bool:
    """Whether somebody sees which evaluations agents have read; a key that acts for nobody does."""
    return actor.role is None or actor.role in _LEADERS


def select_to_be_read(
    session: Session,
    actor: Actor,
    *,
    now: datetime,
    state: str | None = None,
    client: str | None = None,
    agent: str | None = None,
) -> Select[Evaluation]:
    """Return the statement of the published evaluations in force whose agent signs in here.

    Those of agents without an account are left out: nobody could read them.

    Raises
    ------
    NotLeader
        For other roles than team leads, managers and admins.
    """
    if not leads(actor):
        raise NotLeader
    wanted = (
        select(Evaluation)
        .join(
            Interaction,
            (Interaction.tenant_id == Evaluation.tenant_id)
            & (Interaction.interaction_id == Evaluation.interaction_id),
        )
        .where(
            Evaluation.kind == "human",
            Evaluation.superseded_at.is_(None),
            Evaluation.published_at <= now,
            visible_evaluations(actor),
            exists(_reader().where(User.agent == _whose)),
        )
    )
    if client is not None:
        wanted = wanted.where(Evaluation.client_id == client_named(session, client).client_id)
    if agent is not None:
        wanted = wanted.where(_whose == agent)
    return wanted if state is None else wanted.where(_in_state(session, state, now))


def count_overdue(session: Session, actor: Actor, now: datetime) -> int:
    """Return how many evaluations wait too long to be read."""
    found = select_to_be_read(session, actor, now=now, state="overdue")
    return session.scalar(select(func.count()).select_from(found.subquery())) or 0


def _reader() -> Select[Any]:
    """Return a statement of the people who can sign in."""
    return select(literal(1)).where(User.tenant_id == Evaluation.tenant_id, User.disabled_at.is_(None))


def _in_state(session: Session, state: str, now: datetime) -> ColumnElement[bool]:
    read = exists(
        select(literal(1)).where(
            Acknowledgement.tenant_id == Evaluation.tenant_id,
            Acknowledgement.evaluation_id == Evaluation.evaluation_id,
        )
    )
    if state == "read":
        return read
    late = func.greatest(Evaluation.published_at, Evaluation.created_at) < _read_until(session, now)
    return and_(~read, late if state == "overdue" else ~late)


def _read_until(session: Session, now: datetime) -> ColumnElement[datetime]:
    """Return the moment before which what was published is overdue, by client and scorecard."""
    by_days: dict[int, list[ColumnElement[bool]]] = defaultdict(list)
    for row in session.execute(select(Client.client_id, Client.settings)):
        scorecards = (row.settings.get(SETTING) or {}).get("scorecards", ())
        own = {each["scorecard"] for each in scorecards}
        for key in own:
            by_days[rules_of(row.settings, key).acknowledge_days].append(
                and_(Evaluation.client_id == row.client_id, _scorecard == key)
            )
        of_client: ColumnElement[bool] = Evaluation.client_id == row.client_id
        if own:
            of_client = and_(of_client, func.coalesce(_scorecard, "").not_in(own))
        by_days[rules_of(row.settings, None).acknowledge_days].append(of_client)
    if not by_days:
        return literal(now)
    limits = [(or_(*found), literal(now - timedelta(days=days))) for days, found in by_days.items()]
    return case(*limits, else_=literal(now))


def reading_representations(
    session: Session, evaluations: Sequence[Evaluation], now: datetime
) -> list[dict[str, Any]]:
    """Return published evaluations with their agent, and whether it has read them."""
    rows = session.execute(
        select(Interaction, Client)
        .join(Client, Client.client_id == Interaction.client_id)
        .where(Interaction.interaction_id.in_({each.interaction_id for each in evaluations}))
    )
    interactions = {row.Interaction.interaction_id: row for row in rows}
    agents = {_agent_of(row.Interaction) for row in interactions.values()}
    people = {
        user.agent: {"id": user.user_id, "name": user.name}
        for user in session.scalars(select(User).where(User.agent.in_(agents), User.disabled_at.is_(None)))
    }
    read = acknowledgements(session, evaluations)
    return [
        _reading(each, interactions[each.interaction_id], people, read.get(each.evaluation_id), now)
        for each in evaluations
    ]


def _agent_of(interaction: Interaction) -> str | None:
    return interaction.part_agent or interaction.agent


def _reading(evaluation: Evaluation, row: Any, people: Any, found: Any, now: datetime) -> dict[str, Any]:
    scorecard = scorecard_of(evaluation)
    read = acknowledgement_of(evaluation, rules_of(row.Client.settings, scorecard), found, now)
    agent = _agent_of(row.Interaction)
    state = "read" if read["acknowledged_at"] else "overdue" if read["overdue"] else "waiting"
    return {
        "evaluation": evaluation.evaluation_id,
        "client": row.Client.slug,
        "external_id": row.Interaction.external_id,
        "agent": agent,
        "person": people.get(agent),
        "scorecard": scorecard,
        "score": evaluation.score,
        "published_at": evaluation.published_at,
        "due_at": read["due_at"],
        "acknowledged_at": read["acknowledged_at"],
        "state": state,
    }
