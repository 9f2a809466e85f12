"""Every report over HTTP with few and many stored interactions: most read sums, so time must not grow."""

import json
import time
from collections.abc import Mapping, Sequence
from statistics import quantiles

from benchmark_results import Row, Runs
from installation import HERE, Connection, Installation

GROUPED = ("empathy", "overview", "sla", "sentiment")
REPORTS = (
    *GROUPED,
    *("friction", "outcomes", "targets", "moments", "agreement", "fairness", "retention", "coverage"),
    *("empowerment", "workload", "agents", "calibration", "health"),
)
MONTHS = (
    *(f"from=2025-{month:02d}-01&to=2025-{month:02d}-30" for month in (9, 10, 11, 12)),
    *(f"from=2026-{month:02d}-01&to=2026-{month:02d}-28" for month in (1, 2, 3, 4, 5, 6, 7)),
)
GROUPINGS = (*[""] * 4, *["&group_by=week"] * 4, *["&group_by=program"] * 3)
ROUNDS = 6
REVIEWED = 1_000
GOAL = 1.5
MAX_MILLISECONDS = 50.0
_CHUNK_SIZE = 100_000


def measure(installation: Installation, *, runs: int, sizes: Sequence[int]) -> list[Row]:
    """Store more each time, request a month's reports, and compare p95 with most and with least stored."""
    measured: dict[int, Mapping[str, Runs]] = {}
    stored = 0
    with installation.up(workers=0) as address:
        for size in sorted(sizes):
            _store(installation, stored, size)
            stored = size
            measured[size] = _latencies(installation, address, runs)
    least, most = min(measured), max(measured)
    rows: list[Row] = []
    for report in REPORTS:
        late, early = measured[most][report], measured[least][report]
        name = f"{report}, p95, {most:,} stored"
        rows += [
            Row(name, "ms", late, early, f"the same with {least:,} stored", GOAL, at_most=True),
            Row(
                f"{report}, p95, {least:,} stored, against {MAX_MILLISECONDS:.0f} ms",
                "ms",
                early,
                _limit(),
                "fixed",
                1.0,
                at_most=True,
            ),
        ]
    return rows


def _limit() -> Runs:
    return Runs(MAX_MILLISECONDS, MAX_MILLISECONDS, MAX_MILLISECONDS, 1)


def _latencies(installation: Installation, address: str, runs: int) -> dict[str, Runs]:
    """Return p95 in milliseconds of each report on one connection, `runs` times."""
    connection = Connection(address, installation.key)
    _check(installation, connection)
    found: dict[str, list[float]] = {report: [] for report in REPORTS}
    for number in range(runs + 1):
        for report in REPORTS:
            path = f"/v1/clients/{installation.slug}/reports/{report}"
            periods = [
                month + (grouping if report in GROUPED else "")
                for month, grouping in zip(MONTHS, GROUPINGS, strict=True)
            ]
            milliseconds = [
                _milliseconds(connection, f"{path}?{period}") for _ in range(ROUNDS) for period in periods
            ]
            if number:  # the first round only warms caches and plans
                found[report].append(quantiles(milliseconds, n=20)[18])
    connection.close()
    return {report: Runs.of(values) for report, values in found.items()}


def _check(installation: Installation, connection: Connection) -> None:
    """Make sure that there is something to report."""
    path = f"/v1/clients/{installation.slug}/reports/empathy?from=2025-09-01&to=2026-08-31"
    found = json.loads(connection.send("GET", path))
    if found["reviewed"] != REVIEWED or found["empathy"]["status"] != "verified":
        raise RuntimeError(f"nothing to report: {found['reviewed']} reviewed, {found['empathy']}")


def _milliseconds(connection: Connection, path: str) -> float:
    began = time.perf_counter()
    connection.send("GET", path)
    return (time.perf_counter() - began) * 1000


def _store(installation: Installation, stored: int, size: int) -> None:
    """Store up to `size` scored interactions, a thousand of them reviewed, and make the daily sums."""
    owner = {"tenant": installation.tenant_id, "client": installation.client_id}
    statement = (HERE / "stored.sql").read_text()
    with installation.admin() as connection:
        connection.execute("set session_replication_role = replica")  # generated rows need no triggers
        for start in range(stored, size, _CHUNK_SIZE):
            connection.execute(
                statement, {**owner, "first": start + 1, "last": min(size, start + _CHUNK_SIZE)}
            )
        connection.execute("delete from reviews")
        connection.execute("delete from evaluations")
        connection.execute((HERE / "reviewed.sql").read_text(), owner)
    for driver in ("rebuild_rollups", "sum_friction"):
        installation.driver(driver, "--tenant", installation.tenant_id, "--client", installation.client_id)
    with installation.admin() as connection:
        connection.execute("vacuum analyze")
        connection.execute("checkpoint")
