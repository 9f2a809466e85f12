"""Where a greeting and a sign-off have their place: it depends on the channel."""

from collections.abc import Sequence

from scorecards.autoscore.annotation.transcript import AnnotatedTranscript, Sentence

LETTERS = frozenset({"email", "ticket"})
"""Channels where every turn is a letter with a salutation at its head and a signature at its foot."""

_BLOCK = 3
_HEAD, _FOOT = 3, 6
_SPOKEN_FIRST, _SPOKEN_LAST = 2, 3
_WRITTEN_LAST = 2


def opening(reading: AnnotatedTranscript) -> frozenset[int]:
    """Return which of the agent's sentences may hold the greeting, by their numbers.

    In e-mails and tickets the first three sentences of the agent's first letter; elsewhere the agent's first
    turns until the customer speaks, at most three; on the phone, where customers often speak first, also
    the agent's second turn.
    """
    if not reading.agent_turns:
        return frozenset()
    if reading.conversation.channel in LETTERS:
        return frozenset(_of_turn(reading.agent_sentences, reading.agent_turns[0])[:_HEAD])
    turns = set(_block(reading.agent_turns, reading.customer_turns))
    if reading.conversation.channel == "voice":
        turns.update(reading.agent_turns[:_SPOKEN_FIRST])
    return _in_turns(reading.agent_sentences, turns)


def closing(reading: AnnotatedTranscript) -> frozenset[int]:
    """Return which of the agent's sentences may hold the sign-off, by their numbers.

    In e-mails and tickets the last six sentences of the agent's last letter; elsewhere the agent's last
    turns after the customer's last word, at most three, and the last two in any case; on the phone the last
    three.
    """
    if not reading.agent_turns:
        return frozenset()
    if reading.conversation.channel in LETTERS:
        return frozenset(_of_turn(reading.agent_sentences, reading.agent_turns[-1])[-_FOOT:])
    last = _SPOKEN_LAST if reading.conversation.channel == "voice" else _WRITTEN_LAST
    turns = set(reading.agent_turns[-last:])
    turns.update(_block(reading.agent_turns[::-1], reading.customer_turns))
    return _in_turns(reading.agent_sentences, turns)


def _block(agent: Sequence[int], customer: Sequence[int]) -> list[int]:
    """Return the agent's turns from the first of `agent` on that no customer's turn parts, at most three."""
    found = [agent[0]]
    for turn in agent[1:_BLOCK]:
        low, high = sorted((found[-1], turn))
        if any(low < each < high for each in customer):
            break
        found.append(turn)
    return found


def _of_turn(said: Sequence[Sentence], turn: int) -> list[int]:
    """Return the numbers of a turn's sentences, without those that only quote."""
    return [number for number, each in enumerate(said) if each.turn == turn and each.annotations.words]


def _in_turns(said: Sequence[Sentence], turns: set[int]) -> frozenset[int]:
    return frozenset(number for number, each in enumerate(said) if each.turn in turns)
