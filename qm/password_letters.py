"""Letters with a link that sets a password: invitations, and recovery for who asks."""

import uuid

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from qm.mail import Letter
from tenants import audit, sign_in
from tenants.clients import enter_tenant
from tenants.isolation import transaction
from tenants.models import Tenant, User

_INVITATION = """\
{greeting}

{provider} invites you to QM, where the quality of its customer service is looked after.
Set a password here; the link works once, until {until} UTC:

{link}
"""
_RECOVERY = """\
{greeting}

somebody asked for a new password for this address at {provider}. If it was you, set one here; the
link works once, until {until} UTC:

{link}

If it was not you, do nothing: your password stays as it is.
"""


def invitation_letter(
    engine: Engine, tenant_id: uuid.UUID, user_id: uuid.UUID, address: str
) -> Letter | None:
    """Write an invitation with a link of its own, beside the one that the admin was shown."""
    with transaction(engine) as session:
        provider = enter_tenant(session, str(tenant_id))
        user = session.scalars(select(User).where(User.user_id == user_id)).one_or_none()
        if user is None or user.disabled_at is not None:
            return None
        audit.act_as(session, "mail")
        return _letter(session, provider, user, address, "invitation")


def recovery_letter(engine: Engine, tenant_id: uuid.UUID, email: str, address: str) -> Letter | None:
    """Write a recovery letter to whoever has this address; None where nobody has."""
    with transaction(engine) as session:
        provider = enter_tenant(session, str(tenant_id))
        user = session.scalars(select(User).where(User.email == email.strip().lower())).one_or_none()
        if user is None or user.disabled_at is not None:
            return None
        audit.act_as(session, "mail")
        return _letter(session, provider, user, address, "recovery")


def _letter(session: Session, provider: Tenant, user: User, address: str, purpose: str) -> Letter:
    made = sign_in.password_link(session, user, address, purpose, beside=purpose == "invitation")
    body = _INVITATION if purpose == "invitation" else _RECOVERY
    subject = "Your invitation to QM" if purpose == "invitation" else "A new password for QM"
    until = f"{made['expires_at']:%Y-%m-%d %H:%M}"
    text = body.format(greeting=f"Hello {user.name},", provider=provider.name, until=until, link=made["link"])
    return Letter(user.email, f"{subject} ({provider.name})".replace("\n", " "), text)
