"""Judges conversations by one set of definitions: answers with evidence, score, sentiment and findings."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from scorecards.automation.gate import Gate
from scorecards.autoscore.annotation.canned_responses import CannedMemo
from scorecards.autoscore.annotation.sentiment import Sentiment
from scorecards.autoscore.annotation.transcript import Reader, feel
from scorecards.autoscore.answer_policy import (
    NOTHING_LEARNED,
    AutomaticAnswer,
    Learned,
    answer,
    fits,
    trusted,
)
from scorecards.autoscore.brand_voice.checker import Finding, VoiceReader
from scorecards.autoscore.case import Case, Verdict, abstain
from scorecards.autoscore.models.answer_model import Heard, LearnedModel, Prediction
from scorecards.autoscore.models.head_layout import Key
from scorecards.autoscore.playbook.checker import PlaybookFinding, PlaybookReader
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
class Judgement:
    """Everything the machine says of one conversation; `score` is None without a form.

    `familiarity` in [0, 1] is the share of what the agent said that the model in force has words for; None
    without a model.
    """

    answers: dict[str, AutomaticAnswer]
    score: FormScore | None
    sentiment: Sentiment
    brand_voice: tuple[Finding, ...]
    playbooks: tuple[PlaybookFinding, ...]
    empathy: tuple[EmpathyMoment, ...] = ()
    familiarity: float | None = None


class Taught(NamedTuple):
    """What was learned, which questions it can answer as they are asked now, and how far each is trusted."""

    learned: Learned
    asked: Mapping[Key, Question]
    gates: Mapping[Key, Gate]


@cache
def shared_reader() -> Reader:
    """Return the one reader of this process; what it finds depends on the text alone."""
    return Reader()


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
        self._voice = VoiceReader(brand_voice) if brand_voice else None
        self._playbooks = PlaybookReader(playbooks) if playbooks else None
        self._reader = shared_reader()
        self._keys = {
            (self._scorecard, key): question for key, question in (form.questions if form else {}).items()
        }
        self._questions = [
            (question, catalogue.CATALOGUE.get(question.auto) if question.auto else None)
            for question in (form.questions.values() if form else ())
        ]

    def judge(
        self, conversations: Sequence[Conversation], learned: Learned = NOTHING_LEARNED
    ) -> list[Judgement]:
        """Return one judgement per conversation, in their order; none depends on another one.

        What was learned comes with each call and not with the versions: it changes more often, and a judge
        that is kept must not keep a model in memory.
        """
        taught = Taught(learned, self._learnable(learned.answers), self._trusted(learned))
        return [
            judgement
            for start in range(0, len(conversations), _TOGETHER)
            for judgement in self._judged(conversations[start : start + _TOGETHER], taught)
        ]

    def consider(
        self, conversation: Conversation, memo: CannedMemo | None = None
    ) -> tuple[Case, dict[str, Verdict]]:
        """Return everything a judgement may look at, and what the rules say of each question."""
        reading = self._reader.read(conversation)
        mood = feel(reading, charged_threshold=self._threshold)
        case = Case(
            reading=reading,
            sentiment=mood,
            opportunity=empathy.opportunity(reading, mood),
            voice=self._voice.findings(reading) if self._voice else None,
            playbooks=self._playbooks.findings(reading) if self._playbooks else None,
            memo=memo,
        )
        return case, {
            question.key: _verdict(question, judgement, case) for question, judgement in self._questions
        }

    def _judged(self, conversations: Sequence[Conversation], taught: Taught) -> Iterator[Judgement]:
        """Judge some conversations step by step; what they share is at hand then."""
        learned = taught.learned
        considered = [self.consider(conversation, learned.memo) for conversation in conversations]
        predicted = self._predicted(taught, considered)
        felt = self._felt(taught, [case for case, _ in considered])
        for (case, verdicts), sentiment, (heard, told) in zip(considered, felt, predicted, strict=True):
            answers, score = self._scored(self._answers(taught, verdicts, told), case.reading.conversation)
            yield Judgement(
                answers=answers,
                score=score,
                sentiment=sentiment,
                brand_voice=case.voice or (),
                playbooks=case.playbooks or (),
                empathy=empathy.moments(case) if case.reading.understood else (),
                familiarity=heard.familiarity if heard else None,
            )

    def _felt(self, taught: Taught, cases: Sequence[Case]) -> list[Sentiment]:
        """Return how each customer felt, as reviewers taught it; the rules stay with the lexicon."""
        if taught.learned.feelings is None:
            return [case.sentiment for case in cases]
        readings = [case.reading for case in cases]
        return taught.learned.feelings.feel_all(readings, charged_threshold=self._threshold)

    def _predicted(
        self, taught: Taught, considered: Sequence[tuple[Case, Mapping[str, Verdict]]]
    ) -> list[tuple[Heard | None, Mapping[Key, Prediction]]]:
        """Return what the model has heard of each conversation and what it says; nothing without an agent."""
        model = taught.learned.answers
        if model is None or not taught.asked:
            return [(None, {})] * len(considered)
        found: list[tuple[Heard | None, Mapping[Key, Prediction]]] = []
        heard = model.listen_all([case.reading for case, _ in considered])
        for each, (case, verdicts) in zip(heard, considered, strict=True):
            spoke = bool(case.reading.agent_turns)
            rules = {key: verdicts[key[1]] for key in self._keys}
            found.append((each, model.predict_all(each, case, rules) if spoke else {}))
        return found

    def _answers(
        self, taught: Taught, verdicts: Mapping[str, Verdict], told: Mapping[Key, Prediction]
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

    def _trusted(self, learned: Learned) -> dict[Key, Gate]:
        return {key: trusted(question, learned, key) for key, question in self._keys.items()}

    def _learnable(self, model: LearnedModel | None) -> dict[Key, Question]:
        """Return the questions a model can answer: those whose classes are this version's options."""
        if model is None:
            return {}
        return {
            key: question
            for key, question in self._keys.items()
            if key in model.questions
            and question.kind in _CHOSEN
            and fits(question, model.questions[key].classes, model.questions[key].unlearned)
        }

    def _scored(
        self, answers: dict[str, AutomaticAnswer], conversation: Conversation
    ) -> tuple[dict[str, AutomaticAnswer], FormScore | None]:
        """Score the answers and drop those to questions that are not shown."""
        if self.form is None:
            return answers, None
        score = scoring.score(self.form, answers, channel=conversation.channel, intent=conversation.intent)
        return {key: answers[key] for key in score.shown}, score


def _verdict(question: Question, judgement: catalogue.Judgement | None, case: Case) -> Verdict:
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


def _ruled(judgement: catalogue.Judgement, case: Case) -> Verdict:
    if not case.reading.agent_turns:
        return abstain("No agent said anything in this conversation.")
    if not case.reading.understood and not judgement.any_language:
        return abstain("The rules do not know the language of this conversation.")
    return judgement.rule(case)
