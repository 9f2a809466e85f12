"""Disputes of the demo: an agent and the client's stakeholder open some, and the manager decides on most."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from infra.demo.api_client import Api
from infra.demo.review_work import Truths
from infra.demo.reviewers import known_answers
from scorecards.definitions.form import Form, Question

MOST = 4
"""So many the agent opens; the last one waits for whoever opens the pages."""
READ = 3


def dispute(agent: Api, stakeholder: Api, manager: Api, truths: Truths) -> int:
    """Open disputes and decide on all but the last of each side; return how many were opened.

    Where a reviewer was mistaken the decision is as proposed, elsewhere what stands is kept.
    """
    readable = agent.call("GET", "/v1/published-evaluations", params={"limit": 200})["data"]
    for each in readable[:READ]:
        agent.call("POST", f"/v1/evaluations/{each['id']}/acknowledge")
    opened = [_open(agent, each) for each in islice(_objections(manager, readable, truths), MOST)]
    for made, justified in opened[:-1]:
        _decide(manager, made, justified=justified)
    taken = {each["id"] for each in readable}
    of_client = stakeholder.call("GET", "/v1/published-evaluations", params={"limit": 50})["data"]
    others = [each for each in of_client if each["id"] not in taken]
    found = next((each for each in _objections(manager, others, truths) if each["justified"]), None)
    if found is not None:
        _open(stakeholder, found)
    return len(opened) + (found is not None)


def _objections(
    manager: Api, readable: Sequence[Mapping[str, Any]], truths: Truths
) -> Iterator[Mapping[str, Any]]:
    """Yield one answer of each evaluation to dispute: a mistaken one, or else one that is merely low.

    The first two of each kind come in turn, so that both decisions are seen.
    """
    found: dict[bool, list[Mapping[str, Any]]] = {True: [], False: []}
    for each in readable:
        one = _objection(manager, each, truths)
        if one is not None:
            found[one["justified"]].append(one)
    for pair in zip(found[True], found[False], strict=False):
        yield from pair
    shorter = min(len(each) for each in found.values())
    yield from (*found[True][shorter:], *found[False][shorter:])


def _objection(manager: Api, readable: Mapping[str, Any], truths: Truths) -> Mapping[str, Any] | None:
    evaluation = manager.call("GET", f"/v1/evaluations/{readable['id']}")
    interaction = manager.call("GET", f"/v1/interactions/{evaluation['interaction_id']}")
    slug = readable["client"]
    key = readable["scorecard"]
    body = manager.call("GET", f"/v1/clients/{slug}/scorecards/{key}")["body"]
    form = Form.from_body({**body, "key": key})
    known = {each["question"]: each for each in known_answers(form, truths[slug][interaction["external_id"]])}
    given = {each["question"]: each for each in evaluation["answers"] if each["question"] in known}
    chosen = {key: each for key, each in given.items() if form.questions[key].kind in {"yes_no", "scale"}}
    for key, answer in chosen.items():
        if (answer["value"], answer["na"]) != (known[key]["value"], known[key]["na"]):
            proposed = {name: known[key][name] for name in ("value", "na", "evidence")}
            return {
                "id": readable["id"],
                "question": key,
                "proposed": proposed,
                "comment": "Read it once more, please.",
                "justified": True,
            }
    low = next((key for key, each in chosen.items() if each["value"] == _worst(form.questions[key])), None)
    if low is None:
        return None
    return {
        "id": readable["id"],
        "question": low,
        "proposed": {"value": _best(form.questions[low]), "na": False},
        "comment": "I did say it, in my own words.",
        "justified": False,
    }


def _worst(question: Question) -> str:
    return min(question.options, key=lambda each: each.value if each.value is not None else 1).key


def _best(question: Question) -> str:
    return max(question.options, key=lambda each: each.value or 0).key


def _open(api: Api, objection: Mapping[str, Any]) -> tuple[Mapping[str, Any], bool]:
    answer = {name: objection[name] for name in ("question", "proposed", "comment")}
    path = f"/v1/evaluations/{objection['id']}/disputes"
    return api.call("POST", path, json={"answers": [answer]}), objection["justified"]


def _decide(manager: Api, made: Mapping[str, Any], *, justified: bool) -> None:
    outcome = "as_proposed" if justified else "keep"
    comment = "You are right, thank you." if justified else "It is not in what was written."
    answers = [{"question": each["question"], "outcome": outcome} for each in made["answers"]]
    path = f"/v1/disputes/{made['id']}/decide"
    manager.call("POST", path, json={"answers": answers, "comment": comment})
