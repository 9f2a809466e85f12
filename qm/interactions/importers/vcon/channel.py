"""Infers the channel of a vCon: no draft has a field for it."""

import re
from collections.abc import Mapping
from datetime import timedelta
from itertools import pairwise
from typing import Any

from qm.interactions.importers.bodies import is_mime_body
from qm.interactions.importers.vcon.dialogs import Dialog, media_type
from qm.interactions.importers.vcon.parties import clean_text

_HINTS = ("application", "medium", "channel")
_LONG_PAUSE = timedelta(hours=1)
_MAIL_TYPES = ("message/", "multipart/")
_REPLY = re.compile(
    r"(?:re|aw|wg|sv|vs|antw|fw|fwd|tr|rv|res|enc|odp|ynt|回复|回覆|转发|答复)\s?(?:\[\d+\])?\s?[:\uff1a]",
    re.IGNORECASE,
)


def channel_of(vcon: Mapping[str, Any], dialogs: Mapping[int, Dialog]) -> str:
    """Return the channel of the dialogs with words: voice, sms, email or chat."""
    with_words = [dialog for dialog in dialogs.values() if dialog.turns]
    if any(dialog.kind != "text" for dialog in with_words):
        return "voice"
    hints = " ".join(clean_text(dialog.source.get(key)) for dialog in with_words for key in _HINTS)
    hints = f"{hints} {clean_text(vcon.get('channel'))}".casefold()
    if "sms" in hints or "mms" in hints:
        return "sms"
    if "mail" in hints or any(_is_mail(dialog) for dialog in with_words):
        return "email"
    return "email" if _is_thread(vcon, with_words) else "chat"


def _is_mail(dialog: Dialog) -> bool:
    message_id = clean_text(dialog.source.get("message_id"))
    return (
        media_type(dialog).casefold().startswith(_MAIL_TYPES)
        or "@" in message_id
        or is_mime_body(dialog.source.get("body"), dialog.source.get("encoding"))
    )


def _is_thread(vcon: Mapping[str, Any], dialogs: list[Dialog]) -> bool:
    """Whether those who wrote are known by mail addresses alone, and it has a subject or long pauses."""
    subject = clean_text(vcon.get("subject"))
    if _REPLY.match(subject):
        return True
    given = vcon.get("parties")
    parties = given if isinstance(given, list) else []
    writers = {index for dialog in dialogs for index in dialog.parties if index < len(parties)}
    addresses = [
        {key for key in ("mailto", "email", "tel", "sip") if clean_text(party.get(key))}
        for party in (parties[index] for index in writers)
        if isinstance(party, Mapping)
    ]
    by_mail = bool(addresses) and all(each and each <= {"mailto", "email"} for each in addresses)
    starts = sorted(dialog.start for dialog in dialogs if dialog.start)
    has_pause = any(later - earlier > _LONG_PAUSE for earlier, later in pairwise(starts))
    return by_mail and (bool(subject) or has_pause)
