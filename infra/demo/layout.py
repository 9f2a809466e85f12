"""How sentences are put together to a turn or a letter."""

from collections.abc import Sequence

Act = tuple[str, str]
"""What an agent's sentence does, and the sentence."""

_FRAME = frozenset({"greet", "plain_greet", "sign_off", "sign_off_none", "name"})


def joined(hail: str, words: str) -> str:
    """Put a greeting before a sentence, which then starts small unless it is about "I"."""
    if hail.endswith(",") and words[:2] not in {"I ", "I'"}:
        words = words[0].lower() + words[1:]
    return f"{hail} {words}".strip()


def ended(line: str) -> str:
    """End a line that would stand alone in a letter, such as a greeting, as a sentence."""
    return line[:-1] + "." if line.endswith(",") else line


def letter(acts: Sequence[Act]) -> str:
    """Lay out what is said as a letter: greeting, text, and name below the sign-off."""
    greeting = " ".join(text for act, text in acts if act in {"greet", "plain_greet"})
    body = " ".join(text for act, text in acts if act not in _FRAME)
    ending = "\n".join(text for act, text in acts if act in {"sign_off", "sign_off_none", "name"})
    return "\n\n".join(part for part in (greeting, body, ending) if part)
