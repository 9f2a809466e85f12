"""A client's own phrases as patterns: inflected, contracted, with any name in the place of a placeholder."""

import re
from collections.abc import Iterable

from scorecards.autoscore import text
from scorecards.autoscore.patterns import Pattern

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
_SUBJECTS = text.word_set("i you he she it we they that this there what who")
_CANNOT = frozenset({"cannot", "can't", "can not", "cant"})
_WILL_NOT = frozenset({"won't", "will not", "wont"})
_FIXED = text.word_set(
    "this was has is does his us yes as its goes always sorry very any your our they their my may by "
    "why thing bring king during nothing something anything everything need indeed speed feed red "
    "bed been the are were here there where he she we me be these those please some one once since "
    "because never glad"
)


def pattern(signal: str, phrase: str, *, negatable: bool = True, conditional: bool = True) -> Pattern:
    """Return the pattern that finds a client's phrase.

    Words match in any regular inflection ("credit" finds "credited"), long and short forms stand for each
    other ("we are", "we're"), `{name}` stands for one or two words or nothing, punctuation between words is
    free. A phrase that carries its own negation is never undone by one.

    Examples
    --------
    >>> found = pattern("banned", "per our policy")
    >>> bool(re.search(found.expression, "as per our policies"))
    True
    """
    plain = text.normalise(phrase)
    tokens = _TOKEN.findall(plain)
    spoken = [token for token in tokens if not token.startswith("{")]
    own_negation = bool(_NEGATORS.search(plain))
    if not spoken or any(not token.isascii() for token in spoken):
        literal = re.sub(r"\s+", " ", re.escape(plain.strip()).replace("\\ ", " "))
        return Pattern(signal, "", literal or r"(?!)", phrase, phrase, False, True)
    groups = _groups(tokens)
    anchor = max((group for group in groups if group), key=lambda group: min(len(form) for form in group))
    return Pattern(
        signal,
        " ".join(sorted({form.split()[0] for form in anchor})),
        _joined(groups),
        phrase,
        phrase,
        negatable and not own_negation,
        conditional,
    )


def _groups(tokens: list[str]) -> list[list[str]]:
    """Return the forms each word may take, long and short forms joined; a placeholder is an empty group."""
    groups: list[list[str]] = []
    for token in tokens:
        if token.startswith("{"):
            groups.append([])
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
    for group in groups:
        gap = r"[\W_]{1,3}" if any(parts) else ""
        forms = "|".join(re.escape(form).replace("\\ ", " ") for form in group)
        parts.append(f"{gap}(?:{forms})" if group else _PLACEHOLDER * any(parts))
    card = r"(?![\W_]+cards?\b)" if "credit" in groups[-1] else ""
    return rf"(?<!\w){''.join(parts)}(?!\w){card}"


def _forms(word: str) -> list[str]:
    """Return the regular inflections and long forms of a word, longest first."""
    for variants in (_CANNOT, _WILL_NOT):
        if word in variants:
            return _longest_first(variants)
    forms = {word}
    for short, longs in _LONG.items():
        if word.endswith(short) and len(word) > len(short):
            forms.update(word.removesuffix(short) + long for long in longs)
    if word.isalpha() and len(word) > 3 and word not in _FIXED:
        forms |= _inflected(_base(word))
    return _longest_first(forms)


def _longest_first(forms: Iterable[str]) -> list[str]:
    return sorted(forms, key=lambda form: (-len(form), form))


def _base(word: str) -> str:
    if word.endswith("ies") and len(word) > 5:
        return word[:-3] + "y"
    for ending, least in (("ing", 6), ("ed", 5)):
        if word.endswith(ending) and len(word) >= least:
            base = word.removesuffix(ending)
            return base[:-1] if len(base) > 3 and base[-1] == base[-2] and base[-1] not in "ls" else base
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def _inflected(base: str) -> set[str]:
    if base.endswith("y") and base[-2] not in "aeiou":
        return {base, base[:-1] + "ies", base[:-1] + "ied", base + "ing"}
    if base.endswith("e"):
        return {base, base + "s", base + "d", base[:-1] + "ing"}
    forms = {base + ending for ending in ("", "s", "es", "ed", "ing", "e")}
    return forms | {base + base[-1] + ending for ending in ("ed", "ing")}
