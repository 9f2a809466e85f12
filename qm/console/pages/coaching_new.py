"""A new coaching plan: first whom and on which scorecard, then from which evaluations and what to do."""

from typing import Any

from flask import flash, request
from flask_babel import gettext
from sqlalchemy import func, select

from qm.coaching import planning, visibility
from qm.coaching.cited_evaluations import load_published
from qm.coaching.plan_checks import load_form
from qm.coaching.schemas import NewCoachingPlanSchema
from qm.console.blueprint import blueprint
from qm.console.forms import attempt, load_values, see
from qm.console.page_access import page
from qm.console.rendering import render
from qm.interactions.models import Interaction
from qm.reviews.handling_agents import answering_agent
from qm.reviews.models import Evaluation
from scorecards.authoring.models import Definition
from scorecards.authoring.version_queries import OPEN_ENDED
from tenants.access import actor, session
from tenants.models import Client, User, utc_now

_ACTION_ROWS = range(1, 4)


@blueprint.route("/clients/<client>/coaching/new", methods=["GET", "POST"])
@page("coaching:write")
def coaching_new(client: Client) -> Any:
    """Make a plan."""
    visibility.check_may_coach(actor())
    with attempt() as tried:
        if request.method == "POST":
            body = load_values(NewCoachingPlanSchema, _typed(client))
            body.pop("client")
            new = planning.NewPlan(**body)
            made = planning.create_plan(session(), actor(), client, new, utc_now())
            flash(gettext("The plan is made. The agent finds it on their first page."))
            return see("console.coaching_plan", plan_id=made.plan_id)
    return render("coaching/new.html", client=client, faults=tried.faults, **_chosen(client)), tried.status


def _chosen(client: Client) -> dict[str, Any]:
    """Return what is chosen already, and what there is to choose from."""
    given = request.form if request.method == "POST" else request.args
    agent, scorecard = given.get("agent", "").strip(), given.get("scorecard", "").strip()
    form = load_form(session(), client, scorecard) if scorecard else None
    questions = [each for each in form.questions.values() if each.scored] if form else []
    ready = bool(agent and form)
    keys = [each.key for each in questions]
    evidence = (
        load_published(session(), actor(), client, agent, questions=keys, now=utc_now()) if ready else []
    )
    return {
        "ready": ready,
        "agent": agent,
        "scorecard": scorecard,
        "questions": questions,
        "texts": {each.key: each.text for each in questions},
        "evidence": evidence,
        "chosen_questions": given.getlist("questions"),
        "chosen_evaluations": given.getlist("evaluations"),
        "typed": request.form,
        "rows": _ACTION_ROWS,
        **({} if ready else _choices(client)),
    }


def _choices(client: Client) -> dict[str, Any]:
    scorecards = session().scalars(
        select(Definition)
        .where(Definition.client_id == client.client_id, Definition.kind == "scorecard", *OPEN_ENDED)
        .order_by(Definition.key)
    )
    return {
        "agents": _agents(client),
        "scorecards": [(each.key, each.body.get("name") or each.key) for each in scorecards],
    }


def _agents(client: Client) -> list[tuple[str, str]]:
    """Return the agents with published evaluations, for team leads those of their team."""
    name = func.max(Interaction.agent_details["name"].astext)
    statement = (
        select(answering_agent.label("agent"), name.label("name"))
        .select_from(Evaluation)
        .join(
            Interaction,
            (Interaction.tenant_id == Evaluation.tenant_id)
            & (Interaction.interaction_id == Evaluation.interaction_id),
        )
        .where(
            Evaluation.client_id == client.client_id,
            Evaluation.kind == "human",
            Evaluation.superseded_at.is_(None),
            Evaluation.published_at <= utc_now(),
            answering_agent.is_not(None),
        )
        .group_by(answering_agent)
        .order_by(name)
    )
    if not visibility.coaches_everybody(actor()):
        team = session().scalar(select(User.team).where(User.user_id == actor().user_id))
        statement = statement.where(Interaction.agent_details["team"].astext == (team or ""))
    return [(row.agent, row.name or row.agent) for row in session().execute(statement)]


def _typed(client: Client) -> dict[str, Any]:
    """Return the form as a body of the API; what was left empty is missing."""
    form = request.form
    after = form.get("follow_up_after", "").strip()
    return {
        "client": client.slug,
        **{name: form.get(name, "").strip() for name in ("agent", "scorecard", "goal")},
        **{name: form.getlist(name) for name in ("questions", "evaluations")},
        "actions": [
            {"text": text, "due": form.get(f"due-{row}", "").strip() or None}
            for row in _ACTION_ROWS
            if (text := form.get(f"action-{row}", "").strip())
        ],
        "follow_up_on": form.get("follow_up_on", "").strip() or None,
        **({"follow_up_after": int(after) if after.isdigit() else after} if after else {}),
    }
