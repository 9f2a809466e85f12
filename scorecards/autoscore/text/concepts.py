"""Concept extraction: stems and synonym groups of customer service instead of the words of a text."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from scorecards.autoscore.text import normalization
from scorecards.autoscore.text.inflection import base, spellings
from scorecards.autoscore.text.word_rarity import EVERYDAY

_STOP_WORDS = EVERYDAY | normalization.word_set(
    "without within between during among against along across behind beside "
    "about after again all also always am another any anyone anything are aren't as away because before "
    "being been both came come comes cannot can't couldn't could did didn't do does doesn't doing done "
    "don't each either else ever every few first go goes going gone had hadn't has hasn't haven't having "
    "her here him his i'd i've into isn't it'll its itself keep keeps let like made make makes making "
    "many may maybe me might more most much must need needs never next nothing now off oh on one only or "
    "other our ours out own really same say says she should since so some someone something still such "
    "than that's their them then there there's these they they're thing things think this those thought "
    "through too tried trying try under until up us very want wanted wants wasn't we we'd we'll we're "
    "we've were weren't what's when where which while who who's whose why won't wouldn't yet you'd you'll "
    "you're you've your yours said saw see seems just hey good morning afternoon evening sir madam help "
    "helped question questions wondering wonder know tell told please look looking put ask asked asking "
    "customer customers agent people somebody anybody day days week weeks ago today time times last use "
    "using used right well sure reason believe believes call calling case problem issue give given gives "
    "show shows take takes took taken find found lot way kind sort already simply even however likely "
    "namely via etc supposed able instead"
)
_SYNONYMS: tuple[str, ...] = (
    "refund reimburse reimbursement moneyback",
    "return sendback",
    "cancel cancellation terminate",
    "bill invoice billing",
    "charge fee surcharge charged",
    "package parcel shipment",
    "ship shipping delivery deliver dispatch",
    "arrive received receive",
    "price pricing cost",
    "cheap cheaper lower less",
    "break broken damage damaged defective crack smash shatter faulty torn",
    "buy bought purchase",
    "slow sluggish lag laggy slowdown crawl load",
    "website site page webpage",
    "cart basket trolley",
    "login signin",
    "password passcode",
    "phone mobile telephone cellphone",
    "change update modify switch edit alter",
    "wrong incorrect mistaken mistake",
    "stain spot dirty smudge",
    "size fit tight loose",
    "color colour shade",
    "promo promotion promotional coupon",
    "expire expiry expiration outdated",
    "subscription subscribe subscriber",
    "member membership",
    "extension extend",
    "competitor elsewhere",
    "stock available availability soldout",
    "dispute contest",
    "pay payment paid",
    "due owe owing",
    "twice double duplicate",
    "missing lost disappear vanish",
    "international abroad overseas country countries",
    "mystery unknown strange unrecognised unauthorised unrecognized unauthorized weird odd",
    "invalid reject decline refuse",
    "remove delete",
    "outage down offline",
    "internet broadband wifi connection",
    "technician engineer",
    "late delay",
    "extra additional",
    "benefit perk advantage",
)
_NOT_COME = (
    r"(?:n't|\bnot|\bnever)(?: \w+){0,2} (?:arriv\w+|receiv\w+|gotten|got|come|came|here"
    r"|(?:show|turn)\w* up|deliver\w*)\b"
)
_NOT_WANTED = (
    r"(?:\b(?:do|did|would)(?:n't| not)|\bnot|\bnever) (?:want|wish|mean|intend|like|try|trying|going) to\b"
    r"[^,.;!?]*"
)
_NOT_WORKING = r"(?:n't|\bnot|\bnever|\bstop\w*)(?: \w+){0,2} (?:work\w*|function\w*|load\w*|respond\w*)\b"
_MOVED = r"\b(?:move[ds]?|moving) (?:house|home|to|apartment|flat)\b|\bi(?:'ve| have)? (?:just )?moved\b"
_EXPRESSIONS: tuple[tuple[frozenset[str], re.Pattern[str], str], ...] = tuple(
    (normalization.word_set(any_of), re.compile(expression), replacement)
    for any_of, expression, replacement in (
        ("n't not never", _NOT_WANTED, " "),
        ("due", r"\bdue to\b", " "),
        ("back", r"\bmoney back\b", " moneyback "),
        ("back", r"\b(?:send|sent|sending|ship|bring|mail)\w* (?:\w+ ){0,3}?back\b", " sendback "),
        ("sold", r"\bsold out\b", " stock "),
        ("date", r"\bout[ -]of[ -]date\b", " date expire "),
        ("too", r"\btoo (?:\w+ )?(?:big|small|large|long|short|wide|narrow|tight|loose)\b", " size "),
        (
            "log logging logged login sign signing signed",
            r"\b(?:log|logging|logged|sign|signing|signed)[ -]?(?:in|on|out|into)\b",
            " login ",
        ),
        ("factor fa step", r"\b(?:2|two)[ -]?(?:factor|fa|step)\b", " twofactor "),
        ("user", r"\buser name\b", " username "),
        ("n't not never", _NOT_COME, " missing "),
        ("n't not never stop stopped stops", _NOT_WORKING, " notworking "),
        ("takes take taking took", r"\b(?:takes?|taking|took) (?:for ?ever|ages|so long)\b", " slow "),
        ("no nothing zero", r"\b(?:no|nothing|zero)(?: \w+)? (?:results?|found|hits)\b", " noresult "),
        ("move moved moves moving", _MOVED, " address "),
    )
)
"""Words of which one is required, the expression that is searched for then, and its replacement."""

_EXPRESSION_WORDS = frozenset().union(*(any_of for any_of, _, _ in _EXPRESSIONS))
_SUFFIXES = re.compile(
    r"(?:ations?|ates?|ators?|ments?|ances?|ences?|ions?|ities|ity|ings?|ings|able|ables|al|ers?|y)$"
)
_IFY_SUFFIX = re.compile(r"if(?:ications?|ied|ies|ying|y|i)$")
_MIN_STEM = 4
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")


class ConceptSpan(NamedTuple):
    """A word with a concept, and its characters [start, end)."""

    concept: str
    start: int
    end: int


def concepts(plain: str) -> frozenset[str]:
    """Return the concepts in normalised text, without stop words.

    Examples
    --------
    >>> sorted(concepts("where's my parcel? it still hasn't arrived"))
    ['miss', 'packag']
    >>> concepts("validate purchase") == concepts("purchase validation in progress") - {"progress"}
    True
    """
    words = _WORD.findall(plain)
    present = _EXPRESSION_WORDS.intersection(words)
    if "n't" in plain:
        present |= {"n't"}
    if present:
        words = _WORD.findall(_replaced(plain, present))
    return frozenset(filter(None, map(_concept, words)))


def concept_spans(plain: str) -> list[ConceptSpan]:
    """Return the concepts of single words in normalised text with their spans."""
    return [
        ConceptSpan(concept, found.start(), found.end())
        for found in _WORD.finditer(plain)
        if (concept := _concept(found.group()))
    ]


def _replaced(plain: str, present: frozenset[str]) -> str:
    for any_of, expression, replacement in _EXPRESSIONS:
        if not any_of.isdisjoint(present):
            plain = expression.sub(replacement, plain)
    return plain


@lru_cache(maxsize=32_768)
def _concept(word: str) -> str:
    """Return the concept of a word, its synonym group or its stem; empty for a stop word."""
    word = word.removesuffix("'s").removesuffix("'")
    if len(word) < 2 or word in _STOP_WORDS:
        return ""
    stem = _stem(word)
    return _GROUPS.get(word) or _GROUPS.get(stem) or stem


def _stem(word: str) -> str:
    """Return the stem of a word in the spelling that comes first in the alphabet."""
    stem = _IFY_SUFFIX.sub("if", min(spellings(base(word))))
    for _ in range(2):
        shorter = _SUFFIXES.sub("", stem)
        if len(shorter) < _MIN_STEM:
            break
        stem = shorter
    stem = stem.removesuffix("e") if len(stem) > _MIN_STEM else stem
    if len(stem) > _MIN_STEM and stem[-1] == stem[-2] and stem[-1] != "s":
        return stem[:-1]
    return stem


def _groups() -> Mapping[str, str]:
    found: dict[str, str] = {}
    for line in _SYNONYMS:
        words = line.split()
        for word in words:
            found[word] = found[_stem(word)] = _stem(words[0])
    return found


_GROUPS = _groups()
