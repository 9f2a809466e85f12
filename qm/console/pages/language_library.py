"""The empathetic language library of a client: what is in it, and what could be."""

from typing import Any
from uuid import UUID

from flask import Response, flash, request
from flask_babel import gettext
from sqlalchemy import select

from qm.console.blueprint import blueprint
from qm.console.client_pages import client_frame, render_client
from qm.console.formatting import words
from qm.console.forms import attempt, load_values, see
from qm.console.lists import Column, Filter, Listing
from qm.console.page_access import page
from qm.console.rendering import render
from qm.language_library import entries, proposals
from qm.language_library.models import EMOTIONS, KINDS, LibraryEntry
from qm.language_library.representations import entry_representations, question_texts, select_entries
from qm.language_library.schemas import LibraryListArguments, NewLibraryEntrySchema
from tenants.access import actor, session
from tenants.http.contract import Page, page_of
from tenants.models import Client, utc_now

_PLACE = ("turn", "start", "end", "last")


@blueprint.route("/language-library")
@page("coaching:read")
def language_libraries() -> Any:
    """Choose the client whose library to read."""
    clients = session().scalars(select(Client).order_by(Client.name)).all()
    if len(clients) == 1:
        return see("console.language_library", client=clients[0].slug)
    return render("language_library/clients.html", clients=clients)


@blueprint.route("/clients/<client>/language-library")
@page("coaching:read")
def language_library(client: Client) -> Any:
    """List what people confirmed, by emotion and question."""
    texts = question_texts(session(), client)
    listing = Listing(
        title=gettext("Language library"),
        columns=[
            Column("words", gettext("What was said")),
            Column("kind", gettext("Kind"), "words"),
            Column("emotion", gettext("The customer feels"), "words"),
            Column("text", gettext("An example of")),
            Column("note", gettext("When to say it")),
            Column("channel", gettext("Channel"), "words"),
            Column("created_at", gettext("Confirmed"), "moment", optional=True),
        ],
        filters=[
            Filter("emotion", gettext("The customer feels"), [(each, words(each)) for each in EMOTIONS]),
            Filter("question", gettext("Question"), sorted(texts.items(), key=lambda each: each[1])),
            Filter("kind", gettext("Kind"), [(each, words(each)) for each in KINDS]),
        ],
        empty=gettext("Nothing is in it yet. It is made from the client's own best interactions."),
        template="language_library/list.html",
    )

    def load(arguments: dict[str, Any], limit: int, cursor: str | None) -> tuple[Page, list[dict[str, Any]]]:
        statement = select_entries(actor(), client, **arguments)
        key = [LibraryEntry.created_at, LibraryEntry.entry_id]
        found = page_of(session(), statement, key, limit=limit, cursor=cursor, descending=True)
        rows = entry_representations(session(), actor(), client, found.data)
        return found, [each for each in rows if each["words"] is not None]

    frame = client_frame(client)
    return listing.answer(
        LibraryListArguments, load, name=f"{client.slug}-language-library", **frame, edits=_edits()
    )


def _edits() -> bool:
    return "coaching:write" in actor().scopes and actor().role != "agent"


@blueprint.route("/clients/<client>/language-library/proposals", methods=["GET", "POST"])
@page("coaching:write")
def language_library_proposals(client: Client) -> Any:
    """Show what could be in the library; confirm or decline one."""
    entries.check_edits(actor())
    with attempt() as tried:
        if request.method == "POST":
            made = entries.decide(session(), actor(), client, _typed(), utc_now())
            flash(gettext("It is in the library.") if made.state == "confirmed" else gettext("Declined."))
            return see("console.language_library_proposals", client=client.slug)
    shown = render_client(
        "language_library/proposals.html",
        client,
        found=proposals.proposals(session(), actor(), client),
        emotions=[("", gettext("not said")), *((each, words(each)) for each in EMOTIONS)],
        faults=tried.faults,
    )
    return shown, tried.status


def _typed() -> entries.NewEntry:
    form = request.form
    place = {name: int(value) for name in _PLACE if (value := form.get(name, "").strip()).isdigit()}
    body = load_values(
        NewLibraryEntrySchema,
        {
            **{name: form.get(name, "").strip() for name in ("evaluation", "question", "kind", "state")},
            "place": place,
            "emotion": form.get("emotion", "").strip() or None,
            "note": form.get("note", "").strip() or None,
        },
    )
    return entries.NewEntry(**body)


@blueprint.route("/clients/<client>/language-library/<uuid:entry_id>/withdraw", methods=["POST"])
@page("coaching:write")
def language_library_withdraw(client: Client, entry_id: UUID) -> Response:
    """Take an entry out of the library."""
    entries.check_edits(actor())
    entries.withdraw(session(), entries.get_entry(session(), client, entry_id))
    flash(gettext("Taken out."))
    return see("console.language_library", client=client.slug)
