"""What would become of a question if the machine were let go further, or held back; stores nothing."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qm.interactions.models import Interaction
from qm.learning.effective_gates import EffectiveGate, effective_gates_from_rows
from qm.learning.gate_representations import current_fall_causes, evidence_of
from qm.learning.gate_store import Key, gate_rows, load_questions
from qm.learning.model_card_disclosure import evaluation_without_counts
from qm.reviews.models import Evaluation
from scorecards.authoring.models import Definition
from scorecards.automation.gate import STATES, Evidence, Gate, initial_gate, next_state
from scorecards.automation.holdout_evaluation import HoldoutEvaluation
from tenants.http.faults import NotFound
from tenants.models import Client

WEEKS = 4


def gate_what_if(
    session: Session, client: Client, key: Key, *, suppress_counts: bool, now: datetime
) -> dict[str, Any]:
    """Return for each cap of a question the state that the evidence would allow, and what comes of it.

    The caps go through the same state machine as `cap`. Figures per week are of the interactions that began
    in the last four weeks and were judged with the scorecard; callers who may not see figures of a few
    interactions get none.

    Raises
    ------
    NotFound
        When no scorecard has this question, or it cannot be answered automatically.
    """
    questions, rows = load_questions(session, client.client_id), gate_rows(session, client.client_id)
    if key not in questions.by_key:
        raise NotFound("question that a machine can answer")
    causes = current_fall_causes(session, client.client_id, rows, questions)
    evidence = evidence_of(client, key, questions, rows.get(key), causes)
    effective = effective_gates_from_rows(session, client.client_id, rows, questions)
    gate = effective.get(key, EffectiveGate(initial_gate(ruled=evidence.ruled)))
    weekly = None if suppress_counts else _judged(session, client, key[0], now) / WEEKS
    if suppress_counts:
        evidence = replace(evidence, proof=evaluation_without_counts(evidence.proof))
    return {
        "scorecard": key[0],
        "question": key[1],
        "text": questions.by_key[key].text,
        "state": gate.gate.state,
        "waiting": gate.waiting,
        "highest": evidence.highest,
        "interactions_per_week": weekly,
        "caps": [_outcome(gate.gate, evidence, cap, weekly) for cap in STATES],
    }


def _outcome(gate: Gate, evidence: Evidence, cap: str, weekly: float | None) -> dict[str, Any]:
    move = next_state(gate, replace(evidence, highest=cap, cap_moved=True))
    after = gate if move is None else move.after
    proof = evidence.proof if after.state != "human_only" else None
    stands = after.state == "automatic" and proof is not None
    share = (proof.coverage or 0.0) if stands and proof is not None else 0.0
    return {
        "highest": cap,
        "state": after.state,
        "share": share,
        "alpha": _agreement(proof, "alpha", stands=stands),
        "ac1": _agreement(proof, "ac1", stands=stands),
        "wrong_at_most": proof.selective_error_upper if stands and proof is not None else None,
        "standing_per_week": None if weekly is None else share * weekly,
        "left_to_people_per_week": None if weekly is None else (1 - share) * weekly,
    }


def _agreement(proof: HoldoutEvaluation | None, name: str, *, stands: bool) -> dict[str, Any] | None:
    """Return the agreement of the answers that stand, or of all that are suggested, with its interval."""
    if proof is None:
        return None
    found = getattr(proof, f"accepted_{name}" if stands else name)
    return {"estimate": found.estimate, "low": found.low, "high": found.high}


def _judged(session: Session, client: Client, scorecard: str, now: datetime) -> int:
    versions = select(Definition.definition_id).where(
        Definition.client_id == client.client_id, Definition.kind == "scorecard", Definition.key == scorecard
    )
    ids = session.scalars(versions).all()
    judged = (
        select(func.count())
        .select_from(Interaction)
        .join(
            Evaluation,
            (Evaluation.tenant_id == Interaction.tenant_id)
            & (Evaluation.interaction_id == Interaction.interaction_id),
        )
        .where(
            Interaction.tenant_id == client.tenant_id,
            Interaction.client_id == client.client_id,
            Interaction.started_at >= now - timedelta(weeks=WEEKS),
            Interaction.started_at < now,
            Evaluation.kind == "automatic",
            Evaluation.superseded_at.is_(None),
            Evaluation.scorecard_id.in_(ids),
        )
    )
    return session.scalar(judged) or 0
