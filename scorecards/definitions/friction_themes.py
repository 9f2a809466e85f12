"""Friction themes of a client: what customers keep coming back with, by tags and by phrases (pure).

The sender's own contact reasons and tags come first; where there are none, the first phrase that the customer
mentions decides. Themes are a stored list, so an interaction has the same theme from week to week: only who
changes the list changes that.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from scorecards.definitions.body_parser import BodyParser
from scorecards.definitions.theme_phrases import MAX_WORDS, phrase_stems, sentences_of

NO_THEME = ""
"""Stands for the theme of an interaction that has none."""


@dataclass(frozen=True, slots=True)
class FrictionTheme:
    """A theme with the tags and contact reasons, and the phrases, that belong to it."""

    key: str
    name: str
    tags: frozenset[str] = frozenset()
    phrases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FrictionThemes:
    """The themes of a client, and what is no theme: tags and phrases that are ignored."""

    themes: tuple[FrictionTheme, ...] = ()
    ignored: frozenset[str] = frozenset()
    _by_tag: Mapping[str, str] = field(init=False, repr=False, compare=False)
    _by_stems: Mapping[tuple[str, ...], str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index tags and phrases."""
        by_tag = {theme.key: theme.key for theme in self.themes}
        by_tag |= {tag: theme.key for theme in self.themes for tag in theme.tags}
        by_stems = {phrase_stems(phrase): theme.key for theme in self.themes for phrase in theme.phrases}
        object.__setattr__(self, "_by_tag", by_tag)
        object.__setattr__(self, "_by_stems", by_stems)

    @property
    def names(self) -> Mapping[str, str]:
        """The names of the themes by key."""
        return {theme.key: theme.name for theme in self.themes}

    @property
    def known_stems(self) -> frozenset[tuple[str, ...]]:
        """The phrases of all themes and those that are ignored, by their stems."""
        return frozenset(self._by_stems) | {phrase_stems(each) for each in self.ignored}

    def theme_of(self, reason: str | None, tags: Sequence[str], statement: str) -> str:
        """Return the key of an interaction's theme; a reason or tag that no theme names is one of its own.

        Examples
        --------
        >>> late = FrictionTheme("late", "Late delivery", frozenset({"late_delivery"}), ("not arrived",))
        >>> themes = FrictionThemes((late,), frozenset({"vip"}))
        >>> themes.theme_of("late_delivery", [], ""), themes.theme_of(None, ["vip"], "It never arrived!")
        ('late', 'late')
        >>> themes.theme_of("refund", ["vip"], ""), themes.theme_of(None, ["vip"], "Hello")
        ('refund', '')
        """
        given = [each for each in (reason, *tags) if each and each not in self.ignored]
        for each in given:
            if each in self._by_tag:
                return self._by_tag[each]
        return given[0] if given else self.mentioned(statement)

    def mentioned(self, statement: str) -> str:
        """Return the key of the theme whose phrase the statement mentions first, the longer before others."""
        if not self._by_stems:
            return NO_THEME
        for terms in sentences_of(statement):
            stems = tuple(term.stem for term in terms)
            for start in range(len(stems)):
                for length in range(MAX_WORDS, 0, -1):
                    found = self._by_stems.get(stems[start : start + length])
                    if found is not None:
                        return found
        return NO_THEME


def from_body(body: Any) -> FrictionThemes:
    """Parse the body of friction themes.

    Raises
    ------
    Invalid
        With every fault found.
    """
    parser = BodyParser()
    given = parser.mapping(body, "", ("themes", "ignored"))
    bodies = parser.sequence(given.get("themes"), "/themes")
    themes = [_read_theme(each, f"/themes/{index}", parser) for index, each in enumerate(bodies)]
    ignored = parser.words(given.get("ignored"), "/ignored", None)
    _check_twice(themes, parser)
    parser.finish()
    return FrictionThemes(tuple(themes), ignored)


def _read_theme(body: Any, pointer: str, parser: BodyParser) -> FrictionTheme:
    given = parser.mapping(body, pointer, ("key", "name", "tags", "phrases"))
    key, name = parser.text(given, "key", pointer), parser.text(given, "name", pointer)
    tags = parser.words(given.get("tags"), f"{pointer}/tags", None)
    phrases = []
    for index, phrase in enumerate(parser.sequence(given.get("phrases"), f"{pointer}/phrases")):
        place = f"{pointer}/phrases/{index}"
        if not isinstance(phrase, str):
            parser.fault(place, "wrong_type", "Expected a phrase.")
        elif not 0 < len(phrase_stems(phrase)) <= MAX_WORDS:
            detail = f"Small words apart, a phrase has 1 to {MAX_WORDS} words, such as 'not been delivered'."
            parser.fault(place, "not_a_phrase", detail)
        else:
            phrases.append(phrase)
    return FrictionTheme(key, name, tags, tuple(phrases))


def _check_twice(themes: Sequence[FrictionTheme], parser: BodyParser) -> None:
    """Find what belongs to two themes: an interaction has one."""
    seen: dict[Any, str] = {}
    for index, theme in enumerate(themes):
        own: list[tuple[str, Any]] = [("key", theme.key)]
        own += [("tags", tag) for tag in sorted(theme.tags - {theme.key})]
        own += [("phrases", phrase_stems(phrase)) for phrase in theme.phrases]
        for place, each in own:
            if each and each in seen:
                detail = f"This belongs to the theme '{seen[each]}' already."
                parser.fault(f"/themes/{index}/{place}", "in_two_themes", detail)
            seen.setdefault(each, theme.key)
