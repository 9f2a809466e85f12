"""Spelling correction of the words that judgements depend on, so that typing errors change no answer."""

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
_SIGNAL_WORDS = (
    "frustrating frustrated frustration disappointed disappointing disappointment annoying annoyed "
    "worried worrying stressful stressed terrible horrible exhausting exhausted embarrassing embarrassed "
    "humiliating devastated overwhelmed frightened frightening confusing unacceptable ridiculous "
    "understand understandable understood apologise apologize apologies apology inconvenience "
    "responsibility responsible mistake refunded replacement replaced reimbursed received arrived "
    "delivered delivery cancelled tomorrow wednesday thursday tuesday saturday tonight restart reinstall "
    "immediately definitely personally department warranty investigate investigating possible shortly "
    "guarantee promised technician engineer sincerely unfortunately satisfaction important hesitate"
)
_MIN_LENGTH, _UNCHANGED_END = 6, 2
_MAX_CACHED = 8_192
_CORRECT: set[str] = set()
_VERBS_AFTER_WILL = normalization.word_set(
    "get send call fix make take check look be do see put ring bring write sort let give have ask chase book "
    "order refund replace find come keep try email message text open add change cancel help follow go"
)
_AFTER_WOULD = normalization.word_set("love like be hate have rather feel go want")
_AFTER_IT_IS = normalization.word_set("on our my a so not really just been very no too the still all")


class CorrectedSentence(NamedTuple):
    """A corrected sentence; `shifts` are positions in it with the offset to add for the original."""

    plain: str
    words: tuple[str, ...]
    shifts: tuple[tuple[int, int], ...]

    def original_offset(self, offset: int) -> int:
        """Return the offset in the original of an offset in the corrected sentence."""
        shift_here = 0
        for start, shift in self.shifts:
            if start > offset:
                break
            shift_here = shift
        return offset + shift_here


def correct_sentence(plain: str, words: Sequence[str]) -> CorrectedSentence | None:
    """Return a normalised sentence with its misspelt words corrected; None if there are none.

    Corrected are words of a table of frequent misspellings, missing apostrophes, and words within one edit
    (insertion, deletion, substitution, transposition) of a word that patterns match, but not at its end,
    where inflections differ.

    Examples
    --------
    >>> sentence = "thats so frusterating, ill fix it"
    >>> corrected = correct_sentence(sentence, sentence.replace(",", "").split())
    >>> corrected.plain
    "that's so frustrating, i'll fix it"
    >>> sentence[corrected.original_offset(corrected.plain.index("frus")):][:12]
    'frusterating'
    >>> correct_sentence("all is well", ["all", "is", "well"]) is None
    True
    """
    if _CORRECT.issuperset(words):
        return None
    corrections = _corrections(words)
    if not corrections:
        return None
    parts, shifts, corrected_words = [], [], []
    original_end = corrected_end = 0
    for index, word in enumerate(words):
        correction = corrections.get(index)
        corrected_words.append(correction or word)
        start = plain.find(word, original_end)
        end = start + len(word)
        piece = plain[original_end:start] + (correction or word)
        corrected_end += len(piece)
        parts.append(piece)
        original_end = end
        if correction:
            shifts.append((corrected_end, original_end - corrected_end))
    return CorrectedSentence("".join((*parts, plain[original_end:])), tuple(corrected_words), tuple(shifts))


def _corrections(words: Sequence[str]) -> dict[int, str]:
    """Return the corrections by the index of the word; words that need none in any context are cached."""
    corrections = {}
    for index, word in enumerate(words):
        if word in _CORRECT:
            continue
        # Most new words are names and numbers, which are in no table and have no signal word's shape.
        if (word[0], word[-1], len(word)) in _SHAPES or word in _MISSPELLINGS or word in _BY_NEXT_WORD:
            if correction := _correction(words, index, word):
                corrections[index] = correction
                continue
            if word in _BY_NEXT_WORD:
                continue
        if len(_CORRECT) > _MAX_CACHED:
            _CORRECT.clear()
        _CORRECT.add(word)
    return corrections


def _correction(words: Sequence[str], index: int, word: str) -> str | None:
    if word in _BY_NEXT_WORD:
        next_word = words[index + 1] if index + 1 < len(words) else ""
        correct, next_words = _BY_NEXT_WORD[word]
        return correct if next_word in next_words else None
    return correct_word(word)


@lru_cache(maxsize=4_096)
def correct_word(word: str) -> str | None:
    """Return the signal word that a word misspells, or None.

    Examples
    --------
    >>> correct_word("responsability"), correct_word("undertsand"), correct_word("refunds")
    ('responsibility', 'understand', None)
    """
    if word in _MISSPELLINGS:
        return _MISSPELLINGS[word]
    if not word.isalpha() or (word[0], word[-1], len(word)) not in _SHAPES:
        return None
    for deletion in (word, *_deletions(word)):
        for correct in _BY_DELETION.get(deletion, ()):
            if correct != word and correct[0] == word[0] and _is_one_edit(word, correct):
                return correct
    return None


def _deletions(word: str) -> list[str]:
    return [word[:position] + word[position + 1 :] for position in range(1, len(word))]


def _is_one_edit(word: str, correct: str) -> bool:
    """Tell whether the words are one edit apart, before the last two letters."""
    position = next((n for n, (a, b) in enumerate(zip(word, correct, strict=False)) if a != b), None)
    if position is None or position >= min(len(word), len(correct)) - _UNCHANGED_END:
        return False
    rest, wanted = word[position:], correct[position:]
    return (
        rest[1:] == wanted
        or rest == wanted[1:]
        or rest[1:] == wanted[1:]
        or (rest[1::-1] == wanted[:2] and rest[2:] == wanted[2:])
    )


_MISSPELLINGS: dict[str, str | None] = dict.fromkeys(_SIGNAL_WORDS.split())
for _pair in _TABLE.split():
    _misspelling, _, _MISSPELLINGS[_misspelling] = _pair.partition(":")
_BY_NEXT_WORD = {
    "ill": ("i'll", _VERBS_AFTER_WILL),
    "id": ("i'd", _AFTER_WOULD),
    "its": ("it's", _AFTER_IT_IS),
}
# One edit keeps the first and the last letter and changes the length by at most one.
_SHAPES = frozenset(
    (correct[0], correct[-1], length)
    for correct in _SIGNAL_WORDS.split()
    for length in range(max(_MIN_LENGTH, len(correct) - 1), len(correct) + 2)
)
_BY_DELETION: dict[str, list[str]] = {}
for _signal_word in _SIGNAL_WORDS.split():
    for _form in {_signal_word, *_deletions(_signal_word)}:
        _BY_DELETION.setdefault(_form, []).append(_signal_word)
