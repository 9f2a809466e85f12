"""Joins the sentences of a turn, and formats those of an e-mail with its greeting and signature."""

from collections.abc import Sequence

Act = tuple[str, str]
"""What an agent's sentence does, and the sentence."""

_OUTSIDE_BODY = frozenset({"greet", "plain_greet", "sign_off", "sign_off_none", "name"})


def with_greeting(greeting: str, sentence: str) -> str:
    """Put a greeting before a sentence, which then starts in lower case unless it begins with "I"."""
    if greeting.endswith(",") and sentence[:2] not in {"I ", "I'"}:
        sentence = sentence[0].lower() + sentence[1:]
    return f"{greeting} {sentence}".strip()


def as_sentence(line: str) -> str:
    """End a line that would stand alone in an e-mail, such as a greeting, with a full stop."""
    return line[:-1] + "." if line.endswith(",") else line


def email_text(acts: Sequence[Act]) -> str:
    """Format an agent's sentences as an e-mail: greeting, body, and name below the sign-off."""
    greeting = " ".join(text for act, text in acts if act in {"greet", "plain_greet"})
    body = " ".join(text for act, text in acts if act not in _OUTSIDE_BODY)
    ending = "\n".join(text for act, text in acts if act in {"sign_off", "sign_off_none", "name"})
    return "\n\n".join(part for part in (greeting, body, ending) if part)
