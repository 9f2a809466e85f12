"""Frozen reports on pages, by link and by mail: what the client and strangers see, and what they do not."""

import io
import json
import re
import struct
import zlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text
from structlog.testing import capture_logs

from infra import ports
from qm.mail import Mailer
from qm.sampling import commitments
from qm.snapshots import schedules
from qm.snapshots.delivery import deliver_next
from qm.snapshots.models import ReportShare
from tenants.models import AuditEntry, utc_now
from tests.api.reports.test_reports import ReportData
from tests.console.test_recovery import inbox  # noqa: F401 - a fixture
from tests.whole_words import has_word

LIST = "/clients/northwind/snapshots"
API = "/v1/clients/northwind/reports/snapshots"
PASSWORD = "a kettle of herring"


@pytest.fixture
def data(provider):
    made = ReportData(provider)
    ids = made.scored(*[70.0] * 80, agent="a-31")
    made.reviewed(ids[:40], [50.0 + number for number in range(40)])
    made.scored(*[60.0] * 3, channel="email", agent="a-32")
    return made


@pytest.fixture
def caller(provider):
    return provider.caller("reports:read", "reports:write", user=provider.add_user("qm_manager"))


@pytest.fixture
def frozen(data, caller):
    made = caller.post(API, json={"from": "2026-07-01", "to": "2026-07-31"})
    assert made.status_code == 201
    return made.json


def png(width=120, height=40):
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(b"".join(b"\0" + bytes(width) for _ in range(min(height, 50))))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def shared(caller, frozen, password=None, days=7):
    until = (utc_now() + timedelta(days=days)).isoformat()
    body = {"expires_at": until, "password": password}
    made = caller.post(f"{API}/{frozen['id']}/shares", json=body)
    assert made.status_code == 201, made.json
    return made.json, re.sub(r"https?://[^/]+", "", made.json["link"])


def test_a_manager_freezes_shares_and_voids_on_pages_and_the_client_reads(data, visitor, provider):
    manager = visitor("qm_manager")
    assert "No report of this client is frozen yet." in manager.get(LIST).text
    sent = manager.post(LIST, {"what": "freeze", "month": "2026-07"})
    assert sent.status_code == 303
    path = sent.headers["Location"]
    shown = manager.get(path).text
    assert "frozen by hand" in shown
    assert "The moment of this report was chosen by hand" in shown
    assert manager.post(LIST, {"what": "freeze", "month": "2196-07"}).status_code == 422
    refused = manager.post(LIST, {"what": "schedule", "unit": "month", "days_after": "99", "addresses": "jo"})
    assert refused.status_code == 422
    assert "jo</textarea>" in refused.text
    manager.post(
        LIST, {"what": "schedule", "unit": "month", "days_after": "7", "addresses": "jo@example.com"}
    )
    assert "mailed to jo@example.com" in manager.get(LIST).text

    day = f"{utc_now() + timedelta(days=9):%Y-%m-%d}"
    made = manager.post(path, {"what": "share", "expires_at": day, "password": ""}).text
    link = re.search(r"<code>https?://[^/]+(/shared/[^<]+)</code>", made).group(1)
    stakeholder = visitor("client_stakeholder", "northwind")
    read = stakeholder.get(path).text
    assert re.search(r"Empathy is \d+\.\d of 100", read)
    for hidden in ("a-31", "a-32", "jo@example.com"):
        assert not has_word(read + stakeholder.get(LIST).text, hidden)
    assert "Make a link" not in read
    assert stakeholder.post(path, {"what": "void", "reason": "No."}).status_code == 403
    assert provider.http.get(link).status_code == 200

    manager.post(path, {"what": "void", "reason": "A week was pushed twice."})
    assert "A week was pushed twice." in stakeholder.get(path).text
    assert provider.http.get(link).status_code == 404


def test_the_clients_people_add_a_number_to_the_next_draw(provider, services, visitor):
    with provider.session() as session:
        client = session.merge(provider.clients["northwind"])
        assert commitments.commit_ahead(session, client, services.sampling_key, utc_now()) > 0
        [newest, *_] = commitments.revealed(session, client, services.sampling_key, utc_now())
    stakeholder, manager = visitor("client_stakeholder", "northwind"), visitor("qm_manager")
    form = {"what": "number", "month_of_draw": newest["month"], "number": "5 2 6 6 1"}

    assert newest["commitment"] in stakeholder.get(LIST).text
    assert stakeholder.post(LIST, form).status_code == 303
    assert has_word(stakeholder.get(LIST).text, "5 2 6 6 1")
    assert "Add it to the draw" not in manager.get(LIST).text
    assert manager.post(LIST, form | {"number": "7"}).status_code == 403
    assert stakeholder.post(LIST, form | {"number": ""}).status_code == 422


