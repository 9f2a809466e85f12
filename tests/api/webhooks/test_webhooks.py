"""Webhooks over HTTP: made, changed, rotated, listened to; nobody else's, and no secret twice."""

import json
import uuid
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from sqlalchemy import select, text
from standardwebhooks import Webhook as Verifier

from infra.commands import listening
from infra.commands.listening import listen
from qm.metrics import _backlog_registry
from qm.webhooks.events import EVENT_TYPES
from qm.webhooks.models import Webhook
from qm.webhooks.retention import delete_old_deliveries
from tenants.models import utc_now
from tests.api.review_api import pointers
from tests.webhook_receiver import receiving

NEW = {"url": "https://hooks.example.com/qm", "events": ["sla.breached", "critical.found"]}


@pytest.fixture
def admin(provider):
    return provider.caller()


def test_a_secret_is_shown_once_and_stored_encrypted(provider, admin):
    made = admin.post(
        "/v1/webhooks", json={**NEW, "clients": ["northwind"]}, headers={"Idempotency-Key": "k"}
    )
    assert made.status_code == 201, made.json
    secret = made.json.pop("secret")
    again = admin.post(
        "/v1/webhooks", json={**NEW, "clients": ["northwind"]}, headers={"Idempotency-Key": "k"}
    )
    assert (again.headers["Idempotent-Replayed"], "secret" in again.json) == ("true", False)
    path = f"/v1/webhooks/{made.json['id']}"
    assert admin.get(path).json == again.json
    assert admin.get("/v1/webhooks").json["data"] == [again.json]
    assert (made.json["clients"], made.json["events"]) == (["northwind"], ["critical.found", "sla.breached"])
    with provider.session() as session:
        stored = session.scalars(select(Webhook)).one()
        everything = session.execute(text("select details::text from audit_entries")).scalars().all()
    assert secret.removeprefix("whsec_").encode() not in stored.secret
    assert secret not in "".join(everything)
    assert "/qm" not in "".join(everything)

    rotated = admin.post(f"{path}/rotate", json={})
    assert rotated.json["secret"] not in {secret, None}
    assert rotated.json["old_secret_until"] is not None
    assert admin.post(f"{path}/rotate", json={"at_once": True}).json["old_secret_until"] is None


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({}, [("/events", "required")]),
        ({"events": ["sla.breached"]}, [("/url", "required")]),
        ({**NEW, "url": "http://hooks.example.com"}, [("/url", "bad_address")]),
        ({**NEW, "url": "https://169.254.169.254/"}, [("/url", "bad_address")]),
        ({**NEW, "url": "https://[::ffff:127.0.0.1]/", "clients": ["nobody"]}, None),
        ({"url": "ftp://x", "events": [], "clients": []}, [("/clients", 0), ("/events", 0), ("/url", 0)]),
        ({**NEW, "kind": "listen"}, [("/url", "no_address")]),
        ({**NEW, "events": ["everything"]}, [("/events/0", "invalid")]),
        ({**NEW, "secret": "whsec_mine"}, [("/secret", "unknown")]),
    ],
)
def test_a_webhook_that_cannot_be_is_refused_with_every_fault(admin, body, wrong):
    answer = admin.post("/v1/webhooks", json=body)

    assert answer.status_code == 422
    if wrong is None:
        assert pointers(answer) == [("/clients/0", "unknown_client"), ("/url", "bad_address")]
    else:
        assert [pointer for pointer, _ in pointers(answer)] == [pointer for pointer, _ in wrong]
    assert admin.get("/v1/webhooks").json["data"] == []


def test_a_change_needs_the_version_that_was_read_and_attempts_change_none(provider, admin):
    made = admin.post("/v1/webhooks", json=NEW).json
    path = f"/v1/webhooks/{made['id']}"
    tag = admin.get(path).headers["ETag"]
    admin.post(f"{path}/test")
    changed = admin.patch(path, json={"state": "disabled"}, headers={"If-Match": tag})
    assert (changed.status_code, changed.json["disabled_because"]) == (200, "by_hand")
    assert admin.patch(path, json={"state": "enabled"}, headers={"If-Match": tag}).status_code == 412
    enabled = admin.patch(path, json={"state": "enabled", "events": list(reversed(EVENT_TYPES))})
    assert (enabled.json["disabled_because"], enabled.json["events"]) == (None, list(EVENT_TYPES))
    assert admin.patch(path, json={"url": None}).status_code == 422
    assert admin.delete(path).status_code == 204
    assert admin.get(path).status_code == 404


