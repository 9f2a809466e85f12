"""The labelled data of a client: people's evaluations in force, their conversations, and the rules' verdicts.

The data are read in one transaction; the rules are applied afterwards, outside of any.
"""

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from qm.interactions.conversations import load_conversations
from qm.reviews.double_scored import human, join_machine_at_review, machine, select_submitted_reviews
from qm.reviews.models import Review
from qm.reviews.worked_queues import DRAW_COLUMNS, sampled_probabilities
from scorecards.authoring.models import Definition
from scorecards.autoscore.annotation.canned_responses import CannedResponses
from scorecards.autoscore.models.features import NOT_APPLICABLE
from scorecards.autoscore.models.head_layout import QuestionKey
from scorecards.compiled_definitions import UnreadableDefinition
from scorecards.definitions.conversation import Conversation
from scorecards.definitions.form import Form, Question, Span
from scorecards.sampling import holdout
from tenants.clients import DEFAULT_SETTINGS
from tenants.models import Client
from workers.definitions_cache import ClientDefinitions, DefinitionsCache
from workers.training.fitting.examples import Example, Label

log = structlog.get_logger(__name__)

LEARNABLE = frozenset({"yes_no", "scale", "single"})
MAX_CONVERSATIONS = 10_000
"""Evaluations that a training reads, the newest first; bounds its memory and time."""


@dataclass(frozen=True, slots=True)
class HumanEvaluation:
    """One person's evaluation of one interaction, with the machine's at that time.

    Attributes
    ----------
    interaction_id, evaluation_id : UUID
    reviewed_at : datetime
    probability : float or None
        Probability of having been drawn and reviewed in turn; None if it was picked by hand or out of turn.
    held_out : bool
        Whether the interaction belongs to the third on which no model is trained.
    conversation : Conversation
    labels : mapping of (str, str) to Label
        The person's answers by question.
    machine : mapping of (str, str) to str
        The classes of the machine's answers by question.
    """

    interaction_id: uuid.UUID
    evaluation_id: uuid.UUID
    reviewed_at: datetime
    probability: float | None
    held_out: bool
    conversation: Conversation
    labels: Mapping[QuestionKey, Label]
    machine: Mapping[QuestionKey, str]


@dataclass(frozen=True, slots=True)
class TrainingExample:
    """One person's evaluation, and the example for training it gives with the verdicts of the rules."""

    evaluation: HumanEvaluation
    example: Example


@dataclass(frozen=True, slots=True)
class LabelledDataset:
    """Everything read of one client; `questions` are those of the newest versions of its scorecards."""

    questions: Mapping[QuestionKey, Question]
    evaluations: Sequence[HumanEvaluation]
    definitions: ClientDefinitions | None
    threshold: float
    canned_responses: CannedResponses | None = None

    def examples(self) -> Iterator[TrainingExample]:
        """Apply the rules to each conversation; those whose definitions cannot be read are left out."""
        for evaluation in self.evaluations:
            example = self._example(evaluation)
            if example is not None:
                yield TrainingExample(evaluation, example)

    def _example(self, evaluation: HumanEvaluation) -> Example | None:
        conversation = evaluation.conversation
        if self.definitions is None:
            return None
        try:
            compiled = self.definitions.rules_for(
                at=conversation.started_at,
                channel=conversation.channel,
                program=conversation.program,
                threshold=self.threshold,
            )
        except UnreadableDefinition:
            return None
        case, verdicts = compiled.judge.apply_rules(conversation, self.canned_responses)
        scorecard = compiled.form.key if compiled.form else ""
        rules = {(scorecard, question): verdict for question, verdict in verdicts.items()}
        return Example(str(evaluation.interaction_id), case, rules, evaluation.labels)


@dataclass(frozen=True, slots=True)
class _LearnableQuestions:
    """The learnable questions of a client's newest scorecards, and the older versions compatible with them.

    Attributes
    ----------
    questions : mapping of (str, str) to Question
        By scorecard and question, as the newest version has them.
    scorecards : mapping of UUID to str
        The key of each version.
    compatible : mapping of UUID to frozenset of str
        By version, the questions with the same kind and options as in the newest.
    """

    questions: Mapping[QuestionKey, Question]
    scorecards: Mapping[uuid.UUID, str]
    compatible: Mapping[uuid.UUID, frozenset[str]]

    def labels(self, scorecard_id: uuid.UUID, answers: Iterable[Mapping[str, Any]]) -> dict[QuestionKey, str]:
        """Return the classes of stored answers, without those that abstained or are incompatible."""
        scorecard = self.scorecards.get(scorecard_id, "")
        compatible = self.compatible.get(scorecard_id, frozenset())
        found: dict[QuestionKey, str] = {}
        for answer in answers:
            key = (scorecard, answer["question"])
            if answer["question"] in compatible and not answer.get("abstained"):
                name = class_of(self.questions[key], answer)
                if name is not None:
                    found[key] = name
        return found


