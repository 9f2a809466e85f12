"""What a draft of a scorecard changes, what it would do to scores, and putting it in force."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from qm.console.blueprint import blueprint
from qm.console.client_pages import render_client
from qm.console.definition_forms import (
    changed_parts,
    check_confirmed,
    check_opened_version,
    tag_in_form,
    typed_moment,
)
from qm.console.forms import attempt
from qm.console.page_access import page
from qm.console.pages.scorecard_editing import told_plainly
from qm.console.pages.scorecards import KIND, asked_number, asked_version, find
from qm.reviews.readings import note_readings
from qm.what_if.representations import ids_in
from qm.what_if.scorecard_what_if import scorecard_what_if
from scorecards.authoring import version_queries, versions
from scorecards.authoring.models import Definition
from scorecards.authoring.validation import faults_of
from tenants.access import actor, session
from tenants.http.faults import Fault
from tenants.models import Client

MAX_RESCORED = 1000
"""A page scores no more evaluations anew than a person waits for; the API does up to five times as many."""


@blueprint.route("/clients/<client>/scorecards/<key>/changes")
@page("definitions:read")
def scorecard_changes(client: Client, key: str) -> str:
    """Show what a version changes, by default the newest against the one in force."""
    return _changes(client, key, [])


@blueprint.route("/clients/<client>/scorecards/<key>/publish", methods=["POST"])
@page("definitions:write")
def publish_scorecard(client: Client, key: str) -> Any:
    """Put the draft in force."""
    find(client, key)
    with attempt() as tried:
        versions.lock_definitions(session(), client)
        check_opened_version(find(client, key))
        check_confirmed()
        published = versions.publish(session(), client, kind=KIND, key=key, effective_from=typed_moment())
    if tried.failed:
        return _changes(client, key, told_plainly(tried.faults)), tried.status
    flash(_("Version %(n)s is published.", n=published.version))
    return redirect(url_for(".scorecard", client=client.slug, key=key), 303)


def _changes(client: Client, key: str, faults: Sequence[Fault]) -> str:
    newest = find(client, key)
    shown = asked_version(client, key) or newest
    before = _before(client, key, shown)
    old = before.body if before else {}
    return render_client(
        "scorecards/changes.html",
        client,
        newest=newest,
        shown=shown,
        before=before,
        name=newest.body.get("name") or key,
        changed=changed_parts(old, shown.body),
        texts=_texts(old) | _texts(shown.body),
        opened=tag_in_form(newest),
        faults=faults,
        draft_faults=faults_of(KIND, shown.body) if shown.state == "draft" else [],
    )


def _before(client: Client, key: str, shown: Definition) -> Definition | None:
    """Return the version that one is compared with: the asked one, or the one in force, or the one before."""
    against = asked_number("against")
    if against is not None:
        return find(client, key, against)
    found = version_queries.open_ended_version(session(), client_id=client.client_id, kind=KIND, key=key)
    if found is not None and found.version != shown.version:
        return found
    return find(client, key, shown.version - 1) if shown.version > 1 else None


def _texts(body: Mapping[str, Any]) -> dict[str, str]:
    """Return how the sections and questions of a scorecard are called, by key."""
    names = {}
    for section in body.get("sections") or ():
        names[section["key"]] = section.get("name") or section["key"]
        names |= {each["key"]: each["text"] for each in section.get("questions") or ()}
    return names


@blueprint.route("/clients/<client>/scorecards/<key>/what-if")
@page("definitions:write")
def scorecard_what_if_page(client: Client, key: str) -> Any:
    """Score the last four weeks anew with the draft, as a page or as the part of one."""
    newest = find(client, key)
    with attempt() as tried:
        arguments = {"limit": MAX_RESCORED, "judge_again": False, "sample": 1}
        found = scorecard_what_if(session(), actor(), client, key=key, body=None, arguments=arguments)
        note_readings(session(), actor(), ids_in(found))
    shown = {"found": None if tried.failed else found, "faults": tried.faults}
    if request.headers.get("HX-Request"):
        return render_template("scorecards/what_if.html", **shown)
    name = newest.body.get("name") or key
    return render_client("scorecards/what_if_page.html", client, newest=newest, name=name, **shown)
