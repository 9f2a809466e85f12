"""Schema faults that wait, so that they are told together with those that only later checks can find."""

from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Any

from marshmallow import Schema, ValidationError

from tenants.http.faults import Fault, Invalid
from tenants.http.validation_messages import faults_from_messages

FAULTS = "faults"


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
