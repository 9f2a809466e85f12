"""What the demo's reviewers do: they work the queue, and are checked by golden items and second looks."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from infra.demo.api_client import Api
from infra.demo.ground_truth import GroundTruth
from infra.demo.reviewers import answers, known_answers
from scorecards.definitions.form import Form

LEFT = 8
"""So many reviews the example reviewers leave undone, the last in the order of the sample."""
GOLDEN_ITEMS = 6
"""For each client: set from the first evaluations without a mistake."""

Truths = Mapping[str, Mapping[str, GroundTruth]]


@dataclass(frozen=True, slots=True)
class SubmittedReview:
    """A review that somebody submitted; `evaluation` is null where it was a check of theirs."""

    client: str
    evaluation: str | None
    faultless: bool


def review(manager: Api, reviewers: Mapping[str, Api], truths: Truths, seed: int) -> Mapping[str, int]:
    """Let the example reviewers work, leaving a few for whoever opens the pages; return what was done.

    The manager sets golden items as soon as there are evaluations without a mistake.
    """
    waiting = count_waiting(manager)
    wanted = waiting - min(LEFT, waiting // 4)
    done = {"reviewed": 0, "checked": 0, "golden": 0}
    to_set = dict.fromkeys(truths, GOLDEN_ITEMS)
    for each in _submitted(reviewers, truths, seed):
        done["reviewed" if each.evaluation else "checked"] += 1
        if each.evaluation and each.faultless and to_set[each.client]:
            path = f"/v1/clients/{each.client}/golden-items"
            manager.call("POST", path, json={"evaluation": each.evaluation, "note": "Agreed by the team."})
            to_set[each.client] -= 1
            done["golden"] += 1
        if done["reviewed"] >= wanted:
            break
    return done


def _submitted(reviewers: Mapping[str, Api], truths: Truths, seed: int) -> Iterator[SubmittedReview]:
    """Yield what the reviewers submit, in turn, until nothing is left for any of them."""
    active = dict(reviewers)
    while active:
        for name in list(active):
            claimed = active[name].call("POST", "/v1/reviews/next", json={})
            if claimed is None:
                del active[name]
                continue
            truth = truths[claimed["client"]][claimed["interaction"]["external_id"]]
            form = Form.from_body(claimed["scorecard"]["body"])
            body = {"answers": answers(form, truth, reviewer=name, seed=seed)}
            made = active[name].call("POST", f"/v1/reviews/{claimed['id']}/submit", json=body)
            faultless = _values(body["answers"]) == _values(known_answers(form, truth))
            yield SubmittedReview(claimed["client"], made["evaluation_id"], faultless)


def _values(given: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    return {each["question"]: (each["value"], each["na"]) for each in given}


def count_waiting(api: Api) -> int:
    """Return how many reviews wait, by the pages of their list."""
    parameters: dict[str, Any] = {"state": "queued", "limit": 200}
    count = 0
    while True:
        found = api.call("GET", "/v1/reviews", params=parameters)
        count += len(found["data"])
        if found["next_cursor"] is None:
            return count
        parameters["cursor"] = found["next_cursor"]
