"""HTTP routes of models and trainings."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Response, jsonify, url_for

from qm.learning import model_registry, representations, trainings
from qm.learning.models import Model, Training
from qm.learning.schemas import (
    ModelListArguments,
    ModelPageSchema,
    ModelSchema,
    TrainingListArguments,
    TrainingPageSchema,
    TrainingRequestSchema,
    TrainingSchema,
)
from qm.services import services
from tenants.access import actor, requires, session
from tenants.http.contract import Blueprint, check_match, linked, page_of, tagged
from tenants.models import utc_now

blueprint = Blueprint(
    "models", __name__, url_prefix="/v1", description="What learns from people's answers, and what it learned"
)


@blueprint.route("/models/train", methods=["POST"])
@requires("definitions:write")
@blueprint.arguments(TrainingRequestSchema)
@blueprint.response(202, TrainingSchema)
def train_model(body: dict[str, Any]) -> Response:
    """Have a model trained from what people answered; where a training is under way, returns that one."""
    training = trainings.request_training(session(), actor(), services().redis, **body)
    response = jsonify(TrainingSchema().dump(_trainings([training])[0]))
    response.status_code = 202
    response.headers["Location"] = url_for("models.get_training", training_id=training.training_id)
    return response


@blueprint.route("/trainings")
@requires("definitions:read")
@blueprint.arguments(TrainingListArguments, location="query")
@blueprint.response(200, TrainingPageSchema)
def list_trainings(arguments: dict[str, Any]) -> Any:
    """List trainings, newest first, with what was refused and why."""
    paging = {name: arguments.pop(name) for name in ("limit", "cursor")}
    statement = trainings.select_visible(session(), actor(), Training, filters=arguments)
    page = page_of(session(), statement, [Training.training_id], descending=True, **paging)
    return linked(page, _trainings(page.data))


@blueprint.route("/trainings/<uuid:training_id>")
@requires("definitions:read")
@blueprint.response(200, TrainingSchema)
def get_training(training_id: UUID) -> Any:
    """Read one training."""
    return _trainings([trainings.get_training(session(), actor(), training_id)])[0]


@blueprint.route("/models")
@requires("definitions:read")
@blueprint.arguments(ModelListArguments, location="query")
@blueprint.response(200, ModelPageSchema)
def list_models(arguments: dict[str, Any]) -> Any:
    """List models, newest first, those that cannot be read with their fault."""
    paging = {name: arguments.pop(name) for name in ("limit", "cursor")}
    statement = trainings.select_visible(session(), actor(), Model, filters=arguments)
    page = page_of(session(), statement, [Model.model_id], descending=True, **paging)
    return linked(page, _models(page.data))


@blueprint.route("/models/<uuid:model_id>")
@requires("definitions:read")
@blueprint.response(200, ModelSchema)
def get_model(model_id: UUID) -> Response:
    """Read a model's card: from what it was made, and how well each question was learned."""
    return _model_response(model_registry.get_model(session(), actor(), model_id))


@blueprint.route("/models/<uuid:model_id>/restore", methods=["POST"])
@requires("definitions:write")
@blueprint.response(200, ModelSchema)
def restore_model(model_id: UUID) -> Response:
    """Put an old version, or one that was held back, in force; one that cannot be read is refused."""
    model = model_registry.get_model(session(), actor(), model_id, lock=True)
    check_match(representations.model_etag(model))
    return _model_response(model_registry.restore(session(), model, now=utc_now()))


def _model_response(model: Model) -> Response:
    return tagged(jsonify(ModelSchema().dump(_models([model])[0])), representations.model_etag(model))


def _models(models: Sequence[Model]) -> list[dict[str, Any]]:
    return representations.model_representations(session(), models, sees_people=actor().sees_agents)


def _trainings(rows: Sequence[Training]) -> list[dict[str, Any]]:
    return representations.training_representations(session(), rows, sees_people=actor().sees_agents)
