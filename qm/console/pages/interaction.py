"""One interaction: transcript with evidence, clocks, evaluations side by side, findings, facts, history."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import flash, request, url_for
from flask_babel import gettext
from sqlalchemy import select

from qm.browsing.queries import full_representation
from qm.console import charts
from qm.console.blueprint import blueprint
from qm.console.client_pages import client_frame
from qm.console.formatting import moment, words
from qm.console.forms import attempt, end_of_day, load_values, typed_values
from qm.console.interaction_history import history
from qm.console.page_access import page
from qm.console.rendering import render, see
from qm.console.transcripts import evidence_notes, pieces
from qm.interactions.events import events_of
from qm.interactions.models import Interaction
from qm.interactions.queries import get_interaction
from qm.privacy.erasure import erase_interaction
from qm.reviews.blindness import is_blinded, select_current_evaluations
from qm.reviews.models import Review
from qm.reviews.permissions import may_manage_queue
from qm.reviews.queue import create_hand_picked_review, visible_reviews
from qm.reviews.representations import evaluation_representations, review_summaries
from qm.reviews.schemas import ReviewPickSchema
from scorecards.authoring.models import Definition
from tenants.access import actor, session
from tenants.http.faults import Fault
from tenants.models import Client, User, utc_now
from tenants.roles import ROLES


@blueprint.route("/interactions/<uuid:interaction_id>", endpoint="interactions_shown")
@page("interactions:read")
def show_interaction(interaction_id: UUID) -> Any:
    """Show an interaction, as its reader may see it."""
    return _page(get_interaction(session(), interaction_id))


@blueprint.route("/interactions/<uuid:interaction_id>/pick", methods=["POST"], endpoint="interactions_pick")
@page("reviews:write")
def pick_interaction(interaction_id: UUID) -> Any:
    """Ask for a review of this interaction, for action."""
    interaction = get_interaction(session(), interaction_id)
    with attempt() as tried:
        sent = {name: request.form.get(name, "").strip() for name in ("note", "user")}
        body = load_values(ReviewPickSchema, {name: text for name, text in sent.items() if text})
        create_hand_picked_review(
            session(),
            actor(),
            interaction_id,
            note=body["note"],
            user_id=body["user"],
            due_at=end_of_day("due_at"),
        )
    if tried.failed:
        return _page(interaction, faults=tried.faults), tried.status
    flash(gettext("It waits for a review. Picked by hand, it is in no estimate."))
    return see(url_for("console.interactions_shown", interaction_id=interaction_id))


@blueprint.route("/interactions/<uuid:interaction_id>/erase", methods=["POST"], endpoint="interactions_erase")
@page("interactions:write")
def erase(interaction_id: UUID) -> Any:
    """Erase an interaction with all that is known of it, once its external id is typed."""
    interaction = get_interaction(session(), interaction_id)
    client = _client_of(interaction)
    if request.form.get("external_id", "").strip() != interaction.external_id:
        fault = Fault("/external_id", "wrong", gettext("Type the external id as it stands above."))
        return _page(interaction, faults=[fault]), 422
    erase_interaction(session(), interaction_id)
    flash(gettext("It is erased with all that was known of it; the audit log keeps a receipt."))
    return see(url_for("console.interactions_of_client", client=client.slug))


def _page(interaction: Interaction, faults: Sequence[Fault] = ()) -> str:
    """Return the page; who may still review the interaction is shown no judgement unless they ask for it."""
    client = _client_of(interaction)
    blind = is_blinded(session(), actor(), interaction.interaction_id)
    folded = actor().role == "reviewer" and request.args.get("show") != "evaluations"
    shown = full_representation(session(), actor(), interaction, in_list=folded)
    found = session().scalars(select_current_evaluations(actor(), interaction.interaction_id, in_list=folded))
    evaluations = sorted(evaluation_representations(session(), actor(), found.all()), key=_machine_first)
    questions = _questions(evaluations)
    names = {each["evaluation_id"]: _whose(each) for each in evaluations}
    notes = evidence_notes(evaluations, questions, names)
    return render(
        "interaction/interaction.html",
        **client_frame(client),
        interaction=shown,
        whole_id=_whole_id(interaction),
        turns=[
            {**turn, "pieces": pieces(turn["text"], number, notes)}
            for number, turn in enumerate(shown["turns"])
        ],
        evaluations=[{**each, "name": names[each["evaluation_id"]]} for each in evaluations],
        rows=_rows(evaluations, questions),
        may_reveal=folded and not blind and not evaluations,
        blind=blind,
        strip=_strip(shown["clocks"]),
        events=sorted(events_of(session(), interaction), key=lambda each: each.received_at),
        history=history(session(), actor(), interaction, in_list=folded),
        reviews=_reviews(interaction),
        reviewers=_reviewers() if may_manage_queue(actor()) else (),
        faults=faults,
        typed=typed_values(),
    )


def _client_of(interaction: Interaction) -> Client:
    return session().scalars(select(Client).where(Client.client_id == interaction.client_id)).one()


def _whole_id(interaction: Interaction) -> UUID | None:
    """Return the id of the whole interaction that this is a part of."""
    if not interaction.part_agent:
        return None
    whole = select(Interaction.interaction_id).where(
        Interaction.client_id == interaction.client_id,
        Interaction.external_id == interaction.external_id,
        Interaction.part_agent == "",
    )
    return session().scalars(whole).one_or_none()


def _machine_first(evaluation: Mapping[str, Any]) -> tuple[bool, datetime]:
    return evaluation["kind"] != "automatic", evaluation["created_at"]


def _whose(evaluation: Mapping[str, Any]) -> str:
    if evaluation["kind"] == "automatic":
        return str(gettext("The machine"))
    name = str((evaluation["reviewer"] or {}).get("name") or gettext("A reviewer"))
    marks = {"self": gettext("self-review"), "peer": gettext("peer review")}
    return f"{name} ({marks[evaluation['kind']]})" if evaluation["kind"] in marks else name


def _questions(evaluations: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return the questions of the scorecards of these evaluations in their order, by key."""
    ids = {each["scorecard_id"] for each in evaluations if each["scorecard_id"]}
    cards = session().scalars(select(Definition).where(Definition.definition_id.in_(ids))) if ids else ()
    return {
        question["key"]: question["text"]
        for card in cards
        for section in card.body["sections"]
        for question in section["questions"]
    }


