"""Judges conversations by one set of definitions: answers with evidence, score, sentiment and findings."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from scorecards import scoring
from scorecards.autoscore import empathy
from scorecards.autoscore import judgements as catalogue
from scorecards.autoscore.brand_voice import Finding, VoiceReader
from scorecards.autoscore.empathy import EmpathyMoment
from scorecards.autoscore.playbook import PlaybookFinding, PlaybookReader
from scorecards.autoscore.reading import Reader, feel
from scorecards.autoscore.sentiment import Sentiment
from scorecards.autoscore.verdict import Case, Verdict, abstain
from scorecards.brand_voice import BrandVoice
from scorecards.conversation import Conversation
from scorecards.form import Form, Question, Span, Value
from scorecards.playbook import Playbook
from scorecards.scoring import FormScore

_CHOSEN = frozenset({"yes_no", "scale", "single"})


@dataclass(frozen=True, slots=True)
class AutomaticAnswer:
    """The machine's answer to one question.

    `value` is an option key, None when N/A or abstained; `confidence` in [0, 1]; `reason` never quotes the
    transcript, so that it may outlive it; `clause` is what it rests on: a clause of the brand voice or the
    key of a playbook.
    """

    question: str
    value: Value
    na: bool
    confidence: float
    evidence: tuple[Span, ...]
    reason: str
    clause: str | None
    abstained: bool


@dataclass(frozen=True, slots=True)
class Judgement:
    """Everything the machine says of one conversation; `score` is None without a form."""

    answers: dict[str, AutomaticAnswer]
    score: FormScore | None
    sentiment: Sentiment
    brand_voice: tuple[Finding, ...]
    playbooks: tuple[PlaybookFinding, ...]
    empathy: tuple[EmpathyMoment, ...] = ()


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
        self._threshold = charged_threshold
        self._voice = VoiceReader(brand_voice) if brand_voice else None
        self._playbooks = PlaybookReader(playbooks) if playbooks else None
        self._reader = shared_reader()
        self._questions = [
            (question, catalogue.CATALOGUE.get(question.auto) if question.auto else None)
            for question in (form.questions.values() if form else ())
        ]

    def judge(self, conversations: Sequence[Conversation]) -> list[Judgement]:
        """Return one judgement per conversation, in their order; none depends on another one."""
        return [self._judge(conversation) for conversation in conversations]

    def consider(self, conversation: Conversation) -> tuple[Case, dict[str, Verdict]]:
        """Return everything a judgement may look at, and what the rules say of each question."""
        reading = self._reader.read(conversation)
        mood = feel(reading, charged_threshold=self._threshold)
        case = Case(
            reading=reading,
            sentiment=mood,
            opportunity=empathy.opportunity(reading, mood),
            voice=self._voice.findings(reading) if self._voice else None,
            playbooks=self._playbooks.findings(reading) if self._playbooks else None,
        )
        return case, {
            question.key: _verdict(question, judgement, case) for question, judgement in self._questions
        }

    def _judge(self, conversation: Conversation) -> Judgement:
        case, verdicts = self.consider(conversation)
        answers = {question.key: _answer(question, verdicts[question.key]) for question, _ in self._questions}
        answers, score = self._scored(answers, conversation)
        return Judgement(
            answers=answers,
            score=score,
            sentiment=case.sentiment,
            brand_voice=case.voice or (),
            playbooks=case.playbooks or (),
            empathy=empathy.moments(case) if case.reading.understood else (),
        )

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


def _answer(question: Question, verdict: Verdict) -> AutomaticAnswer:
    value = None if verdict.value is None else _option(question, verdict.value)
    unfit = verdict.value is not None and value is None
    return AutomaticAnswer(
        question=question.key,
        value=value,
        na=verdict.value is None and not verdict.abstained,
        confidence=0.0 if unfit else verdict.confidence,
        evidence=verdict.evidence,
        reason="The question has no scored option to choose." if unfit else verdict.reason,
        clause=verdict.clause,
        abstained=verdict.abstained or unfit,
    )


def _option(question: Question, value: float) -> str | None:
    """Return the option worth this much: of two the better one only for a full 1, of more the nearest."""
    by_worth = sorted(question.values, key=lambda key: question.values[key])
    if not by_worth:
        return None
    if len(by_worth) <= 2:
        return by_worth[-1] if value >= 1.0 else by_worth[0]
    return min(by_worth, key=lambda key: abs(question.values[key] - value))
