"""Gates as they are shown: state, promise in words, evidence and history."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from qm.learning.effective_gates import WAITING, EffectiveGate, effective_gates, effective_gates_of
from qm.learning.gate_store import GatedQuestions, Key, fall_causes, gate_rows, load_questions, moves_of
from qm.learning.gate_transitions import evidence_in, limit_of
from qm.learning.models import GateMove, GateState
from qm.learning.small_counts import without_counts
from scorecards.automation.gate import Evidence, explain, initial_gate
from scorecards.definitions.form import Question
from tenants.http.contract import tag_of
from tenants.http.faults import NotFound
from tenants.models import Client

LATEST_MOVES = 10
MAX_MOVES = 100
_COUNTED = ("proof", "recent", "inputs")


def gates_shown(
    session: Session, client: Client, *, guarded: bool, only: Key | None = None, moves: int = LATEST_MOVES
) -> list[dict[str, Any]]:
    """Return the gates of every question that a machine can answer, as the scorecards ask them.

    Whoever may not see figures of a few interactions (`guarded`) is told the promise, not what was counted.

    Raises
    ------
    NotFound
        When `only` names no such question.
    """
    asked, rows = load_questions(session, client.client_id), gate_rows(session, client.client_id)
    if only is not None and only not in asked.questions:
        raise NotFound("question that a machine can answer")
    wanted = [only] if only else list(asked.questions)
    fell = fallen(session, client.client_id, rows, asked)
    now = effective_gates_of(session, client.client_id, rows, asked)
    history = moves_of(session, client.client_id, wanted, most=moves)
    found = []
    for key in wanted:
        row = rows.get(key)
        evidence = _evidence(client, key, asked, row, fell)
        if guarded:
            evidence = replace(evidence, proof=without_counts(evidence.proof))
        at_once = now.get(key, EffectiveGate(initial_gate(ruled=evidence.ruled)))
        found.append(
            _asked(key, asked.questions[key])
            | _state(at_once, evidence)
            | _stored(row, evidence, at_once, guarded=guarded)
            | _past(history.get(key, []))
        )
    return found


def _past(moves: Sequence[GateMove]) -> dict[str, Any]:
    return {"since": moves[0].at if moves else None, "history": [move_shown(each) for each in moves]}


def fallen(
    session: Session, client_id: uuid.UUID, rows: Mapping[Key, GateState], asked: GatedQuestions
) -> dict[Key, str]:
    """Return why gates fell under the model that each of them rests on now."""
    found: dict[Key, str] = {}
    for model_id in {row.model_id for row in rows.values()}:
        fell = fall_causes(session, client_id, model_id=model_id, asked=asked)
        found |= {key: cause for key, cause in fell.items() if key in rows and rows[key].model_id == model_id}
    return found


def gate_tag(session: Session, client: Client, key: Key) -> str:
    """Return the entity tag of a gate."""
    row = gate_rows(session, client.client_id).get(key)
    now = effective_gates(session, client.client_id).get(key)
    return tag_of(client.client_id, *key, row.revision if row else 0, now.waiting if now else None)


def _evidence(
    client: Client, key: Key, asked: GatedQuestions, row: GateState | None, fell: Mapping[Key, str]
) -> Evidence:
    if row is None:
        return Evidence(ruled=asked.has_rule(key), limit=limit_of(client))
    return evidence_in(client, row, asked, fell)


def _asked(key: Key, question: Question) -> dict[str, Any]:
    return {"scorecard": key[0], "question": key[1], "text": question.text, "kind": question.kind}


def _state(now: EffectiveGate, evidence: Evidence) -> dict[str, Any]:
    """Return the state; what its model promised holds no longer where the stored gate has yet to follow."""
    return {
        "state": now.gate.state,
        "waiting": now.waiting,
        "threshold": now.gate.threshold,
        "promise": WAITING[now.waiting] if now.waiting else explain(now.gate, evidence),
    }


def _stored(
    row: GateState | None, evidence: Evidence, now: EffectiveGate, *, guarded: bool
) -> dict[str, Any]:
    """Return the cap, and the model with the numbers on which the state rests, as far as it rests on them."""
    numbers = evidence.to_body()
    if row is None:
        return {"highest": "automatic", "reason": None, "model_id": None, "evidence": numbers}
    numbers |= {name: row.evidence.get(name) for name in ("recent", "inputs")}
    if guarded or now.waiting is not None:
        numbers |= dict.fromkeys(_COUNTED)
    resting = row.model_id if now.waiting is None else None
    return {"highest": row.highest, "reason": row.reason, "model_id": resting, "evidence": numbers}


def move_shown(move: GateMove) -> dict[str, Any]:
    """Return a move without the evidence, which stands in the audit log."""
    names = ("number", "from_state", "to_state", "cause", "model_id", "at")
    return {name: getattr(move, name) for name in names} | {"threshold": move.evidence.get("threshold")}
