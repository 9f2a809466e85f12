"""The report of disputes: by question, reviewer, initiator, outcome and days to a decision."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from qm.disputes.access import LAPSED, is_in_force
from qm.disputes.dispute_figures import DAYS, LATER, UNDECIDED, WITHDRAWN, Case, Figures, figures
from qm.disputes.models import OUTCOMES, SIDES, WAITING, Dispute, DisputeAnswer
from qm.reports.report_request import ReportRequest
from qm.reviews.blindness import visible_evaluations
from qm.reviews.models import Evaluation
from scorecards.authoring.models import Definition
from scorecards.definitions.form import Form
from tenants.credentials import Actor
from tenants.http.faults import Fault, Invalid
from tenants.users import people_by_id

GROUPINGS = ("question", "reviewer", "initiator", "outcome", "days")
_SECONDS_OF_DAY = 86_400


def report(session: Session, request: ReportRequest, actor: Actor) -> dict[str, Any]:
    """Return the answer of `reports/disputes`.

    Raises
    ------
    Invalid
        When a client's own people ask by reviewer.
    """
    if request.suppress_small and request.group_by == "reviewer":
        detail = "A client's stakeholders see no figures of single reviewers; group by something else."
        raise Invalid([Fault("/query/group_by", "reviewers_not_shown", detail)])
    cases, states = _load(session, request, actor)
    overall = figures(cases)
    suppressed = request.suppresses(overall.interactions)
    return {
        "client": request.client.slug,
        "from": request.period.first,
        "to": request.period.last,
        "group_by": request.group_by,
        "suppressed": suppressed,
        **_shown(request, overall, hidden=suppressed),
        **{
            name: None if suppressed else request.visible_count(states[name], overall.disputes)
            for name in ("waiting", "appealed", LAPSED, WITHDRAWN)
        },
        "groups": [] if suppressed else _groups(session, request, cases),
        "method_note": _method_note(overall.disputes, suppressed=suppressed),
    }


def _load(session: Session, request: ReportRequest, actor: Actor) -> tuple[list[Case], Counter[str]]:
    rows = session.execute(
        select(Dispute, is_in_force().label("in_force"), DisputeAnswer)
        .join(
            DisputeAnswer,
            (DisputeAnswer.tenant_id == Dispute.tenant_id) & (DisputeAnswer.dispute_id == Dispute.dispute_id),
        )
        .where(
            Dispute.tenant_id == request.client.tenant_id,
            Dispute.client_id == request.client.client_id,
            Dispute.opened_at >= request.period.start,
            Dispute.opened_at < request.period.end,
            visible_evaluations(actor, Dispute),
        )
        .order_by(Dispute.opened_at, Dispute.dispute_id, DisputeAnswer.number)
    ).all()
    states: Counter[str] = Counter()
    for dispute, standing in {row.Dispute.dispute_id: (row.Dispute, row.in_force) for row in rows}.values():
        states["appealed"] += dispute.appealed_at is not None
        states[WITHDRAWN] += dispute.state == WITHDRAWN
        if dispute.state in WAITING:
            states["waiting" if standing else LAPSED] += 1
    return [_case(row.Dispute, row.DisputeAnswer) for row in rows], states


def _case(dispute: Dispute, answer: DisputeAnswer) -> Case:
    days = None
    if dispute.decided_at is not None:
        days = (dispute.decided_at - dispute.opened_at).total_seconds() / _SECONDS_OF_DAY
    moved = None
    if dispute.decided_at and dispute.score_after is not None and dispute.score_before is not None:
        moved = dispute.score_after - dispute.score_before
    return Case(
        dispute=str(dispute.dispute_id),
        interaction=str(dispute.interaction_id),
        question=answer.question,
        reviewer=str(dispute.reviewer_id),
        side=dispute.side,
        outcome=answer.outcome,
        days=days,
        score_change=moved,
        withdrawn=dispute.state == WITHDRAWN,
    )


def _groups(session: Session, request: ReportRequest, cases: Sequence[Case]) -> list[dict[str, Any]]:
    grouped: dict[str, list[Case]] = {name: [] for name in _ORDER.get(request.group_by, ())}
    for case in cases:
        grouped.setdefault(_value(case, request.group_by), []).append(case)
    found = {name: figures(group) for name, group in grouped.items() if group}
    hidden = request.suppressed_groups({name: each.interactions for name, each in found.items()})
    texts = _texts(session, request, list(found))
    names = list(found)
    if request.group_by not in _ORDER:
        names.sort(key=lambda name: (-found[name].answers, texts.get(name, name)))
    return [
        {
            "value": name,
            "text": texts.get(name),
            "suppressed": name in hidden,
            **_shown(request, found[name], hidden=name in hidden),
        }
        for name in names
    ]


_ORDER: Mapping[str, Sequence[str]] = {
    "initiator": SIDES,
    "outcome": (*OUTCOMES, UNDECIDED, WITHDRAWN),
    "days": (*(name for name, _ in DAYS), LATER, UNDECIDED, WITHDRAWN),
}


def _value(case: Case, group_by: str) -> str:
    values = {
        "question": case.question,
        "reviewer": case.reviewer,
        "initiator": case.side,
        "outcome": case.outcome_group,
        "days": case.days_group,
    }
    return values[group_by]


def _texts(session: Session, request: ReportRequest, names: Sequence[str]) -> dict[str, str]:
    """Return the texts of questions, or the names of reviewers."""
    if request.group_by == "reviewer":
        people = people_by_id(session, _reviewers(session, request))
        return {str(key): person["name"] for key, person in people.items()}
    if request.group_by != "question":
        return {}
    texts: dict[str, str] = {}
    for body in session.scalars(_disputed_scorecards(request)):
        questions = Form.from_body(body).questions
        texts |= {key: questions[key].text for key in names if key in questions}
    return texts


def _reviewers(session: Session, request: ReportRequest) -> Sequence[Any]:
    return session.scalars(
        select(Dispute.reviewer_id).where(Dispute.client_id == request.client.client_id).distinct()
    ).all()


def _disputed_scorecards(request: ReportRequest) -> Any:
    """Return the statement of the bodies of the scorecard versions that were disputed, oldest first."""
    disputed = (
        select(Evaluation.scorecard_id)
        .join(
            Dispute,
            (Dispute.tenant_id == Evaluation.tenant_id) & (Dispute.evaluation_id == Evaluation.evaluation_id),
        )
        .where(
            Dispute.client_id == request.client.client_id,
            Dispute.opened_at >= request.period.start,
            Dispute.opened_at < request.period.end,
        )
    )
    wanted = select(Definition.body).where(Definition.definition_id.in_(disputed))
    return wanted.order_by(Definition.version)


def _shown(request: ReportRequest, found: Figures, *, hidden: bool) -> dict[str, Any]:
    """Return figures as they may be shown; a share is kept back with a count that is."""
    counts = {"kept": found.kept, "as_proposed": found.as_proposed, "other": found.other}
    seen = {name: request.visible_count(count, found.answers) for name, count in counts.items()}
    decided = request.visible_count(found.decided, found.answers)
    if None in seen.values():  # the last one would follow from the others
        seen = dict.fromkeys(seen) if request.suppress_small else seen
    partly = decided is None or None in seen.values()
    changed = found.changed
    return {
        "disputes": None if hidden else found.disputes,
        "answers": None if hidden else found.answers,
        "decided": None if hidden else decided,
        **{name: None if hidden else count for name, count in seen.items()},
        "changed_share": None if hidden or partly else changed.estimate,
        "changed_low": None if hidden or partly else changed.low,
        "changed_high": None if hidden or partly else changed.high,
        "days": None if hidden or decided is None else found.days,
        "score_change": None if hidden or decided is None else found.score_change,
    }


def _method_note(disputes: int, *, suppressed: bool) -> str:
    if suppressed:
        return "Fewer than five interactions: the figures are kept back."
    if not disputes:
        return "Nothing was disputed in this period."
    return (
        f"{disputes:,} disputes that were opened in this period. Shares are of the answers with a decision, "
        "the last one where it was appealed; their intervals are Wilson's at 95 %. Who disputes chooses what "
        "is disputed: a share says how often a dispute was right, not how often reviewers are wrong."
    )
