"""Marshmallow fields of responses."""

from typing import Any

from marshmallow import fields


class Rounded(fields.Float):
    """A float rounded to some decimal places, one by default; never minus zero."""

    def __init__(
        self, places: int = 1, description: str = "", *, allow_none: bool = True, **kwargs: Any
    ) -> None:
        """Set the decimal places, the description, and whether there may be no number."""
        self.places = places
        metadata = {"description": description} if description else {}
        super().__init__(allow_none=allow_none, metadata=metadata, **kwargs)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **_: Any) -> float | None:  # noqa: ARG002
        return None if value is None else round(float(value), self.places) + 0.0
