"""The doctor says what is used, what is wrong and how to mend it."""

import subprocess
import threading
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from infra import database_schema, doctor
from infra.doctor_learned_models import check_models_in_force
from infra.embedded import programs, server_processes
from tests.database.scratch import scratch_database
from tests.jobs.training_fixture import with_two_versions
from tests.waiting import PATIENCE, wait_until

pytestmark = pytest.mark.usefixtures("each_model_fitted_once")

NOWHERE = "postgresql+psycopg://qm_owner:wrong@127.0.0.1:1/qm"


@pytest.fixture
def external(services):
    """The test servers as if they were somebody's own, with the web server on a free port."""
    return replace(services.settings, port=0)


def found(settings, name):
    """Return the doctor's one finding of that name."""
    return next(check for check in doctor.examine(settings) if check.name == name)


@contextmanager
def answering(body):
    """Listen somewhere and give one answer to everything; yields the port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            """Keep quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


def test_doctor_passes_for_healthy_external_servers(external):
    # Other tests leave models behind them that cannot be read.
    checks = [check for check in doctor.examine(external) if check.name != "learned models"]
    assert [check for check in checks if not check.ok] == []


def test_doctor_reports_unreachable_owner_url(external):
    check = found(replace(external, owner_url=NOWHERE), "owner role")

    assert not check.ok
    assert "QM_DATABASE_OWNER_URL" in check.mend


def test_doctor_reports_owner_url_of_wrong_role(external):
    check = found(replace(external, owner_url=external.database_url), "owner role")

    assert (check.ok, check.detail) == (False, "qm_app does not own the schema")


def test_doctor_reports_application_url_of_owner_role(external):
    check = found(replace(external, database_url=external.owner_url), "application role")

    assert not check.ok
    assert "qm_app" in check.mend


def test_doctor_names_setting_of_unreachable_server(external):
    away = replace(external, database_url=NOWHERE, redis_url="redis://127.0.0.1:1/0")

    assert "QM_DATABASE_URL" in found(away, "database").mend
    assert "QM_REDIS_URL" in found(away, "redis").mend


def test_doctor_accepts_port_served_by_qm(external):
    with answering(b'{"status": "ok"}') as port:
        check = found(replace(external, port=port), "port")

    assert (check.ok, check.detail) == (True, f"127.0.0.1:{port}: QM answers there")


def test_doctor_reports_port_used_by_other_program(external):
    with answering(b"<html></html>") as port:
        check = found(replace(external, port=port), "port")

    assert not check.ok
    assert "Address already in use" in check.detail


def test_doctor_explains_invalid_host(external):
    check = found(replace(external, host="300.1.1.1"), "port")

    assert not check.ok
    assert "Unknown error" not in check.detail


