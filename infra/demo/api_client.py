"""The demo's road over the REST API: load definitions, push, wait for the scores, review."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from importlib import resources
from typing import Any

import httpx
import msgspec

from infra.demo.generator import cases
from infra.demo.ground_truth import GroundTruth
from infra.demo.reviewers import answers
from scorecards.definitions.form import Form
from tenants.http.faults import Conflict

CLIENTS: Mapping[str, str] = {"northwind": "Northwind Outfitters", "harbor": "Harbor Mobile"}
_PORTION = 500
_PATIENCE_SECONDS = 240.0
_LOOK_EVERY = 0.5

Say = Callable[[str], None]


class Api:
    """Speaks to QM as an integrator would."""

    def __init__(self, address: str, key: str) -> None:
        """Take the server's address and a key."""
        self._http = httpx.Client(
            base_url=address, headers={"Authorization": f"Bearer {key}"}, timeout=60, trust_env=False
        )

    def call(self, method: str, path: str, **options: Any) -> Any:
        """Send a request; return the decoded answer, or None when there is none.

        Raises
        ------
        Conflict
            With the problem document's words, when the server refuses.
        """
        answer = self._http.request(method, path, **options)
        if answer.is_error:
            raise Conflict(f"{method} {path}: {answer.status_code} {answer.text[:2000]}")
        return answer.json() if answer.content else None

    def close(self) -> None:
        """Close the connections."""
        self._http.close()


def prepare(api: Api, slug: str, name: str) -> None:
    """Make a client and load its bundle."""
    api.call("POST", "/v1/clients", json={"name": name, "slug": slug})
    bundle = resources.files("infra.demo").joinpath(f"bundles/{slug}.yaml").read_bytes()
    path = f"/v1/clients/{slug}/bundle"
    api.call("POST", path, content=bundle, headers={"Content-Type": "application/yaml"})


def push(api: Api, slug: str, *, count: int, seed: int, end: datetime) -> dict[str, GroundTruth]:
    """Push generated interactions; returns what is true of each, by external id, for the reviewers."""
    truths: dict[str, GroundTruth] = {}
    lines: list[bytes] = []
    for payload, truth in cases(slug, count=count, seed=seed, end=end):
        truths[payload["external_id"]] = truth
        lines.append(msgspec.json.encode(payload))
    for start in range(0, len(lines), _PORTION):
        api.call(
            "POST",
            f"/v1/clients/{slug}/interactions/bulk",
            content=b"\n".join(lines[start : start + _PORTION]),
            headers={"Content-Type": "application/x-ndjson"},
        )
    return truths


def wait_until_scored(api: Api, slugs: Sequence[str], say: Say) -> None:
    """Wait until nothing of these clients is left unscored.

    Raises
    ------
    Conflict
        When it takes longer than anybody should wait, or something could not be scored.
    """
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        left = [_left(api, slug) for slug in slugs]
        if not any(left):
            return
        time.sleep(_LOOK_EVERY)
    say("see `qm doctor`, and the log beside the data")
    raise Conflict("The workers do not get on with scoring.")


def _left(api: Api, slug: str) -> bool:
    path = f"/v1/clients/{slug}/interactions"
    found = [
        api.call("GET", path, params={"state": state, "limit": 1})["data"]
        for state in ("dead", "pending", "claimed")
    ]
    if found[0]:
        raise Conflict(f"{slug} has an interaction that cannot be scored: {found[0][0]['error']}")
    return any(found)


def review(reviewers: Mapping[str, Api], truths: Mapping[str, Mapping[str, GroundTruth]], seed: int) -> int:
    """Let the example reviewers work their queue until it is empty; returns how many they did."""
    done = 0
    working = dict(reviewers)
    while working:
        for name in list(working):
            claimed = working[name].call("POST", "/v1/reviews/next", json={})
            if claimed is None:
                del working[name]
                continue
            truth = truths[claimed["client"]][claimed["interaction"]["external_id"]]
            body = {"answers": _filled_in(claimed, truth, name, seed)}
            working[name].call("POST", f"/v1/reviews/{claimed['id']}/submit", json=body)
            done += 1
    return done


def _filled_in(claimed: Mapping[str, Any], truth: GroundTruth, name: str, seed: int) -> list[dict[str, Any]]:
    form = Form.from_body(claimed["scorecard"]["body"])
    return list(answers(form, truth, reviewer=name, seed=seed))


def teach(api: Api, slugs: Sequence[str]) -> dict[str, dict[str, int]]:
    """Let each client's model learn from its reviewers; returns how many questions stand in which state.

    Raises
    ------
    Conflict
        When it takes longer than anybody should wait.
    """
    asked = [api.call("POST", "/v1/models/train", json={"client": slug})["id"] for slug in slugs]
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while any(_learning(api, training) for training in asked):
        if time.monotonic() > deadline:
            raise Conflict("The learner does not get on; see `qm doctor`, and the log beside the data.")
        time.sleep(_LOOK_EVERY)
    return {slug: _states(api, slug) for slug in slugs}


def _learning(api: Api, training: str) -> bool:
    found = api.call("GET", f"/v1/models/trainings/{training}")
    return found["state"] in {"queued", "running"}


def _states(api: Api, slug: str) -> dict[str, int]:
    gates = api.call("GET", f"/v1/clients/{slug}/gates")["data"]
    counted = Counter(gate["state"] for gate in gates)
    learned = sum(gate["model_id"] is not None and gate["evidence"]["proof"] is not None for gate in gates)
    return {"questions": len(gates), "learned": learned, "automatic": counted["automatic"]}


def reports(api: Api, slugs: Sequence[str], period: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Yield each client's reports for a period."""
    for slug in slugs:
        asked = {"overview": {}, "empathy": {}, "sla": {"group_by": "channel"}}
        yield {"slug": slug} | {
            kind: api.call("GET", f"/v1/clients/{slug}/reports/{kind}", params={**period, **extra})
            for kind, extra in asked.items()
        }
