"""The results of a benchmark: rows with median, least and most of the runs, printed and written as JSON."""

import json
import os
import platform
import statistics
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results"
_PACKAGES = (
    *("qm", "flask", "gunicorn", "waitress", "psycopg", "sqlalchemy", "msgspec", "marshmallow", "rq"),
    *("numpy", "scikit-learn"),
)


@dataclass(frozen=True, slots=True)
class Runs:
    """The same quantity measured several times."""

    median: float
    least: float
    most: float
    count: int

    @classmethod
    def of(cls, values: Sequence[float]) -> "Runs":
        """Summarise a list of measurements."""
        return cls(statistics.median(values), min(values), max(values), len(values))


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a result.

    `ratio` is `value` over `limit`; where `goal` is None the row is for information only. The goal is a
    minimum of the ratio, or its maximum where `at_most` is true.
    """

    name: str
    unit: str
    value: Runs
    limit: Runs | None = None
    limit_name: str | None = None
    goal: float | None = None
    at_most: bool = False
    note: str | None = None

    @property
    def ratio(self) -> float | None:
        """The value divided by its limit."""
        return None if self.limit is None or self.limit.median == 0 else self.value.median / self.limit.median

    @property
    def met(self) -> bool | None:
        """Whether the goal is reached; None where there is none."""
        if self.goal is None or self.ratio is None:
            return None
        return self.ratio <= self.goal if self.at_most else self.ratio >= self.goal

    def to_json(self) -> dict[str, Any]:
        """Return the row as it is written to the JSON file."""
        return {
            **asdict(self),
            "ratio": None if self.ratio is None else round(self.ratio, 3),
            "met": self.met,
        }


def write_results(name: str, rows: Sequence[Row], folder: Path = RESULTS) -> Path:
    """Write a benchmark's rows with the machine, versions and commit they were measured on."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    document = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": _machine(),
        "versions": {"python": platform.python_version(), **{each: version(each) for each in _PACKAGES}},
        "commit": _commit(),
        "rows": [row.to_json() for row in rows],
    }
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")
    return path


def print_table(name: str, rows: Sequence[Row]) -> None:
    """Print a benchmark's rows as a table."""
    print(f"\n{name}")
    print(f"  {'':<46} {'median':>10} {'least':>10} {'most':>10}  {'limit':>10} {'ratio':>6} {'goal':>7}")
    for row in rows:
        numbers = " ".join(
            f"{_format_number(each):>10}" for each in (row.value.median, row.value.least, row.value.most)
        )
        limit = _format_number(row.limit.median) if row.limit else ""
        ratio = f"{row.ratio:.2f}" if row.ratio is not None else ""
        goal = "" if row.goal is None else f"{'<=' if row.at_most else '>='}{row.goal:g}"
        met = {True: "met", False: "MISSED", None: ""}[row.met]
        print(f"  {f'{row.name} [{row.unit}]':<46} {numbers}  {limit:>10} {ratio:>6} {goal:>7} {met}")
        if row.note:
            print(f"      {row.note}")


def _format_number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.2f}"


def _machine() -> dict[str, Any]:
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "load_before": [round(each, 2) for each in os.getloadavg()],
    }


def _commit() -> str:
    revision = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=HERE, capture_output=True, text=True, check=False
    )
    dirty = subprocess.run(
        ["git", "status", "--porcelain", "--untracked-files=no"],
        cwd=HERE,
        capture_output=True,
        text=True,
        check=False,
    )
    if revision.returncode != 0:
        return "unknown"
    return revision.stdout.strip() + (" with changes" if dirty.stdout.strip() else "")
