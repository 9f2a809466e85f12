"""Phrases of customers' problem statements: words without their endings, small words left out (pure)."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from scorecards.definitions.conversation import Turn

MAX_STATEMENT = 300
"""Characters: what a customer says first is the problem; later turns answer questions about it."""
MAX_WORDS = 3
"""Words of a phrase that count; small words are no part of it."""
_PLACEHOLDER = re.compile(r"\[[A-Z_]+(?: \d+)?\]|#\w+#")
_SENTENCE_END = re.compile(r"[.!?\n;:]+")
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*")


def _words(written: str) -> frozenset[str]:
    return frozenset(written.split())


SMALL_WORDS = _words(
    """
    a about after again ago all already also always am an and another any anybody anyone anything are as
    ask asked asking at back be because been before being best both but by came can cannot come could
    did do does doing done during each either else even ever every everything few find first for found
    from gave get gets getting give given go goes going gone good got great had happen happened
    happening happens has have having he her here him his how however i if in instead into is it its
    itself just keep kept kind know last least let like little long look looking made make makes making
    many may maybe me mean means might mine moment more most much must my myself need needed needs never
    new next no nobody none nor not nothing now of off on once one only onto or other our out over own
    part per perhaps possible put quite rather really right said same saw say saying says see seen send
    sent several shall she should show shows side since so some somebody someone something soon still
    such take taken than that the their them then there therefore these they thing things think this
    those though thought through till time times to today together told tomorrow too took tried tries
    try trying two under until up upon us use used uses using very via want wanted wanting wants was way
    ways we week weeks well went were what whatever when where whether which while who whom whose why
    will wish with within without wonder wondering would yes yesterday yet you your yours day days month
    months year years hour hours minute minutes number answer dear evening friend friendly greet
    greetings hello help helped helping hey hi information inform informed issue madam mail mam mister
    morning mr mrs night ok okay please point problem problems question questions regard regards sir
    situation sorry sure tell thank thanks thankyou trouble welcome appreciate afternoon able unable
    work works working worked enter entered receive received remember understand understood actually
    anymore longer
    """
)
"""Words that tell no problem from another."""


class Term(NamedTuple):
    """A word as it was written, in lower case, and without its ending."""

    word: str
    stem: str


def stem(word: str) -> str:
    """Return an English word without its ending, so that its forms are alike; it need not be a word.

    Examples
    --------
    >>> [stem(word) for word in ("charge", "charged", "charging", "charges")]
    ['charg', 'charg', 'charg', 'charg']
    >>> [stem(word) for word in ("deliveries", "delivery", "classes", "class", "cancelled", "app", "bus")]
    ['delivery', 'delivery', 'clas', 'clas', 'cancel', 'app', 'bus']
    """
    if word.endswith("ies") and len(word) > 4:
        word = f"{word[:-3]}y"
    elif word.endswith(("sses", "shes", "ches", "xes")):
        word = word[:-2]
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3:
        word = word[:-1]
    for ending, shortest in (("ing", 6), ("ed", 5)):
        if word.endswith(ending) and len(word) >= shortest:
            word = word[: -len(ending)]
            break
    if len(word) > 3 and word[-1] == word[-2]:
        word = word[:-1]
    return word[:-1] if word.endswith("e") and len(word) > 3 else word


def sentences_of(text: str) -> Iterator[list[Term]]:
    """Yield the terms of each sentence, without small words and placeholders of masked data."""
    for sentence in _SENTENCE_END.split(_PLACEHOLDER.sub(" ", text).lower()):
        words = (found.group().replace("\u2019", "'") for found in _WORD.finditer(sentence))
        terms = [Term(word, stem(word)) for word in words if _tells(word)]
        if terms:
            yield terms


def _tells(word: str) -> bool:
    return len(word) > 1 and "'" not in word and word not in SMALL_WORDS


def phrase_stems(phrase: str) -> tuple[str, ...]:
    """Return the stems of a phrase; empty where it is of small words alone.

    >>> phrase_stems("has not been delivered"), phrase_stems("the reading device"), phrase_stems("I can't")
    (('deliver',), ('read', 'devic'), ())
    """
    return tuple(term.stem for terms in sentences_of(phrase) for term in terms)


def problem_statement(turns: Sequence[Turn] | Sequence[Any]) -> str:
    """Return what the customer says first, up to `MAX_STATEMENT` characters.

    >>> problem_statement([Turn("agent", "Hello!"), Turn("customer", "My card"), Turn("customer", "is lost")])
    'My card is lost'
    """
    said = ""
    for turn in turns:
        if turn.speaker == "customer" and turn.text:
            said = f"{said} {turn.text}" if said else turn.text
            if len(said) >= MAX_STATEMENT:
                return said[:MAX_STATEMENT]
    return said
