"""Everyday words (stop words), and distinctive words that belong to one customer's own case."""

from collections.abc import Sequence

from scorecards.autoscore.text import normalization

EVERYDAY = normalization.word_set(
    "the a i you to is it my your and of for in that this on me we not have was be with can do are "
    "what how when no yes ok thanks thank please hi hello at but if will just so an it's i'm don't "
    "from our by up or as has been they would get"
)
_COMMON = normalization.word_set(
    "about above actually after again against agent ahead alright already always another answer "
    "anyone anything apologise apologize apology arrive arrived asked because been before being "
    "better between bought brand bring broken called can't cannot change check checked chat claim "
    "close code come coming company complete completely confirm contact correct could couldn't "
    "customer customers damaged date days deal dear delay delayed delivery details didn't different "
    "does doesn't doing don't done down each either else email enough even ever every everything "
    "exactly expect explain fact feel feeling fine find first following forward found from "
    "frustrated frustrating gave getting give given glad goes going good great happen happened happy "
    "hasn't have haven't having hear heard hello help helped here hours however i'll i'm i've idea "
    "immediately information instead isn't issue issues item items just keep kind know last late "
    "later least leave less like little long look looking looks made mail make making many matter "
    "maybe mean message mind minute minutes moment money month months more morning most much must "
    "name need needed needs never next nice nobody nothing number okay once only open order ordered "
    "orders other others over page paid part patience people phone place please point possible "
    "prefer price probably problem problems process product products purchase question questions "
    "quick quite rather read ready real really reason receive received refund regarding reply "
    "resolve respond response right same said says second seems seen send sent service should show "
    "simply since solve some someone something soon sorry sort sounds speak start started status "
    "still stop such support sure system take taken talk tell thank thanks that that's their them "
    "then there there's these they they're thing things think this those though three through time "
    "times today together told tomorrow tried trouble trying twice under understand unfortunately "
    "until update upset used using very wait waiting want wanted wants wasn't weeks welcome well "
    "went were what what's when where which while whole will with within without won't wondering "
    "word work working worried would wrong year years yesterday yet you're your yours you'll account "
    "payment card charge charged bill parcel package shipping delivered agent's team anyway "
    "appreciate best call website site online works worry forever delighted ridiculous able angry "
    "awful terrible able also away best body both card case cost data date deal does done easy face fair "
    "fast felt file "
    "five form four free full gets hand hard head held here hers high hold hour into just kept knew land "
    "lead left life "
    "line link list live load lots love main many meet mine mode move near news next none note over page "
    "part pass past "
    "path play plus post pull push quit rate real rest risk role room rule safe sale same save seem self "
    "sell show side "
    "sign site size some sort step sure talk team tell test text than that them then they this thus time "
    "told tone took "
    "turn type unit upon used user very view walk warm week went were what when whom will wish with word "
    "work year your "
    "zero were been have from only door down half home idea lost nine paid shop soon such open gave goes "
    "mean most must "
    "okay else even ever each come came city area days weeks hours whole early stay stays stand start asap "
    "http https "
    "hope hear help keep kind know last late less like long look lose made mail make more much name need "
    "nice read said "
    "seen send sent stop take want wait well call calls chat back bill care code find fine first give good "
    "item late "
    "order dear mind hold phone plan anyone sorted fixed reset asked saying says tried done shows seems "
    "looks means "
    "works comes wants takes makes needs isnt dont cant wont dear team regards tell give live none sir "
    "madam mister evening morning afternoon contract field fields form section"
)
_MIN_LENGTH = 4
_MAX_UNCHANGED_LENGTH = 4
_MAX_CACHED = 4_096
_INDISTINCT: set[str] = set()
"""A cache of words found not to be distinctive: most words, so that only the others are looked up."""

_SHORT_DISTINCTIVE = normalization.word_set(
    "mum mom dad son baby wife trip gift exam visa hike trek race tour camp"
)


def distinctive_words(words: Sequence[str]) -> tuple[tuple[int, str], ...]:
    """Return the distinctive words of a normalised sentence, each with its index among the words.

    A word is distinctive if it is a number of two digits or more, a family member or occasion, or a word of
    four letters or more that is neither an everyday word nor a common word of customer service. It comes in
    the singular. Few are ever used, so their spans are computed on demand by `word_span`.

    Examples
    --------
    >>> distinctive_words("please send the saddles to my mum by 12".split())
    ((3, 'saddle'), (6, 'mum'), (8, '12'))
    """
    if _INDISTINCT.issuperset(words):
        return ()
    return tuple(
        [
            (index, distinctive)
            for index, word in enumerate(words)
            if word not in _INDISTINCT and (distinctive := _distinctive(word)) is not None
        ]
    )


def word_span(plain: str, words: Sequence[str], index: int) -> tuple[int, int]:
    """Return the characters [start, end) of the word at an index in a normalised sentence.

    Examples
    --------
    >>> word_span("it is an ant", ["it", "is", "an", "ant"], 3)
    (9, 12)
    """
    start = end = 0
    for word in words[: index + 1]:
        start = plain.find(word, end)
        end = start + len(word)
    return start, end


def is_strong(word: str) -> bool:
    """Tell whether one distinctive word is enough to show that the agent refers to this customer's case."""
    return word.isdigit() or word in _SHORT_DISTINCTIVE or len(word) >= _MIN_LENGTH


def _distinctive(word: str) -> str | None:
    """Return the singular of a distinctive word, or None; words that are not distinctive are cached."""
    if _is_distinctive(word):
        return _singular(word.removesuffix("'s"))
    if len(_INDISTINCT) > _MAX_CACHED:
        _INDISTINCT.clear()
    _INDISTINCT.add(word)
    return None


def _is_distinctive(word: str) -> bool:
    if "'" in word:
        word = word.removesuffix("'s")
    if len(word) >= _MIN_LENGTH:
        return word not in _COMMON and "'" not in word
    return word in _SHORT_DISTINCTIVE or (word.isdigit() and len(word) > 1)


def _singular(word: str) -> str:
    return (
        word[:-1]
        if word.endswith("s") and len(word) > _MAX_UNCHANGED_LENGTH and not word.endswith("ss")
        else word
    )
