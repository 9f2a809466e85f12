"""Evaluates conversations by one set of definitions: answers with evidence, score, sentiment, findings."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from scorecards.automation.gate import Gate
from scorecards.autoscore.annotation.canned_responses import CannedResponses
from scorecards.autoscore.annotation.sentiment import Sentiment
from scorecards.autoscore.annotation.transcript import Annotator, score_sentiment
from scorecards.autoscore.answer_policy import (
    NO_MODELS,
    AutomaticAnswer,
    ClientModels,
    answer,
    covers_options,
    may_answer,
)
from scorecards.autoscore.brand_voice.checker import BrandVoiceChecker, BrandVoiceFinding
from scorecards.autoscore.case import Case, Verdict, abstain
from scorecards.autoscore.models.answer_model import AnswerModel, Prediction, ScoredTranscript
from scorecards.autoscore.models.head_layout import QuestionKey
from scorecards.autoscore.playbook.checker import PlaybookChecker, PlaybookFinding
from scorecards.autoscore.rules import catalogue, empathy
from scorecards.autoscore.rules.empathy import EmpathyMoment
from scorecards.definitions.brand_voice import BrandVoice
from scorecards.definitions.conversation import Conversation
from scorecards.definitions.form import Form, Question
from scorecards.definitions.playbook import Playbook
from scorecards.scoring import scoring
from scorecards.scoring.scoring import FormScore

_BATCH = 16  # conversations that go through every step together; more do not fit the processor's cache
_CHOICE_KINDS = frozenset({"yes_no", "scale", "single"})


@dataclass(frozen=True, slots=True)
class AutomaticEvaluation:
    """The automatic evaluation of one conversation; `score` is None without a form.

    `in_vocabulary_share` in [0, 1] is the share of the agent's words that the model in force knows; None
    without a model.
    """

    answers: dict[str, AutomaticAnswer]
    score: FormScore | None
    sentiment: Sentiment
    brand_voice: tuple[BrandVoiceFinding, ...]
    playbooks: tuple[PlaybookFinding, ...]
    empathy: tuple[EmpathyMoment, ...] = ()
    in_vocabulary_share: float | None = None


class AnswerContext(NamedTuple):
    """A client's models, the questions of this version that they can answer, and the gate of each."""

    client_models: ClientModels
    answerable: Mapping[QuestionKey, Question]
    gates: Mapping[QuestionKey, Gate]


@cache
def shared_annotator() -> Annotator:
    """Return the one annotator of this process; annotations depend on the text alone."""
    return Annotator()


