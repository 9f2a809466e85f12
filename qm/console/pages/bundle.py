"""All definitions of a client in one file: what it would change, and loading it."""

from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _

from qm.console.blueprint import blueprint
from qm.console.client_pages import render_client
from qm.console.definition_forms import check_confirmed
from qm.console.forms import attempt
from qm.console.page_access import page
from qm.console.pages.scorecard_editing import typed_text
from scorecards.authoring import bundle_import
from scorecards.authoring.yaml_documents import MAX_BYTES
from tenants.access import session
from tenants.http.faults import Fault, Invalid
from tenants.models import Client


@blueprint.route("/clients/<client>/bundle")
@page("definitions:write")
def bundle(client: Client) -> str:
    """Show the form to load a bundle."""
    return render_client("definitions/bundle.html", client, text="", report=None, faults=[])


@blueprint.route("/clients/<client>/bundle", methods=["POST"])
@page("definitions:write")
def load_bundle(client: Client) -> Any:
    """Say what a bundle would change, or load it: all of it, or nothing."""
    loads, text, report = request.form.get("deed") == "load", "", None
    with attempt() as tried:
        text = _sent_text()
        if loads:
            check_confirmed()
        report = bundle_import.load_bundle(session(), client, text=text, dry_run=not loads)
    if tried.failed:
        shown = render_client("definitions/bundle.html", client, text=text, report=None, faults=tried.faults)
        return shown, tried.status
    if loads:
        flash(_("The bundle is loaded."))
        return redirect(url_for(".client", client=client.slug), 303)
    return render_client("definitions/bundle.html", client, text=text, report=report, faults=[])


def _sent_text() -> str:
    """Return the file that was sent, or the text that was typed."""
    file = request.files.get("file")
    content = file.read(MAX_BYTES + 1) if file else b""
    if not content:
        return typed_text()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        detail = _("The file is not UTF-8 at byte %(n)s.", n=error.start)
        raise Invalid([Fault("/file", "bad_text", detail)]) from error
