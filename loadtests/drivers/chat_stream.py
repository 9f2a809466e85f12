"""Generates conversations of 12 turns of about 20 words, whose sentences repeat as often as in real chats.

In the MAIA chats 39 % of the agents' sentences are exact repeats of an earlier one, and one word in thirty is
new. So 39 % of the sentences here come from a short list of common ones, the most frequent first, and all
others are generated with names and places that did not occur before.
"""

import random
from collections.abc import Iterator

REPEATED_SHARE = 0.39
TURNS = 12
WORDS = 20

_PRODUCTS = ("kettle", "coat", "router", "headphones", "bookshelf", "shoes", "tablet", "lamp", "mattress")
_FAULTS = (
    "will not start",
    "arrived broken",
    "makes a terrible noise",
    "was the wrong size",
    "stopped working after a week",
    "is missing a part",
    "smells of smoke",
    "loses its connection",
)
_FEELINGS = ("upset", "frustrated", "worried", "disappointed", "angry", "confused", "relieved", "anxious")
_ACTIONS = (
    "sent the form again",
    "called the warehouse",
    "checked your account",
    "opened a ticket",
    "asked my colleague",
    "reset the password",
    "booked a courier",
    "changed the address",
)
_FIRST = ("bar", "cor", "den", "el", "fal", "gri", "hol", "is", "jun", "kal", "lor", "mir")
_MIDDLE = ("a", "e", "i", "o", "u", "ane", "ero", "ila", "omi", "uve")
_LAST = ("burg", "den", "feld", "ley", "mont", "nes", "ros", "son", "ton", "vik", "wen", "zan")
_NEW_SENTENCES = {
    "customer": (
        "My {good} from {name} {fault} and I am {feeling} about order {number}.",
        "I live in {name} and paid {number} euros for a {good} that {fault}.",
        "The page says {name} but the {good} {fault}, what should I do with number {number}?",
        "I am {feeling} because since {number} nobody in {name} has {deed}.",
        "It is for {name}, she is {feeling} that the {good} {fault}.",
        "Could you tell {name} that I have {deed} already {number} times?",
    ),
    "agent": (
        "I have {deed} for you, {name}, and the new number is {number}.",
        "I can hear that you are {feeling} about the {good}, {name}.",
        "Please tell me if the {good} {fault} with the adapter {number} from {name} too.",
        "I am sorry that the {good} {fault}, I will write to {name} by {number}.",
        "Our team in {name} has {deed} and gave it the number {number}.",
        "You can find the {good} under {name} in the list {number}.",
    ),
}
_COMMON_SENTENCES = {
    "customer": (
        "Okay.",
        "Thank you.",
        "Hello, I need help.",
        "Yes, that is right.",
        "It still does not work.",
        "What should I do now?",
        "No, I have not heard anything.",
        "Thanks for your help, have a good day.",
        "How long will it take?",
        "I already tried that.",
        "This is so frustrating.",
        "Can I get my money back?",
    ),
    "agent": (
        "Thank you for the information.",
        "I will be more than happy to assist you.",
        "One moment please.",
        "Is there anything else I can help you with today?",
        "Thank you for reaching out to us.",
        "I understand how frustrating this must be for you.",
        "I'm sorry for the inconvenience.",
        "Please click on the link below.",
        "Let me check that for you.",
        "You will receive an e-mail within three days.",
        "Per our policy I cannot change that.",
        "Take care and have a good day!",
        "Could you please confirm your address?",
        "We appreciate your patience.",
        "Please restart the device.",
        "I will follow up with you tomorrow.",
    ),
}

_COMMON_WORDS = ("restart", "policy", "appreciate", "click", "tomorrow", "confirm", "inconvenience")
AGENT_KEYWORDS = (*_PRODUCTS, *_FAULTS, *_ACTIONS, *_FEELINGS, *_COMMON_WORDS)
"""Forty words and phrases an agent may or may not mention."""


class ChatStream:
    """A stream of conversations; the same seed gives the same ones."""

    def __init__(self, seed: int) -> None:
        """Take the seed."""
        self._rng = random.Random(seed)

    def conversation(self, turns: int = TURNS) -> list[tuple[str, str]]:
        """Return the turns as (speaker, text), customer first."""
        return [self._turn(("customer", "agent")[number % 2]) for number in range(turns)]

    def stream(self, count: int) -> Iterator[list[tuple[str, str]]]:
        """Yield conversations."""
        for _ in range(count):
            yield self.conversation()

    def _turn(self, speaker: str) -> tuple[str, str]:
        sentences: list[str] = []
        while sum(len(each.split()) for each in sentences) < WORDS - 4:
            sentences.append(self._sentence(speaker))
        return speaker, " ".join(sentences)

    def _sentence(self, speaker: str) -> str:
        if self._rng.random() < REPEATED_SHARE:
            common = _COMMON_SENTENCES[speaker]
            return self._rng.choices(common, [1 / rank for rank in range(1, len(common) + 1)])[0]
        return self._rng.choice(_NEW_SENTENCES[speaker]).format(
            good=self._rng.choice(_PRODUCTS),
            fault=self._rng.choice(_FAULTS),
            feeling=self._rng.choice(_FEELINGS),
            deed=self._rng.choice(_ACTIONS),
            number=self._rng.randrange(10_000, 10_000_000),
            name="".join(map(self._rng.choice, (_FIRST, _MIDDLE, _MIDDLE, _LAST))).capitalize(),
        )


def repeated_share(conversations: list[list[tuple[str, str]]]) -> float:
    """Return the share of sentences that occurred before, word for word."""
    seen: set[str] = set()
    count = repeats = 0
    for _, text in (turn for each in conversations for turn in each):
        for sentence in text.replace("!", ".").replace("?", ".").split(". "):
            count, repeats = count + 1, repeats + (sentence in seen)
            seen.add(sentence)
    return repeats / count
