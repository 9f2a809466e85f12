"""The export over HTTP: everything that reports are computed from, to those who may see it, without a gap."""

import csv
import io
import json
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import LargeBinary, event, select, text

from qm.app import create_app
from qm.export import records
from qm.export.tables import KINDS
from qm.interactions.models import InteractionEvent
from qm.reviews.models import Review
from tenants import audit
from tenants.isolation import make_engine
from tenants.models import AuditEntry
from tenants.roles import ROLES, SCOPES
from tests.api.reports.test_reports import ReportData
from tests.conftest import Caller
from tests.recomputing import lines

EXPORT = "/v1/clients/northwind/export"
READING = ("reports:read", "interactions:read", "reviews:read", "definitions:read")
SECRET = re.compile(
    r"token|secret|hash|digest|password|draft|error|lease|attempt|artefact|claim_", re.IGNORECASE
)
NAMES_OF_A_LINE = {"record", "cursor"}


@pytest.fixture
def caller(provider):
    return provider.caller(*READING)


def rows_of(answer, kind=None):
    assert answer.status_code == 200, answer.text
    return [row for row in lines(answer.text) if row["record"] in ({kind} if kind else KINDS)]


@pytest.fixture
def report_data(provider):
    return ReportData(provider)


@pytest.fixture
def small_batches(monkeypatch):
    monkeypatch.setattr(records, "BATCH_SIZE", 3)


def test_no_exported_column_is_a_secret_or_hides_another():
    columns = {
        (kind.name, each.name): each for kind in KINDS.values() for each in kind.columns(transcripts=True)
    }

    assert [name for name in columns if SECRET.search(name[1])] == []
    assert [name for name, each in columns.items() if isinstance(each.type, LargeBinary)] == []
    assert {name for _, name in columns} & NAMES_OF_A_LINE == set()
    assert {"inclusion_probability", "draw", "policy_id", "sampled"} <= {name for _, name in columns}


def test_a_column_that_is_added_later_is_exported_by_itself():
    every = {(kind.name, column.name) for kind in KINDS.values() for column in kind.table.__table__.columns}
    exported = {(kind.name, column.name) for kind in KINDS.values() for column in kind.columns()}
    left_out = {name for _, name in every - exported}

    assert left_out == {
        *("tenant_id", "client_id", "turns", "digest", "attempts", "claim_token", "lease_until", "error"),
        *("draft", "draft_sentiment", "words"),
    }


def test_every_key_is_unique_and_belongs_to_its_table():
    for kind in KINDS.values():
        primary = {column.name for column in kind.table.__table__.primary_key} - {"tenant_id", "client_id"}
        assert {column.key for column in kind.key} == primary


def test_undrawn_interactions_are_exported_with_probability_and_draw(caller, report_data):
    drawn, undrawn = report_data.scored(70, 40, inclusion_probability=0.3)
    with report_data.provider.session() as session:
        statement = "update interaction_facts set draw = :draw, sampled = :sampled where interaction_id = :id"
        session.execute(text(statement), {"draw": 0.1, "sampled": 1, "id": drawn})
        session.execute(text(statement), {"draw": 0.30000000000000004, "sampled": 0, "id": undrawn})

    facts = {row["interaction_id"]: row for row in rows_of(caller.get(EXPORT), "facts")}

    assert facts[str(drawn)].items() >= {"draw": 0.1, "sampled": 1, "empathy": 70.0}.items()
    assert facts[str(undrawn)].items() >= {"draw": 0.30000000000000004, "inclusion_probability": 0.3}.items()


