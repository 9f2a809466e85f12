"""The grades of `make bench-quality` as tables and as rows beside what is published."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from statistics import fmean
from typing import Any

from measured import Row, Runs

Grades = Sequence[Mapping[str, Any]]

TOGETHER = "all clients"
WITHIN = "within a client"
TASKS = {
    "empathy": "agent shows empathy",
    "templated": "sentence is templated",
    "politeness": "turn is polite",
    "emotion": "customer's emotion, 3 classes",
}
PUBLISHED = {
    ("empathy", "macro_f1"): 0.69,
    ("empathy", "kappa"): 0.38,
    ("templated", "accuracy"): 0.86,
    ("templated", "macro_f1"): 0.85,
    ("emotion", "accuracy"): 0.75,
    ("emotion", "macro_f1"): 0.64,
}
SCOPES = {"empathy": WITHIN, "templated": WITHIN, "emotion": TOGETHER}
"""Answers are learned client by client, feelings from all clients of a provider together."""
WAYS = ("rules", "plain", "ours")
MEASURES = ("accuracy", "macro_f1", "kappa", "ece")


def tables(found: Mapping[str, Grades]) -> Iterator[str]:
    """Return what is printed and what the page shows, as Markdown."""
    within = [*found["within"], *_together_by_client(found["within"])]
    yield "\n".join(_beside(within))
    yield "\n".join(_by_client(found["within"], "within the client"))
    yield "\n".join(_by_client(found["unseen"], "a client that was never seen"))
    yield "\n".join(_curve(found["curve"]))
    yield "\n".join(_seconds(found["seconds"]))


def rows(found: Mapping[str, Grades]) -> list[Row]:
    """Return everything as rows; what is published is the limit, and to reach it the goal."""
    within = [*found["within"], *_together_by_client(found["within"])]
    made = []
    for task, scope in _scopes(within):
        for measure in MEASURES:
            for way in WAYS:
                limit = PUBLISHED.get((task, measure)) if (scope, way) == (SCOPES.get(task), "ours") else None
                made.append(
                    Row(
                        f"{TASKS[task]}, {scope}, {way}",
                        measure,
                        Runs.of(_values(within, measure, task=task, client=scope, way=way)),
                        None if limit is None else Runs.of([limit]),
                        None if limit is None else "published",
                        None if limit is None else 1.0,
                    )
                )
    made += _rows_of_a_client_unseen(found["unseen"])
    made += _rows_of_the_curve(found["curve"])
    for task, label in TASKS.items():
        took = [each["seconds"] for each in found["seconds"] if each["task"] == task]
        made.append(Row(f"{label}, learning 2,400 labels", "CPU s", Runs.of(took)))
    return made


def _together_by_client(grades: Grades) -> list[dict[str, Any]]:
    """Return the mean over clients, each weighing as many sentences as it has judged."""
    groups: dict[tuple[Any, ...], list[Mapping[str, Any]]] = defaultdict(list)
    for each in grades:
        if each["client"] != TOGETHER:
            groups[each["task"], each["way"], each["seed"]].append(each)
    return [
        {
            "task": task,
            "way": way,
            "seed": seed,
            "client": WITHIN,
            **{name: _weighted(group, name) for name in MEASURES},
        }
        for (task, way, seed), group in groups.items()
    ]


def _weighted(group: Grades, name: str) -> float:
    return sum(each[name] * each["count"] for each in group) / sum(each["count"] for each in group)


def _values(grades: Grades, measure: str, **of: Any) -> list[float]:
    return [each[measure] for each in grades if all(each.get(name) == value for name, value in of.items())]


def _scopes(grades: Grades) -> list[tuple[str, str]]:
    return list(dict.fromkeys((each["task"], each["client"]) for each in grades))


def _cell(grades: Grades, measure: str, **of: Any) -> str:
    values = _values(grades, measure, **of)
    return f"{fmean(values):.3f}" if values else ""


def _beside(within: Grades) -> Iterator[str]:
    yield "| what is judged | learned and judged | measure | rules | plain | ours | published |"
    yield "|---|---|---|---|---|---|---|"
    for task, label in TASKS.items():
        for scope in (WITHIN, TOGETHER):
            for measure in MEASURES:
                cells = [_cell(within, measure, task=task, client=scope, way=way) for way in WAYS]
                shown = PUBLISHED.get((task, measure), "")
                yield f"| {label} | {scope} | {measure} | {' | '.join(cells)} | {shown} |"


def _by_client(grades: Grades, title: str) -> Iterator[str]:
    yield f"| {title} | client | " + " | ".join(f"{way}: macro-F1 / kappa" for way in WAYS) + " |"
    yield "|---|---|" + "---|" * len(WAYS)
    for task, client in _scopes(grades):
        if client != TOGETHER:
            cells = [
                " / ".join(
                    _cell(grades, name, task=task, client=client, way=way) for name in ("macro_f1", "kappa")
                )
                for way in WAYS
            ]
            yield f"| {TASKS[task]} | {client} | {' | '.join(cells)} |"


def _curve(grades: Grades) -> Iterator[str]:
    sizes = sorted({each["size"] for each in grades})
    yield "| macro-F1 by labels | way | " + " | ".join(map(str, sizes)) + " |"
    yield "|---|---|" + "---|" * len(sizes)
    for task, label in TASKS.items():
        for way in WAYS:
            cells = [_cell(_big(grades, task), "macro_f1", task=task, way=way, size=size) for size in sizes]
            yield f"| {label} | {way} | {' | '.join(cells)} |"


def _big(grades: Grades, task: str) -> Grades:
    """Keep the clients that have labels for the longest learning, so that columns are of the same clients."""
    sizes = {each["size"] for each in grades}
    full = {each["client"] for each in grades if each["task"] == task and each["size"] == max(sizes)}
    return [each for each in grades if each["client"] in full]


def _seconds(grades: Grades) -> Iterator[str]:
    yield "| learning 2,400 labels | CPU seconds, median of three |"
    yield "|---|---|"
    for task, label in TASKS.items():
        took = sorted(each["seconds"] for each in grades if each["task"] == task)
        yield f"| {label} | {took[len(took) // 2]:.2f} |"


def _rows_of_a_client_unseen(grades: Grades) -> list[Row]:
    return [
        Row(f"{TASKS[task]}, unseen {client}, {way}", measure, Runs.of(values))
        for task, client in _scopes(grades)
        for way in WAYS
        for measure in MEASURES
        if (values := _values(grades, measure, task=task, client=client, way=way))
    ]


def _rows_of_the_curve(grades: Grades) -> list[Row]:
    return [
        Row(f"{label}, {size} labels of a client, {way}", "macro_f1", Runs.of(values))
        for task, label in TASKS.items()
        for size in sorted({each["size"] for each in grades})
        for way in WAYS
        if (values := _values(_big(grades, task), "macro_f1", task=task, way=way, size=size))
    ]
