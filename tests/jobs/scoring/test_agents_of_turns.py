"""Each agent answers for their own turns: found by them, and counted for nobody where several spoke."""

from tests.jobs.worker_processes import interaction

KIND, RUDE = {"agent": "a-2"}, {"agent": "a-1"}


def spoken(external_id, *agents):
    """Return an interaction of `a-7` whose turns of the agent name these agents."""
    made = interaction(external_id)
    by_agent = [turn for turn in made["turns"] if turn["speaker"] == "agent"]
    for turn, agent in zip(by_agent, agents, strict=True):
        turn.update(agent)
    return made


def test_an_interaction_counts_for_the_agent_who_spoke(scoring_fixture, shared_worker):
    scoring_fixture.push(
        [
            spoken("transferred", RUDE, KIND),
            spoken("taken over", KIND, KIND),
            spoken("own", {}, {}),
            spoken("half own", {}, KIND),
        ]
    )
    scoring_fixture.all_scored(4)
    caller = scoring_fixture.provider.caller()

    report = caller.get(
        "/v1/clients/northwind/reports/empathy?from=2026-07-01&to=2026-07-01&group_by=agent"
    ).json

    assert {row["value"]: row["interactions"] for row in report["groups"]} == {
        "a-2": 1,
        "a-7": 1,
        "several agents": 2,
    }


def test_interactions_are_found_by_every_agent_who_spoke(scoring_fixture, shared_worker):
    scoring_fixture.push([spoken("transferred", RUDE, KIND), spoken("own", {}, {})])
    caller = scoring_fixture.provider.caller()

    def found(agent):
        listed = caller.get(f"/v1/clients/northwind/interactions?agent={agent}").json["data"]
        return {each["external_id"] for each in listed}

    assert found("a-1") == found("a-2") == {"transferred"}
    assert found("a-7") == {"transferred", "own"}
    assert found("a-9") == set()
