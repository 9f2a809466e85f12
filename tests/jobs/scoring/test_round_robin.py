"""Fair scheduling: a large backlog of one provider delays others by a few slices and uses no extra memory."""

from dataclasses import dataclass

import pytest

from tests.jobs.worker_processes import ScoringFixture, interaction, wait_until

SLICE = 50
FLOOD = 1500


@dataclass
class BacklogObservation:
    """What was seen while one worker worked through two floods."""

    flooding: ScoringFixture
    quiet: ScoringFixture
    worker: object
    between: dict
    memory: list


def slices(worker, scoring_fixture, slug="northwind"):
    client = str(scoring_fixture.provider.clients[slug].client_id)
    return sum(line["client"] == client for line in worker.lines("scored"))


def slices_until_scored(worker, quiet, quiet_slug, flooding, name):
    """Push one interaction amid a flood and count the flood's slices until it is scored."""
    quiet.push([interaction(name)], slug=quiet_slug)
    before = slices(worker, flooding)  # what was done while the push was on its way was not waited for
    wait_until(lambda: slices(worker, quiet, quiet_slug))
    lines = [line["client"] for line in worker.lines("scored")]
    place = lines.index(str(quiet.provider.clients[quiet_slug].client_id))
    return lines[:place].count(str(flooding.provider.clients["northwind"].client_id)) - before


@pytest.fixture
def backlog_observation(make_provider, worker_processes):
    flooding = ScoringFixture(make_provider("northwind", "contoso"), ("northwind", "contoso"))
    quiet = ScoringFixture(make_provider("northwind"))
    worker = worker_processes.start("infra.worker", QM_SLICE=SLICE)
    worker_processes.clock()
    for half in range(2):
        flooding.push([interaction(f"T-{number + half * FLOOD}") for number in range(FLOOD)])
        wait_until(lambda: slices(worker, flooding) > 8)
    memory = [worker.memory]
    between = {
        "provider": slices_until_scored(worker, quiet, "northwind", flooding, "Q-1"),
        "client": slices_until_scored(worker, flooding, "contoso", flooding, "Q-2"),
    }
    left = flooding.count("scored")
    flooding.all_scored(2 * FLOOD)
    memory.append(worker.memory)
    assert left < 2 * FLOOD, "the flood was over before the quiet ones came"
    return BacklogObservation(flooding, quiet, worker, between, memory)


def test_large_backlog_delays_other_clients_by_few_slices_at_constant_memory(backlog_observation):
    # One slice may be running when the push arrives, and one may stand before it in the queue.
    assert backlog_observation.between["provider"] <= 2
    assert backlog_observation.between["client"] <= 3
    grown = backlog_observation.memory[1] - backlog_observation.memory[0]
    assert grown < 24 * 1024 * 1024, f"grew by {grown / 1024 / 1024:.0f} MiB"
    assert backlog_observation.flooding.wrongs() == []
