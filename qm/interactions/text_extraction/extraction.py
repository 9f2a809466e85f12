"""Extracts what a person wrote in a turn from the form in which it came."""

from qm.interactions.text_extraction.html_text import html_lines, is_html, resolve_references
from qm.interactions.text_extraction.mime_text import is_mime, message_text
from qm.interactions.text_extraction.quoted_history import SplitText, split_history

MAIL_CHANNELS = frozenset(("email", "ticket"))


def extract_text(source: str, *, is_mail: bool) -> SplitText:
    """
    Return the new words of a turn, and the quoted history and signature that were set aside.

    Parameters
    ----------
    source
        What was sent: plain text, HTML or the source of a MIME message.
    is_mail
        Whether plain text may hold quoted history.

    Raises
    ------
    Undecodable
        When it is MIME and cannot be decoded.
    """
    media_type = "text/plain"
    if is_mime(source):
        message = message_text(source)
        source, media_type, is_mail = message.text, message.media_type, True
    if media_type == "text/html" or is_html(source):
        return split_history(*html_lines(source))
    text = resolve_references(source)
    return split_history(text.split("\n")) if is_mail else SplitText(text)
