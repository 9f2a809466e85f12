"""A documented measure of style for every word that a client may describe its tone with ("warm", "plain")."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from scorecards.autoscore.brand_voice.style_markers import Style

MIN_SENTENCES = 5
MIN_WORDS = 30
"""Words of the agent in a conversation; with fewer, or with fewer sentences, no tone is reported."""


@dataclass(frozen=True, slots=True)
class ToneAttribute:
    """The measure of a tone: a rate over the agent's sentences with its minimum or maximum.

    `sign` describes what is counted; `field` is the count in `Style` that is highest in a typical sentence.
    """

    sign: str
    rate: Callable[[Style], float]
    field: str
    least: float | None = None
    most: float | None = None

    def fits(self, style: Style) -> bool:
        """Tell whether the agent's sentences together have the tone."""
        rate = self.rate(style)
        return (self.least is None or rate >= self.least) and (self.most is None or rate <= self.most)

    def measured(self, style: Style) -> str:
        """Describe the rate and its limit."""
        bound = f"at least {self.least:g}" if self.least is not None else f"at most {self.most:g}"
        return f"{self.sign}: {self.rate(style):.2f}, {bound} expected"


def _per_sentence(*fields: str) -> Callable[[Style], float]:
    def rate(style: Style) -> float:
        return sum(int(getattr(style, field)) for field in fields) / style.sentences

    return rate


def _long_words(style: Style) -> float:
    return style.long_words / style.words


def _words(style: Style) -> float:
    return style.words / style.sentences


def _refusals(style: Style) -> float:
    return style.refusals / max(1, style.refusals + style.forward)


_WARM = ToneAttribute(
    "warm words (glad, thanks, sorry, hope) a sentence", _per_sentence("warm"), "warm", least=0.15
)
_PLAIN = ToneAttribute("share of words of four syllables and more", _long_words, "long_words", most=0.05)
_CONCISE = ToneAttribute("words a sentence", _words, "words", most=15.0)
_FORMAL = ToneAttribute(
    "casual words and contractions a sentence",
    _per_sentence("casual", "contractions"),
    "casual",
    most=0.1,
)
_PROFESSIONAL = ToneAttribute("slang and emoji a sentence", _per_sentence("casual"), "casual", most=0.05)
_INFORMAL = ToneAttribute(
    "casual words and contractions a sentence",
    _per_sentence("casual", "contractions"),
    "contractions",
    least=0.12,
)
_PLAYFUL = ToneAttribute(
    "playful words and exclamation marks a sentence",
    _per_sentence("playful", "exclaimed"),
    "playful",
    least=0.1,
)
_LIVELY = ToneAttribute(
    "share of sentences with an exclamation mark", _per_sentence("exclaimed"), "exclaimed", least=0.1
)
_CONFIDENT = ToneAttribute("hedges (maybe, I think) a sentence", _per_sentence("hedges"), "hedges", most=0.08)
_POLITE = ToneAttribute(
    "polite words (please, thank you, may I) a sentence", _per_sentence("polite"), "polite", least=0.2
)
_POSITIVE = ToneAttribute("share of refusals among refusals and offers", _refusals, "refusals", most=0.5)
_CALM = ToneAttribute(
    "share of sentences with an exclamation mark", _per_sentence("exclaimed"), "exclaimed", most=0.15
)
_PERSONAL = ToneAttribute("'I' and 'you' a sentence", _per_sentence("first", "second"), "second", least=0.6)

ATTRIBUTES: Mapping[str, ToneAttribute] = {
    **dict.fromkeys(
        ("warm", "friendly", "kind", "caring", "welcoming", "empathetic", "compassionate"), _WARM
    ),
    **dict.fromkeys(("plain", "simple", "clear", "straightforward", "jargon-free"), _PLAIN),
    **dict.fromkeys(("concise", "brief", "crisp", "short", "to the point"), _CONCISE),
    **dict.fromkeys(("formal",), _FORMAL),
    **dict.fromkeys(("professional", "businesslike"), _PROFESSIONAL),
    **dict.fromkeys(("informal", "casual", "conversational", "relaxed"), _INFORMAL),
    **dict.fromkeys(("playful", "fun", "witty", "humorous", "quirky"), _PLAYFUL),
    **dict.fromkeys(("enthusiastic", "energetic", "excited", "cheerful", "upbeat", "lively"), _LIVELY),
    **dict.fromkeys(("confident", "assured", "decisive", "direct"), _CONFIDENT),
    **dict.fromkeys(("polite", "courteous", "respectful", "considerate"), _POLITE),
    **dict.fromkeys(("positive", "optimistic", "helpful", "can-do"), _POSITIVE),
    **dict.fromkeys(("calm", "measured", "composed", "serious"), _CALM),
    **dict.fromkeys(("personal", "human", "personable"), _PERSONAL),
}


def named(word: str) -> ToneAttribute | None:
    """Return the measure of a tone word, or None if there is none for it.

    Examples
    --------
    >>> named(" Warm ") is named("friendly")
    True
    >>> named("iridescent") is None
    True
    """
    return ATTRIBUTES.get(word.strip().lower().replace("_", " "))


def enough(style: Style) -> bool:
    """Tell whether the agent's text is long enough to measure a tone."""
    return style.sentences >= MIN_SENTENCES and style.words >= MIN_WORDS
