"""Recomputes an SLA, an agreement and an empathy report from an export: `python recompute_reports.py FILE`.

It uses the standard library, numpy and the pure package `scorecards`, no database and no server. Its figures
are those of the API, to the last digit. See `check-a-report.md`.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import numpy as np

from scorecards.definitions.form import PILLARS, Form, Question
from scorecards.sampling.worked_queue import WorkedQueue, response_shares, worked_queue
from scorecards.scoring.scoring import question_score
from scorecards.sla.policy import TARGETS, from_body
from scorecards.statistics.agreement import confusion, counts_of, gwet, percent_agreement
from scorecards.statistics.confidence_intervals import wilson
from scorecards.statistics.difference_estimator import estimate, too_few_reviews
from scorecards.statistics.krippendorff import alpha
from scorecards.statistics.strata import Stratum

Record = Mapping[str, Any]
NOT_APPLICABLE = "n/a"
LEVELS = {"scale": "ordinal", "numeric": "interval"}


@dataclass
class Export:
    """The records of one export, by kind."""

    heading: Record = field(default_factory=dict)
    records: dict[str, list[Record]] = field(default_factory=dict)

    @classmethod
    def read(cls, lines: Iterable[str]) -> "Export":
        """Read the lines of an export in NDJSON; several parts may follow each other."""
        export = cls()
        for line in lines:
            record = json.loads(line)
            if record["record"] == "export":
                export.heading = record
            elif record["record"] != "end":
                export.records.setdefault(record["record"], []).append(record)
        return export

    def __getitem__(self, kind: str) -> list[Record]:
        """Return the records of a kind."""
        return self.records.get(kind, [])


def shown(value: float | None, places: int = 1) -> float | None:
    """Round as the API does; never minus zero."""
    return None if value is None else round(float(value), places) + 0.0


# SLA ---------------------------------------------------------------------------------------------------


STATES = ("met", "breached", "past_due", "running", "paused", "closed_unanswered")


def sla_report(export: Export) -> list[dict[str, Any]]:
    """Return the clocks of each promise by channel and priority, by state, and the share that was met."""
    now = datetime.fromisoformat(export.heading["exported_at"])
    policies = {
        each["version"]: {rule.key: rule for rule in from_body(each["body"]).rules}
        for each in export["definitions"]
        if each["kind"] == "sla_policy"
    }
    counts: dict[tuple[Any, ...], Counter[str]] = {}
    for facts in export["facts"]:
        rule = policies.get(facts["sla_version"], {}).get(facts["sla_rule"])
        for target in TARGETS:
            states = _clock_states(facts, target, now)
            if states.total():
                limit = rule.targets.get(target) if rule else None
                goal = rule.goal if rule and limit is not None else None
                key = (facts["sla_rule"], target, limit, goal, facts["channel"], facts["priority"])
                counts.setdefault(key, Counter()).update(states)
    return [_promise(key, count) for key, count in counts.items()]


def _clock_states(facts: Record, target: str, now: datetime) -> Counter[str]:
    states = Counter({state: facts.get(f"{target}_{state}", 0) for state in STATES})
    due = facts[f"{target}_due"]
    if due is not None and datetime.fromisoformat(due) < now:
        states.update(("breached", "past_due"))
    elif due is not None:
        states["running"] += 1
    return states


def _promise(key: tuple[Any, ...], count: Counter[str]) -> dict[str, Any]:
    rule, target, limit, goal, channel, priority = key
    n = count["met"] + count["breached"]
    interval = wilson(count["met"] / n if n else 0.0, n)
    shares = {"goal": goal, "compliance": interval.estimate, "low": interval.low, "high": interval.high}
    return {
        "rule": rule,
        "target": target,
        "goal_seconds": limit,
        "channel": channel,
        "priority": priority,
        **{state: count[state] for state in STATES},
        **{name: None if share is None else shown(100 * share) for name, share in shares.items()},
    }


# Agreement ---------------------------------------------------------------------------------------------


@dataclass
class Pairs:
    """The answers of machine and people to one question: pairs of classes, weights, and every class."""

    question: Question
    classes: dict[str, float | None] = field(default_factory=dict)
    pairs: list[tuple[str, str]] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)

    def add_version(self, question: Question) -> None:
        """Add what may be answered under one version of the scorecard."""
        self.question = question
        if question.kind == "numeric":
            self.classes |= {f"{band.value:g}": band.value for band in question.ranges}
        elif question.kind != "multi":
            self.classes |= {option.key: option.value for option in question.options}
        if question.na_allowed:
            self.classes[NOT_APPLICABLE] = None

    def add(self, machine: Record | None, human: Record | None, weight: float) -> None:
        """Add one interaction, if both answered."""
        answers = [_class_of(self.question, answer) for answer in (machine, human)]
        if answers[0] is None or answers[1] is None:
            return
        for name, value in (answers[0], answers[1]):
            self.classes.setdefault(name, value)
        self.pairs.append((answers[0][0], answers[1][0]))
        self.weights.append(weight)


def agreement_report(export: Export) -> dict[str, Any]:
    """Return how far machine and people agree, question by question."""
    versions = {each["definition_id"]: each for each in export["definitions"] if each["kind"] == "scorecard"}
    reviewed = list(_double_scored(export))
    judged = {human["scorecard_id"] for _, human, machine in reviewed if _same_version(human, machine)}
    queue = _queue(export)
    in_turn = {review["review_id"]: _in_turn(queue, review) for review, _, _ in reviewed}
    reviewed = [each for each in reviewed if in_turn[each[0]["review_id"]] is not None]
    forms = {
        definition_id: (version["key"], Form.from_body(version["body"]))
        for definition_id, version in sorted(
            versions.items(), key=lambda item: (item[1]["key"], item[1]["version"])
        )
        if definition_id in judged
    }
    questions: dict[tuple[str, str], Pairs] = {}
    for key, form in forms.values():
        for question in _asked(form):
            questions.setdefault((key, question.key), Pairs(question)).add_version(question)
    compared = [
        each for each in reviewed if _same_version(each[1], each[2]) and each[1]["scorecard_id"] in forms
    ]
    for review, human, machine in compared:
        key, form = forms[human["scorecard_id"]]
        by_machine, by_human = (
            {answer["question"]: answer for answer in each["answers"]} for each in (machine, human)
        )
        for question in _asked(form):
            pairs = questions[key, question.key]
            weight = 1 / (in_turn[review["review_id"]] or 1)
            pairs.add(by_machine.get(question.key), by_human.get(question.key), weight)
    rows = [
        {"scorecard": key, "question": question, **_coefficients(pairs)}
        for (key, question), pairs in questions.items()
    ]
    return {
        "double_scored": len(compared),
        "other_version": len(reviewed) - len(compared),
        "questions": rows,
    }


def _double_scored(export: Export) -> Iterator[tuple[Record, Record, Record]]:
    """Return drawn, submitted reviews with the current evaluations of the person and of the machine."""
    current = [each for each in export["evaluations"] if each["superseded_at"] is None]
    by_id = {each["evaluation_id"]: each for each in current}
    automatic = {each["interaction_id"]: each for each in current if each["kind"] == "automatic"}
    for review in sorted(export["reviews"], key=lambda review: review["review_id"]):
        human, machine = by_id.get(review["evaluation_id"]), automatic.get(review["interaction_id"])
        is_sampled = review["state"] == "submitted" and _is_drawn(review)
        # Who picked it by hand, or reopened it, need not be blind to the machine's answers.
        blind = not review["hand_picked_answer"] and not review["reopened"]
        if is_sampled and blind and human is not None and machine is not None:
            yield review, human, machine


def _same_version(human: Record, machine: Record) -> bool:
    return human["scorecard_id"] is not None and human["scorecard_id"] == machine["scorecard_id"]


def _asked(form: Form) -> list[Question]:
    return [question for question in form.questions.values() if question.scored or question.critical]


def _class_of(question: Question, answer: Record | None) -> tuple[str, float | None] | None:
    """Return the class and the score of an answer; None where there is none, or the machine abstained."""
    if answer is None or answer.get("abstained"):
        return None
    if answer.get("na"):
        return NOT_APPLICABLE, None
    value = answer.get("value")
    if value is None:
        return None
    score = question_score(question, tuple(value) if isinstance(value, list) else value)
    if isinstance(value, list):
        return " + ".join(sorted(value)) or "none", score
    if question.kind == "numeric":
        return "none" if score is None else f"{score:g}", score
    return str(value), score


def _coefficients(pairs: Pairs) -> dict[str, Any]:
    level = LEVELS.get(pairs.question.kind, "nominal")
    names = sorted(pairs.classes, key=lambda name: name == NOT_APPLICABLE)
    if level != "nominal":
        names = sorted(names, key=lambda name: (pairs.classes[name] is None, pairs.classes[name] or 0.0))
    places = {name: place for place, name in enumerate(names)}
    machine, human = ([places[pair[side]] for pair in pairs.pairs] for side in (0, 1))
    table = confusion(machine, human, len(names))
    same = percent_agreement(counts_of(table))
    of_all = float(np.average(np.equal(machine, human), weights=pairs.weights)) if pairs.pairs else None
    return {
        "n": len(pairs.pairs),
        "percent": None if same is None else shown(100 * same),
        "percent_of_all": None if of_all is None else shown(100 * of_all),
        "alpha": shown(_alpha(pairs, names, table, level), 3),
        "ac1": shown(gwet(counts_of(table)), 3),
    }


def _alpha(pairs: Pairs, names: list[str], table: Any, level: str) -> float | None:
    """Return Krippendorff's alpha; where answers have an order, N/A has no place in it."""
    if level == "nominal":
        return alpha(counts_of(table))
    values = {
        place: pairs.classes[name] for place, name in enumerate(names) if pairs.classes[name] is not None
    }
    part = table[np.ix_(list(values), list(values))]
    return alpha(counts_of(part), level, list(values.values())) if part.sum() else None


