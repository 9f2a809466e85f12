"""The gate that scoring applies now, which can be lower than the stored one after a question or model change.

The periodic gate review updates stored gates minutes after such a change. Scoring does not wait for it: it
never uses a model that is missing or was trained on other answer options. API responses show the gate that
scoring applies.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from qm.learning.gate_store import GatedQuestions, Key, gate_from_row, gate_rows, load_questions
from qm.learning.gate_transitions import evaluated_questions
from qm.learning.model_registry import model_in_force
from qm.learning.models import ANSWERS, GateState, Model
from scorecards.authoring import versions
from scorecards.automation.gate import STATES, Gate, initial_gate
from scorecards.definitions.form import Form

WAITING: Mapping[str, str] = {
    "question_changed": "The question offers other options now than the model in force learned.",
    "model_unreadable": "The model in force cannot be read.",
    "model_changed": "Another model is in force now than the one that proved this.",
}
"""Why the stored gate will change at the next gate review, by code."""


@dataclass(frozen=True, slots=True)
class EffectiveGate:
    """The gate that scoring applies; `waiting` is a code of `WAITING` while the stored gate is outdated."""

    gate: Gate
    waiting: str | None = None


def effective_gates(session: Session, client_id: uuid.UUID) -> dict[Key, EffectiveGate]:
    """Return the effective gates of a client; a question without an entry has its initial gate."""
    return effective_gates_from_rows(
        session, client_id, gate_rows(session, client_id), load_questions(session, client_id)
    )


def effective_gates_from_rows(
    session: Session, client_id: uuid.UUID, rows: Mapping[Key, GateState], questions: GatedQuestions
) -> dict[Key, EffectiveGate]:
    """Return the effective gates of stored rows, given the model and scorecard versions in force now."""
    if all(row.model_id is None for row in rows.values()):
        return {key: EffectiveGate(gate_from_row(row)) for key, row in rows.items()}
    questions = _questions_in_force(session, client_id, questions)
    model = model_in_force(session, client_id, ANSWERS)
    learned_keys = (
        evaluated_questions(model, questions).keys()
        if model is not None and model.fault is None
        else frozenset()
    )
    return {
        key: _effective_gate(
            gate_from_row(row),
            _pending_cause(row, model, options_match=key in learned_keys),
            ruled=questions.has_rule(key),
            learned=key in learned_keys,
        )
        for key, row in rows.items()
    }


def _questions_in_force(session: Session, client_id: uuid.UUID, questions: GatedQuestions) -> GatedQuestions:
    """Return the questions as in the versions in force; those of no version in force are unchanged."""
    current = {
        (definition.key, key): question
        for definition in versions.in_force(session, client_id=client_id, kinds=("scorecard",))
        for key, question in Form.from_body(definition.body).questions.items()
    }
    by_key = {key: current.get(key, question) for key, question in questions.by_key.items()}
    return GatedQuestions(by_key, questions.since)


def _pending_cause(row: GateState, model: Model | None, *, options_match: bool) -> str | None:
    if row.model_id is None:
        return None
    if model is not None and model.fault is not None:
        return "model_unreadable"
    if model is None or model.model_id != row.model_id:
        return "model_changed"
    return None if options_match else "question_changed"


def _effective_gate(gate: Gate, waiting: str | None, *, ruled: bool, learned: bool) -> EffectiveGate:
    """Return a gate without the model's risk guarantee; without any usable model only rules answer."""
    if waiting is None:
        return EffectiveGate(gate)
    highest = Gate("assisted") if learned else initial_gate(ruled=ruled)
    return EffectiveGate(min(Gate(gate.state), highest, key=lambda each: STATES.index(each.state)), waiting)
