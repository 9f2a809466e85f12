"""The doctor says what is used, what is wrong and how to mend it."""

import threading
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from infra import doctor
from infra.doctor_learned_models import check_models_in_force
from tests.jobs.training_fixture import with_two_versions

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