@pytest.fixture
def own_redis(tmp_path):
    """Start a Redis of the test's own, with these options; yields a function that returns its address."""
    started = []

    def start(*options, password=""):
        port = server_processes.free_port(None)
        command = [programs.find().redis, "--port", str(port), "--dir", str(tmp_path), "--save", "", *options]
        started.append(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        wait_until(lambda: server_processes.answers(port))
        return f"redis://:{password}@127.0.0.1:{port}/0"

    yield start
    for process in started:
        process.kill()
        process.wait(timeout=PATIENCE)


SAFE = ("--maxmemory-policy", "noeviction")


def test_doctor_reports_a_redis_that_asks_for_no_password(external, own_redis):
    check = found(replace(external, redis_url=own_redis(*SAFE)), "redis")

    assert not check.ok
    assert "asks for no password" in check.detail
    assert "QM_REDIS_URL" in check.mend


def test_doctor_accepts_a_redis_with_a_password(external, own_redis):
    check = found(replace(external, redis_url=own_redis(*SAFE, "--requirepass", "x", password="x")), "redis")

    assert check.ok


def test_doctor_reports_a_redis_that_drops_work(external, own_redis):
    url = own_redis("--maxmemory-policy", "allkeys-lru", "--requirepass", "x", password="x")
    check = found(replace(external, redis_url=url), "redis")

    assert not check.ok
    assert "noeviction" in check.mend


@pytest.mark.parametrize(
    ("threshold", "value", "name"),
    [
        ("_MIN_PYTHON", (99, 0), "python"),
        ("_MIN_POSTGRES", 99, "database"),
        ("_MIN_REDIS", (99, 0), "redis"),
        ("_MAX_CLOCK_DIFFERENCE", -1.0, "clock"),
        ("_SAMPLE_TIME_ZONE", "Nowhere/Nowhere", "time zones"),
    ],
)
def test_doctor_reports_what_is_below_its_threshold(external, monkeypatch, threshold, value, name):
    assert found(external, name).ok
    monkeypatch.setattr(doctor, threshold, value)

    assert not found(external, name).ok


def test_doctor_reports_a_full_disk(services, data_dir, monkeypatch):
    here = replace(services.settings, port=0, database_url=None, redis_url=None, data_dir=data_dir)
    assert found(here, "data directory").ok
    monkeypatch.setattr(doctor, "_MIN_FREE_MEGABYTES", 10**9)

    assert "Free some space" in found(here, "data directory").mend


def test_doctor_reports_a_missing_secret_key(external):
    assert not found(replace(external, secret_key=None), "secret key").ok


def test_doctor_reports_an_old_schema_and_leaves_the_walls_for_later(external, data_dir, services):
    with scratch_database(data_dir, services, "qm_old") as scratch:
        database_schema.upgrade(scratch.owner_url, "0006")
        old = replace(external, database_url=database_schema.sqlalchemy_url(scratch.app_url))
        checks = {check.name: check for check in doctor.examine(old)}

    assert not checks["schema"].ok
    assert "qm db upgrade" in checks["schema"].mend
    assert "walls" not in checks


@pytest.fixture
def training_fixture(make_provider):
    return with_two_versions(make_provider("northwind"))


def about_models(settings, training_fixture):
    """Return what the doctor says of this provider's models, without its name."""
    slug = training_fixture.provider.tenant.slug
    return [
        (check.detail.replace(slug, "acme"), check.mend.replace(slug, "acme"))
        for check in doctor.examine(settings)
        if check.name == "learned models" and slug in check.detail and not check.ok
    ]


def test_doctor_counts_readable_models_in_force(external, training_fixture):
    count, unreadable = check_models_in_force(external.database_url)

    assert count > 0
    assert about_models(external, training_fixture) == []
    assert training_fixture.provider.tenant.slug not in str(unreadable)


def test_doctor_reports_recorded_model_fault_with_remedy(external, training_fixture):
    training_fixture.ask(
        "update models set fault = 'It was written by a newer release.', artefact = 'x'"
        " where version = 2 returning 1"
    )

    assert about_models(external, training_fixture) == [
        (
            "acme, northwind, answers version 2: It was written by a newer release.",
            (
                "Put version 1 back: `qm models restore northwind --version 1 --tenant acme`, "
                "or train again: `qm train northwind --tenant acme`."
            ),
        )
    ]


def test_doctor_detects_unreadable_model_without_recorded_fault(external, training_fixture):
    training_fixture.ask("update models set artefact = 'nonsense' returning 1")

    [(detail, mend)] = about_models(external, training_fixture)
    assert detail.endswith(
        "answers version 2: The artefact is not the one that was stored: its digest differs."
    )
    assert mend == "No other version can be read. Train again: `qm train northwind --tenant acme`."
    assert training_fixture.ask("select 1 from models where fault is not null") == []


def test_doctor_suggests_restoring_same_version_if_readable_again(external, training_fixture):
    training_fixture.ask("update models set fault = 'It was cut short.' where version = 2 returning 1")

    [(detail, mend)] = about_models(external, training_fixture)
    assert detail.endswith("It was cut short.")
    assert mend == (
        "It can be read again. Put it back: `qm models restore northwind --version 2 --tenant acme`."
    )


def test_doctor_names_kind_of_provider_wide_model(external, training_fixture):
    training_fixture.ask(
        "insert into models (tenant_id, model_id, kind, version, state, card, lessons, digest, revision,"
        " created_at)"
        " select tenant_id, gen_random_uuid(), 'sentiment', 1, state, card, lessons, digest, 1, created_at"
        " from models where version = 2 returning 1"
    )

    [(detail, mend)] = about_models(external, training_fixture)
    assert detail == "acme, all clients, sentiment version 1: The artefact is not kept."
    assert mend.endswith("`qm train --kind sentiment --tenant acme`.")
