"""How an agent's discretion was used in an interaction, by words and by what was logged (pure)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

UNUSED, WITHIN, OVER, UNCLEAR = "unused", "within", "over", "unclear"


@dataclass(frozen=True, slots=True)
class DiscretionUse:
    """
    One discretion of one playbook that the customer needed, or that was used.

    Attributes
    ----------
    clause : str
        Its playbook and its key, such as `refunds/goodwill`.
    needed : bool
        Whether the customer said what it would help with.
    use : {'unused', 'within', 'over', 'unclear'}
        "unclear": it was used, and nobody can tell whether within its limit.
    """

    clause: str
    needed: bool
    use: str


def discretion_uses(
    findings: Iterable[Sequence[Mapping[str, Any]]], logged: Sequence[Mapping[str, Any]]
) -> list[DiscretionUse]:
    """
    Return the discretions of an interaction that applied or were used, each once.

    Parameters
    ----------
    findings
        Of each automatic evaluation of the interaction, or of its parts, the findings on playbooks as they
        are stored: with `playbook` and a list of `discretion`.
    logged
        Values of `discretion_used` events: `key`, `amount` and `currency`. Only of a playbook that was
        selected for the interaction do they count.

    Notes
    -----
    One use over the limit makes it `over`, whatever else was granted. A logged amount counts before words:
    they may leave it open.

    Examples
    --------
    >>> goodwill = {"key": "goodwill", "needed": True, "used": False, "within": None, "limit": 25.0,
    ...             "currency": "USD"}
    >>> book = {"playbook": "refunds", "discretion": [goodwill]}
    >>> [(each.clause, each.use) for each in discretion_uses([[book]], [])]
    [('refunds/goodwill', 'unused')]
    >>> logged = {"key": "goodwill", "amount": 20, "currency": "USD"}
    >>> [each.use for each in discretion_uses([[book]], [logged])]
    ['within']
    >>> [each.use for each in discretion_uses([[book]], [{**logged, "currency": "EUR"}])]
    ['unclear']
    """
    needed: dict[str, bool] = {}
    seen: dict[str, list[str]] = {}
    for found in (each for books in findings for book in books for each in _of_book(book, logged)):
        needed[found.clause] = needed.get(found.clause, False) or found.needed
        seen.setdefault(found.clause, []).append(found.use)
    uses = [DiscretionUse(clause, needed[clause], _joined(given)) for clause, given in sorted(seen.items())]
    return [each for each in uses if each.needed or each.use != UNUSED]


def _of_book(book: Mapping[str, Any], logged: Sequence[Mapping[str, Any]]) -> Iterable[DiscretionUse]:
    for finding in book.get("discretion") or ():
        said = _said(finding)
        events = [_logged(finding, each) for each in logged if each.get("key") == finding["key"]]
        use = _joined(events or [said]) if said != OVER else OVER
        yield DiscretionUse(f"{book['playbook']}/{finding['key']}", bool(finding.get("needed")), use)


def _said(finding: Mapping[str, Any]) -> str:
    if not finding.get("used"):
        return UNUSED
    within = finding.get("within")
    return UNCLEAR if within is None else WITHIN if within else OVER


def _logged(finding: Mapping[str, Any], event: Mapping[str, Any]) -> str:
    limit, amount = finding.get("limit"), event.get("amount")
    if limit is None:
        return WITHIN
    currency = finding.get("currency")
    if amount is None or (currency is not None and event.get("currency") != currency):
        return UNCLEAR
    return WITHIN if amount <= limit else OVER


def _joined(uses: Iterable[str]) -> str:
    given = set(uses)
    return next((each for each in (OVER, WITHIN, UNCLEAR) if each in given), UNUSED)
