"""API representations of reviews and evaluations, as the caller may see them."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, Text, bindparam, cast, func, select
from sqlalchemy.orm import Session

from qm.interactions.models import Interaction
from qm.reviews.answer_comparison import compare_answers
from qm.reviews.blindness import hidden_from, visible_reasons
from qm.reviews.client_reading import INTERNAL, reads_for_client, without_names
from qm.reviews.definitions_in_force import DefinitionsInForce, load_pinned_definitions
from qm.reviews.due_dates import due_at, due_days
from qm.reviews.editing import answer_changes, versions_of
from qm.reviews.models import Evaluation, Review
from qm.reviews.publishing import state_of
from qm.reviews.quality_checks import hides_check
from qm.reviews.readings import note_readings
from qm.reviews.submission import definitions_for, human_and_automatic
from scorecards.authoring.models import Definition
from scorecards.definitions.form import PILLARS, Form
from tenants.credentials import Actor
from tenants.http.contract import tag_of
from tenants.models import Client, utc_now
from tenants.users import people_by_id

_SUMMARY_COLUMNS = (
    Interaction.interaction_id,
    Interaction.client_id,
    Interaction.external_id,
    (Interaction.part_agent != "").label("is_part"),
    Interaction.channel,
    Interaction.program,
    Interaction.priority,
    Interaction.intent,
    Interaction.language,
    Interaction.started_at,
    Interaction.agent,
    Interaction.agent_details,
)


_digest_of_turns = func.left(
    func.encode(func.sha256(func.convert_to(cast(Interaction.turns, Text), "UTF8")), "hex"), 16
)


def review_etag(session: Session, review: Review) -> str:
    """Return the entity tag of a review, which changes with its state, its draft or the transcript."""
    digest = session.scalar(
        select(_digest_of_turns).where(Interaction.interaction_id == review.interaction_id)
    )
    return _etag(review, digest)


def _etag(review: Review, digest_of_turns: str | None) -> str:
    return tag_of(review.review_id, review.revision, digest_of_turns)


def review_summaries(session: Session, actor: Actor, reviews: Sequence[Review]) -> list[dict[str, Any]]:
    """Return reviews as list items, with a constant number of queries."""
    of = Interaction.interaction_id.in_({review.interaction_id for review in reviews})
    rows = session.execute(_select_interactions(actor).where(of))
    interactions = {row.interaction_id: row for row in rows}
    people = _people(session, actor, (review.reviewer_id for review in reviews))
    days = due_days(session, reviews)
    return [_summary(actor, review, interactions[review.interaction_id], people, days) for review in reviews]


@lru_cache(maxsize=256)
def _select_interactions(actor: Actor) -> Select[Any]:
    """Return the statement of what a summary shows of interactions: made once a caller, as it is long."""
    return select(
        *_SUMMARY_COLUMNS, Client.slug, hidden_from(actor, Interaction.interaction_id).label("blind")
    ).join(Client, Client.client_id == Interaction.client_id)


@lru_cache(maxsize=256)
def _select_interaction(actor: Actor) -> Select[Any]:
    """Return the statement of what a review shows of its `interaction`."""
    return (
        _select_interactions(actor)
        .add_columns(Interaction.turns, _digest_of_turns.label("digest_of_turns"))
        .where(Interaction.interaction_id == bindparam("interaction"))
    )


def _people(
    session: Session, actor: Actor, user_ids: Iterable[uuid.UUID | None]
) -> Mapping[uuid.UUID | None, Any]:
    """Return id and name of users by id; the caller's own are known."""
    others = people_by_id(session, set(user_ids) - {actor.user_id})
    return {actor.user_id: {"id": actor.user_id, "name": actor.name}, **others} if actor.user_id else others


def review_detail(session: Session, actor: Actor, review: Review) -> dict[str, Any]:
    """Return a review with transcript, definitions and entity tag; once submitted, also both evaluations.

    It is sent with every claim and submission: what it needs of the interaction is one statement.
    """
    wanted = {"interaction": review.interaction_id}
    interaction = session.execute(_select_interaction(actor), wanted).one()
    people = _people(session, actor, [review.reviewer_id])
    mine = review.reviewer_id is not None and review.reviewer_id == actor.user_id
    evaluations, definitions = _evaluations(session, actor, review, blind=interaction.blind)
    definitions = definitions or definitions_for(session, interaction)
    return {
        **_summary(actor, review, interaction, people, due_days(session, [review])),
        "etag": _etag(review, interaction.digest_of_turns),
        "turns": [_turn(actor, turn) for turn in interaction.turns],
        "scorecard": _definition(definitions.scorecard),
        "brand_voice": _definition(definitions.brand_voice),
        "playbooks": [_definition(each) for each in definitions.playbooks],
        "answers": review.draft if mine else [],
        "sentiment": review.draft_sentiment if mine else [],
        **evaluations,
    }


