"""Dry run of a sampling policy: what it would have drawn in past weeks, and how sure the number would be."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from qm.reviews.models import Evaluation
from qm.sampling.past_interactions import count_interactions, load_past_interactions
from scorecards.authoring import version_queries
from scorecards.authoring.models import SINGLE
from scorecards.authoring.validation import faults_of
from scorecards.sampling.dry_run import DryRun, ExpectedDraw, dry_run
from scorecards.sampling.policy import SamplingPolicy, from_body
from scorecards.statistics.difference_estimator import EXPECTED_DEVIATION
from tenants.http.faults import Fault, Invalid, NotFound
from tenants.models import Client, Membership, User
from tenants.roles import ROLES

KIND = "sampling_policy"
DEFAULT_WEEKS, MAX_WEEKS = 4, 26
MAX_INTERACTIONS = 200_000
MIN_SCORES = 10
"""With fewer human scores than this, their standard deviation is assumed."""
MAX_AGENTS = 100


def dry_run_of_policy(
    session: Session,
    client: Client,
    body: Mapping[str, Any] | None,
    *,
    weeks: int = DEFAULT_WEEKS,
    now: datetime,
) -> dict[str, Any]:
    """Return what a policy, by default the one in force, would draw in the last whole weeks.

    Raises
    ------
    Invalid
        With the faults of the policy, or for more interactions than are read at once.
    NotFound
        Without a body, when the client has no policy.
    """
    policy = _policy(session, client, body)
    first, last = _whole_weeks(weeks, now)
    _check_size(count_interactions(session, client, first, last))
    deviation, source = _deviation(session, client)
    past = load_past_interactions(session, client, first, last, now)
    found = dry_run(policy, past, deviation=deviation)
    return {
        "client": client.slug,
        "from": first,
        "to": last,
        "policy": "in_force" if body is None else "body",
        **_figures(found, weeks),
        **_limits(session, client, policy, found, weeks),
        "half_width": found.half_width,
        "deviation": deviation,
        "deviation_from": source,
        "warnings": [{"code": "below_floor", "detail": found.warning}] if found.warning else [],
    }


def count_recent(session: Session, client: Client, weeks: int, now: datetime) -> int:
    """Return how many interactions a dry run over these weeks looks at."""
    return count_interactions(session, client, *_whole_weeks(weeks, now))


def _whole_weeks(weeks: int, now: datetime) -> tuple[date, date]:
    """Return the first and the last day of the last whole weeks."""
    last = now.date() - timedelta(days=now.date().weekday() + 1)
    return last - timedelta(days=7 * weeks - 1), last


def _policy(session: Session, client: Client, body: Mapping[str, Any] | None) -> SamplingPolicy:
    if body is None:
        found = version_queries.open_ended_version(session, client_id=client.client_id, kind=KIND, key=SINGLE)
        if found is None:
            raise NotFound(version_queries.noun(KIND))
        return from_body(found.body)
    faults = faults_of(KIND, body)
    if faults:
        raise Invalid(faults)
    return from_body(body)


def _check_size(interactions: int) -> None:
    if interactions > MAX_INTERACTIONS:
        detail = f"These weeks have {interactions} interactions; at most {MAX_INTERACTIONS} are read."
        raise Invalid([Fault("/query/weeks", "too_many_interactions", detail)])


def _deviation(session: Session, client: Client) -> tuple[float, str]:
    """Return the standard deviation of past human scores, or the assumed one while there are few."""
    scores = select(func.count(Evaluation.empathy), func.stddev_samp(Evaluation.empathy)).where(
        Evaluation.client_id == client.client_id,
        Evaluation.kind == "human",
        Evaluation.superseded_at.is_(None),
    )
    count, deviation = session.execute(scores).one()
    if count < MIN_SCORES or not deviation:
        return EXPECTED_DEVIATION, "assumed"
    return float(deviation), "reviews"


def _figures(found: DryRun, weeks: int) -> dict[str, Any]:
    def monday(day: date) -> dict[str, Any]:
        return {"first_day": day}

    return {
        "interactions": found.interactions,
        "mean_rate": found.mean_rate,
        "reviews": found.reviews,
        "reviews_per_week": found.reviews / weeks,
        "weeks": [monday(day) | _expected(each) for day, each in found.weeks.items()],
        "reasons": [{"reason": reason} | _expected(each) for reason, each in found.reasons.items()],
    }


def _expected(draw: ExpectedDraw) -> dict[str, Any]:
    return {"interactions": draw.interactions, "reviews": draw.reviews}


def _limits(
    session: Session, client: Client, policy: SamplingPolicy, found: DryRun, weeks: int
) -> dict[str, Any]:
    """Return where quotas bind, and how much of the capacity is used."""
    binding = {
        agent: (found.minimum_binds.get(agent, 0.0), found.maximum_binds.get(agent, 0.0))
        for agent in sorted({*found.minimum_binds, *found.maximum_binds})
    }
    agents = [
        {"agent": agent, **_expected(found.agents[agent]), "minimum_binds": low, "maximum_binds": high}
        for agent, (low, high) in sorted(binding.items(), key=lambda each: -sum(each[1]))
        if agent
    ]
    quotas = {
        "windows": found.windows,
        "minimum_binds": sum(low for low, _ in binding.values()),
        "maximum_binds": sum(high for _, high in binding.values()),
        "agents": agents[:MAX_AGENTS],
    }
    people = _people(session, client)
    most = people * (policy.capacity or 0)
    capacity = {
        "people": people,
        "reviews_per_week": most,
        "used": found.reviews / weeks / most if most else None,
    }
    return {
        "quotas": quotas if policy.quota else None,
        "capacity": capacity if policy.capacity is not None else None,
    }


def _people(session: Session, client: Client) -> int:
    """Return how many people may review for a client."""
    own = select(Membership.client_id).where(Membership.user_id == User.user_id)
    reviewing = [role for role, scopes in ROLES.items() if "reviews:write" in scopes]
    return (
        session.scalar(
            select(func.count()).where(
                User.disabled_at.is_(None),
                User.role.in_(reviewing),
                or_(~own.exists(), own.where(Membership.client_id == client.client_id).exists()),
            )
        )
        or 0
    )
