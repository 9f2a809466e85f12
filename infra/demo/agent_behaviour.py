"""What happens in one interaction before a word is said: the customer's case and how the agent acts."""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from infra.demo.companies import Agent
from infra.demo.people import Customer
from infra.demo.phrase_book import CALM, Story

_WEARING = 0.07
"""How much of an agent's empathy each conversation beyond two at the same time costs."""


@dataclass(frozen=True, slots=True)
class DemoCase:
    """What the customer comes with; `strength` of the mood is 1 to 3, 0 without one."""

    story: Story
    customer: Customer
    agent: Agent
    channel: str
    mood: str
    strength: int
    told_need: bool
    repeat: bool
    complete: bool
    concurrency: int
    facts: Mapping[str, str]
    agent_facts: Mapping[str, str]

    @property
    def feeling(self) -> bool:
        """Whether the customer shows a bad feeling."""
        return self.mood not in CALM

    @property
    def opportunity(self) -> bool:
        """Whether anything calls for empathy: a feeling, or something that went wrong."""
        return self.feeling or self.story.failure


@dataclass(frozen=True, slots=True)
class AgentBehaviour:
    """How the agent acts; what is a word is one of several ways, `none` or empty means not at all."""

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
    """Chances that move with how well an agent does in this interaction."""

    def __init__(self, rng: Random, skill: float) -> None:
        """Keep the source of chance and the skill in [0, 1]."""
        self._rng, self._skill = rng, skill

    def better(self, worst: float, best: float) -> bool:
        """Return true with a chance between that of no skill and that of full skill."""
        return self._rng.random() < worst + (best - worst) * self._skill

    def one(self, options: Mapping[str, tuple[float, float]]) -> str:
        """Return one of the options, each with its weight at no skill and at full skill."""
        weights = [worst + (best - worst) * self._skill for worst, best in options.values()]
        return self._rng.choices(list(options), weights)[0]


def agent_behaviour(case: DemoCase, rng: Random) -> AgentBehaviour:
    """Decide how the agent acts: their skill, less when they are busy, a little better or worse by chance."""
    worn = _WEARING * max(0, case.concurrency - 2)
    skill = min(1.0, max(0.0, case.agent.empathy - worn + rng.gauss(0, 0.2)))
    care, voice = BehaviourSampler(rng, skill), BehaviourSampler(rng, case.agent.on_brand)
    felt, real = case.feeling, not case.story.praise
    validates = care.one(_VALIDATING) if case.opportunity else "none"
    solves = care.one(_SOLVING) if real else "none"
    done = solves == "own"
    return AgentBehaviour(
        skill=skill,
        greets=voice.better(0.65, 0.99),
        introduces=voice.better(0.4, 0.8),
        validates=validates if felt or validates != "named" else "understanding",
        validates_late=care.better(0.45, 0.1),
        apologises=case.story.failure and care.better(0.35, 0.9),
        owns=case.opportunity and care.better(0.12, 0.85),
        deflects=real and not done and care.better(0.6, 0.1),
        blames=real and care.better(0.2, 0.0),
        reflects=care.better(0.12, 0.75),
        asks=real and care.better(0.15, 0.75 if not case.complete else 0.3),
        looks=real and care.better(0.6, 0.95),
        holds=case.channel == "voice" and rng.random() < 0.3,
        verifies=_verification(case, voice),
        explains=real and care.better(0.4, 0.9),
        solves=solves,
        personal=(done or not real) and care.better(0.12, 0.9),
        next_step=done and care.better(0.25, 0.9),
        promises=care.one(_PROMISING if done else _PUTTING_OFF) if real else "none",
        reassures=done and felt and care.better(0.08, 0.85 if case.mood == "worry" else 0.3),
        checks_back=care.one(_CHECKING if done else _CLOSING) if real else "none",
        closes_warmly=care.better(0.2, 0.9),
        signs_off=voice.better(0.5, 0.97),
        canned=care.better(0.5, 0.08),
        prefers=voice.one(_PREFERRING),
        banned=voice.better(0.25, 0.01),
        off_tone=voice.better(0.15, 0.01),
        gives=_gift(case, care, rng),
    )


def _verification(case: DemoCase, voice: BehaviourSampler) -> str:
    if not case.story.account:
        return "none"
    return voice.one({"first": (0.7, 0.95), "late": (0.12, 0.02), "never": (0.18, 0.03)})


def _gift(case: DemoCase, care: BehaviourSampler, rng: Random) -> str:
    if case.story.gift is None or not (case.told_need or case.strength == 3):
        return "none"
    if not care.better(0.15, 0.6):
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
