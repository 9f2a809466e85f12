"""The risk guarantee of automatic answers in sentences for quality managers (pure)."""

from collections.abc import Iterable, Sequence

from scorecards.automation.risk_control import RARE_CLASS_SHARE, RiskGuarantee, min_cases


def guarantee_in_words(
    found: RiskGuarantee, names: Sequence[str], *, labelled: int, counted: int, limit: float, delta: float
) -> str:
    """Describe a guarantee, or why there is none.

    Parameters
    ----------
    found
        The guarantee; its classes are indices into `names`.
    names
        Class names.
    labelled, counted
        Reviewed interactions before and after thinning.
    limit, delta
        As of `scorecards.automation.risk_control.select_threshold`.

    Returns
    -------
    str
        One or more sentences; shown to users.

    Examples
    --------
    >>> failed = RiskGuarantee(None, code="too_few")
    >>> guarantee_in_words(failed, ["yes", "no"], labelled=15, counted=12, limit=0.1, delta=0.1)
    '12 of the at least 22 reviewed interactions needed to promise anything.'
    """
    if found.code is None:
        return " ".join(_guarantee_sentences(found, names, limit, delta))
    reason = _failure_reason(found, names, counted, limit, delta)
    cause = "as some were drawn far more often than others"
    thinning = f" Of {labelled:,} reviewed interactions {counted:,} could be counted, {cause}."
    return reason + thinning if 2 * counted < labelled else reason


def _guarantee_sentences(found: RiskGuarantee, names: Sequence[str], limit: float, delta: float) -> list[str]:
    from_threshold = (
        f"Answers with confidence {found.threshold:g} or more stand ({_percent(found.coverage or 0)} of all)."
    )
    sentences = [
        from_threshold if found.threshold else "All answers stand.",
        f"People would answer otherwise in at most {_percent(limit)} of them.",
    ]
    if found.miss_bounds:
        rare = _listed(names, found.miss_bounds)
        sentences.append(
            f"Of what people answer with {rare}, at most {_percent(limit)} each stands as something else."
        )
    if found.unguaranteed_classes:
        sentences.append(
            f"Nothing is promised of {_listed(names, found.unguaranteed_classes)}, "
            "which people hardly ever answer."
        )
    return [*sentences, f"The chance of being told this although it is not so is at most {_percent(delta)}."]


def _failure_reason(
    found: RiskGuarantee, names: Sequence[str], counted: int, limit: float, delta: float
) -> str:
    needed = min_cases(limit, delta)
    if found.code == "too_few":
        return f"{counted:,} of the at least {needed} reviewed interactions needed to promise anything."
    if found.code == "rare_class":
        return (
            f"People gave {_listed(names, found.short)} too rarely to see whether the machine misses it: "
            f"each answer given in fewer than {_percent(RARE_CLASS_SHARE)} of interactions is needed "
            f"{needed} times."
        )
    if found.code == "misses_rare":
        rare = _listed(names, [index for index, bound in found.miss_bounds.items() if bound > limit])
        return f"The machine may miss more than {_percent(limit)} of what people answer with {rare}."
    return (
        f"Of the {found.accepted:,} answers that the machine is surest of, people answered {found.wrong:,} "
        f"otherwise: it may be up to {_percent(found.selective_error_upper or 0)} in the long run, "
        f"more than {_percent(limit)}."
    )


def _listed(names: Sequence[str], indices: Iterable[int]) -> str:
    return ", ".join(f"'{names[index]}'" for index in indices)


def _percent(share: float) -> str:
    return f"{100 * share:.3g} %"
