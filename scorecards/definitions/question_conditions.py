"""What may hang on a question of a scorecard: a failing answer, and when it is asked at all (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Critical:
    """What happens when one of `options` is answered, and whose error it is."""

    rule: str
    area: str
    options: frozenset[str]

    @classmethod
    def from_body(cls, question: Mapping[str, Any]) -> "Critical | None":
        """Read it from the body of its question; a yes/no question fails with "no" unless told otherwise."""
        given = question.get("critical")
        if given is None:
            return None
        options = given.get("options") or (["no"] if question["kind"] == "yes_no" else [])
        return cls(given["rule"], given["area"], frozenset(options))


@dataclass(frozen=True, slots=True)
class Condition:
    """When a question is shown: every part that is given has to match."""

    question: str | None = None
    options: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()
    intents: frozenset[str] = frozenset()

    @classmethod
    def from_body(cls, given: Mapping[str, Any] | None) -> "Condition | None":
        """Read it from `show_when` of a question's body."""
        if given is None:
            return None
        return cls(
            question=given.get("question"),
            options=frozenset(given.get("options") or ()),
            channels=frozenset(given.get("channels") or ()),
            intents=frozenset(given.get("intents") or ()),
        )
