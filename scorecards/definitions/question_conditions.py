"""Critical rules and display conditions of scorecard questions (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Critical:
    """A critical rule: the consequence of answering one of `options`, and the COPC error class `area`."""

    rule: str
    area: str
    options: frozenset[str]

    @classmethod
    def from_body(cls, question: Mapping[str, Any]) -> "Critical | None":
        """Read it from the body of its question; a yes/no question fails with "no" by default."""
        given = question.get("critical")
        if given is None:
            return None
        options = given.get("options") or (["no"] if question["kind"] == "yes_no" else [])
        return cls(given["rule"], given["area"], frozenset(options))


@dataclass(frozen=True, slots=True)
class Condition:
    """A display condition: every part that is not empty has to match."""

    question: str | None = None
    options: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()
    intents: frozenset[str] = frozenset()

    @classmethod
    def from_body(cls, given: Mapping[str, Any] | None) -> "Condition | None":
        """Read it from the `show_when` part of a question's body."""
        if given is None:
            return None
        return cls(
            question=given.get("question"),
            options=frozenset(given.get("options") or ()),
            channels=frozenset(given.get("channels") or ()),
            intents=frozenset(given.get("intents") or ()),
        )