def test_only_admins_of_the_tenant_reach_a_webhook_and_its_deliveries(provider, admin, make_provider):
    made = admin.post("/v1/webhooks", json=NEW).json
    event = admin.post(f"/v1/webhooks/{made['id']}/test").json
    path, stranger = f"/v1/webhooks/{made['id']}", make_provider("northwind").caller()
    bound = provider.caller("clients:read", "interactions:read", "definitions:write", bound_to=("northwind",))
    calls = [
        ("get", path, None),
        ("patch", path, {"description": "mine"}),
        ("delete", path, None),
        ("post", f"{path}/rotate", {}),
        ("post", f"{path}/test", None),
        ("get", f"{path}/deliveries", None),
        ("post", f"{path}/deliveries/{event['id']}/replay", None),
        ("post", f"{path}/listen", {}),
    ]
    for method, address, body in calls:
        assert getattr(stranger, method)(address, json=body).status_code == 404, address
        assert getattr(bound, method)(address, json=body).status_code == 403, address
    own = stranger.post("/v1/webhooks", json=NEW).json
    crossed = stranger.post(f"/v1/webhooks/{own['id']}/deliveries/{event['id']}/replay")
    assert crossed.status_code == 404
    assert bound.get("/v1/webhooks").status_code == 403
    assert [each["id"] for each in stranger.get("/v1/webhooks").json["data"]] == [own["id"]]
    assert [each["id"] for each in admin.get(f"{path}/deliveries").json["data"]] == [event["id"]]


def test_deliveries_are_listed_the_newest_first_by_state_and_type_and_deleted_after_thirty_days(
    provider, admin
):
    path = f"/v1/webhooks/{admin.post('/v1/webhooks', json=NEW).json['id']}"
    ids = [admin.post(f"{path}/test").json["id"] for _ in range(3)]

    first = admin.get(f"{path}/deliveries?limit=2").json
    rest = admin.get(f"{path}/deliveries?limit=2&cursor={first['next_cursor']}").json
    assert [each["id"] for each in first["data"] + rest["data"]] == ids[::-1]
    assert admin.get(f"{path}/deliveries?state=failed").json["data"] == []
    assert len(admin.get(f"{path}/deliveries?state=pending&type=webhook.test").json["data"]) == 3
    assert admin.get(f"{path}/deliveries?type=sla.breached").json["data"] == []
    with provider.session() as session:
        session.execute(
            text(
                "update webhook_deliveries set created_at = now() - interval '31 days' where event_id = :id"
            ),
            {"id": ids[0]},
        )
        delete_old_deliveries(session, utc_now())
    assert len(admin.get(f"{path}/deliveries").json["data"]) == 2


def test_the_metrics_count_attempts_and_name_nobody(provider, admin, app):
    path = f"/v1/webhooks/{admin.post('/v1/webhooks', json=NEW).json['id']}"
    admin.post(f"{path}/test")
    with provider.session() as session:
        session.execute(text("update webhooks set succeeded = 1000000, failed = 2000000"))

    text_of = app.test_client().get("/metrics").text
    lines = sorted(line for line in text_of.splitlines() if line.startswith("qm_webhook"))
    assert [line.rpartition(" ")[0] for line in lines] == [
        'qm_webhook_attempts_total{outcome="failed"}',
        'qm_webhook_attempts_total{outcome="succeeded"}',
        "qm_webhook_deliveries_pending",
    ]
    assert float(lines[0].split()[-1]) >= 2_000_000
    assert float(lines[2].split()[-1]) >= 1
    with app.app_context():
        assert _backlog_registry() is not None