def test_reviews_are_exported_in_every_state(caller, review_fixture):
    states = {
        "queued": {},
        "skipped": {"skip_reason": "no time"},
        "cancelled": {},
        "claimed": {},
        "outdated": {},
    }
    for state, more in states.items():
        review = review_fixture.drawn("northwind", "charged")
        with review_fixture.provider.session() as session:
            found = session.get_one(Review, (review_fixture.provider.tenant.tenant_id, review.review_id))
            for name, value in {"state": state, **more}.items():
                setattr(found, name, value)
    found = {row["state"]: row for row in rows_of(caller.get(EXPORT), "reviews")}

    assert found.keys() == states.keys()
    assert found["skipped"]["skip_reason"] == "no time"
    assert found["queued"]["reasons"] == ["charged"]
    assert (
        found["queued"].items() >= {"inclusion_probability": 0.25, "draw": 0.0999, "targeted": False}.items()
    )


def test_human_and_automatic_evaluations_and_superseded_ones_stand_beside_each_other(caller, review_fixture):
    interaction = review_fixture.interaction()
    old = review_fixture.judged(interaction)
    with review_fixture.provider.session() as session:
        session.execute(text("update evaluations set superseded_at = now()"))
    new = review_fixture.judged(interaction)

    found = {row["evaluation_id"]: row for row in rows_of(caller.get(EXPORT), "evaluations")}

    assert found.keys() == {str(old.evaluation_id), str(new.evaluation_id)}
    assert found[str(old.evaluation_id)]["superseded_at"] is not None
    assert found[str(new.evaluation_id)]["answers"] == new.answers
    assert found[str(new.evaluation_id)]["score"] == new.score


def test_definitions_are_exported_with_bodies_and_times_and_without_drafts(caller, review_fixture):
    body = {"key": "care", "name": "Draft", "sections": []}
    caller_who_writes = review_fixture.provider.caller()
    drafted = caller_who_writes.post("/v1/clients/northwind/scorecards", json={**body, "key": "other"})
    assert drafted.status_code == 201, drafted.json

    [row] = rows_of(caller.get(f"{EXPORT}?from=2020-01-01&to=2020-01-02"), "definitions")

    assert (row["key"], row["kind"], row["state"]) == ("care", "scorecard", "published")
    assert row["body"]["sections"]
    assert row["effective_from"] is not None


def test_later_events_are_merged_into_outcome_and_status(caller, review_fixture):
    interaction = review_fixture.interaction(outcome={"csat": 2, "nps": 7}, status=[])
    at = datetime(2090, 7, 1, 9, tzinfo=UTC)
    owner = {name: getattr(interaction, name) for name in ("tenant_id", "client_id", "interaction_id")}
    with review_fixture.provider.session() as session:
        session.add(InteractionEvent(**owner, at=at, kind="csat", value=5))
        session.add(InteractionEvent(**owner, at=at, kind="status", value="resolved"))

    [row] = rows_of(caller.get(EXPORT), "interactions")

    assert row["outcome"] == {"csat": 5, "nps": 7}
    assert row["status"] == [{"at": "2090-07-01T09:00:00Z", "to": "resolved"}]


def test_transcripts_are_exported_on_request_only(caller, review_fixture):
    review_fixture.interaction()

    [without] = rows_of(caller.get(EXPORT), "interactions")
    [having] = rows_of(caller.get(f"{EXPORT}?transcripts=true"), "interactions")

    assert "turns" not in without
    assert having["turns"][0]["text"] == "Where is my order?"


def test_a_period_narrows_each_kind_to_its_interactions(caller, report_data):
    for day in (0, 1, 2):
        report_data.reviewed(report_data.scored(50, day=day), [60], day=day)

    found = rows_of(caller.get(f"{EXPORT}?from=2026-07-02&to=2026-07-02"))

    assert {row["record"] for row in found} == {"interactions", "facts", "evaluations", "reviews"}
    assert len(found) == 4
    assert len({row["interaction_id"] for row in found}) == 1


def test_an_export_of_one_kind_needs_the_scope_of_that_kind_only(provider):
    caller = provider.caller("reports:read", "definitions:read")

    assert caller.get(f"{EXPORT}?kind=definitions").status_code == 200
    refused = caller.get(EXPORT)
    assert (refused.status_code, refused.json["code"]) == (403, "forbidden")
    assert "interactions:read" in refused.headers["WWW-Authenticate"]


