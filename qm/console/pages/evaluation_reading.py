"""What of an evaluation's page belongs to its agent and their client: whether it is read and disputed."""

from collections.abc import Mapping
from typing import Any

from flask_babel import format_date, gettext
from sqlalchemy import select

from qm.console.formatting import words
from qm.console.pages.review_shown import shown_turns
from qm.disputes.access import select_disputes, select_to_read, side_of
from qm.disputes.acknowledging import acknowledgement_of, acknowledgements
from qm.disputes.models import Dispute
from qm.disputes.opening import disputable_until, readable_from_for, rules_for
from qm.disputes.representations import dispute_summaries
from qm.interactions.models import Interaction
from qm.reviews.client_reading import reads_for_client, without_agents
from qm.reviews.models import Evaluation
from scorecards.definitions.form import Form
from tenants.access import actor, session
from tenants.models import utc_now
from tenants.roles import CLIENT_ROLE


def called(interaction: Interaction) -> str:
    """Return how an interaction is called: by its id, or, for a client's own people, by channel and day."""
    if actor().role != CLIENT_ROLE:
        return interaction.external_id
    day = format_date(interaction.started_at)
    return str(gettext("%(channel)s of %(day)s", channel=words(interaction.channel), day=day))


def readable_turns(interaction: Interaction) -> list[dict[str, Any]]:
    """Return the turns; without who spoke for the provider for the client's own people."""
    turns = without_agents(session(), interaction) if reads_for_client(actor()) else interaction.turns
    return shown_turns(turns)


def reading_of(evaluation: Evaluation, form: Form) -> Mapping[str, Any]:
    """Return whether an evaluation is read, what of it is disputed, and what the reader may do with it."""
    if "disputes:read" not in actor().scopes or evaluation.kind != "human":
        return {"disputes": [], "may_dispute": False, "may_acknowledge": False, "read": None, "places": []}
    now = utc_now()
    own = select_to_read(actor()).where(Evaluation.evaluation_id == evaluation.evaluation_id)
    is_theirs = actor().user_id is not None and session().scalars(own).one_or_none() is not None
    rules = rules_for(session(), evaluation)
    until = disputable_until(evaluation, rules, readable_from_for(session(), actor(), evaluation))
    is_agent = is_theirs and side_of(actor()) == "agent"
    found = acknowledgements(session(), [evaluation], actor().user_id if is_agent else None)
    read = acknowledgement_of(evaluation, rules, found.get(evaluation.evaluation_id), now)
    published = evaluation.superseded_at is None and read["due_at"] is not None
    writes = "disputes:write" in actor().scopes
    return {
        "disputes": _disputes_of(evaluation),
        "may_dispute": is_theirs and writes and bool(form.questions) and until is not None and now <= until,
        "places": [f"/{key}" for key in form.questions],
        "until": until if is_theirs else None,
        "over": is_theirs and until is not None and now > until,
        "may_acknowledge": is_agent and writes and read["acknowledged_at"] is None,
        "read": read if published and (is_agent or actor().sees_agents) else None,
    }


def _disputes_of(evaluation: Evaluation) -> list[dict[str, Any]]:
    wanted = select_disputes(actor()).where(
        Dispute.interaction_id == evaluation.interaction_id, Dispute.reviewer_id == evaluation.reviewer_id
    )
    found = session().scalars(wanted.order_by(Dispute.opened_at, Dispute.dispute_id)).all()
    return dispute_summaries(session(), actor(), found, utc_now()) if found else []


def disputed_interaction(dispute: Dispute) -> Interaction:
    """Return the interaction that a dispute is about."""
    wanted = select(Interaction).where(Interaction.interaction_id == dispute.interaction_id)
    return session().scalars(wanted).one()
