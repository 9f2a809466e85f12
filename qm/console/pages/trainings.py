"""The list of trainings, with what was refused and why."""

from typing import Any

from flask_babel import lazy_gettext as _

from qm.console.blueprint import blueprint
from qm.console.client_pages import visible_clients
from qm.console.lists import Column, Filter, Listing
from qm.console.page_access import page
from qm.learning import trainings
from qm.learning.models import MODEL_KINDS, TRAINING_STATES, Training
from qm.learning.representations import training_representations
from qm.learning.schemas import TrainingListArguments
from tenants.access import actor, session
from tenants.http.contract import page_of
from tenants.http.faults import Fault, Invalid, NotFound


def _listing(clients: list[tuple[str, str]]) -> Listing:
    return Listing(
        str(_("Trainings")),
        columns=(
            Column("created_at", _("Asked for"), "moment"),
            Column("kind", _("What is learned"), "words"),
            Column("client", _("Client")),
            Column("state", _("State"), "words"),
            Column("labels", _("Evaluations read"), "count"),
            Column("refused", _("Questions not learned yet"), "count"),
            Column("finished_at", _("Finished"), "moment"),
            Column("error", _("Fault")),
            Column("started_at", _("Began"), "moment", optional=True),
            Column("attempts", _("Attempts"), "count", optional=True),
            Column("asked_by", _("Asked for by"), optional=True),
            Column("model_id", _("Model"), optional=True),
            Column("id", _("Id"), optional=True),
        ),
        filters=(
            Filter("client", _("Client"), clients),
            Filter("kind", _("What is learned"), [(kind, kind) for kind in MODEL_KINDS]),
            Filter("state", _("State"), [(state, state) for state in TRAINING_STATES]),
        ),
        empty=str(
            _("Nothing was trained yet. The schedule asks for a training when enough new answers have come.")
        ),
        views="trainings",
    )


@blueprint.route("/trainings", endpoint="trainings")
@page("definitions:read")
def list_trainings() -> Any:
    """Show trainings, newest first."""

    def load(filters: dict[str, Any], limit: int, cursor: str | None) -> Any:
        try:
            statement = trainings.select_visible(session(), actor(), Training, filters=filters)
        except NotFound as error:
            raise Invalid([Fault("/query/client", "unknown_client", str(error))]) from error
        found = page_of(
            session(), statement, [Training.training_id], descending=True, limit=limit, cursor=cursor
        )
        rows = training_representations(session(), found.data, sees_people=actor().sees_agents)
        return found, [{**row, "id": row["training_id"], "refused": len(row["refusals"])} for row in rows]

    listing = _listing([(each.slug, each.name) for each in visible_clients()])
    return listing.answer(TrainingListArguments, load, name="trainings")
