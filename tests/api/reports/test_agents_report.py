"""The report on agents over HTTP: shrunk by an independent computation, ranges of few, and who may see it."""

import random

import numpy as np
import pytest
from sqlalchemy import update

from qm.reviews.models import Evaluation
from scorecards.authoring import versions
from tests.api.reports.test_reports import JULY, ReportData, answer, ask, stakeholder
from tests.api.review_api import SCORECARD

REVIEWS = {"a-1": 40, "a-2": 30, "a-3": 12, "a-4": 4, "a-5": 1}


@pytest.fixture
def data(provider):
    return ReportData(provider)


@pytest.fixture
def caller(provider):
    return provider.caller("reports:read")


def given_reviews(data, seed=1, p=0.5):
    """Reviews at p = 0.5 of agents around 40 to 60 of 100, of whom the machine says 50 always."""
    draw, scores = random.Random(seed), {}
    for number, (agent, size) in enumerate(REVIEWS.items()):
        ids = data.scored(*[50] * (2 * size + 4), agent=agent, shift=0.1 * number, p=p)
        scores[agent] = [min(100, 40 + 5 * number + draw.randint(-20, 20)) for _ in range(size)]
        data.reviewed(ids[:size], scores[agent], p=p)
    return scores


def by_agent(report):
    return {row["agent"]: row for row in report["agents"]}


def shrunk(means, variances):
    """Fay-Herriot with flat priors, by brute force over a fine grid of the variance between agents."""
    grid = np.exp(np.linspace(-12, 16, 60_000))
    step = np.gradient(grid)
    total = np.array(variances)[:, None] + grid
    precision = (1 / total).sum(axis=0)
    centre = (np.array(means)[:, None] / total).sum(axis=0) / precision
    log = -0.5 * np.log(precision) - 0.5 * np.log(total).sum(axis=0)
    log -= 0.5 * ((np.array(means)[:, None] - centre) ** 2 / total).sum(axis=0)
    density = np.exp(log - log.max()) * step
    share = np.array(variances)[:, None] / total
    return ((share * centre + (1 - share) * np.array(means)[:, None]) @ density) / density.sum()


def test_agents_are_shrunk_as_an_independent_computation_says(data, caller):
    """The machine is constant, so the direct estimate is the mean of the reviews, with (1 - p) s^2 / n."""
    scores = given_reviews(data)
    found = answer(caller, "agents")
    rows = by_agent(found)

    own = {agent: np.array(each, float) for agent, each in scores.items()}
    degrees = sum(len(each) - 1 for each in own.values())
    pooled = sum(((each - each.mean()) ** 2).sum() for each in own.values()) / degrees
    means, variances = zip(*((each.mean(), 0.5 * pooled / len(each)) for each in own.values()), strict=True)
    expected = dict(zip(own, shrunk(means, variances), strict=True))

    assert found["shrunk"] is True
    for agent, row in rows.items():
        middle = (row["empathy_low"] + row["empathy_high"]) / 2
        assert middle == pytest.approx(expected[agent], abs=0.11)
        assert (row["judged"], row["counted"]) == (2 * REVIEWS[agent] + 4, REVIEWS[agent])
    assert rows["a-1"]["empathy"] == pytest.approx(expected["a-1"], abs=0.11)
    assert rows["a-1"]["empathy_direct"] == pytest.approx(own["a-1"].mean(), abs=0.06)
    assert rows["a-1"]["empathy_own"] > rows["a-3"]["empathy_own"] > rows["a-5"]["empathy_own"]
    assert rows["a-2"]["sentiment_shift"] == 0.1


def test_rows_of_the_empathy_report_have_the_same_shrunk_beside_the_direct_one(data, caller):
    given_reviews(data)
    data.scored(*[50] * 20, agent="a-0")
    agents = by_agent(answer(caller, "agents"))
    rows = {row["value"]: row for row in answer(caller, query=f"{JULY}&group_by=agent")["groups"]}

    for agent, row in agents.items():
        names = ("shrunk_estimate", "shrunk_low", "shrunk_high", "shrunk", "estimate")
        wanted = ("empathy", "empathy_low", "empathy_high", "empathy_shrunk", "empathy_direct")
        assert [rows[agent][name] for name in names] == [row[name] for name in wanted]
    assert (rows["a-0"]["shrunk"], rows["a-0"]["shrunk_low"]) == (False, None)


