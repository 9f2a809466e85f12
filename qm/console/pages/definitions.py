"""Brand voice, playbooks, policies and targets: readable, and editable as YAML with faults at lines.

All of them have the same pages, one set per kind: the version in force, its text, and its versions.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext

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
from qm.console.pages.scorecard_editing import is_stale, told_plainly, typed_text
from qm.console.pages.scorecards import asked_number, version_rows
from scorecards.authoring import template_library, version_queries, versions
from scorecards.authoring.definition_text import Reading, read_text, write_text
from scorecards.authoring.models import SINGLE, Definition
from scorecards.authoring.route_support import policy_warnings, select_versions
from tenants.access import session
from tenants.http.contract import MAX_PAGE_SIZE, page_of
from tenants.http.faults import Fault, NotFound
from tenants.models import Client

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Pages:
    """The pages of a kind of definition: where they are, what they are called, and what they begin with."""

    kind: str
    address: str
    title: str
    beginning: str
    explained: str

    @property
    def is_keyed(self) -> bool:
        """Whether a client may have several."""
        return self.kind == "playbook"

    def url(self, what: str, client: Client, key: str, **query: Any) -> str:
        """Return the address of one of them."""
        named: dict[str, Any] = {"key": key} if self.is_keyed else {}
        return url_for(f".{self.kind}{what}", client=client.slug, **named, **query)


KINDS = (
    Pages(
        "brand_voice",
        "brand-voice",
        lazy_gettext("Brand voice"),
        "formality: neutral\ngreeting:\n  required: true\n  phrases: [Hello]\npreferred: []\nbanned: []\n",
        lazy_gettext("How this client wants to sound; every answer about wording is judged by it."),
    ),
    Pages(
        "playbook",
        "playbooks/<key>",
        lazy_gettext("Playbook"),
        "name: What it is for\ntrigger:\n  phrases: [what the customer says]\nsteps:\n"
        "  - {key: acknowledge, name: Acknowledge it, phrases: [I understand]}\n",
        lazy_gettext("What to do in this situation, and what the agent may decide alone."),
    ),
    Pages(
        "sla_policy",
        "sla-policy",
        lazy_gettext("SLA policy"),
        "rules:\n  - {key: everything, targets: {first_response: 4h, resolution: 2d}, goal: 0.9}\n",
        lazy_gettext("How fast answers have to be; every clock is measured by it."),
    ),
    Pages(
        "sampling_policy",
        "sampling/policy",
        lazy_gettext("Sampling policy"),
        "base_rate: 0.05\n",
        lazy_gettext("Which interactions people review, each with a known probability."),
    ),
    Pages(
        "quality_targets",
        "quality-targets",
        lazy_gettext("Quality targets"),
        "targets:\n  - {measure: empathy, goal: 75}\n",
        lazy_gettext("What this client's figures have to reach, and on which days; the report judges by it."),
    ),
    Pages(
        "friction_themes",
        "friction-themes",
        lazy_gettext("Friction themes"),
        "themes:\n  - {key: late, name: Late delivery, tags: [late_delivery], phrases: [not arrived]}\n",
        lazy_gettext("What customers keep coming back with; rename, merge or remove what was found."),
    ),
)


def in_force(client: Client, kind: str, key: str = SINGLE) -> Definition | None:
    """Return the published version without an end, if there is one."""
    return version_queries.open_ended_version(session(), client_id=client.client_id, kind=kind, key=key)


def show(pages: Pages, client: Client, key: str = SINGLE) -> Any:
    """Show a version in words, the one in force unless another is wanted."""
    number = asked_number("version")
    found = in_force(client, pages.kind, key) if number is None else _numbered(client, pages, key, number)
    if found is None and pages.is_keyed:
        found = _newest(client, pages, key)
    body = found.body if found else None
    holding = versions.in_force(session(), client_id=client.client_id, kinds=[pages.kind])
    return render_client(
        f"definitions/{pages.kind}.html",
        client,
        pages=pages,
        shown=found,
        body=body,
        key=key,
        holding=next((each for each in holding if each.key == key), None),
        warnings=policy_warnings(body) if body and pages.kind == "sampling_policy" else [],
    )


def _numbered(client: Client, pages: Pages, key: str, number: int) -> Definition:
    return version_queries.version_of(
        session(), client_id=client.client_id, kind=pages.kind, key=key, version=number
    )


def _newest(client: Client, pages: Pages, key: str) -> Definition:
    return version_queries.version_of(session(), client_id=client.client_id, kind=pages.kind, key=key)


def edit(pages: Pages, client: Client, key: str = SINGLE) -> Any:
    """Show the text of what is in force, or one to begin with."""
    present = in_force(client, pages.kind, key)
    text = write_text(pages.kind, present.body) if present else _beginning(pages, key)
    return show_editor(pages, client, key, text, present=present)


def _beginning(pages: Pages, key: str) -> str:
    ready = template_library.playbooks().get(request.args.get("template", "")) if pages.is_keyed else None
    return write_text(pages.kind, {**ready, "key": key}) if ready else pages.beginning


def save(pages: Pages, client: Client, key: str = SINGLE) -> Any:
    """Say what a text changes, or put it in force."""
    text = typed_text()
    reading = read_text(pages.kind, text, key=key if pages.is_keyed else None)
    present = in_force(client, pages.kind, key)
    if reading.body is None or reading.faults:
        return show_editor(pages, client, key, text, present=present, reading=reading), 422
    if request.form.get("deed") != "publish":
        return show_editor(pages, client, key, text, present=present, reading=reading, reviewed=True)
    with attempt() as tried:
        versions.lock_definitions(session(), client)
        check_opened_version(in_force(client, pages.kind, key))
        check_confirmed()
        published, outcome = versions.put_in_force(
            session(),
            client,
            kind=pages.kind,
            key=key,
            body=reading.body,
            effective_from=typed_moment(),
        )
    if tried.failed:
        present, faults = in_force(client, pages.kind, key), tried.faults
        shown = show_editor(
            pages, client, key, text, present=present, reading=reading, reviewed=True, faults=faults
        )
        return shown, tried.status
    unchanged = outcome == "unchanged"
    flash(_("Nothing has changed.") if unchanged else _("Version %(n)s is published.", n=published.version))
    return redirect(pages.url("", client, key), 303)


def check(pages: Pages, client: Client, key: str = SINGLE) -> str:  # noqa: ARG001 - the decorator uses it
    """Say what is wrong with a text while it is typed."""
    reading = read_text(pages.kind, typed_text(), key=key if pages.is_keyed else None)
    return render_template("definitions/checked.html", reading=reading, kind=pages.kind)


def show_editor(
    pages: Pages,
    client: Client,
    key: str,
    text: str,
    *,
    present: Definition | None,
    reading: Reading | None = None,
    reviewed: bool = False,
    faults: Sequence[Fault] = (),
) -> str:
    """Show a text with its faults, and where it is `reviewed` what it changes and how it is published."""
    shown = reading or read_text(pages.kind, text, key=key if pages.is_keyed else None)
    body = shown.body
    changed = changed_parts(present.body if present else {}, body) if reviewed and body else None
    return render_client(
        "definitions/text.html",
        client,
        pages=pages,
        key=key,
        present=present,
        text=text,
        reading=shown,
        kind=pages.kind,
        shares=None,
        changed=changed,
        opened=request.form.get("opened") if request.form and not is_stale(faults) else tag_in_form(present),
        faults=told_plainly(faults),
        check_url=pages.url("_check", client, key),
        warnings=policy_warnings(body) if body and pages.kind == "sampling_policy" else [],
    )


def list_versions(pages: Pages, client: Client, key: str = SINGLE) -> str:
    """List the versions, and what one changed where the address names two."""
    rows = version_rows(client, pages.kind, key)
    if not rows and pages.is_keyed:
        raise NotFound(version_queries.noun(pages.kind))
    later, earlier = asked_number("version"), asked_number("against")
    compared = None
    if later is not None and earlier is not None:
        before, after = (_numbered(client, pages, key, each) for each in (earlier, later))
        compared = (before.version, after.version, changed_parts(before.body, after.body))
    return render_client(
        "definitions/versions.html", client, pages=pages, key=key, rows=rows, compared=compared
    )


@blueprint.route("/clients/<client>/playbooks")
@page("definitions:read")
def playbooks(client: Client) -> str:
    """List the playbooks of a client, and begin a new one."""
    found = page_of(
        session(),
        select_versions(client, "playbook", "published"),
        [Definition.key],
        limit=MAX_PAGE_SIZE,
        cursor=None,
    )
    ready = {key: body.get("name") or key for key, body in template_library.playbooks().items()}
    return render_client(
        "definitions/playbooks.html",
        client,
        rows=found.data,
        more=found.next_cursor is not None,
        ready=ready,
    )


@blueprint.route("/clients/<client>/playbooks/new")
@page("definitions:write")
def new_playbook(client: Client) -> Any:
    """Lead to the text of a new playbook, which begins as a ready-made one where that is wanted."""
    key = request.args.get("key", "").strip() or request.args.get("template", "") or "new_playbook"
    version_queries.of_key(client_id=client.client_id, kind="playbook", key=key)  # refuses an impossible key
    template = request.args.get("template") or None
    return redirect(url_for(".playbook_text", client=client.slug, key=key, template=template), 303)


@blueprint.route("/clients/<client>/playbooks/<key>/retire", methods=["POST"])
@page("definitions:write")
def retire_playbook(client: Client, key: str) -> Any:
    """End a playbook now."""
    with attempt() as tried:
        check_confirmed()
        versions.retire(session(), client, kind="playbook", key=key)
    if tried.failed:
        flash("; ".join(each.detail for each in tried.faults), "problem")
    else:
        flash(_("It is retired."))
    return redirect(url_for(".playbooks", client=client.slug), 303)


def _add_pages(pages: Pages) -> None:
    """Add the pages of a kind to the blueprint."""

    def add(address: str, name: str, scope: str, view: Callable[..., Any], method: str = "GET") -> None:
        def shown(client: Client, **named: str) -> Any:
            return view(pages, client, **named)

        shown.__name__ = f"{pages.kind}{name}"
        blueprint.add_url_rule(
            f"/clients/<client>/{pages.address}{address}",
            endpoint=f"{pages.kind}{name}",
            view_func=page(scope)(shown),
            methods=[method],
        )

    add("", "", "definitions:read", show)
    add("/text", "_text", "definitions:write", edit)
    add("/text", "_save", "definitions:write", save, "POST")
    add("/check", "_check", "definitions:write", check, "POST")
    add("/versions", "_versions", "definitions:read", list_versions)


for _each in KINDS:
    _add_pages(_each)
