"""Markers of style in a sentence: casual and stiff words, contractions, hedges, warmth, reading load."""

import re
import struct
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

from scorecards.autoscore.text import normalization, readability

CASUAL = normalization.word_set(
    "gonna wanna gotta yeah yep yup nope nah lol omg btw thx pls plz dude bro mate guys cool awesome "
    "hey hiya ya u ur cuz kinda sorta dunno ok'd oops yikes sup k np asap folks"
)
STIFF = normalization.word_set(
    "hereby herewith pursuant aforementioned kindly esteemed henceforth thereof therein undersigned "
    "furthermore regarding sincerely faithfully sir madam aforesaid heretofore notwithstanding "
    "forthwith acknowledge receipt endeavour commence utilise utilize"
)
WARM = normalization.word_set(
    "glad happy happily delighted pleasure pleased love lovely wonderful great thank thanks thankful welcome "
    "hope care enjoy appreciate grateful sorry feel understand together lucky hugs warm warmly hi hello "
    "promise reassure wish best friend friendly excited"
)
POLITE = normalization.word_set(
    "please thank thanks may could would welcome sorry appreciate pardon apologise apologize apologies "
    "kindly pleasure glad grateful patience"
)
HEDGES = normalization.word_set(
    "maybe perhaps possibly might probably apparently somewhat presumably supposedly hopefully guess seems "
    "seemingly roughly sort kind unsure"
)
REFUSALS = normalization.word_set(
    "can't cannot won't unable unfortunately impossible never no not don't doesn't didn't isn't wasn't "
    "couldn't wouldn't nothing nobody however regret fail failed denied declined"
)
FORWARD = normalization.word_set(
    "can will i'll we'll let let's absolutely sure certainly definitely course gladly right sorted fixed "
    "done ready happy good great perfect excellent"
)
PLAYFUL = normalization.word_set(
    "yay woohoo whoops oops hooray ta-da haha magic superhero wizard treat fab boom voila hurrah pop cheers "
    "psst oh ooh wow whee fun fancy"
)
_EMOJI = re.compile("[\u2600-\u27bf\U0001f000-\U0001faff]|[:;]-?[)(dp]\\b|[:;]-?[)(]|!!")
_STIFF_PHRASE = re.compile(
    r"please be (?:advised|informed|aware)|we regret to (?:inform|advise)|at your earliest convenience"
    r"|in accordance with|with (?:reference|regard) to|dear (?:sir|madam|valued)|yours (?:faithfully|truly)"
    r"|do not hesitate to|it has been brought to|we wish to (?:inform|advise)|prior to"
    r"|in the event (?:that|of)"
    r"|(?:your|the) request (?:has been|is being|will be) (?:processed|received|forwarded)"
)
_HEDGE_PHRASE = re.compile(
    r"\bi (?:think|guess|believe|suppose)\b|\bnot (?:sure|certain)\b|\bshould be able\b"
)
_STIFF_PHRASE_WORDS = normalization.word_set(
    "advised informed aware inform advise earliest accordance reference regard dear yours hesitate brought "
    "prior event request"
)
_HEDGE_PHRASE_WORDS = normalization.word_set("think guess believe suppose sure certain able")
_URL_OR_EMAIL = re.compile(r"\S*(?:://|www\.|@)\S*")
_MIN_SYLLABLES = 4
_CONTRACTED = re.compile(r"\w+'(?:m|re|ve|ll|d|t)|(?:it|that|there|here|what|who|let|how|where|he|she)'s")


class Style(NamedTuple):
    """Counts in a sentence, or summed over several; those that begin with `read_` are for readability."""

    sentences: int
    words: int
    long_words: int
    contractions: int
    casual: int
    stiff: int
    warm: int
    polite: int
    hedges: int
    refusals: int
    forward: int
    playful: int
    first: int
    second: int
    exclaimed: int
    read_sentences: int
    read_words: int
    read_syllables: int


NOTHING = Style(*([0] * len(Style._fields)))
_WORD_TABLES: tuple[frozenset[str], ...] = (
    CASUAL,
    STIFF,
    WARM,
    POLITE,
    HEDGES,
    REFUSALS,
    FORWARD,
    PLAYFUL,
    normalization.word_set("i i'm i'll i've i'd me my myself"),
    normalization.word_set("you your you're you'll you've yours yourself you'd"),
)


