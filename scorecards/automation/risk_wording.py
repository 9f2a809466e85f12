"""A promise about automatic answers in words that a quality manager reads (pure)."""

from collections.abc import Iterable, Sequence

from scorecards.automation.risk_control import RARE_CLASS_SHARE, RiskGuarantee, min_cases


def guarantee_in_words(
    found: RiskGuarantee, names: Sequence[str], *, labelled: int, counted: int, limit: float, delta: float
) -> str:
    """Say what is promised, or why nothing is.

    Parameters
    ----------
    found
        The promise, whose classes are places in `names`.
    labelled, counted
        Reviewed interactions that were given, and those left after thinning.
    limit, delta
        As of `scorecards.automation.risk_control.promised`.

    Examples
    --------
    >>> found = Promise(None, code="too_few")
    >>> words(found, ["yes", "no"], labelled=15, counted=12, limit=0.1, delta=0.1)
    '12 of the at least 22 reviewed interactions needed to promise anything.'
    """
    if found.code is None:
        return " ".join(_kept(found, names, limit, delta))
    reason = _why_none(found, names, counted, limit, delta)
    drawn = "as some were drawn far more often than others"
    thin = f" Of {labelled:,} reviewed interactions {counted:,} could be counted, {drawn}."
    return reason + thin if 2 * counted < labelled else reason


def _kept(found: RiskGuarantee, names: Sequence[str], limit: float, delta: float) -> list[str]:
    stand = (
        f"Answers with confidence {found.threshold:g} or more stand ({_share(found.coverage or 0)} of all)."
    )
    said = [
        stand if found.threshold else "All answers stand.",
        f"People would answer otherwise in at most {_share(limit)} of them.",
    ]
    if found.miss_bounds:
        rare = _listed(names, found.miss_bounds)
        said.append(
            f"Of what people answer with {rare}, at most {_share(limit)} each stands as something else."
        )
    if found.unguaranteed_classes:
        said.append(
            f"Nothing is promised of {_listed(names, found.unguaranteed_classes)}, "
            "which people hardly ever answer."
        )
    return [*said, f"The chance of being told this although it is not so is at most {_share(delta)}."]


def _why_none(found: RiskGuarantee, names: Sequence[str], counted: int, limit: float, delta: float) -> str:
    needed = min_cases(limit, delta)
    if found.code == "too_few":
        return f"{counted:,} of the at least {needed} reviewed interactions needed to promise anything."
    if found.code == "rare_class":
        return (
            f"People gave {_listed(names, found.short)} too rarely to see whether the machine misses it: "
            f"each answer given in fewer than {_share(RARE_CLASS_SHARE)} of interactions is needed "
            f"{needed} times."
        )
    if found.code == "misses_rare":
        rare = _listed(names, [place for place, bound in found.miss_bounds.items() if bound > limit])
        return f"The machine may miss more than {_share(limit)} of what people answer with {rare}."
    return (
        f"Of the {found.accepted:,} answers that the machine is surest of, people answered {found.wrong:,} "
        f"otherwise: it may be up to {_share(found.selective_error_upper or 0)} in the long run, "
        f"more than {_share(limit)}."
    )


def _listed(names: Sequence[str], places: Iterable[int]) -> str:
    return ", ".join(f"'{names[place]}'" for place in places)


def _share(share: float) -> str:
    return f"{100 * share:.3g} %"
