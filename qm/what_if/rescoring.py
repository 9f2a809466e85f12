"""Reads the stored evaluations of a period and rescores them with another version of their scorecard."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, select
from sqlalchemy.orm import Session

from qm.interactions.models import Interaction
from qm.reports.request import Period
from qm.reviews.models import Evaluation
from qm.what_if.answer_mapping import FormMapping, Rescored, StoredAnswer, rescored
from qm.what_if.comparison import Pair
from scorecards.authoring.models import Definition
from scorecards.definitions.form import PILLARS, Form
from scorecards.scoring.scoring import FormScore
from tenants.models import Client

# Answers are large; so many evaluations at a time are held while they are rescored.
CHUNK = 500
_READ = (
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
    """Which evaluations to read: of the client's interactions of a period, those of these versions.

    `filters` narrows by channel, program or queue; `visible` is what the caller may see.
    """

    client: Client
    period: Period
    versions: Sequence[Definition]
    filters: Mapping[str, str]
    visible: ColumnElement[bool]
    limit: int


@dataclass(frozen=True, slots=True)
class RescoredEvaluation:
    """One stored evaluation with its two scores, and the questions that it has no usable answer to."""

    kind: str
    pair: Pair
    missing: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Rescoring:
    """What was read and rescored, newest interaction first.

    `complete` is false when the period holds more than were read, which then reach back to `oldest`;
    `not_applicable` were read, but the scorecard would no longer judge their channel or program.
    """

    cases: Sequence[RescoredEvaluation]
    complete: bool
    oldest: datetime | None
    not_applicable: int
    removed: Sequence[str]
    reworded: Sequence[str]


def rescore(session: Session, wanted: RescoringQuery, form: Form) -> Rescoring:
    """Rescore the newest of the wanted evaluations, at most `limit`; stores nothing."""
    crossings: dict[tuple[Any, str], FormMapping] = {}
    bodies = {each.definition_id: each.body for each in wanted.versions}
    cases: list[RescoredEvaluation] = []
    read, oldest, complete = 0, None, True
    with session.execute(_newest(wanted), execution_options={"yield_per": CHUNK}) as rows:
        for row in rows:
            if read == wanted.limit:
                complete = False
                break
            read, oldest = read + 1, row.started_at
            if form.applies_to.matches(row.channel, row.program):
                way = row.scorecard_id, row.kind
                if way not in crossings:
                    earlier = Form.from_body(bodies[row.scorecard_id])
                    crossings[way] = FormMapping.between(earlier, form, automatic=row.kind == "automatic")
                cases.append(_case(crossings[way], row))
    return Rescoring(
        cases=cases,
        complete=complete,
        oldest=oldest,
        not_applicable=read - len(cases),
        removed=tuple(dict.fromkeys(key for each in crossings.values() for key in each.removed)),
        reworded=tuple(dict.fromkeys(key for each in crossings.values() for key in each.reworded)),
    )


def _newest(wanted: RescoringQuery) -> Select[Any]:
    """Return the statement of the newest present evaluations, one more than the limit."""
    of_interaction = and_(
        Evaluation.tenant_id == Interaction.tenant_id,
        Evaluation.interaction_id == Interaction.interaction_id,
    )
    return (
        select(*_READ)
        .join(Evaluation, of_interaction)
        .where(
            Interaction.tenant_id == wanted.client.tenant_id,
            Interaction.client_id == wanted.client.client_id,
            Interaction.started_at >= wanted.period.start,
            Interaction.started_at < wanted.period.end,
            *(
                func.coalesce(getattr(Interaction, name), "") == value
                for name, value in wanted.filters.items()
            ),
            Evaluation.scorecard_id.in_([each.definition_id for each in wanted.versions]),
            Evaluation.superseded_at.is_(None),
            wanted.visible,
        )
        .order_by(
            Interaction.started_at.desc(), Interaction.interaction_id.desc(), Evaluation.evaluation_id.desc()
        )
        .limit(wanted.limit + 1)
    )


def _case(crossing: FormMapping, row: Row[Any]) -> RescoredEvaluation:
    answers = dict(_kept(row.answers))
    found: Rescored = rescored(crossing, answers, channel=row.channel, intent=row.intent)
    pair = Pair(row.interaction_id, row.agent, _before(row), found.score)
    return RescoredEvaluation(row.kind, pair, found.missing)


def _kept(answers: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, StoredAnswer]]:
    for answer in answers:
        value = answer.get("value")
        known = tuple(value) if isinstance(value, list) else value
        yield answer["question"], StoredAnswer(known, bool(answer.get("na")))


def _before(row: Row[Any]) -> FormScore:
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