def read_dataset(
    session: Session,
    definitions_cache: DefinitionsCache,
    *,
    client: Client,
    holdout_key: bytes,
    canned_responses: CannedResponses | None = None,
    limit: int = MAX_CONVERSATIONS,
) -> LabelledDataset:
    """Read people's evaluations of one client's interactions, the newest if there are more than the limit."""
    learnable = _learnable_questions(session, client)
    rows = session.execute(_evaluations(client).limit(limit)).all()
    rows = sorted(rows, key=lambda row: (row.interaction_id, row.evaluation_id))
    conversations = load_conversations(session, [row.interaction_id for row in rows])
    probabilities = sampled_probabilities(session, rows)
    evaluations = [
        _human_evaluation(row, probability, learnable, conversations[row.interaction_id], holdout_key)
        for row, probability in zip(rows, probabilities, strict=True)
        if row.interaction_id in conversations
    ]
    moments = [each.conversation.started_at for each in evaluations]
    threshold = float(client.settings.get("charged_threshold", DEFAULT_SETTINGS["charged_threshold"]))
    definitions = definitions_cache.open(session, client.client_id, moments) if moments else None
    return LabelledDataset(learnable.questions, evaluations, definitions, threshold, canned_responses)


def class_of(question: Question, answer: Mapping[str, Any]) -> str | None:
    """Return the class of a stored answer: an option's key or "n/a"; None where it is neither.

    Examples
    --------
    >>> class_of(Question("hears", "Heard?", "yes_no", na_allowed=True), {"value": None, "na": True})
    'n/a'
    """
    if answer.get("na"):
        return NOT_APPLICABLE if question.na_allowed else None
    value = answer.get("value")
    return value if isinstance(value, str) and question.option(value) is not None else None


def _learnable_questions(session: Session, client: Client) -> _LearnableQuestions:
    found = session.execute(
        select(Definition.definition_id, Definition.key, Definition.body)
        .where(
            Definition.tenant_id == client.tenant_id,
            Definition.client_id == client.client_id,
            Definition.kind == "scorecard",
            Definition.state != "draft",
        )
        .order_by(Definition.key, Definition.version)
    ).all()
    forms = {row.definition_id: form for row in found if (form := _parsed(row)) is not None}
    newest = {row.key: forms[row.definition_id] for row in found if row.definition_id in forms}
    questions = {
        (scorecard, key): question
        for scorecard, form in newest.items()
        for key, question in form.questions.items()
        if question.kind in LEARNABLE
    }
    scorecards = {row.definition_id: row.key for row in found}
    compatible = {
        definition_id: frozenset(
            key
            for key, question in form.questions.items()
            if _is_compatible(question, questions.get((scorecards[definition_id], key)))
        )
        for definition_id, form in forms.items()
    }
    return _LearnableQuestions(questions, scorecards, compatible)


def _parsed(row: Any) -> Form | None:
    try:
        return Form.from_body(row.body)
    except Exception as error:  # noqa: BLE001 - whatever is wrong with one version, the others are used
        log.warning("scorecard_unreadable", scorecard=row.key, error=type(error).__name__)
        return None


def _is_compatible(older: Question, newest: Question | None) -> bool:
    """Tell whether answers to an older version of a question fit the newest: same kind and options."""
    return (
        newest is not None
        and older.kind == newest.kind
        and {option.key for option in older.options} == {option.key for option in newest.options}
    )


def _evaluations(client: Client) -> Select[Any]:
    """Return the statement of people's evaluations in force, with the machine's at the time of the review."""
    return (
        select_submitted_reviews(
            Review.interaction_id,
            Review.reviewer_id,
            Review.finished_at,
            *DRAW_COLUMNS,
            human.evaluation_id,
            human.scorecard_id,
            human.answers,
            machine.answers.label("machine_answers"),
        )
        .outerjoin(machine, join_machine_at_review())
        .where(Review.tenant_id == client.tenant_id, Review.client_id == client.client_id)
        # Answers that serve a sampled review are those of the hand-picked one, which is read by itself.
        .where(~Review.hand_picked_answer, ~Review.reopened)
        .order_by(Review.finished_at.desc(), Review.review_id.desc())
    )


def _human_evaluation(
    row: Any,
    probability: float | None,
    learnable: _LearnableQuestions,
    conversation: Conversation,
    holdout_key: bytes,
) -> HumanEvaluation:
    spans = {answer["question"]: _spans(answer, conversation) for answer in row.answers}
    labels = {
        key: Label(name, spans[key[1]], str(row.reviewer_id))
        for key, name in learnable.labels(row.scorecard_id, row.answers).items()
    }
    return HumanEvaluation(
        interaction_id=row.interaction_id,
        evaluation_id=row.evaluation_id,
        reviewed_at=row.finished_at,
        probability=probability,
        held_out=holdout.in_holdout(holdout_key, row.interaction_id),
        conversation=conversation,
        labels=labels,
        machine=learnable.labels(row.scorecard_id, row.machine_answers or ()),
    )


def _spans(answer: Mapping[str, Any], conversation: Conversation) -> tuple[Span, ...]:
    """Return the evidence that still lies inside the conversation, which may have been replaced since."""
    spans = [Span.from_json(each) for each in answer.get("evidence") or ()]
    turns = conversation.turns
    return tuple(
        span for span in spans if span.turn < len(turns) and (span.end or 0) <= len(turns[span.turn].text)
    )
