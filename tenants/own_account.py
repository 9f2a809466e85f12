"""What people change of themselves: name, language, time zone, password, browser sessions."""

import uuid
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tenants import sign_in, users
from tenants.access import Forbidden
from tenants.credentials import Actor
from tenants.models import Credential, User


class NotForApps(Forbidden):
    """The token was granted to an app, which acts for a person but is not that person."""

    def __init__(self) -> None:
        """Set the message."""
        super().__init__("clients:read", "An app changes no account; use a key of your own, or the pages.")


def own_user(session: Session, caller: Actor) -> User:
    """Return the person whose credential this is.

    Raises
    ------
    NotForApps
        For what a person granted to an app.
    """
    kind = select(Credential.kind).where(Credential.credential_id == caller.credential_id)
    if caller.user_id is None or session.scalar(kind) == "grant":
        raise NotForApps
    return users.load_user(session, caller.user_id)


def account_of(session: Session, caller: Actor) -> dict[str, Any]:
    """Return what a person may change of themselves, and whether they sign in by password."""
    user = own_user(session, caller)
    shown = {name: getattr(user, name) for name in ("user_id", "email", "name", "time_zone", "locale")}
    return {**shown, "has_password": sign_in.has_password(session, user)}


def change_account(session: Session, caller: Actor, body: dict[str, Any]) -> dict[str, Any]:
    """Change name, time zone and language, those that the body names."""
    user = own_user(session, caller)
    profile: dict[str, Any] = {name: body[name] for name in ("time_zone", "locale") if name in body}
    users.change_user(session, user, name=body.get("name"), profile=profile)
    return account_of(session, caller)


def change_own_password(
    session: Session, caller: Actor, *, present: str, password: str, count_guess: Callable[[], None]
) -> None:
    """Set another password for who knows the present one; guesses are counted, browser sessions end."""
    user = own_user(session, caller)
    count_guess()
    sign_in.change_password(session, user, present=present, password=password, keep=caller.credential_id)


def own_sessions(session: Session, caller: Actor) -> Sequence[Credential]:
    """Return a person's browser sessions that have not ended, newest first."""
    return sign_in.sessions_of(session, own_user(session, caller))


def end_own_session(session: Session, caller: Actor, credential_id: uuid.UUID) -> None:
    """End a browser session of a person's own; anybody else's is none."""
    sign_in.end_session(session, own_user(session, caller).user_id, credential_id)
