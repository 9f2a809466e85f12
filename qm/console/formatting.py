"""How numbers, moments and words are written on pages."""

import math
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

from babel.numbers import get_decimal_symbol, get_group_symbol
from flask import Flask
from flask_babel import format_date, format_datetime, get_locale, gettext

from qm.console.words import KNOWN
from scorecards.sla.policy import parse_duration

MINUS = "−"
NOTHING = "–"
_DAY = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
_MONTH = re.compile(r"\d{4}-\d{2}")


def number(value: float | None, digits: int = 1) -> str:
    """Write a number with a real minus sign and without a negative zero; a dash for none.

    >>> number(-0.04), number(-2.5), number(71.0, 0), number(None)
    ('0.0', '−2.5', '71', '–')
    """
    if value is None or not math.isfinite(value):
        return NOTHING
    written = f"{abs(value):.{digits}f}"
    negative = value < 0 and float(written) != 0
    return f"{MINUS if negative else ''}{localised(written)}"


def localised(written: str) -> str:
    """Return a number that is written as in English with the separators of the reader's language."""
    locale = get_locale()
    if locale is None:
        return written
    return written.translate(_symbols(str(locale)))


@cache
def _symbols(locale: str) -> Mapping[int, str]:
    """Return the separators of a language by those of English; a page writes hundreds of numbers."""
    return str.maketrans({",": get_group_symbol(locale), ".": get_decimal_symbol(locale), "-": MINUS})


def signed(value: float | None, digits: int = 1) -> str:
    """Write a difference with its sign.

    >>> signed(0.31), signed(-3.2), signed(0.01)
    ('+0.3', '−3.2', '0.0')
    """
    written = number(value, digits)
    positive = value is not None and math.isfinite(value) and float(f"{value:.{digits}f}") > 0
    return f"+{written}" if positive else written


def percent(share: float | None, digits: int = 1) -> str:
    """Write a share of 1 as a percentage.

    >>> percent(0.931)
    '93.1 %'
    """
    return NOTHING if share is None else f"{number(100 * share, digits)} %"


def moment(value: datetime | None, form: str = "d MMM yyyy, HH:mm") -> str:
    """Write a moment in the viewer's zone."""
    return NOTHING if value is None else str(format_datetime(value, form))


def moment_of_text(value: str | None) -> str:
    """Write a moment that is kept as text, as clocks and turns have it."""
    return moment(None if value is None else datetime.fromisoformat(value))


def answer_words(value: Any) -> str:
    """Write the value of an answer or a fact.

    >>> answer_words("start_again"), answer_words(4.0), answer_words({"amount": [20, 5]})
    ('start again', '4', 'amount: 20, 5')
    """
    if isinstance(value, bool):
        return str(gettext("yes") if value else gettext("no"))
    if isinstance(value, (int, float)):
        return number(value, 0 if float(value).is_integer() else 2)
    if isinstance(value, Mapping):
        return ", ".join(f"{words(name)}: {answer_words(each)}" for name, each in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(answer_words(each) for each in value)
    return NOTHING if value is None else words(value)


def user_option(user: Any) -> tuple[str, str]:
    """Return a person as an option of a choice."""
    return str(user.user_id), user.name


def day(value: date | datetime | str | None) -> str:
    """Write a day, also one that is kept as text; a moment's in the viewer's zone."""
    if value is None:
        return NOTHING
    if isinstance(value, str):
        return day(date.fromisoformat(value))
    if isinstance(value, datetime):
        return str(format_datetime(value, "d MMM yyyy"))
    return str(
        format_datetime(datetime(value.year, value.month, value.day, tzinfo=UTC), "d MMM yyyy", rebase=False)
    )


def dates(text: str) -> str:
    """Write a text with the days in it as people write them."""
    return _DAY.sub(lambda found: day(date.fromisoformat(found[0])), text)


def month(value: str) -> str:
    """Write a month that is kept as text, such as 2026-10; anything else as it is."""
    if not _MONTH.fullmatch(value):
        return value
    return str(format_date(date.fromisoformat(f"{value}-01"), "MMMM yyyy"))


def duration(seconds: float | None) -> str:
    """Write how long something may take: in seconds, minutes or hours, whichever come out even.

    >>> duration(45), duration(120), duration(5400), duration(7200), duration(172800), duration(None)
    ('45 s', '2 min', '90 min', '2 h', '48 h', '–')
    """
    if seconds is None:
        return NOTHING
    for size, unit in ((3600, "h"), (60, "min")):
        if seconds and seconds % size == 0:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


def duration_of_text(text: str | None) -> str:
    """Write a duration of a policy.

    >>> duration_of_text("2d"), duration_of_text("60s"), duration_of_text(None)
    ('48 h', '1 min', '–')
    """
    return duration(parse_duration(text) if text else None)


def since(value: datetime, now: datetime) -> str:
    """Write how long ago something was, in the largest unit."""
    passed = now - value
    if passed >= timedelta(days=1):
        return str(gettext("%(n)s d ago", n=passed // timedelta(days=1)))
    if passed >= timedelta(hours=1):
        return str(gettext("%(n)s h ago", n=passed // timedelta(hours=1)))
    if passed >= timedelta(minutes=1):
        return str(gettext("%(n)s min ago", n=passed // timedelta(minutes=1)))
    return str(gettext("just now"))


def words(name: Any) -> str:
    """Write a name of the API as words, in the reader's language where there is one for it.

    >>> words("qm_manager"), words("unheard_of")
    ('qm manager', 'unheard of')
    """
    known = KNOWN.get(str(name))
    return str(name).replace("_", " ") if known is None else str(known)


def turn_number(place: int) -> int:
    """Return the number of a turn as people count, from 1.

    >>> turn_number(0)
    1
    """
    return place + 1


def install_formats(app: Flask) -> None:
    """Let templates use these."""
    for form in (
        *(number, signed, percent, moment, moment_of_text, day, since),
        *(dates, month, duration, duration_of_text),
        *(words, answer_words, user_option, turn_number),
    ):
        app.jinja_env.filters[form.__name__] = form
