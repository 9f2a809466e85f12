"""What was learned as it would judge now, and as it would with another model in its place."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace

import structlog
from sqlalchemy.orm import Session

from qm.learning.artefact_loading import ReadableModel, UnreadableModel, read_artefact
from qm.learning.gate_store import gates_of
from qm.learning.models import ANSWERS, CANNED, SENTIMENT, Model
from qm.learning.registry import artefact_of, in_force
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
    """What was learned, and the model of answers in force; None where rules judge alone."""

    client_models: ClientModels
    model: Model | None


def current_models(session: Session, client_id: uuid.UUID) -> CurrentModels:
    """Return what judges a client's interactions besides rules; a model that cannot be read is left out."""
    answers = in_force(session, client_id, ANSWERS)
    feelings = in_force(session, None, SENTIMENT)
    model = _readable(session, answers)
    mood = _readable(session, feelings)
    memo = _readable(session, in_force(session, client_id, CANNED))
    known = isinstance(model, AnswerModel)
    learned = ClientModels(
        answers=model if isinstance(model, AnswerModel) else None,
        model_id=str(answers.model_id) if answers and known else None,
        gates=gates_of(session, client_id),
        sentiment=mood.for_client(str(client_id)) if isinstance(mood, SentimentModel) else None,
        canned_responses=memo if isinstance(memo, CannedResponses) else None,
    )
    return CurrentModels(learned, answers if known else None)


def asked_model(session: Session, model: Model) -> AnswerModel:
    """Return the model that is asked about.

    Raises
    ------
    Conflict
        When it is no model of answers, when its artefact is no longer kept, or when it cannot be read.
    """
    if model.kind != ANSWERS:
        raise Conflict("Only a model of answers can be asked what it would change.", "not_of_answers")
    artefact = artefact_of(session, model.model_id)
    if artefact is None:
        raise Conflict("Of this version only the card is kept, not the artefact.", "artefact_not_kept")
    try:
        found = read_artefact(model.kind, artefact, model.digest)
    except UnreadableModel as error:
        raise Conflict(f"This model cannot be read: {error}", "unreadable_model") from error
    if not isinstance(found, AnswerModel):
        raise Conflict("This model cannot be read: it is of another kind.", "unreadable_model")
    return found


def levelled(gates: Mapping[QuestionKey, Gate]) -> dict[QuestionKey, Gate]:
    """Return gates under which two models can be compared: automatic ones as if they were assisted.

    A threshold holds for the model it was found for, and would hide what only one of them says.

    Examples
    --------
    >>> levelled({("care", "hears"): Gate("automatic", 0.8, "one"), ("care", "how"): Gate("human_only")})
    {('care', 'hears'): Gate(state='assisted', threshold=None, model=None), ('care', 'how'): \
Gate(state='human_only', threshold=None, model=None)}
    """
    return {key: Gate(ASSISTED) if gate.state == AUTOMATIC else gate for key, gate in gates.items()}


def with_model(learned: ClientModels, model: AnswerModel | None, model_id: uuid.UUID | None) -> ClientModels:
    """Return what was learned with another model of answers, or none, under levelled gates."""
    return replace(
        learned,
        answers=model,
        model_id=None if model_id is None else str(model_id),
        gates=levelled(learned.gates),
    )


def _readable(session: Session, model: Model | None) -> ReadableModel | None:
    if model is None or model.fault is not None:
        return None
    try:
        return read_artefact(model.kind, artefact_of(session, model.model_id) or b"", model.digest)
    except UnreadableModel as error:
        log.warning("what_if_without_model", model=str(model.model_id), error=error.reason)
        return None
