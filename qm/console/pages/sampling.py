"""The sampling policy of a client: in sentences, as a form, and what it would draw while one types."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from qm.console import sampling_form
from qm.console.blueprint import blueprint
from qm.console.client_pages import client_frame, render_client
from qm.console.definition_forms import tag_in_form
from qm.console.forms import attempt, load_values
from qm.console.lists import PAGE_SIZE, Column, Filter, Listing, every_page, wants_csv
from qm.console.page_access import page
from qm.console.pages.definitions import KINDS, in_force, show_editor
from qm.console.pages.scorecards import version_rows
from qm.sampling.draw_proofs import list_draws
from qm.sampling.dry_run import DEFAULT_WEEKS, KIND, count_recent, dry_run_of_policy
from qm.sampling.schemas import DrawListArguments
from qm.services import services
from scorecards.authoring import versions
from scorecards.authoring.definition_text import read_text, write_text
from scorecards.authoring.models import SINGLE
from scorecards.authoring.route_support import policy_warnings
from scorecards.sampling.policy import CONDITIONS
from tenants.access import actor, session
from tenants.http.contract import MAX_PAGE_SIZE, Page
from tenants.http.faults import Fault
from tenants.models import Client, utc_now

MAX_LIVE = 20_000
"""With more interactions in four weeks than this, fewer weeks are worked out: nobody waits long who types."""
_PAGES = next(each for each in KINDS if each.kind == KIND)


@blueprint.route("/clients/<client>/sampling")
@page("definitions:read")
def sampling(client: Client) -> str:
    """Show the policy in sentences, and the form to change it."""
    present = in_force(client, KIND)
    return _page(client, sampling_form.fields_of(present.body if present else {}), {}, [])


@blueprint.route("/clients/<client>/sampling", methods=["POST"])
@page("definitions:write")
def change_sampling(client: Client) -> Any:
    """Work out what was typed, or lead on to what it changes and to publishing it."""
    body = sampling_form.body_of(request.form)
    text = write_text(KIND, body)
    faults = _as_typed(read_text(KIND, text).faults, body)
    if faults or request.form.get("deed") == "dry_run":
        return _page(client, request.form, body, faults), 422 if faults else 200
    return show_editor(_PAGES, client, SINGLE, text, present=in_force(client, KIND), reviewed=True)


@blueprint.route("/clients/<client>/sampling/dry-run", methods=["POST"])
@page("definitions:write")
def dry_run_typed(client: Client) -> str:
    """Return what was typed would draw, as a part of the page."""
    body = sampling_form.body_of(request.form)
    faults = _as_typed(read_text(KIND, write_text(KIND, body)).faults, body)
    live, told = (None, faults) if faults else _dry_run(client, body)
    return render_template("sampling/live.html", live=live, told=told)


def _as_typed(faults: Sequence[Any], body: Mapping[str, Any]) -> list[Fault]:
    """Return the faults of a policy in the units of the form: percent, and limits where the field stands."""
    field_at = {place: name for name, place in sampling_form.places(body).items()}
    told = []
    for fault in faults:
        name, detail = field_at.get(fault.pointer, ""), fault.detail
        if name.startswith("rate-") or name in {"base_rate", "floor"}:
            detail = _("Expected a percentage above 0 and at most 100.")
        elif name.startswith("threshold-") and fault.code == "required":
            detail = _("Give a limit, or empty the probability.")
        told.append(Fault(fault.pointer, fault.code, detail))
    return told


def _page(client: Client, fields: Mapping[str, str], body: Mapping[str, Any], faults: Sequence[Any]) -> str:
    present = in_force(client, KIND)
    live, told = _dry_run(client, body) if body and not faults else (None, ())
    return render_client(
        "sampling/sampling.html",
        client,
        present=present,
        pages=_PAGES,
        key=SINGLE,
        holding=next(iter(versions.in_force(session(), client_id=client.client_id, kinds=[KIND])), None),
        opened=request.form.get("opened") or tag_in_form(present),
        body=present.body if present else None,
        warnings=policy_warnings(present.body) if present else [],
        fields=fields,
        conditions=CONDITIONS,
        thresholds=sampling_form.THRESHOLDS,
        faults=faults,
        places=sampling_form.places(body),
        live=live,
        told=told,
        rows=version_rows(client, KIND, SINGLE)[:5],
        sees_draws="interactions:read" in actor().scopes,
    )


def _dry_run(client: Client, body: Mapping[str, Any]) -> tuple[dict[str, Any] | None, Sequence[Fault]]:
    """Return what a policy would have drawn in the last weeks, or why that is not worked out here."""
    now = utc_now()
    tried_weeks = (DEFAULT_WEEKS, DEFAULT_WEEKS // 2, 1)
    fitting = (each for each in tried_weeks if count_recent(session(), client, each, now) <= MAX_LIVE)
    weeks = next(fitting, None)
    if weeks is None:
        detail = _("One week has more than %(n)s interactions; qm sample dry-run works it out.", n=MAX_LIVE)
        return None, [Fault("", "too_many_interactions", detail)]
    with attempt() as tried:
        found = dry_run_of_policy(session(), client, body, weeks=weeks, now=now)
    return (None, tried.faults) if tried.failed else ({**found, "number_of_weeks": weeks}, ())


_DRAWS = Listing(
    title="Draws",
    columns=[
        Column("external_id", "Interaction"),
        Column("started_at", "Began", "moment"),
        *(Column(name, name) for name in ("policy_version", "rules", "rate", "threshold")),
        *(Column(name, name) for name in ("inclusion_probability", "draw", "drawn", "settled", "proven")),
    ],
    filters=[
        Filter("external_id", lazy_gettext("Interaction")),
        Filter(
            "drawn", lazy_gettext("Drawn"), [("true", lazy_gettext("yes")), ("false", lazy_gettext("no"))]
        ),
    ],
    template="sampling/draws.html",
)


@blueprint.route("/clients/<client>/sampling/draws")
@page("interactions:read")
def sampling_draws(client: Client) -> Any:
    """List the draws with their proof."""
    with attempt() as tried:
        arguments = _draw_arguments()
        if wants_csv():
            load = lambda cursor: _draws(client, {**arguments, "limit": MAX_PAGE_SIZE, "cursor": cursor})  # noqa: E731
            return _DRAWS.as_csv(f"{client.slug}-draws", every_page(load))
        found, rows = _draws(client, arguments)
    if tried.failed:
        found, rows = Page([], None), ()
    frame = client_frame(client)
    return _DRAWS.shown(found, rows, faults=tried.faults, **frame), tried.status


def _draw_arguments() -> dict[str, Any]:
    names = ("external_id", "drawn", "cursor")
    given = {name: request.args[name].strip() for name in names if request.args.get(name, "").strip()}
    return load_values(DrawListArguments, {**given, "limit": PAGE_SIZE})


def _draws(client: Client, arguments: Mapping[str, Any]) -> tuple[Page, Sequence[Mapping[str, Any]]]:
    found = list_draws(session(), actor(), client, services().sampling_key, **arguments)
    return found, found.data