# Empathy -----------------------------------------------------------------------------------------------


def empathy_report(export: Export) -> dict[str, Any]:
    """Return empathy and its pillars: what reviewers would say of every interaction, with intervals."""
    facts = {each["interaction_id"]: each for each in export["facts"] if each["judged"]}
    evaluations = {each["evaluation_id"]: each for each in export["evaluations"]}
    drawn = [review for review in _drawn(export) if review["interaction_id"] in facts]
    queue = _queue(export)
    sample = _counted(queue, facts, drawn)
    limit = float(export.heading["settings"].get("interval_limit", 10.0))
    reviewed = sum(review["state"] == "submitted" for review in drawn)
    figures = {}
    for measure in ("empathy", *PILLARS):
        everything = estimate(_strata(None, facts.values(), measure), [], [], [])
        found = everything if not reviewed else too_few_reviews(0, everything.machine_only)
        if sample:
            found = estimate(
                _strata(queue, facts.values(), measure),
                _numbers(evaluations[review["evaluation_id"]][measure] for review, _ in sample),
                _numbers(facts[review["interaction_id"]][measure] for review, _ in sample),
                _numbers(probability for _, probability in sample),
                _numbers(facts[review["interaction_id"]]["rate"] for review, _ in sample),
                interval_limit=limit,
            )
        figures[measure] = {
            "estimate": shown(found.estimate),
            "low": shown(found.low),
            "high": shown(found.high),
            "machine_only": shown(found.machine_only),
        }
        if measure == "empathy":
            more = {"method": found.method, "lambda": shown(found.lambda_, 2), "status": found.status}
            figures[measure] |= {**more, "effective_n": shown(found.effective_n, 0)}
    scored = sum(each["scored"] for each in export["facts"])
    return {"scored": scored, "reviewed": reviewed, **figures}