@pytest.mark.parametrize("missing", READING)
def test_an_export_of_everything_needs_every_reading_scope(provider, missing):
    assert provider.caller(*set(READING) - {missing}).get(EXPORT).status_code == 403


@pytest.mark.parametrize("role", ROLES)
def test_only_staff_with_reports_and_interactions_export(provider, role):
    bound = ("northwind",) if role == "client_stakeholder" else ()
    person = provider.add_user(role, *bound, email=f"{role}@example.com")
    answer = provider.caller(*ROLES[role], user=person).get(EXPORT)

    assert (answer.status_code == 200) == (role in {"admin", "qm_manager", "team_lead"})


@pytest.mark.parametrize("kind", KINDS)
def test_a_stakeholder_exports_nothing(provider, kind):
    person = provider.add_user("client_stakeholder", "northwind", email="who@example.com")
    caller = provider.caller("reports:read", "definitions:read", user=person)

    assert caller.get(f"{EXPORT}?kind={kind}").status_code == 403


def test_rows_of_other_clients_and_tenants_stay_theirs(make_provider):
    one, other = make_provider("northwind", "contoso"), make_provider("northwind")
    for provider, slug in ((one, "northwind"), (one, "contoso"), (other, "northwind")):
        ReportData(provider, slug).scored(1, 2)
    bound = one.caller(*READING, bound_to=("northwind",))

    assert len(rows_of(bound.get(EXPORT), "facts")) == 2
    assert bound.get("/v1/clients/contoso/export").status_code == 404
    ids = {row["interaction_id"] for row in rows_of(one.caller(*READING).get(EXPORT), "facts")}
    assert ids.isdisjoint(
        row["interaction_id"] for row in rows_of(other.caller(*READING).get(EXPORT), "facts")
    )


def test_who_is_still_to_judge_an_interaction_exports_nothing_the_machine_said_of_it(review_fixture):
    manager = review_fixture.person("qm_manager")
    caller = review_fixture.provider.caller(*ROLES["qm_manager"], user=manager)
    open_one, other = review_fixture.drawn("northwind", "charged"), review_fixture.drawn()
    with review_fixture.provider.session() as session:
        found = session.get_one(Review, (review_fixture.provider.tenant.tenant_id, open_one.review_id))
        found.state, found.reviewer_id = "claimed", manager.user_id

    answer = caller.get(EXPORT)

    reviews = {row["review_id"]: row for row in rows_of(answer, "reviews")}
    assert reviews[str(open_one.review_id)]["reasons"] == ["automatic"]
    assert reviews[str(open_one.review_id)]["draw"] is None
    assert reviews[str(other.review_id)]["draw"] == 0.0999
    evaluated = {row["interaction_id"] for row in rows_of(answer, "evaluations")}
    assert evaluated == {str(other.interaction_id)}
    assert lines(answer.text)[0]["held_back"] == 1
    assert lines(review_fixture.provider.caller().get(EXPORT).text)[0]["held_back"] == 0


def test_an_export_is_in_the_audit_log(provider, caller):
    auditor = provider.caller()
    caller.get(f"{EXPORT}?kind=facts&from=2026-07-01&transcripts=true")

    entry = auditor.get("/v1/audit").json["data"][0]

    assert entry["action"] == "records.exported"
    assert (
        entry["details"].items() >= {"kinds": ["facts"], "first": "2026-07-01", "transcripts": True}.items()
    )


def test_heading_and_end_tell_what_it_is_of_and_that_it_is_whole(caller, report_data):
    report_data.scored(1, 2)

    first, *_, last = lines(caller.get(EXPORT).text)

    assert first.items() >= {"record": "export", "client": "northwind", "from": "1970-01-01"}.items()
    assert first["settings"]["interval_limit"] == 10.0
    assert last.items() >= {"record": "end", "rows": 4, "complete": True}.items()


