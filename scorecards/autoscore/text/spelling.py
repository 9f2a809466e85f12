"""Common misspellings of the words that decide, so that haste at a keyboard changes no judgement."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from scorecards.autoscore.text import normalization

_TABLE = """
im:i'm ive:i've il:i'll youre:you're youve:you've youll:you'll theyre:they're theyll:they'll thats:that's
whats:what's dont:don't doesnt:doesn't dosnt:doesn't didnt:didn't isnt:isn't wasnt:wasn't werent:weren't
cant:can't couldnt:couldn't wont:won't wouldnt:wouldn't shouldnt:shouldn't hasnt:hasn't havent:haven't
hadnt:hadn't hes:he's shes:she's theres:there's heres:here's lets:let's weve:we've itll:it'll arent:aren't
aint:isn't u:you ur:your pls:please plz:please plese:please pleas:please thx:thanks thnx:thanks
wen:when tmrw:tomorrow tmr:tomorrow tmw:tomorrow tommorow:tomorrow tommorrow:tomorrow tomorow:tomorrow
tomorrrow:tomorrow
2moro:tomorrow 2day:today wensday:wednesday wendsday:wednesday wednsday:wednesday thurday:thursday
teusday:tuesday satday:saturday sory:sorry soory:sorry sorrry:sorry sry:sorry srry:sorry appology:apology
apolgize:apologize apologise:apologise appologise:apologise appologize:apologize appologies:apologies
apolagize:apologize wory:worry woried:worried worryed:worried worrys:worries realy:really rly:really
definately:definitely definitly:definitely defiantly:definitely seperate:separate recieve:receive
recieved:received recive:receive recived:received becuase:because becouse:because becasue:because
wich:which wether:whether untill:until untl:until allready:already alredy:already arive:arrive
arived:arrived arives:arrives shiped:shipped shiping:shipping sombody:somebody someting:something
evry:every agian:again adn:and teh:the hte:the taht:that thier:their mony:money monney:money
betwen:between befor:before tonite:tonight tonigth:tonight rigth:right rihgt:right helth:health
fustrated:frustrated fustrating:frustrating frusterated:frustrated frusterating:frustrating
frusturated:frustrated dissapointed:disappointed dissapointing:disappointing dissappointed:disappointed
dissapoint:disappoint dissapointment:disappointment anoyed:annoyed anoying:annoying annoyd:annoyed
stresfull:stressful stressfull:stressful stresful:stressful strest:stressed angery:angry awfull:awful
aweful:awful horible:horrible terible:terrible scarry:scary scard:scared afriad:afraid upsett:upset
undersand:understand unterstand:understand undestand:understand mistke:mistake misteak:mistake
refunf:refund refnd:refund ordred:ordered orderd:ordered promissed:promised promisse:promise
warrenty:warranty waranty:warranty garantee:guarantee guarentee:guarantee gaurantee:guarantee
repare:repair repared:repaired brocken:broken borken:broken snaped:snapped droped:dropped stuk:stuck
buton:button asure:assure inconvinience:inconvenience inconveniance:inconvenience
incovenience:inconvenience departement:department adress:address accout:account acount:account
shoud:should sholud:should coud:could woud:would ther:there whit:with wrok:work wroking:working
"""
_DECISIVE = (
    "frustrating frustrated frustration disappointed disappointing disappointment annoying annoyed "
    "worried worrying stressful stressed terrible horrible exhausting exhausted embarrassing embarrassed "
    "humiliating devastated overwhelmed frightened frightening confusing unacceptable ridiculous "
    "understand understandable understood apologise apologize apologies apology inconvenience "
    "responsibility responsible mistake refunded replacement replaced reimbursed received arrived "
    "delivered delivery cancelled tomorrow wednesday thursday tuesday saturday tonight restart reinstall "
    "immediately definitely personally department warranty investigate investigating possible shortly "
    "guarantee promised technician engineer sincerely unfortunately satisfaction important hesitate"
)
_SHORTEST, _END = 6, 2
_REMEMBERED = 8_192
_FINE: set[str] = set()
_VERBS_AFTER_WILL = normalization.word_set(
    "get send call fix make take check look be do see put ring bring write sort let give have ask chase book "
    "order refund replace find come keep try email message text open add change cancel help follow go"
)
_AFTER_WOULD = normalization.word_set("love like be hate have rather feel go want")
_AFTER_IT_IS = normalization.word_set("on our my a so not really just been very no too the still all")


class Mended(NamedTuple):
    """A sentence in right spelling; `steps` are (place in it, how much further the original is there)."""

    plain: str
    words: tuple[str, ...]
    steps: tuple[tuple[int, int], ...]

    def place(self, offset: int) -> int:
        """Return where a place in the mended sentence stands in the original."""
        further = 0
        for start, step in self.steps:
            if start > offset:
                break
            further = step
        return offset + further


def mend(plain: str, words: Sequence[str]) -> Mended | None:
    """Return a normalised sentence with its misspelt words put right; None when there are none.

    Only what decides a judgement is mended: words of a table of frequent misspellings, missing apostrophes,
    and words one letter (added, left out, changed or swapped) away from a decisive one, but not at its end,
    where inflections differ.

    Examples
    --------
    >>> said = "thats so frusterating, ill fix it"
    >>> found = mend(said, said.replace(",", "").split())
    >>> found.plain
    "that's so frustrating, i'll fix it"
    >>> said[found.place(found.plain.index("frus")):][:12]
    'frusterating'
    >>> mend("all is well", ["all", "is", "well"]) is None
    True
    """
    if _FINE.issuperset(words):
        return None
    changed = _fixes(words)
    if not changed:
        return None
    parts, steps, mended = [], [], []
    read = written = 0
    for number, word in enumerate(words):
        fixed = changed.get(number)
        mended.append(fixed or word)
        start = plain.find(word, read)
        end = start + len(word)
        said = plain[read:start] + (fixed or word)
        written += len(said)
        parts.append(said)
        read = end
        if fixed:
            steps.append((written, read - written))
    return Mended("".join((*parts, plain[read:])), tuple(mended), tuple(steps))


def _fixes(words: Sequence[str]) -> dict[int, str]:
    """Return what is put in place of which words; a word that never is becomes one of the fine ones."""
    fixes = {}
    for number, word in enumerate(words):
        if word in _FINE:
            continue
        # Most new words are names and numbers, which neither table nor frame holds.
        if (word[0], word[-1], len(word)) in _FRAMES or word in _KNOWN or word in _BY_NEIGHBOUR:
            if fixed := _fixed(words, number, word):
                fixes[number] = fixed
                continue
            if word in _BY_NEIGHBOUR:
                continue
        if len(_FINE) > _REMEMBERED:
            _FINE.clear()
        _FINE.add(word)
    return fixes


def _fixed(words: Sequence[str], number: int, word: str) -> str | None:
    if word in _BY_NEIGHBOUR:
        following = words[number + 1] if number + 1 < len(words) else ""
        right, after = _BY_NEIGHBOUR[word]
        return right if following in after else None
    return corrected(word)


@lru_cache(maxsize=4_096)
def corrected(word: str) -> str | None:
    """Return the decisive word that a word misspells, or None.

    Examples
    --------
    >>> corrected("responsability"), corrected("undertsand"), corrected("refunds")
    ('responsibility', 'understand', None)
    """
    if word in _KNOWN:
        return _KNOWN[word]
    if not word.isalpha() or (word[0], word[-1], len(word)) not in _FRAMES:
        return None
    for shortened in (word, *_shortened(word)):
        for right in _NEAR.get(shortened, ()):
            if right != word and right[0] == word[0] and _one_apart(word, right):
                return right
    return None


def _shortened(word: str) -> list[str]:
    return [word[:place] + word[place + 1 :] for place in range(1, len(word))]


def _one_apart(word: str, right: str) -> bool:
    """Tell whether one letter is added, left out, changed or swapped, before the last two."""
    place = next((n for n, (a, b) in enumerate(zip(word, right, strict=False)) if a != b), None)
    if place is None or place >= min(len(word), len(right)) - _END:
        return False
    rest, wanted = word[place:], right[place:]
    return (
        rest[1:] == wanted
        or rest == wanted[1:]
        or rest[1:] == wanted[1:]
        or (rest[1::-1] == wanted[:2] and rest[2:] == wanted[2:])
    )


_KNOWN: dict[str, str | None] = dict.fromkeys(_DECISIVE.split())
for _pair in _TABLE.split():
    _wrong, _, _KNOWN[_wrong] = _pair.partition(":")
_BY_NEIGHBOUR = {
    "ill": ("i'll", _VERBS_AFTER_WILL),
    "id": ("i'd", _AFTER_WOULD),
    "its": ("it's", _AFTER_IT_IS),
}
# A slip of one letter keeps the first and the last one, and at least all letters but one.
_FRAMES = frozenset(
    (right[0], right[-1], length)
    for right in _DECISIVE.split()
    for length in range(max(_SHORTEST, len(right) - 1), len(right) + 2)
)
_NEAR: dict[str, list[str]] = {}
for _right in _DECISIVE.split():
    for _form in {_right, *_shortened(_right)}:
        _NEAR.setdefault(_form, []).append(_right)
