"""HTTP routes of coaching plans and suggestions."""

from typing import Any
from uuid import UUID

from flask import Response, jsonify, url_for

from qm.coaching import planning, representations, suggestions, visibility
from qm.coaching.models import CoachingPlan
from qm.coaching.schemas import (
    CoachingClosureSchema,
    CoachingListArguments,
    CoachingPlanChangeSchema,
    CoachingPlanPageSchema,
    CoachingPlanSchema,
    CoachingSuggestionsAnswerSchema,
    CoachingTickSchema,
    NewCoachingPlanSchema,
)
from tenants.access import actor, requires, session
from tenants.clients import DEFAULT_SETTINGS, client_named
from tenants.http.contract import Blueprint, check_match, linked, page_of, tag_of
from tenants.models import Client, utc_now

blueprint = Blueprint(
    "coaching",
    __name__,
    url_prefix="/v1",
    description="Plans from published evaluations, and whether what they coach moved",
)


@blueprint.route("/coaching", methods=["POST"])
@requires("coaching:write")
@blueprint.arguments(NewCoachingPlanSchema)
@blueprint.response(201, CoachingPlanSchema)
def create_coaching_plan(body: dict[str, Any]) -> Response:
    """Make a plan; for QM managers and admins, and team leads for the agents of their team."""
    visibility.check_may_coach(actor())
    client = client_named(session(), body.pop("client"))
    made = planning.create_plan(session(), actor(), client, planning.NewPlan(**body), utc_now())
    answer = _detail(made, 201)
    answer.headers["Location"] = url_for(".get_coaching_plan", plan_id=made.plan_id)
    return answer


@blueprint.route("/coaching")
@requires("coaching:read")
@blueprint.arguments(CoachingListArguments, location="query")
@blueprint.response(200, CoachingPlanPageSchema)
def list_coaching_plans(arguments: dict[str, Any]) -> Any:
    """List plans, newest first: agents see their own, team leads those of their team."""
    name, state, agent = (arguments.pop(each) for each in ("client", "state", "agent"))
    client_id = client_named(session(), name).client_id if name else None
    statement = visibility.select_plans(actor(), client_id=client_id, state=state, agent=agent)
    key = [CoachingPlan.created_at, CoachingPlan.plan_id]
    page = page_of(session(), statement, key, descending=True, **arguments)
    return linked(page, representations.plan_summaries(session(), page.data))


@blueprint.route("/coaching/<uuid:plan_id>")
@requires("coaching:read")
@blueprint.response(200, CoachingPlanSchema)
def get_coaching_plan(plan_id: UUID) -> Response:
    """Read a plan: its actions, what it cites, and whether its questions moved."""
    return _detail(visibility.get_plan(session(), actor(), plan_id))


@blueprint.route("/coaching/<uuid:plan_id>", methods=["PATCH"])
@requires("coaching:write")
@blueprint.arguments(CoachingPlanChangeSchema)
@blueprint.response(200, CoachingPlanSchema)
def change_coaching_plan(body: dict[str, Any], plan_id: UUID) -> Response:
    """Change the goal, the actions or the date of the follow-up; for those who coach."""
    plan = visibility.get_plan(session(), actor(), plan_id, lock=True)
    visibility.check_may_coach(actor())
    check_match(_tag(plan))
    return _detail(planning.change_plan(session(), plan, body, utc_now()))


@blueprint.route("/coaching/<uuid:plan_id>/actions/<int:number>", methods=["POST"])
@requires("coaching:write")
@blueprint.arguments(CoachingTickSchema, required=False)
@blueprint.response(200, CoachingPlanSchema)
def tick_coaching_action(body: dict[str, Any], plan_id: UUID, number: int) -> Response:
    """Say that an action, numbered from 1, is done or not; the agent may, and those who coach."""
    plan = visibility.get_plan(session(), actor(), plan_id, lock=True)
    return _detail(planning.tick_action(session(), plan, number, done=body["done"], now=utc_now()))


@blueprint.route("/coaching/<uuid:plan_id>/close", methods=["POST"])
@requires("coaching:write")
@blueprint.arguments(CoachingClosureSchema)
@blueprint.response(200, CoachingPlanSchema)
def close_coaching_plan(body: dict[str, Any], plan_id: UUID) -> Response:
    """End a plan with what people say of it; what is measured by now stays with it."""
    plan = visibility.get_plan(session(), actor(), plan_id, lock=True)
    visibility.check_may_coach(actor())
    return _detail(planning.close_plan(session(), plan, **body, now=utc_now()))


@blueprint.route("/clients/<client>/coaching-suggestions")
@requires("coaching:read")
@blueprint.response(200, CoachingSuggestionsAnswerSchema)
def list_coaching_suggestions(client: Client) -> Any:
    """Read which agents could be coached on which question; nothing happens by itself."""
    rule = client.settings.get(suggestions.SETTING, DEFAULT_SETTINGS[suggestions.SETTING])
    return {**rule, "data": suggestions.suggestions(session(), actor(), client, utc_now())}


def _tag(plan: CoachingPlan) -> str:
    return tag_of(plan.plan_id, plan.revision)


def _detail(plan: CoachingPlan, status: int = 200) -> Response:
    answer = jsonify(CoachingPlanSchema().dump(representations.plan_detail(session(), actor(), plan)))
    answer.status_code = status
    # No 304: what is measured changes with every review.
    answer.headers["ETag"] = _tag(plan)
    return answer