_PACKED = struct.Struct(f"<{5 + len(_WORD_TABLES)}H")


@lru_cache(maxsize=16_384)
def _packed_counts(word: str) -> int:
    """Return the counts of one word for a `Style`, from `words` to `second`, and its reading load.

    The counts are packed into one integer, 16 bits each, so that one addition sums them all; a sentence has
    at most a thousand characters, so that no count overflows.
    """
    is_read = int(readability.is_read(word))
    syllables = readability.syllables(word)
    counts = (
        1,
        int(syllables >= _MIN_SYLLABLES),
        int(_CONTRACTED.fullmatch(word) is not None),
        *(int(word in table) for table in _WORD_TABLES),
        is_read,
        is_read * syllables,
    )
    return int.from_bytes(_PACKED.pack(*counts), "little")


def style_of(plain: str, words: tuple[str, ...]) -> Style:
    """Return the style of one normalised sentence.

    Examples
    --------
    >>> sentence = "i'm so glad you asked!"
    >>> style = style_of(sentence, tuple(normalization.words(sentence)))
    >>> style.words, style.contractions, style.warm, style.exclaimed
    (5, 1, 1, 1)
    """
    if not words:
        return NOTHING
    if "@" in plain or "www." in plain or "://" in plain:
        plain = _URL_OR_EMAIL.sub(" ", plain)
        words = tuple(normalization.words(plain))
        if not words:
            return NOTHING
    summed = sum(map(_packed_counts, words)).to_bytes(_PACKED.size, "little")
    *counts, read_words, read_syllables = _PACKED.unpack(summed)
    if not plain.isascii() or ":" in plain or ";" in plain or "!!" in plain:
        emoji = len(_EMOJI.findall(plain))
        counts[3] += emoji
        counts[10] += emoji
    if not _STIFF_PHRASE_WORDS.isdisjoint(words):
        counts[4] += 2 * len(_STIFF_PHRASE.findall(plain))
    if not _HEDGE_PHRASE_WORDS.isdisjoint(words):
        counts[7] += len(_HEDGE_PHRASE.findall(plain))
    reading_load = (
        (1, read_words, read_syllables) if read_words >= readability.MIN_WORDS_IN_SENTENCE else (0, 0, 0)
    )
    return Style._make((1, *counts, int("!" in plain), *reading_load))


def total(styles: Iterable[Style]) -> Style:
    """Return the sums over several sentences."""
    return Style._make(map(sum, zip(NOTHING, *styles, strict=True)))


def marker_names(style: Style) -> Mapping[str, bool]:
    """Return the markers of a style by name, for a classifier that explains its scores.

    Examples
    --------
    >>> sentence = "we regret to inform you that your request was declined"
    >>> names = marker_names(style_of(sentence, tuple(normalization.words(sentence))))
    >>> [name for name, present in names.items() if present]
    ['stiff wording', 'refusals', 'addressing the customer', 'no contractions']
    """
    return dict(zip(NAMES, markers(style), strict=True))


def markers(style: Style) -> tuple[bool, ...]:
    """Return whether each marker of `NAMES` is present."""
    words = style.words
    return (
        style.contractions > 0,
        style.casual > 0,
        style.stiff > 0,
        style.warm > 0,
        style.polite > 0,
        style.hedges > 0,
        style.refusals > 0,
        style.exclaimed > 0,
        style.first > 0,
        style.second > 0,
        6 * style.long_words > words,
        words > 18,
        0 < words <= 8,
        style.contractions == 0 and words > 6,
        style.second == 0 and words > 6,
    )


NAMES = (
    "contractions",
    "casual wording",
    "stiff wording",
    "warm words",
    "polite words",
    "hedges",
    "refusals",
    "exclamation marks",
    "saying 'I'",
    "addressing the customer",
    "long words",
    "long sentences",
    "short sentences",
    "no contractions",
    "not addressing the customer",
)
"""The names of the markers in the order of `markers`."""
