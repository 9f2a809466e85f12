"""What really happened in an example interaction, by construction; it never travels with the payload."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean

from infra.demo.agent_behaviour import AgentBehaviour, DemoCase
from infra.demo.transcript_writer import Transcript

_ACKNOWLEDGING = ("named", "sympathy", "apology")


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that is so: 1 good, 0 bad, between for scales, None without occasion; and where it shows."""

    value: float | None
    turn: int


@dataclass(frozen=True, slots=True)
class GroundTruth:
    """What a perfect observer knows of one interaction.

    `facts` holds a fact per automatic judgement and per question that only people answer, `quality` in
    [0, 1] is the mean of those that had an occasion; `rest` is where to look for anything else.
    """

    external_id: str
    channel: str
    intent: str
    agent: str
    feeling: bool
    opportunity: bool
    leaves: str
    quality: float
    turns: Sequence[str]
    rest: int
    facts: Mapping[str, Fact] = field(default_factory=dict)


def ground_truth(
    external_id: str, case: DemoCase, conduct: AgentBehaviour, script: Transcript
) -> GroundTruth:
    """Work out what is so from how the agent acted."""
    places = _Places(script)
    facts = {
        **_hearing(case, conduct, places),
        **_owning(case, conduct, places),
        **_solving(case, conduct, places),
        **_conduct(case, conduct, places),
        **_undecided(places),
        **_only_people(case, conduct, places),
    }
    known = [fact.value for fact in facts.values() if fact.value is not None]
    return GroundTruth(
        external_id=external_id,
        channel=case.channel,
        intent=case.story.intent,
        agent=case.agent.external_id,
        feeling=case.feeling,
        opportunity=case.opportunity,
        leaves=script.leaves,
        quality=fmean(known),
        turns=tuple(text for _, text in script.turns),
        rest=places.main,
        facts=facts,
    )


