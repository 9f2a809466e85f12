"""Faults of the API as a person says them: plainly, in the reader's language and time zone."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from flask_babel import gettext as _

from qm.console.formatting import moment

_MOMENT = re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?([+-]\d\d:\d\d|Z)")
_BLANKS = "Expected more than blanks."
_SENTENCES: Sequence[tuple[re.Pattern[str], Callable[..., str]]] = tuple(
    (re.compile(pattern), sentence)
    for pattern, sentence in (
        (
            r"This field is required\.|This has to be given\.|This is needed\.",
            lambda: _("This has to be given."),
        ),
        (re.escape(_BLANKS), lambda: _("This has to be given.")),
        (
            r"There is no (?:such field here|field of this name here)\.",
            lambda: _("There is no field of this name."),
        ),
        (r"Not a valid (?:integer|number)\.|Expected a number\.", lambda: _("Expected a number.")),
        (r"Not a valid email address\.", lambda: _("Expected an e-mail address.")),
        (r"Not a valid date\.", lambda: _("Expected a day, such as 2026-01-31.")),
        (r"Not a valid UUID\.", lambda: _("There is nothing of this id.")),
        (r"Must be one of: (.*)\.", lambda names: _("Choose one of: %(names)s.", names=names)),
        (
            r"Length must be between (\d+) and (\d+)\.",
            lambda low, high: _("Write %(low)s to %(high)s characters.", low=low, high=high),
        ),
        (
            r"Longer than maximum length (\d+)\.",
            lambda high: _("Write at most %(high)s characters.", high=high),
        ),
        (
            r"Must be greater than or equal to (\S+) and less than or equal to (\S+)\.",
            lambda low, high: _("Expected a number from %(low)s to %(high)s.", low=low, high=high),
        ),
        (
            r"Has to be above (\S+) and at most (\S+)\.",
            lambda low, high: _("Has to be above %(low)s and at most %(high)s.", low=low, high=high),
        ),
        (
            r"Expected a language tag such as en or pt-BR\.",
            lambda: _("Expected a language, such as en or pt-BR."),
        ),
        (
            r"A slug has 1 to 63 characters a-z, 0-9 and -, and is no UUID\.",
            lambda: _("Use 1 to 63 small letters a-z, digits and hyphens."),
        ),
        (
            r"A password has (\d+) to (\d+) characters\.",
            lambda low, high: _("A password has %(low)s to %(high)s characters.", low=low, high=high),
        ),
        (
            r"There is a client '(.*)' already\.",
            lambda name: _("There is a client “%(name)s” already: choose another short name.", name=name),
        ),
        (
            r"There is a person with the address (.*) already\.",
            lambda address: _("There is a person with the address %(address)s already.", address=address),
        ),
        (
            r"It must come after version (\d+), which began (.*)\.",
            lambda number, began: _(
                "It has to begin after version %(number)s, which began on %(began)s.",
                number=number,
                began=began,
            ),
        ),
    )
)


class Told(Protocol):
    """A fault with its place and its sentence."""

    @property
    def pointer(self) -> str:
        """The place."""

    @property
    def detail(self) -> str:
        """The sentence."""


T = TypeVar("T", bound=Told)


def plainly(detail: str) -> str:
    """Return the sentence of a fault in the reader's language, or as it is where no other is known."""
    text = _MOMENT.sub(lambda found: moment(datetime.fromisoformat(found[0])), detail)
    for pattern, sentence in _SENTENCES:
        found = pattern.fullmatch(text)
        if found is not None:
            return str(sentence(*found.groups()))
    return text


def without_echoes(faults: Sequence[T]) -> list[T]:
    """Return the faults without what says of an empty field again that it is too short."""
    empty = {fault.pointer for fault in faults if fault.detail == _BLANKS}
    return [fault for fault in faults if fault.pointer not in empty or fault.detail == _BLANKS]


def name_of_place(pointer: str) -> str:
    """Return the name of the field that a fault is about, for where no label stands beside it.

    >>> name_of_place("/rules/0/targets/first_response"), name_of_place("/bands/1"), name_of_place("")
    ('first_response', 'bands', '')
    """
    named = [each for each in pointer.split("/")[1:] if not each.isdigit()]
    return named[-1].replace("~1", "/").replace("~0", "~") if named else ""