def test_of_few_reviews_a_range_alone_is_shown_and_nobody_without_stands_beside_others(data, caller):
    given_reviews(data)
    data.scored(*[99] * 20, agent="a-0")
    data.scored(*[99] * 5, agent="several agents", judged=0)
    found = answer(caller, "agents")
    rows = by_agent(found)

    assert list(rows) == [*REVIEWS]
    assert [row["agent"] for row in found["not_reviewed"]] == ["a-0"]
    for agent, row in rows.items():
        few = REVIEWS[agent] < 10
        assert (row["empathy"] is None, row["empathy_range"]) == (few, few)
        assert row["empathy_low"] < row["empathy_high"]
        assert row["score"] is None
    assert rows["a-4"]["empathy_direct"] is None
    assert found["finding"] == (
        "Reviews tell of 5 of 6 agents; of 2 they are so few that a range alone is shown."
    )
    lines = ask(caller, "agents", f"{JULY}&format=csv").get_data(as_text=True).splitlines()
    assert lines[0].startswith("agent,judged,reviewed,counted,empathy,")
    assert [line.split(",")[0] for line in lines[1:]] == [*REVIEWS]
    assert ask(caller, "agents", f"{JULY}&format=xlsx").data.startswith(b"PK")


def test_of_too_few_agents_none_is_shrunk_and_what_is_missing_is_said(data, caller, provider):
    assert answer(caller, "agents")["finding"].startswith("No interaction of a known agent has been judged")
    data.scored(*[50] * 5, agent="a-1")
    found = answer(caller, "agents")
    assert found["finding"].startswith("No drawn interaction of these 1 agents is reviewed in turn yet")
    assert (found["client_empathy"], found["agents"]) == (None, [])

    data.reviewed(data.scored(*[50] * 60, agent="a-1")[:30], [60, 80] * 15)
    data.reviewed(data.scored(*[50] * 6, agent="a-2")[:2], [60, 80])
    with provider.session() as session:
        client = session.merge(provider.clients["northwind"])
        card, _ = versions.put_in_force(session, client, kind="scorecard", key="care", body=SCORECARD)
        judged = {"scorecard_id": card.definition_id, "score": 80.0, "outcome": "pass"}
        session.execute(update(Evaluation).values(**judged))
    rows = by_agent(answer(caller, "agents"))
    assert (rows["a-1"]["empathy"], rows["a-1"]["empathy_shrunk"]) == (70.0, False)
    assert (rows["a-2"]["empathy"], rows["a-2"]["empathy_low"]) == (None, None)
    assert rows["a-1"]["score"] == 80.0


def test_leads_see_agents_an_agent_sees_themselves_and_stakeholders_see_nobody(data, provider):
    given_reviews(data)
    lead = provider.caller("reports:read", user=provider.add_user("team_lead", "northwind"))
    person = provider.add_user("agent", "northwind")
    with provider.session() as session:
        session.merge(person).agent = "a-2"
    agent = provider.caller("reviews:own", user=person)

    everybody = answer(lead, "agents")
    own = answer(agent, "agents/own")
    assert own["agents"] == [by_agent(everybody)["a-2"]]
    assert own["not_reviewed"] == []
    assert ask(agent, "agents").status_code == 403
    assert ask(stakeholder(provider), "agents", "from=2026-07-01&to=2026-07-31").status_code == 403
    assert ask(stakeholder(provider), "agents/own").status_code == 403
    nobody = provider.caller("reviews:own", user=provider.add_user("agent", "northwind"))
    refused = ask(nobody, "agents/own")
    assert (refused.status_code, refused.json["detail"]) == (
        403,
        "This is for agents: your account names no agent that you are.",
    )


@pytest.mark.parametrize("slug", ["contoso", "nowhere"])
def test_agents_of_another_client_are_not_found(make_provider, slug):
    bound = make_provider("northwind", "contoso").caller("reports:read", bound_to=("northwind",))

    assert bound.get(f"/v1/clients/{slug}/reports/agents").status_code == 404
