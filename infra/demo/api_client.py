"""The steps of the demo over the REST API: load definitions, push, wait for scores, review, train, report."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from importlib import resources
from typing import Any

import httpx
import msgspec

from infra.demo.generator import interactions_with_truth
from infra.demo.ground_truth import GroundTruth
from infra.report_text import common_bands
from tenants.http.faults import Conflict

CLIENTS: Mapping[str, str] = {"northwind": "Northwind Outfitters", "harbor": "Harbor Mobile"}
_BATCH_SIZE = 500
_TIMEOUT_SECONDS = 240.0
_POLL_SECONDS = 0.5

PrintProgress = Callable[[str], None]


class Api:
    """An HTTP client of QM, as an integrator would write it."""

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


def create_client(api: Api, slug: str, name: str) -> None:
    """Create a client and load its bundle."""
    api.call("POST", "/v1/clients", json={"name": name, "slug": slug})
    bundle = resources.files("infra.demo").joinpath(f"bundles/{slug}.yaml").read_bytes()
    path = f"/v1/clients/{slug}/bundle"
    api.call("POST", path, content=bundle, headers={"Content-Type": "application/yaml"})


def push_interactions(api: Api, slug: str, *, count: int, seed: int, end: datetime) -> dict[str, GroundTruth]:
    """Push generated interactions; return the ground truth of each, by external id, for the reviewers."""
    truths: dict[str, GroundTruth] = {}
    lines: list[bytes] = []
    for payload, truth in interactions_with_truth(slug, count=count, seed=seed, end=end):
        truths[payload["external_id"]] = truth
        lines.append(msgspec.json.encode(payload))
    for start in range(0, len(lines), _BATCH_SIZE):
        api.call(
            "POST",
            f"/v1/clients/{slug}/interactions/bulk",
            content=b"\n".join(lines[start : start + _BATCH_SIZE]),
            headers={"Content-Type": "application/x-ndjson"},
        )
    return truths


def wait_until_scored(api: Api, slugs: Sequence[str], print_progress: PrintProgress) -> None:
    """Wait until every interaction of these clients is scored.

    Raises
    ------
    Conflict
        When it takes too long, or an interaction could not be scored.
    """
    deadline = time.monotonic() + _TIMEOUT_SECONDS
    while time.monotonic() < deadline:
        unscored = [_has_unscored(api, slug) for slug in slugs]
        if not any(unscored):
            return
        time.sleep(_POLL_SECONDS)
    print_progress("see `qm doctor`, and the log beside the data")
    raise Conflict("The workers do not get on with scoring.")


def _has_unscored(api: Api, slug: str) -> bool:
    path = f"/v1/clients/{slug}/interactions"
    dead, *waiting = [
        api.call("GET", path, params={"state": state, "limit": 1})["data"]
        for state in ("dead", "pending", "claimed")
    ]
    if dead:
        raise Conflict(f"{slug} has an interaction that cannot be scored: {dead[0]['error']}")
    return any(waiting)


def train_models(api: Api, slugs: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Train each client's model from its reviews; return what it has learned and may answer.

    Raises
    ------
    Conflict
        When it takes too long.
    """
    trainings = [api.call("POST", "/v1/models/train", json={"client": slug})["id"] for slug in slugs]
    deadline = time.monotonic() + _TIMEOUT_SECONDS
    while any(_is_running(api, training) for training in trainings):
        if time.monotonic() > deadline:
            raise Conflict("The learner does not get on; see `qm doctor`, and the log beside the data.")
        time.sleep(_POLL_SECONDS)
    return {slug: _learned(api, slug) for slug in slugs}


def _is_running(api: Api, training: str) -> bool:
    found = api.call("GET", f"/v1/trainings/{training}")
    return found["state"] in {"queued", "running"}


def _learned(api: Api, slug: str) -> dict[str, Any]:
    gates = api.call("GET", f"/v1/clients/{slug}/gates")["data"]
    learned = [
        gate for gate in gates if gate["model_id"] is not None and gate["evidence"]["proof"] is not None
    ]
    earned = [gate for gate in learned if gate["state"] == "automatic"]
    return {
        "questions": len(gates),
        "learned": len(learned),
        "automatic": len(earned),
        "earned": [
            {"question": gate["question"], "text": gate["text"], "proof": gate["evidence"]["proof"]["words"]}
            for gate in earned
        ],
    }


def fetch_reports(api: Api, slugs: Sequence[str], period: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Yield each client's reports for a period."""
    for slug in slugs:
        parameters = {"overview": {}, "empathy": {}, "sla": {"group_by": "channel"}}
        keys = [each["key"] for each in api.call("GET", f"/v1/clients/{slug}/scorecards")["data"]]
        forms = [api.call("GET", f"/v1/clients/{slug}/scorecards/{key}")["body"] for key in keys]
        yield {"slug": slug, "bands": common_bands(forms)} | {
            kind: api.call("GET", f"/v1/clients/{slug}/reports/{kind}", params={**period, **extra})
            for kind, extra in parameters.items()
        }