class _Places:
    """Where acts show; what was left out shows in the agent's turn in which it was to be expected."""

    def __init__(self, script: Transcript) -> None:
        agent = [number for number, (speaker, _) in enumerate(script.turns) if speaker == "agent"]
        self.acts = script.acts
        self.first, self.last = agent[0], agent[-1]
        self.main = script.acts.get("solve", script.acts.get("unsolved", agent[len(agent) // 2]))
        self.customer = next(n for n, (speaker, _) in enumerate(script.turns) if speaker == "customer")

    def fact(self, value: float | None, *acts: str, otherwise: int | None = None) -> Fact:
        """Return a fact that shows where one of the acts does."""
        found = [self.acts[act] for act in acts if act in self.acts]
        return Fact(value, found[0] if found else self.main if otherwise is None else otherwise)


def _given(applies: bool, value: float) -> float | None:
    return float(value) if applies else None


def _hearing(case: DemoCase, conduct: AgentBehaviour, at: _Places) -> dict[str, Fact]:
    named, heard = "named" in at.acts, conduct.validates in {"named", "sympathy"}
    solved = conduct.solves == "own"
    sympathy = "sympathy" in at.acts
    return {
        "validates_feeling": at.fact(_given(case.feeling, named), "named", otherwise=at.first),
        "validates_before_solution": at.fact(
            _given(case.feeling, heard and not conduct.validates_late), "named", "sympathy", "solve"
        ),
        "listens_and_reflects": at.fact(float("reflect" in at.acts), "reflect"),
        "asks_question_back": at.fact(
            _given(conduct.asks or not case.complete, "ask" in at.acts), "ask", otherwise=at.first
        ),
        "no_sympathy_only": at.fact(_given(sympathy, named or solved or conduct.owns), "sympathy"),
    }


def _owning(case: DemoCase, conduct: AgentBehaviour, at: _Places) -> dict[str, Fact]:
    acted = conduct.solves == "own" or conduct.owns
    return {
        "apologises_with_action": at.fact(
            _given(case.story.failure, conduct.apologises and acted), "apology"
        ),
        "takes_ownership": at.fact(
            _given(
                case.opportunity and not case.story.praise,
                conduct.owns or (conduct.solves == "own" and not conduct.deflects),
            ),
            "own",
            "solve",
        ),
        "avoids_deflection": at.fact(float(not conduct.deflects), "deflect"),
        "avoids_blame": at.fact(float(not conduct.blames), "blame"),
    }


def _solving(case: DemoCase, conduct: AgentBehaviour, at: _Places) -> dict[str, Fact]:
    real = not case.story.praise
    dated = bool(at.acts.keys() & {"promise", "dated"})
    vague = "vague" in at.acts
    return {
        "offers_solution": at.fact(_given(real, conduct.solves == "own"), "solve"),
        "personalises": at.fact(float(bool(at.acts.keys() & {"personal", "reflect"})), "personal", "reflect"),
        "explains_next_step": at.fact(
            _given(real, "next_step" in at.acts or dated), "next_step", "promise", "dated"
        ),
        "avoids_canned_sentences": at.fact(
            float("canned" not in at.acts and "banned" not in at.acts), "canned", "banned"
        ),
        "promises_with_date": at.fact(
            _given(dated or vague, dated and not vague), "vague", "promise", "dated"
        ),
        "checks_back": at.fact(float("check_back" in at.acts), "check_back", otherwise=at.last),
        "reassures": at.fact(
            _given(case.mood == "worry" or conduct.reassures, conduct.reassures),
            "reassure",
            otherwise=at.customer,
        ),
        "closes_warmly": at.fact(float("warm" in at.acts), "warm", otherwise=at.last),
    }


def _conduct(case: DemoCase, conduct: AgentBehaviour, at: _Places) -> dict[str, Fact]:
    gave = "give" in at.acts
    wording = {"preferred": 1.0, "dispreferred": 0.0}.get(conduct.prefers)
    return {
        "greets": at.fact(float(conduct.greets), "greet", otherwise=at.first),
        "signs_off": at.fact(float(conduct.signs_off), "sign_off", otherwise=at.last),
        "uses_preferred_phrases": at.fact(
            wording if at.acts.keys() & {"preferred", "dispreferred"} else None, "preferred", "dispreferred"
        ),
        "avoids_banned_phrases": at.fact(float("banned" not in at.acts), "banned"),
        "formality_fits": at.fact(float("stiff" not in at.acts), "stiff"),
        "playbook_followed": at.fact(_playbook(case, conduct, at)),
        "discretion_within_limit": at.fact(_given(gave, conduct.gives == "within"), "give"),
        "verifies_identity": at.fact(
            _given(case.story.account, conduct.verifies == "first"), "verify", otherwise=at.first
        ),
    }


def _undecided(at: _Places) -> dict[str, Fact]:
    """Say nothing of what the scripts do not vary; no scorecard of the example asks for it."""
    names = ("reading_level_fits", "tone_fits", "uses_empathy_library", "avoids_dead_ends")
    return {name: at.fact(None) for name in names}


def _playbook(case: DemoCase, conduct: AgentBehaviour, at: _Places) -> float | None:
    """Whether every step that the story needs was taken; an acknowledgement counts before the solution."""
    if case.story.needs is None:
        return None
    done = {
        "acknowledge": any(act in at.acts and at.acts[act] <= at.main for act in _ACKNOWLEDGING)
        or conduct.validates == "understanding",
        "apologise": conduct.apologises or conduct.validates == "sympathy",
        "verify": conduct.verifies == "first",
        "look": conduct.looks,
        "cause": conduct.explains,
        "asks": conduct.asks,
        "solve": conduct.solves == "own",
        "next_step": conduct.next_step,
        "promise": conduct.promises == "dated" or conduct.solves == "own",
        "check_back": conduct.checks_back == "matter" or conduct.promises == "dated",
    }
    return float(all(done[step] for step in case.story.needs))


def _only_people(case: DemoCase, conduct: AgentBehaviour, at: _Places) -> dict[str, Fact]:
    solved = {"own": 0.6, "passive": 0.15, "none": 0.0}[conduct.solves]
    effort = solved + 0.4 * conduct.next_step if not case.story.praise else 1.0
    cancels = case.story.intent == "cancellation"
    technical = case.story.technical
    return {
        "order_facts_right": at.fact(_given(conduct.explains, conduct.skill > 0.12), "cause"),
        "return_terms": at.fact(_given(case.story.program == "returns", conduct.next_step), "next_step"),
        "spares_effort": at.fact(effort),
        "saved_the_sale": at.fact(_given(case.story.key == "order_change" and conduct.gives == "within", 1)),
        "technical_issue": at.fact(float(technical), otherwise=at.customer),
        "checks_known_outages": at.fact(_given(technical, conduct.looks), "look"),
        "steps_fit_customer": at.fact(_given(technical and conduct.solves == "own", conduct.skill)),
        "contract_terms_stated": at.fact(
            _given(cancels and conduct.solves == "own", conduct.next_step), "next_step"
        ),
        "no_pressure": at.fact(_given(cancels, not conduct.blames), "give", "blame"),
        "hold_announced": at.fact(_given(conduct.holds, 0.3 + 0.7 * conduct.skill), "hold"),
        "plain_words": at.fact(0.45 + 0.55 * conduct.skill),
    }
