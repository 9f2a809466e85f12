"""How far the machine goes at this moment, before the learner has looked at a change of question or model.

A stored gate moves when the learner looks again, minutes later. Judging does not wait: it asks no model that
is not there, or that learned other options. What is shown is what judging does.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from qm.learning.gate_store import GatedQuestions, Key, gate_from_row, gate_rows, load_questions
from qm.learning.gate_transitions import evaluated_questions
from qm.learning.models import ANSWERS, GateState, Model
from qm.learning.registry import in_force
from scorecards.authoring import versions
from scorecards.automation.gate import STATES, Gate, initial_gate
from scorecards.definitions.form import Form

WAITING: Mapping[str, str] = {
    "question_changed": "The question offers other options now than the model in force learned.",
    "model_unreadable": "The model in force cannot be read.",
    "model_changed": "Another model is in force now than the one that proved this.",
}
"""Why a gate is about to move at the learner's next look, by code."""


@dataclass(frozen=True, slots=True)
class EffectiveGate:
    """A gate as judging takes it; `waiting` is one of `WAITING` where the stored gate has yet to follow."""

    gate: Gate
    waiting: str | None = None


def effective_gates(session: Session, client_id: uuid.UUID) -> dict[Key, EffectiveGate]:
    """Return the gates of a client as judging takes them; one without an entry is where it starts."""
    return effective_gates_of(
        session, client_id, gate_rows(session, client_id), load_questions(session, client_id)
    )


def effective_gates_of(
    session: Session, client_id: uuid.UUID, rows: Mapping[Key, GateState], asked: GatedQuestions
) -> dict[Key, EffectiveGate]:
    """Return what stored gates come to now, by the model and the scorecards that are in force now."""
    if all(row.model_id is None for row in rows.values()):
        return {key: EffectiveGate(gate_from_row(row)) for key, row in rows.items()}
    asked = _in_force(session, client_id, asked)
    model = in_force(session, client_id, ANSWERS)
    learned = (
        evaluated_questions(model, asked).keys() if model is not None and model.fault is None else frozenset()
    )
    return {
        key: _now(
            gate_from_row(row),
            _why(row, model, fits=key in learned),
            ruled=asked.has_rule(key),
            learned=key in learned,
        )
        for key, row in rows.items()
    }


def _in_force(session: Session, client_id: uuid.UUID, asked: GatedQuestions) -> GatedQuestions:
    """Return the questions as the versions in force ask them; one that is not yet asked as it will be."""
    now = {
        (found.key, key): question
        for found in versions.in_force(session, client_id=client_id, kinds=("scorecard",))
        for key, question in Form.from_body(found.body).questions.items()
    }
    questions = {key: now.get(key, question) for key, question in asked.questions.items()}
    return GatedQuestions(questions, asked.since)


def _why(row: GateState, model: Model | None, *, fits: bool) -> str | None:
    if row.model_id is None:
        return None
    if model is not None and model.fault is not None:
        return "model_unreadable"
    if model is None or model.model_id != row.model_id:
        return "model_changed"
    return None if fits else "question_changed"


def _now(gate: Gate, why: str | None, *, ruled: bool, learned: bool) -> EffectiveGate:
    """Return a gate without the promise that its model gave; without any model only a rule answers."""
    if why is None:
        return EffectiveGate(gate)
    most = Gate("assisted") if learned else initial_gate(ruled=ruled)
    return EffectiveGate(min(Gate(gate.state), most, key=lambda each: STATES.index(each.state)), why)
