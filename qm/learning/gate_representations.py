"""API representations of gates: state, risk guarantee in words, evidence and history."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from qm.learning.effective_gates import WAITING, EffectiveGate, effective_gates, effective_gates_from_rows
from qm.learning.gate_store import GatedQuestions, Key, fall_causes, gate_rows, load_moves, load_questions
from qm.learning.gate_transitions import disagreement_limit, stored_evidence
from qm.learning.model_card_disclosure import evaluation_without_counts
from qm.learning.models import GateMove, GateState
from scorecards.automation.gate import Evidence, explain, initial_gate
from scorecards.definitions.form import Question
from tenants.http.contract import tag_of
from tenants.http.faults import NotFound
from tenants.models import Client

DEFAULT_MOVES = 10
MAX_MOVES = 100
_COUNT_FIELDS = ("proof", "recent", "inputs")


def gate_representations(
    session: Session,
    client: Client,
    *,
    suppress_counts: bool,
    only_key: Key | None = None,
    moves: int = DEFAULT_MOVES,
) -> list[dict[str, Any]]:
    """Return the gates of every question that can be answered automatically, in scorecard order.

    With `suppress_counts`, for callers who may not see figures of a few interactions, counts are left out.

    Raises
    ------
    NotFound
        When `only_key` is not such a question.
    """
    questions, rows = load_questions(session, client.client_id), gate_rows(session, client.client_id)
    if only_key is not None and only_key not in questions.by_key:
        raise NotFound("question that a machine can answer")
    keys = [only_key] if only_key else list(questions.by_key)
    causes = current_fall_causes(session, client.client_id, rows, questions)
    effective = effective_gates_from_rows(session, client.client_id, rows, questions)
    history = load_moves(session, client.client_id, keys, limit=moves)
    gates = []
    for key in keys:
        row = rows.get(key)
        evidence = evidence_of(client, key, questions, row, causes)
        if suppress_counts:
            evidence = replace(evidence, proof=evaluation_without_counts(evidence.proof))
        gate = effective.get(key, EffectiveGate(initial_gate(ruled=evidence.ruled)))
        gates.append(
            _question(key, questions.by_key[key])
            | _state(gate, evidence)
            | _evidence_fields(row, evidence, gate, suppress_counts=suppress_counts)
            | _history(history.get(key, []))
        )
    return gates


def _history(moves: Sequence[GateMove]) -> dict[str, Any]:
    return {"since": moves[0].at if moves else None, "history": [move_representation(each) for each in moves]}


def current_fall_causes(
    session: Session, client_id: uuid.UUID, rows: Mapping[Key, GateState], questions: GatedQuestions
) -> dict[Key, str]:
    """Return the causes for which gates were lowered under the model that each of them is based on now."""
    current: dict[Key, str] = {}
    for model_id in {row.model_id for row in rows.values()}:
        causes = fall_causes(session, client_id, model_id=model_id, questions=questions)
        current |= {
            key: cause for key, cause in causes.items() if key in rows and rows[key].model_id == model_id
        }
    return current


def gate_etag(session: Session, client: Client, key: Key) -> str:
    """Return the entity tag of a gate."""
    row = gate_rows(session, client.client_id).get(key)
    effective = effective_gates(session, client.client_id).get(key)
    return tag_of(
        client.client_id, *key, row.revision if row else 0, effective.waiting if effective else None
    )


def evidence_of(
    client: Client, key: Key, questions: GatedQuestions, row: GateState | None, causes: Mapping[Key, str]
) -> Evidence:
    """Return the stored evidence of a question's gate; without a gate only what the definitions say."""
    if row is None:
        return Evidence(ruled=questions.has_rule(key), limit=disagreement_limit(client))
    return stored_evidence(client, row, questions, causes)


def _question(key: Key, question: Question) -> dict[str, Any]:
    return {"scorecard": key[0], "question": key[1], "text": question.text, "kind": question.kind}


def _state(effective: EffectiveGate, evidence: Evidence) -> dict[str, Any]:
    """Return the state; while the stored gate is outdated, the reason takes the place of the guarantee."""
    return {
        "state": effective.gate.state,
        "waiting": effective.waiting,
        "threshold": effective.gate.threshold,
        "promise": WAITING[effective.waiting] if effective.waiting else explain(effective.gate, evidence),
    }


def _evidence_fields(
    row: GateState | None, evidence: Evidence, effective: EffectiveGate, *, suppress_counts: bool
) -> dict[str, Any]:
    """Return the cap, and the model and figures that the state is based on unless the gate is outdated."""
    numbers = evidence.to_body()
    if row is None:
        return {"highest": "automatic", "reason": None, "model_id": None, "evidence": numbers}
    numbers |= {name: row.evidence.get(name) for name in ("recent", "inputs")}
    if suppress_counts or effective.waiting is not None:
        numbers |= dict.fromkeys(_COUNT_FIELDS)
    model_id = row.model_id if effective.waiting is None else None
    return {"highest": row.highest, "reason": row.reason, "model_id": model_id, "evidence": numbers}


def move_representation(move: GateMove) -> dict[str, Any]:
    """Return a gate move without its evidence, which is in the audit log."""
    names = ("number", "from_state", "to_state", "cause", "model_id", "at")
    return {name: getattr(move, name) for name in names} | {"threshold": move.evidence.get("threshold")}
