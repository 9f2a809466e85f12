"""Amounts of money in running text."""

import re
from typing import NamedTuple

from scorecards.autoscore import text

_NUMBER = r"\d+(?:[.,' ]\d{3})*(?:[.,]\d{1,2})?(?!\d)"
_SIGNS = {"$": "$", "\u20ac": "EUR", "\u00a3": "GBP", "\u00a5": "JPY"}
_NAMES = {
    "dollar": "$",
    "dollars": "$",
    "bucks": "$",
    "euro": "EUR",
    "euros": "EUR",
    "pound": "GBP",
    "pounds": "GBP",
    "quid": "GBP",
}
_CODES = sorted(text.word_set("usd eur gbp cad aud nzd chf sek nok dkk pln brl jpy inr mxn sgd hkd zar"))
_DOLLARS = frozenset({"USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN", "BRL"})
_SIGN = "[" + re.escape("".join(_SIGNS)) + "]"
_AMOUNT = re.compile(
    rf"(?:(?P<sign>{_SIGN})|\b(?P<code>{'|'.join(_CODES)}))\s?(?P<after>{_NUMBER})"
    rf"|(?<![\d.,])(?P<before>{_NUMBER})\s?"
    rf"(?:(?P<sign_behind>{_SIGN})|(?P<behind>{'|'.join([*_CODES, *_NAMES])})\b)",
)


class Amount(NamedTuple):
    """An amount of money at characters [start, end); "$" stands for any dollar."""

    value: float
    currency: str
    start: int
    end: int

    def is_in(self, currency: str | None) -> bool:
        """Tell whether the amount can be compared with a limit in this currency (None: any)."""
        if currency is None:
            return True
        code = currency.upper()
        return code == self.currency or (self.currency == "$" and code in _DOLLARS)


def amounts(plain: str) -> list[Amount]:
    """Return the amounts in normalised text.

    A single separator before exactly three digits groups thousands, any other one is the decimal sign; of two
    different ones the last is. Numbers without a currency are not amounts.

    Examples
    --------
    >>> [(found.value, found.currency) for found in amounts("$25, 25 usd, eur 10, \u00a35 or 1,234.50 euros")]
    [(25.0, '$'), (25.0, 'USD'), (10.0, 'EUR'), (5.0, 'GBP'), (1234.5, 'EUR')]
    >>> amounts("order 12345, 3 items")
    []
    """
    if not any(letter.isdigit() for letter in plain):
        return []
    return [_amount(found) for found in _AMOUNT.finditer(plain)]


def _amount(found: re.Match[str]) -> Amount:
    sign = found["sign"] or found["sign_behind"]
    name = found["code"] or found["behind"]
    currency = _SIGNS[sign] if sign else _NAMES.get(name, name.upper())
    return Amount(_number(found["after"] or found["before"]), currency, found.start(), found.end())


def _number(written: str) -> float:
    digits = written.replace(" ", "").replace("'", "")
    last = max(digits.rfind("."), digits.rfind(","))
    if last == -1:
        return float(digits)
    behind = len(digits) - last - 1
    if behind == 3:
        return float(re.sub(r"[.,]", "", digits))
    return float(re.sub(r"[.,]", "", digits[:last]) + "." + digits[last + 1 :])