def _rows(evaluations: Sequence[Mapping[str, Any]], questions: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return each question with the answer of every evaluation, and whether they differ."""
    answers = [{each["question"]: each for each in one["answers"]} for one in evaluations]
    keys = dict.fromkeys([*questions, *(key for each in answers for key in each)])
    rows = []
    for key in keys:
        row = [each.get(key) for each in answers]
        if any(row):
            given = {_said(each) for each in row if each and not each.get("abstained")}
            rows.append({"question": questions.get(key, key), "answers": row, "differ": len(given) > 1})
    return rows


def _said(answer: Mapping[str, Any]) -> str:
    return "n/a" if answer.get("na") else str(answer.get("value"))


def _strip(clocks: Sequence[Mapping[str, Any]]) -> Any:
    """Return the clocks as a strip of time; None without any."""
    if not clocks:
        return None
    now = utc_now()
    bars = []
    for clock in clocks:
        end = _at(clock["stopped_at"]) or now
        name = words(clock["target"]) + (f" {clock['number']}" if clock["number"] > 1 else "")
        pauses = [
            (at, min(_at(each["end"]) or end, end))
            for each in clock["pauses"]
            if (at := _at(each["start"])) is not None and at < end
        ]
        start = _at(clock["started_at"]) or end
        bars.append(charts.Bar(name, clock["state"], start, max(end, start), _at(clock["due_at"]), pauses))
    first, last = min(bar.start for bar in bars), max(max(bar.end, bar.due or bar.end) for bar in bars)
    title = gettext("SLA clocks from %(first)s to %(last)s", first=moment(first), last=moment(last))
    return charts.strip(title, bars, moment(first), moment(last))


def _at(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _reviews(interaction: Interaction) -> list[dict[str, Any]]:
    if "reviews:read" not in actor().scopes:
        return []
    wanted = select(Review).where(
        Review.interaction_id == interaction.interaction_id, visible_reviews(actor())
    )
    found = session().scalars(wanted.order_by(Review.created_at)).all()
    return review_summaries(session(), actor(), found)


def _reviewers() -> Sequence[User]:
    roles = [role for role, scopes in ROLES.items() if "reviews:write" in scopes]
    wanted = select(User).where(User.role.in_(roles), User.disabled_at.is_(None)).order_by(User.name)
    return session().scalars(wanted).all()
