"""The report on empowerment: whether agents use the discretion that playbooks leave them, within its limits.

It reads daily sums, which a periodic job keeps (`qm.friction.empowerment`).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qm.friction.models import ANY_CLAUSE, EMPOWERMENT_SUMS, EmpowermentSum
from qm.reports.queries import count_scored
from qm.reports.report_request import NOTHING_SCORED, ReportRequest
from scorecards.authoring import versions
from scorecards.definitions.playbook import Playbook
from scorecards.statistics.confidence_intervals import Interval, wilson

METHOD_NOTE = (
    "Discretion applies where a playbook was triggered and the customer said what the discretion would "
    "help with, as the machine reads it. It was used where the agent said so, or a `discretion_used` "
    "event says so, whose amount counts before words. What went over its limit is told apart and is no "
    "empowerment; what was used without an amount that can be compared is in no share. Intervals are "
    "Wilson's. Where several agents spoke, all of them count together; an interaction with two "
    "discretions counts once in the overall figure."
)
_COUNTS = ("applied", "used_within", "over_limit", "unclear", "unused", "unasked", "unasked_over")
_SHARES = ("share", "low", "high", "over_share", "over_low", "over_high")


def report(session: Session, request: ReportRequest, scored: int | None = None) -> dict[str, Any]:
    """Return the answer of `reports/empowerment`; `scored` is their number, where it is known already."""
    found = _load(session, request)
    total = count_scored(session, request) if scored is None else scored
    books = _playbooks(session, request)
    overall = figures(request, total, found.pop(ANY_CLAUSE, {}))
    hidden = request.suppressed_groups({clause: sums["applied"] for clause, sums in found.items()})
    in_order = sorted(found, key=lambda clause: (-found[clause]["applied"], clause))
    return {
        "client": request.client.slug,
        "from": request.period.first,
        "to": request.period.last,
        "interactions": None if request.suppresses(total) else total,
        "finding": finding(request, total, overall, books),
        "overall": overall,
        "discretions": [
            _named(clause, books)
            | figures(request, total, {} if clause in hidden else found[clause], suppressed=clause in hidden)
            for clause in in_order
        ],
        "method_note": METHOD_NOTE,
    }


def finding(request: ReportRequest, total: int, overall: Mapping[str, Any], books: Sequence[Playbook]) -> str:
    """Return what the period says in a sentence, or what is missing and what to do."""
    if request.suppresses(total) or overall["suppressed"]:
        return "Fewer than five interactions: the figures are kept back."
    if not total:
        return NOTHING_SCORED
    if not overall["applied"]:
        return (
            "In no interaction of this period did a playbook's discretion apply: choose a longer period, or "
            "look whether its triggers and needs are what customers say."
            if any(book.discretion for book in books)
            else "No playbook leaves agents any discretion: publish one with `discretion`."
        )
    if overall["share"] is None:
        return f"Discretion applied in {overall['applied']:,} interactions; too few tell how it was used."
    over = overall["over_limit"] or 0
    beyond = f" In {over:,} they went over the limit." if over else ""
    return (
        f"Where a playbook leaves discretion and the customer needed it, agents used it within its limit in "
        f"{overall['share']:.1f} % of {overall['applied']:,} interactions ({overall['low']:.1f} to "
        f"{overall['high']:.1f}).{beyond}"
    )


def figures(
    request: ReportRequest, total: int, sums: Mapping[str, int], *, suppressed: bool = False
) -> dict[str, Any]:
    """Return counts and shares of interactions in which discretion applied; kept back where one is small."""
    blank: dict[str, Any] = dict.fromkeys((*_COUNTS, *_SHARES))
    applied = sums.get("applied", 0)
    if suppressed or request.visible_count(applied, total) is None:
        return {**blank, "suppressed": True}
    within, over, unclear = (sums.get(name, 0) for name in ("within", "over_limit", "unclear"))
    counts = {"used_within": within, "over_limit": over, "unclear": unclear}
    counts["unused"] = applied - sum(counts.values())
    unasked = {name: sums.get(name, 0) for name in ("unasked", "unasked_over")}
    row = {**blank, "suppressed": False, "applied": applied}
    if any(request.suppresses(each) for each in (*counts.values(), *unasked.values())):
        return row
    told = applied - unclear
    shares = [wilson(each / told, told) if told else Interval() for each in (within, over)]
    limits = [each for share in shares for each in (share.estimate, share.low, share.high)]
    per_cent = (None if each is None else 100 * each for each in limits)
    return {**row, **counts, **unasked, **dict(zip(_SHARES, per_cent, strict=True))}


def _load(session: Session, request: ReportRequest) -> dict[str, dict[str, int]]:
    """Return the sums by clause."""
    sums = [func.sum(getattr(EmpowermentSum, name)) for name in EMPOWERMENT_SUMS]
    statement = (
        select(EmpowermentSum.clause, *sums)
        .where(
            EmpowermentSum.tenant_id == request.client.tenant_id,
            EmpowermentSum.client_id == request.client.client_id,
            EmpowermentSum.day.between(request.period.first, request.period.last),
            *(getattr(EmpowermentSum, name) == value for name, value in request.filters.items()),
        )
        .group_by(EmpowermentSum.clause)
    )
    return {
        clause: {name: int(value) for name, value in zip(EMPOWERMENT_SUMS, values, strict=True)}
        for clause, *values in session.execute(statement)
    }


def _playbooks(session: Session, request: ReportRequest) -> list[Playbook]:
    kinds = ("playbook",)
    client_id = request.client.client_id
    found = versions.in_force(session, client_id=client_id, at=request.now, kinds=kinds)
    return [Playbook.from_body({**each.body, "key": each.key}) for each in found]


def _named(clause: str, books: Sequence[Playbook]) -> dict[str, str]:
    """Return playbook and discretion of a clause, with the name in force; its key where there is none."""
    playbook, _, key = clause.partition("/")
    names = {each.key: each.name for book in books if book.key == playbook for each in book.discretion}
    return {"playbook": playbook, "discretion": key, "name": names.get(key, key)}
