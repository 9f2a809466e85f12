"""The customer's case and the agent's behaviour, decided before any text is written."""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from infra.demo.companies import Agent
from infra.demo.customers import Customer
from infra.demo.phrase_book import CALM_MOODS, Story

_EMPATHY_LOSS = 0.07
"""How much an agent's empathy drops for each conversation beyond two at the same time."""


@dataclass(frozen=True, slots=True)
class DemoCase:
    """What the customer comes with; the mood has a `strength` of 1 to 3, or 0 when it is calm."""

    story: Story
    customer: Customer
    agent: Agent
    channel: str
    mood: str
    strength: int
    states_need: bool
    repeat_contact: bool
    gives_details: bool
    concurrency: int
    facts: Mapping[str, str]
    agent_facts: Mapping[str, str]

    @property
    def negative_mood(self) -> bool:
        """Whether the customer shows a negative feeling."""
        return self.mood not in CALM_MOODS

    @property
    def opportunity(self) -> bool:
        """Whether anything calls for empathy: a feeling, or something that went wrong."""
        return self.negative_mood or self.story.failure


@dataclass(frozen=True, slots=True)
class AgentBehaviour:
    """What the agent does and how; `none` means not at all."""

    skill: float
    greets: bool
    introduces: bool
    validates: str
    validates_late: bool
    apologises: bool
    owns: bool
    deflects: bool
    blames: bool
    reflects: bool
    asks: bool
    looks: bool
    holds: bool
    verifies: str
    explains: bool
    solves: str
    personal: bool
    next_step: bool
    promises: str
    reassures: bool
    checks_back: str
    closes_warmly: bool
    signs_off: bool
    canned: bool
    prefers: str
    banned: bool
    off_tone: bool
    gives: str


class BehaviourSampler:
    """Draws what an agent does, with probabilities that depend on the skill in this interaction."""

    def __init__(self, rng: Random, skill: float) -> None:
        """Take the random generator and the skill in [0, 1]."""
        self._rng, self._skill = rng, skill

    def happens(self, worst: float, best: float) -> bool:
        """Return true with a probability between that of no skill and that of full skill."""
        return self._rng.random() < worst + (best - worst) * self._skill

    def choose(self, options: Mapping[str, tuple[float, float]]) -> str:
        """Return one of the options, which are given with their weights at no skill and at full skill."""
        weights = [worst + (best - worst) * self._skill for worst, best in options.values()]
        return self._rng.choices(list(options), weights)[0]


def agent_behaviour(case: DemoCase, rng: Random) -> AgentBehaviour:
    """Draw what the agent does, by their skill, which is lower when they are busy and varies at random."""
    loss = _EMPATHY_LOSS * max(0, case.concurrency - 2)
    skill = min(1.0, max(0.0, case.agent.empathy - loss + rng.gauss(0, 0.2)))
    by_skill, by_brand = BehaviourSampler(rng, skill), BehaviourSampler(rng, case.agent.on_brand)
    negative, has_problem = case.negative_mood, not case.story.praise
    validates = by_skill.choose(_VALIDATING) if case.opportunity else "none"
    solves = by_skill.choose(_SOLVING) if has_problem else "none"
    solved = solves == "own"
    return AgentBehaviour(
        skill=skill,
        greets=by_brand.happens(0.65, 0.99),
        introduces=by_brand.happens(0.4, 0.8),
        validates=validates if negative or validates != "named" else "understanding",
        validates_late=by_skill.happens(0.45, 0.1),
        apologises=case.story.failure and by_skill.happens(0.35, 0.9),
        owns=case.opportunity and by_skill.happens(0.12, 0.85),
        deflects=has_problem and not solved and by_skill.happens(0.6, 0.1),
        blames=has_problem and by_skill.happens(0.2, 0.0),
        reflects=by_skill.happens(0.12, 0.75),
        asks=has_problem and by_skill.happens(0.15, 0.75 if not case.gives_details else 0.3),
        looks=has_problem and by_skill.happens(0.6, 0.95),
        holds=case.channel == "voice" and rng.random() < 0.3,
        verifies=_verification(case, by_brand),
        explains=has_problem and by_skill.happens(0.4, 0.9),
        solves=solves,
        personal=(solved or not has_problem) and by_skill.happens(0.12, 0.9),
        next_step=solved and by_skill.happens(0.25, 0.9),
        promises=by_skill.choose(_PROMISING if solved else _PUTTING_OFF) if has_problem else "none",
        reassures=solved and negative and by_skill.happens(0.08, 0.85 if case.mood == "worry" else 0.3),
        checks_back=by_skill.choose(_CHECKING if solved else _CLOSING) if has_problem else "none",
        closes_warmly=by_skill.happens(0.2, 0.9),
        signs_off=by_brand.happens(0.5, 0.97),
        canned=by_skill.happens(0.5, 0.08),
        prefers=by_brand.choose(_PREFERRING),
        banned=by_brand.happens(0.25, 0.01),
        off_tone=by_brand.happens(0.15, 0.01),
        gives=_goodwill(case, by_skill, rng),
    )


def _verification(case: DemoCase, by_brand: BehaviourSampler) -> str:
    if not case.story.account:
        return "none"
    return by_brand.choose({"first": (0.7, 0.95), "late": (0.12, 0.02), "never": (0.18, 0.03)})


def _goodwill(case: DemoCase, by_skill: BehaviourSampler, rng: Random) -> str:
    if case.story.gift is None or not (case.states_need or case.strength == 3):
        return "none"
    if not by_skill.happens(0.15, 0.6):
        return "none"
    return "over" if rng.random() < 0.1 else "within"


_VALIDATING = {
    "named": (0.08, 1.0),
    "sympathy": (0.3, 0.12),
    "understanding": (0.2, 0.08),
    "none": (0.42, 0.04),
}
_SOLVING = {"own": (0.25, 1.0), "passive": (0.45, 0.08), "none": (0.3, 0.04)}
_PROMISING = {"dated": (0.15, 0.9), "vague": (0.45, 0.06), "none": (0.4, 0.3)}
_PUTTING_OFF = {"vague": (0.6, 0.5), "none": (0.4, 0.5)}
_CHECKING = {"matter": (0.08, 0.85), "general": (0.45, 0.15), "none": (0.45, 0.08)}
_CLOSING = {"general": (0.5, 0.6), "none": (0.5, 0.4)}
_PREFERRING = {"preferred": (0.15, 0.7), "dispreferred": (0.25, 0.05), "none": (0.6, 0.3)}
