"""Mail: sent by a thread of the web process, after the request's transaction, by SMTP."""

import smtplib
import ssl
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage
from threading import BoundedSemaphore
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

import structlog
from flask import current_app

from qm.settings import Settings

log = structlog.get_logger(__name__)

EXTENSION = "qm.mail"
_TIMEOUT_SECONDS = 15.0
_MAX_WAITING = 100
_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}


class Attachment(NamedTuple):
    """A file that goes with a mail: its name, its media type and what is in it."""

    name: str
    media_type: str
    data: bytes


class Letter(NamedTuple):
    """A mail to send: to whom, its subject and its text, and the files that go with it."""

    to: str
    subject: str
    text: str
    attachments: tuple[Attachment, ...] = ()


class Mailer:
    """Sends mails one after another, where mail is set up; what fails is logged and sent no more."""

    def __init__(self, settings: Settings) -> None:
        """Take where to send; no thread begins before the first mail."""
        self._url, self._sender = settings.smtp_url or "", settings.mail_from or ""
        self.address = settings.public_url or ""
        self.is_set_up = settings.sends_mail
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="mail")
        self._room = BoundedSemaphore(_MAX_WAITING)

    def send_later(self, write: Callable[[], Letter | None]) -> None:
        """Have the thread write a letter and send it, if there is one to send.

        Whoever asks learns nothing of what becomes of it, not even by how long it takes.
        """
        if not self._room.acquire(blocking=False):
            log.warning("mail_refused", reason="too many wait")
            return
        self._thread.submit(self._work, write)

    def _work(self, write: Callable[[], Letter | None]) -> None:
        try:
            letter = write()
            if letter is not None:
                self.send(letter)
                log.info("mail_sent")
        except Exception as error:  # noqa: BLE001 - the thread goes on whatever one letter does
            log.warning("mail_failed", error=type(error).__name__)
        finally:
            self._room.release()

    def send(self, letter: Letter) -> None:
        """Send a letter now.

        Raises
        ------
        OSError
            When the mail server cannot be reached or refuses it (`smtplib.SMTPException` among them).
        """
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self._sender, letter.to, letter.subject
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(letter.text)
        for each in letter.attachments:
            main, _, kind = each.media_type.partition("/")
            message.add_attachment(each.data, maintype=main, subtype=kind, filename=each.name)
        with _connect(self._url) as server:
            server.send_message(message)


def _connect(url: str) -> smtplib.SMTP:
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
    context = ssl.create_default_context()
    if parts.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=_TIMEOUT_SECONDS, context=context)
    else:
        server = smtplib.SMTP(host, port, timeout=_TIMEOUT_SECONDS)
    if parts.scheme == "smtp+starttls":
        server.starttls(context=context)
    if parts.username:
        server.login(unquote(parts.username), unquote(parts.password or ""))
    return server


def mailer() -> Mailer:
    """Return what sends the mails of the running application."""
    found: Mailer = current_app.extensions[EXTENSION]
    return found
