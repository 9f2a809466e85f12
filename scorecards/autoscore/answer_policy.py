"""One automatic answer, out of what the rules say, what was learned, and how far the question is trusted."""

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

_PEOPLE = "People judge this question."
_UNTRUSTED = "People judge this question until the machine has shown that it agrees with them."
_NO_OPTION = "The question has no scored option to choose."


@dataclass(frozen=True, slots=True)
class AutomaticAnswer:
    """The machine's answer to one question.

    `value` is an option key, None when N/A or abstained; `confidence` in [0, 1]; `reason` never quotes the
    transcript, so that it may outlive it; `clause` is what it rests on: a clause of the brand voice, the key
    of a playbook, or the scorecard's own question. `source` is "rule" or "model", None when abstained;
    `gate` is how far this question was trusted when it was answered.
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
    """What is known of a client besides its definitions.

    Its model of answers with the id and the gates, the provider's model of feelings, and a memo of what its
    agents say word for word again and again.
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
    Return the machine's answer to a question.

    Parameters
    ----------
    question : Question
        What is asked.
    rule : Verdict
        What the rules say; they may abstain.
    predicted : Prediction or None
        What was learned, where a model knows the question with these very options.
    gate : Gate
        How far the question is trusted with this model; see `trusted`.
    scorecard : str
        The key of the scorecard, for the clause of answers that rest on nothing narrower.

    Returns
    -------
    AutomaticAnswer
        In gate `automatic` an answer below the threshold abstains; in `human_only` every one does.
    """
    clause = f"{scorecard}/{question.key}" if scorecard else question.key
    if gate.state == HUMAN_ONLY:
        reason = _UNTRUSTED if question.auto or predicted else _PEOPLE
        return _abstained(question, reason, clause, HUMAN_ONLY)
    if predicted is None:
        return _by_rule(question, rule, clause)
    return _by_model(question, rule, predicted, gate, clause)


def may_answer(question: Question, learned: ClientModels, key: QuestionKey) -> Gate:
    """Return how far a question is trusted now.

    An automatic gate counts as assisted where the model that its promise was made for is not at hand.
    """
    gate = learned.gates.get(key)
    if gate is None:
        return initial_gate(ruled=question.auto is not None)
    if gate.state == AUTOMATIC and gate.model != learned.model_id:
        return Gate(ASSISTED)
    return gate


def covers_options(question: Question, classes: Sequence[str], unlearned: Sequence[str] = ()) -> bool:
    """Whether this version of a question offers exactly the options of the one that was learned.

    Of an option that came later nobody can tell how often it is missed. `classes` can be predicted,
    `unlearned` were options too.
    """
    options = {*classes, *unlearned} - {NOT_APPLICABLE}
    offered = {option.key for option in question.options}
    return options == offered and (question.na_allowed or NOT_APPLICABLE not in classes)


def class_of_answer(question: Question, rule: Verdict) -> str | None:
    """Return the class a rule's verdict stands for; None where it abstained or fits no option."""
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
    judged = class_of_answer(question, rule)
    same = judged == value
    return AutomaticAnswer(
        question.key,
        None if na else value,
        na,
        round(confidence, 4),
        predicted.evidence or (rule.evidence if same else ()),
        _reason(question, rule, judged, value, marked=bool(predicted.evidence)),
        (rule.clause if same else None) or clause,
        abstained=False,
        source=MODEL,
        gate=gate.state,
    )


def _reason(question: Question, rule: Verdict, judged: str | None, value: str, *, marked: bool) -> str:
    shown = "with wording like the marked one" if marked else "to conversations like this"
    said = f"Reviewers of this client answered {_named(question, value)} {shown}."
    if judged is None:
        return said
    if judged == value:
        return f"{said} The rules agree: {rule.reason}"
    return f"{said} The rules alone would say {_named(question, judged)}."


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
