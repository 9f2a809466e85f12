"""Words that everybody says, and words that only one customer's story holds."""

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from scorecards.autoscore import text

EVERYDAY = text.word_set(
    "the a i you to is it my your and of for in that this on me we not have was be with can do are "
    "what how when no yes ok thanks thank please hi hello at but if will just so an it's i'm don't "
    "from our by up or as has been they would get"
)
_COMMON = text.word_set(
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
    "madam mister"
)
_SHORTEST = 4
_SINGULAR = 4
_STRONG = 5
_REMEMBERED = 4_096
_SHORT_FACTS = text.word_set("mum mom dad son baby wife trip gift exam visa hike trek race tour camp")


class Fact(NamedTuple):
    """A customer's fact at characters [start, end) of a sentence; `word` is its singular."""

    word: str
    start: int
    end: int


def facts(plain: str, words: Iterable[str]) -> tuple[Fact, ...]:
    """Return the words of a normalised sentence that belong to one customer's story.

    That is a number of two digits or more, a family member or occasion, or a word of four letters or more
    that is neither everyday language nor service talk.

    Examples
    --------
    >>> said = "please send the saddles to my mum by 12"
    >>> [fact.word for fact in facts(said, said.split())]
    ['saddle', 'mum', '12']
    """
    found = []
    place = 0
    for word in words:
        place = plain.find(word, place)
        if (fact := _fact(word)) is not None:
            found.append(Fact(fact, place, place + len(word)))
        place += len(word)
    return tuple(found)


def is_strong(fact: str) -> bool:
    """Tell whether one such fact is enough to show that this customer is meant."""
    return fact.isdigit() or fact in _SHORT_FACTS or len(fact) >= _SHORTEST


@lru_cache(maxsize=_REMEMBERED)
def _fact(word: str) -> str | None:
    """Return the singular of a word that is a fact; most words are remembered, few are new."""
    return _singular(word) if _is_fact(word) else None


def _is_fact(word: str) -> bool:
    if word.isdigit():
        return len(word) > 1
    return word in _SHORT_FACTS or (len(word) >= _SHORTEST and word not in _COMMON and "'" not in word)


def _singular(word: str) -> str:
    return word[:-1] if word.endswith("s") and len(word) > _SINGULAR and not word.endswith("ss") else word