def evaluation_representations(
    session: Session, actor: Actor, evaluations: Sequence[Evaluation]
) -> list[dict[str, Any]]:
    """Return the representations of evaluations, with reviewers for callers who may see agents.

    That the caller has seen them is noted.
    """
    others = (
        each.interaction_id
        for each in evaluations
        if each.reviewer_id != actor.user_id or each.kind == "automatic"
    )
    note_readings(session, actor, others)
    named = [*(each.reviewer_id for each in evaluations), *(each.author_id for each in evaluations)]
    people = _people(session, actor, named) if actor.sees_agents else {}
    now = utc_now()
    return [
        {
            **{column.key: getattr(each, column.key) for column in Evaluation.__table__.columns},
            **(_for_client(session, actor, each) if reads_for_client(actor) else {}),
            "pillars": {pillar: getattr(each, pillar) for pillar in PILLARS},
            "reviewer": people.get(each.reviewer_id),
            "author": people.get(each.author_id),
            "state": None if each.kind == "automatic" else state_of(each, now),
        }
        for each in evaluations
    ]


def _for_client(session: Session, actor: Actor, evaluation: Evaluation) -> dict[str, Any]:
    """Return what stands in an evaluation for one of the client's own people in place of what is internal."""
    judged = select(Interaction).where(Interaction.interaction_id == evaluation.interaction_id)
    interaction = session.scalars(judged).one()
    return {**INTERNAL, "answers": without_names(session, actor, [interaction], evaluation.answers)}


def version_representations(session: Session, actor: Actor, evaluation: Evaluation) -> list[dict[str, Any]]:
    """Return every version of an evaluation, each with what it changed in the one before."""
    chain = versions_of(session, evaluation)
    shown = evaluation_representations(session, actor, chain)
    before: Sequence[Evaluation | None] = (None, *chain)
    return [
        {"evaluation": body, "changes": answer_changes(last.answers, each.answers) if last else []}
        for body, each, last in zip(shown, chain, before, strict=False)
    ]


def _summary(
    actor: Actor,
    review: Review,
    interaction: Any,
    people: Mapping[uuid.UUID | None, Any],
    days: Mapping[uuid.UUID, int],
) -> dict[str, Any]:
    agent = {"external_id": interaction.agent, **interaction.agent_details} if interaction.agent else None
    # Reviewers are not told afterwards either: a check of their work has none.
    untold = interaction.blind or actor.role == "reviewer"
    return {
        "id": review.review_id,
        "client": interaction.slug,
        "interaction": {**interaction._mapping, "agent": agent if actor.sees_agents else None},  # noqa: SLF001
        "state": review.state,
        "kind": review.kind,
        "targeted": review.targeted and not hides_check(actor, review),
        "quality_check": None if hides_check(actor, review) else review.quality_check,
        "reasons": visible_reasons(review.reasons, blind=interaction.blind),
        "inclusion_probability": None if untold else review.inclusion_probability,
        "note": review.note,
        "flagged": review.flagged,
        "unassignable": review.nobody if review.state == "queued" else None,
        "reviewer": people.get(review.reviewer_id),
        "created_at": review.created_at,
        "claimed_at": review.claimed_at,
        "finished_at": review.finished_at,
        "skip_reason": review.skip_reason,
        "evaluation_id": review.evaluation_id,
        "due_at": due_at(review, days),
    }


def _turn(actor: Actor, turn: Mapping[str, Any]) -> dict[str, Any]:
    return {**turn, "agent": (turn.get("agent") or None) if actor.sees_agents else None}


def _definition(definition: Definition | None) -> dict[str, Any] | None:
    if definition is None:
        return None
    return {
        "id": definition.definition_id,
        "key": definition.key,
        "version": definition.version,
        "body": definition.body,
    }


def _evaluations(
    session: Session, actor: Actor, review: Review, *, blind: bool
) -> tuple[dict[str, Any], DefinitionsInForce | None]:
    empty: dict[str, Any] = {"evaluation": None, "automatic": None, "comparison": None}
    if review.evaluation_id is None or blind:
        return empty, None
    human, automatic = human_and_automatic(
        session, evaluation_id=review.evaluation_id, interaction_id=review.interaction_id
    )
    definitions = load_pinned_definitions(session, human.versions)
    shown = [human] if automatic is None else [human, automatic]
    bodies = evaluation_representations(session, actor, shown)
    comparison = None
    if automatic is not None and definitions.form is not None:
        comparison = _comparison(definitions.form, human, automatic)
    evaluations = {
        "evaluation": bodies[0],
        "automatic": bodies[1] if automatic else None,
        "comparison": comparison,
    }
    return evaluations, definitions


def _comparison(form: Form, human: Evaluation, automatic: Evaluation) -> object:
    return compare_answers(
        form,
        {answer["question"]: answer for answer in human.answers},
        {answer["question"]: answer for answer in automatic.answers},
    )
