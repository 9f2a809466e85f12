"""The models in force of a client, and the same with a candidate answer model in place of the current one."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace

import structlog
from sqlalchemy.orm import Session

from qm.learning.artefact_loading import ReadableModel, UnreadableModel, read_artefact
from qm.learning.gate_store import load_gates
from qm.learning.model_registry import artefact_bytes, model_in_force
from qm.learning.models import ANSWERS, CANNED, SENTIMENT, Model
from scorecards.automation.gate import Gate
from scorecards.autoscore.annotation.canned_responses import CannedResponses
from scorecards.autoscore.answer_policy import ASSISTED, AUTOMATIC, ClientModels
from scorecards.autoscore.models.answer_model import AnswerModel
from scorecards.autoscore.models.head_layout import QuestionKey
from scorecards.autoscore.models.sentiment_model import SentimentModel
from tenants.http.faults import Conflict

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class CurrentModels:
    """The client's models, and the answer model in force; None if rules answer alone."""

    client_models: ClientModels
    model: Model | None


def current_models(session: Session, client_id: uuid.UUID) -> CurrentModels:
    """Return the models that score a client's interactions now; unreadable models are left out."""
    answers = model_in_force(session, client_id, ANSWERS)
    sentiment_row = model_in_force(session, None, SENTIMENT)
    model = _read_if_possible(session, answers)
    sentiment = _read_if_possible(session, sentiment_row)
    canned_responses = _read_if_possible(session, model_in_force(session, client_id, CANNED))
    readable = isinstance(model, AnswerModel)
    client_models = ClientModels(
        answers=model if isinstance(model, AnswerModel) else None,
        model_id=str(answers.model_id) if answers and readable else None,
        gates=load_gates(session, client_id),
        sentiment=sentiment.for_client(str(client_id)) if isinstance(sentiment, SentimentModel) else None,
        canned_responses=canned_responses if isinstance(canned_responses, CannedResponses) else None,
    )
    return CurrentModels(client_models, answers if readable else None)


def load_candidate(session: Session, model: Model) -> AnswerModel:
    """Return the candidate model.

    Raises
    ------
    Conflict
        When it is not an answer model, when its artefact was deleted, or when it is unreadable.
    """
    if model.kind != ANSWERS:
        raise Conflict("Only a model of answers can be asked what it would change.", "not_of_answers")
    artefact = artefact_bytes(session, model.model_id)
    if artefact is None:
        raise Conflict("Of this version only the card is kept, not the artefact.", "artefact_not_kept")
    try:
        candidate = read_artefact(model.kind, artefact, model.digest)
    except UnreadableModel as error:
        raise Conflict(f"This model cannot be read: {error}", "unreadable_model") from error
    if not isinstance(candidate, AnswerModel):
        raise Conflict("This model cannot be read: it is of another kind.", "unreadable_model")
    return candidate


def without_automatic_gates(gates: Mapping[QuestionKey, Gate]) -> dict[QuestionKey, Gate]:
    """Return gates under which two models can be compared: automatic gates become assisted.

    A threshold is valid only for the model it was selected for, and would hide answers of the other model.

    Examples
    --------
    >>> gates = {("care", "hears"): Gate("automatic", 0.8, "one"), ("care", "how"): Gate("human_only")}
    >>> [gate.state for gate in without_automatic_gates(gates).values()]
    ['assisted', 'human_only']
    """
    return {key: Gate(ASSISTED) if gate.state == AUTOMATIC else gate for key, gate in gates.items()}


def with_model(
    client_models: ClientModels, model: AnswerModel | None, model_id: uuid.UUID | None
) -> ClientModels:
    """Return the client's models with another answer model, or none, and without automatic gates."""
    return replace(
        client_models,
        answers=model,
        model_id=None if model_id is None else str(model_id),
        gates=without_automatic_gates(client_models.gates),
    )


def _read_if_possible(session: Session, model: Model | None) -> ReadableModel | None:
    if model is None or model.fault is not None:
        return None
    try:
        return read_artefact(model.kind, artefact_bytes(session, model.model_id) or b"", model.digest)
    except UnreadableModel as error:
        log.warning("what_if_without_model", model=str(model.model_id), error=error.reason)
        return None
