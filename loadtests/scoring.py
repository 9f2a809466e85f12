"""Scoring workers against the same judge in a bare loop, two workers against one, and their memory."""

import contextlib
import time
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import psutil
from benchmark_results import Row, Runs
from conversations import interactions, ndjson
from installation import BUNDLE, Connection, Installation

SLICE = 500
GOAL = 0.95
GOAL_TWO_WORKERS = 1.8
GOAL_MEMORY = 1.1
_POLL_SECONDS = 0.02
_TIMEOUT_SECONDS = 300.0


def measure(installation: Installation, *, runs: int, count: int, memory: int) -> list[Row]:
    """Let the workers score a backlog `runs` times, and judge the same in a bare loop in between."""
    rows: list[Row] = []
    bare, one, two = [], [], []
    cpu_bare, cpu_worker = [], []
    with installation.up(workers=0) as address:
        _push(installation, address, count, seed=2, prefix="b")
        for _ in range(runs):
            loop = _bare_loop(installation)
            bare.append(loop["judged"] / loop["seconds"])
            cpu_bare.append(loop["judged"] / loop["cpu_seconds"])
            rate, cpu = _score(installation, count, workers=1)
            one.append(rate)
            cpu_worker.append(cpu)
            two.append(_score(installation, count, workers=2)[0])
        rows += _rows(Runs.of(bare), Runs.of(one), Runs.of(two), Runs.of(cpu_bare), Runs.of(cpu_worker))
        if memory:
            rows.append(_memory(installation, address, memory))
    return rows


def _rows(bare: Runs, one: Runs, two: Runs, cpu_bare: Runs, cpu_worker: Runs) -> list[Row]:
    return [
        Row(
            "one worker, claimed to committed",
            "interactions/s",
            one,
            bare,
            "the same judge in a bare loop",
            GOAL,
        ),
        Row("two workers against one", "interactions/s", two, one, "one worker", GOAL_TWO_WORKERS),
        Row("bare loop, a CPU second", "interactions", cpu_bare),
        Row("one worker, a CPU second of its own", "interactions", cpu_worker, cpu_bare, "the bare loop's"),
    ]


def _bare_loop(installation: Installation) -> dict[str, Any]:
    return installation.driver(
        "bare_judge",
        *("--database", installation.admin_database_url, "--client", installation.client_id),
        *("--bundle", str(BUNDLE), "--warm", str(SLICE)),
    )


def _push(installation: Installation, address: str, count: int, *, seed: int, prefix: str) -> None:
    connection = Connection(address, installation.key)
    path = f"/v1/clients/{installation.slug}/interactions/bulk"
    generated = interactions(count, seed=seed, prefix=prefix)
    for start in range(0, count, SLICE):
        connection.send("POST", path, ndjson(generated[start : start + SLICE]), "application/x-ndjson")
    connection.close()


def _score(installation: Installation, count: int, *, workers: int) -> tuple[float, float]:
    """Score the whole backlog again.

    Returns interactions a second and a CPU second of the workers, both from the first commit to the last, so
    that the start of the processes does not count.
    """
    _reset(installation)
    with contextlib.ExitStack() as stack:
        started = [stack.enter_context(installation.worker()) for _ in range(workers)]
        processes = [psutil.Process(each.pid) for each in started]
        progress = _watch(installation, count, processes)
    first = next(each for each in progress if each[1] >= SLICE * workers)
    last = progress[-1]
    judged = last[1] - first[1]
    return judged / (last[0] - first[0]), judged / (last[2] - first[2])


def _reset(installation: Installation) -> None:
    """Return every interaction to the state after its push, and delete the results of the last run."""
    with installation.admin() as connection:
        connection.execute("truncate evaluations, reviews, interaction_facts, daily_rollups cascade")
        connection.execute(
            "update interactions set state = 'pending', attempts = 0, claim_token = null, lease_until = null"
        )
        connection.execute("vacuum analyze interactions")
        connection.execute("checkpoint")


def _watch(
    installation: Installation, count: int, processes: Sequence[psutil.Process]
) -> list[tuple[float, int, float]]:
    """Return times with how many were scored by then and the CPU seconds the workers had used."""
    progress: list[tuple[float, int, float]] = []
    deadline = time.perf_counter() + _TIMEOUT_SECONDS + count / 100
    with installation.admin() as connection:
        while not progress or progress[-1][1] < count:
            scored = _scored(connection)
            if not progress or scored != progress[-1][1]:
                progress.append((time.perf_counter(), scored, sum(map(_cpu_seconds, processes))))
            if time.perf_counter() > deadline:
                raise RuntimeError(f"only {scored} of {count} interactions were scored in time")
            time.sleep(_POLL_SECONDS)
    return progress


def _scored(connection: Any) -> int:
    return int(connection.execute("select count(*) from evaluations where kind = 'automatic'").fetchone()[0])


def _cpu_seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _memory(installation: Installation, address: str, count: int) -> Row:
    """Compare a worker's memory after a tenth of `count` with that after all of it."""
    installation.clear()
    _push(installation, address, count, seed=3, prefix="m")
    resident: list[tuple[int, float]] = []
    with installation.worker() as process, installation.admin() as connection:
        worker = psutil.Process(process.pid)
        while not resident or resident[-1][0] < count:
            resident.append((_scored(connection), worker.memory_info().rss / 2**20))
            time.sleep(0.5)
    early = next(size for scored, size in resident if scored >= count // 10)
    late = max(size for (scored, _), (_, size) in pairwise(resident) if scored >= count // 10)
    return Row(
        f"worker's memory, most after {count:,} scored",
        "MiB",
        Runs.of([late]),
        Runs.of([early]),
        f"after {count // 10:,}",
        GOAL_MEMORY,
        at_most=True,
        note="one run",
    )
