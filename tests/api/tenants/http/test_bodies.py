"""Bodies are read whole, plain and within the limit, or refused before anything is done."""

import gzip
import io
import json
import zlib
from dataclasses import replace

import pytest

from qm.app import create_app
from tests.conftest import Caller

LIMIT = 4096
NAMED = json.dumps({"name": "Fabrikam"}).encode()


def raw_deflate(body):
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


@pytest.fixture(scope="module")
def narrow(services):
    """Build an application that reads short bodies only."""
    return create_app(replace(services, settings=replace(services.settings, body_limit=LIMIT)))


@pytest.fixture
def caller(narrow, provider):
    return Caller(narrow.test_client(), provider.key().key)


def post(caller, body, coding=None, **options):
    headers = {"Content-Encoding": coding} if coding else {}
    return caller.post("/v1/clients", data=body, content_type="application/json", headers=headers, **options)


@pytest.mark.parametrize(
    ("coding", "encoded"),
    [
        ("gzip", gzip.compress(NAMED, mtime=0)),
        ("GZIP", gzip.compress(NAMED, mtime=0)),
        ("x-gzip", gzip.compress(NAMED, mtime=0)),
        ("gzip", gzip.compress(NAMED[:5], mtime=0) + gzip.compress(NAMED[5:], mtime=0)),
        ("deflate", zlib.compress(NAMED)),
        ("deflate", raw_deflate(NAMED)),
        ("identity", NAMED),
    ],
)
def test_a_compressed_body_is_read(caller, coding, encoded):
    assert post(caller, encoded, coding).status_code == 201


@pytest.mark.parametrize("coding", ["br", "zstd", "compress", "gzip, gzip", "gzip, br", "x"])
def test_other_codings_are_refused_and_those_that_are_read_are_named(caller, coding):
    answer = post(caller, NAMED, coding)

    assert (answer.status_code, answer.json["code"]) == (415, "unsupported_media_type")
    assert answer.headers["Accept-Encoding"] == "gzip, deflate"


@pytest.mark.parametrize(
    ("coding", "encoded"),
    [
        ("gzip", gzip.compress(NAMED + b" " * LIMIT, mtime=0)),
        ("gzip", gzip.compress(b" " * 50_000_000, mtime=0)),
        ("gzip", gzip.compress(b" " * 3000, mtime=0) + gzip.compress(b" " * 3000, mtime=0)),
        ("deflate", zlib.compress(b" " * 50_000_000)),
        ("deflate", raw_deflate(b" " * 50_000_000)),
    ],
)
def test_a_body_that_is_too_large_when_decompressed_is_refused(caller, coding, encoded):
    assert post(caller, encoded[: LIMIT * 100], coding).status_code == 413


@pytest.mark.parametrize(
    ("coding", "encoded"),
    [
        ("gzip", NAMED),
        ("gzip", gzip.compress(NAMED, mtime=0)[:-4]),
        ("gzip", gzip.compress(NAMED, mtime=0) + b"tail"),
        ("gzip", gzip.compress(NAMED, mtime=0)[:-8] + bytes(8)),
        ("gzip", zlib.compress(NAMED)),
        ("deflate", NAMED),
        ("deflate", zlib.compress(NAMED)[:-5]),
    ],
)
def test_a_body_that_is_not_what_its_coding_says_is_a_bad_request(caller, coding, encoded):
    answer = post(caller, encoded, coding)

    assert (answer.status_code, answer.json["code"]) == (400, "bad_request")
    assert answer.json["errors"][0]["code"] in {"cut", "bad_coding"}


def undeclared(body):
    """A body as a server hands it over that has read chunks: without a length."""
    return {"input_stream": io.BytesIO(body), "environ_overrides": {"wsgi.input_terminated": True}}


@pytest.mark.parametrize("tail", [b" " * LIMIT, b"x" * LIMIT, b" " * 10 * LIMIT])
def test_a_body_without_a_declared_length_is_refused_beyond_the_limit(caller, tail):
    answer = caller.post("/v1/clients", content_type="application/json", **undeclared(NAMED + tail))

    assert answer.status_code == 413


def test_a_body_without_a_declared_length_is_read_up_to_the_limit(caller):
    body = NAMED.ljust(LIMIT)

    assert caller.post("/v1/clients", content_type="application/json", **undeclared(body)).status_code == 201


def test_a_body_that_ends_before_its_declared_length_is_a_bad_request(caller):
    answer = caller.post(
        "/v1/clients",
        content_type="application/json",
        input_stream=io.BytesIO(NAMED),
        environ_overrides={"CONTENT_LENGTH": str(len(NAMED) + 10)},
    )

    assert (answer.status_code, answer.json["errors"][0]["code"]) == (400, "cut")


@pytest.mark.parametrize(
    ("body", "code", "place"),
    [
        (b'{"name":"\xff"}', "not_utf8", "byte 9"),
        (b'{"name":"\xc3\x28"}', "not_utf8", "byte 9"),
        (b'{"name":"\xed\xa0\x80"}', "not_utf8", "byte 9"),
        (b'{"na\xffme":"A"}', "not_utf8", "byte 4"),
        (b"\xff\xfe" + '{"name":"A"}'.encode("utf-16-le"), "not_utf8", "byte 0"),
        ('{"name":"é"}'.encode("latin-1"), "not_utf8", "byte 9"),
        ('{"name":"A"}'.encode("utf-16-le"), "not_json", "byte 1"),
        (b'{"name":"\\ud800"}', "not_json", "byte"),
        (b'{"name":"\\udc00\\ud800"}', "not_json", "byte"),
        (b'{"name":"\x00"}', "not_json", "byte 9"),
        (b'{"name":NaN}', "not_json", "byte 8"),
        (b'{"name":-Infinity}', "not_json", "byte"),
        (b'{"name":1e999}', "not_json", "range"),
        (b'{"name":"A"} x', "not_json", "trailing"),
        (b'{"name":"A"}{"name":"B"}', "not_json", "byte"),
        (b'{"name":"A"', "not_json", "truncated"),
        (b"", "not_json", "truncated"),
        (b"[" * 4000, "too_deep", "deep"),
        (b'{"a":' * 800, "not_json", "truncated"),
    ],
)
def test_a_body_that_is_no_json_is_a_bad_request_with_its_place(caller, body, code, place):
    answer = post(caller, body)

    assert (answer.status_code, answer.json["code"]) == (400, "bad_request"), answer.json
    [fault] = answer.json["errors"]
    assert fault["code"] == code
    assert place in fault["detail"]


@pytest.mark.parametrize(
    "body",
    [
        b'{"name":"\\u0000"}',
        b'{"name":' + b"9" * 3000 + b"}",
        b'{"name":-1e-5}',
        b'{"name":{"name":{}}}',
        b'{"name":"A","settings":{"languages":["\\u0000"]}}',
        b'["name"]',
        b"null",
        b"12345678901234567890",
    ],
)
def test_json_that_is_no_client_is_invalid(caller, body):
    answer = post(caller, body)

    assert (answer.status_code, answer.json["code"]) in {(422, "invalid"), (400, "bad_request")}
    assert answer.json["errors"]


def test_a_byte_order_mark_before_json_is_ignored(caller):
    assert post(caller, b"\xef\xbb\xbf" + NAMED).status_code == 201
