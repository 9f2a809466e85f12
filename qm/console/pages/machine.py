"""The machine's page: how far it may go with each question and why, what taught it, and its trainings."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from qm.console.blueprint import blueprint
from qm.console.client_pages import client_frame, render_client
from qm.console.forms import attempt, load_values, read_form
from qm.console.lists import CSV_PAGE_SIZE, PAGE_SIZE, Column, Filter, Listing, every_page, wants_csv
from qm.console.page_access import page
from qm.console.pages.scorecard_editing import told_plainly
from qm.learning import gate_representations, gate_transitions, representations, trainings
from qm.learning.gate_schemas import GateCapSchema
from qm.learning.models import ANSWERS, GATE_STATES, Training
from qm.reports import overrides
from qm.reports.access import request_from_arguments, require_interaction_access
from qm.reports.agreement_schemas import OverrideListArguments
from qm.reports.override_outcomes import OUTCOMES
from qm.reports.override_reason_counts import count_reasons_once
from qm.services import services
from qm.what_if.gate_what_if import gate_what_if
from scorecards.automation.gate import CAUSES
from scorecards.statistics.agreement import RELIABLE, TENTATIVE
from tenants.access import actor, session
from tenants.http.contract import Page, StaleVersion
from tenants.http.faults import Fault
from tenants.models import Client, utc_now

TRAININGS_SHOWN = 10


@blueprint.route("/clients/<client>/machine")
@page("definitions:read")
def machine(client: Client) -> str:
    """Show how far the machine may go with each question, and on what evidence."""
    return _page(client, [])


def _page(client: Client, faults: Sequence[Fault], about: str = "") -> str:
    sees_people = actor().sees_agents
    gates = gate_representations.gate_representations(session(), client, suppress_counts=not sees_people)
    asked = trainings.select_visible(
        session(), actor(), Training, filters={"client": client.slug, "kind": ANSWERS}
    )
    rows = session().scalars(asked.order_by(Training.training_id.desc()).limit(TRAININGS_SHOWN)).all()
    return render_client(
        "machine/machine.html",
        client,
        gates=[each | {"opened": _tag(each)} for each in gates],
        counts=Counter(each["state"] for each in gates),
        states=GATE_STATES,
        causes=CAUSES,
        zones=(TENTATIVE, RELIABLE),
        trainings=representations.training_representations(session(), rows, sees_people=sees_people),
        sees_overrides="reports:read" in actor().scopes and sees_people,
        faults=faults,
        about=about,
    )


def _tag(gate: Mapping[str, Any]) -> str:
    """Return what the form of a gate carries: the move and the cap that it was opened with."""
    moved = gate["history"][0]["number"] if gate["history"] else 0
    return f"{gate['highest']}-{moved}-{gate['waiting'] or ''}"


@blueprint.route("/clients/<client>/machine/taught")
@page("reports:read")
def machine_taught(client: Client) -> str:
    """Return the newest overrides and what became of them, as a part of the page."""
    asked = {"limit": PAGE_SIZE, "cursor": None, "question": None}
    found, reasons = _overrides(client, asked), _reasons(client, asked)
    counts = Counter(each["outcome"] for each in found.data)
    return render_template(
        "machine/taught.html", rows=found.data[:5], reasons=(reasons or [])[:5], counts=counts, client=client
    )


def _overrides(client: Client, arguments: Mapping[str, Any]) -> Page:
    wanted = require_interaction_access(request_from_arguments(arguments, client))
    return overrides.list_overrides(session(), wanted, actor(), **_paging(arguments))


def _reasons(client: Client, arguments: Mapping[str, Any]) -> Sequence[Mapping[str, Any]] | None:
    wanted = require_interaction_access(request_from_arguments(arguments, client))
    return count_reasons_once(session(), wanted, actor(), **_paging(arguments))


def _paging(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {name: arguments[name] for name in ("limit", "cursor", "question")}


@blueprint.route("/clients/<client>/machine/gates/<scorecard>/<question>", methods=["POST"])
@page("definitions:write")
def move_gate(client: Client, scorecard: str, question: str) -> Any:
    """Say how far the machine may go with a question at most."""
    with attempt() as tried:
        asked = read_form(GateCapSchema)
        (gate,) = gate_representations.gate_representations(
            session(), client, suppress_counts=False, only_key=(scorecard, question)
        )
        if request.form.get("opened") != _tag(gate):
            raise StaleVersion
        moved = gate_transitions.cap(session(), client, scorecard=scorecard, question=question, **asked)
        session().flush()
    if tried.failed:
        return _page(client, told_plainly(tried.faults), f"{scorecard}/{question}"), tried.status
    flash(_gate_message(moved.state, asked["highest"]))
    return redirect(f"{url_for('.machine', client=client.slug)}#{scorecard}-{question}", 303)


@blueprint.route("/clients/<client>/machine/gates/<scorecard>/<question>/what-if")
@page("definitions:read")
def machine_what_if(client: Client, scorecard: str, question: str) -> str:
    """Show what would become of a question if it were let go further, or held back."""
    found = gate_what_if(
        session(), client, (scorecard, question), suppress_counts=not actor().sees_agents, now=utc_now()
    )
    return render_client("machine/what_if.html", client, found=found, zones=(TENTATIVE, RELIABLE))


def _gate_message(state: str, highest: str) -> str:
    if GATE_STATES.index(state) < GATE_STATES.index(highest):
        return str(_("It may go that far; the evidence does not allow it yet, so it stays where it is."))
    return str(_("It holds from now on."))


@blueprint.route("/clients/<client>/machine/train", methods=["POST"])
@page("definitions:write")
def train_machine(client: Client) -> Any:
    """Have a model trained from what people answered; where one is under way, it is that one."""
    trainings.request_training(session(), actor(), services().redis, kind=ANSWERS, client=client.slug)
    flash(_("The training is queued. What it learned, or why not, is shown here when it is over."))
    return redirect(url_for(".machine", client=client.slug), 303)


_OVERRIDES = Listing(
    title="Overrides",
    columns=[
        Column("reviewed_at", "Reviewed", "moment"),
        *(Column(name, name) for name in ("scorecard", "question", "external_id", "machine_said")),
        *(Column(name, name) for name in ("human_said", "machine_confidence", "human_reasons")),
        *(Column(name, name) for name in ("human_note", "override_reason", "outcome", "outcome_part")),
        Column("model_says", "model_says"),
    ],
    filters=[
        Filter("question", lazy_gettext("Question (its key)")),
        Filter("from", lazy_gettext("From"), type="date"),
        Filter("to", lazy_gettext("To"), type="date"),
    ],
    template="machine/overrides.html",
)


@blueprint.route("/clients/<client>/machine/overrides")
@page("reports:read")
def machine_overrides(client: Client) -> Any:
    """List the answers on which people said something else than the machine, and what became of each."""
    found, reasons = Page([], None), None
    with attempt() as tried:
        names = ("question", "from", "to", "cursor")
        given = {name: request.args[name].strip() for name in names if request.args.get(name, "").strip()}
        arguments = load_values(OverrideListArguments, {**given, "limit": PAGE_SIZE})
        if wants_csv():

            def load(cursor: str | None) -> tuple[Page, Sequence[Mapping[str, Any]]]:
                loaded = _overrides(client, {**arguments, "limit": CSV_PAGE_SIZE, "cursor": cursor})
                return loaded, loaded.data

            return _OVERRIDES.as_csv(f"{client.slug}-overrides", every_page(load))
        found, reasons = _overrides(client, arguments), _reasons(client, arguments)
    told = {"outcomes": OUTCOMES, "reasons": reasons, **client_frame(client)}
    shown = _OVERRIDES.shown(found, found.data, faults=tried.faults, **told)
    return shown, tried.status
