"""Finds new themes among the newest interactions without one, and adds them to the client's list.

Themes that are there never change by themselves, so that a week is comparable with the one before; new ones
are added once a week at most, and only where many interactions have no theme.
"""

import re
import uuid
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Text, cast, func, select
from sqlalchemy.orm import Session

from qm.friction.models import EVERY_CHANNEL, FrictionFact, FrictionSum
from qm.interactions.models import Interaction
from scorecards.authoring import versions
from scorecards.authoring.models import SINGLE
from scorecards.authoring.theme_schemas import MAX_THEMES
from scorecards.definitions import friction_themes
from scorecards.definitions.conversation import Turn
from scorecards.definitions.friction_themes import NO_THEME, FrictionThemes
from scorecards.definitions.theme_phrases import problem_statement
from scorecards.friction.discovery import MAX_THEMES as MAX_FOUND
from scorecards.friction.discovery import MIN_STATEMENTS, FoundTheme, discover
from tenants.isolation import scope_of
from tenants.models import Client

SAMPLE = 2000
_PAUSE = timedelta(days=7)
_TURNS = msgspec.json.Decoder(list[Turn])
_NOT_KEY = re.compile(r"[^a-z0-9]+")


def find_themes(session: Session, client_id: uuid.UUID, now: datetime) -> bool:
    """Publish the themes that are found among the newest interactions without one; tells whether any were."""
    present = versions.in_force(session, client_id=client_id, at=now, kinds=("friction_themes",))
    body: dict[str, Any] = dict(present[0].body) if present else {"themes": []}
    if present and present[0].published_at and present[0].published_at > now - _PAUSE:
        return False
    if _count_without_theme(session, client_id) < MIN_STATEMENTS:
        return False
    themes = friction_themes.from_body(body)
    room = min(MAX_FOUND, MAX_THEMES - len(themes.themes))
    statements = _without_theme(session, client_id, present[0].version if present else 0)
    found = discover(statements, themes.known_stems, room)
    if not found:
        return False
    body["themes"] = [*body["themes"], *_bodies(found, themes)]
    client = session.scalars(select(Client).where(Client.client_id == client_id)).one()
    versions.put_in_force(session, client, kind="friction_themes", key=SINGLE, body=body)
    return True


def _count_without_theme(session: Session, client_id: uuid.UUID) -> int:
    statement = select(func.coalesce(func.sum(FrictionSum.interactions), 0)).where(
        FrictionSum.tenant_id == scope_of(session).tenant_id,
        FrictionSum.client_id == client_id,
        FrictionSum.channel == EVERY_CHANNEL,
        FrictionSum.theme == NO_THEME,
    )
    return int(session.scalar(statement) or 0)


def _without_theme(session: Session, client_id: uuid.UUID, version: int) -> list[str]:
    """Return the problem statements of the newest interactions without a theme that have one."""
    statement = (
        select(cast(Interaction.turns, Text))
        .join(
            FrictionFact,
            (FrictionFact.tenant_id == Interaction.tenant_id)
            & (FrictionFact.interaction_id == Interaction.interaction_id),
        )
        .where(
            FrictionFact.tenant_id == scope_of(session).tenant_id,
            FrictionFact.client_id == client_id,
            FrictionFact.version == version,
            FrictionFact.theme == NO_THEME,
        )
        .order_by(FrictionFact.seen_at.desc(), FrictionFact.interaction_id)
        .limit(SAMPLE)
    )
    said = (problem_statement(_TURNS.decode(turns)) for turns in session.scalars(statement))
    return [each for each in said if each.strip()]


def _bodies(found: list[FoundTheme], themes: FrictionThemes) -> list[dict[str, Any]]:
    taken = set(themes.names)
    bodies = []
    for theme in found:
        key = _free_key(theme.phrase, taken)
        taken.add(key)
        bodies.append({"key": key, "name": theme.name, "phrases": [theme.phrase]})
    return bodies


def _free_key(phrase: str, taken: Collection[str]) -> str:
    wanted = _NOT_KEY.sub("_", phrase.lower()).strip("_")[:50] or "theme"
    return next(
        key for n in range(1, len(taken) + 2) if (key := wanted if n == 1 else f"{wanted}_{n}") not in taken
    )
