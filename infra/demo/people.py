"""The example provider's people, and a link for each role by which one of them is signed in.

Such links work as often as one likes, so they exist in the demo alone: the page that takes them is nothing
where ids are not seeded, and so is issuing them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from infra.demo.companies import company
from infra.demo.reviewers import REVIEWERS
from tenants import credentials, sign_in, users
from tenants.clients import client_named
from tenants.models import Tenant, User
from tenants.roles import ROLES

ACTIVE_REVIEWERS = REVIEWERS[:3]
_DOMAIN = "brightline.example"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the example provider."""

    name: str
    role: str
    email: str
    clients: Sequence[str] = ()
    profile: Mapping[str, Any] = field(default_factory=dict)


def _of(name: str, role: str, clients: Sequence[str] = (), **profile: Any) -> Person:
    return Person(name, role, f"{name.lower().replace(' ', '.')}@{_DOMAIN}", clients, profile)


ADMIN = Person("Maya Lind", "admin", f"manager@{_DOMAIN}")
_LANGUAGES = (("en",), ("en", "tr"), ("en", "it"))
REVIEWING = {
    name: _of(
        name.replace(".", " ").title(),
        "reviewer",
        languages=list(languages),
        team="Quality",
        weekly_capacity=120,
    )
    for name, languages in zip(ACTIVE_REVIEWERS, _LANGUAGES, strict=True)
}


def _others() -> Sequence[Person]:
    """Return who is there besides the admin and the reviewers, one of each role."""
    agent = company("northwind").agents[0]
    linked = {"agent": agent.external_id, "team": agent.team, "languages": ["en"]}
    return (
        _of("Jonas Weber", "qm_manager", team="Quality", languages=["en", "de"]),
        _of("Priya Shah", "team_lead", team=agent.team, languages=["en"], skills=["escalations"]),
        _of(agent.name, "agent", **linked),
        Person("Nora Field", "client_stakeholder", "nora.field@northwind.example", ("northwind",)),
    )


def create(session: Session, person: Person) -> User:
    """Make somebody known."""
    clients = [client_named(session, slug) for slug in person.clients]
    given = {"email": person.email, "name": person.name, "role": person.role}
    return users.create_user(session, **given, clients=clients, profile=person.profile)


def welcome(session: Session) -> Mapping[str, str]:
    """Make the others known, whose clients are there by now; return a key of each by role."""
    keys = {}
    for person in _others():
        user = create(session, person)
        name = f"{person.name}'s key"
        keys[person.role] = credentials.issue_key(
            session, name=name, scopes=ROLES[person.role], user=user
        ).key
    return keys


def links(session: Session, address: str) -> list[dict[str, str]]:
    """Return a link for one person of each role, by which they are signed in."""
    slug = session.scalars(select(Tenant.slug)).one()
    shown = []
    manager, lead, agent, stakeholder = _others()
    for person in (manager, REVIEWING[ACTIVE_REVIEWERS[0]], lead, agent, stakeholder, ADMIN):
        user = session.scalars(select(User).where(User.email == person.email)).one()
        token = sign_in.issue_sign_in_token(session, user, "demo")
        link = f"{address}/demo/{slug}/{token}"
        shown.append({"role": person.role, "name": person.name, "link": link})
    return shown
