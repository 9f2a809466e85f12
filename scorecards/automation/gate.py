"""How far the machine may go with one question of one client, and when that changes (pure).

`human_only`: it abstains. `assisted`: it answers, as a suggestion. `automatic`: answers with at least the
threshold's confidence stand, below it abstains.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scorecards.automation.drift import InputDrift, RecentAgreement, worse_than_chance
from scorecards.automation.holdout_evaluation import HoldoutEvaluation
from scorecards.automation.risk_control import MIN_COVERAGE
from scorecards.statistics.agreement import TENTATIVE
from scorecards.statistics.confidence_intervals import Interval

FALL_CAUSES = ("agreement_drift", "input_drift", "worse_than_chance")
STATES = ("human_only", "assisted", "automatic")
CAUSES: Mapping[str, str] = {
    "proved": "Held-out answers of people show that the machine may go further.",
    "ruled": "A written rule answers the question now.",
    "proved_again": "A new model proved the same, with a threshold of its own.",
    "not_proved": "The model in force does not prove enough to go on as before.",
    "no_model": "No model in force has learned this question.",
    "limit_lowered": "The client accepts less disagreement than was promised.",
    "agreement_drift": "Recent reviews contradict what was promised.",
    "input_drift": "What is said now is far less familiar to the model than when it learned.",
    "worse_than_chance": "Recent reviews agree with the machine less than chance would.",
    "capped": "A manager allows no more.",
    "cap_lifted": "A manager allows more again.",
}


@dataclass(frozen=True, slots=True)
class Gate:
    """The state of a question; `threshold` in [0, 1] holds for confidences of the model with this id only."""

    state: str
    threshold: float | None = None
    model: str | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of a question when its gate is looked at.

    `ruled`: a written rule answers it too. `model` is the model in force and `proof` what it showed (None: it
    has not learned the question). `fallen` is the cause for which the gate fell since this model is in force.
    `limit` is the share of disagreement that the client accepts now, `highest` the state that a manager
    allows, `cap_moved` whether that is what changed.
    """

    ruled: bool
    limit: float
    highest: str = "automatic"
    model: str | None = None
    proof: HoldoutEvaluation | None = None
    fallen: str | None = None
    recent: RecentAgreement | None = None
    inputs: InputDrift | None = None
    cap_moved: bool = False

    def to_body(self) -> dict[str, Any]:
        """Return the numbers as JSON."""
        return {
            "limit": self.limit,
            "highest": self.highest,
            "fallen": self.fallen,
            "proof": self.proof.to_body() if self.proof else None,
            "recent": self.recent.to_body() if self.recent else None,
            "inputs": self.inputs.to_body() if self.inputs else None,
        }


@dataclass(frozen=True, slots=True)
class Move:
    """A change of a gate by one of `CAUSES`; one of `FALLS` holds until another model is in force."""

    before: Gate
    after: Gate
    cause: str


def initial_gate(*, ruled: bool) -> Gate:
    """Return where a question begins: assisted when a written rule answers it, otherwise human_only."""
    return Gate("assisted" if ruled else "human_only")


def guarantee_holds(proof: HoldoutEvaluation) -> bool:
    """Tell whether a proof is enough to let answers stand.

    There is a threshold that lets a useful share stand, the machine agrees with people beyond chance, and
    alpha or AC1 over the answers that stand surely reaches 0.667.
    """
    useful = proof.threshold is not None and (proof.coverage or 0) >= MIN_COVERAGE
    lows = [each.low for each in (proof.accepted_alpha, proof.accepted_ac1) if each.low is not None]
    return useful and beyond_chance(proof.alpha) and max(lows, default=-1.0) >= TENTATIVE


def beyond_chance(alpha: Interval) -> bool:
    """Tell whether the machine surely agrees with people more than chance would."""
    return alpha.low is not None and alpha.low > 0


def explain(gate: Gate, evidence: Evidence) -> str:
    """Say what is promised of a question's automatic answers, or why nothing is.

    Examples
    --------
    >>> explained(Gate("assisted"), Evidence(ruled=True, limit=0.1))
    'No model in force has learned this question.'
    """
    proof = evidence.proof
    if evidence.fallen is not None or proof is None:
        return CAUSES[evidence.fallen or "no_model"]
    if gate.state == "automatic" or proof.code is not None:
        return proof.words
    if not beyond_chance(proof.alpha):
        return "Nothing shows that the machine agrees with people more than chance would."
    if not guarantee_holds(proof):
        return f"Alpha and AC1 of the answers that would stand may both lie below {TENTATIVE}."
    return CAUSES["limit_lowered" if evidence.limit < proof.limit else "capped"]


def next_state(gate: Gate, evidence: Evidence) -> Move | None:
    """Return the move that the evidence asks for, up, down or by the cap; None: the gate stays as it is.

    Notes
    -----
    A gate that fell because recent reviews or inputs contradict what was proved stays down until another
    model is in force and has proved itself. An assisted question stays assisted while nothing contradicts it:
    a new model that shows too little by itself does not take it away.

    Examples
    --------
    >>> decide(Gate("assisted"), Evidence(ruled=True, limit=0.1)) is None
    True
    >>> decide(Gate("assisted"), Evidence(ruled=True, limit=0.1, highest="human_only")).cause
    'capped'
    """
    fallen = _fallen(evidence, gate)
    earned, why = _earned(gate, evidence, fallen)
    after = min(earned, evidence.highest, key=STATES.index)
    automatic = after == "automatic" and evidence.proof is not None
    now = Gate(after, evidence.proof.threshold, evidence.model) if automatic else Gate(after)  # type: ignore[union-attr]
    if now == gate:
        return None
    step = STATES.index(after) - STATES.index(gate.state)
    if step < 0:
        cause = why if earned == after else "capped"
    elif step > 0:
        cause = "cap_lifted" if evidence.cap_moved else "proved" if evidence.proof else "ruled"
    else:
        cause = "proved_again"
    return Move(gate, now, cause)


def _earned(gate: Gate, evidence: Evidence, fallen: str | None) -> tuple[str, str]:
    """Return the state that the evidence allows, and what to call it when that is less than now."""
    if fallen == "worse_than_chance":
        return "human_only", fallen
    proof = evidence.proof
    if proof is None:
        return initial_gate(ruled=evidence.ruled).state, fallen or "no_model"
    lowered = evidence.limit < proof.limit
    if guarantee_holds(proof) and not fallen and not lowered:
        return "automatic", "proved"
    why = fallen or ("limit_lowered" if lowered and guarantee_holds(proof) else "not_proved")
    helps = evidence.ruled or beyond_chance(proof.alpha) or (gate.state != "human_only" and _may_help(proof))
    return ("assisted" if helps else "human_only"), why


def _fallen(evidence: Evidence, gate: Gate) -> str | None:
    """Return why the gate may not be automatic under this model, newly seen or seen before."""
    if evidence.recent is not None and worse_than_chance(evidence.recent):
        return "worse_than_chance"
    if evidence.fallen is not None:
        return evidence.fallen
    if gate.state == "automatic" and evidence.recent is not None and evidence.recent.broken:
        return "agreement_drift"
    return "input_drift" if evidence.inputs is not None and evidence.inputs.drifted else None


def _may_help(proof: HoldoutEvaluation) -> bool:
    return proof.alpha.high is None or proof.alpha.high > 0
