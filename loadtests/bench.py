"""`make bench`: measures QM against bare limits on this machine and writes loadtests/results/*.json."""

import argparse
import time
from pathlib import Path

import ingest
import judging
import reports
import scoring
from installation import installed
from measured import RESULTS, keep, show


def main() -> None:
    """Run what was asked for, one after the other, each in an installation of its own."""
    asked = _arguments()
    benchmarks = {
        "ingest": lambda where: ingest.measure(where, runs=asked.runs, count=asked.interactions),
        "scoring": lambda where: scoring.measure(
            where, runs=asked.runs, count=asked.backlog, memory=asked.memory
        ),
        "reports": lambda where: reports.measure(where, runs=asked.runs, sizes=asked.stored),
        "judging": lambda where: judging.measure(where, runs=asked.runs, count=asked.judged),
    }
    for name in asked.only or benchmarks:
        began = time.monotonic()
        with installed() as installation:
            rows = benchmarks[name](installation)
        show(name, rows)
        path = keep(name, rows, asked.results)
        print(f"  {time.monotonic() - began:.0f} s, written to {path}", flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "only", nargs="*", choices=["ingest", "scoring", "reports", "judging", []], help="all when left out"
    )
    parser.add_argument("--runs", type=int, default=3, help="runs behind each number (default 3)")
    parser.add_argument("--interactions", type=int, default=20_000, help="pushed in one run (default 20,000)")
    parser.add_argument("--backlog", type=int, default=5_000, help="waiting for the workers (default 5,000)")
    parser.add_argument("--judged", type=int, default=500, help="judged in one run (default 500)")
    parser.add_argument(
        "--memory", type=int, default=0, help="also score so many to watch memory, say 100000"
    )
    parser.add_argument(
        "--stored", type=int, nargs="+", default=[100_000, 1_000_000], help="sizes for reports"
    )
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of the JSON files")
    return parser.parse_args()


if __name__ == "__main__":
    main()
