"""The ground truth of an example interaction, known by construction; it is never pushed with the payload."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean

from infra.demo.agent_behaviour import AgentBehaviour, DemoCase
from infra.demo.transcript_writer import Transcript

_ACKNOWLEDGING_ACTS = ("named", "sympathy", "apology")


@dataclass(frozen=True, slots=True)
class Fact:
    """A true answer: 1 good, 0 bad, between on scales, None if not applicable; and the turn that shows it."""

    value: float | None
    turn: int


@dataclass(frozen=True, slots=True)
class GroundTruth:
    """The true answers about one interaction.

    `facts` holds one per automatic judgement and per question that only people answer; `quality` in
    [0, 1] is the mean of those that apply; `main_turn` is the turn that shows anything else.
    """

    external_id: str
    channel: str
    intent: str
    agent: str
    negative_mood: bool
    opportunity: bool
    final_mood: str
    quality: float
    turns: Sequence[str]
    main_turn: int
    facts: Mapping[str, Fact] = field(default_factory=dict)


def ground_truth(
    external_id: str, case: DemoCase, behaviour: AgentBehaviour, transcript: Transcript
) -> GroundTruth:
    """Derive the true answers from the agent's behaviour and the transcript."""
    turns = _ActTurns(transcript)
    facts = {
        **_listening_facts(case, behaviour, turns),
        **_ownership_facts(case, behaviour, turns),
        **_solution_facts(case, behaviour, turns),
        **_brand_and_policy_facts(case, behaviour, turns),
        **_unknown_facts(turns),
        **_human_only_facts(case, behaviour, turns),
    }
    known = [fact.value for fact in facts.values() if fact.value is not None]
    return GroundTruth(
        external_id=external_id,
        channel=case.channel,
        intent=case.story.intent,
        agent=case.agent.external_id,
        negative_mood=case.negative_mood,
        opportunity=case.opportunity,
        final_mood=transcript.final_mood,
        quality=fmean(known),
        turns=tuple(text for _, text in transcript.turns),
        main_turn=turns.main,
        facts=facts,
    )


