"""Reads the body of a definition and remembers every fault in it instead of stopping at the first (pure)."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tenants.http.faults import Fault, Invalid

_NOTHING: Mapping[str, Any] = {}


@dataclass(slots=True)
class BodyParser:
    """One pass over a body; each `read` returns something usable even when it noted a fault."""

    faults: list[Fault] = field(default_factory=list)

    def fault(self, pointer: str, code: str, detail: str) -> None:
        """Note one thing that is wrong."""
        self.faults.append(Fault(pointer, code, detail))

    def finish(self) -> None:
        """Refuse the body as a whole if anything was wrong."""
        if self.faults:
            raise Invalid(self.faults)

    def mapping(self, value: Any, pointer: str, known: Collection[str]) -> Mapping[str, Any]:
        """Return a mapping whose fields are all known."""
        if not isinstance(value, Mapping):
            self.fault(pointer, "wrong_type", "Expected a group of named fields.")
            return _NOTHING
        for name in value:
            if name not in known:
                self.fault(f"{pointer}/{name}", "unknown_field", f"There is no field called '{name}' here.")
        return value

    def sequence(self, value: Any, pointer: str) -> Sequence[Any]:
        """Return a list; nothing given is an empty one."""
        if value is None:
            return ()
        if isinstance(value, str | bytes | Mapping) or not isinstance(value, Sequence):
            self.fault(pointer, "wrong_type", "Expected a list.")
            return ()
        return value

    def text(self, body: Mapping[str, Any], name: str, pointer: str) -> str:
        """Return a text that has to be given and must not be blank."""
        value = body.get(name)
        if isinstance(value, str) and value.strip():
            return value
        self.fault(f"{pointer}/{name}", "required" if value is None else "wrong_type", "Expected a text.")
        return ""

    def number(
        self, body: Mapping[str, Any], name: str, pointer: str, *, above: float, up_to: float, default: float
    ) -> float:
        """Return a number in (above, up_to], or the default when nothing is given."""
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
        """Return a set of words, each one of `allowed` unless that is None."""
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
