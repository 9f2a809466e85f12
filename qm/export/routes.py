"""HTTP route of the export."""

from functools import partial
from typing import Any

from flask import Response

from qm.disclosure import SEES_INTERACTIONS
from qm.export import formats, records
from qm.export.schemas import ExportArguments
from qm.export.selection import Selection, make_selection
from qm.export.tables import KINDS
from qm.reports.responses import AS_CSV
from qm.services import services
from tenants.access import Forbidden, actor, requires, session
from tenants.http.contract import Blueprint
from tenants.isolation import acting_as, scope_of
from tenants.models import Client

blueprint = Blueprint("export", __name__, url_prefix="/v1", description="Raw rows, to recompute reports from")

_AS_NDJSON = {"schema": {"type": "string"}, "content_type": formats.NDJSON, "description": "OK"}


@blueprint.route("/clients/<client>/export")
@requires("reports:read")
@blueprint.arguments(ExportArguments, location="query")
@blueprint.response(200, **_AS_NDJSON)
@blueprint.alt_response(200, **AS_CSV)
def export_rows(arguments: dict[str, Any], client: Client) -> Response:
    """Export the raw rows that reports are computed from: also needs the scopes that read each kind."""
    selection = _selection(arguments, client)
    records.record_export(session(), selection)
    heading = records.heading(session(), selection)
    # The request's transaction ends before the first byte is sent; each batch is read in one of its own.
    sessions = partial(acting_as, services().engine, scope_of(session()))
    body = formats.written(selection, heading, records.batches(sessions, selection), bom=arguments["bom"])
    return Response(body, content_type=formats.MEDIA_TYPES[selection.form], headers=_file_name(selection))


def _selection(arguments: dict[str, Any], client: Client) -> Selection:
    """Return what this caller asks for.

    Raises
    ------
    Forbidden
        For a client's stakeholders, and for callers who may not read one of the kinds.
    """
    caller = actor()
    selection = make_selection(
        client,
        kinds=arguments["kind"],
        first=arguments.get("from_"),
        last=arguments.get("to"),
        form=arguments["format"],
        reader=caller,
        transcripts=arguments["transcripts"],
        cursor=arguments["cursor"],
        limit=arguments["limit"],
    )
    if not caller.sees_agents:
        raise Forbidden(SEES_INTERACTIONS, "A client's stakeholders see no single interactions here.")
    for name in selection.kinds:
        if KINDS[name].scope not in caller.scopes:
            raise Forbidden(KINDS[name].scope, f"To export {name} needs the scope {KINDS[name].scope!r}.")
    return selection


def _file_name(selection: Selection) -> dict[str, str]:
    name = "-".join([selection.client.slug, *(selection.kinds if len(selection.kinds) == 1 else ["export"])])
    return {"Content-Disposition": f'attachment; filename="{name}.{selection.form}"'}
