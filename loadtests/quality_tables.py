"""The results of `make bench-quality` as tables, and as rows beside published figures."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from statistics import fmean
from typing import Any

from benchmark_results import Row, Runs

Measurements = Sequence[Mapping[str, Any]]

ALL_CLIENTS = "all clients"
WITHIN_CLIENT = "within a client"
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
SCOPES = {"empathy": WITHIN_CLIENT, "templated": WITHIN_CLIENT, "emotion": ALL_CLIENTS}
"""Answers are learned client by client, sentiment from all clients of a provider together."""
METHODS = ("rules", "plain", "ours")
MEASURES = ("accuracy", "macro_f1", "kappa", "ece")


def tables(found: Mapping[str, Measurements]) -> Iterator[str]:
    """Return the tables that are printed, and shown in the documentation, as Markdown."""
    within = [*found["within"], *_mean_of_clients(found["within"])]
    yield "\n".join(_comparison_table(within))
    yield "\n".join(_client_table(found["within"], "within the client"))
    yield "\n".join(_client_table(found["unseen"], "a client that was never seen"))
    yield "\n".join(_learning_curve_table(found["curve"]))
    yield "\n".join(_seconds_table(found["seconds"]))


def rows(found: Mapping[str, Measurements]) -> list[Row]:
    """Return everything as rows; the published figure is the limit, and reaching it the goal."""
    within = [*found["within"], *_mean_of_clients(found["within"])]
    result = []
    for task, scope in _scopes(within):
        for measure in MEASURES:
            for method in METHODS:
                limit = (
                    PUBLISHED.get((task, measure)) if (scope, method) == (SCOPES.get(task), "ours") else None
                )
                result.append(
                    Row(
                        f"{TASKS[task]}, {scope}, {method}",
                        measure,
                        Runs.of(_values(within, measure, task=task, client=scope, way=method)),
                        None if limit is None else Runs.of([limit]),
                        None if limit is None else "published",
                        None if limit is None else 1.0,
                    )
                )
    result += _unseen_client_rows(found["unseen"])
    result += _learning_curve_rows(found["curve"])
    for task, label in TASKS.items():
        seconds = [each["seconds"] for each in found["seconds"] if each["task"] == task]
        result.append(Row(f"{label}, learning 2,400 labels", "CPU s", Runs.of(seconds)))
    return result


def _mean_of_clients(measurements: Measurements) -> list[dict[str, Any]]:
    """Return the mean over clients, weighted by their number of judged sentences."""
    groups: dict[tuple[Any, ...], list[Mapping[str, Any]]] = defaultdict(list)
    for each in measurements:
        if each["client"] != ALL_CLIENTS:
            groups[each["task"], each["way"], each["seed"]].append(each)
    return [
        {
            "task": task,
            "way": method,
            "seed": seed,
            "client": WITHIN_CLIENT,
            **{name: _weighted(group, name) for name in MEASURES},
        }
        for (task, method, seed), group in groups.items()
    ]


def _weighted(group: Measurements, name: str) -> float:
    mean: float = sum(each[name] * each["count"] for each in group) / sum(each["count"] for each in group)
    return mean


def _values(measurements: Measurements, measure: str, **of: Any) -> list[float]:
    return [
        each[measure] for each in measurements if all(each.get(name) == value for name, value in of.items())
    ]


def _scopes(measurements: Measurements) -> list[tuple[str, str]]:
    return list(dict.fromkeys((each["task"], each["client"]) for each in measurements))


def _cell(measurements: Measurements, measure: str, **of: Any) -> str:
    values = _values(measurements, measure, **of)
    return f"{fmean(values):.3f}" if values else ""


def _comparison_table(within: Measurements) -> Iterator[str]:
    yield "| what is judged | learned and judged | measure | rules | plain | ours | published |"
    yield "|---|---|---|---|---|---|---|"
    for task, label in TASKS.items():
        for scope in (WITHIN_CLIENT, ALL_CLIENTS):
            for measure in MEASURES:
                cells = [_cell(within, measure, task=task, client=scope, way=method) for method in METHODS]
                shown = PUBLISHED.get((task, measure), "")
                yield f"| {label} | {scope} | {measure} | {' | '.join(cells)} | {shown} |"


def _client_table(measurements: Measurements, title: str) -> Iterator[str]:
    yield f"| {title} | client | " + " | ".join(f"{method}: macro-F1 / kappa" for method in METHODS) + " |"
    yield "|---|---|" + "---|" * len(METHODS)
    for task, client in _scopes(measurements):
        if client != ALL_CLIENTS:
            cells = [
                " / ".join(
                    _cell(measurements, name, task=task, client=client, way=method)
                    for name in ("macro_f1", "kappa")
                )
                for method in METHODS
            ]
            yield f"| {TASKS[task]} | {client} | {' | '.join(cells)} |"


def _learning_curve_table(measurements: Measurements) -> Iterator[str]:
    sizes = sorted({each["size"] for each in measurements})
    yield "| macro-F1 by labels | way | " + " | ".join(map(str, sizes)) + " |"
    yield "|---|---|" + "---|" * len(sizes)
    for task, label in TASKS.items():
        for method in METHODS:
            cells = [
                _cell(
                    _clients_with_most_labels(measurements, task),
                    "macro_f1",
                    task=task,
                    way=method,
                    size=size,
                )
                for size in sizes
            ]
            yield f"| {label} | {method} | {' | '.join(cells)} |"


def _clients_with_most_labels(measurements: Measurements, task: str) -> Measurements:
    """Keep the clients with enough labels for the largest size, so that all columns have the same clients."""
    sizes = {each["size"] for each in measurements}
    full = {each["client"] for each in measurements if each["task"] == task and each["size"] == max(sizes)}
    return [each for each in measurements if each["client"] in full]


def _seconds_table(measurements: Measurements) -> Iterator[str]:
    yield "| learning 2,400 labels | CPU seconds, median of three |"
    yield "|---|---|"
    for task, label in TASKS.items():
        seconds = sorted(each["seconds"] for each in measurements if each["task"] == task)
        yield f"| {label} | {seconds[len(seconds) // 2]:.2f} |"


def _unseen_client_rows(measurements: Measurements) -> list[Row]:
    return [
        Row(f"{TASKS[task]}, unseen {client}, {method}", measure, Runs.of(values))
        for task, client in _scopes(measurements)
        for method in METHODS
        for measure in MEASURES
        if (values := _values(measurements, measure, task=task, client=client, way=method))
    ]


def _learning_curve_rows(measurements: Measurements) -> list[Row]:
    return [
        Row(f"{label}, {size} labels of a client, {method}", "macro_f1", Runs.of(values))
        for task, label in TASKS.items()
        for size in sorted({each["size"] for each in measurements})
        for method in METHODS
        if (
            values := _values(
                _clients_with_most_labels(measurements, task), "macro_f1", task=task, way=method, size=size
            )
        )
    ]
