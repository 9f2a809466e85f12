"""Fault handling: unscorable interactions become dead individually, and workers survive server outages."""

import json
import os
import secrets
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from qm.interactions import intake
from qm.interactions.decoding import load_interaction
from scorecards.authoring.models import Definition
from scorecards.authoring.versions import digest_of
from tests.jobs.worker_processes import BEGAN, LINES, interaction, wait_until

# Rows as no intake would store them, and the error each ends with.
POISONS = {
    "a turn without text": ("turns", [{"speaker": "customer"}], "Object missing required field `text`"),
    "a text that is a number": ("turns", [{"speaker": "customer", "text": 5}], "Expected `str`, got `int`"),
    "turns that are no list": ("turns", 7, "Expected `array`, got `int`"),
    "a status without a time": ("status", [{"to": "open"}], "KeyError: 'at'"),
    "a name too long for any index": ("agent", secrets.token_hex(8000), "ProgramLimitExceeded"),
}


def push_poisoned(scoring_fixture, services, items, poisons):
    """Push, and spoil some rows before any worker can see them."""
    client = scoring_fixture.provider.clients["northwind"]
    with scoring_fixture.provider.session() as session:
        intake.store_interactions(session, services.redis, client, [load_interaction(item) for item in items])
        for name, (column, value, _) in poisons.items():
            kind = "jsonb" if column != "agent" else "text"
            session.execute(
                text(f"update interactions set {column} = cast(:value as {kind}) where external_id = :name"),
                {"value": value if column == "agent" else json.dumps(value), "name": name},
            )


def repair_dead_rows(scoring_fixture):
    turns = [{"speaker": speaker, "text": words} for speaker, words in LINES]
    scoring_fixture.ask(
        "update interactions set turns = cast(:turns as jsonb), status = '[]', agent = 'a-7'"
        " where state = 'dead' returning 1",
        turns=json.dumps(turns),
    )


@pytest.fixture
def poisoned(scoring_fixture, services, shared_worker):
    items = [interaction(name) for name in [*(f"T-{number}" for number in range(60)), *POISONS]]
    push_poisoned(scoring_fixture, services, items, POISONS)
    scoring_fixture.all_scored(60)
    wait_until(lambda: scoring_fixture.count("dead") == len(POISONS))
    return scoring_fixture


def test_poison_interactions_become_dead_with_error_and_remaining_are_scored(poisoned):
    assert poisoned.wrongs() == []
    for name, (_, _, error) in POISONS.items():
        row = poisoned.row(name)
        assert (row.state, row.attempts) == ("dead", 2), name
        assert error in row.error, (name, row.error)
        assert "\n" not in row.error


def test_dead_interactions_are_listed_and_scored_after_http_retry(poisoned):
    address = "/v1/clients/northwind/interactions"
    listed = poisoned.http.get(f"{address}?state=dead").json["data"]
    assert {each["external_id"] for each in listed} == set(POISONS)
    assert all(each["error"] for each in listed)

    repair_dead_rows(poisoned)
    assert poisoned.http.post(f"{address}/retry").json == {"retried": len(POISONS)}
    poisoned.all_scored(60 + len(POISONS))
    assert poisoned.wrongs() == []


def test_retry_command_rescores_dead_interactions(scoring_fixture, services, shared_worker, data_dir):
    poisons = {"T-1": POISONS["a turn without text"]}
    push_poisoned(scoring_fixture, services, [interaction("T-1")], poisons)
    wait_until(lambda: scoring_fixture.count("dead") == 1)
    repair_dead_rows(scoring_fixture)
    command = [
        Path(sys.executable).with_name("qm"),
        "retry",
        "northwind",
        "--tenant",
        scoring_fixture.provider.tenant.slug,
    ]
    environment = {**os.environ, "QM_DATA_DIR": str(data_dir)}
    said = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)

    assert said.stdout == "retried 1\n"
    scoring_fixture.all_scored(1)


def test_unreadable_definition_blocks_only_interactions_of_its_period(scoring_fixture, shared_worker):
    client, body = scoring_fixture.provider.clients["northwind"], {"steps": 5}
    with scoring_fixture.provider.session() as session:
        session.add(
            Definition(
                tenant_id=client.tenant_id,
                client_id=client.client_id,
                kind="playbook",
                key="broken",
                version=1,
                state="published",
                body=body,
                digest=digest_of(body),
                effective_from=BEGAN,
                effective_to=BEGAN + timedelta(days=1),
            )
        )
    scoring_fixture.push([interaction(f"T-{day}", at=BEGAN + timedelta(days=day)) for day in range(-2, 3)])
    scoring_fixture.all_scored(4)
    wait_until(lambda: scoring_fixture.count("dead") == 1)

    assert "playbook 'broken' version 1 cannot be read" in scoring_fixture.row("T-0").error


def test_emptying_redis_in_the_middle_loses_nothing(scoring_fixture, services, shared_worker):
    scoring_fixture.push([interaction(f"T-{number}") for number in range(500)])
    for least in (50, 200, 350):
        wait_until(lambda least=least: scoring_fixture.count("scored") >= least)
        services.redis.flushall()
    scoring_fixture.all_scored(500)

    assert shared_worker.alive
    assert scoring_fixture.wrongs() == []


def test_workers_carry_on_after_the_database_was_restarted(scoring_fixture, services, shared_worker):
    scoring_fixture.push([interaction(f"T-{number}") for number in range(500)])
    wait_until(lambda: scoring_fixture.count("scored") >= 100)
    [(backend, before)] = scoring_fixture.ask("select pg_backend_pid(), clock_timestamp()")
    # PostgreSQL ends every connection and recovers when one of its processes is killed.
    os.kill(backend, signal.SIGKILL)
    survivors = f"select 1 from pg_stat_activity where datname is not null and backend_start < '{before}'"

    def recovered():
        try:
            if scoring_fixture.ask(survivors):
                return False
            scoring_fixture.lapse()
        except OperationalError:
            return False
        return True

    wait_until(recovered)
    scoring_fixture.all_scored(500)
    assert shared_worker.alive
    assert scoring_fixture.wrongs() == []
