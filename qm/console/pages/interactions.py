"""The lists of one client: interactions, those that were set aside, and evaluations."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import flash, request, url_for
from flask_babel import lazy_gettext as _
from flask_babel import ngettext

from qm.browsing.all_clients import listed_representations, page_of_interactions
from qm.browsing.queries import external_ids, list_statement, summary_representations
from qm.browsing.schemas import AllInteractionsArguments, InteractionArguments
from qm.console.blueprint import blueprint
from qm.console.client_pages import client_frame, visible_clients
from qm.console.lists import Column, Filter, Listing
from qm.console.page_access import page
from qm.console.rendering import see
from qm.console.words import KNOWN
from qm.interactions.dead_interactions import retry_dead
from qm.interactions.models import STATES, Interaction
from qm.reviews.blindness import select_evaluations
from qm.reviews.models import EVALUATION_KINDS, Evaluation
from qm.reviews.representations import evaluation_representations
from qm.reviews.schemas import EvaluationListArguments
from qm.services import services
from scorecards.definitions.conversation import CHANNELS, PRIORITIES
from scorecards.sla.clocks import UNANSWERED
from scorecards.sla.policy import TARGETS
from tenants.access import actor, session
from tenants.http.contract import page_of
from tenants.http.faults import Fault, Invalid, NotFound
from tenants.models import Client


def _choices(*names: str) -> list[tuple[str, Any]]:
    return [(name, KNOWN[name]) for name in names]


_YES_NO = (("true", _("yes")), ("false", _("no")))


def _interaction_link(row: Mapping[str, Any]) -> str:
    return url_for("console.interactions_shown", interaction_id=row["id"])


INTERACTIONS = Listing(
    _("Interactions"),
    columns=(
        Column("external_id", _("External id")),
        Column("started_at", _("Began"), "moment"),
        Column("channel", _("Channel"), "words"),
        Column("intent", _("Reason"), "words"),
        Column("agent.name", _("Agent")),
        Column("agent.external_id", _("Agent's id"), optional=True),
        Column("agent.team", _("Team"), optional=True),
        Column("score", _("Machine's score"), "number"),
        Column("empathy", _("Machine's empathy"), "number"),
        Column("sentiment_shift", _("Sentiment shift"), "number", optional=True),
        Column("charged", _("Charged"), optional=True),
        Column("sampled", _("Drawn for review"), optional=True),
        Column("priority", _("Priority"), "words"),
        Column("program", _("Program"), optional=True),
        Column("queue", _("Queue"), optional=True),
        Column("language", _("Language"), optional=True),
        Column("customer.external_id", _("Customer"), optional=True),
        Column("customer.segment", _("Segment"), optional=True),
        Column("state", _("State"), "words"),
        Column("ended_at", _("Ended"), "moment", optional=True),
        Column("received_at", _("Received"), "moment", optional=True),
        Column("changed_at", _("Changed here"), "moment", optional=True),
        Column("id", _("Id"), optional=True),
    ),
    filters=(
        Filter("from", _("From"), type="date"),
        Filter("to", _("To"), type="date", through=True),
        Filter("channel", _("Channel"), _choices(*CHANNELS)),
        Filter("agent", _("Agent's id")),
        Filter("sla", _("SLA"), _choices("met", "breached", "running", "paused", UNANSWERED)),
        Filter("q", _("Words said"), type="search"),
        Filter("score_lt", _("Scored below"), type="number", more=True),
        Filter("charged", _("Charged"), _YES_NO, more=True),
        Filter("customer", _("Customer"), more=True),
        Filter("team", _("Team"), more=True),
        Filter("priority", _("Priority"), _choices(*PRIORITIES), more=True),
        Filter("program", _("Program"), more=True),
        Filter("queue", _("Queue"), more=True),
        Filter("language", _("Language"), more=True),
        Filter("tag", _("Tag"), more=True),
        Filter("intent", _("Reason"), more=True),
        Filter("theme", _("Theme"), more=True),
        Filter("sla_rule", _("SLA rule"), more=True),
        Filter("breached", _("Late clock"), _choices(*TARGETS), more=True),
        Filter("csat", _("Satisfaction"), [(str(number), str(number)) for number in range(1, 6)], more=True),
        Filter("state", _("State"), _choices(*STATES), more=True),
        Filter("external_id", _("External id"), more=True),
    ),
    link=_interaction_link,
    empty=_(
        "Nothing has been received for this client yet. Push an interaction by the API, or import a file."
    ),
    views="interactions",
)

DEAD = Listing(
    _("Set aside"),
    columns=(
        Column("external_id", _("External id")),
        Column("error", _("Why it could not be scored")),
        Column("attempts", _("Attempts"), "count"),
        Column("started_at", _("Began"), "moment"),
        Column("received_at", _("Received"), "moment", optional=True),
        Column("changed_at", _("Set aside"), "moment"),
        Column("id", _("Id"), optional=True),
    ),
    link=_interaction_link,
    empty=_("Nothing is set aside: every interaction was scored, or waits to be."),
    template="interactions/dead.html",
)

EVALUATIONS = Listing(
    _("Evaluations"),
    columns=(
        Column("interaction.external_id", _("Interaction")),
        Column("changed_at", _("Made or superseded"), "moment"),
        Column("kind", _("By"), "words"),
        Column("reviewer.name", _("Reviewer")),
        Column("score", _("Score"), "number"),
        Column("empathy", _("Empathy"), "number"),
        Column("outcome", _("Outcome"), "words"),
        Column("band", _("Band")),
        Column("critical", _("Critical answers"), "tags"),
        Column("in_force", _("In force")),
        Column("pillars.listen_validate", _("Listen & Validate"), "number", optional=True),
        Column("pillars.acknowledge_own", _("Acknowledge & Own"), "number", optional=True),
        Column("pillars.resolve_personalize", _("Resolve & Personalize"), "number", optional=True),
        Column("pillars.follow_up_reassure", _("Follow-up & Reassure"), "number", optional=True),
        Column("created_at", _("Made"), "moment", optional=True),
        Column("superseded_at", _("Superseded"), "moment", optional=True),
        Column("interaction_id", _("Id of the interaction"), optional=True),
        Column("id", _("Id"), optional=True),
    ),
    filters=(
        Filter("kind", _("By"), _choices(*EVALUATION_KINDS)),
        Filter("in_force", _("In force"), _YES_NO),
        Filter("critical", _("Critical answers"), _YES_NO),
        Filter("updated_since", _("Changed since"), type="date"),
    ),
    link=lambda row: f"/evaluations/{row['id']}",
    empty=_("Nobody has evaluated anything of this client that you may see yet."),
    views="evaluations",
)


@blueprint.route("/interactions", endpoint="interactions")
@page("interactions:read")
def list_all_interactions() -> Any:
    """Show the interactions of all clients that somebody sees, newest first; of the only one on its page."""
    clients = visible_clients()
    if len(clients) == 1 and not request.args:
        return see(url_for("console.interactions_of_client", client=clients[0].slug))

    def load(filters: dict[str, Any], limit: int, cursor: str | None) -> Any:
        filters.pop("updated_since", None)
        try:
            found = page_of_interactions(session(), actor(), filters, limit=limit, cursor=cursor)
        except NotFound as error:
            raise Invalid([Fault("/query/client", "unknown_client", str(error))]) from error
        return found, listed_representations(session(), actor(), found.data)

    of_client = Filter("client", _("Client"), [(each.slug, each.name) for each in clients])
    listing = replace(
        INTERACTIONS,
        columns=(INTERACTIONS.columns[0], Column("client", _("Client")), *INTERACTIONS.columns[1:]),
        filters=(of_client, *INTERACTIONS.filters),
        empty=_("Nothing has been received yet. Push an interaction by the API, or import a file."),
    )
    return listing.answer(AllInteractionsArguments, load, name="interactions")


@blueprint.route("/clients/<client>/interactions", endpoint="interactions_of_client")
@page("interactions:read")
def list_interactions(client: Client) -> Any:
    """Show a client's interactions, newest first."""
    return _interactions(INTERACTIONS, client, f"{client.slug}-interactions")


