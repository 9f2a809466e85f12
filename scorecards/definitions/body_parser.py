"""Parser of definition bodies that collects every fault instead of stopping at the first (pure)."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tenants.http.faults import Fault, Invalid

_NOTHING: Mapping[str, Any] = {}


@dataclass(slots=True)
class BodyParser:
    """One pass over a body; every method returns a usable value even after a fault."""

    faults: list[Fault] = field(default_factory=list)

    def fault(self, pointer: str, code: str, detail: str) -> None:
        """Record a fault."""
        self.faults.append(Fault(pointer, code, detail))

    def finish(self) -> None:
        """Raise `Invalid` with all faults, if there are any."""
        if self.faults:
            raise Invalid(self.faults)

    def mapping(self, value: Any, pointer: str, known: Collection[str]) -> Mapping[str, Any]:
        """Return a mapping; fields outside `known` are faults."""
        if not isinstance(value, Mapping):
            self.fault(pointer, "wrong_type", "Expected a group of named fields.")
            return _NOTHING
        for name in value:
            if name not in known:
                self.fault(f"{pointer}/{name}", "unknown_field", f"There is no field called '{name}' here.")
        return value

    def sequence(self, value: Any, pointer: str) -> Sequence[Any]:
        """Return a list; None is an empty one."""
        if value is None:
            return ()
        if isinstance(value, str | bytes | Mapping) or not isinstance(value, Sequence):
            self.fault(pointer, "wrong_type", "Expected a list.")
            return ()
        return value

    def text(self, body: Mapping[str, Any], name: str, pointer: str) -> str:
        """Return a required text that is not blank."""
        value = body.get(name)
        if isinstance(value, str) and value.strip():
            return value
        self.fault(f"{pointer}/{name}", "required" if value is None else "wrong_type", "Expected a text.")
        return ""

    def number(
        self, body: Mapping[str, Any], name: str, pointer: str, *, above: float, up_to: float, default: float
    ) -> float:
        """Return a finite number in (above, up_to], or the default when the field is absent."""
        value = body.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            self.fault(f"{pointer}/{name}", "wrong_type", "Expected a number.")
        elif not above < value <= up_to:
            limit = f" and at most {up_to:g}" if math.isfinite(up_to) else ""
            self.fault(f"{pointer}/{name}", "out_of_range", f"Has to be above {above:g}{limit}.")
        else:
            return float(value)
        return default

    def words(self, value: Any, pointer: str, allowed: Collection[str] | None) -> frozenset[str]:
        """Return a set of strings, each one of `allowed` unless that is None."""
        words = set()
        for index, word in enumerate(self.sequence(value, pointer)):
            if not isinstance(word, str):
                self.fault(f"{pointer}/{index}", "wrong_type", "Expected a word.")
            elif allowed is not None and word not in allowed:
                choices = ", ".join(sorted(allowed))
                self.fault(f"{pointer}/{index}", "unknown_choice", f"'{word}' is none of: {choices}.")
            else:
                words.add(word)
        return frozenset(words)
