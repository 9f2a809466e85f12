"""Gates as they are shown: state, promise in words, evidence and history."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from qm.learning.gates import Gated, Key, falls, gate_in, gated, moves_of, rows_of
from qm.learning.gates_moving import evidence_in, limit_of
from qm.learning.models import GateMove, GateState
from scorecards.form import Question
from scorecards.gates import Evidence, explained, starting
from tenants.contract import tag_of
from tenants.faults import NotFound
from tenants.models import Client

FEW_MOVES = 10
MOST_MOVES = 100
_COUNTED = ("proof", "recent", "inputs")


def gates_shown(
    session: Session, client: Client, *, guarded: bool, only: Key | None = None, moves: int = FEW_MOVES
) -> list[dict[str, Any]]:
    """Return the gates of every question that a machine can answer, as the scorecards ask them.

    Whoever may not see figures of a few interactions (`guarded`) is told the promise, not what was counted.

    Raises
    ------
    NotFound
        When `only` names no such question.
    """
    asked, rows = gated(session, client.client_id), rows_of(session, client.client_id)
    if only is not None and only not in asked.questions:
        raise NotFound("question that a machine can answer")
    wanted = [only] if only else list(asked.questions)
    fell = fallen(session, client.client_id, rows, asked)
    history = moves_of(session, client.client_id, wanted, most=moves)
    found = [
        _shown(client, key, asked, rows.get(key), fell.get(key)) | _past(history.get(key, []))
        for key in wanted
    ]
    for each in found if guarded else ():
        each["evidence"] |= dict.fromkeys(_COUNTED)
    return found


def _past(moves: Sequence[GateMove]) -> dict[str, Any]:
    return {"since": moves[0].at if moves else None, "history": [move_shown(each) for each in moves]}


def fallen(
    session: Session, client_id: uuid.UUID, rows: Mapping[Key, GateState], asked: Gated
) -> dict[Key, str]:
    """Return why gates fell under the model that each of them rests on now."""
    found: dict[Key, str] = {}
    for model_id in {row.model_id for row in rows.values()}:
        fell = falls(session, client_id, model_id=model_id, asked=asked)
        found |= {key: cause for key, cause in fell.items() if key in rows and rows[key].model_id == model_id}
    return found


def gate_tag(session: Session, client: Client, key: Key) -> str:
    """Return the entity tag of a gate."""
    row = rows_of(session, client.client_id).get(key)
    return tag_of(client.client_id, *key, row.revision if row else 0)


def _shown(client: Client, key: Key, asked: Gated, row: GateState | None, fell: str | None) -> dict[str, Any]:
    question = asked.questions[key]
    if row is None:
        gate, evidence = starting(ruled=asked.ruled(key)), _untouched(client, question)
        stored: dict[str, Any] = {"highest": "automatic", "reason": None, "model_id": None}
        numbers = evidence.to_body()
    else:
        gate, evidence = gate_in(row), evidence_in(client, row, asked, {key: fell} if fell else {})
        stored = {"highest": row.highest, "reason": row.reason, "model_id": row.model_id}
        seen = {name: row.evidence.get(name) for name in ("recent", "inputs")}
        numbers = evidence.to_body() | seen
    return {
        "scorecard": key[0],
        "question": key[1],
        "text": question.text,
        "kind": question.kind,
        "state": gate.state,
        "threshold": gate.threshold,
        "promise": explained(gate, evidence),
        "evidence": numbers,
        **stored,
    }


def _untouched(client: Client, question: Question) -> Evidence:
    return Evidence(ruled=question.auto is not None, limit=limit_of(client))


def move_shown(move: GateMove) -> dict[str, Any]:
    """Return a move without the evidence, which stands in the audit log."""
    names = ("number", "from_state", "to_state", "cause", "model_id", "at")
    return {name: getattr(move, name) for name in names} | {"threshold": move.evidence.get("threshold")}
