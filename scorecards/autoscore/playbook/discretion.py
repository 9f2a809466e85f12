"""How an agent's discretion was used: whether it was needed, used, and within its limit."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from scorecards.autoscore.annotation.transcript import Annotation, Sentence
from scorecards.autoscore.playbook.findings import DiscretionFinding
from scorecards.autoscore.text import money
from scorecards.autoscore.text.money import Amount
from scorecards.definitions.form import Span
from scorecards.definitions.playbook import Discretion, Playbook

_THING = r"(?:order|purchase|item|bill|invoice|total|price|charge|plan|subscription|balance|payment|fee)"
_OF_A_THING_BEHIND = re.compile(rf"[\s-]+(?:\w+\s+)?{_THING}s?\b")
_OF_A_THING_BEFORE = re.compile(
    rf"\b(?:{_THING}s?|paid|charged|cost|costs|spent|billed|pay)(?:\s+(?:you|us|was|is|were|of|for|at|over|worth))*"
    r"\s*$"
)
_WINDOW = 40


class Use(NamedTuple):
    """A phrase that uses a discretion, and the number of the agent's sentence it stands in."""

    mark: Annotation
    sentence: int


class _Used(NamedTuple):
    amount: float | None
    foreign: bool


def signal_of(book: Playbook, allowed: Discretion) -> str:
    """Return the name that a discretion is looked up by."""
    return f"{book.key}/discretion/{allowed.key}"


def judged(
    book: Playbook,
    allowed: Discretion,
    needs: Sequence[Annotation],
    uses: Sequence[Use],
    said: Sequence[Sentence],
) -> DiscretionFinding:
    """Tell how one discretion was used; an amount in another currency is never within its limit."""
    named = [_named(said, use, allowed.currency) for use in uses]
    amount = max((each.amount for each in named if each.amount is not None), default=None)
    foreign = any(each.foreign and each.amount is None for each in named)
    within = _within(allowed, amount, used=bool(uses), foreign=foreign)
    return DiscretionFinding(
        key=allowed.key,
        name=allowed.name,
        needed=bool(needs),
        used=bool(uses),
        amount=amount,
        limit=allowed.limit,
        currency=allowed.currency,
        within=within,
        need_span=_span(needs),
        span=_span([use.mark for use in uses]),
        clause=f"{book.key}/{allowed.key}",
        detail=_told(allowed, amount, within, used=bool(uses), needed=bool(needs), foreign=foreign),
    )


def _within(allowed: Discretion, amount: float | None, *, used: bool, foreign: bool) -> bool | None:
    if not used:
        return None
    if allowed.limit is None:
        return True
    if amount is not None and amount > allowed.limit:
        return False
    return None if amount is None or foreign else True


def _told(
    allowed: Discretion, amount: float | None, within: bool | None, *, used: bool, needed: bool, foreign: bool
) -> str:
    if not used:
        return "Called for, and not used." if needed else "Not used."
    if allowed.limit is None:
        return "Used; it has no limit."
    limit = f"{allowed.limit:g} {allowed.currency or ''}".strip()
    if within is None:
        why = "an amount in another currency was named" if foreign else "no amount was named with it"
        return f"Used; {why}, so nobody can tell whether it is within {limit}."
    return f"Used: {amount:g}, {'within' if within else 'over'} the limit of {limit}."


def _named(said: Sequence[Sentence], use: Use, currency: str | None) -> _Used:
    """Return the amount that a use is about: in its sentence, or else in its neighbours within the turn."""
    here = said[use.sentence]
    foreign = False
    for places in ((use.sentence,), (use.sentence + 1,), (use.sentence - 1,)):
        for place in places:
            if not (0 <= place < len(said) and said[place].turn == here.turn):
                continue
            plain = said[place].annotations.plain
            found = [each for each in money.amounts_and_shares(plain) if not _of_a_thing(plain, each)]
            comparable = [each for each in found if each.is_in(currency)]
            if comparable:
                chosen = _nearest(comparable, use, here) if place == use.sentence else _highest(comparable)
                return _Used(chosen.value, foreign=False)
            foreign = foreign or bool(found)
    return _Used(None, foreign)


def _nearest(found: Sequence[Amount], use: Use, here: Sentence) -> Amount:
    """Return the amount that stands nearest to the phrase; of a range ("10 to 20 dollars") the upper end."""
    start, end = use.mark.start - here.start, use.mark.end - here.start

    def distance(amount: Amount) -> tuple[int, float]:
        return max(amount.start - end, start - amount.end, 0), -amount.value

    nearest = min(found, key=distance)
    beside = [each for each in found if 0 <= each.start - nearest.end <= len(" to ")]
    return max((nearest, *beside), key=lambda each: each.value)


def _highest(found: Iterable[Amount]) -> Amount:
    return max(found, key=lambda each: each.value)


def _of_a_thing(plain: str, amount: Amount) -> bool:
    """Tell whether an amount is the price of an order or the like and not what is granted."""
    before = plain[max(0, amount.start - _WINDOW) : amount.start]
    return bool(_OF_A_THING_BEHIND.match(plain, amount.end) or _OF_A_THING_BEFORE.search(before))


def _span(marks: Sequence[Annotation]) -> Span | None:
    if not marks:
        return None
    first = min(marks)
    return Span(first.turn, first.start, first.end)
