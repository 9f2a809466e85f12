"""The figure of friction on the report page: themes in Pareto order, and what stands out of them in words."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask_babel import gettext

from qm.console import charts
from qm.console.formatting import day as written_day
from qm.console.formatting import number, words
from qm.console.interaction_links import Link

MOST_THEMES = 10
QUOTED_THEMES = 3


def friction_figure(report: Mapping[str, Any], link: Link) -> dict[str, Any] | None:
    """Return the figure of the friction report; None where there is no theme or none may be shown."""
    rows = [{**row, "name": _name(row)} for row in report["themes"]]
    shown = [row for row in rows if not row["suppressed"]][:MOST_THEMES]
    if not shown:
        return None
    shares = [
        charts.Share(row["name"], row["share"], row["cumulative_share"], link(theme=row["theme"]))
        for row in shown
    ]
    title = gettext("Themes by their share of all interactions, per cent")
    legend = gettext(
        "Bar and first number: per cent of all interactions. Line and second: together with those above."
    )
    return {
        "words": _finding(shown),
        "svg": charts.pareto(title, shares, legend),
        "rows": rows,
        "shown": shown,
        "told": [*_apologies(shown), *_changes(shown)],
        "quoted": [row for row in shown if row["quotes"]][:QUOTED_THEMES],
        "without": report["without_theme"],
    }


def _name(row: Mapping[str, Any]) -> str:
    return words(row["name"]) if row["name"] == row["theme"] else str(row["name"])


def _finding(rows: Sequence[Mapping[str, Any]]) -> str:
    """Say which themes make up how much: as many as come to half of all interactions, three at most."""
    enough = next((place for place, row in enumerate(rows, 1) if row["cumulative_share"] >= 50), len(rows))
    count = min(enough, 3)
    told = {
        "themes": ", ".join(row["name"] for row in rows[:count]),
        "share": number(rows[count - 1]["cumulative_share"], 0),
    }
    if count == 1:
        return str(gettext("%(themes)s is the subject of %(share)s %% of all interactions", **told))
    return str(gettext("%(share)s %% of all interactions are about these: %(themes)s", **told))


def _apologies(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Name what agents apologise for clearly more often than elsewhere, and what that cost together."""
    named = [row for row in rows if row["apologises_again"]]
    if not named:
        return []
    told = ", ".join(f"{row['name']} ({number(row['apology_share'], 0)} %)" for row in named)
    text = (
        gettext(
            "Agents apologise again and again for %(theme)s: in %(share)s %% of its interactions, clearly "
            "more often than elsewhere. That is a fault of the product, not of the agents.",
            theme=named[0]["name"],
            share=number(named[0]["apology_share"], 0),
        )
        if len(named) == 1
        else gettext(
            "Agents apologise again and again for these, in so much of their interactions, clearly more "
            "often than elsewhere: %(themes)s. These are faults of the product, not of the agents.",
            themes=told,
        )
    )
    hours = [row["apology_hours"] for row in named if row["apology_hours"] is not None]
    if hours:
        text += " " + (
            gettext("It cost %(hours)s hours.", hours=number(sum(hours)))
            if len(named) == 1
            else gettext("Together they cost %(hours)s hours.", hours=number(sum(hours)))
        )
    return [str(text)]


def _changes(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    said = []
    for row in rows:
        if row["changed_on"] is None:
            continue
        told = {
            "theme": row["name"],
            "day": written_day(date.fromisoformat(row["changed_on"])),
            "before": number(row["share_before"]),
            "after": number(row["share_after"]),
        }
        if row["share_after"] > row["share_before"]:
            text = gettext(
                "%(theme)s: more since %(day)s, from %(before)s to %(after)s %% of a day's interactions.",
                **told,
            )
        else:
            text = gettext(
                "%(theme)s: less since %(day)s, from %(before)s to %(after)s %% of a day's interactions.",
                **told,
            )
        said.append(str(text))
    return said