@blueprint.route("/clients/<client>/set-aside", endpoint="interactions_dead")
@page("interactions:read")
def list_dead_interactions(client: Client) -> Any:
    """Show the interactions that could not be scored, and why."""
    return _interactions(DEAD, client, f"{client.slug}-set-aside", state="dead")


@blueprint.route("/clients/<client>/set-aside", methods=["POST"], endpoint="interactions_retry")
@page("interactions:write")
def retry_dead_interactions(client: Client) -> Any:
    """Give everything that was set aside another round of attempts."""
    count = retry_dead(session(), services().redis, client)
    flash(ngettext("%(num)d interaction is scored again.", "%(num)d interactions are scored again.", count))
    return see(url_for("console.interactions_dead", client=client.slug))


@blueprint.route("/clients/<client>/evaluations", endpoint="interactions_evaluations")
@page("interactions:read")
def list_evaluations(client: Client) -> Any:
    """Show a client's evaluations, newest first; not those of what the reader may still judge."""
    key = [Evaluation.updated_at, Evaluation.evaluation_id]

    def load(filters: dict[str, Any], limit: int, cursor: str | None) -> Any:
        since = filters.pop("updated_since", None)
        statement = select_evaluations(actor(), client, **filters, in_list=True)
        if since is not None:
            statement = statement.where(Evaluation.updated_at >= since)
        found = page_of(session(), statement, key, descending=True, limit=limit, cursor=cursor)
        rows = evaluation_representations(session(), actor(), found.data)
        names = external_ids(session(), [row["interaction_id"] for row in rows])
        return found, [_evaluation_row(row, names) for row in rows]

    return EVALUATIONS.answer(
        EvaluationListArguments, load, name=f"{client.slug}-evaluations", **client_frame(client)
    )


def _evaluation_row(row: dict[str, Any], names: Mapping[Any, str]) -> dict[str, Any]:
    return {
        **row,
        "id": row["evaluation_id"],
        "interaction": {"external_id": names.get(row["interaction_id"])},
        "changed_at": row["updated_at"],
        "in_force": row["superseded_at"] is None,
    }


def _interactions(listing: Listing, client: Client, name: str, **fixed: Any) -> Any:
    key = [Interaction.started_at, Interaction.interaction_id]

    def load(filters: dict[str, Any], limit: int, cursor: str | None) -> Any:
        filters.pop("updated_since", None)
        statement = list_statement(actor(), client, {**filters, **fixed})
        found = page_of(session(), statement, key, descending=True, limit=limit, cursor=cursor)
        return found, summary_representations(session(), actor(), found.data)

    return listing.answer(InteractionArguments, load, name=name, **client_frame(client))
