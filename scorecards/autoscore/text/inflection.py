"""The forms of an English word: regular and irregular inflections in British and American spelling."""

import re
from collections.abc import Iterable, Mapping

from scorecards.autoscore.text import normalization

_MIN_LENGTH = 4
"""Letters; a shorter word is inflected only if it is an irregular verb."""

_INVARIABLE = normalization.word_set(
    "this was has is does his us yes as its goes always sorry very any your our they their my may by "
    "why thing bring king during nothing something anything everything need indeed speed feed red "
    "bed been the are were here there where he she we me be these those please some one once since "
    "because never glad them then than that with from into over under about would could should might "
    "must shall will also just only even ever such than when what which while whom whose have had"
)
_IRREGULAR: tuple[tuple[str, ...], ...] = tuple(
    tuple(line.split())
    for line in """
    become becomes became becoming
    begin begins began begun beginning
    break breaks broke broken breaking
    bring brings brought bringing
    buy buys bought buying
    catch catches caught catching
    choose chooses chose chosen choosing
    come comes came coming
    feel feels felt feeling
    find finds found finding
    forget forgets forgot forgotten forgetting
    get gets got gotten getting
    give gives gave given giving
    hear hears heard hearing
    hold holds held holding
    keep keeps kept keeping
    know knows knew known knowing
    lose loses lost losing
    make makes made making
    mean means meant meaning
    meet meets met meeting
    pay pays paid paying
    say says said saying
    see sees saw seen seeing
    sell sells sold selling
    send sends sent sending
    show shows showed shown showing
    speak speaks spoke spoken speaking
    spend spends spent spending
    take takes took taken taking
    tell tells told telling
    think thinks thought thinking
    try tries tried trying
    understand understands understood understanding
    write writes wrote written writing
    """.strip().splitlines()
)
_IRREGULAR_FORMS: Mapping[str, tuple[str, ...]] = {form: forms for forms in _IRREGULAR for form in forms}
# Words that end like "apologise" and have one spelling only.
_ALWAYS_S = re.compile(
    r"(?:adv|rev|dev|surpr|superv|telev|exerc|prom|compr|comprom|desp|disgu|ra|pra|no|po|cho|ch|w|r|gu|v|cru"
    r"|bru|prec|conc|parad|expert|franch|enterpr|merchand|lik?ew|otherw|appra|prem|prom|no|no)is(?:e|es|ed|ing)"
)
_ALWAYS_Z = re.compile(
    r"(?:s|pr|se|caps|ma|gla|ga|bla|squee|snee|free|bree|qu|cra|la|ha|ama|do|bron)iz(?:e|es|ed|ing)"
)
_OUR = normalization.word_set(
    "colour favour honour behaviour neighbour labour humour flavour endeavour rumour harbour"
)
_PAIRS: Mapping[str, str] = {
    "centre": "center",
    "cheque": "check",
    "licence": "license",
    "defence": "defense",
    "offence": "offense",
    "programme": "program",
    "catalogue": "catalog",
    "dialogue": "dialog",
    "grey": "gray",
    "tyre": "tire",
    "fulfil": "fulfill",
    "enrol": "enroll",
    "judgement": "judgment",
    "whilst": "while",
}
_FROM_AMERICAN: Mapping[str, str] = {
    american: british for british, american in _PAIRS.items() if american != "check"
}


def forms(word: str) -> set[str]:
    """Return every form a lower-case word may take, itself among them.

    Plural, tenses and participles of regular words of four letters and more and of common irregular verbs,
    each in British and American spelling. Function words have no other form.

    Examples
    --------
    >>> sorted(forms("apologised") & {"apologise", "apologizing", "apologizes"})
    ['apologise', 'apologizes', 'apologizing']
    >>> sorted(forms("sent"))
    ['send', 'sending', 'sends', 'sent']
    >>> forms("our")
    {'our'}
    """
    if not word.isalpha() or word in _INVARIABLE:
        return {word}
    if word in _IRREGULAR_FORMS:
        return set(_IRREGULAR_FORMS[word])
    if len(word) < _MIN_LENGTH:
        return {word}
    return {
        spelling
        for form in (word, *inflected(base(word)))
        for spelling in spellings(form)
        if len(spelling) > 1
    }


def spellings(word: str) -> Iterable[str]:
    """Return the word and how the other side of the Atlantic spells it.

    Examples
    --------
    >>> sorted(spellings("organising")), sorted(spellings("advise")), sorted(spellings("colors"))
    (['organising', 'organizing'], ['advise'], ['colors', 'colours'])
    """
    yield word
    if re.search(r"[^aeou]is(?:e|es|ed|ing)$", word) and len(word) > 5 and not _ALWAYS_S.fullmatch(word):
        yield re.sub(r"is(e|es|ed|ing)$", r"iz\1", word)
    elif re.search(r"[^aeou]iz(?:e|es|ed|ing)$", word) and len(word) > 5 and not _ALWAYS_Z.fullmatch(word):
        yield re.sub(r"iz(e|es|ed|ing)$", r"is\1", word)
    elif re.search(r"lly[sz]e|aly[sz](?:e|es|ed|ing)$", word):
        yield word.translate(str.maketrans("sz", "zs")) if word.count("s") + word.count("z") == 1 else word
    yield from _by_table(word)
    if found := re.fullmatch(r"(\w{2,}[aeiou])l(l?)(ed|ing|ation)", word):
        yield f"{found[1]}{'l' if found[2] else 'll'}{found[3]}"


def _by_table(word: str) -> Iterable[str]:
    for ending in ("", "s", "ed", "ing", "ful", "able", "ite", "ites"):
        if not word.endswith(ending):
            continue
        stem = word.removesuffix(ending)
        if stem in _OUR:
            yield f"{stem[:-3]}or{ending}"
        elif stem.endswith("or") and f"{stem[:-2]}our" in _OUR:
            yield f"{stem[:-2]}our{ending}"
        if ending in {"", "s"}:
            for table in (_PAIRS, _FROM_AMERICAN):
                if stem in table:
                    yield f"{table[stem]}{ending}"


def base(word: str) -> str:
    """Return the uninflected form of a regular word, as far as its letters tell."""
    if word.endswith("ies") and len(word) > 5:
        return word[:-3] + "y"
    for ending, min_length in (("ing", 6), ("ed", 5)):
        if word.endswith(ending) and len(word) >= min_length:
            stem = word.removesuffix(ending)
            return stem[:-1] if len(stem) > 3 and stem[-1] == stem[-2] and stem[-1] not in "ls" else stem
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def inflected(stem: str) -> set[str]:
    """Return the regular inflections of an uninflected word."""
    if stem.endswith("y") and stem[-2] not in "aeiou":
        return {stem, stem[:-1] + "ies", stem[:-1] + "ied", stem + "ing"}
    if stem.endswith("e"):
        return {stem, stem + "s", stem + "d", stem[:-1] + "ing"}
    found = {stem + ending for ending in ("", "s", "es", "ed", "ing", "e")}
    return found | {stem + stem[-1] + ending for ending in ("ed", "ing")}
