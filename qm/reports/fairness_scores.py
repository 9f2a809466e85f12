"""Automatic and human scores over the questions that both answered, for the fairness reports."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, case, func, literal_column, null, or_, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from qm.reports.common_questions import answers_from_values, same_questions, scores_in_common
from qm.reports.fairness_groups import Scores
from qm.reviews.double_scored import current_machine, human, reviewed_interaction, same_current_version
from qm.reviews.models import Review
from qm.reviews.worked_queues import DRAW_COLUMNS, counted
from scorecards.authoring.version_queries import forms_by_id
from scorecards.definitions.form import Form
from scorecards.scoring.scoring import FormScore

MEASURES: Mapping[str, Callable[[FormScore], float | None]] = {
    "score": lambda found: found.total,
    "empathy": lambda found: found.empathy,
}
# Evaluated in the database: the answers of most pairs need not be fetched.
_ABSTAINED: Any = literal_column("'$[*] ? (@.value == null && !(@.na == true))'::jsonpath")
_QUESTIONS: Any = literal_column("'$[*].question'::jsonpath")


@dataclass(frozen=True, slots=True)
class ComparableScores:
    """The scores of pairs, the number compared over a part of the form only, and of those not comparable."""

    scores: Scores
    in_part: int
    not_compared: int


def score_columns(measure: str) -> tuple[Any, ...]:
    """Return the columns that `comparable_scores` reads."""
    answered_differently = or_(
        func.jsonb_path_exists(current_machine.answers, _ABSTAINED),
        func.jsonb_path_exists(human.answers, _ABSTAINED),
        func.jsonb_path_query_array(current_machine.answers, _QUESTIONS)
        != func.jsonb_path_query_array(human.answers, _QUESTIONS),
    )
    return (
        *DRAW_COLUMNS,
        getattr(current_machine, measure).label("machine"),
        getattr(human, measure).label("human"),
        human.scorecard_id,
        reviewed_interaction.channel.label("form_channel"),
        reviewed_interaction.intent,
        case((answered_differently, _values(human)), else_=null()).label("human_answers"),
        case((answered_differently, _values(current_machine)), else_=null()).label("machine_answers"),
    )


def load_comparable(session: Session, statement: Select[Any], measure: str) -> list[tuple[Any, float]]:
    """Return the pairs with a human score that were reviewed in turn, each with its probability."""
    statement = statement.where(same_current_version, getattr(human, measure).is_not(None))
    return counted(session, session.execute(statement.order_by(Review.review_id)).all())


def comparable_scores(session: Session, pairs: Sequence[tuple[Any, float]], measure: str) -> ComparableScores:
    """Return the scores of such pairs over the questions that both answered.

    Where both answered the same questions, these are the stored scores. The human total is always that of the
    whole form.
    """
    forms = forms_by_id(session, {row.scorecard_id for row, _ in pairs if row.human_answers is not None})
    figure, scored_rows, in_part = MEASURES[measure], [], 0
    for row, probability in pairs:
        common = _scores_in_common(forms, row)
        in_part += common is not None
        machine_score, human_score = (row.machine, row.human) if common is None else map(figure, common)
        scored_rows.append((probability, machine_score, human_score, row.human))
    scores = Scores.from_rows(scored_rows)
    return ComparableScores(scores, in_part, int((~scores.has_figure("error")).sum()))


def _scores_in_common(forms: Mapping[uuid.UUID, Form], row: Any) -> tuple[FormScore, FormScore] | None:
    """Return automatic and human score over common questions; None where the stored scores are comparable."""
    if row.human_answers is None:
        return None
    form = forms[row.scorecard_id]
    automatic, by_human = answers_from_values(row.machine_answers), answers_from_values(row.human_answers)
    if same_questions(form, automatic, by_human):
        return None
    return scores_in_common(form, automatic, by_human, channel=row.form_channel, intent=row.intent)


def _values(side: Any) -> Any:
    """Return an object of question to value, null for N/A, without reasons and evidence, which are long."""
    each = func.jsonb_array_elements(side.answers, type_=JSONB).column_valued("each")
    na = each["na"].astext == "true"
    value = case((na, literal_column("'null'::jsonb")), else_=each["value"])
    values = func.jsonb_object_agg(each["question"].astext, value, type_=JSONB)
    statement = select(func.coalesce(values, literal_column("'{}'::jsonb"), type_=JSONB))
    return statement.where(or_(na, func.jsonb_typeof(each["value"]) != "null")).scalar_subquery()
