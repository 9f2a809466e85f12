"""`python -m tests.realdata.quality FOLDER PART`: grades three classifiers on MAIA, as JSON."""

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

from tests.realdata import grading
from tests.realdata.grading import Grade
from tests.realdata.sentence_judges import Ways
from tests.realdata.sentences import Corpus, Task

SEEDS = (0, 1, 2)
SIZES = (25, 50, 100, 200, 400, 800)
TIMED = 2_400
TOGETHER = "all clients"

Part = tuple[np.ndarray, np.ndarray]
"""What is learned from and what is judged, as rows of a task."""


def main() -> None:
    """Print one JSON object: a list of grades, each with what it is the grade of."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("part", choices=sorted(_PARTS))
    asked = parser.parse_args()
    corpus = Corpus.read(asked.folder)
    ways = Ways(corpus)
    print(json.dumps([found for task in corpus.tasks() for found in _PARTS[asked.part](ways, task)]))


def within(ways: Ways, task: Task) -> Iterator[dict]:
    """Learn from four fifths of the dialogues, judge the others: all clients together, and each alone.

    Emotion is learned from all clients together in the product: there every dialogue is judged once a seed.
    """
    clients = sorted({item.client for item in task.items})
    for client in (TOGETHER, *clients):
        rows = np.array([n for n, item in enumerate(task.items) if client in {TOGETHER, item.client}])
        groups = [task.items[row].dialogue for row in rows]
        for seed in SEEDS:
            parts = [(rows[learn], rows[test]) for learn, test in grading.folds(groups, seed)]
            whole = task.name == "emotion" and client == TOGETHER
            yield from _graded(ways, task, parts if whole else parts[:1], client=client, seed=seed)


def unseen(ways: Ways, task: Task) -> Iterator[dict]:
    """Learn from two clients and judge the third."""
    for client in sorted({item.client for item in task.items}):
        own = np.array([item.client == client for item in task.items])
        yield from _graded(ways, task, [(np.flatnonzero(~own), np.flatnonzero(own))], client=client)


def curve(ways: Ways, task: Task) -> Iterator[dict]:
    """Learn from more and more labels of a client, judge the same dialogues of it."""
    for client in sorted({item.client for item in task.items}):
        rows = np.array([n for n, item in enumerate(task.items) if item.client == client])
        groups = [task.items[row].dialogue for row in rows]
        for seed in SEEDS:
            learn, test = next(grading.folds(groups, seed))
            for size in SIZES:
                if size <= len(learn):
                    parts = [(grading.part(rows[learn], size, seed), rows[test])]
                    yield from _graded(ways, task, parts, client=client, seed=seed, size=size)


def seconds(ways: Ways, task: Task) -> Iterator[dict]:
    """Take the processor's time for learning 2,400 labels, apart from reading the conversations."""
    every = np.arange(len(task.items))
    for seed in SEEDS:
        learn = grading.part(every, TIMED, seed)
        rest = np.setdiff1d(every, learn)[:1]
        ways.ours(task, learn, rest)
        began = time.process_time()
        ways.ours(task, learn, rest)
        yield {"task": task.name, "way": "ours", "seconds": time.process_time() - began, "seed": seed}


def _graded(ways: Ways, task: Task, parts: Sequence[Part], **of) -> Iterator[dict]:
    labels = [task.items[row].label for _, test in parts for row in test]
    learned_from = max(len(learn) for learn, _ in parts)
    for name, way in (("rules", ways.rules), ("plain", ways.plain), ("ours", ways.ours)):
        opinions = [opinion for learn, test in parts for opinion in way(task, learn, test)]
        grade = Grade.of(labels, opinions)
        yield {"task": task.name, "way": name, "learned_from": learned_from, **of, **asdict(grade)}


_PARTS = {each.__name__: each for each in (within, unseen, curve, seconds)}

if __name__ == "__main__":
    main()
