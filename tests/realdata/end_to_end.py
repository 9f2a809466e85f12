"""The end-to-end workflow over the REST API: load, push, wait for scoring, review, report."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.realdata import abcd, brand_definitions, labels, maia
from tests.realdata.brand_definitions import BRANDS, Brand, Truth
from tests.realdata.labels import Dialogue, Labelled
from tests.realdata.server import Api, Callers
from tests.waiting import wait_until

SHOP, CALLS = "online-shop", "support-calls"
PERIODS: Mapping[str, Mapping[str, str]] = {
    **{brand.slug: {"from": "2020-12-01", "to": "2021-02-28"} for brand in BRANDS},
    SHOP: {"from": "2021-01-01", "to": "2021-01-31"},
    CALLS: {"from": "2024-01-01", "to": "2024-12-31"},
}
KINDS = ("overview", "empathy", "sla")


@dataclass(frozen=True, slots=True)
class Labels:
    """The dialogues of one brand, what their labels answer, and what that comes to."""

    brand: Brand
    dialogues: Mapping[str, Dialogue]
    answers: Mapping[str, Mapping[str, Labelled]]
    truths: Mapping[str, Truth]


@dataclass(slots=True)
class Found:
    """What was brought along, and everything the API answered."""

    data: Path
    brands: Mapping[str, Labels]
    shop: abcd.Shop
    bundles: dict[str, Any] = field(default_factory=dict)
    pushes: dict[str, Any] = field(default_factory=dict)
    imported: Mapping[str, Any] = field(default_factory=dict)
    submitted: dict[str, dict[str, Any]] = field(default_factory=dict)
    interactions: dict[str, list[Mapping[str, Any]]] = field(default_factory=dict)
    reviews: dict[str, list[Mapping[str, Any]]] = field(default_factory=dict)
    playbooks: dict[str, list[Mapping[str, Any]]] = field(default_factory=dict)
    reports: dict[str, dict[str, Any]] = field(default_factory=dict)
    tables: dict[str, dict[str, str]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)


def read_labels(folder: Path, brand: Brand) -> Labels:
    """Read one brand's file."""
    found = maia.dialogues(folder / brand.file)
    answers = {name: labels.answers(dialogue) for name, dialogue in found.items()}
    truths = {name: brand_definitions.truth(brand, each) for name, each in answers.items()}
    return Labels(brand, found, answers, truths)


def walk(callers: Callers, data: Path) -> Found:
    """Do the main job with all of the real data."""
    brands = {brand.slug: read_labels(data / "maia", brand) for brand in BRANDS}
    found = Found(data, brands, abcd.Shop(data / "abcd"))
    began = time.monotonic()
    for step in (_load, _push, _import, _wait, _review, _read):
        step(callers, found)
        found.seconds[step.__name__.strip("_")] = time.monotonic() - began
    return found


def _load(callers: Callers, found: Found) -> None:
    targets = {"first_response": "30s", "next_response": "60s", "resolution": "30m"}
    bundles = {slug: brand_definitions.bundle(each.brand) for slug, each in found.brands.items()}
    bundles[SHOP] = {
        "qm_bundle": 1,
        "scorecards": [{"key": "shop", "template": "ecommerce"}],
        "playbooks": found.shop.playbooks(),
        "sla_policy": brand_definitions.sla_policy(targets),
    }
    bundles[CALLS] = {
        "qm_bundle": 1,
        "scorecards": [{"key": "empathy", "template": "empathy"}],
        "sla_policy": brand_definitions.sla_policy({"resolution": "5m"}),
    }
    for slug, bundle in bundles.items():
        callers.manager.send(
            "POST", "/v1/clients", json={"name": slug.replace("-", " ").title(), "slug": slug}
        )
        found.bundles[slug] = callers.manager.json("POST", f"/v1/clients/{slug}/bundle", json=bundle)


def _push(callers: Callers, found: Found) -> None:
    payloads = {slug: maia.interactions(each.dialogues) for slug, each in found.brands.items()}
    dialogues = found.shop.dialogues
    payloads[SHOP] = [
        one for intent in (True, False) for one in abcd.interactions(dialogues, with_intent=intent)
    ]
    for slug, interactions in payloads.items():
        found.pushes[slug] = callers.integrator.json(
            "POST",
            f"/v1/clients/{slug}/interactions/bulk",
            content="\n".join(json.dumps(each) for each in interactions).encode(),
            headers={"Content-Type": "application/x-ndjson"},
        )


def _import(callers: Callers, found: Found) -> None:
    calls = sorted((found.data / "vcon").glob("*.vcon.json"))
    files = [json.loads(file.read_text(encoding="utf-8")) for file in calls]
    path = f"/v1/clients/{CALLS}/interactions/import"
    found.imported = callers.integrator.json("POST", path, params={"format": "vcon"}, json=files)


def _wait(callers: Callers, found: Found) -> None:
    """Wait until the workers have left nothing."""
    wait_until(lambda: not any(_waiting(callers.integrator, slug) for slug in PERIODS))
    for slug in PERIODS:
        found.interactions[slug] = list(callers.integrator.every(f"/v1/clients/{slug}/interactions"))


def _waiting(integrator: Api, slug: str) -> bool:
    path = f"/v1/clients/{slug}/interactions"
    return any(
        integrator.json("GET", path, params={"state": state, "limit": 1})["data"]
        for state in ("pending", "claimed")
    )


def _review(callers: Callers, found: Found) -> None:
    """Let the reviewers take turns until nothing is left for any of them."""
    working = dict(callers.reviewers)
    while working:
        for name, reviewer in list(working.items()):
            review = reviewer.json("POST", "/v1/reviews/next", json={})
            if review is None:
                del working[name]
                continue
            answers = _labelled(found.brands[review["client"]], review)
            done = reviewer.json("POST", f"/v1/reviews/{review['id']}/submit", json={"answers": answers})
            found.submitted[review["id"]] = done
    for slug in found.brands:
        found.reviews[slug] = list(callers.manager.every("/v1/reviews", client=slug))


def _labelled(brand: Labels, review: Mapping[str, Any]) -> list[dict[str, Any]]:
    name = review["interaction"]["external_id"]
    stored: Sequence[str] = [turn["text"] for turn in review["turns"]]
    return maia.submission(brand.dialogues[name], brand.answers[name], stored)


def _read(callers: Callers, found: Found) -> None:
    """Read every report as JSON and as CSV, and what the playbooks found."""
    for slug, period in PERIODS.items():
        path = f"/v1/clients/{slug}/reports"
        read = callers.manager.send
        found.reports[slug] = {
            kind: read("GET", f"{path}/{kind}", params=dict(period)).json() for kind in KINDS
        }
        found.tables[slug] = {
            kind: read("GET", f"{path}/{kind}", params={**period, "format": "csv"}).text for kind in KINDS
        }
    for each in found.interactions[SHOP]:
        evaluations = callers.manager.json("GET", f"/v1/interactions/{each['id']}/evaluations")["data"]
        found.playbooks[each["external_id"]] = evaluations[0]["findings"]["playbooks"]
