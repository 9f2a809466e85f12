"""A client's own phrases as patterns: inflected, contracted, with any name in the place of a placeholder."""

import re
from collections.abc import Iterable

from scorecards.autoscore.matching.matcher import Pattern
from scorecards.autoscore.text import inflection, normalization

_PLACEHOLDER = r"(?:[\W_]+[\w#\[\]]+){0,2}?"
_TOKEN = re.compile(r"\{[^}]*\}|[^\W_]+(?:'[^\W_]+)*")
_NEGATORS = re.compile(r"\b(?:not|no|never|nothing|nobody|cannot|without|\w+n't)\b")
_SHORT = {"are": "'re", "will": "'ll", "have": "'ve", "am": "'m", "would": "'d", "had": "'d", "is": "'s"}
_LONG = {
    "'re": (" are",),
    "'ll": (" will",),
    "'ve": (" have",),
    "'m": (" am",),
    "'d": (" would", " had"),
    "n't": (" not",),
}
_SUBJECTS = normalization.word_set("i you he she it we they that this there here what who where how when why")
_CANNOT = frozenset({"cannot", "can't", "can not", "cant"})
_WILL_NOT = frozenset({"won't", "will not", "wont"})
_FILLERS = (
    r"(?:'(?:ve|d|ll|re|m|s))?(?:\s+(?:do|does|did|have|has|had|am|are|is|was|were|will|would|truly|really"
    r"|sincerely|deeply|very|so|just|also|again|fully|completely|totally|absolutely|certainly|only"
    r"|always|like to|love to|want to|wish to)){0,3}"
)
"""What may stand between a pronoun and its verb: "we [would like to] apologise", "I [do] understand"."""
_STRESSED = r"(?:\s+(?:so|very|really|truly|terribly|deeply|sincerely|awfully|just|also)){0,2}"
"""What may stand behind "I am": "I'm [so very] sorry"."""
_BEING = re.compile(r"(?:.* |\w+')?(?:am|are|is|was|were|m|re)")
_PRONOUNS = normalization.word_set("i we you they he she it")
_NOT_VERBS = normalization.word_set(
    "are am is was were have has had will would can could may might should do did not"
)


def pattern(
    signal: str, phrase: str, *, negated_by_scope: bool = True, counts_in_condition: bool = True
) -> Pattern:
    """Return the pattern that finds a client's phrase.

    Words match in any inflection and in British or American spelling ("apologise" finds "apologized"), long
    and short forms stand for each other ("we are", "we're"), `{name}` stands for one or two words or nothing,
    punctuation between words is free, and auxiliaries and "really" and the like may stand between a pronoun
    and its verb. A phrase that carries its own negation is never undone by one.

    Examples
    --------
    >>> found = pattern("banned", "per our policy")
    >>> bool(re.search(found.expression, "as per our policies"))
    True
    """
    plain = normalization.normalise(phrase)
    tokens = _TOKEN.findall(plain)
    spoken = [token for token in tokens if not token.startswith("{")]
    own_negation = bool(_NEGATORS.search(plain))
    if not spoken or any(not token.isascii() for token in spoken):
        literal = re.sub(r"\s+", " ", re.escape(plain.strip()).replace("\\ ", " "))
        return Pattern(signal, literal or r"(?!)", phrase, phrase, False, True)
    groups = _groups(tokens)
    return Pattern(
        signal,
        _joined(groups),
        phrase,
        phrase,
        negated_by_scope and not own_negation,
        counts_in_condition,
    )


def _groups(tokens: list[str]) -> list[list[str]]:
    """Return the forms each word may take, long and short forms joined; a placeholder is an empty group."""
    groups: list[list[str]] = []
    for number, token in enumerate(tokens):
        if token.startswith("{"):
            groups.append([])
        elif tokens[number : number + 2] == ["have", "to"]:
            groups.append(_forms(token))  # "you've to" is no short form of "you have to"
        elif groups and groups[-1] and (joined := _short_forms(groups[-1][0], token)):
            groups[-1] = _longest_first({f"{groups[-1][0]} {token}", *joined})
        else:
            groups.append(_forms(token))
    return groups


def _short_forms(before: str, word: str) -> set[str]:
    if before in _SUBJECTS and word in _SHORT:
        return {before + _SHORT[word]}
    if word == "not" and before == "can":
        return set(_CANNOT)
    if word == "not" and before == "will":
        return set(_WILL_NOT)
    if word == "not" and before in {
        "do",
        "does",
        "did",
        "is",
        "are",
        "was",
        "were",
        "has",
        "have",
        "should",
        "would",
    }:
        return {before + "n't"}
    return set()


def _joined(groups: list[list[str]]) -> str:
    parts: list[str] = []
    for before, group, after in zip([[], *groups], groups, [*groups[1:], []], strict=False):
        gap = r"[\W_]{1,3}" if any(parts) else ""
        if gap and group and _takes_fillers(before, group, after):
            gap = _FILLERS + gap
        elif gap and group and before and _BEING.fullmatch(before[0]):
            gap = _STRESSED + gap
        forms = "|".join(re.escape(form).replace("\\ ", " ") for form in group)
        parts.append(f"{gap}(?:{forms})" if group else _PLACEHOLDER * any(parts))
    card = r"(?![\W_]+cards?\b)" if "credit" in groups[-1] else ""
    return rf"(?<!\w){''.join(parts)}(?!\w){card}"


def _takes_fillers(before: list[str], group: list[str], after: list[str]) -> bool:
    """Tell whether a pronoun stands before its main verb, so that an auxiliary may come between."""
    if not before or before[0] not in _PRONOUNS:
        return False
    return not _NOT_VERBS.intersection(group) or (group == ["have"] and after == ["to"])


def _forms(word: str) -> list[str]:
    """Return the inflections, spellings and long forms of a word, longest first."""
    for variants in (_CANNOT, _WILL_NOT):
        if word in variants:
            return _longest_first(variants)
    forms = {word}
    for short, longs in _LONG.items():
        if word.endswith(short) and len(word) > len(short):
            forms.update(word.removesuffix(short) + long for long in longs)
    return _longest_first({*forms, *inflection.forms(word)})


def _longest_first(forms: Iterable[str]) -> list[str]:
    return sorted(forms, key=lambda form: (-len(form), form))
