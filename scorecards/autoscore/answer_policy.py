"""The policy of an automatic answer: the rule's, the model's, or none, by the gate of the question."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from scorecards.automation.gate import STATES, Gate, initial_gate
from scorecards.autoscore.annotation.canned_responses import CannedResponses
from scorecards.autoscore.case import UNKNOWN, Verdict
from scorecards.autoscore.models.answer_model import AnswerModel, Prediction
from scorecards.autoscore.models.features import NOT_APPLICABLE, class_of_verdict
from scorecards.autoscore.models.head_layout import QuestionKey
from scorecards.autoscore.models.sentiment_model import SentimentModel
from scorecards.definitions.form import Question, Span, Value

RULE, MODEL = "rule", "model"
HUMAN_ONLY, ASSISTED, AUTOMATIC = STATES

_HUMAN_ONLY_REASON = "People judge this question."
_NOT_TRUSTED_YET = "People judge this question until the machine has shown that it agrees with them."
_NO_OPTION = "The question has no scored option to choose."


@dataclass(frozen=True, slots=True)
class AutomaticAnswer:
    """The automatic answer to one question.

    `value` is an option key, None if N/A or abstained; `confidence` is in [0, 1]; `reason` never quotes the
    transcript, so that it may be kept longer; `clause` is its basis: a clause of the brand voice, the key of
    a playbook, or the scorecard's own question. `source` is "rule" or "model", None if abstained; `gate` is
    the state of the question's gate at that time.
    """

    question: str
    value: Value
    na: bool
    confidence: float
    evidence: tuple[Span, ...]
    reason: str
    clause: str | None
    abstained: bool
    source: str | None = None
    gate: str = ASSISTED


@dataclass(frozen=True, slots=True)
class ClientModels:
    """What is used for a client besides its definitions.

    These are its answer model with id and gates, the provider's sentiment model, and the canned responses of
    its agents.
    """

    answers: AnswerModel | None = None
    model_id: str | None = None
    gates: Mapping[QuestionKey, Gate] = field(default_factory=dict)
    sentiment: SentimentModel | None = None
    canned_responses: CannedResponses | None = None


NO_MODELS = ClientModels()


def answer(
    question: Question, rule: Verdict, predicted: Prediction | None, gate: Gate, *, scorecard: str
) -> AutomaticAnswer:
    """
    Return the automatic answer to a question.

    Parameters
    ----------
    question : Question
        The question of the scorecard.
    rule : Verdict
        The verdict of the rules; they may abstain.
    predicted : Prediction or None
        The prediction of a model that was trained with exactly the options of the question.
    gate : Gate
        The gate of the question with this model; see `may_answer`.
    scorecard : str
        The key of the scorecard, for the clause of answers that have no narrower basis.

    Returns
    -------
    AutomaticAnswer
        In gate `automatic` an answer below the threshold abstains; in `human_only` every one does.
    """
    clause = f"{scorecard}/{question.key}" if scorecard else question.key
    if gate.state == HUMAN_ONLY:
        reason = _NOT_TRUSTED_YET if question.auto or predicted else _HUMAN_ONLY_REASON
        return _abstained(question, reason, clause, HUMAN_ONLY)
    if predicted is None:
        return _by_rule(question, rule, clause)
    return _by_model(question, rule, predicted, gate, clause)


def may_answer(question: Question, client_models: ClientModels, key: QuestionKey) -> Gate:
    """Return the effective gate of a question.

    An automatic gate counts as assisted unless the model is the one that its guarantee was given for.
    """
    gate = client_models.gates.get(key)
    if gate is None:
        return initial_gate(ruled=question.auto is not None)
    if gate.state == AUTOMATIC and gate.model != client_models.model_id:
        return Gate(ASSISTED)
    return gate


def covers_options(question: Question, classes: Sequence[str], untrained: Sequence[str] = ()) -> bool:
    """Tell whether this version of a question has exactly the options that the model was trained with.

    The error rate of an option that was added later is unknown. `classes` are those that can be predicted,
    `untrained` the other options of the training.
    """
    options = {*classes, *untrained} - {NOT_APPLICABLE}
    offered = {option.key for option in question.options}
    return options == offered and (question.na_allowed or NOT_APPLICABLE not in classes)


def class_of_answer(question: Question, rule: Verdict) -> str | None:
    """Return the class of a rule's verdict; None if it abstained or fits no option."""
    return class_of_verdict(question.values, rule)


def _by_rule(question: Question, rule: Verdict, clause: str) -> AutomaticAnswer:
    if rule.abstained:
        return _abstained(question, rule.reason, rule.clause or clause, ASSISTED)
    value = class_of_answer(question, rule)
    if value is None:
        return _abstained(question, _NO_OPTION, clause, ASSISTED)
    na = value == NOT_APPLICABLE
    return AutomaticAnswer(
        question.key,
        None if na else value,
        na,
        rule.confidence,
        rule.evidence,
        rule.reason,
        rule.clause or clause,
        abstained=False,
        source=RULE,
    )


def _by_model(
    question: Question, rule: Verdict, predicted: Prediction, gate: Gate, clause: str
) -> AutomaticAnswer:
    value = predicted.predicted_class
    confidence = predicted.confidence
    if gate.state == AUTOMATIC and confidence < (gate.threshold or 0.0):
        reason = f"Not sure enough: it takes {gate.threshold:.2f} to keep the promise."
        return _abstained(question, reason, clause, AUTOMATIC)
    na = value == NOT_APPLICABLE
    by_rule = class_of_answer(question, rule)
    agrees = by_rule == value
    return AutomaticAnswer(
        question.key,
        None if na else value,
        na,
        round(confidence, 4),
        predicted.evidence or (rule.evidence if agrees else ()),
        _reason(question, rule, by_rule, value, has_evidence=bool(predicted.evidence)),
        (rule.clause if agrees else None) or clause,
        abstained=False,
        source=MODEL,
        gate=gate.state,
    )


def _reason(question: Question, rule: Verdict, by_rule: str | None, value: str, *, has_evidence: bool) -> str:
    basis = "with wording like the marked one" if has_evidence else "to conversations like this"
    statement = f"Reviewers of this client answered {_named(question, value)} {basis}."
    if by_rule is None:
        return statement
    if by_rule == value:
        return f"{statement} The rules agree: {rule.reason}"
    return f"{statement} The rules alone would say {_named(question, by_rule)}."


def _named(question: Question, value: str) -> str:
    for option in question.options:
        if option.key == value:
            return f"'{option.label}'"
    return "N/A"


def _abstained(question: Question, reason: str, clause: str, state: str) -> AutomaticAnswer:
    return AutomaticAnswer(
        question.key,
        None,
        na=False,
        confidence=UNKNOWN,
        evidence=(),
        reason=reason,
        clause=clause,
        abstained=True,
        source=None,
        gate=state,
    )
