"""`make bench-coverage`: how often intervals of reports hold the truth while simulated people work the queue.

Each setting of `tests/queue_simulation/settings.py` is repeated with fresh interactions, draws and people.
They claim, skip, release and submit by the real queue; the reports are asked for on several days.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

from benchmark_results import HERE, RESULTS, Row, Runs, write_results

ROOT = HERE.parent
REPEATS = 20
PARTS = {
    "scores": "scores and pass rate",
    "failures": "rates of critical errors",
    "groups": "groups",
    "differences": "differences",
    "changes": "changes, all together",
}


def main() -> None:
    """Run the grid, print the table of the documentation and write the rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=REPEATS, help="repeats of each setting")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of the JSON file")
    parser.add_argument("--summaries", type=Path, nargs="*", help="tell of these files instead of simulating")
    arguments = parser.parse_args()
    began = time.monotonic()
    summaries = _read(arguments.summaries) if arguments.summaries else _simulate(arguments.repeats)
    print(f"\n{_table(summaries)}\n\n{_pooled(summaries)}")
    path = write_results("coverage", rows(summaries), arguments.results)
    print(f"\n{time.monotonic() - began:.0f} s, written to {path}", flush=True)


def _simulate(repeats: int) -> list[dict[str, Any]]:
    command = [sys.executable, "-m", "tests.queue_simulation.grid", "--repeats", str(repeats)]
    finished = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True)
    found: list[dict[str, Any]] = json.loads(finished.stdout)
    return found


def _read(paths: Sequence[Path]) -> list[dict[str, Any]]:
    """Return the summaries of several parts or runs of the grid; those of one setting are pooled."""
    found = [each for path in paths for each in json.loads(path.read_text(encoding="utf-8"))]
    by_name: dict[str, list[dict[str, Any]]] = {each: [] for each in _names()}
    for each in found:
        by_name[each["setting"]].append(each)
    return [_pool(each) for each in by_name.values() if each]


def _names() -> list[str]:
    """Return the names of the settings in the order of the grid."""
    code = "from tests.queue_simulation.settings import BY_NAME; print(*BY_NAME, sep='\\n')"
    finished = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return finished.stdout.splitlines()


def _pool(runs: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return one summary of several runs of a setting, by other seeds and with as many repeats each."""
    pooled = {**runs[0], "done": [fmean(each["done"][end] for each in runs) for end in (0, 1)]}
    pooled |= {name: sum(each[name] for each in runs) for name in ("repeats", "claims", "seconds")}
    pooled |= {name: fmean(each[name] for each in runs) for name in ("reviews", "counted", "reached")}
    pooled["without_width"] = sum(each["without_width"] for each in runs)
    return pooled | {name: _pool_part([each[name] for each in runs if each[name]]) for name in PARTS}


def _pool_part(parts: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    shown = sum(each["shown"] for each in parts)
    if not shown:
        return None
    weights = [each["shown"] / shown for each in parts]

    def mean(name: str) -> float:
        return sum(weight * each[name] for weight, each in zip(weights, parts, strict=True))

    def error(name: str) -> float:
        return sum((weight * each[name]) ** 2 for weight, each in zip(weights, parts, strict=True)) ** 0.5

    return {
        **{name: mean(name) for name in ("share", "least", "width", "bias", "anytime")},
        **{name: error(name) for name in ("error", "bias_error")},
        "shown": shown,
        "asked": sum(each["asked"] for each in parts),
    }


def rows(summaries: Sequence[dict[str, Any]]) -> list[Row]:
    """Return a row for each setting and kind of figure: the coverage of all days, and of the worst day."""
    made = []
    for each in summaries:
        for name, words in PARTS.items():
            found = each[name]
            if found is None:
                continue
            note = (
                f"standard error {found['error']:.3f}, {found['shown']} of {found['asked']} shown, "
                f"mean width {found['width']:.1f}, bias {found['bias']:+.2f} ({found['bias_error']:.2f})"
            )
            value = Runs(found["share"], found["least"], found["share"], each["repeats"])
            made.append(Row(f"{each['setting']}: {words}", "share of intervals", value, note=note))
    claims, seconds = (sum(each[name] for each in summaries) for name in ("claims", "seconds"))
    cost = 1000 * seconds / claims
    made.append(Row("everything, for each claim", "ms CPU", Runs(cost, cost, cost, claims)))
    return made


def _table(summaries: Sequence[dict[str, Any]]) -> str:
    """Return the table of docs/explanation/sampling-and-estimates.md."""
    heads = ("queue", "done", "reviews", "scores, pass rate", "critical errors", "weeks, channels")
    heads = (*heads, "differences", "changes together", "bias")
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    for each in summaries:
        low, high = (round(100 * share) for share in each["done"])
        cells = [f"{each[name]['share']:.3f}" if each[name] else "" for name in PARTS]
        bias = f"{each['scores']['bias']:+.1f}" if each["scores"] else ""
        done = f"{low} %" if low == high else f"{low}-{high} %"
        lines.append(f"| {each['setting']} | {done} | {each['reviews']:.0f} | {' | '.join(cells)} | {bias} |")
    return "\n".join(lines)


def _pooled(summaries: Sequence[dict[str, Any]]) -> str:
    """Return the coverage over all settings in which what is skipped is skipped at random."""
    honest = [each for each in summaries if "low ones skipped" not in each["setting"]]
    lines = []
    for name, words in PARTS.items():
        found = [each[name] for each in honest if each[name]]
        shown = sum(each["shown"] for each in found)
        share = sum(each["share"] * each["shown"] for each in found) / shown
        error = sum((each["error"] * each["shown"]) ** 2 for each in found) ** 0.5 / shown
        lines.append(f"{words}: {share:.3f} of {shown} intervals, standard error {error:.3f}")
    without = sum(each["without_width"] for each in summaries)
    return "\n".join([*lines, f"intervals without width while something waits: {without}"])


if __name__ == "__main__":
    main()
