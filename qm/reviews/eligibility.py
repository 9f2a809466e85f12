"""Whom an interaction may be given to review: by language, skill, and never their own work.

A person's `languages` and `skills` limit what they are given; without any there is no limit. The language of
an interaction is compared without its region, so that who reviews `pt` reviews `pt-BR`. The skill that an
interaction needs is its program, where it has one. Nobody reviews an interaction in which they spoke
(`users.agent` is the external id of an agent), nor, where the client's setting `review_own_team` is off, one
of an agent of their own team.
"""

import uuid
from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, exists, false, func, literal, not_, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from qm.interactions.models import Interaction
from tenants.models import Client, User

OWN_TEAM = "review_own_team"
_colleague = aliased(User, name="colleague")


def base_language(tag: str) -> str:
    """Return the language of a tag without its region.

    >>> base_language("pt-BR")
    'pt'
    """
    return tag.partition("-")[0].lower()


def limits_of(
    session: Session, user: User, interaction_id: ColumnElement[uuid.UUID] | InstrumentedAttribute[uuid.UUID]
) -> ColumnElement[bool] | None:
    """Return the condition that a person may be given an interaction; None where nothing limits them."""
    wanted = [
        limit
        for limit in (
            _speaks(user.languages),
            _is_skilled(user.skills),
            not_(_is_own(user.agent)) if user.agent else None,
            not_(_is_of_own_team(session, user)) if user.team else None,
        )
        if limit is not None
    ]
    if not wanted:
        return None
    return exists(select(literal(1)).where(Interaction.interaction_id == interaction_id, *wanted).offset(0))


def ineligibility(session: Session, user: User, interaction_id: uuid.UUID) -> tuple[str, str] | None:
    """Return the code and sentence of why a person may not be given an interaction; None if they may."""
    checks = (
        (_speaks(user.languages), "other_language", "This person does not review its language."),
        (
            _is_skilled(user.skills),
            "other_skill",
            "This person does not have the skill that its program needs.",
        ),
        (not_(_is_own(user.agent)), "own_interaction", "Nobody reviews their own interaction."),
        (not_(_is_of_own_team(session, user)), "own_team", "Nobody reviews their own team for this client."),
    )
    columns = [true() if condition is None else condition for condition, _, _ in checks]
    found = session.execute(
        select(*(column.label(f"c{place}") for place, column in enumerate(columns))).where(
            Interaction.interaction_id == interaction_id
        )
    ).one_or_none()
    if found is None:
        return None
    return next(
        ((code, detail) for holds, (_, code, detail) in zip(found, checks, strict=True) if not holds), None
    )


def _speaks(languages: Sequence[str]) -> ColumnElement[bool] | None:
    if not languages:
        return None
    return func.lower(func.split_part(Interaction.language, "-", 1)).in_(
        sorted({base_language(each) for each in languages})
    )


def _is_skilled(skills: Sequence[str]) -> ColumnElement[bool] | None:
    if not skills:
        return None
    wanted = func.lower(Interaction.program).in_(sorted({each.lower() for each in skills}))
    return or_(Interaction.program.is_(None), wanted)


def _is_own(agent: str | None) -> ColumnElement[bool]:
    if not agent:
        return false()
    return or_(
        func.coalesce(Interaction.agent, "") == agent,
        Interaction.part_agent == agent,
        Interaction.turn_agents.contains([agent]),
    )


def _is_of_own_team(session: Session, user: User) -> ColumnElement[bool]:
    if not user.team:
        return false()
    closed = [
        client.client_id
        for client in session.scalars(select(Client)).all()
        if not client.settings.get(OWN_TEAM, True)
    ]
    if not closed:
        return false()
    of_team = exists(
        select(literal(1)).where(_colleague.agent == Interaction.agent, _colleague.team == user.team)
    )
    return and_(Interaction.client_id.in_(closed), of_team)
