"""Changing a scorecard: by a form for what people change most, and as YAML for all the rest."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from qm.console.blueprint import blueprint
from qm.console.client_pages import render_client
from qm.console.definition_forms import check_opened_version, tag_in_form
from qm.console.forms import attempt
from qm.console.page_access import page
from qm.console.pages.scorecards import KIND, find
from scorecards.authoring import versions
from scorecards.authoring.definition_text import Reading, read_text, write_text
from scorecards.authoring.form_edits import edited
from scorecards.authoring.form_schemas import ScorecardSchema
from scorecards.authoring.form_structure import additions, restructured
from scorecards.authoring.models import Definition
from scorecards.authoring.partial_validation import further_faults
from scorecards.authoring.schema_errors import load
from scorecards.authoring.validation import faults_of
from scorecards.definitions.form import AREAS, OPTION_KINDS, PILLARS, Form
from scorecards.definitions.form_shares import Shares, shares
from tenants.access import session
from tenants.http.faults import Fault, Invalid
from tenants.models import Client


@blueprint.route("/clients/<client>/scorecards/<key>/edit")
@page("definitions:write")
def scorecard_form(client: Client, key: str) -> str:
    """Show what people change most as a form."""
    newest = find(client, key)
    faults = faults_of(KIND, newest.body) if newest.state == "draft" else []
    return _form(client, newest, faults)


@blueprint.route("/clients/<client>/scorecards/<key>/edit", methods=["POST"])
@page("definitions:write")
def save_scorecard_form(client: Client, key: str) -> Any:
    """Save what was typed into the form as a draft, with what a button adds, moves or takes away."""
    deed, place = request.form.get("deed", ""), ""
    with attempt() as tried:
        newest = _lock(client, key)
        body = _valid(edited(newest.body, request.form))
        new = additions(request.form)
        for each in new if deed in new or not deed else [*new, deed]:
            body, place = restructured(body, each, request.form)
        body = _valid(body)
        versions.save_draft(session(), client, kind=KIND, key=key, body=body)
    if tried.failed:
        return _form(client, find(client, key), tried.faults), tried.status
    if deed:
        flash(_("The draft is saved."))
        return redirect(url_for(".scorecard_form", client=client.slug, key=key, _anchor=place or None), 303)
    return _saved(client, key, body, ".scorecard_form")


def _valid(given: Mapping[str, Any]) -> dict[str, Any]:
    body, faults = load(ScorecardSchema(), given)
    if faults:
        raise Invalid([*faults, *further_faults(KIND, given, faults)])
    valid: dict[str, Any] = body
    return valid


def _lock(client: Client, key: str) -> Definition:
    """Return the newest version, if it still is the one that the form was opened with."""
    versions.lock_definitions(session(), client)
    newest = find(client, key)
    check_opened_version(newest)
    return newest


def _saved(client: Client, key: str, body: Mapping[str, Any], endpoint: str) -> Any:
    if faults_of(KIND, body):
        flash(_("The draft is saved. What keeps it from being published is marked."))
        return redirect(url_for(endpoint, client=client.slug, key=key), 303)
    flash(_("The draft is saved. See what it would change, then publish it."))
    return redirect(url_for(".scorecard_changes", client=client.slug, key=key), 303)


def _form(client: Client, newest: Definition, faults: Sequence[Fault]) -> str:
    form = Form.from_body(newest.body)
    return render_client(
        "scorecards/form.html",
        client,
        shown=newest,
        body=newest.body,
        form=form,
        option_places=_option_places(edited(newest.body, request.form)),
        shares=shares(form),
        opened=tag_in_form(newest),
        faults=told_plainly(faults),
        stale=is_stale(faults),
        field_pointers=["/name", "/pass_mark", "/new", *_section_pointers(newest.body)],
        kinds=_kinds(),
        critical_rules=[
            ("", _("no")),
            ("fail_form", _("fails the form")),
            ("fail_section", _("fails its section")),
            ("flag", _("fails the outcome only")),
        ],
        areas=AREAS,
        pillars=PILLARS,
        option_kinds=OPTION_KINDS,
    )


def _option_places(body: Mapping[str, Any]) -> dict[str, dict[str, int]]:
    """Return where each answer stands among the answers of its question, by the keys of both."""
    return {
        question["key"]: {
            option["key"]: place
            for place, option in enumerate(question.get("options") or ())
            if isinstance(option, Mapping)
        }
        for section in body.get("sections") or ()
        for question in section.get("questions") or ()
    }


def _section_pointers(body: Mapping[str, Any]) -> list[str]:
    return [f"/sections/{place}" for place in range(len(body.get("sections") or ()))]


def _kinds() -> list[tuple[str, str]]:
    """Return the kinds of questions, in words."""
    return [
        ("yes_no", _("yes or no")),
        ("scale", _("a scale, 1 to 5")),
        ("single", _("one of several answers")),
        ("multi", _("any of several answers")),
        ("numeric", _("a number")),
        ("date", _("a day")),
        ("text", _("a text, not scored")),
    ]


@blueprint.route("/clients/<client>/scorecards/<key>/text")
@page("definitions:write")
def scorecard_text(client: Client, key: str) -> str:
    """Show a scorecard as YAML, with its faults at their lines."""
    newest = find(client, key)
    text = write_text(KIND, newest.body)
    return _text(client, newest, text, read_text(KIND, text, key=key))


@blueprint.route("/clients/<client>/scorecards/<key>/text", methods=["POST"])
@page("definitions:write")
def save_scorecard_text(client: Client, key: str) -> Any:
    """Save a YAML text as a draft, or only say what is wrong with it."""
    newest, text = find(client, key), typed_text()
    reading = read_text(KIND, text, key=key)
    if request.form.get("deed") == "check" or reading.body is None:
        return _text(client, newest, text, reading), 422 if reading.faults else 200
    with attempt() as tried:
        _lock(client, key)
        versions.save_draft(session(), client, kind=KIND, key=key, body=reading.body)
    if tried.failed:
        return _text(client, find(client, key), text, reading, tried.faults), tried.status
    return _saved(client, key, reading.body, ".scorecard_text")


@blueprint.route("/clients/<client>/scorecards/<key>/check", methods=["POST"])
@page("definitions:write")
def check_scorecard_text(client: Client, key: str) -> str:  # noqa: ARG001 - the decorator has used it
    """Say what is wrong with a text while it is typed."""
    reading = read_text(KIND, typed_text(), key=key)
    return render_template("definitions/checked.html", reading=reading, kind=KIND, shares=_shares(reading))


def typed_text() -> str:
    """Return the text that was typed, with the line ends of Unix."""
    return request.form.get("text", "").replace("\r\n", "\n")


def _text(
    client: Client, newest: Definition, text: str, reading: Reading, faults: Sequence[Fault] = ()
) -> str:
    return render_client(
        "scorecards/text.html",
        client,
        shown=newest,
        name=newest.body.get("name") or newest.key,
        text=text,
        reading=reading,
        kind=KIND,
        shares=_shares(reading),
        opened=request.form.get("opened") if request.form and not faults else tag_in_form(newest),
        faults=told_plainly(faults),
        stale=is_stale(faults),
        check_url=url_for(".check_scorecard_text", client=client.slug, key=newest.key),
    )


def _shares(reading: Reading) -> Shares | None:
    return None if reading.body is None else shares(Form.from_body(reading.body))


def is_stale(faults: Sequence[Fault]) -> bool:
    """Whether a form was refused because somebody else has saved meanwhile."""
    return any(fault.code == "stale_version" for fault in faults)


def told_plainly(faults: Sequence[Fault]) -> list[Fault]:
    """Say to a person what happened where somebody else has saved meanwhile."""
    detail = _(
        "Somebody else has saved it meanwhile. What you typed is still here; saving again replaces theirs."
    )
    return [Fault("", each.code, detail) if each.code == "stale_version" else each for each in faults]