class Judge:
    """One set of versions, compiled once and used for any number of conversations."""

    def __init__(
        self,
        form: Form | None,
        brand_voice: BrandVoice | None,
        playbooks: Sequence[Playbook],
        *,
        charged_threshold: float,
    ) -> None:
        """Compile the definitions; `charged_threshold` is the client's, in [0, 1]."""
        self.form = form
        self._scorecard = form.key if form else ""
        self._threshold = charged_threshold
        self._voice = BrandVoiceChecker(brand_voice) if brand_voice else None
        self._playbooks = PlaybookChecker(playbooks) if playbooks else None
        self._annotator = shared_annotator()
        self._keys = {
            (self._scorecard, key): question for key, question in (form.questions if form else {}).items()
        }
        self._questions = [
            (question, catalogue.CATALOGUE.get(question.auto) if question.auto else None)
            for question in (form.questions.values() if form else ())
        ]

    def evaluate(
        self, conversations: Sequence[Conversation], client_models: ClientModels = NO_MODELS
    ) -> list[AutomaticEvaluation]:
        """Return one evaluation per conversation, in their order; each is independent of the others.

        The models are an argument because they change more often than the definitions, and a cached judge
        must not keep a model in memory.
        """
        context = AnswerContext(
            client_models, self._answerable(client_models.answers), self._gates(client_models)
        )
        return [
            evaluation
            for start in range(0, len(conversations), _BATCH)
            for evaluation in self._evaluated(conversations[start : start + _BATCH], context)
        ]

    def apply_rules(
        self, conversation: Conversation, canned_responses: CannedResponses | None = None
    ) -> tuple[Case, dict[str, Verdict]]:
        """Return the case of a conversation, and the verdict of the rules on each question."""
        transcript = self._annotator.annotate(conversation)
        sentiment = score_sentiment(transcript, charged_threshold=self._threshold)
        case = Case(
            transcript=transcript,
            sentiment=sentiment,
            opportunity=empathy.opportunity(transcript, sentiment),
            voice=self._voice.findings(transcript) if self._voice else None,
            playbooks=self._playbooks.findings(transcript) if self._playbooks else None,
            canned_responses=canned_responses,
        )
        return case, {
            question.key: _verdict(question, judgement, case) for question, judgement in self._questions
        }

    def _evaluated(
        self, conversations: Sequence[Conversation], context: AnswerContext
    ) -> Iterator[AutomaticEvaluation]:
        """Evaluate a batch, one step for all conversations after the other, which makes use of the caches."""
        client_models = context.client_models
        ruled = [
            self.apply_rules(conversation, client_models.canned_responses) for conversation in conversations
        ]
        predictions_of = self._predictions(context, ruled)
        sentiments = self._sentiments(context, [case for case, _ in ruled])
        for (case, verdicts), sentiment, (scored, predictions) in zip(
            ruled, sentiments, predictions_of, strict=True
        ):
            answers, score = self._scored(
                self._answers(context, verdicts, predictions), case.transcript.conversation
            )
            yield AutomaticEvaluation(
                answers=answers,
                score=score,
                sentiment=sentiment,
                brand_voice=case.voice or (),
                playbooks=case.playbooks or (),
                empathy=empathy.moments(case) if case.transcript.is_known_language else (),
                in_vocabulary_share=scored.in_vocabulary_share if scored else None,
            )

    def _sentiments(self, context: AnswerContext, cases: Sequence[Case]) -> list[Sentiment]:
        """Return each customer's sentiment, by the model if there is one; rules always use the lexicon."""
        if context.client_models.sentiment is None:
            return [case.sentiment for case in cases]
        transcripts = [case.transcript for case in cases]
        return context.client_models.sentiment.score_batch(transcripts, charged_threshold=self._threshold)

    def _predictions(
        self, context: AnswerContext, ruled: Sequence[tuple[Case, Mapping[str, Verdict]]]
    ) -> list[tuple[ScoredTranscript | None, Mapping[QuestionKey, Prediction]]]:
        """Return the scored transcript and the predictions of each conversation; none without an agent."""
        model = context.client_models.answers
        if model is None or not context.answerable:
            return [(None, {})] * len(ruled)
        found: list[tuple[ScoredTranscript | None, Mapping[QuestionKey, Prediction]]] = []
        scored = model.encode_batch([case.transcript for case, _ in ruled])
        for each, (case, verdicts) in zip(scored, ruled, strict=True):
            rules = {key: verdicts[key[1]] for key in self._keys}
            may_predict = case.agent_answers
            found.append((each, model.predict_all(each, case, rules) if may_predict else {}))
        return found

    def _answers(
        self,
        context: AnswerContext,
        verdicts: Mapping[str, Verdict],
        predictions: Mapping[QuestionKey, Prediction],
    ) -> dict[str, AutomaticAnswer]:
        return {
            question.key: answer(
                question,
                verdicts[question.key],
                predictions.get(key) if key in context.answerable else None,
                context.gates[key],
                scorecard=self._scorecard,
            )
            for key, question in self._keys.items()
        }

    def _gates(self, client_models: ClientModels) -> dict[QuestionKey, Gate]:
        return {key: may_answer(question, client_models, key) for key, question in self._keys.items()}

    def _answerable(self, model: AnswerModel | None) -> dict[QuestionKey, Question]:
        """Return the questions a model can answer: those whose classes are the options of this version."""
        if model is None:
            return {}
        return {
            key: question
            for key, question in self._keys.items()
            if key in model.questions
            and question.kind in _CHOICE_KINDS
            and covers_options(question, model.questions[key].classes, model.questions[key].untrained_classes)
        }

    def _scored(
        self, answers: dict[str, AutomaticAnswer], conversation: Conversation
    ) -> tuple[dict[str, AutomaticAnswer], FormScore | None]:
        """Score the answers and drop those to questions that are not shown."""
        if self.form is None:
            return answers, None
        score = scoring.automatic_score(
            self.form, answers, channel=conversation.channel, intent=conversation.intent
        )
        return {key: answers[key] for key in score.shown}, score


def _verdict(question: Question, judgement: catalogue.JudgementSpec | None, case: Case) -> Verdict:
    if question.auto is None:
        return abstain("People judge this question.")
    if judgement is None:
        return abstain(f"There is no automatic judgement '{question.auto}'.")
    if question.kind not in _CHOICE_KINDS:
        return abstain("Rules only choose among options.")
    verdict = _rule_verdict(judgement, case)
    if verdict.value is None and not verdict.abstained and not question.na_allowed:
        return abstain(f"{verdict.reason} This question does not allow N/A.")
    return verdict


def _rule_verdict(judgement: catalogue.JudgementSpec, case: Case) -> Verdict:
    if not case.agent_answers:
        return abstain("No agent said anything in this conversation.")
    if not case.transcript.is_known_language and not judgement.any_language:
        return abstain("The rules do not know the language of this conversation.")
    return judgement.rule(case)
