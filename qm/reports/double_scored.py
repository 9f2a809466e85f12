"""Interactions that chance drew, a person reviewed and the machine judged: where the two can be compared.

A pair counts when the person's review was drawn (never hand-picked) and submitted, both evaluations hold
now, and both were made under the same version of the same scorecard. Whoever is still to judge an
interaction is shown nothing that rests on it.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, not_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from qm.interactions.models import Interaction
from qm.reports.request import Period
from qm.reports.request import ReportRequest as Asked
from qm.reviews.blindness import hidden_from
from qm.reviews.models import Evaluation, Review
from scorecards.authoring.models import Definition
from scorecards.autoscore.answer_policy import MODEL, RULE
from scorecards.definitions.form import Form, Question
from scorecards.scoring.scoring import question_score
from tenants.credentials import Actor

NOT_APPLICABLE = "n/a"
LEVELS: Mapping[str, str] = {"scale": "ordinal", "numeric": "interval"}
"""How far apart answers of a kind can be; of all other kinds they are the same or not."""
SOURCES = (RULE, MODEL)
"""What an automatic answer can come from."""

human, machine = aliased(Evaluation, name="human"), aliased(Evaluation, name="machine")
same_version = human.scorecard_id == machine.scorecard_id


@dataclass(frozen=True, slots=True)
class Scorecard:
    """One version of a scorecard that pairs were judged by."""

    key: str
    version: int
    form: Form


@dataclass(frozen=True, slots=True)
class Given:
    """What one of the two said: its class (the same class is agreement), and the question score in [0, 1]."""

    name: str
    score: float | None

    @property
    def na(self) -> bool:
        """Whether it was N/A."""
        return self.name == NOT_APPLICABLE


_NOT_APPLICABLE = Given(NOT_APPLICABLE, None)


@dataclass(frozen=True, slots=True)
class Compared:
    """One question as both met it; None: no answer (not asked, or abstained).

    `source` is what the machine's answer came from; before there were models there were rules alone.
    """

    question: Question
    human: Given | None
    machine: Given | None
    abstained: bool
    source: str = RULE

    @property
    def overridden(self) -> bool:
        """Whether the person said something else than the machine."""
        return self.human is not None and self.machine is not None and self.human.name != self.machine.name


def double_scored(asked: Asked, actor: Actor, *columns: Any) -> Select[Any]:
    """Return the statement of a client's pairs, without the condition of the same version."""
    return pairs_of(asked.period, asked.filters, actor, *columns).where(
        Review.tenant_id == asked.client.tenant_id, Review.client_id == asked.client.client_id
    )


def pairs_of(period: Period, filters: Mapping[str, str], actor: Actor, *columns: Any) -> Select[Any]:
    """Return the statement of such pairs of all clients that the caller sees, and these columns."""
    return (
        select(*columns)
        .select_from(Review)
        .join(human, _of_review(human, human.evaluation_id == Review.evaluation_id))
        .join(machine, _of_review(machine, machine.kind == "automatic"))
        .join(
            Interaction,
            and_(
                Interaction.tenant_id == Review.tenant_id,
                Interaction.interaction_id == Review.interaction_id,
            ),
        )
        .where(
            Review.started_at >= period.start,
            Review.started_at < period.end,
            Review.state == "submitted",
            ~Review.targeted,
            *(func.coalesce(getattr(Interaction, name), "") == value for name, value in filters.items()),
            not_(hidden_from(actor, Review.interaction_id)),
        )
    )


def scorecards(session: Session, asked: Asked, actor: Actor) -> dict[uuid.UUID, Scorecard]:
    """Return every version that such pairs were judged by, the oldest first."""
    wanted = double_scored(asked, actor, human.scorecard_id).where(same_version)
    found = session.scalars(
        select(Definition)
        .where(
            Definition.tenant_id == asked.client.tenant_id,
            Definition.client_id == asked.client.client_id,
            Definition.definition_id.in_(wanted),
        )
        .order_by(Definition.key, Definition.version)
    )
    return {
        each.definition_id: Scorecard(each.key, each.version, Form.from_body(each.body)) for each in found
    }


def compared(
    form: Form, by_human: Sequence[Mapping[str, Any]], by_machine: Sequence[Mapping[str, Any]]
) -> list[Compared]:
    """Compare two lists of answers, over the questions of the form that are scored or critical.

    Examples
    --------
    >>> form = Form.from_body({"sections": [
    ...     {"key": "care", "questions": [{"key": "hears", "text": "Heard?", "kind": "yes_no"}]}]})
    >>> found = compared(form, [{"question": "hears", "value": "yes"}], [{"question": "hears", "na": True}])
    >>> [(each.human.name, each.machine.name, each.overridden) for each in found]
    [('yes', 'n/a', True)]
    """
    one = {answer["question"]: answer for answer in by_human}
    other = {answer["question"]: answer for answer in by_machine}
    return [
        Compared(
            question,
            given(question, one.get(key)),
            given(question, other.get(key)),
            bool(other.get(key, {}).get("abstained")),
            other.get(key, {}).get("source") or RULE,
        )
        for key, question in form.questions.items()
        if question.scored or question.critical
    ]


def given(question: Question, body: Mapping[str, Any] | None) -> Given | None:
    """Return what an answer says; numbers in bands of the same score say the same."""
    if body is None or body.get("abstained"):
        return None
    if body.get("na"):
        return _NOT_APPLICABLE
    value = body.get("value")
    if value is None:
        return None
    if isinstance(value, list):
        return Given(" + ".join(sorted(value)) or "none", question_score(question, tuple(value)))
    score = question_score(question, value)
    if question.kind == "numeric":
        return Given("none" if score is None else f"{score:g}", score)
    return Given(str(value), score)


def _of_review(evaluation: Any, condition: ColumnElement[bool] | InstrumentedAttribute[bool]) -> Any:
    return and_(
        evaluation.tenant_id == Review.tenant_id,
        evaluation.interaction_id == Review.interaction_id,
        evaluation.superseded_at.is_(None),
        condition,
    )