def test_a_link_opens_the_report_alone_with_its_password_until_it_ends(frozen, caller, provider, app):
    made, path = shared(caller, frozen, PASSWORD)
    stranger = app.test_client()
    with capture_logs() as logs:
        asked = stranger.get(path)
        token = re.search(r'name="csrf_token" value="([^"]+)"', asked.text).group(1)
        wrong = stranger.post(path, data={"csrf_token": token, "password": "a kettle of fish"})
        opened = stranger.post(path, data={"csrf_token": token, "password": PASSWORD})

    assert (asked.status_code, wrong.status_code, opened.status_code) == (200, 422, 200)
    assert "This is not the password of this link." in wrong.text
    assert "Empathy is" not in asked.text + wrong.text
    assert "Empathy is" in opened.text
    for answer in (asked, opened):
        assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"] == "no-store"
        assert 'name="robots" content="noindex' in answer.text
    secret = path.rpartition("/")[2]
    assert secret not in repr(logs)
    assert PASSWORD not in repr(logs)
    for hidden in ("a-31", "a-32", provider.clients["contoso"].name):
        assert not has_word(opened.text, hidden)
    for _ in range(10):
        last = stranger.post(path, data={"csrf_token": token, "password": "guess after guess"})
    assert last.status_code == 429

    with provider.session() as session:
        stored = session.scalars(select(ReportShare)).one()
        assert secret.encode() not in stored.token_hash
        assert stored.password_hash.startswith("$argon2id$")
        actions = list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.number)))
        assert secret not in repr(list(session.scalars(select(AuditEntry.details))))
    wanted = ["report_share.made", "report_share.refused", "report_share.opened"]
    assert [each for each in actions if each.startswith("report_share")][:3] == wanted
    assert caller.get(f"{API}/{frozen['id']}/shares").json["data"][0]["state"] == "open"

    assert caller.delete(f"{API}/{frozen['id']}/shares/{made['id']}").status_code == 204
    over = stranger.get(path)
    assert over.status_code == 404
    assert "This link opens nothing" in over.text
    _, other = shared(caller, frozen)
    assert stranger.get(other).status_code == 200
    with provider.session() as session:
        session.execute(text("update report_shares set expires_at = now() - interval '1 second'"))
    for gone in (other, other[:-1], f"/shared/nobody/{secret}"):
        assert stranger.get(gone).status_code == 404
    late = caller.post(
        f"{API}/{frozen['id']}/shares", json={"expires_at": "2020-01-01T00:00:00Z", "password": "x"}
    )
    assert {each["pointer"] for each in late.json["errors"]} == {"/expires_at", "/password"}


def test_reports_carry_the_providers_name_colours_and_logo(frozen, caller, provider, visitor):
    admin = visitor("admin")
    grey = {"name": "Acme Care", "background": "#ffffff", "foreground": "#777777"}
    refused = admin.post("/branding", grey)
    assert refused.status_code == 422
    assert "a contrast of 4.48 to 1" in refused.text
    keys = provider.caller("admin", "reports:read")
    svg = keys.put("/v1/branding", json={**grey, "foreground": "#000000", "logo": "PHN2Zy8+"})
    assert svg.json["errors"][0]["code"] == "no_image"
    kept = admin.post("/branding", {**grey, "foreground": "#123456", "logo": (io.BytesIO(png()), "logo.png")})
    assert kept.status_code == 303, kept.text
    assert keys.get("/v1/branding").json["logo_type"] == "image/png"
    assert keys.put("/v1/branding", json={**grey, "foreground": "#654321"}).json["logo_type"] == "image/png"

    assert 'alt="Acme Care"' in admin.get("/clients/northwind/report?from=2026-07-01&to=2026-07-31").text
    _, path = shared(caller, frozen)
    shown = provider.http.get(path).text
    assert f'<img src="{path}/logo" alt="Acme Care">' in shown
    assert "color: #654321" in provider.http.get(f"{path}/style.css").text
    logo = provider.http.get(f"{path}/logo")
    assert (logo.mimetype, logo.data, logo.headers["X-Content-Type-Options"]) == (
        "image/png",
        png(),
        "nosniff",
    )
    assert (
        keys.put("/v1/branding", json={**grey, "foreground": "#654321", "logo": None}).json["logo_type"]
        is None
    )
    assert provider.http.get(f"{path}/logo").status_code == 404


def test_a_frozen_report_is_mailed_and_tried_again(data, caller, provider, services, inbox):  # noqa: F811
    body = {"unit": "month", "days_after": 0, "addresses": ["jo@example.com"]}
    assert caller.post("/v1/clients/northwind/reports/schedules", json=body).status_code == 201
    with provider.session() as session:
        session.execute(text("update report_schedules set created_at = '2026-07-15T00:00:00Z'"))
        client = session.merge(provider.clients["northwind"])
        assert (
            schedules.freeze_due(session, client, services.sampling_key, datetime(2026, 8, 2, tzinfo=UTC))
            == 1
        )
    mail = {"mail_from": "quality@example.com", "public_url": "https://qm.example.com"}
    away = replace(services.settings, smtp_url=f"smtp://127.0.0.1:{ports.free_port('127.0.0.1')}", **mail)
    here = replace(services.settings, smtp_url=f"smtp://127.0.0.1:{inbox.port}", **mail)

    def run(settings):
        post = Mailer(settings)
        with provider.session() as session:
            client = session.merge(provider.clients["northwind"])
            deliver_next(session, client, post.send, post.address, utc_now())
        return caller.get("/v1/clients/northwind/reports/deliveries").json["data"][0]

    failed = run(away)
    assert (failed["state"], failed["attempts"], failed["error"]) == ("waiting", 1, "ConnectionRefusedError")
    assert run(here)["state"] == "waiting"  # not before its time
    with provider.session() as session:
        session.execute(text("update report_deliveries set next_attempt_at = now()"))
    sent = run(here)
    assert (sent["state"], sent["attempts"], sent["error"]) == ("sent", 2, None)
    run(here)
    [(to, letter)] = inbox.letters
    assert to == ["jo@example.com"]
    plain = letter.replace("=\r\n", "").replace("\r\n", "\n")
    link = re.search(r"https://qm\.example\.com(/shared/\S+)", plain).group(1)
    assert provider.http.get(link).status_code == 200
    snapshot = json.loads(caller.get(f"{API}/{sent['snapshot']}").text)
    assert snapshot["content_hash"] in plain
    assert "northwind-2026-07-01-2026-07-31.json" in plain
