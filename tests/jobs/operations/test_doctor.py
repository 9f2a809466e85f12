"""The doctor says what is used, what is wrong and how to mend it."""

import threading
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from infra import doctor
from infra.doctor_models import models_in_force
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


def test_external_servers_that_are_well_are_found_well(external):
    # Other tests leave models behind them that cannot be read.
    checks = [check for check in doctor.examine(external) if check.name != "learned models"]
    assert [check for check in checks if not check.ok] == []


def test_an_owners_address_that_does_not_answer_is_named(external):
    check = found(replace(external, owner_url=NOWHERE), "owner role")

    assert not check.ok
    assert "QM_DATABASE_OWNER_URL" in check.mend


def test_an_owners_address_of_another_role_is_named(external):
    check = found(replace(external, owner_url=external.database_url), "owner role")

    assert (check.ok, check.detail) == (False, "qm_app does not own the schema")


def test_an_application_address_of_the_owner_is_named(external):
    check = found(replace(external, database_url=external.owner_url), "application role")

    assert not check.ok
    assert "qm_app" in check.mend


def test_servers_that_do_not_answer_are_named_with_the_setting_to_correct(external):
    away = replace(external, database_url=NOWHERE, redis_url="redis://127.0.0.1:1/0")

    assert "QM_DATABASE_URL" in found(away, "database").mend
    assert "QM_REDIS_URL" in found(away, "redis").mend


def test_a_port_where_qm_answers_is_well(external):
    with answering(b'{"status": "ok"}') as port:
        check = found(replace(external, port=port), "port")

    assert (check.ok, check.detail) == (True, f"127.0.0.1:{port}: QM answers there")


def test_a_port_taken_by_somebody_else_is_not_well(external):
    with answering(b"<html></html>") as port:
        check = found(replace(external, port=port), "port")

    assert not check.ok
    assert "Address already in use" in check.detail


def test_a_host_that_does_not_exist_is_named_in_words(external):
    check = found(replace(external, host="300.1.1.1"), "port")

    assert not check.ok
    assert "Unknown error" not in check.detail


@pytest.fixture
def room(make_provider):
    return with_two_versions(make_provider("northwind"))


def about_models(settings, room):
    """Return what the doctor says of this provider's models, without its name."""
    slug = room.provider.tenant.slug
    return [
        (check.detail.replace(slug, "acme"), check.mend.replace(slug, "acme"))
        for check in doctor.examine(settings)
        if check.name == "learned models" and slug in check.detail and not check.ok
    ]


def test_models_in_force_that_can_be_read_are_counted_and_well(external, room):
    count, unreadable = models_in_force(external.database_url)

    assert count > 0
    assert about_models(external, room) == []
    assert room.provider.tenant.slug not in str(unreadable)


def test_a_model_whose_fault_was_noted_is_named_with_how_to_mend_it(external, room):
    room.ask(
        "update models set fault = 'It was written by a newer release.', artefact = 'x'"
        " where version = 2 returning 1"
    )

    assert about_models(external, room) == [
        (
            "acme, northwind, answers version 2: It was written by a newer release.",
            (
                "Put version 1 back: `qm models restore northwind --version 1 --tenant acme`, "
                "or train again: `qm train northwind --tenant acme`."
            ),
        )
    ]


def test_a_model_that_nobody_has_tried_to_read_yet_is_read(external, room):
    room.ask("update models set artefact = 'nonsense' returning 1")

    [(detail, mend)] = about_models(external, room)
    assert detail.endswith(
        "answers version 2: The artefact is not the one that was stored: its digest differs."
    )
    assert mend == "No other version can be read. Train again: `qm train northwind --tenant acme`."
    assert room.ask("select 1 from models where fault is not null") == []


def test_a_model_that_is_whole_again_may_be_put_back_itself(external, room):
    room.ask("update models set fault = 'It was cut short.' where version = 2 returning 1")

    [(detail, mend)] = about_models(external, room)
    assert detail.endswith("It was cut short.")
    assert mend == (
        "It can be read again. Put it back: `qm models restore northwind --version 2 --tenant acme`."
    )


def test_a_model_of_all_clients_is_named_with_its_kind(external, room):
    room.ask(
        "insert into models (tenant_id, model_id, kind, version, state, card, lessons, digest, revision,"
        " created_at)"
        " select tenant_id, gen_random_uuid(), 'sentiment', 1, state, card, lessons, digest, 1, created_at"
        " from models where version = 2 returning 1"
    )

    [(detail, mend)] = about_models(external, room)
    assert detail == "acme, all clients, sentiment version 1: The artefact is not kept."
    assert mend.endswith("`qm train --kind sentiment --tenant acme`.")
