"""Phrases and scenarios are confirmed for the library, declined and withdrawn here, by people."""

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session

from qm.interactions.models import Interaction
from qm.language_library.models import LibraryEntry
from qm.reviews.blindness import visible_evaluations
from qm.reviews.models import Evaluation
from qm.reviews.quotes import quoted_words
from scorecards.authoring.version_queries import forms_by_id
from scorecards.definitions.form import Answer, Form
from scorecards.scoring.scoring import question_score
from tenants import audit
from tenants.access import Forbidden
from tenants.credentials import Actor
from tenants.http.faults import Conflict, Fault, Invalid, NotFound
from tenants.models import Client

MAX_SCENARIO_TURNS = 8
_EDITORS = frozenset({"admin", "qm_manager", "team_lead"})


@dataclass(frozen=True, slots=True)
class NewEntry:
    """What is decided about, as of the API."""

    evaluation: uuid.UUID
    question: str
    kind: str
    place: Mapping[str, Any]
    emotion: str | None
    note: str | None
    state: str


def check_edits(actor: Actor) -> None:
    """Raise `Forbidden` unless the caller decides what is in libraries."""
    if actor.role is not None and actor.role not in _EDITORS:
        raise Forbidden("coaching:write", "Only a QM manager, an admin or a team lead edits the library.")


def words_at(turns: Sequence[Mapping[str, Any]], kind: str, place: Mapping[str, Any]) -> str | None:
    """Return the words of a phrase, or of the turns of a scenario; None where they are not there."""
    if kind == "phrase":
        return quoted_words(turns, place)
    chosen = turns[place["turn"] : place["last"] + 1]
    return "\n".join(str(turn["text"]) for turn in chosen) if place["last"] < len(turns) else None


def digest_of(words: str) -> str:
    """Return what tells the same words: upper and lower case and spaces do not count."""
    return hashlib.sha256(" ".join(words.casefold().split()).encode()).hexdigest()


def is_best(form: Form | None, body: Mapping[str, Any]) -> bool:
    """Whether an answer is worth all its question may be."""
    answer = Answer.from_json(body)
    question = form.questions.get(answer.question) if form else None
    return question is not None and not answer.na and question_score(question, answer.value) == 1.0


def select_reviewed(actor: Actor, client: Client) -> Select[Evaluation, Interaction]:
    """Return the statement of a client's evaluations in force by people, with their interactions."""
    return (
        select(Evaluation, Interaction)
        .join(
            Interaction,
            and_(
                Interaction.tenant_id == Evaluation.tenant_id,
                Interaction.interaction_id == Evaluation.interaction_id,
            ),
        )
        .where(
            Evaluation.client_id == client.client_id,
            Evaluation.kind == "human",
            Evaluation.superseded_at.is_(None),
            visible_evaluations(actor),
        )
    )


def decide(session: Session, actor: Actor, client: Client, new: NewEntry, now: datetime) -> LibraryEntry:
    """Confirm a phrase or scenario for the library, or decline it.

    Raises
    ------
    Invalid
        When the evaluation is unknown, its answer to the question is not the best, or the place is none.
    Conflict
        When it was decided about these words before.
    """
    found = select_reviewed(actor, client).where(Evaluation.evaluation_id == new.evaluation)
    row = session.execute(found).one_or_none()
    if row is None:
        raise _invalid(
            "/evaluation", "unknown_evaluation", "There is no such evaluation in force by a person."
        )
    evaluation, interaction = row
    words = _checked_words(session, evaluation, interaction, new)
    digest = digest_of(words)
    same = select(func.count()).where(
        LibraryEntry.client_id == client.client_id, LibraryEntry.digest == digest
    )
    if session.scalar(same):
        raise Conflict("It was decided about these words before.", "already_in_library")
    made = LibraryEntry(
        tenant_id=client.tenant_id,
        client_id=client.client_id,
        interaction_id=interaction.interaction_id,
        evaluation_id=evaluation.evaluation_id,
        kind=new.kind,
        state=new.state,
        question=new.question,
        emotion=new.emotion,
        place=dict(new.place),
        digest=digest,
        note=new.note,
        author_id=actor.user_id,
        created_at=now,
    )
    session.add(made)
    session.flush()
    _record(session, made, new.state)
    return made


def _checked_words(session: Session, evaluation: Evaluation, interaction: Interaction, new: NewEntry) -> str:
    forms = forms_by_id(session, {evaluation.scorecard_id} if evaluation.scorecard_id else set())
    form = next(iter(forms.values()), None)
    answer = next((each for each in evaluation.answers if each["question"] == new.question), None)
    if answer is None or not is_best(form, answer):
        raise _invalid("/question", "not_best", "Only what a person answered at its best is an example.")
    turns, place = interaction.turns, new.place
    last = place.get("last", place["turn"])
    if new.kind == "phrase" and (place["turn"] >= len(turns) or turns[place["turn"]]["speaker"] != "agent"):
        raise _invalid("/place/turn", "not_the_agents", "A phrase is of a turn of the agent.")
    if new.kind == "scenario" and not (place["turn"] < last < place["turn"] + MAX_SCENARIO_TURNS):
        raise _invalid(
            "/place/last", "bad_scenario", f"A scenario is of 2 to {MAX_SCENARIO_TURNS} turns in a row."
        )
    words = words_at(turns, new.kind, {**place, "last": last})
    if words is None:
        raise _invalid("/place", "outside_turn", "The words have to be in the conversation.")
    return words


def get_entry(session: Session, client: Client, entry_id: uuid.UUID) -> LibraryEntry:
    """Return the entry of a client with this id."""
    found = session.scalars(
        select(LibraryEntry).where(
            LibraryEntry.client_id == client.client_id, LibraryEntry.entry_id == entry_id
        )
    ).one_or_none()
    if found is None:
        raise NotFound("library entry")
    return found


def withdraw(session: Session, entry: LibraryEntry) -> None:
    """Take an entry out of the library, or a decline back; the words may be proposed again."""
    _record(session, entry, "withdrawn")
    session.delete(entry)
    session.flush()


def _record(session: Session, entry: LibraryEntry, verb: str) -> None:
    subject = f"library:{entry.entry_id}"
    details = {"interaction": entry.interaction_id, "question": entry.question, "kind": entry.kind}
    audit.record(session, f"library.{verb}", subject, client_id=entry.client_id, **details)


def _invalid(pointer: str, code: str, detail: str) -> Invalid:
    return Invalid([Fault(pointer, code, detail)])
