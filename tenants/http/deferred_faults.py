"""Faults that wait, so that they are told together with those that only later checks can find."""

from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from types import TracebackType
from typing import Any, TypeVar

from flask import g
from marshmallow import Schema, ValidationError

from tenants.http.faults import Fault, Invalid, Malformed
from tenants.http.validation_messages import faults_from_messages

T = TypeVar("T")
FAULTS = "faults"
_WAITING = "faults_of_parts"


def keep_faults(faults: Iterable[Fault]) -> None:
    """Keep faults of this request until all its parts are read."""
    _keep(Invalid(faults))


def read_part(read: Callable[[], T]) -> T | None:
    """Return what `read` makes of one part of this request; if it has faults, keep them and return None."""
    try:
        return read()
    except Invalid as refused:
        _keep(refused)
        return None


def when_parts_are_read(view: Callable[..., Any]) -> Callable[..., Any]:
    """Call a view only when no part of the request had a fault; otherwise raise the faults of all parts.

    A view that is wrapped in several readers of parts is guarded once, inside of all of them.
    """
    if getattr(view, "is_guarded", False):
        return view

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        refusals: list[Invalid] = [refused for refused in g.pop(_WAITING, ()) if refused.faults]
        if refusals:
            unreadable = any(isinstance(refused, Malformed) for refused in refusals)
            raise (Malformed if unreadable else Invalid)(
                fault for refused in refusals for fault in refused.faults
            )
        return view(*args, **kwargs)

    guarded.is_guarded = True  # type: ignore[attr-defined]
    return guarded


def reading(read: Callable[..., Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Pass a view what `read` makes of the body, given the keyword arguments of the view."""

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        guarded = when_parts_are_read(view)

        @wraps(guarded)
        def with_body(*args: Any, **kwargs: Any) -> Any:
            return guarded(*args, read_part(lambda: read(**kwargs)), **kwargs)

        return with_body

    return decorate


def _keep(refused: Invalid) -> None:
    g.setdefault(_WAITING, []).append(refused)


class DeferringSchema(Schema):
    """A schema that loads a body with faults as its valid fields, and its faults under `faults`.

    Whoever loads by it has to raise them. A body that is no object is refused at once: nothing of it is
    known.
    """

    def load(self, data: Any, **options: Any) -> dict[str, Any]:
        """Load what is valid."""
        try:
            return {**super().load(data, **options), FAULTS: []}
        except ValidationError as error:
            if not isinstance(data, Mapping) or not isinstance(error.valid_data, Mapping):
                raise
            messages: Mapping[str, Any] = error.normalized_messages()  # type: ignore[no-untyped-call]
            # Of a list with faults marshmallow keeps the valid items, at other places than they were given.
            valid = {name: value for name, value in error.valid_data.items() if name not in messages}
            return {**valid, FAULTS: faults_from_messages(messages)}


class FaultCollector:
    """Collects the faults of several checks, each in a `with` block of its own.

    Examples
    --------
    >>> faults = FaultCollector([Fault("/by", "unknown_field", "There is no such field here.")])
    >>> with faults:
    ...     raise Invalid([Fault("/at", "in_future", "This lies in the future.")])
    >>> faults.raise_all()
    Traceback (most recent call last):
    tenants.http.faults.Invalid: /by: There is no such field here.; /at: This lies in the future.
    """

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        """Begin with the faults that are known."""
        self.faults = list(faults)

    def __enter__(self) -> None:
        """Begin a check."""

    def __exit__(
        self, _: type[BaseException] | None, error: BaseException | None, __: TracebackType | None
    ) -> bool:
        """Keep the faults of a check that failed, and go on."""
        if not isinstance(error, Invalid):
            return False
        self.faults += error.faults
        return True

    def add(self, fault: Fault) -> None:
        """Keep one fault."""
        self.faults.append(fault)

    def raise_all(self) -> None:
        """Raise Invalid if any check failed."""
        if self.faults:
            raise Invalid(self.faults)
