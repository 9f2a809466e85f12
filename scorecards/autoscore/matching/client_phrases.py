"""Patterns of a client's own phrases: any inflection, contractions, and any name for a placeholder."""

import re
from collections.abc import Iterable

from scorecards.autoscore.matching.matcher import Pattern
from scorecards.autoscore.text import inflection, normalization

_PLACEHOLDER = r"(?:[\W_]+[\w#\[\]]+){0,2}?"
_TOKEN = re.compile(r"\{[^}]*\}|[^\W_]+(?:'[^\W_]+)*")
_NEGATORS = re.compile(r"\b(?:not|no|never|nothing|nobody|cannot|without|\w+n't)\b")
_CONTRACTIONS = {
    "are": "'re",
    "will": "'ll",
    "have": "'ve",
    "am": "'m",
    "would": "'d",
    "had": "'d",
    "is": "'s",
}
_EXPANSIONS = {
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
_AUXILIARIES = (
    r"(?:'(?:ve|d|ll|re|m|s))?(?:\s+(?:do|does|did|have|has|had|am|are|is|was|were|will|would|truly|really"
    r"|sincerely|deeply|very|so|just|also|again|fully|completely|totally|absolutely|certainly|only"
    r"|always|like to|love to|want to|wish to)){0,3}"
)
"""Between a pronoun and its verb: "we [would like to] apologise", "I [do] understand"."""
_INTENSIFIERS = r"(?:\s+(?:so|very|really|truly|terribly|deeply|sincerely|awfully|just|also)){0,2}"
"""After "I am": "I'm [so very] sorry"."""
_FORMS_OF_BE = re.compile(r"(?:.* |\w+')?(?:am|are|is|was|were|m|re)")
_PRONOUNS = normalization.word_set("i we you they he she it")
_AUXILIARY_VERBS = normalization.word_set(
    "are am is was were have has had will would can could may might should do did not"
)


def pattern(
    signal: str, phrase: str, *, negated_by_scope: bool = True, counts_in_condition: bool = True
) -> Pattern:
    """Return the pattern of a client's phrase.

    Words match in any inflection and in British or American spelling ("apologise" matches "apologized"),
    contractions match their expansions ("we are", "we're"), `{name}` matches up to two words, any punctuation
    may separate words, and auxiliaries and adverbs may be between a pronoun and its verb. A match of a phrase
    that has its own negation is not cancelled by a negator.

    Examples
    --------
    >>> banned = pattern("banned", "per our policy")
    >>> bool(re.search(banned.expression, "as per our policies"))
    True
    """
    plain = normalization.normalise(phrase)
    tokens = _TOKEN.findall(plain)
    words = [token for token in tokens if not token.startswith("{")]
    own_negation = bool(_NEGATORS.search(plain))
    if not words or any(not token.isascii() for token in words):
        literal = re.sub(r"\s+", " ", re.escape(plain.strip()).replace("\\ ", " "))
        return Pattern(signal, literal or r"(?!)", phrase, phrase, False, True)
    variants_by_token = _variants(tokens)
    return Pattern(
        signal,
        _joined(variants_by_token),
        phrase,
        phrase,
        negated_by_scope and not own_negation,
        counts_in_condition,
    )


def _variants(tokens: list[str]) -> list[list[str]]:
    """Return the variants of every token, contractible tokens together; a placeholder has none."""
    variants_by_token: list[list[str]] = []
    for index, token in enumerate(tokens):
        if token.startswith("{"):
            variants_by_token.append([])
        elif tokens[index : index + 2] == ["have", "to"]:
            variants_by_token.append(_forms(token))  # "you've to" is no contraction of "you have to"
        elif (
            variants_by_token
            and variants_by_token[-1]
            and (contracted := _contracted(variants_by_token[-1][0], token))
        ):
            variants_by_token[-1] = _longest_first({f"{variants_by_token[-1][0]} {token}", *contracted})
        else:
            variants_by_token.append(_forms(token))
    return variants_by_token


def _contracted(previous: str, word: str) -> set[str]:
    if previous in _SUBJECTS and word in _CONTRACTIONS:
        return {previous + _CONTRACTIONS[word]}
    if word == "not" and previous == "can":
        return set(_CANNOT)
    if word == "not" and previous == "will":
        return set(_WILL_NOT)
    if word == "not" and previous in {
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
        return {previous + "n't"}
    return set()


def _joined(variants_by_token: list[list[str]]) -> str:
    parts: list[str] = []
    for previous, variants, following in zip(
        [[], *variants_by_token], variants_by_token, [*variants_by_token[1:], []], strict=False
    ):
        gap = r"[\W_]{1,3}" if any(parts) else ""
        if gap and variants and _takes_auxiliaries(previous, variants, following):
            gap = _AUXILIARIES + gap
        elif gap and variants and previous and _FORMS_OF_BE.fullmatch(previous[0]):
            gap = _INTENSIFIERS + gap
        forms = "|".join(re.escape(form).replace("\\ ", " ") for form in variants)
        parts.append(f"{gap}(?:{forms})" if variants else _PLACEHOLDER * any(parts))
    card = r"(?![\W_]+cards?\b)" if "credit" in variants_by_token[-1] else ""
    return rf"(?<!\w){''.join(parts)}(?!\w){card}"


def _takes_auxiliaries(previous: list[str], variants: list[str], following: list[str]) -> bool:
    """Tell whether this is a main verb after its pronoun, so that an auxiliary may be between."""
    if not previous or previous[0] not in _PRONOUNS:
        return False
    return not _AUXILIARY_VERBS.intersection(variants) or (variants == ["have"] and following == ["to"])


def _forms(word: str) -> list[str]:
    """Return the inflections, spellings and expansions of a word, longest first."""
    for variants in (_CANNOT, _WILL_NOT):
        if word in variants:
            return _longest_first(variants)
    forms = {word}
    for contraction, expansions in _EXPANSIONS.items():
        if word.endswith(contraction) and len(word) > len(contraction):
            forms.update(word.removesuffix(contraction) + expansion for expansion in expansions)
    return _longest_first({*forms, *inflection.forms(word)})


def _longest_first(forms: Iterable[str]) -> list[str]:
    return sorted(forms, key=lambda form: (-len(form), form))
