"""What people taught: their answers in force, with the conversations and what the rules say of them.

Reading takes one transaction; the rules are asked afterwards, outside of any.
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
from scorecards.authoring.models import Definition
from scorecards.autoscore.annotation.canned_responses import CannedResponses
from scorecards.autoscore.models.features import NOT_APPLICABLE
from scorecards.autoscore.models.head_layout import QuestionKey
from scorecards.compiled import UnreadableDefinition
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
"""Evaluations of people that a training reads, the newest first; bounds its memory and its time."""


@dataclass(frozen=True, slots=True)
class HumanEvaluation:
    """One person's evaluation of one interaction: what it says, and what the machine had said by then.

    `probability` is the inclusion probability, None for one picked by hand; `proving` tells that its
    interaction belongs to the third that is never learned from.
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
    """What one evaluation teaches, with what the rules see of the conversation."""

    evaluation: HumanEvaluation
    example: Example


@dataclass(frozen=True, slots=True)
class LabelledDataset:
    """Everything read of one client; `questions` as the newest versions of its scorecards ask them."""

    questions: Mapping[QuestionKey, Question]
    evaluations: Sequence[HumanEvaluation]
    definitions: ClientDefinitions | None
    threshold: float
    canned_responses: CannedResponses | None = None

    def examples(self) -> Iterator[TrainingExample]:
        """Ask the rules about each conversation; one whose definitions cannot be read teaches nothing."""
        for taught in self.evaluations:
            example = self._example(taught)
            if example is not None:
                yield TrainingExample(taught, example)

    def _example(self, taught: HumanEvaluation) -> Example | None:
        conversation = taught.conversation
        if self.definitions is None:
            return None
        try:
            rules = self.definitions.rules_for(
                at=conversation.started_at,
                channel=conversation.channel,
                program=conversation.program,
                threshold=self.threshold,
            )
        except UnreadableDefinition:
            return None
        case, verdicts = rules.judge.apply_rules(conversation, self.canned_responses)
        card = rules.form.key if rules.form else ""
        said = {(card, question): verdict for question, verdict in verdicts.items()}
        return Example(str(taught.interaction_id), case, said, taught.labels)


@dataclass(frozen=True, slots=True)
class _LearnableQuestions:
    """The questions of all versions of a client's scorecards that can be learned as the newest ask them."""

    questions: Mapping[QuestionKey, Question]
    cards: Mapping[uuid.UUID, str]
    alike: Mapping[uuid.UUID, frozenset[str]]

    def labels(self, scorecard_id: uuid.UUID, answers: Iterable[Mapping[str, Any]]) -> dict[QuestionKey, str]:
        """Return the classes of stored answers; what abstained or does not fit says nothing."""
        card, alike = self.cards.get(scorecard_id, ""), self.alike.get(scorecard_id, frozenset())
        found: dict[QuestionKey, str] = {}
        for answer in answers:
            key = (card, answer["question"])
            if answer["question"] in alike and not answer.get("abstained"):
                name = class_of(self.questions[key], answer)
                if name is not None:
                    found[key] = name
        return found


def read_dataset(
    session: Session,
    rulebook: DefinitionsCache,
    *,
    client: Client,
    split_key: bytes,
    memo: CannedResponses | None = None,
    most: int = MAX_CONVERSATIONS,
) -> LabelledDataset:
    """Read what people answered for one client, the newest evaluations first if there are too many."""
    asked = _learnable_questions(session, client)
    rows = session.execute(_evaluations(client).limit(most)).all()
    rows = sorted(rows, key=lambda row: (row.interaction_id, row.evaluation_id))
    conversations = load_conversations(session, [row.interaction_id for row in rows])
    taught = [
        _human_evaluation(row, asked, conversations[row.interaction_id], split_key)
        for row in rows
        if row.interaction_id in conversations
    ]
    moments = [each.conversation.started_at for each in taught]
    chosen = client.settings.get("charged_threshold", DEFAULT_SETTINGS["charged_threshold"])
    chapter = rulebook.open(session, client.client_id, moments) if moments else None
    return LabelledDataset(asked.questions, taught, chapter, float(chosen), memo)


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
    forms = {row.definition_id: form for row in found if (form := _readable(row)) is not None}
    newest = {row.key: forms[row.definition_id] for row in found if row.definition_id in forms}
    questions = {
        (card, key): question
        for card, form in newest.items()
        for key, question in form.questions.items()
        if question.kind in LEARNABLE
    }
    cards = {row.definition_id: row.key for row in found}
    alike = {
        definition_id: frozenset(
            key
            for key, question in form.questions.items()
            if _alike(question, questions.get((cards[definition_id], key)))
        )
        for definition_id, form in forms.items()
    }
    return _LearnableQuestions(questions, cards, alike)


def _readable(row: Any) -> Form | None:
    try:
        return Form.from_body(row.body)
    except Exception as error:  # noqa: BLE001 - whatever is wrong with one version, the others teach
        log.warning("scorecard_unreadable", scorecard=row.key, error=type(error).__name__)
        return None


def _alike(earlier: Question, now: Question | None) -> bool:
    """Tell whether answers to a question as it was answer it as it is: the same kind and options."""
    return (
        now is not None
        and earlier.kind == now.kind
        and {option.key for option in earlier.options} == {option.key for option in now.options}
    )


def _evaluations(client: Client) -> Select[Any]:
    """Return the statement of people's present evaluations, and what the machine had said by then."""
    return (
        select_submitted_reviews(
            Review.interaction_id,
            Review.reviewer_id,
            Review.finished_at,
            Review.targeted,
            Review.inclusion_probability,
            human.evaluation_id,
            human.scorecard_id,
            human.answers,
            machine.answers.label("judged"),
        )
        .outerjoin(machine, join_machine_at_review())
        .where(Review.tenant_id == client.tenant_id, Review.client_id == client.client_id)
        .order_by(Review.finished_at.desc(), Review.review_id.desc())
    )


def _human_evaluation(
    row: Any, asked: _LearnableQuestions, conversation: Conversation, split_key: bytes
) -> HumanEvaluation:
    spans = {answer["question"]: _spans(answer, conversation) for answer in row.answers}
    labels = {
        key: Label(name, spans[key[1]], str(row.reviewer_id))
        for key, name in asked.labels(row.scorecard_id, row.answers).items()
    }
    return HumanEvaluation(
        interaction_id=row.interaction_id,
        evaluation_id=row.evaluation_id,
        reviewed_at=row.finished_at,
        probability=None if row.targeted else row.inclusion_probability,
        held_out=holdout.in_holdout(split_key, row.interaction_id),
        conversation=conversation,
        labels=labels,
        machine=asked.labels(row.scorecard_id, row.judged or ()),
    )


def _spans(answer: Mapping[str, Any], conversation: Conversation) -> tuple[Span, ...]:
    """Return the evidence that still lies inside the conversation, which may have been pushed anew since."""
    spans = [Span.from_json(each) for each in answer.get("evidence") or ()]
    turns = conversation.turns
    return tuple(
        span for span in spans if span.turn < len(turns) and (span.end or 0) <= len(turns[span.turn].text)
    )
