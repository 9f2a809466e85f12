"""The agreement gate of one question of one client: a state machine of automation levels (pure).

`human_only`: the machine abstains. `assisted`: its answers are suggestions. `automatic`: answers with at
least the threshold's confidence are accepted, below it the machine abstains.
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
    """The state of a question; `threshold` in [0, 1] is for confidences of the model with this id only."""

    state: str
    threshold: float | None = None
    model: str | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """The inputs of a gate transition.

    Attributes
    ----------
    ruled : bool
        Whether a written rule answers the question too.
    limit : float
        Error rate that the client accepts now, in (0, 1).
    highest : str
        Cap set by a manager: one of `STATES`.
    model : str or None
        Id of the model in force.
    proof : HoldoutEvaluation or None
        Evaluation of that model; None when it was not trained on the question.
    fallen : str or None
        One of `FALL_CAUSES` when the gate was demoted since this model came into force.
    recent : RecentAgreement or None
        Agreement on recent reviews.
    inputs : InputDrift or None
        Drift of the inputs since training.
    cap_moved : bool
        Whether a change of the cap triggered this check.
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
        """Return the figures as JSON."""
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
    """A gate transition by one of `CAUSES`; a demotion by one of `FALL_CAUSES` lasts until the next model."""

    before: Gate
    after: Gate
    cause: str


def initial_gate(*, ruled: bool) -> Gate:
    """Return the initial state: assisted when a written rule answers the question, otherwise human_only."""
    return Gate("assisted" if ruled else "human_only")


def guarantee_holds(proof: HoldoutEvaluation) -> bool:
    """Tell whether an evaluation justifies automatic answers.

    It does when a threshold accepts at least `MIN_COVERAGE` of the answers, alpha is significantly above 0,
    and the lower limit of alpha or AC1 over accepted answers is at least 0.667.
    """
    useful = proof.threshold is not None and (proof.coverage or 0) >= MIN_COVERAGE
    lows = [each.low for each in (proof.accepted_alpha, proof.accepted_ac1) if each.low is not None]
    return useful and beyond_chance(proof.alpha) and max(lows, default=-1.0) >= TENTATIVE


def beyond_chance(alpha: Interval) -> bool:
    """Tell whether agreement is significantly above chance: the lower limit of alpha is positive."""
    return alpha.low is not None and alpha.low > 0


def explain(gate: Gate, evidence: Evidence) -> str:
    """Describe the guarantee of a question's automatic answers, or why there is none, for users.

    Examples
    --------
    >>> explain(Gate("assisted"), Evidence(ruled=True, limit=0.1))
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
    """Return the transition that the evidence requires, or None when the gate keeps its state.

    Notes
    -----
    A gate demoted by recent reviews or input drift stays down until another model is in force and passes its
    own evaluation. An assisted question stays assisted while nothing contradicts it, even when a new model's
    evaluation alone would not suffice. The cap `highest` limits every transition.

    Examples
    --------
    >>> next_state(Gate("assisted"), Evidence(ruled=True, limit=0.1)) is None
    True
    >>> next_state(Gate("assisted"), Evidence(ruled=True, limit=0.1, highest="human_only")).cause
    'capped'
    """
    allowed, cause_of_demotion = _allowed_state(gate, evidence, _fall_cause(evidence, gate))
    after = min(allowed, evidence.highest, key=STATES.index)
    automatic = after == "automatic" and evidence.proof is not None
    now = Gate(after, evidence.proof.threshold, evidence.model) if automatic else Gate(after)  # type: ignore[union-attr]
    if now == gate:
        return None
    step = STATES.index(after) - STATES.index(gate.state)
    if step < 0:
        cause = cause_of_demotion if allowed == after else "capped"
    elif step > 0:
        cause = "cap_lifted" if evidence.cap_moved else "proved" if evidence.proof else "ruled"
    else:
        cause = "proved_again"
    return Move(gate, now, cause)


def _allowed_state(gate: Gate, evidence: Evidence, fall_cause: str | None) -> tuple[str, str]:
    """Return the highest state that the evidence allows, and the cause if that is a demotion."""
    if fall_cause == "worse_than_chance":
        return "human_only", fall_cause
    proof = evidence.proof
    if proof is None:
        return initial_gate(ruled=evidence.ruled).state, fall_cause or "no_model"
    lowered = evidence.limit < proof.limit
    if guarantee_holds(proof) and not fall_cause and not lowered:
        return "automatic", "proved"
    cause = fall_cause or ("limit_lowered" if lowered and guarantee_holds(proof) else "not_proved")
    assists = (
        evidence.ruled
        or beyond_chance(proof.alpha)
        or (gate.state != "human_only" and _may_exceed_chance(proof))
    )
    return ("assisted" if assists else "human_only"), cause


def _fall_cause(evidence: Evidence, gate: Gate) -> str | None:
    """Return why the gate may not be automatic under this model, by new or by recorded evidence."""
    if evidence.recent is not None and worse_than_chance(evidence.recent):
        return "worse_than_chance"
    if evidence.fallen is not None:
        return evidence.fallen
    if gate.state == "automatic" and evidence.recent is not None and evidence.recent.broken:
        return "agreement_drift"
    return "input_drift" if evidence.inputs is not None and evidence.inputs.drifted else None


def _may_exceed_chance(proof: HoldoutEvaluation) -> bool:
    return proof.alpha.high is None or proof.alpha.high > 0
