"""Against differencing: what stakeholders may ask, so that two answers do not tell of a few interactions.

Whoever may ask for any days can subtract two periods that differ by one interaction, and has its score. So
stakeholders read one whole calendar month that has ended: no two of these overlap. Filters are refused that
leave only a few interactions out, because all others are another answer.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta, tzinfo
from itertools import combinations
from typing import Any

from sqlalchemy.orm import Session

from qm.disclosure import is_small
from qm.reports.queries import rollup_sums
from qm.reports.report_request import Period, ReportRequest
from tenants.http.faults import Fault, Invalid


def whole_month(arguments: Mapping[str, Any], today: date, time_zone: tzinfo) -> Period:
    """Return the month that the days asked for lie in; left out, the last one that has ended.

    Raises
    ------
    Invalid
        For days of several months, and for a month that has not ended.

    Examples
    --------
    >>> from datetime import UTC
    >>> whole_month({"from_": date(2026, 6, 8), "to": date(2026, 6, 20)}, date(2026, 7, 3), UTC)
    Period(first=datetime.date(2026, 6, 1), last=datetime.date(2026, 6, 30))
    >>> whole_month({}, date(2026, 7, 3), UTC)
    Period(first=datetime.date(2026, 6, 1), last=datetime.date(2026, 6, 30))
    """
    this_month = today.replace(day=1)
    given = [arguments[name] for name in ("from_", "to") if arguments.get(name) is not None]
    days = given or [this_month - timedelta(days=1)]
    first = days[0].replace(day=1)
    if days[-1].replace(day=1) != first:
        detail = "A client's stakeholders read one calendar month at a time."
        raise Invalid([Fault("/query/to", "one_month", detail)])
    if first >= this_month:
        detail = "A client's stakeholders read months that have ended; this one has not."
        raise Invalid([Fault("/query/to" if "to" in arguments else "/query/from", "not_ended", detail)])
    return Period(first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1), time_zone)


def check_filters(session: Session, request: ReportRequest) -> None:
    """Check that without some or all of its filters the same report is of no interactions more, or of many.

    Raises
    ------
    Invalid
        Where it is of a few more: the difference would be theirs.
    """
    count = _count(session, request, request.filters)
    for size in reversed(range(len(request.filters))):
        for names in combinations(request.filters, size):
            wider = {name: request.filters[name] for name in names}
            if is_small(_count(session, request, wider) - count):
                detail = (
                    "This filter leaves out fewer than five interactions: subtraction would tell of them."
                )
                faults = [
                    Fault(f"/query/{name}", "too_few_others", detail)
                    for name in request.filters.keys() - wider
                ]
                raise Invalid(sorted(faults, key=lambda fault: fault.pointer))


def _count(session: Session, request: ReportRequest, filters: Mapping[str, str]) -> int:
    sums = rollup_sums(session, replace(request, filters=filters), names=("scored",))
    return int(sum(each["scored"] for each in sums.values()))
