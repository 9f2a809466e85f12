"""Scorecards as reviewers see them: the list, one version, its versions; starting and retiring one."""

import re
from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _

from qm.console.blueprint import blueprint
from qm.console.client_pages import render_client
from qm.console.definition_forms import check_confirmed
from qm.console.forms import attempt, load_values
from qm.console.page_access import page
from scorecards.authoring import template_library, version_queries, versions
from scorecards.authoring.models import Definition
from scorecards.authoring.route_schemas import VersionArguments
from scorecards.authoring.route_support import select_versions
from scorecards.authoring.schemas import BundleScorecardSchema
from scorecards.authoring.validation import faults_of
from scorecards.definitions.form import Form
from scorecards.definitions.form_shares import shares
from tenants.access import session
from tenants.http.contract import MAX_PAGE_SIZE, page_of
from tenants.http.faults import Invalid
from tenants.models import Client

KIND = "scorecard"
EMPTY_TEMPLATE = ""
_NOT_IN_KEY = re.compile(r"[^a-z0-9]+")


@blueprint.route("/clients/<client>/scorecards")
@page("definitions:read")
def scorecards(client: Client) -> str:
    """List the scorecards of a client, and start a new one."""
    return _list(client, [])


@blueprint.route("/clients/<client>/scorecards", methods=["POST"])
@page("definitions:write")
def create_scorecard(client: Client) -> Any:
    """Start a draft from a ready-made scorecard, or from an empty one."""
    with attempt() as tried:
        body = _new_body()
        draft = versions.start_draft(session(), client, kind=KIND, key=body["key"], body=body)
    if tried.failed:
        return _list(client, tried.faults), tried.status
    flash(_("The draft is there. It judges nothing before you publish it."))
    return redirect(url_for(".scorecard_form", client=client.slug, key=draft.key), 303)


def _new_body() -> dict[str, Any]:
    typed = request.form
    name = typed.get("name", "").strip()
    key = typed.get("key", "").strip() or _NOT_IN_KEY.sub("_", name.lower()).strip("_")[:64]
    given: dict[str, Any] = {"key": key, "name": name}
    if typed.get("template"):
        given["template"] = typed["template"]
    else:
        question = {"key": "question_1", "text": _("What do you want to know?"), "kind": "yes_no"}
        given["sections"] = [{"key": "section_1", "name": _("Section 1"), "questions": [question]}]
    return load_values(BundleScorecardSchema, given)


def _list(client: Client, faults: Any) -> str:
    found = page_of(
        session(),
        select_versions(client, KIND, None),
        [Definition.key],
        limit=MAX_PAGE_SIZE,
        cursor=None,
    )
    ready = template_library.scorecards()
    return render_client(
        "scorecards/list.html",
        client,
        holding={
            each.key: each for each in versions.in_force(session(), client_id=client.client_id, kinds=[KIND])
        },
        rows=[(each, Form.from_body(each.body)) for each in found.data],
        more=found.next_cursor is not None,
        templates=[
            *((name, body.get("name") or name) for name, body in ready.items()),
            (EMPTY_TEMPLATE, _("nothing: one empty question")),
        ],
        faults=faults,
    )


@blueprint.route("/clients/<client>/scorecards/<key>")
@page("definitions:read")
def scorecard(client: Client, key: str) -> str:
    """Show a version of a scorecard as reviewers see it, the newest unless another is wanted."""
    newest = find(client, key)
    shown = asked_version(client, key) or newest
    form = Form.from_body(shown.body)
    faults = faults_of(KIND, shown.body) if shown.state == "draft" else []
    return render_client(
        "scorecards/outline.html",
        client,
        newest=newest,
        shown=shown,
        form=form,
        shares=shares(form),
        faults=faults,
        question_pointers=question_pointers(form),
    )


@blueprint.route("/clients/<client>/scorecards/<key>/versions")
@page("definitions:read")
def scorecard_versions(client: Client, key: str) -> str:
    """List the versions of a scorecard, and retire it."""
    return _versions(client, key, [])


@blueprint.route("/clients/<client>/scorecards/<key>/retire", methods=["POST"])
@page("definitions:write")
def retire_scorecard(client: Client, key: str) -> Any:
    """End a scorecard now."""
    find(client, key)
    with attempt() as tried:
        check_confirmed()
        versions.retire(session(), client, kind=KIND, key=key)
    if tried.failed:
        return _versions(client, key, tried.faults), tried.status
    flash(_("It is retired: it judges nothing any more."))
    return redirect(url_for(".scorecard_versions", client=client.slug, key=key), 303)


def _versions(client: Client, key: str, faults: Any) -> str:
    newest = find(client, key)
    rows = version_rows(client, KIND, key)
    return render_client(
        "scorecards/versions.html",
        client,
        newest=newest,
        name=newest.body.get("name") or key,
        rows=rows,
        in_force=any(each.state == "published" for each in rows),
        faults=faults,
    )


def version_rows(client: Client, kind: str, key: str) -> list[Definition]:
    """Return the newest versions of a definition."""
    statement = version_queries.of_key(client_id=client.client_id, kind=kind, key=key)
    newest_first = statement.order_by(Definition.version.desc()).limit(MAX_PAGE_SIZE)
    return list(session().scalars(newest_first))


def find(client: Client, key: str, version: int | None = None) -> Definition:
    """Return a version of a scorecard, the newest one unless another is wanted."""
    return version_queries.version_of(
        session(), client_id=client.client_id, kind=KIND, key=key, version=version
    )


def asked_number(name: str) -> int | None:
    """Return the number of a version in the address, if there is one."""
    text = request.args.get(name, "")
    try:
        return load_values(VersionArguments, {"version": text} if text else {}).get("version")
    except Invalid:
        return 0  # no version has this number


def asked_version(client: Client, key: str) -> Definition | None:
    """Return the version of a scorecard that the address names, if it names one."""
    number = asked_number("version")
    return None if number is None else find(client, key, number)


def question_pointers(form: Form) -> list[str]:
    """Return the places of all questions, at which their faults are shown."""
    return [
        f"/sections/{place}/questions/{number}"
        for place, section in enumerate(form.sections)
        for number in range(len(section.questions))
    ]
