"""Amounts of money in running text: with sign, code or name of the currency, in figures or in words."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from scorecards.autoscore.text import normalization, number_words

PERCENT = "%"
"""The currency of a percentage whose base amount is not named; it is comparable with no currency."""

_NUMBER = r"\d+(?:[.,' ]\d{3})*(?:[.,](?:\d{1,2}|-{1,2}))?(?!\d)(?:k\b)?"
_SIGNS: Mapping[str, str] = {
    **{f"{prefix}$": f"{prefix}d".upper() for prefix in ("us", "nz", "hk")},
    "ca$": "CAD",
    "c$": "CAD",
    "au$": "AUD",
    "a$": "AUD",
    "s$": "SGD",
    "mx$": "MXN",
    "r$": "BRL",
    "$": "$",
    "\u20ac": "EUR",
    "\u00a3": "GBP",
    "\u00a5": "\u00a5",
    "\u20b9": "INR",
}
_NAMES: Mapping[str, str] = {
    **dict.fromkeys(("dollar", "dollars", "bucks", "buck"), "$"),
    **dict.fromkeys(("us dollar", "us dollars", "american dollars"), "USD"),
    **dict.fromkeys(("canadian dollar", "canadian dollars"), "CAD"),
    **dict.fromkeys(("australian dollar", "australian dollars"), "AUD"),
    **dict.fromkeys(("new zealand dollar", "new zealand dollars"), "NZD"),
    **dict.fromkeys(("singapore dollar", "singapore dollars"), "SGD"),
    **dict.fromkeys(("euro", "euros"), "EUR"),
    **dict.fromkeys(("pound", "pounds", "quid", "pounds sterling", "british pounds"), "GBP"),
    **dict.fromkeys(("franc", "francs", "swiss francs"), "CHF"),
    **dict.fromkeys(("swedish kronor", "kronor"), "SEK"),
    **dict.fromkeys(("kroner", "kr"), "kr"),
    **dict.fromkeys(("yen",), "JPY"),
    **dict.fromkeys(("yuan", "rmb"), "CNY"),
    **dict.fromkeys(("rupee", "rupees"), "INR"),
    **dict.fromkeys(("zloty", "zlotys", "z\u0142"), "PLN"),
    **dict.fromkeys(("reais",), "BRL"),
}
_PARTS: Mapping[str, str] = {"cent": "cent", "cents": "cent", "pence": "GBP", "penny": "GBP", "p": "GBP"}
# Codes that are also everyday words (all, try, top, mad) are left out.
_CODES = normalization.word_set(
    "usd eur gbp cad aud nzd chf sek nok dkk pln czk huf brl jpy cny inr mxn sgd hkd zar aed ils krw thb "
    "myr php idr vnd clp uah bgn isk"
)
_DOLLARS = frozenset({"USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN", "BRL"})
_MEANINGS: Mapping[str, frozenset[str]] = {
    "$": _DOLLARS,
    "cent": _DOLLARS | {"EUR", "ZAR"},
    "kr": frozenset({"SEK", "NOK", "DKK", "ISK"}),
    "\u00a5": frozenset({"JPY", "CNY"}),
}
_HUNDREDTH = 0.01


def _any_of(words: Mapping[str, str] | frozenset[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=lambda each: (-len(each), each)))


_BEHIND = rf"(?:{_any_of(_CODES)}|{_any_of(_NAMES)}|{_any_of(_PARTS)})\b"
_FIGURES = re.compile(
    rf"(?<![\w$])(?:(?P<sign>{_any_of(_SIGNS)})|(?P<code>{_any_of(_CODES)}|kr))\s?(?P<after>{_NUMBER})"
    rf"(?:\s?(?P<also>{_any_of(_CODES)})\b)?"
    rf"|(?<![\d.,\w])(?P<before>{_NUMBER})[\s-]?(?:(?P<sign_behind>{_any_of(_SIGNS)})|(?P<behind>{_BEHIND}))"
    rf"|(?<![\d.,\w])(?P<share>\d+(?:[.,]\d+)?)\s?(?:%|percent\b|per cent\b)"
)
_WORDS = re.compile(
    rf"(?<!\w)(?P<words>{number_words.WRITTEN})[\s-](?:(?P<behind>{_BEHIND})|(?P<share>percent\b|per cent\b))"
)
_NAMED = re.compile(rf"(?<!\w)(?:{_any_of(_NAMES)}|{_any_of(_PARTS)}|percent|per cent|{_any_of(_CODES)})\b")
_OF = re.compile(
    r"(?:\s+(?:off|of|on|from|back|discount|reduction|credit|refund|voucher)){0,3}"
    r"(?:\s+(?:your|the|that|this|an?|my|our|those))?"
    r"(?:\s+(?:order|bill|purchase|total|price|invoice|cost|fee|value|amount)(?:\s+(?:of|was|is))?)?\s*"
)


class Amount(NamedTuple):
    """An amount of money at characters [start, end); "$" is any dollar, "%" a percentage without base."""

    value: float
    currency: str
    start: int
    end: int

    def is_in(self, currency: str | None) -> bool:
        """Tell whether the amount can be compared with a limit in this currency (None: no percentage)."""
        if currency is None:
            return self.currency != PERCENT
        code = currency.upper()
        return code == self.currency or code in _MEANINGS.get(self.currency, ())


def amounts(plain: str) -> list[Amount]:
    """Return the amounts in normalised text, in their order.

    A single separator before exactly three digits groups thousands, any other one is the decimal sign; of two
    different ones the last is. Numbers without a currency are not amounts. A percentage of a named amount
    ("10 % of $200") is that part of the amount; any other percentage is left out.

    Examples
    --------
    >>> [(found.value, found.currency) for found in amounts("$25, 25 usd, eur 10, \u00a35 or 1,234.50 euros")]
    [(25.0, '$'), (25.0, 'USD'), (10.0, 'EUR'), (5.0, 'GBP'), (1234.5, 'EUR')]
    >>> [(found.value, found.currency) for found in amounts("twenty-five dollars, 25,00 eur, 10 % of $80")]
    [(25.0, '$'), (25.0, 'EUR'), (8.0, '$')]
    >>> amounts("order 12345, 3 items, 20 % off")
    []
    """
    return [each for each in amounts_and_shares(plain) if each.currency != PERCENT]


def amounts_and_shares(plain: str) -> list[Amount]:
    """Return the amounts in normalised text, and the percentages whose base amount is not named.

    Examples
    --------
    >>> [(found.value, found.currency) for found in amounts_and_shares("10 % off, or $5")]
    [(10.0, '%'), (5.0, '$')]
    """
    found: list[Amount] = []
    if any(letter.isdigit() for letter in plain):
        found += [_in_figures(each) for each in _FIGURES.finditer(plain)]
    if _NAMED.search(plain):
        in_words = [_in_words(each) for each in _WORDS.finditer(plain)]
        found = sorted((*found, *(each for each in in_words if each)), key=lambda each: each.start)
    return _of_amounts(found, plain)


def _in_figures(found: re.Match[str]) -> Amount:
    if found["share"]:
        return Amount(_number(found["share"]), PERCENT, found.start(), found.end())
    sign = found["sign"] or found["sign_behind"]
    if sign and not found["also"]:
        currency, factor = _SIGNS[sign], 1.0
    else:
        currency, factor = _currency(found["also"] or found["code"] or found["behind"])
    value = round(_number(found["after"] or found["before"]) * factor, 4)
    return Amount(value, currency, found.start(), found.end())


def _in_words(found: re.Match[str]) -> Amount | None:
    value = number_words.number(re.split(r"[ ,-]+", found["words"]))
    if value is None:
        return None
    if found["share"]:
        return Amount(value, PERCENT, found.start(), found.end())
    currency, factor = _currency(found["behind"])
    return Amount(round(value * factor, 4), currency, found.start(), found.end())


def _currency(name: str) -> tuple[str, float]:
    """Return the currency that a name or code stands for, and the value of one unit in it."""
    if name in _PARTS:
        return _PARTS[name], _HUNDREDTH
    return _NAMES.get(name, name.upper()), 1.0


def _of_amounts(found: list[Amount], plain: str) -> list[Amount]:
    """Merge each percentage with the amount it is a percentage of."""
    merged: list[Amount] = []
    for each in found:
        share = merged[-1] if merged else None
        if (
            share is not None
            and share.currency == PERCENT
            and each.currency != PERCENT
            and _OF.fullmatch(plain, share.end, each.start)
        ):
            value = round(share.value * each.value * _HUNDREDTH, 4)
            merged[-1] = Amount(value, each.currency, share.start, each.end)
        else:
            merged.append(each)
    return merged


def _number(written: str) -> float:
    if written.endswith("k"):
        return 1000 * _number(written[:-1])
    digits = written.replace(" ", "").replace("'", "").rstrip("-").rstrip(".,")
    last = max(digits.rfind("."), digits.rfind(","))
    if last == -1:
        return float(digits)
    behind = len(digits) - last - 1
    if behind == 3:
        return float(re.sub(r"[.,]", "", digits))
    return float(re.sub(r"[.,]", "", digits[:last]) + "." + digits[last + 1 :])
