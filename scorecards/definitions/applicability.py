"""The interactions a definition applies to, and the choice among several definitions (pure)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar


@dataclass(frozen=True, slots=True)
class AppliesTo:
    """The channels and programs a definition applies to; an empty set means all of them."""

    channels: frozenset[str] = frozenset()
    programs: frozenset[str] = frozenset()

    @classmethod
    def from_body(cls, body: Mapping[str, Any] | None) -> "AppliesTo":
        """Build from the `applies_to` part of a definition; a missing part means everything."""
        given = body or {}
        return cls(frozenset(given.get("channels") or ()), frozenset(given.get("programs") or ()))

    def matches(self, channel: str, program: str | None) -> bool:
        """Tell whether it covers an interaction on `channel` in `program`."""
        return (not self.channels or channel in self.channels) and (
            not self.programs or program in self.programs
        )

    @property
    def specificity(self) -> int:
        """Rank from 0 (everything) over 1 (channel) and 2 (program) to 3 (both).

        Examples
        --------
        >>> AppliesTo(programs=frozenset({"billing"})).specificity
        2
        """
        return 2 * bool(self.programs) + bool(self.channels)


EVERYTHING = AppliesTo()


class Applicable(Protocol):
    """A definition that is limited to some interactions."""

    @property
    def key(self) -> str:
        """Its key, the tie-breaker."""

    @property
    def applies_to(self) -> AppliesTo:
        """The interactions it applies to."""


Definition = TypeVar("Definition", bound=Applicable)


Playbook = TypeVar("Playbook", bound=Applicable)


def applicable(
    scorecards: Iterable[Definition], playbooks: Iterable[Playbook], channel: str, program: str | None
) -> tuple[Definition | None, list[Playbook]]:
    """Return the scorecard, as of `choose`, and all playbooks that apply to an interaction."""
    matching = [each for each in playbooks if each.applies_to.matches(channel, program)]
    return choose(scorecards, channel, program), matching


def choose(candidates: Iterable[Definition], channel: str, program: str | None) -> Definition | None:
    """Return the most specific definition that applies to an interaction, or None when none applies.

    Program and channel beat program, program beats channel, channel beats all; ties go to the first key in
    alphabetical order, so that the choice does not depend on the order of storage.
    """
    return min(
        (each for each in candidates if each.applies_to.matches(channel, program)),
        key=lambda each: (-each.applies_to.specificity, each.key),
        default=None,
    )
