"""Clients over HTTP: creation, slugs, pagination, and changes under optimistic concurrency (ETag)."""

import gzip
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from tenants.clients import DEFAULT_SETTINGS
from tests.conftest import Caller


@pytest.fixture
def caller(provider):
    return provider.caller("clients:read", "clients:write")


def test_a_client_is_made_with_a_slug_from_its_name(caller):
    answer = caller.post("/v1/clients", json={"name": "Café Nord & Söhne"})

    assert (answer.status_code, answer.json["slug"]) == (201, "cafe-nord-sohne")
    assert answer.json["settings"] == DEFAULT_SETTINGS
    assert caller.get("/v1/clients/cafe-nord-sohne").json == answer.json
    assert caller.get(f"/v1/clients/{answer.json['id']}").json == answer.json


def test_client_name_without_latin_letters_requires_slug(caller):
    refused = caller.post("/v1/clients", json={"name": "日本"})

    assert refused.json["errors"][0]["detail"].startswith("No slug can be made from this name; give one.")
    assert caller.post("/v1/clients", json={"name": "日本", "slug": "nihon"}).status_code == 201


def test_a_slug_that_is_taken_is_a_conflict(caller):
    answer = caller.post("/v1/clients", json={"name": "Northwind"})

    assert (answer.status_code, answer.json["code"]) == (409, "client_exists")


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({}, ["/name"]),
        ({"name": ""}, ["/name"]),
        ({"name": 5}, ["/name"]),
        ({"name": "a\x00b"}, ["/name"]),
        ({"name": "x" * 201}, ["/name"]),
        ({"name": "???"}, ["/name"]),
        ({"name": "   ", "slug": "blank"}, ["/name"]),
        ({"name": "   ", "slug": "0190b2a5000070008000000000000000", "by": 1}, ["/by", "/name"]),
        ({"name": "???", "by": 1}, ["/by", "/name"]),
        ({"name": "A", "slug": "0190b2a5000070008000000000000000", "by": 1}, ["/by", "/slug"]),
        ({"name": "A", "slug": "Bad Slug"}, ["/slug"]),
        ({"name": "A", "slug": "0190b2a5000070008000000000000000"}, ["/slug"]),
        ({"name": "A", "tenant_id": "x", "revision": 9}, ["/revision", "/tenant_id"]),
        (
            {"name": "A", "settings": {"charged_threshold": 2, "nope": 1}},
            ["/settings/charged_threshold", "/settings/nope"],
        ),
        ({"name": "A", "settings": {"languages": ["english", "en"]}}, ["/settings/languages/0"]),
        ([], [""]),
    ],
)
def test_create_client_reports_all_errors_with_pointers(caller, body, pointers):
    answer = caller.post("/v1/clients", json=body)

    assert answer.status_code == 422, answer.json
    assert sorted(fault["pointer"] for fault in answer.json["errors"]) == pointers


def test_two_providers_may_use_one_slug(make_provider):
    one, other = make_provider(), make_provider()

    answers = [who.caller("clients:write").post("/v1/clients", json={"name": "Acme"}) for who in (one, other)]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json["id"] != answers[1].json["id"]


def test_concurrent_creation_of_same_client_succeeds_once(provider, caller, app):
    start = threading.Barrier(4)

    def make(_):
        mine = Caller(app.test_client(), caller.key)
        start.wait()
        return mine.post("/v1/clients", json={"name": "Fabrikam"})

    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(make, range(4)))

    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert all("duplicate" not in answer.text for answer in answers)


def test_client_list_is_paginated_and_stable_under_inserts(provider, caller):
    for number in range(5):
        provider.add_client(f"client-{number}")
    first = caller.get("/v1/clients?limit=3")
    provider.add_client("later")
    rest = caller.get(first.headers["Link"].split(">")[0].removeprefix("<"))

    assert [client["slug"] for client in first.json["data"]] == ["northwind", "contoso", "client-0"]
    assert 'rel="next"' in first.headers["Link"]
    assert rest.json["data"][0]["slug"] == "client-1"


def test_the_last_page_has_no_cursor(caller):
    answer = caller.get("/v1/clients?limit=2")

    assert (len(answer.json["data"]), answer.json["next_cursor"]) == (2, None)
    assert "Link" not in answer.headers


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=201",
        "limit=x",
        "limit=1.5",
        "limit=999999999999999999999999",
        "cursor=",
        "cursor=!!",
        "cursor=bnVsbA",
        "cursor=WyJ4Il0",
        "cursor=W10",
        "cursor=%00",
        "cursor=%ED%A0%80",
        "cursor=" + "x" * 1001,
        "offset=3",
        "limit=1&cursor=W1tdXQ",
    ],
)
def test_client_list_rejects_invalid_pagination_parameters(caller, query):
    answer = caller.get(f"/v1/clients?{query}")

    assert answer.status_code == 422
    assert all(fault["pointer"].startswith("/query/") for fault in answer.json["errors"])


