"""What the report of a period shows, as page, PDF and pictures alike: every report and figure, read once."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from qm.console.empathy_figures import FEW, by_month, goals_of, pillars_figure, trend_figure
from qm.console.friction_figure import friction_figure
from qm.console.interaction_links import Link, interaction_links, no_link
from qm.console.load_figure import load_figure
from qm.console.outcomes_table import outcomes_table
from qm.console.report_basis import report_basis
from qm.console.report_summary import summary
from qm.console.sentiment_figure import sentiment_figure
from qm.corrective_actions.writing import read_corrective_actions
from qm.reports import (
    empathy_report,
    empowerment_report,
    friction_report,
    moments_report,
    outcomes_report,
    overview_report,
    retention_report,
    sentiment_report,
    target_report,
    workload_report,
)
from qm.reports.empowerment_schemas import EmpowermentReportSchema
from qm.reports.friction_schemas import FrictionReportSchema
from qm.reports.moments_schemas import MomentsReportSchema
from qm.reports.outcomes_schemas import OutcomesReportSchema
from qm.reports.period_data import load_period_data
from qm.reports.report_request import ReportRequest
from qm.reports.retention_schemas import RetentionReportSchema
from qm.reports.reviewed_sample import EMPATHY_MEASURES
from qm.reports.schemas import EmpathyReportSchema, OverviewReportSchema
from qm.reports.sentiment_schemas import SentimentReportSchema
from qm.reports.target_schemas import TargetReportSchema
from qm.reports.workload_schemas import WorkloadReportSchema
from scorecards.sampling.worked_queue import WorkedQueue
from tenants.credentials import Actor

# Made once: a new schema copies all of its fields, and those of its parts.
_EMPATHY = EmpathyReportSchema()
_OVERVIEW = OverviewReportSchema()
_TARGET = TargetReportSchema()
_OUTCOMES = OutcomesReportSchema()
_MOMENTS = MomentsReportSchema()
_SENTIMENT = SentimentReportSchema()
_FRICTION = FrictionReportSchema()
_RETENTION = RetentionReportSchema()
_EMPOWERMENT = EmpowermentReportSchema()
_WORKLOAD = WorkloadReportSchema()
_MEASURES = (*overview_report.ESTIMATED, *EMPATHY_MEASURES)


def report_contents(
    session: Session, request: ReportRequest, actor: Actor, *, linked: bool = True
) -> dict[str, Any]:
    """Return all that the templates of the report show; `linked` if its marks lead to interactions."""
    link = interaction_links(request, actor) if linked else no_link
    whole = replace(request, group_by="month")  # no breakdown of the period itself is shown
    data = load_period_data(session, whole, _MEASURES, overview_report.ROLLUP_NAMES)
    overview = overview_report.report(session, whole, data)
    targets = target_report.report(session, whole, data, overview["sla"]["promises"])
    found = {
        "overview": _OVERVIEW.dump(overview),
        "empathy": _EMPATHY.dump(empathy_report.report(session, whole, data)),
        "targets": _TARGET.dump(targets),
    }
    goals = goals_of(found["targets"])
    friction = _friction(session, request, actor, link)
    basis = report_basis(session, request)
    outcomes = _OUTCOMES.dump(outcomes_report.report(session, request))
    actions = read_corrective_actions(
        session, request.client, request.period.first, request.period.last, authors=actor.sees_agents
    )
    return {
        "report": found["overview"],
        "verdict": found["targets"],
        "empathy": found["empathy"],
        "trend": _trend(session, request, goals, link, data.reviewed.queue),
        "pillars": pillars_figure(found["empathy"], goals, link),
        "sentiment": _sentiment(session, request, link),
        "friction": friction,
        "outcomes": outcomes_table(outcomes),
        **_service(session, request, int(data.population.sums.get("scored", 0))),
        "moments": _MOMENTS.dump(moments_report.report(session, request, actor)),
        "summary": summary(found, basis["provider"], friction, actions, kept_back=request.suppress_small),
        "basis": basis,
        "actions": actions,
        "few": FEW,
        "period": request.period,
        "link": link,
    }


def _trend(
    session: Session,
    request: ReportRequest,
    goals: Mapping[str, float],
    link: Link,
    queue: WorkedQueue | None = None,
) -> Any:
    months = by_month(request)
    data = load_period_data(session, months, EMPATHY_MEASURES, queue=queue)
    found = _EMPATHY.dump(empathy_report.report(session, months, data))
    return trend_figure(found, goals, request.period, link)


def _sentiment(session: Session, request: ReportRequest, link: Link) -> Any:
    return sentiment_figure(
        _SENTIMENT.dump(sentiment_report.report(session, replace(request, group_by="month"))),
        link,
    )


def _friction(session: Session, request: ReportRequest, actor: Actor, link: Link) -> Any:
    return friction_figure(_FRICTION.dump(friction_report.report(session, request, actor)), link)


def _service(session: Session, request: ReportRequest, scored: int) -> dict[str, Any]:
    """Return the parts on how the service works; the period has so many scored interactions."""
    workload = _WORKLOAD.dump(workload_report.report(session, request, scored))
    return {
        "retention": _RETENTION.dump(retention_report.report(session, request)),
        "empowerment": _EMPOWERMENT.dump(empowerment_report.report(session, request, scored)),
        "workload": workload,
        "load": load_figure(workload),
    }


def _goals(session: Session, request: ReportRequest) -> dict[str, float]:
    return goals_of(_TARGET.dump(target_report.report(session, request)))


def _pillars(session: Session, request: ReportRequest) -> Any:
    found = _EMPATHY.dump(empathy_report.report(session, request))
    return pillars_figure(found, _goals(session, request), no_link)


Figure = Callable[[Session, ReportRequest, Actor], Mapping[str, Any] | None]
FIGURES: Mapping[str, Figure] = {
    "trend": lambda session, request, _: _trend(session, request, _goals(session, request), no_link),
    "empathy": lambda session, request, _: _pillars(session, request),
    "sentiment": lambda session, request, _: _sentiment(session, request, no_link),
    "friction": lambda session, request, actor: _friction(session, request, actor, no_link),
    "workload": lambda session, request, _: load_figure(
        _WORKLOAD.dump(workload_report.report(session, request))
    ),
}
"""The figures that are pictures, by the name in their address; each None where there is nothing to draw."""
