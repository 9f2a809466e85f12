"""Rescores the stored evaluations of a period with another version of their scorecard."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, select
from sqlalchemy.orm import Session

from qm.interactions.models import Interaction
from qm.reports.report_request import Period
from qm.reviews.models import Evaluation
from qm.what_if.answer_mapping import FormMapping, Rescored, StoredAnswer, rescore_answers
from qm.what_if.comparison import ScorePair
from scorecards.authoring.models import Definition
from scorecards.definitions.form import PILLARS, Form
from scorecards.scoring.scoring import FormScore
from tenants.models import Client

# Rows fetched at a time; answers are large.
CHUNK_SIZE = 500
_COLUMNS = (
    Interaction.interaction_id,
    Interaction.started_at,
    Interaction.agent,
    Interaction.channel,
    Interaction.program,
    Interaction.intent,
    Evaluation.kind,
    Evaluation.scorecard_id,
    Evaluation.answers,
    Evaluation.sections,
    Evaluation.critical,
    Evaluation.score,
    Evaluation.outcome,
    Evaluation.band,
    Evaluation.empathy,
    *(getattr(Evaluation, pillar) for pillar in PILLARS),
)


@dataclass(frozen=True, slots=True)
class RescoringQuery:
    """Which evaluations to read: of a client's interactions of a period, those under these versions.

    `filters` is by channel, program or queue; `visible` is the condition of what the caller may see.
    """

    client: Client
    period: Period
    versions: Sequence[Definition]
    filters: Mapping[str, str]
    visible: ColumnElement[bool]
    limit: int


@dataclass(frozen=True, slots=True)
class RescoredEvaluation:
    """One stored evaluation with both scores, and the questions without a usable answer."""

    kind: str
    pair: ScorePair
    missing: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Rescoring:
    """The rescored evaluations, newest interaction first.

    `complete` is false if the limit was reached; the evaluations then reach back to `oldest`.
    `not_applicable` counts those whose channel or program the scorecard no longer applies to.
    """

    cases: Sequence[RescoredEvaluation]
    complete: bool
    oldest: datetime | None
    not_applicable: int
    removed: Sequence[str]
    reworded: Sequence[str]


def rescore_evaluations(session: Session, query: RescoringQuery, form: Form) -> Rescoring:
    """Rescore the newest evaluations of the query, at most its `limit`; stores nothing."""
    mappings: dict[tuple[Any, str], FormMapping] = {}
    bodies = {each.definition_id: each.body for each in query.versions}
    cases: list[RescoredEvaluation] = []
    read, oldest, complete = 0, None, True
    with session.execute(_select_newest(query), execution_options={"yield_per": CHUNK_SIZE}) as rows:
        for row in rows:
            if read == query.limit:
                complete = False
                break
            read, oldest = read + 1, row.started_at
            if form.applies_to.matches(row.channel, row.program):
                key = row.scorecard_id, row.kind
                if key not in mappings:
                    earlier = Form.from_body(bodies[row.scorecard_id])
                    mappings[key] = FormMapping.between(earlier, form, automatic=row.kind == "automatic")
                cases.append(_case(mappings[key], row))
    return Rescoring(
        cases=cases,
        complete=complete,
        oldest=oldest,
        not_applicable=read - len(cases),
        removed=tuple(dict.fromkeys(key for each in mappings.values() for key in each.removed)),
        reworded=tuple(dict.fromkeys(key for each in mappings.values() for key in each.reworded)),
    )


def _select_newest(query: RescoringQuery) -> Select[Any]:
    """Return the statement of the newest current evaluations, one more than the limit."""
    of_interaction = and_(
        Evaluation.tenant_id == Interaction.tenant_id,
        Evaluation.interaction_id == Interaction.interaction_id,
    )
    return (
        select(*_COLUMNS)
        .join(Evaluation, of_interaction)
        .where(
            Interaction.tenant_id == query.client.tenant_id,
            Interaction.client_id == query.client.client_id,
            Interaction.started_at >= query.period.start,
            Interaction.started_at < query.period.end,
            *(
                func.coalesce(getattr(Interaction, name), "") == value
                for name, value in query.filters.items()
            ),
            Evaluation.scorecard_id.in_([each.definition_id for each in query.versions]),
            Evaluation.superseded_at.is_(None),
            query.visible,
        )
        .order_by(
            Interaction.started_at.desc(), Interaction.interaction_id.desc(), Evaluation.evaluation_id.desc()
        )
        .limit(query.limit + 1)
    )


def _case(mapping: FormMapping, row: Row[Any]) -> RescoredEvaluation:
    answers = dict(_stored_answers(row.answers))
    rescored: Rescored = rescore_answers(mapping, answers, channel=row.channel, intent=row.intent)
    pair = ScorePair(row.interaction_id, row.agent, _stored_score(row), rescored.score)
    return RescoredEvaluation(row.kind, pair, rescored.missing)


def _stored_answers(answers: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, StoredAnswer]]:
    for answer in answers:
        value = answer.get("value")
        known = tuple(value) if isinstance(value, list) else value
        yield answer["question"], StoredAnswer(known, bool(answer.get("na")))


def _stored_score(row: Row[Any]) -> FormScore:
    return FormScore(
        total=row.score,
        sections=row.sections,
        pillars={pillar: getattr(row, pillar) for pillar in PILLARS},
        empathy=row.empathy,
        outcome=row.outcome,
        band=row.band,
        critical=tuple(row.critical),
        shown=(),
    )