class _ActTurns:
    """The turn that shows each act; an omitted act shows in the agent's turn where it was due."""

    def __init__(self, transcript: Transcript) -> None:
        by_agent = [number for number, (speaker, _) in enumerate(transcript.turns) if speaker == "agent"]
        self.acts = transcript.acts
        self.first, self.last = by_agent[0], by_agent[-1]
        self.main = transcript.acts.get(
            "solve", transcript.acts.get("unsolved", by_agent[len(by_agent) // 2])
        )
        self.customer = next(n for n, (speaker, _) in enumerate(transcript.turns) if speaker == "customer")

    def fact(self, value: float | None, *acts: str, otherwise: int | None = None) -> Fact:
        """Return a fact shown by the turn of the first of these acts that occurs."""
        found = [self.acts[act] for act in acts if act in self.acts]
        return Fact(value, found[0] if found else self.main if otherwise is None else otherwise)


def _value_if(applies: bool, value: float) -> float | None:
    return float(value) if applies else None


def _listening_facts(case: DemoCase, behaviour: AgentBehaviour, turns: _ActTurns) -> dict[str, Fact]:
    named, validated = "named" in turns.acts, behaviour.validates in {"named", "sympathy"}
    solved = behaviour.solves == "own"
    sympathy = "sympathy" in turns.acts
    return {
        "validates_feeling": turns.fact(_value_if(case.negative_mood, named), "named", otherwise=turns.first),
        "validates_before_solution": turns.fact(
            _value_if(case.negative_mood, validated and not behaviour.validates_late),
            "named",
            "sympathy",
            "solve",
        ),
        "listens_and_reflects": turns.fact(float("reflect" in turns.acts), "reflect"),
        "asks_question_back": turns.fact(
            _value_if(behaviour.asks or not case.gives_details, "ask" in turns.acts),
            "ask",
            otherwise=turns.first,
        ),
        "no_sympathy_only": turns.fact(_value_if(sympathy, named or solved or behaviour.owns), "sympathy"),
    }


def _ownership_facts(case: DemoCase, behaviour: AgentBehaviour, turns: _ActTurns) -> dict[str, Fact]:
    acts_on_it = behaviour.solves == "own" or behaviour.owns
    return {
        "apologises_with_action": turns.fact(
            _value_if(case.story.failure, behaviour.apologises and acts_on_it), "apology"
        ),
        "takes_ownership": turns.fact(
            _value_if(
                case.opportunity and not case.story.praise,
                behaviour.owns or (behaviour.solves == "own" and not behaviour.deflects),
            ),
            "own",
            "solve",
        ),
        "avoids_deflection": turns.fact(float(not behaviour.deflects), "deflect"),
        "avoids_blame": turns.fact(float(not behaviour.blames), "blame"),
    }


def _solution_facts(case: DemoCase, behaviour: AgentBehaviour, turns: _ActTurns) -> dict[str, Fact]:
    has_problem = not case.story.praise
    dated = bool(turns.acts.keys() & {"promise", "dated"})
    vague = "vague" in turns.acts
    return {
        "offers_solution": turns.fact(_value_if(has_problem, behaviour.solves == "own"), "solve"),
        "personalises": turns.fact(
            float(bool(turns.acts.keys() & {"personal", "reflect"})), "personal", "reflect"
        ),
        "explains_next_step": turns.fact(
            _value_if(has_problem, "next_step" in turns.acts or dated), "next_step", "promise", "dated"
        ),
        "avoids_canned_sentences": turns.fact(
            float("canned" not in turns.acts and "banned" not in turns.acts), "canned", "banned"
        ),
        "promises_with_date": turns.fact(
            _value_if(dated or vague, dated and not vague), "vague", "promise", "dated"
        ),
        "checks_back": turns.fact(float("check_back" in turns.acts), "check_back", otherwise=turns.last),
        "reassures": turns.fact(
            _value_if(case.mood == "worry" or behaviour.reassures, behaviour.reassures),
            "reassure",
            otherwise=turns.customer,
        ),
        "closes_warmly": turns.fact(float("warm" in turns.acts), "warm", otherwise=turns.last),
    }


def _brand_and_policy_facts(case: DemoCase, behaviour: AgentBehaviour, turns: _ActTurns) -> dict[str, Fact]:
    gave_gift = "give" in turns.acts
    wording = {"preferred": 1.0, "dispreferred": 0.0}.get(behaviour.prefers)
    return {
        "greets": turns.fact(float(behaviour.greets), "greet", otherwise=turns.first),
        "signs_off": turns.fact(float(behaviour.signs_off), "sign_off", otherwise=turns.last),
        "uses_preferred_phrases": turns.fact(
            wording if turns.acts.keys() & {"preferred", "dispreferred"} else None,
            "preferred",
            "dispreferred",
        ),
        "avoids_banned_phrases": turns.fact(float("banned" not in turns.acts), "banned"),
        "formality_fits": turns.fact(float("stiff" not in turns.acts), "stiff"),
        "playbook_followed": turns.fact(_playbook(case, behaviour, turns)),
        "discretion_within_limit": turns.fact(_value_if(gave_gift, behaviour.gives == "within"), "give"),
        "verifies_identity": turns.fact(
            _value_if(case.story.account, behaviour.verifies == "first"), "verify", otherwise=turns.first
        ),
    }


def _unknown_facts(turns: _ActTurns) -> dict[str, Fact]:
    """Return no answer for what the generator does not vary; no scorecard of the example asks for it."""
    names = ("reading_level_fits", "tone_fits", "uses_empathy_library", "avoids_dead_ends")
    return {name: turns.fact(None) for name in names}


def _playbook(case: DemoCase, behaviour: AgentBehaviour, turns: _ActTurns) -> float | None:
    """Return whether every step the story needs was taken; an acknowledgement must precede the solution."""
    if case.story.needs is None:
        return None
    steps_taken = {
        "acknowledge": any(act in turns.acts and turns.acts[act] <= turns.main for act in _ACKNOWLEDGING_ACTS)
        or behaviour.validates == "understanding",
        "apologise": behaviour.apologises or behaviour.validates == "sympathy",
        "verify": behaviour.verifies == "first",
        "look": behaviour.looks,
        "cause": behaviour.explains,
        "asks": behaviour.asks,
        "solve": behaviour.solves == "own",
        "next_step": behaviour.next_step,
        "promise": behaviour.promises == "dated" or behaviour.solves == "own",
        "check_back": behaviour.checks_back == "matter" or behaviour.promises == "dated",
    }
    return float(all(steps_taken[step] for step in case.story.needs))


def _human_only_facts(case: DemoCase, behaviour: AgentBehaviour, turns: _ActTurns) -> dict[str, Fact]:
    solved = {"own": 0.6, "passive": 0.15, "none": 0.0}[behaviour.solves]
    effort = solved + 0.4 * behaviour.next_step if not case.story.praise else 1.0
    cancels = case.story.intent == "cancellation"
    technical = case.story.technical
    return {
        "order_facts_right": turns.fact(_value_if(behaviour.explains, behaviour.skill > 0.12), "cause"),
        "return_terms": turns.fact(
            _value_if(case.story.program == "returns", behaviour.next_step), "next_step"
        ),
        "spares_effort": turns.fact(effort),
        "saved_the_sale": turns.fact(
            _value_if(case.story.key == "order_change" and behaviour.gives == "within", 1)
        ),
        "technical_issue": turns.fact(float(technical), otherwise=turns.customer),
        "checks_known_outages": turns.fact(_value_if(technical, behaviour.looks), "look"),
        "steps_fit_customer": turns.fact(_value_if(technical and behaviour.solves == "own", behaviour.skill)),
        "contract_terms_stated": turns.fact(
            _value_if(cancels and behaviour.solves == "own", behaviour.next_step), "next_step"
        ),
        "no_pressure": turns.fact(_value_if(cancels, not behaviour.blames), "give", "blame"),
        "hold_announced": turns.fact(_value_if(behaviour.holds, 0.3 + 0.7 * behaviour.skill), "hold"),
        "plain_words": turns.fact(0.45 + 0.55 * behaviour.skill),
    }
