"""Reads the board of a session: its items, what people answered, and what the machine says of them."""

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import not_, select
from sqlalchemy.orm import Session

from qm.calibration.blindness import sees_names
from qm.calibration.board import MACHINE, Board, BoardItem, Given, Rater
from qm.calibration.models import Calibration, CalibrationAnswer, CalibrationItem
from qm.calibration.participants import load_attendance
from qm.interactions.models import Interaction
from qm.reviews.blindness import hidden_from
from qm.reviews.models import Evaluation
from qm.reviews.reviewed_words import words
from scorecards.authoring.models import Definition
from scorecards.definitions.form import PILLARS, Form
from tenants.credentials import Actor

_MEASURES = ("score", "empathy", *PILLARS)


def load_board(session: Session, actor: Actor, calibration: Calibration) -> Board:
    """Return the board of a session; without the machine's answers that are hidden from the caller."""
    items = load_items(session, calibration)
    answers, scores, not_blind = _people(session, calibration, items)
    raters = [
        Rater(
            each.number,
            each.user_id,
            each.name if sees_names(actor, each.side) else f"Reviewer {each.number}",
            each.side,
            each.answered,
            each.last_answer_at,
            not_blind[each.user_id],
        )
        for each in load_attendance(session, calibration)
    ]
    numbers = {rater.user_id: rater.number for rater in raters}
    machine = _machine(session, actor, calibration, items)
    experts = (numbers[calibration.expert_id],) if calibration.expert_id in numbers else ()
    return Board(
        drawn=calibration.drawn,
        items=items,
        raters=[*raters, Rater(MACHINE, None, "Machine", "machine", answered=len(machine))],
        answers={(item, numbers[user]): given for (item, user), given in answers.items()}
        | {(item, MACHINE): given for item, (given, _) in machine.items()},
        scores={(item, numbers[user]): given for (item, user), given in scores.items()}
        | {(item, MACHINE): given for item, (_, given) in machine.items()},
        experts=experts,
        reference=calibration.reference,
    )


def load_items(session: Session, calibration: Calibration) -> list[BoardItem]:
    """Return what is left of the interactions of a session, in their order."""
    rows = session.execute(
        select(
            CalibrationItem.number,
            CalibrationItem.interaction_id,
            CalibrationItem.scorecard_id,
            Interaction.external_id,
            (CalibrationItem.words != words).label("changed"),
        )
        .join(Interaction, Interaction.interaction_id == CalibrationItem.interaction_id)
        .where(CalibrationItem.calibration_id == calibration.calibration_id)
        .order_by(CalibrationItem.number)
    ).all()
    versions = _versions(session, {row.scorecard_id for row in rows})
    return [
        BoardItem(
            row.number,
            row.interaction_id,
            row.external_id,
            row.scorecard_id,
            versions[row.scorecard_id][0],
            versions[row.scorecard_id][1],
            row.changed,
        )
        for row in rows
    ]


def _versions(session: Session, ids: set[uuid.UUID]) -> dict[uuid.UUID, tuple[int, Form]]:
    found = session.scalars(select(Definition).where(Definition.definition_id.in_(ids)))
    return {
        each.definition_id: (each.version, Form.from_body({**each.body, "key": each.key})) for each in found
    }


def _people(
    session: Session, calibration: Calibration, items: Sequence[BoardItem]
) -> tuple[dict[Any, Given], dict[Any, Mapping[str, float | None]], Counter[uuid.UUID]]:
    numbers = {item.interaction_id: item.number for item in items}
    answers: dict[Any, Given] = {}
    scores: dict[Any, Mapping[str, float | None]] = {}
    not_blind: Counter[uuid.UUID] = Counter()
    for row in session.scalars(
        select(CalibrationAnswer).where(CalibrationAnswer.calibration_id == calibration.calibration_id)
    ):
        if row.interaction_id in numbers:
            key = numbers[row.interaction_id], row.user_id
            answers[key] = {each["question"]: each for each in row.answers}
            scores[key] = row.scores
            not_blind[row.user_id] += not row.blind
    return answers, scores, not_blind


def _machine(
    session: Session, actor: Actor, calibration: Calibration, items: Sequence[BoardItem]
) -> dict[int, tuple[Given, Mapping[str, float | None]]]:
    """Return what the machine says now of the items, under the same version of the scorecard.

    Where it abstained its score is over fewer questions than people's, and is left out.
    """
    by_id = {item.interaction_id: item for item in items}
    found = session.scalars(
        select(Evaluation).where(
            Evaluation.tenant_id == calibration.tenant_id,
            Evaluation.interaction_id.in_(by_id),
            Evaluation.kind == "automatic",
            Evaluation.superseded_at.is_(None),
            not_(hidden_from(actor, Evaluation.interaction_id)),
        )
    )
    return {
        by_id[each.interaction_id].number: (
            {answer["question"]: answer for answer in each.answers},
            {}
            if any(answer.get("abstained") for answer in each.answers)
            else {name: getattr(each, name) for name in _MEASURES},
        )
        for each in found
        if each.scorecard_id == by_id[each.interaction_id].scorecard_id
    }
