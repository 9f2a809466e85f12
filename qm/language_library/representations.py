"""API representations of library entries: their words without names."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from qm.interactions.models import Interaction
from qm.language_library.entries import digest_of, words_at
from qm.language_library.models import LibraryEntry
from qm.reviews.quotes import without_name
from scorecards.authoring.models import Definition
from scorecards.authoring.version_queries import forms_by_id
from tenants.bulk_sql import id_array
from tenants.credentials import Actor
from tenants.models import Client
from tenants.users import people_by_id

_EDITS = frozenset({"admin", "qm_manager", "team_lead"})


def select_entries(
    actor: Actor, client: Client, *, state: str | None, **wanted: str | None
) -> Select[LibraryEntry]:
    """Return the statement of a client's entries; what was declined is for those alone who decide."""
    shown = state if actor.role is None or actor.role in _EDITS else "confirmed"
    filters = {**wanted, "state": shown}
    statement = select(LibraryEntry).where(LibraryEntry.client_id == client.client_id)
    return statement.filter_by(**{name: value for name, value in filters.items() if value is not None})


def entry_representations(
    session: Session, actor: Actor, client: Client, entries: Sequence[LibraryEntry]
) -> list[dict[str, Any]]:
    """Return entries; those whose conversation has changed since have no words any more."""
    rows = session.execute(
        select(Interaction.interaction_id, Interaction.turns, Interaction.channel, Interaction.agent_details)
        .where(Interaction.interaction_id == id_array([each.interaction_id for each in entries]))
        .where(Interaction.client_id == client.client_id)
    )
    interactions = {row.interaction_id: row for row in rows}
    named = actor.role is None or actor.role in _EDITS
    people = people_by_id(session, (each.author_id for each in entries)) if named else {}
    texts = question_texts(session, client)
    return [
        {
            "id": each.entry_id,
            "client": client.slug,
            **{
                name: getattr(each, name)
                for name in ("kind", "state", "question", "emotion", "note", "created_at")
            },
            "text": texts.get(each.question, each.question),
            "author": people.get(each.author_id),
            "interaction": each.interaction_id if named else None,
            **_words(each, interactions[each.interaction_id]),
        }
        for each in entries
    ]


def _words(entry: LibraryEntry, interaction: Any) -> dict[str, Any]:
    words, name = words_at(interaction.turns, entry.kind, entry.place), interaction.agent_details.get("name")
    if words is None or digest_of(words) != entry.digest:
        return {"channel": interaction.channel, "words": None, "turns": []}
    turns = (
        interaction.turns[entry.place["turn"] : entry.place["last"] + 1] if entry.kind == "scenario" else []
    )
    shown = [{"speaker": turn["speaker"], "text": without_name(turn["text"], name)} for turn in turns]
    return {"channel": interaction.channel, "words": without_name(words, name), "turns": shown}


def question_texts(session: Session, client: Client) -> dict[str, str]:
    """Return the questions of a client's scorecards in force, by key."""
    ids = session.scalars(
        select(Definition.definition_id).where(
            Definition.client_id == client.client_id,
            Definition.kind == "scorecard",
            Definition.state == "published",
            Definition.effective_to.is_(None),
        )
    ).all()
    forms = forms_by_id(session, ids).values()
    return {key: question.text for form in forms for key, question in form.questions.items()}