def _drawn(export: Export) -> list[Record]:
    """Return the reviews of what was drawn by chance."""
    return [
        review
        for review in sorted(export["reviews"], key=lambda review: review["review_id"])
        if _is_drawn(review)
    ]


def _is_drawn(review: Record) -> bool:
    return not review["targeted"] and review["draw"] < review["inclusion_probability"]


def _queue(export: Export) -> WorkedQueue:
    """Return how far the client's queue is worked off, from the heading: a period holds a part of it only."""
    waiting = [(datetime.fromisoformat(moment), rank) for moment, rank in export.heading["waiting_ranks"]]
    reached = export.heading["reached"]
    queue = worked_queue(waiting, ())
    return replace(queue, reached=None if reached is None else datetime.fromisoformat(reached))


def _in_turn(queue: WorkedQueue, review: Record) -> float | None:
    """Return the probability of having been drawn and reached in turn; None if it was not."""
    finished = review["finished_at"]
    return queue.probability(
        review["draw"],
        review["inclusion_probability"],
        datetime.fromisoformat(review["arrived_at"]),
        None if finished is None else datetime.fromisoformat(finished),
    )


def _waits(review: Record) -> bool:
    free = review["reviewer_id"] is None and not review["given_back_by"]
    return review["state"] == "queued" and free


def _counted(queue: WorkedQueue, facts: dict[str, Record], drawn: list[Record]) -> list[tuple[Record, float]]:
    """Return the reviews done in turn, each with its probability of being drawn, reached and answered."""
    in_turn = []
    for review in drawn:
        if review["state"] not in {"outdated", "cancelled"} and not _waits(review):
            p = _in_turn(queue, review)
            if p is not None:
                in_turn.append((review, p, facts[review["interaction_id"]]["rate"]))
    shares = response_shares(
        Counter(rate for review, _, rate in in_turn if review["state"] == "submitted"),
        Counter(rate for review, _, rate in in_turn if review["state"] != "submitted"),
    )
    return [
        (review, p * shares.get(rate, 1.0)) for review, p, rate in in_turn if review["state"] == "submitted"
    ]


def _strata(queue: WorkedQueue | None, facts: Iterable[Record], measure: str) -> list[Stratum]:
    """Return the interactions that could be drawn and were reached, by sampling rate; without a queue all."""
    scores: dict[float, list[Decimal | None]] = {}
    for each in facts:
        # What cannot be drawn before the window of its quota closes lies in the year 9999 until then.
        last = (queue.reached if queue else None) or datetime(9998, 12, 31, tzinfo=UTC)
        reached = datetime.fromisoformat(each["drawable_since"]) <= last
        if queue is None or (each["rate"] and reached):
            score, rate = each[measure], each["rate"] if queue else 1.0
            scores.setdefault(rate, []).append(None if score is None else Decimal(str(score)))
    found = []
    for rate, values in sorted(scores.items()):
        defined = [value for value in values if value is not None]
        found.append(Stratum(rate, len(values), len(defined), float(sum(defined))))
    return found


def _numbers(values: Iterable[float | None]) -> np.ndarray:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def main(path: str) -> None:
    """Print the three reports as JSON."""
    with sys.stdin if path == "-" else open(path, encoding="utf-8") as lines:  # noqa: PTH123
        export = Export.read(lines)
    reports = {"sla": sla_report, "agreement": agreement_report, "empathy": empathy_report}
    print(json.dumps({name: report(export) for name, report in reports.items()}, indent=2))


if __name__ == "__main__":
    main(*sys.argv[1:])
