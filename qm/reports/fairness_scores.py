"""What fairness compares: both scores of each interaction, over the questions that both answered."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, case, func, literal_column, null, or_, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from qm.interactions.models import Interaction
from qm.reports.common_questions import answers_of, same_questions, scores_in_common
from qm.reports.fairness_groups import Scores
from qm.reviews.double_scored import human, machine, same_version
from qm.reviews.models import Review
from scorecards.authoring.version_queries import forms_by_id
from scorecards.definitions.form import Form
from scorecards.scoring.scoring import FormScore

MEASURES: Mapping[str, Callable[[FormScore], float | None]] = {
    "score": lambda found: found.total,
    "empathy": lambda found: found.empathy,
}
# Searched by the database alone: of most pairs no answer has to be read.
_LEFT_OUT: Any = literal_column("'$[*] ? (@.value == null && !(@.na == true))'::jsonpath")
_QUESTIONS: Any = literal_column("'$[*].question'::jsonpath")


@dataclass(frozen=True, slots=True)
class Pairs:
    """The scores of pairs, and of how many only a part of the form, or nothing, could be compared."""

    scores: Scores
    in_part: int
    not_compared: int


def columns_of(measure: str) -> tuple[Any, ...]:
    """Return the columns that `compared_over` reads."""
    apart = or_(
        func.jsonb_path_exists(machine.answers, _LEFT_OUT),
        func.jsonb_path_exists(human.answers, _LEFT_OUT),
        func.jsonb_path_query_array(machine.answers, _QUESTIONS)
        != func.jsonb_path_query_array(human.answers, _QUESTIONS),
    )
    return (
        Review.inclusion_probability.label("probability"),
        getattr(machine, measure).label("machine"),
        getattr(human, measure).label("human"),
        human.scorecard_id,
        Interaction.channel.label("spoken_on"),
        Interaction.intent,
        case((apart, _values(human)), else_=null()).label("said"),
        case((apart, _values(machine)), else_=null()).label("judged"),
    )


def comparable(statement: Select[Any], measure: str) -> Select[Any]:
    """Narrow a statement of pairs to those that a person gave a score, in an order that stays."""
    return statement.where(same_version, getattr(human, measure).is_not(None)).order_by(Review.review_id)


def compared_over(session: Session, rows: Sequence[Any], measure: str) -> Pairs:
    """Return the scores of such rows over the questions that both answered.

    Where both answered the same questions, those are the scores that are stored. What people give stays that
    of the whole form.
    """
    forms = forms_by_id(session, {row.scorecard_id for row in rows if row.said is not None})
    figure, found, in_part = MEASURES[measure], [], 0
    for row in rows:
        common = _in_common(forms, row)
        in_part += common is not None
        judged, said = (row.machine, row.human) if common is None else map(figure, common)
        found.append((row.probability, judged, said, row.human))
    scores = Scores.of(found)
    return Pairs(scores, in_part, int((~scores.known("error")).sum()))


def _in_common(forms: Mapping[uuid.UUID, Form], row: Any) -> tuple[FormScore, FormScore] | None:
    """Return the machine's and the person's score in common; None where those stored are in common."""
    if row.said is None:
        return None
    form, judged, said = forms[row.scorecard_id], answers_of(row.judged), answers_of(row.said)
    if same_questions(form, judged, said):
        return None
    return scores_in_common(form, judged, said, channel=row.spoken_on, intent=row.intent)


def _values(side: Any) -> Any:
    """Return what was answered as an object, null for N/A: reasons and evidence are long and not needed."""
    each = func.jsonb_array_elements(side.answers, type_=JSONB).column_valued("each")
    na = each["na"].astext == "true"
    value = case((na, literal_column("'null'::jsonb")), else_=each["value"])
    given = func.jsonb_object_agg(each["question"].astext, value, type_=JSONB)
    statement = select(func.coalesce(given, literal_column("'{}'::jsonb"), type_=JSONB))
    return statement.where(or_(na, func.jsonb_typeof(each["value"]) != "null")).scalar_subquery()
