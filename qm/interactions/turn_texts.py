"""Reads the texts of an interaction's turns before they are masked and judged (pure)."""

from typing import Any

from qm.interactions.text_extraction.extraction import MAIL_CHANNELS, extract_text
from qm.interactions.text_extraction.mime_text import Undecodable
from tenants.http.faults import Fault, Invalid


def extract_turn_texts(interaction: dict[str, Any]) -> dict[str, Any]:
    """
    Return a validated interaction whose turns hold new words in `text`, and the rest in `quoted`.

    Raises
    ------
    Invalid
        When a turn is the source of a MIME message that cannot be decoded.
    """
    is_mail = interaction["channel"] in MAIL_CHANNELS
    if not is_mail and not any(_may_have_form(turn["text"]) for turn in interaction["turns"]):
        return interaction
    faults: list[Fault] = []
    turns: list[dict[str, Any]] = []
    for number, turn in enumerate(interaction["turns"]):
        try:
            found = extract_text(turn["text"], is_mail=is_mail)
        except Undecodable:
            detail = "This is the source of a message whose text cannot be decoded."
            faults.append(Fault(f"/turns/{number}/text", "undecodable", detail))
            continue
        if found.text is turn["text"]:
            turns.append(turn)
            continue
        quoted = "\n\n".join(filter(None, (found.quoted, turn.get("quoted"))))
        turns.append(turn | {"text": found.text} | ({"quoted": quoted} if quoted else {}))
    if faults:
        raise Invalid(faults)
    return interaction | {"turns": turns}


def _may_have_form(text: str) -> bool:
    """Whether a text may be HTML or MIME; False is certain."""
    return "<" in text or "&" in text or ("\n" in text and ":" in text)
