"""The list of all reviews, for whoever looks after the queue."""

from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from qm.console.blueprint import blueprint
from qm.console.client_pages import visible_clients
from qm.console.lists import Column, Filter, Listing
from qm.console.page_access import page
from qm.reviews.models import REVIEW_KINDS, REVIEW_STATES, Review
from qm.reviews.queue import select_reviews
from qm.reviews.representations import review_summaries
from qm.reviews.schemas import ReviewListArguments
from tenants.access import actor, session
from tenants.clients import client_named
from tenants.http.contract import page_of
from tenants.http.faults import Fault, Invalid, NotFound
from tenants.models import User


def _listing(clients: list[tuple[str, str]], people: list[tuple[str, str]]) -> Listing:
    return Listing(
        str(_("Reviews")),
        columns=(
            Column("interaction.external_id", _("Interaction")),
            Column("client", _("Client"), texts=dict(clients)),
            Column("state", _("State"), "words"),
            Column("kind", _("Kind"), "words", optional=True),
            Column("reasons", _("Why it is here"), "reasons"),
            Column("reviewer.name", _("Reviewer")),
            Column("created_at", _("Drawn or picked"), "moment"),
            Column("claimed_at", _("Taken"), "moment", optional=True),
            Column("finished_at", _("Finished"), "moment"),
            Column("targeted", _("Picked by hand")),
            Column("inclusion_probability", _("Probability of being drawn"), "percent", optional=True),
            Column("skip_reason", _("Why it was skipped"), optional=True),
            Column("note", _("Note"), optional=True),
            Column("interaction.channel", _("Channel"), "words", optional=True),
            Column("interaction.agent.name", _("Agent"), optional=True),
            Column("interaction.language", _("Language"), optional=True),
            Column("id", _("Id"), optional=True),
        ),
        filters=(
            Filter("client", _("Client"), clients),
            Filter("state", _("State"), [(state, state) for state in REVIEW_STATES]),
            Filter("reviewer", _("Reviewer"), people),
            Filter("kind", _("Kind"), [(kind, kind) for kind in REVIEW_KINDS]),
        ),
        link=lambda row: f"/reviews/{row['id']}",
        empty=str(_("No review yet: interactions are drawn as soon as a sampling policy is in force.")),
        views="reviews",
    )


@blueprint.route("/reviews/all", endpoint="reviews_all")
@page("reviews:read")
def list_all_reviews() -> Any:
    """Show the reviews that somebody may see, newest first."""
    clients = [(each.slug, each.name) for each in visible_clients()]
    reviewers = select(Review.reviewer_id).where(Review.reviewer_id.is_not(None)).distinct()
    people = session().execute(
        select(User.user_id, User.name).where(User.user_id.in_(reviewers)).order_by(User.name)
    )
    listing = _listing(clients, [(str(row.user_id), row.name) for row in people])

    def load(filters: dict[str, Any], limit: int, cursor: str | None) -> Any:
        name = filters.pop("client")
        try:
            client = client_named(session(), name) if name else None
        except NotFound as error:
            raise Invalid([Fault("/query/client", "unknown_client", str(error))]) from error
        statement = select_reviews(actor(), client=client, **filters)
        key = [Review.created_at, Review.review_id]
        found = page_of(session(), statement, key, descending=True, limit=limit, cursor=cursor)
        rows = review_summaries(session(), actor(), found.data)
        return found, [{**row, "interaction": dict(row["interaction"])} for row in rows]

    return listing.answer(ReviewListArguments, load, name="reviews")
