"""Which playbooks an interaction called for, which steps were done, and how discretion was used."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from scorecards.autoscore import money, phrases
from scorecards.autoscore.patterns import Pattern, Scanner
from scorecards.autoscore.reading import REMEMBERED, Mark, Reading, Said
from scorecards.form import Span
from scorecards.playbook import Discretion, Playbook, Step

DONE, MISSING, OUT_OF_ORDER, UNKNOWN = "done", "missing", "out_of_order", "unknown"


@dataclass(frozen=True, slots=True)
class StepFinding:
    """A step and what became of it: done, missing, out_of_order, or unknown when it has no phrases."""

    key: str
    name: str
    required: bool
    status: str
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class DiscretionFinding:
    """One discretion: whether the customer needed it, the agent used it, and stayed within the limit.

    `amount` is the highest one named with it, in the limit's currency; `within` is None when it was not
    used, or when a limit is set and no comparable amount was named.
    """

    key: str
    name: str
    needed: bool
    used: bool
    amount: float | None
    limit: float | None
    currency: str | None
    within: bool | None
    need_span: Span | None = None
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class PlaybookFinding:
    """A playbook that was called for, by 'intent' or by a 'phrase' of the customer."""

    playbook: str
    triggered_by: str
    trigger_span: Span | None
    steps: tuple[StepFinding, ...]
    discretion: tuple[DiscretionFinding, ...]


class PlaybookReader:
    """Holds playbooks against conversations; compiled once, remembers sentences."""

    def __init__(self, playbooks: Sequence[Playbook]) -> None:
        """Compile the phrases of all playbooks into one table for each side."""
        self.playbooks = tuple(playbooks)
        agent: list[Pattern] = []
        customer: list[Pattern] = []
        for book in self.playbooks:
            customer += [phrases.pattern(f"{book.key}/trigger", each) for each in book.trigger.phrases]
            for step in book.steps:
                agent += [phrases.pattern(f"{book.key}/step/{step.key}", each) for each in step.phrases]
            for each in book.discretion:
                signal = f"{book.key}/discretion/{each.key}"
                customer += [phrases.pattern(signal, phrase) for phrase in each.need]
                agent += [phrases.pattern(signal, phrase, conditional=False) for phrase in each.phrases]
        self._agent = lru_cache(maxsize=REMEMBERED)(Scanner(agent).scan)
        self._customer = lru_cache(maxsize=REMEMBERED)(Scanner(customer).scan)

    def findings(self, reading: Reading) -> tuple[PlaybookFinding, ...]:
        """Return the playbooks the interaction called for, with steps and discretion."""
        told = reading.conversation
        books = [book for book in self.playbooks if book.applies_to.matches(told.channel, told.program)]
        if not books:
            return ()
        customer: defaultdict[str, list[Mark]] = defaultdict(list)
        for said in reading.customer_said:
            for hit in self._customer(said.spoken.plain, said.spoken.words):
                customer[hit.signal].append(_mark(said, hit.start, hit.end))
        agent: defaultdict[str, list[tuple[Mark, int]]] | None = None
        found = []
        for book in books:
            trigger = min(customer.get(f"{book.key}/trigger", ()), default=None)
            by_intent = told.intent is not None and told.intent in book.trigger.intents
            if not by_intent and trigger is None:
                continue
            agent = agent if agent is not None else self._agent_marks(reading)
            found.append(
                PlaybookFinding(
                    playbook=book.key,
                    triggered_by="intent" if by_intent else "phrase",
                    trigger_span=_span(trigger),
                    steps=_steps(book, agent),
                    discretion=tuple(
                        _discretion(book, each, customer, agent, reading) for each in book.discretion
                    ),
                )
            )
        return tuple(found)

    def _agent_marks(self, reading: Reading) -> defaultdict[str, list[tuple[Mark, int]]]:
        """Return marks by signal, each with the number of the sentence it stands in."""
        marks: defaultdict[str, list[tuple[Mark, int]]] = defaultdict(list)
        for number, said in enumerate(reading.agent_said):
            for hit in self._agent(said.spoken.plain, said.spoken.words):
                marks[hit.signal].append((_mark(said, hit.start, hit.end), number))
        return marks


def _mark(said: Said, start: int, end: int) -> Mark:
    return Mark(said.turn, said.start + start, said.start + end, "")


def _span(mark: Mark | None) -> Span | None:
    return None if mark is None else Span(mark.turn, mark.start, mark.end)


def _steps(book: Playbook, agent: defaultdict[str, list[tuple[Mark, int]]]) -> tuple[StepFinding, ...]:
    """Follow the steps; in an ordered playbook each has to come after the last one that was done in order."""
    reached: tuple[int, int] = (-1, -1)
    found = []
    for step in book.steps:
        marks = sorted(mark for mark, _ in agent.get(f"{book.key}/step/{step.key}", ()))
        in_order = [mark for mark in marks if not book.ordered or (mark.turn, mark.start) >= reached]
        found.append(_step(step, marks, in_order))
        if in_order:
            reached = (in_order[0].turn, in_order[0].start)
    return tuple(found)


def _step(step: Step, marks: list[Mark], in_order: list[Mark]) -> StepFinding:
    if not step.phrases:
        status, mark = UNKNOWN, None
    elif in_order:
        status, mark = DONE, in_order[0]
    elif marks:
        status, mark = OUT_OF_ORDER, marks[0]
    else:
        status, mark = MISSING, None
    return StepFinding(step.key, step.name, step.required, status, _span(mark))


def _discretion(
    book: Playbook,
    allowed: Discretion,
    customer: defaultdict[str, list[Mark]],
    agent: defaultdict[str, list[tuple[Mark, int]]],
    reading: Reading,
) -> DiscretionFinding:
    signal = f"{book.key}/discretion/{allowed.key}"
    needs = customer.get(signal, ())
    uses = agent.get(signal, ())
    named = [_granted(reading, number, allowed.currency) for _, number in uses]
    amount = max((each for each in named if each is not None), default=None)
    if not uses:
        within = None
    elif allowed.limit is None:
        within = True
    else:
        within = None if amount is None else amount <= allowed.limit
    return DiscretionFinding(
        key=allowed.key,
        name=allowed.name,
        needed=bool(needs),
        used=bool(uses),
        amount=amount,
        limit=allowed.limit,
        currency=allowed.currency,
        within=within,
        need_span=_span(min(needs, default=None)),
        span=_span(min((mark for mark, _ in uses), default=None)),
    )


def _granted(reading: Reading, number: int, currency: str | None) -> float | None:
    """Return the highest comparable amount in the sentence, or else in its neighbours within the turn."""
    said = reading.agent_said
    here = said[number]
    for places in ((number,), (number + 1, number - 1)):
        found = [
            amount.value
            for place in places
            if 0 <= place < len(said) and said[place].turn == here.turn
            for amount in money.amounts(said[place].spoken.plain)
            if amount.is_in(currency)
        ]
        if found:
            return max(found)
    return None
