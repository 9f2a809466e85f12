"""Judges conversations by one set of definitions: answers with evidence, score, sentiment and findings."""

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

_TOGETHER = 16  # conversations judged step by step together; more do not fit the processor's cache
_CHOSEN = frozenset({"yes_no", "scale", "single"})


@dataclass(frozen=True, slots=True)
class AutomaticEvaluation:
    """Everything the machine says of one conversation; `score` is None without a form.

    `familiarity` in [0, 1] is the share of what the agent said that the model in force has words for; None
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
    """What was learned, which questions it can answer as they are asked now, and how far each is trusted."""

    client_models: ClientModels
    asked: Mapping[QuestionKey, Question]
    gates: Mapping[QuestionKey, Gate]


@cache
def shared_reader() -> Annotator:
    """Return the one reader of this process; what it finds depends on the text alone."""
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
        self._reader = shared_reader()
        self._keys = {
            (self._scorecard, key): question for key, question in (form.questions if form else {}).items()
        }
        self._questions = [
            (question, catalogue.CATALOGUE.get(question.auto) if question.auto else None)
            for question in (form.questions.values() if form else ())
        ]

    def evaluate(
        self, conversations: Sequence[Conversation], learned: ClientModels = NO_MODELS
    ) -> list[AutomaticEvaluation]:
        """Return one judgement per conversation, in their order; none depends on another one.

        What was learned comes with each call and not with the versions: it changes more often, and a judge
        that is kept must not keep a model in memory.
        """
        taught = AnswerContext(learned, self._learnable(learned.answers), self._trusted(learned))
        return [
            judgement
            for start in range(0, len(conversations), _TOGETHER)
            for judgement in self._judged(conversations[start : start + _TOGETHER], taught)
        ]

    def apply_rules(
        self, conversation: Conversation, memo: CannedResponses | None = None
    ) -> tuple[Case, dict[str, Verdict]]:
        """Return everything a judgement may look at, and what the rules say of each question."""
        reading = self._reader.annotate(conversation)
        mood = score_sentiment(reading, charged_threshold=self._threshold)
        case = Case(
            transcript=reading,
            sentiment=mood,
            opportunity=empathy.opportunity(reading, mood),
            voice=self._voice.findings(reading) if self._voice else None,
            playbooks=self._playbooks.findings(reading) if self._playbooks else None,
            canned_responses=memo,
        )
        return case, {
            question.key: _verdict(question, judgement, case) for question, judgement in self._questions
        }

    def _judged(
        self, conversations: Sequence[Conversation], taught: AnswerContext
    ) -> Iterator[AutomaticEvaluation]:
        """Judge some conversations step by step; what they share is at hand then."""
        learned = taught.client_models
        considered = [
            self.apply_rules(conversation, learned.canned_responses) for conversation in conversations
        ]
        predicted = self._predicted(taught, considered)
        felt = self._felt(taught, [case for case, _ in considered])
        for (case, verdicts), sentiment, (heard, told) in zip(considered, felt, predicted, strict=True):
            answers, score = self._scored(self._answers(taught, verdicts, told), case.transcript.conversation)
            yield AutomaticEvaluation(
                answers=answers,
                score=score,
                sentiment=sentiment,
                brand_voice=case.voice or (),
                playbooks=case.playbooks or (),
                empathy=empathy.moments(case) if case.transcript.is_known_language else (),
                in_vocabulary_share=heard.in_vocabulary_share if heard else None,
            )

    def _felt(self, taught: AnswerContext, cases: Sequence[Case]) -> list[Sentiment]:
        """Return how each customer felt, as reviewers taught it; the rules stay with the lexicon."""
        if taught.client_models.sentiment is None:
            return [case.sentiment for case in cases]
        readings = [case.transcript for case in cases]
        return taught.client_models.sentiment.score_batch(readings, charged_threshold=self._threshold)

    def _predicted(
        self, taught: AnswerContext, considered: Sequence[tuple[Case, Mapping[str, Verdict]]]
    ) -> list[tuple[ScoredTranscript | None, Mapping[QuestionKey, Prediction]]]:
        """Return what the model has heard of each conversation and what it says; nothing without an agent."""
        model = taught.client_models.answers
        if model is None or not taught.asked:
            return [(None, {})] * len(considered)
        found: list[tuple[ScoredTranscript | None, Mapping[QuestionKey, Prediction]]] = []
        heard = model.encode_batch([case.transcript for case, _ in considered])
        for each, (case, verdicts) in zip(heard, considered, strict=True):
            spoke = bool(case.transcript.agent_turns)
            rules = {key: verdicts[key[1]] for key in self._keys}
            found.append((each, model.predict_all(each, case, rules) if spoke else {}))
        return found

    def _answers(
        self, taught: AnswerContext, verdicts: Mapping[str, Verdict], told: Mapping[QuestionKey, Prediction]
    ) -> dict[str, AutomaticAnswer]:
        return {
            question.key: answer(
                question,
                verdicts[question.key],
                told.get(key) if key in taught.asked else None,
                taught.gates[key],
                scorecard=self._scorecard,
            )
            for key, question in self._keys.items()
        }

    def _trusted(self, learned: ClientModels) -> dict[QuestionKey, Gate]:
        return {key: may_answer(question, learned, key) for key, question in self._keys.items()}

    def _learnable(self, model: AnswerModel | None) -> dict[QuestionKey, Question]:
        """Return the questions a model can answer: those whose classes are this version's options."""
        if model is None:
            return {}
        return {
            key: question
            for key, question in self._keys.items()
            if key in model.questions
            and question.kind in _CHOSEN
            and covers_options(question, model.questions[key].classes, model.questions[key].untrained_classes)
        }

    def _scored(
        self, answers: dict[str, AutomaticAnswer], conversation: Conversation
    ) -> tuple[dict[str, AutomaticAnswer], FormScore | None]:
        """Score the answers and drop those to questions that are not shown."""
        if self.form is None:
            return answers, None
        score = scoring.score(self.form, answers, channel=conversation.channel, intent=conversation.intent)
        return {key: answers[key] for key in score.shown}, score


def _verdict(question: Question, judgement: catalogue.JudgementSpec | None, case: Case) -> Verdict:
    if question.auto is None:
        return abstain("People judge this question.")
    if judgement is None:
        return abstain(f"There is no automatic judgement '{question.auto}'.")
    if question.kind not in _CHOSEN:
        return abstain("Rules only choose among options.")
    verdict = _ruled(judgement, case)
    if verdict.value is None and not verdict.abstained and not question.na_allowed:
        return abstain(f"{verdict.reason} This question does not allow N/A.")
    return verdict


def _ruled(judgement: catalogue.JudgementSpec, case: Case) -> Verdict:
    if not case.transcript.agent_turns:
        return abstain("No agent said anything in this conversation.")
    if not case.transcript.is_known_language and not judgement.any_language:
        return abstain("The rules do not know the language of this conversation.")
    return judgement.rule(case)
