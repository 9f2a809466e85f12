"""The fairness report: whether the machine, or people, judge some groups of interactions otherwise."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, func
from sqlalchemy.orm import Session

from qm.interactions.models import Interaction
from qm.reports.double_scored import double_scored, human, machine, same_version
from qm.reports.questions import Question as Asked
from qm.reviews.models import Review
from scorecards.fairness import FEWEST_REVIEWS, Difference, difference, exceeds_chance
from tenants.credentials import Actor

MEASURES = ("score", "empathy")
DIMENSIONS: Mapping[str, ColumnElement[str]] = {
    "language": func.coalesce(Interaction.language, ""),
    "channel": func.coalesce(Interaction.channel, ""),
    "queue": func.coalesce(Interaction.queue, ""),
    "team": func.coalesce(Interaction.agent_details["team"].astext, ""),
    "site": func.coalesce(Interaction.agent_details["site"].astext, ""),
}
OF_AGENTS = frozenset({"team", "site"})
"""What tells on the people of the provider: never shown to a client's stakeholders."""
STATUSES = {
    "too_small": "Fewer than ten double-scored reviews, in the group or in the rest.",
    "as_chance": "No larger than chance allows.",
    "exceeds_chance": "Larger than chance allows.",
}
Array = NDArray[Any]


def report(session: Session, asked: Asked, actor: Actor, measure: str) -> dict[str, Any]:
    """Return the answer of `reports/fairness`."""
    dimensions = [name for name in DIMENSIONS if not (asked.guarded and name in OF_AGENTS)]
    one, other = getattr(machine, measure), getattr(human, measure)
    columns = (Review.inclusion_probability, one, other, *(DIMENSIONS[name] for name in dimensions))
    statement = double_scored(asked, actor, *columns).where(
        same_version, one.is_not(None), other.is_not(None)
    )
    rows = session.execute(statement.order_by(Review.review_id)).all()
    numbers = np.array([tuple(row[:3]) for row in rows], dtype=np.float64).reshape(len(rows), 3).T
    groups = [
        row
        for place, name in enumerate(dimensions, 3)
        for row in _dimension(asked, name, np.array([row[place] for row in rows], dtype=object), numbers)
    ]
    tests = _judge(groups)
    kept_back = asked.hides(len(rows))
    return {
        "client": asked.client.slug,
        "from": asked.period.first,
        "to": asked.period.last,
        "measure": measure,
        "suppressed": kept_back,
        "double_scored": None if kept_back else len(rows),
        "tests": tests,
        "groups": [] if kept_back else groups,
        "method_note": _note(tests, groups),
    }


def _dimension(asked: Asked, name: str, values: Array, numbers: Array) -> list[dict[str, Any]]:
    """Return a row for each group of a dimension, compared with all interactions outside of it."""
    counts = {value: int((values == value).sum()) for value in sorted(set(values))}
    hidden = asked.hidden(counts)
    rows = []
    for value, n in counts.items():
        row: dict[str, Any] = {"dimension": name, "value": value, "suppressed": value in hidden}
        if value not in hidden:
            row |= {"n": n, **_figures(values == value, *numbers)}
        rows.append({"status": "too_small", "error_exceeds": False, "human_exceeds": False, **row})
    return rows


def _figures(inside: Array, probability: Array, judged: Array, said: Array) -> dict[str, Any]:
    """Compare the machine's error, and what people say, inside a group and outside, in points of 100."""
    weights = 1 / probability
    figures: dict[str, Any] = {}
    for name, values in (("error", judged - said), ("human", said)):
        found = difference(values[inside], weights[inside], values[~inside], weights[~inside])
        if found is not None:
            figures |= _named(name, found)
    return figures


def _named(name: str, found: Difference) -> dict[str, Any]:
    return {
        name: found.group,
        f"{name}_rest": found.rest,
        f"{name}_difference": found.estimate,
        f"{name}_low": found.low,
        f"{name}_high": found.high,
        f"{name}_p_value": found.p_value,
    }


def _judge(groups: list[dict[str, Any]]) -> int:
    """Flag what chance does not explain, over all figures of the page together; return how many those are."""
    tests = [
        (row, name) for row in groups for name in ("error", "human") if row.get(f"{name}_p_value") is not None
    ]
    flags = exceeds_chance([row[f"{name}_p_value"] for row, name in tests])
    for (row, name), flag in zip(tests, flags, strict=True):
        row[f"{name}_exceeds"] = flag
        row["status"] = "exceeds_chance" if flag or row["status"] == "exceeds_chance" else "as_chance"
    return len(tests)


def _note(tests: int, groups: list[dict[str, Any]]) -> str:
    if not tests:
        return (
            "No group has ten double-scored reviews with as many outside of it: nothing can be compared yet."
        )
    flagged = sum(row["status"] == "exceeds_chance" for row in groups)
    said = "No difference exceeds" if not flagged else f"{flagged} of {len(groups)} groups exceed"
    return (
        f"{said} what chance allows. Each group of at least {FEWEST_REVIEWS} double-scored reviews is "
        f"compared with all others, weighted by 1 / inclusion probability; Holm's correction over these "
        f"{tests} comparisons keeps the chance of any false flag on this page below 5 %. A difference "
        "between groups is a reason to look, not a proof of unfairness: groups may differ in what their "
        "customers ask."
    )
