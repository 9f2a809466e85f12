"""`make bench`: measures QM against bare limits on this machine and writes loadtests/results/*.json."""

import argparse
import time
from pathlib import Path

import ingest
import judging
import reports
import scoring
from benchmark_results import RESULTS, print_table, write_results
from installation import temporary_installation


def main() -> None:
    """Run what was asked for, one after the other, each in an installation of its own."""
    arguments = _arguments()
    benchmarks = {
        "ingest": lambda installation: ingest.measure(
            installation, runs=arguments.runs, count=arguments.interactions
        ),
        "scoring": lambda installation: scoring.measure(
            installation, runs=arguments.runs, count=arguments.backlog, memory=arguments.memory
        ),
        "reports": lambda installation: reports.measure(
            installation, runs=arguments.runs, sizes=arguments.stored
        ),
        "judging": lambda installation: judging.measure(
            installation, runs=arguments.runs, count=arguments.judged
        ),
    }
    for name in arguments.only or benchmarks:
        began = time.monotonic()
        with temporary_installation() as installation:
            rows = benchmarks[name](installation)
        print_table(name, rows)
        path = write_results(name, rows, arguments.results)
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