def test_an_interrupted_export_goes_on_without_loss_or_doubles(caller, report_data, small_batches):
    report_data.reviewed(report_data.scored(*range(1, 8)), [5] * 7)
    whole = rows_of(caller.get(EXPORT))

    assert len(whole) == len({row["cursor"] for row in whole}) == 28
    for cut in range(28):
        rest = rows_of(caller.get(f"{EXPORT}?cursor={whole[cut]['cursor']}"))
        assert rest == whole[cut + 1 :]


def test_parts_of_any_size_put_together_are_the_whole(caller, report_data, small_batches):
    report_data.scored(*range(1, 12))
    whole = rows_of(caller.get(EXPORT))

    for size in (1, 3, 4, 22, 23):
        parts, cursor = [], None
        while True:
            answer = caller.get(f"{EXPORT}?limit={size}" + (f"&cursor={cursor}" if cursor else ""))
            parts, end = parts + rows_of(answer), lines(answer.text)[-1]
            cursor = end["cursor"]
            if end["complete"]:
                break
        assert parts == whole


def test_what_arrives_or_changes_meanwhile_neither_doubles_nor_loses_others(
    caller, report_data, small_batches
):
    ids = report_data.scored(*range(1, 9))
    part = caller.get(f"{EXPORT}?kind=facts&limit=5")
    with report_data.provider.session() as session:
        session.execute(
            text("update interactions set started_at = :at where interaction_id = any(:ids)"),
            {"at": datetime(2026, 6, 1, tzinfo=UTC), "ids": ids[::2]},
        )
    report_data.scored(9)
    rest = caller.get(f"{EXPORT}?kind=facts&cursor={lines(part.text)[-1]['cursor']}")

    found = [row["interaction_id"] for row in rows_of(part) + rows_of(rest)]
    assert len(found) == len(set(found))
    assert set(map(str, ids)) <= set(found)


def test_each_batch_is_one_statement_and_no_transaction_stays_open_between(
    services, caller, report_data, small_batches
):
    report_data.scored(*range(1, 11))
    answer = caller.get(f"{EXPORT}?kind=facts", buffered=False)
    parts = answer.iter_encoded()
    first = [next(parts), next(parts)]
    assert services.engine.pool.checkedout() == 0
    statements = []

    def note(*given):
        statements.append(given[2])

    event.listen(services.engine, "before_cursor_execute", note)
    rest = list(parts)
    event.remove(services.engine, "before_cursor_execute", note)

    read = [each for each in statements if "FROM interaction_facts" in each]
    assert (len(first), len(rest), len(read)) == (2, 4, 3)


@pytest.mark.parametrize(
    ("query", "pointer", "code"),
    [
        ("format=csv", "/query/kind", "one_kind"),
        ("format=csv&kind=facts&kind=reviews", "/query/kind", "one_kind"),
        ("kind=secrets", "/query/kind/0", "not_allowed"),
        ("from=2026-07-02&to=2026-07-01", "/query/from", "after_to"),
        ("cursor=facts:1", "/query/cursor", "bad_cursor"),
        ("cursor=facts", "/query/cursor", "bad_cursor"),
        ("kind=reviews&cursor=facts:0198c2f0-0000-7000-8000-000000000001", "/query/cursor", "bad_cursor"),
        ("limit=0", "/query/limit", "out_of_range"),
        ("colour=red", "/query/colour", "unknown_field"),
    ],
)
def test_what_cannot_be_exported_is_named(caller, query, pointer, code):
    answer = caller.get(f"{EXPORT}?{query}")

    assert answer.status_code == 422
    assert [(each["pointer"], each["code"]) for each in answer.json["errors"]] == [(pointer, code)]


def table(answer):
    assert answer.content_type == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(answer.text)))


