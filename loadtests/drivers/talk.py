"""Makes conversations of 12 turns and about 20 words a turn whose sentences repeat as real ones do.

In MAIA's chats 39 % of all agents' sentences are word for word repeats of an earlier one, and one word in
thirty is new. So 39 % of the sentences here come from what everybody types all day, commonest first, and all
others are written anew, with names and places that nobody has said before.
"""

import random
from collections.abc import Iterator

REPEATED = 0.39
TURNS = 12
WORDS = 20

_GOODS = ("kettle", "coat", "router", "headphones", "bookshelf", "shoes", "tablet", "lamp", "mattress")
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
_DEEDS = (
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
_FRESH = {
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
_USUAL = {
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

_SAID_OFTEN = ("restart", "policy", "appreciate", "click", "tomorrow", "confirm", "inconvenience")
TOLD = (*_GOODS, *_FAULTS, *_DEEDS, *_FEELINGS, *_SAID_OFTEN)
"""Forty things an agent may or may not mention."""


class Talk:
    """A stream of conversations; the same seed gives the same ones."""

    def __init__(self, seed: int) -> None:
        """Begin with nothing said."""
        self._chance = random.Random(seed)

    def conversation(self, turns: int = TURNS) -> list[tuple[str, str]]:
        """Return who said what, customer first."""
        return [self._turn(("customer", "agent")[number % 2]) for number in range(turns)]

    def stream(self, count: int) -> Iterator[list[tuple[str, str]]]:
        """Yield conversations."""
        for _ in range(count):
            yield self.conversation()

    def _turn(self, speaker: str) -> tuple[str, str]:
        said: list[str] = []
        while sum(len(each.split()) for each in said) < WORDS - 4:
            said.append(self._sentence(speaker))
        return speaker, " ".join(said)

    def _sentence(self, speaker: str) -> str:
        if self._chance.random() < REPEATED:
            usual = _USUAL[speaker]
            return self._chance.choices(usual, [1 / rank for rank in range(1, len(usual) + 1)])[0]
        return self._chance.choice(_FRESH[speaker]).format(
            good=self._chance.choice(_GOODS),
            fault=self._chance.choice(_FAULTS),
            feeling=self._chance.choice(_FEELINGS),
            deed=self._chance.choice(_DEEDS),
            number=self._chance.randrange(10_000, 10_000_000),
            name="".join(map(self._chance.choice, (_FIRST, _MIDDLE, _MIDDLE, _LAST))).capitalize(),
        )


def repeated(conversations: list[list[tuple[str, str]]]) -> float:
    """Return the share of turns' sentences that were said before, word for word."""
    seen: set[str] = set()
    count = again = 0
    for _, text in (turn for each in conversations for turn in each):
        for sentence in text.replace("!", ".").replace("?", ".").split(". "):
            count, again = count + 1, again + (sentence in seen)
            seen.add(sentence)
    return again / count
