"""Requests that nobody sends in good faith: bodies that are cut, bent, packed and bloated."""

import gzip
import json
import random
import zlib
from dataclasses import dataclass

from tests.jobs.worker_processes import interaction

METHODS = ("POST", "PUT", "PATCH", "DELETE", "GET")
BUNDLE = "qm_bundle: 1\nscorecards: [{key: care, name: Care, template: empathy}]\n"
STRINGS = (
    "",
    "\x00",
    "\u202e",
    "\ud800",
    "\U0001f9d1\u200d\U0001f9b0" * 50,
    "é" * 5_000,
    "4111 1111 1111 1111 " * 500,
    "'; drop table users; --",
    "../../../etc/passwd",
    "%00%ff",
    "{{7*7}}",
    "NaN",
)
NUMBERS = (0, -1, 1e308, -1e308, 2**63, -(2**63), 2**200, 1e-320, 0.1)
DATES = ("2026-02-30", "0000-00-00T00:00:00Z", "9999-12-31T23:59:59+23:59", "2026-07-01T00:00:00", "now")


@dataclass(frozen=True)
class Endpoint:
    """A method, an address with its parameters filled, and the rule they fill."""

    method: str
    path: str
    rule: str


@dataclass(frozen=True)
class Hostile:
    """One request: its target, header fields, body as sent, and what is to be checked of its answer."""

    endpoint: Endpoint
    fields: tuple
    body: bytes
    lines: int | None = None
    is_whole: bool = True


def endpoints(app, values):
    """Return every method of every rule of the application, with parameters that exist or do not."""
    found = []
    for rule in app.url_map.iter_rules():
        path = rule.rule
        for name in rule.arguments:
            start = path.index("<")
            value = values.get(name, "00000000-0000-7000-8000-000000000000")
            path = path[:start] + value + path[path.index(">") + 1 :]
        found += [Endpoint(method, path, rule.rule) for method in METHODS if method in rule.methods]
    return sorted(found, key=lambda each: (each.rule, each.method))


class Maker:
    """Makes hostile requests, the same ones from the same seed."""

    def __init__(self, seed, limit):
        self.dice, self.limit = random.Random(seed), limit

    def request(self, endpoint):
        if endpoint.rule.endswith("/bulk") and self.dice.random() < 0.5:
            return self._bulk(endpoint)
        body, kind = self._body(endpoint)
        body = self._bend(body)
        coding = ()
        if self.dice.random() < 0.3:
            body, coding = self._pack(body)
        return Hostile(endpoint, (f"Content-Type: {kind}", *coding), body)

    def _bulk(self, endpoint):
        lines = [
            json.dumps(interaction(f"F-{self.dice.random()}")).encode()
            for _ in range(self.dice.randint(1, 20))
        ]
        for _ in range(self.dice.randint(0, 5)):
            lines.insert(
                self.dice.randrange(len(lines) + 1), self._bend(self.dice.choice(lines)).replace(b"\n", b" ")
            )
        body = b"\n".join(lines)
        sent = sum(1 for line in lines if line.strip(b" \t\r\n"))
        return Hostile(endpoint, ("Content-Type: application/x-ndjson",), body, lines=sent)

    def _body(self, endpoint):
        if "oauth" in endpoint.rule:
            return (
                b"grant_type=client_credentials&client_id=a&client_secret=b",
                "application/x-www-form-urlencoded",
            )
        if self.dice.random() < 0.15:
            return BUNDLE.encode(), "application/yaml"
        good = self.dice.choice(
            [
                interaction("F-1"),
                {"events": [{"at": "2026-07-01T10:00:00Z", "kind": "csat", "value": 3}]},
                {"name": "F"},
            ]
        )
        return json.dumps(self._mutate(good)).encode(), self.dice.choice(
            [
                "application/json",
                "application/json",
                "application/json; charset=utf-16",
                "text/plain",
                "application/x-ndjson",
            ]
        )

    def _mutate(self, value):
        if self.dice.random() < 0.15:
            return self._strange()
        if isinstance(value, dict):
            made = {name: self._mutate(each) for name, each in value.items() if self.dice.random() < 0.95}
            if self.dice.random() < 0.2:
                made[self.dice.choice(STRINGS)] = self._strange()
            return made
        if isinstance(value, list):
            return [self._mutate(each) for each in value] * self.dice.choice([1, 1, 1, 0, 30])
        return value

    def _strange(self):
        kind = self.dice.randrange(5)
        if kind == 0:
            return self.dice.choice(STRINGS)
        if kind == 1:
            return self.dice.choice(NUMBERS)
        if kind == 2:
            return self.dice.choice(DATES)
        if kind == 3:
            deep = self.dice.choice([3, 60, 900])
            value = None
            for _ in range(deep):
                value = [value] if self.dice.random() < 0.5 else {"a": value}
            return value
        return self.dice.choice([None, True, [], {}, [[]], {"": {}}])

    def _bend(self, body):
        place = self.dice.randrange(len(body) + 1) if body else 0
        odd = self.dice.choice([b"\xff", b"\xc3\x28", b"\xed\xa0\x80", b"\x00", b"\\ud800"])
        coding = self.dice.choice(["utf-16", "utf-16-le", "utf-32", "utf-7"])
        deep = self.dice.choice([b"[", b'{"a":', b"- - [", b"{{{{{"]) * self.dice.choice([50, 5_000, 30_000])
        ways = [
            body[:place],
            body[:place] + odd + body[place:],
            body.decode("utf-8", "replace").encode(coding),
            deep,
            body + b" " * self.dice.choice([10, self.limit, 2 * self.limit]),
            b"\xef\xbb\xbf" + body,
        ]
        return self.dice.choice([*ways, body, body, body])

    def _pack(self, body):
        coding, packed = self.dice.choice(
            [
                ("gzip", gzip.compress(body, 1)),
                ("deflate", zlib.compress(body)),
                ("gzip", gzip.compress(b" " * 30_000_000, 9)),
                ("gzip", body),
                ("br", body),
                ("gzip", gzip.compress(body)[:-3]),
                ("gzip, gzip", body),
            ]
        )
        return packed, (f"Content-Encoding: {coding}",)

    def pieces(self, body):
        """Cut the body into chunks as they are sent with chunked transfer."""
        sizes = self.dice.choice([1, 7, 1_000, 60_000])
        if sizes == 1:
            sizes = max(1, len(body) // 500)
        return [body[start : start + sizes] for start in range(0, len(body), sizes)]
