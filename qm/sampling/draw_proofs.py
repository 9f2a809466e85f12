"""The proof of each draw: the numbers that decided it, worked out again from key, policy and id."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from qm.facts.models import NOT_YET, InteractionFacts
from qm.interactions.models import Interaction
from qm.reviews.blindness import hidden_from, visible_reasons
from qm.reviews.readings import note_readings
from qm.sampling.commitments import draw_keys
from scorecards.authoring.models import Definition
from scorecards.sampling.draw_keys import DrawKeys
from scorecards.sampling.dry_run import BASE_RATE
from scorecards.sampling.inclusion import draw_number
from scorecards.sampling.policy import SamplingPolicy, from_body
from scorecards.sampling.quotas import effective_probability
from tenants.bulk_sql import id_array
from tenants.credentials import Actor
from tenants.http.contract import Page, page_of
from tenants.models import Client

_ORDER = (InteractionFacts.drawable_since, InteractionFacts.interaction_id)


def list_draws(
    session: Session,
    actor: Actor,
    client: Client,
    key: bytes,
    *,
    limit: int,
    cursor: str | None,
    external_id: str | None = None,
    drawn: bool | None = None,
) -> Page:
    """Return one page of the draws of a client's interactions, those that were drawn from last first.

    Of an interaction that the caller may still have to review, what the machine's answers decided is left
    out: rate, rules and probability. That the caller sees it of the others is noted.
    """
    page = page_of(
        session, _select(client, external_id, drawn), _ORDER, limit=limit, cursor=cursor, descending=True
    )
    ids = [each.interaction_id for each in page.data]
    policies = _policies(session, {each.policy_id for each in page.data})
    names = _interactions(session, actor, ids)
    note_readings(session, actor, (each for each, (_, blind) in names.items() if not blind))
    keys = draw_keys(session, client.tenant_id, client.client_id, key)
    proofs = [_proof(each, keys, policies[each.policy_id], names[each.interaction_id]) for each in page.data]
    return Page(proofs, page.next_cursor)


def _select(client: Client, external_id: str | None, drawn: bool | None) -> Select[InteractionFacts]:
    statement = select(InteractionFacts).where(
        InteractionFacts.client_id == client.client_id,
        InteractionFacts.policy_id.is_not(None),
        InteractionFacts.drawable_since < NOT_YET,
        InteractionFacts.judged == 1,
    )
    if drawn is not None:
        statement = statement.where(InteractionFacts.sampled == int(drawn))
    if external_id is not None:
        named = select(Interaction.interaction_id).where(
            Interaction.client_id == client.client_id, Interaction.external_id == external_id
        )
        statement = statement.where(InteractionFacts.interaction_id.in_(named))
    return statement


def _policies(session: Session, ids: set[uuid.UUID | None]) -> dict[uuid.UUID | None, tuple[int, Any]]:
    if not ids:
        return {}
    rows = session.execute(
        select(Definition.definition_id, Definition.version, Definition.body).where(
            Definition.definition_id == id_array([each for each in ids if each])
        )
    )
    return {row.definition_id: (row.version, from_body(row.body)) for row in rows}


def _interactions(
    session: Session, actor: Actor, ids: Sequence[uuid.UUID]
) -> dict[uuid.UUID, tuple[str, bool]]:
    if not ids:
        return {}
    blind = hidden_from(actor, Interaction.interaction_id, in_list=True).label("blind")
    rows = session.execute(
        select(Interaction.interaction_id, Interaction.external_id, blind).where(
            Interaction.interaction_id == id_array(ids)
        )
    )
    return {row.interaction_id: (row.external_id, row.blind) for row in rows}


def _proof(
    facts: InteractionFacts, keys: DrawKeys, policy: tuple[int, SamplingPolicy], named: tuple[str, bool]
) -> dict[str, Any]:
    version, rules = policy
    external_id, blind = named
    key = keys.key_for(facts.interaction_id)
    recomputed = None if key is None else draw_number(key, str(facts.policy_id), facts.interaction_id)
    p, draw = facts.inclusion_probability, facts.draw
    holds = (
        recomputed == draw
        and p == effective_probability(facts.rate, facts.threshold)
        and bool(facts.sampled) == (draw is not None and p is not None and draw < p)
    )
    return {
        "interaction_id": facts.interaction_id,
        "external_id": external_id,
        "started_at": facts.started_at,
        "policy_version": version,
        "rules": visible_reasons(rules_of(rules, facts.rate), blind=blind),
        "draw": draw,
        "drawn": bool(facts.sampled),
        "settled": facts.settled,
        "proven": holds,
        **_chances(facts, blind=blind),
    }


def _chances(facts: InteractionFacts, *, blind: bool) -> Mapping[str, float | None]:
    names = ("rate", "threshold", "inclusion_probability")
    return {name: None if blind else getattr(facts, name) for name in names}


def rules_of(policy: SamplingPolicy, rate: float) -> list[str]:
    """Return the rules of a policy that ask for exactly this rate; the base rate where no other does.

    Examples
    --------
    >>> policy = from_body({"base_rate": 0.1, "terms": [{"when": "charged", "rate": 0.3}]})
    >>> rules_of(policy, 0.3), rules_of(policy, 0.1)
    (['charged'], ['base_rate'])
    """
    found = [term.when for term in policy.terms if term.rate == rate and rate > policy.base_rate]
    return found or [BASE_RATE]
