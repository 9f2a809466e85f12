"""What is shown of reviews and evaluations, and to whom."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Text, cast, func, select
from sqlalchemy.orm import Session

from qm.interactions.models import Interaction
from qm.reviews.answer_comparison import compare
from qm.reviews.blindness import hidden_from, is_blinded, shown_reasons
from qm.reviews.definitions_in_force import DefinitionsInForce, pinned_definitions
from qm.reviews.models import Evaluation, Review
from qm.reviews.submission import definitions_of, evaluations_beside
from scorecards.authoring.models import Definition
from scorecards.definitions.form import PILLARS, Form
from tenants.credentials import Actor
from tenants.http.contract import tag_of
from tenants.models import Client
from tenants.users import people_by_id

_HEAD = (
    Interaction.interaction_id,
    Interaction.external_id,
    Interaction.channel,
    Interaction.program,
    Interaction.priority,
    Interaction.intent,
    Interaction.language,
    Interaction.started_at,
    Interaction.agent,
    Interaction.agent_details,
)


def tag(session: Session, review: Review) -> str:
    """Return the entity tag of a review: another one when its state, its draft or the transcript changes."""
    words = func.convert_to(cast(Interaction.turns, Text), "UTF8")
    mark = session.scalar(
        select(func.left(func.encode(func.sha256(words), "hex"), 16)).where(
            Interaction.interaction_id == review.interaction_id
        )
    )
    return tag_of(review.review_id, review.revision, mark)


def items(session: Session, actor: Actor, reviews: Sequence[Review]) -> list[dict[str, Any]]:
    """Return reviews as they stand in a list; the number of queries does not grow with them."""
    wanted = {review.interaction_id for review in reviews}
    blind = hidden_from(actor, Interaction.interaction_id).label("blind")
    found = session.execute(
        select(*_HEAD, Client.slug, blind)
        .join(Client, Client.client_id == Interaction.client_id)
        .where(Interaction.interaction_id.in_(wanted))
    )
    heads = {row.interaction_id: row for row in found}
    people = people_by_id(session, (review.reviewer_id for review in reviews))
    return [_item(actor, review, heads[review.interaction_id], people) for review in reviews]


def workbench(session: Session, actor: Actor, review: Review) -> dict[str, Any]:
    """Return a review with everything it takes to do it; once submitted, with the machine's answer beside."""
    interaction = session.scalars(
        select(Interaction).where(Interaction.interaction_id == review.interaction_id)
    ).one()
    shown = items(session, actor, [review])[0]
    mine = review.reviewer_id is not None and review.reviewer_id == actor.user_id
    beside, standards = _beside(session, actor, review)
    standards = standards or definitions_of(session, interaction)
    return {
        **shown,
        "turns": [_turn(actor, turn) for turn in interaction.turns],
        "scorecard": _definition(standards.scorecard),
        "brand_voice": _definition(standards.brand_voice),
        "playbooks": [_definition(each) for each in standards.playbooks],
        "answers": review.draft if mine else [],
        "sentiment": review.draft_sentiment if mine else [],
        **beside,
    }


def evaluation_bodies(
    session: Session, actor: Actor, evaluations: Sequence[Evaluation]
) -> list[dict[str, Any]]:
    """Return evaluations as they are shown; who reviewed is shown to those who see who handled."""
    people = people_by_id(session, (each.reviewer_id for each in evaluations)) if actor.sees_agents else {}
    return [
        {
            **{column.key: getattr(each, column.key) for column in Evaluation.__table__.columns},
            "pillars": {pillar: getattr(each, pillar) for pillar in PILLARS},
            "reviewer": people.get(each.reviewer_id),
        }
        for each in evaluations
    ]


def _item(actor: Actor, review: Review, head: Any, people: Mapping[Any, Any]) -> dict[str, Any]:
    agent = {"external_id": head.agent, **head.agent_details} if head.agent else None
    return {
        "id": review.review_id,
        "client": head.slug,
        "interaction": {**head._mapping, "agent": agent if actor.sees_agents else None},  # noqa: SLF001
        "state": review.state,
        "targeted": review.targeted,
        "reasons": shown_reasons(review.reasons, blind=head.blind),
        "inclusion_probability": None if head.blind else review.inclusion_probability,
        "note": review.note,
        "reviewer": people.get(review.reviewer_id),
        "created_at": review.created_at,
        "claimed_at": review.claimed_at,
        "finished_at": review.finished_at,
        "skip_reason": review.skip_reason,
        "evaluation_id": review.evaluation_id,
    }


def _turn(actor: Actor, turn: Mapping[str, Any]) -> dict[str, Any]:
    return {**turn, "agent": turn.get("agent") if actor.sees_agents else None}


def _definition(definition: Definition | None) -> dict[str, Any] | None:
    if definition is None:
        return None
    return {
        "id": definition.definition_id,
        "key": definition.key,
        "version": definition.version,
        "body": definition.body,
    }


def _beside(
    session: Session, actor: Actor, review: Review
) -> tuple[dict[str, Any], DefinitionsInForce | None]:
    empty: dict[str, Any] = {"evaluation": None, "automatic": None, "comparison": None}
    if review.evaluation_id is None or is_blinded(session, actor, review.interaction_id):
        return empty, None
    human, automatic = evaluations_beside(
        session, evaluation_id=review.evaluation_id, interaction_id=review.interaction_id
    )
    standards = pinned_definitions(session, human.versions)
    both = [human] if automatic is None else [human, automatic]
    bodies = evaluation_bodies(session, actor, both)
    comparison = None
    if automatic is not None and standards.form is not None:
        comparison = _compared(standards.form, human, automatic)
    beside = {
        "evaluation": bodies[0],
        "automatic": bodies[1] if automatic else None,
        "comparison": comparison,
    }
    return beside, standards


def _compared(form: Form, human: Evaluation, automatic: Evaluation) -> object:
    return compare(
        form,
        {answer["question"]: answer for answer in human.answers},
        {answer["question"]: answer for answer in automatic.answers},
    )
