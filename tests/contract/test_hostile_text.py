"""Whoever sends text does not choose what a byte of it costs: the worst texts known, beside ordinary ones."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
MEASURE = """
import json, sys
sys.path[:0] = [sys.argv[1]]
import hostile_text
goals = hostile_text.MAX_RATIO, hostile_text.MIN_MASKED_MEGABYTES
print(json.dumps([hostile_text.measure(int(sys.argv[2])), *goals]))
"""


def measured(size):
    command = [sys.executable, "-c", MEASURE, str(ROOT / "loadtests"), str(size)]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )

    return json.loads(done.stdout)


def test_judging_costs_no_more_for_the_worst_text_than_a_few_times_as_much():
    found, most, _ = measured(10_000)
    usual = found.pop("ordinary")["judging"]
    dear = {name: each["judging"] / usual for name, each in found.items() if each["judging"] / usual > most}
    assert dear == {}
