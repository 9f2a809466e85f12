"""What could be in a library: agents' words that people's best answers rest on. People confirm it first."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from qm.interactions.models import Interaction
from qm.language_library.entries import check_edits, digest_of, is_best, select_reviewed, words_at
from qm.language_library.models import LibraryEntry
from qm.reviews.models import Evaluation
from qm.reviews.quotes import answer_quotes, without_name
from qm.reviews.readings import note_readings
from scorecards.authoring.version_queries import forms_by_id
from scorecards.definitions.form import Form
from tenants.credentials import Actor
from tenants.models import Client

MIN_EMPATHY = 75.0
MAX_EVALUATIONS = 200
MAX_PROPOSED = 30
MIN_WORDS, MAX_WORDS = 4, 60


def proposals(session: Session, actor: Actor, client: Client) -> list[dict[str, Any]]:
    """Return phrases and scenarios from the client's best reviewed interactions, not decided about yet."""
    check_edits(actor)
    statement = (
        select_reviewed(actor, client)
        .where(Evaluation.empathy >= MIN_EMPATHY)
        .order_by(Evaluation.empathy.desc(), Evaluation.created_at.desc(), Evaluation.evaluation_id)
        .limit(MAX_EVALUATIONS)
    )
    rows = session.execute(statement).all()
    forms = forms_by_id(session, {row.Evaluation.scorecard_id for row in rows if row.Evaluation.scorecard_id})
    decided = select(LibraryEntry.digest).where(LibraryEntry.client_id == client.client_id)
    seen = set(session.scalars(decided))
    found: list[dict[str, Any]] = []
    for evaluation, interaction in rows:
        for one in _of_evaluation(
            forms[evaluation.scorecard_id] if evaluation.scorecard_id else None, evaluation, interaction
        ):
            digest = digest_of(one["words"])
            if digest not in seen:
                seen.add(digest)
                found.append({**one, "client": client.slug})
    shown = found[:MAX_PROPOSED]
    note_readings(session, actor, {each["interaction"] for each in shown})
    return shown


def _of_evaluation(
    form: Form | None, evaluation: Evaluation, interaction: Interaction
) -> Iterator[dict[str, Any]]:
    """Yield the phrases that the best answers on empathy rest on, and one scenario around the first."""
    pillars = (
        {each.key for part in form.sections if part.pillar for each in part.questions} if form else set()
    )
    name = interaction.agent_details.get("name")
    scenario = False
    for answer in evaluation.answers:
        if form is None or answer["question"] not in pillars or not is_best(form, answer):
            continue
        shared = {
            "evaluation": evaluation.evaluation_id,
            "interaction": interaction.interaction_id,
            "external_id": interaction.external_id,
            "channel": interaction.channel,
            "question": answer["question"],
            "text": form.questions[answer["question"]].text,
        }
        for place, words in answer_quotes(interaction.turns, answer, "agent"):
            if without_name(words, name) != words or not MIN_WORDS <= len(words.split()) <= MAX_WORDS:
                continue
            yield {**shared, "kind": "phrase", "place": _plain(place), "words": words, "turns": []}
            around = None if scenario else _scenario(interaction.turns, place["turn"])
            if around is not None:
                scenario = True
                turns = interaction.turns[around["turn"] : around["last"] + 1]
                shown = [
                    {"speaker": turn["speaker"], "text": without_name(turn["text"], name)} for turn in turns
                ]
                text = words_at(interaction.turns, "scenario", around) or ""
                yield {**shared, "kind": "scenario", "place": around, "words": text, "turns": shown}


def _scenario(turns: Sequence[Mapping[str, Any]], turn: int) -> dict[str, int] | None:
    """Return the customer's turn before, the agent's, and the customer's after; None if one is missing."""
    if not 0 < turn < len(turns) - 1:
        return None
    speakers = [turns[place]["speaker"] for place in (turn - 1, turn, turn + 1)]
    return {"turn": turn - 1, "last": turn + 1} if speakers == ["customer", "agent", "customer"] else None


def _plain(place: Mapping[str, Any]) -> dict[str, Any]:
    return {name: place[name] for name in ("turn", "start", "end") if place.get(name) is not None}
