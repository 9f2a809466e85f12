"""The sentences in which a greeting or a sign-off is expected, which depends on the channel."""

from collections.abc import Sequence

from scorecards.autoscore.annotation.transcript import AnnotatedTranscript, Sentence

ASYNCHRONOUS_CHANNELS = frozenset({"email", "ticket"})
"""Channels where every turn is a message with a salutation and a signature."""

_MAX_BLOCK = 3
_HEAD_SENTENCES, _FOOT_SENTENCES = 3, 6
_FIRST_VOICE_TURNS, _LAST_VOICE_TURNS = 2, 3
_LAST_TEXT_TURNS = 2


def opening(transcript: AnnotatedTranscript) -> frozenset[int]:
    """Return the indices of the agent's sentences in which a greeting is expected.

    In e-mails and tickets the first three sentences of the agent's first message; elsewhere the agent's first
    turns until the customer speaks, at most three; on the phone, where customers often speak first, also
    the agent's second turn.
    """
    if not transcript.agent_turns:
        return frozenset()
    if transcript.conversation.channel in ASYNCHRONOUS_CHANNELS:
        return frozenset(_of_turn(transcript.agent_sentences, transcript.agent_turns[0])[:_HEAD_SENTENCES])
    turns = set(_block(transcript.agent_turns, transcript.customer_turns))
    if transcript.conversation.channel == "voice":
        turns.update(transcript.agent_turns[:_FIRST_VOICE_TURNS])
    return _in_turns(transcript.agent_sentences, turns)


def closing(transcript: AnnotatedTranscript) -> frozenset[int]:
    """Return the indices of the agent's sentences in which a sign-off is expected.

    In e-mails and tickets the last six sentences of the agent's last message; elsewhere the agent's last
    turns after the customer's last turn, at most three, and the last two in any case; on the phone the last
    three.
    """
    if not transcript.agent_turns:
        return frozenset()
    if transcript.conversation.channel in ASYNCHRONOUS_CHANNELS:
        return frozenset(_of_turn(transcript.agent_sentences, transcript.agent_turns[-1])[-_FOOT_SENTENCES:])
    last = _LAST_VOICE_TURNS if transcript.conversation.channel == "voice" else _LAST_TEXT_TURNS
    turns = set(transcript.agent_turns[-last:])
    turns.update(_block(transcript.agent_turns[::-1], transcript.customer_turns))
    return _in_turns(transcript.agent_sentences, turns)


def _block(agent: Sequence[int], customer: Sequence[int]) -> list[int]:
    """Return the agent's turns from the first of `agent` up to the customer's next, at most three."""
    block = [agent[0]]
    for turn in agent[1:_MAX_BLOCK]:
        low, high = sorted((block[-1], turn))
        if any(low < each < high for each in customer):
            break
        block.append(turn)
    return block


def _of_turn(sentences: Sequence[Sentence], turn: int) -> list[int]:
    """Return the indices of a turn's sentences, without those that are all quotation."""
    return [index for index, each in enumerate(sentences) if each.turn == turn and each.annotations.words]


def _in_turns(sentences: Sequence[Sentence], turns: set[int]) -> frozenset[int]:
    return frozenset(index for index, each in enumerate(sentences) if each.turn in turns)