def test_client_etag_changes_only_with_content(caller):
    before = caller.get("/v1/clients/northwind").headers["ETag"]
    same = caller.patch("/v1/clients/northwind", json={"name": "Northwind"}).headers["ETag"]
    after = caller.patch("/v1/clients/northwind", json={"name": "North Wind"}).headers["ETag"]

    assert before == same != after


def test_patch_merges_client_settings(caller):
    answer = caller.patch("/v1/clients/northwind", json={"settings": {"interval_limit": 8}})

    assert answer.json["settings"] == {**DEFAULT_SETTINGS, "interval_limit": 8.0}


@pytest.mark.parametrize("tag", ['"other"', '"x", "y"', "W/{tag}", "garbage", ""])
def test_patch_with_stale_etag_returns_412(caller, tag):
    present = caller.get("/v1/clients/northwind").headers["ETag"]
    answer = caller.patch(
        "/v1/clients/northwind", json={"name": "New"}, headers={"If-Match": tag.format(tag=present)}
    )

    assert (answer.status_code, answer.json["code"]) == (412, "stale_version")


@pytest.mark.parametrize("tag", ["{tag}", "*", '"x", {tag}'])
def test_patch_with_current_etag_succeeds(caller, tag):
    present = caller.get("/v1/clients/northwind").headers["ETag"]
    answer = caller.patch(
        "/v1/clients/northwind", json={"name": "New"}, headers={"If-Match": tag.format(tag=present)}
    )

    assert answer.status_code == 200


def test_concurrent_patches_with_same_etag_succeed_once(provider, caller, app):
    tag = caller.get("/v1/clients/northwind").headers["ETag"]
    start = threading.Barrier(4)

    def change(number):
        mine = Caller(app.test_client(), caller.key)
        start.wait()
        headers = {"If-Match": tag}
        return mine.patch("/v1/clients/northwind", json={"name": f"N {number}"}, headers=headers).status_code

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(change, range(4))) == [200, 412, 412, 412]


def test_get_client_with_matching_if_none_match_returns_304(caller):
    tag = caller.get("/v1/clients/northwind").headers["ETag"]
    answer = caller.get("/v1/clients/northwind", headers={"If-None-Match": tag})

    assert (answer.status_code, answer.data) == (304, b"")
    assert answer.headers["ETag"] == tag


def test_etag_of_gzip_response_is_accepted_in_conditional_requests(caller):
    languages = [f"en-{number:08}" for number in range(50)]
    caller.patch("/v1/clients/northwind", json={"settings": {"languages": languages}})
    caller.patch("/v1/clients/northwind", json={"name": "N" * 200})
    pressed = caller.get("/v1/clients/northwind", headers={"Accept-Encoding": "gzip"})
    tag = pressed.headers["ETag"]

    assert pressed.headers["Content-Encoding"] == "gzip"
    assert b"en-00000049" in gzip.decompress(pressed.data)
    again = caller.get("/v1/clients/northwind", headers={"If-None-Match": tag, "Accept-Encoding": "gzip"})
    changed = caller.patch("/v1/clients/northwind", json={"name": "New"}, headers={"If-Match": tag})
    assert (again.status_code, changed.status_code) == (304, 200)


def test_client_change_is_audited_with_before_and_after(provider, caller):
    caller.patch("/v1/clients/northwind", json={"name": "New"})
    entry = provider.caller("admin").get("/v1/audit?limit=2").json["data"][1]

    assert entry["action"] == "client.changed"
    assert (entry["details"]["before"]["name"], entry["details"]["after"]["name"]) == ("Northwind", "New")


def test_a_bound_key_changes_its_client_and_no_other(provider):
    caller = provider.caller("clients:read", "clients:write", bound_to=("northwind",))

    assert caller.patch("/v1/clients/northwind", json={"name": "New"}).status_code == 200
    assert caller.patch("/v1/clients/contoso", json={"name": "New"}).status_code == 404
    with provider.session() as session:
        assert session.scalar(text("select name from clients where slug = 'contoso'")) == "Contoso"


@pytest.mark.parametrize("limit", [0, 0.0009, 0.51, -1, "a tenth", None])
def test_disagreement_limit_rejects_values_out_of_range(caller, limit):
    answer = caller.patch("/v1/clients/northwind", json={"settings": {"disagreement_limit": limit}})
    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"] == "/settings/disagreement_limit"
