"""People and clients that leave: their access ends at once, and what was done with them stays."""

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session, aliased

from tenants import audit
from tenants.changes import AccessChange, announce
from tenants.clients import every_client, load_client
from tenants.credentials import end_credentials, lock_user, revoke
from tenants.models import Client, CredentialClient, Password, SignInToken, User, utc_now
from tenants.sso.models import UserIdentity

_NOBODY = "Former colleague"


def remove_user(session: Session, user: User) -> User:
    """Take everything from a person who leaves, their name and address too; what they did stays."""
    lock_user(session, user)
    user.name, user.email = _NOBODY, f"{user.user_id}@removed.invalid"
    user.team, user.agent, user.languages, user.skills = None, None, [], []
    user.disabled_at = user.disabled_at or utc_now()
    for table in (Password, SignInToken, UserIdentity):
        session.execute(delete(table).where(table.user_id == user.user_id))
    session.flush()
    end_credentials(session, user)
    audit.record(session, "user.removed", f"user:{user.user_id}", role=user.role)
    announce(session, AccessChange(user.user_id))
    return user


def remove_client(session: Session, client: Client) -> Client:
    """Take a client out of everybody's sight; its slug is free again, its data waits to be erased.

    No scope holds it any more, so the database shows nothing of it to anybody, and nobody scores or trains
    for it. Keys that were for this client alone are revoked; people who worked for it alone see nothing.
    """
    load_client(session, client)
    others = aliased(CredentialClient)
    mine = (
        select(CredentialClient.credential_id)
        .where(CredentialClient.client_id == client.client_id)
        .where(
            ~exists().where(
                others.credential_id == CredentialClient.credential_id,
                others.client_id != client.client_id,
            )
        )
    )
    with every_client(session):  # the scope may be this client alone
        alone = session.scalars(mine).all()
    for credential_id in alone:
        revoke(session, credential_id=credential_id)
    slug, client.removed_at = client.slug, utc_now()
    client.slug = f"{slug[:26]}-{client.client_id}"
    client.revision += 1
    session.flush()
    subject = f"client:{client.client_id}"
    audit.record(session, "client.removed", subject, client_id=client.client_id, slug=slug)
    return client