def test_csv_has_the_same_rows_as_ndjson(caller, report_data):
    report_data.reviewed(report_data.scored(50.1234, 60), [60, 70])

    for kind in ("interactions", "facts", "evaluations", "reviews"):
        rows = rows_of(caller.get(f"{EXPORT}?kind={kind}"))
        cells = table(caller.get(f"{EXPORT}?kind={kind}&format=csv"))
        assert [row["cursor"] for row in cells] == [row["cursor"] for row in rows]
        assert {*cells[0]} == {*rows[0]} - {"record"}
        for row, cell in zip(rows, cells, strict=True):
            nested = {name: json.loads(cell[name]) for name in row if isinstance(row[name], (list, dict))}
            assert nested == {name: row[name] for name in nested}
            numbers = {name for name in row if isinstance(row[name], float)}
            assert {float(cell[name]) for name in numbers} == {row[name] for name in numbers}


def test_text_that_a_spreadsheet_would_run_stays_text(caller, review_fixture):
    dangerous = {"program": "=1+1", "queue": "@sum", "customer": "-2", "segment": "+3", "intent": "plain"}
    review_fixture.interaction(**dangerous)

    [row] = table(caller.get(f"{EXPORT}?kind=interactions&format=csv"))

    assert [row[name] for name in dangerous] == ["'=1+1", "'@sum", "'-2", "'+3", "plain"]


def test_csv_begins_with_a_byte_order_mark_on_request(caller):
    assert caller.get(f"{EXPORT}?kind=facts&format=csv&bom=true").data.startswith(
        b"\xef\xbb\xbfinteraction_id"
    )
    assert caller.get(f"{EXPORT}?kind=facts&format=csv").data.startswith(b"interaction_id")


def test_a_continued_table_has_no_second_header(caller, report_data, small_batches):
    report_data.scored(*range(1, 6))
    whole = caller.get(f"{EXPORT}?kind=facts&format=csv").text
    part = caller.get(f"{EXPORT}?kind=facts&format=csv&limit=2&bom=true").text
    cursor = part.splitlines()[-1].rsplit(",", 1)[1]

    rest = caller.get(f"{EXPORT}?kind=facts&format=csv&bom=true&cursor={cursor}").text

    assert part.removeprefix("\ufeff") + rest == whole


def test_a_client_without_rows_exports_heading_and_end(provider):
    answer = provider.caller(*READING).get("/v1/clients/contoso/export")

    assert [row["record"] for row in lines(answer.text)] == ["export", "end"]


def test_every_scope_of_a_kind_is_a_scope():
    assert {kind.scope for kind in KINDS.values()} <= set(SCOPES)


@pytest.mark.parametrize("method", ["get", "head"])
def test_exports_beside_other_audited_requests_all_succeed_and_are_all_in_the_audit_log(
    provider, services, method
):
    key = provider.key().key
    start = threading.Barrier(8)

    def many(number):
        http = Caller(provider.http.application.test_client(), key)
        start.wait()
        if number % 2:
            return [getattr(http, method)(EXPORT).status_code for _ in range(10)]
        body = [{"formality": "neutral", "tone": [f"{number} {each}"]} for each in range(10)]
        return [http.put("/v1/clients/northwind/brand-voice", json=each).status_code for each in body]

    with ThreadPoolExecutor(8) as pool:
        answers = {status for answers in pool.map(many, range(8)) for status in answers}

    assert answers <= {200, 201}
    with provider.session() as session:
        exported = session.scalars(select(AuditEntry).where(AuditEntry.action == "records.exported")).all()
        assert len(exported) == 40
        assert {each.actor for each in exported} != {"system"}
        assert audit.verify(session) is None


def test_an_export_needs_one_connection_at_a_time(provider, services):
    """With the pool as large as the number of exports, a second one for the audit log would be waited for."""
    small = make_engine(services.engine.url.render_as_string(hide_password=False), pool_size=1)
    app = create_app(replace(services, engine=small))
    try:
        answer = Caller(app.test_client(), provider.key().key).get(EXPORT)
    finally:
        small.dispose()

    assert answer.status_code == 200
