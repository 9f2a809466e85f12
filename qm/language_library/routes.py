"""HTTP routes of language libraries."""

from typing import Any
from uuid import UUID

from flask import Response

from qm.language_library import entries, proposals
from qm.language_library.models import LibraryEntry
from qm.language_library.representations import entry_representations, select_entries
from qm.language_library.schemas import (
    LibraryEntrySchema,
    LibraryListArguments,
    LibraryPageSchema,
    LibraryProposalsSchema,
    NewLibraryEntrySchema,
)
from tenants.access import actor, requires, session
from tenants.http.contract import Blueprint, linked, page_of
from tenants.models import Client, utc_now

blueprint = Blueprint(
    "language_library",
    __name__,
    url_prefix="/v1",
    description="Empathetic phrases and de-escalation scenarios from a client's own best interactions",
)


@blueprint.route("/clients/<client>/language-library")
@requires("coaching:read")
@blueprint.arguments(LibraryListArguments, location="query")
@blueprint.response(200, LibraryPageSchema)
def list_library_entries(arguments: dict[str, Any], client: Client) -> Any:
    """List what people confirmed for the library of a client, newest first."""
    limit, cursor = arguments.pop("limit"), arguments.pop("cursor")
    statement = select_entries(actor(), client, **arguments)
    key = [LibraryEntry.created_at, LibraryEntry.entry_id]
    page = page_of(session(), statement, key, descending=True, limit=limit, cursor=cursor)
    return linked(page, entry_representations(session(), actor(), client, page.data))


@blueprint.route("/clients/<client>/language-library", methods=["POST"])
@requires("coaching:write")
@blueprint.arguments(NewLibraryEntrySchema)
@blueprint.response(201, LibraryEntrySchema)
def add_library_entry(body: dict[str, Any], client: Client) -> Any:
    """Confirm a phrase or scenario for the library, or decline it; managers, admins and team leads."""
    entries.check_edits(actor())
    made = entries.decide(session(), actor(), client, entries.NewEntry(**body), utc_now())
    return entry_representations(session(), actor(), client, [made])[0]


@blueprint.route("/clients/<client>/language-library/<uuid:entry_id>", methods=["DELETE"])
@requires("coaching:write")
@blueprint.response(204)
def withdraw_library_entry(client: Client, entry_id: UUID) -> Response:
    """Take an entry out of the library, or a decline back."""
    entries.check_edits(actor())
    entries.withdraw(session(), entries.get_entry(session(), client, entry_id))
    return Response(status=204)


@blueprint.route("/clients/<client>/language-library/proposals")
@requires("coaching:read")
@blueprint.response(200, LibraryProposalsSchema)
def list_library_proposals(client: Client) -> Any:
    """Read what could be in the library: agents' words that people's best answers rest on."""
    return {"data": proposals.proposals(session(), actor(), client)}
