"""The speed of judging by rules, learned questions and sentiment, against simpler ways on the same words."""

import json
import os
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmark_results import HERE, Row, Runs
from installation import Installation

LABELS = 2_400
MODEL_MEMORY = 256.0
MINILM = "QM_BENCH_MINILM"
MINILM_PYTHON = "QM_BENCH_MINILM_PYTHON"
MIN_INTERACTIONS_A_SECOND = 400.0
MAX_COST_RATIO = 1.3
MAX_TURN_MILLISECONDS = 10.0
_MIB = 2**20


def measure(_: Installation, *, runs: int, count: int) -> list[Row]:
    """Run the drivers, each in a process of its own and on one thread."""
    found = _run_driver(
        sys.executable,
        *("judge_speed", "--interactions", str(count), "--labels", str(LABELS), "--runs", str(runs)),
    )
    rows = [*_speed_rows(found), *_comparison_rows(found), *_size_rows(found)]
    return [*rows, *_minilm_rows(found, runs=runs)]


def _speed_rows(found: dict[str, Any]) -> list[Row]:
    stack = Runs.of(found["stack"])
    many, few = (Runs.of([1000 / rate for rate in found[name]]) for name in ("stack", "few"))
    turns = sorted(found["turns"])
    repeats = f"{100 * found['repeated']:.0f} % of the sentences are repeats; every conversation is new"
    return [
        Row(
            "stack of 40 questions with letters, warm",
            "interactions/CPU s",
            stack,
            Runs.of([MIN_INTERACTIONS_A_SECOND]),
            "the sum of the reference's parts",
            1.0,
            note=repeats,
        ),
        Row(
            "the same, on a process that has heard nothing",
            "interactions/CPU s",
            Runs.of(found["cold"]),
            stack,
        ),
        Row(
            "40 questions against 8",
            "CPU ms",
            many,
            few,
            "8 questions",
            MAX_COST_RATIO,
            at_most=True,
        ),
        Row(
            "rules of 40 questions and the lexicon alone",
            "interactions/CPU s",
            Runs.of(found["rules"]),
            stack,
        ),
        Row(
            "judged anew after each of 20 turns, p95",
            "ms",
            Runs.of([turns[int(0.95 * len(turns))]]),
            Runs.of([MAX_TURN_MILLISECONDS]),
            "an assistant's patience",
            1.0,
            at_most=True,
            note=f"{len(turns):,} turns, median {statistics.median(turns):.1f} ms",
        ),
    ]


def _comparison_rows(found: dict[str, Any]) -> list[Row]:
    stack = Runs.of(found["stack"])
    names = {
        "vader": "VADER on every turn",
        "words": "scikit-learn, TF-IDF of words, 40 heads, 100 at once",
        "letters": "scikit-learn, TF-IDF of words and letters, 40 heads",
    }
    return [
        Row(f"stack against {label}", "interactions/CPU s", stack, Runs.of(found[name]), label)
        for name, label in names.items()
    ]


def _size_rows(found: dict[str, Any]) -> list[Row]:
    stated, taken = found["stated_bytes"] / _MIB, found["resident_bytes"] / _MIB
    return [
        Row(
            "learning 40 and 8 questions from 2,400 labels each", "CPU s", Runs.of([found["fitting_seconds"]])
        ),
        Row("artefact of 40 questions", "MiB", Runs.of([found["artefact_bytes"] / _MIB])),
        Row(
            "memory of 50 clients' models, all in use",
            "MiB",
            Runs.of([taken]),
            Runs.of([stated]),
            "what they say they take at most",
            1.0,
            at_most=True,
            note=f"{int(50 * MODEL_MEMORY / stated)} fit into the {MODEL_MEMORY:.0f} MiB of QM_MODEL_MEMORY",
        ),
    ]


def _minilm_rows(found: dict[str, Any], *, runs: int) -> list[Row]:
    folder = Path(os.environ.get(MINILM, ""))
    if not os.environ.get(MINILM) or not (folder / "model_int8.onnx").is_file():
        print(f"  MiniLM is left out: {MINILM} names no folder with model_int8.onnx and tokenizer.json")
        return []
    python = os.environ.get(MINILM_PYTHON, sys.executable)
    rates = _run_driver(python, "minilm_speed", str(folder), "--interactions", "20", "--runs", str(runs))[
        "minilm"
    ]
    label = "MiniLM-L6 int8 ONNX, embedding every turn"
    return [
        Row(f"stack against {label}", "interactions/CPU s", Runs.of(found["stack"]), Runs.of(rates), label)
    ]


def _run_driver(python: str, name: str, *arguments: str) -> dict[str, Any]:
    one_thread = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    finished = subprocess.run(
        [python, str(HERE / "drivers" / f"{name}.py"), *arguments],
        env={**os.environ, **one_thread},
        stdout=subprocess.PIPE,
        check=True,
    )
    printed: dict[str, Any] = json.loads(finished.stdout)
    return printed
