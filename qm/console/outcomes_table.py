"""Outcomes on the report page: each with its interval, and how it goes with empathy, in words."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext

from qm.console.formatting import signed


def outcomes_table(report: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the rows of the report on outcomes with their names; None where no outcome is known or shown."""
    rows = [
        {**row, "name": _name(row["measure"]), "unit": _unit(row["measure"])} for row in report["measures"]
    ]
    if not any(row["estimate"] is not None for row in rows):
        return None
    said = [_relation(row) for row in rows if _limits(row) is not None]
    return {"rows": rows, "told": said, "related": any(_is_clear(row) for row in rows)}


def _name(measure: str) -> str:
    return {
        "csat": str(gettext("Satisfaction (CSAT), 1 to 5")),
        "nps": str(gettext("Net promoter score (NPS)")),
        "first_contact": str(gettext("Solved at the first contact, per cent")),
        "reopened": str(gettext("Reopened, per cent")),
    }[measure]


def _unit(measure: str) -> int:
    """Return the decimal places that a measure is told with."""
    return 2 if measure == "csat" else 1


def _limits(row: Mapping[str, Any]) -> tuple[float, float] | None:
    low, high = row["per_10_low"], row["per_10_high"]
    return None if low is None or high is None else (low, high)


def _is_clear(row: Mapping[str, Any]) -> bool:
    """Whether an outcome goes with empathy by more than chance: its interval leaves out 0."""
    limits = _limits(row)
    return limits is not None and not limits[0] <= 0 <= limits[1]


def _relation(row: Mapping[str, Any]) -> str:
    """Say how an outcome goes with empathy; the template adds that this is no proof of a cause."""
    told = {
        "outcome": row["name"],
        "change": signed(row["per_10_points"], 2),
        "low": signed(row["per_10_low"], 2),
        "high": signed(row["per_10_high"], 2),
    }
    if not _is_clear(row):
        return str(
            gettext(
                "%(outcome)s: among alike interactions no clear relation with empathy (%(low)s to %(high)s "
                "for 10 points more).",
                **told,
            )
        )
    return str(
        gettext(
            "%(outcome)s: among alike interactions, 10 points more empathy go with %(change)s (95 %% "
            "interval %(low)s to %(high)s).",
            **told,
        )
    )
