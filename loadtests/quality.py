"""`make bench-quality`: how well QM judges real sentences, beside published figures and a plain pipeline.

Needs the MAIA dialogues in QM_REALDATA; without them it says so and measures nothing. Each part runs as a
process of its own.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import quality_tables
from benchmark_results import HERE, RESULTS, write_results

ROOT = HERE.parent
DATA = Path(os.environ.get("QM_REALDATA") or ROOT.parent / "shared" / "data") / "maia"
PARTS = ("within", "unseen", "curve", "seconds")


def main() -> None:
    """Measure every part, print the tables and write the rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of the JSON file")
    arguments = parser.parse_args()
    if not DATA.is_dir():
        sys.exit(f"the real data is not here: {DATA} (QM_REALDATA)")
    began = time.monotonic()
    found = {part: _measure(part) for part in PARTS}
    for table in quality_tables.tables(found):
        print(f"\n{table}")
    path = write_results("quality", quality_tables.rows(found), arguments.results)
    print(f"\n{time.monotonic() - began:.0f} s, written to {path}", flush=True)


def _measure(part: str) -> Sequence[dict[str, Any]]:
    began = time.monotonic()
    one_thread = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    finished = subprocess.run(
        [sys.executable, "-m", "tests.realdata.quality", str(DATA), part],
        cwd=ROOT,
        env={**os.environ, **one_thread},
        stdout=subprocess.PIPE,
        check=True,
    )
    print(f"{part}: {time.monotonic() - began:.0f} s", flush=True)
    found: Sequence[dict[str, Any]] = json.loads(finished.stdout)
    return found


if __name__ == "__main__":
    main()