class _Local:
    """The API of this process, where the command expects a server."""

    def __init__(self, caller):
        self.caller = caller

    def request(self, method, path, **options):
        answer = getattr(self.caller, method.lower())(path, **options)
        return SimpleNamespace(
            is_error=answer.status_code >= 400, content=answer.data, json=answer.get_json, status_code=0
        )


def test_qm_listen_forwards_each_event_signed_reports_what_became_of_it_and_leaves_nothing(
    provider, admin, monkeypatch
):
    """Between two looks for events, others happen: so the loop is driven here by what it waits for."""
    seen = {}
    happening = [3, 0, 1]

    def happen(_seconds):
        [made] = admin.get("/v1/webhooks").json["data"]
        seen["webhook"] = made
        for _ in range(happening.pop(0) if happening else 0):
            admin.post(f"/v1/webhooks/{made['id']}/test")
        seen["deliveries"] = admin.get(f"/v1/webhooks/{made['id']}/deliveries").json["data"]

    monkeypatch.setattr(listening.time, "sleep", happen)
    real = listening._Server
    monkeypatch.setattr(listening, "_Server", lambda _http: real(_Local(admin)))
    with receiving() as receiver:
        receiver.answers = [200, 500, 204, 200]
        options = ["--forward-to", receiver.url, "--client", "northwind", "--event", "sla.breached"]
        done = CliRunner(env={"QM_KEY": "some"}).invoke(listen, [*options, "--count", "4"])

    assert done.exit_code == 0, done.output
    secret = done.stderr.split()[-1]
    for headers, body in receiver.received:
        assert Verifier(secret).verify(body, headers)["type"] == "webhook.test"
    lines = [line.split() for line in done.stdout.splitlines() if line.startswith("webhook.test ")]
    assert lines == [
        ["webhook.test", event, status]
        for event, status in zip(receiver.ids(), ("200", "500", "204", "200"), strict=True)
    ]
    made = seen["webhook"]
    assert (made["kind"], made["clients"], made["events"]) == ("listen", ["northwind"], ["sla.breached"])
    by_id = {each["id"]: each["state"] for each in seen["deliveries"]}
    assert [by_id[each] for each in receiver.ids()[:3]] == ["delivered", "failed", "delivered"]
    assert admin.get("/v1/webhooks").json["data"] == []
    without = CliRunner(env={"QM_KEY": ""}).invoke(listen, options)
    assert (without.exit_code, "QM_KEY" in without.stderr) == (2, True)


def test_what_nobody_reports_is_given_out_again_and_a_sent_one_is_not_listened_to(provider, admin):
    made = admin.post("/v1/webhooks", json={"kind": "listen", "events": ["sla.breached"]}).json
    path = f"/v1/webhooks/{made['id']}"
    event = admin.post(f"{path}/test").json["id"]
    first = admin.post(f"{path}/listen", json={}).json
    assert [each["id"] for each in first["data"]] == [event]
    assert admin.post(f"{path}/listen", json={}).json == {"token": None, "data": []}
    with provider.session() as session:
        session.execute(text("update webhook_deliveries set lease_until = now() - interval '1 second'"))
    second = admin.post(f"{path}/listen", json={}).json
    late = {"token": first["token"], "outcomes": [{"event_id": event, "status_code": 200}]}
    admin.post(f"{path}/listen", json=late)
    assert admin.get(f"{path}/deliveries").json["data"][0]["state"] == "pending"
    admin.post(f"{path}/listen", json={**late, "token": second["token"]})
    assert admin.get(f"{path}/deliveries").json["data"][0]["state"] == "delivered"
    assert json.loads(second["data"][0]["body"])["data"] == {"webhook_id": made["id"]}

    with provider.session() as session:
        session.execute(text("update webhooks set polled_at = now() - interval '2 days'"))
        delete_old_deliveries(session, utc_now())
    assert admin.post(f"{path}/listen", json={}).status_code == 404
    sent = admin.post("/v1/webhooks", json=NEW).json
    refused = admin.post(f"/v1/webhooks/{sent['id']}/listen", json={"token": str(uuid.uuid4())})
    assert (refused.status_code, refused.json["code"]) == (409, "not_listening")
