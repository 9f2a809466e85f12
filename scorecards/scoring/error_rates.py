"""Passing and critical errors of one evaluation, as rates of 0 or 100 (pure)."""

from collections.abc import Collection
from typing import Any

from scorecards.definitions.form import AREAS, Form


def error_rates(
    form: Form, *, score: float | None, outcome: str | None, critical: Collection[str]
) -> dict[str, Any]:
    """Return the rates of one evaluation, whose means over many are the rates of all.

    Parameters
    ----------
    form
        The scorecard version of the evaluation.
    score
        Total in [0, 100]; None when nothing was scored.
    outcome : {'pass', 'fail'} or None
        None without a pass mark.
    critical
        Keys of the questions whose critical answer failed.

    Returns
    -------
    dict
        `pass_rate`: 100 for a pass, 0 for a fail, None without an outcome. `critical_customer`,
        `critical_business`, `critical_compliance`: 100 when a critical question of that area failed, 0 when
        none did; None when nothing was scored or the form has no critical question of that area.
    """
    areas = {key: each.critical.area for key, each in form.questions.items() if each.critical}
    failed = {areas[key] for key in critical if key in areas}
    rates: dict[str, Any] = {"pass_rate": None if outcome is None else 100.0 * (outcome == "pass")}
    for area in AREAS:
        defined = score is not None and area in areas.values()
        rates[f"critical_{area}"] = 100.0 * (area in failed) if defined else None
    return rates
