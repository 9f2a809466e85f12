"""What callers ask for about keys, checked against what they may do themselves."""

from typing import Any

from sqlalchemy.orm import Session

from tenants import clients, credentials, users
from tenants.credentials import Actor, IssuedKey
from tenants.http.deferred_faults import FaultCollector
from tenants.user_requests import check_own_scopes


def create_key(session: Session, caller: Actor, body: dict[str, Any], faults: FaultCollector) -> IssuedKey:
    """Issue the key of a body, or raise with these faults and all others."""
    wanted, user_id = body.pop("clients", ()), body.pop("user", None)
    user = None
    with faults:
        check_own_scopes(caller, body.get("scopes", ()), "/scopes")
    with faults:
        named = clients.clients_named(session, wanted)
    with faults:
        user = users.user_from_body(session, user_id)
    with faults:
        credentials.check_credential(
            scopes=body.get("scopes"), user=user, bound=bool(wanted), expires_at=body.get("expires_at")
        )
    faults.raise_all()
    return credentials.issue_key(session, clients=named, user=user, **body)
