"""Outcomes of overrides: whether the model in force now gives the answer that the reviewer gave."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

OUTCOMES: Mapping[str, str] = {
    "learned": "The model in force says what the person said.",
    "not_learned": "The model in force says something else.",
    "no_model_yet": "No model in force has seen this correction, or learned this question.",
}
PARTS: Mapping[str, str] = {
    "learning": "The model learned from this very interaction.",
    "proving": "The interaction is held out as proof: no model learns from it.",
}
_LESSONS = text(
    """
    select lesson
    from models, jsonb_array_elements(models.lessons) as lesson
    where models.client_id = :client and models.kind = 'answers' and models.state = 'in_force'
      and models.fault is null and lesson ->> 'interaction_id' = any(:ids)
    """
)
_NO_MODEL_YET: Mapping[str, Any] = {"outcome": "no_model_yet", "outcome_part": None, "model_says": None}


@dataclass(frozen=True, slots=True)
class OverrideOutcomes:
    """The `lessons` of the model in force by interaction, evaluation, scorecard and question."""

    lessons: Mapping[tuple[str, str, str, str], Mapping[str, Any]]

    def with_outcome(self, override: Mapping[str, Any]) -> dict[str, Any]:
        """Return an override with its outcome; one that the model was not trained on has none yet."""
        ids = (str(override["interaction_id"]), str(override["evaluation_id"]))
        lesson = self.lessons.get((*ids, override["scorecard"], override["question"]))
        if lesson is None or lesson["now"] is None or lesson["human"] != override["human_said"]:
            return {**override, **_NO_MODEL_YET}
        learned = lesson["now"] == lesson["human"]
        return {
            **override,
            "outcome": "learned" if learned else "not_learned",
            "outcome_part": lesson["part"],
            "model_says": lesson["now"],
        }


def load_outcomes(
    session: Session, client_id: uuid.UUID, interactions: Sequence[uuid.UUID]
) -> OverrideOutcomes:
    """Return the outcomes of the overrides of these interactions under the client's model in force."""
    if not interactions:
        return OverrideOutcomes({})
    parameters = {"client": client_id, "ids": [str(each) for each in interactions]}
    names = ("interaction_id", "evaluation_id", "scorecard", "question")
    return OverrideOutcomes(
        {
            (lesson[names[0]], lesson[names[1]], lesson[names[2]], lesson[names[3]]): lesson
            for lesson in session.scalars(_LESSONS, parameters)
        }
    )
