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

_PRICED = r"(?:order|purchase|item|bill|invoice|total|price|charge|plan|subscription|balance|payment|fee)"
_PRICE_AFTER = re.compile(rf"[\s-]+(?:\w+\s+)?{_PRICED}s?\b")
_PRICE_BEFORE = re.compile(
    rf"\b(?:{_PRICED}s?|paid|charged|cost|costs|spent|billed|pay)(?:\s+(?:you|us|was|is|were|of|for|at|over|worth))*"
    r"\s*$"
)
_WINDOW = 40


class Use(NamedTuple):
    """A phrase that uses a discretion, and the index of the agent's sentence with it."""

    annotation: Annotation
    sentence: int


class _UsedAmount(NamedTuple):
    amount: float | None
    foreign: bool


def signal_of(book: Playbook, allowed: Discretion) -> str:
    """Return the signal of a discretion's phrases."""
    return f"{book.key}/discretion/{allowed.key}"


def judged(
    book: Playbook,
    allowed: Discretion,
    needs: Sequence[Annotation],
    uses: Sequence[Use],
    sentences: Sequence[Sentence],
) -> DiscretionFinding:
    """Return the finding on one discretion; an amount in another currency is never within its limit."""
    amounts = [_amount_of_use(sentences, use, allowed.currency) for use in uses]
    amount = max((each.amount for each in amounts if each.amount is not None), default=None)
    foreign = any(each.foreign and each.amount is None for each in amounts)
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
        span=_span([use.annotation for use in uses]),
        clause=f"{book.key}/{allowed.key}",
        detail=_detail(allowed, amount, within, used=bool(uses), needed=bool(needs), foreign=foreign),
    )


def _within(allowed: Discretion, amount: float | None, *, used: bool, foreign: bool) -> bool | None:
    if not used:
        return None
    if allowed.limit is None:
        return True
    if amount is not None and amount > allowed.limit:
        return False
    return None if amount is None or foreign else True


def _detail(
    allowed: Discretion, amount: float | None, within: bool | None, *, used: bool, needed: bool, foreign: bool
) -> str:
    if not used:
        return "Called for, and not used." if needed else "Not used."
    if allowed.limit is None:
        return "Used; it has no limit."
    limit = f"{allowed.limit:g} {allowed.currency or ''}".strip()
    if within is None:
        reason = "an amount in another currency was named" if foreign else "no amount was named with it"
        return f"Used; {reason}, so nobody can tell whether it is within {limit}."
    return f"Used: {amount:g}, {'within' if within else 'over'} the limit of {limit}."


def _amount_of_use(sentences: Sequence[Sentence], use: Use, currency: str | None) -> _UsedAmount:
    """Return the amount of a use: in its sentence, or else in an adjacent one of the turn."""
    sentence = sentences[use.sentence]
    foreign = False
    for index in (use.sentence, use.sentence + 1, use.sentence - 1):
        if not (0 <= index < len(sentences) and sentences[index].turn == sentence.turn):
            continue
        plain = sentences[index].annotations.plain
        amounts = [each for each in money.amounts_and_shares(plain) if not _is_price(plain, each)]
        comparable = [each for each in amounts if each.is_in(currency)]
        if comparable:
            chosen = _nearest(comparable, use, sentence) if index == use.sentence else _highest(comparable)
            return _UsedAmount(chosen.value, foreign=False)
        foreign = foreign or bool(amounts)
    return _UsedAmount(None, foreign)


def _nearest(amounts: Sequence[Amount], use: Use, sentence: Sentence) -> Amount:
    """Return the amount nearest to the phrase; of a range ("10 to 20 dollars") the upper end."""
    start, end = use.annotation.start - sentence.start, use.annotation.end - sentence.start

    def distance(amount: Amount) -> tuple[int, float]:
        return max(amount.start - end, start - amount.end, 0), -amount.value

    nearest = min(amounts, key=distance)
    adjacent = [each for each in amounts if 0 <= each.start - nearest.end <= len(" to ")]
    return max((nearest, *adjacent), key=lambda each: each.value)


def _highest(amounts: Iterable[Amount]) -> Amount:
    return max(amounts, key=lambda each: each.value)


def _is_price(plain: str, amount: Amount) -> bool:
    """Tell whether an amount is the price of an order or the like, and not what is granted."""
    before = plain[max(0, amount.start - _WINDOW) : amount.start]
    return bool(_PRICE_AFTER.match(plain, amount.end) or _PRICE_BEFORE.search(before))


def _span(annotations: Sequence[Annotation]) -> Span | None:
    if not annotations:
        return None
    first = min(annotations)
    return Span(first.turn, first.start, first.end)
