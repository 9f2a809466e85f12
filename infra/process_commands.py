"""How the long-running processes of QM are started; each is a module of its own that loads only its half."""

import http.client
import json
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from functools import partial

from infra.supervisor import Process
from workers.thread_limits import ONE_THREAD

# prometheus_client decides at import whether processes add up their counts, so it is set from outside.
SHARED_METRICS = "PROMETHEUS_MULTIPROC_DIR"


def web(address: str, metrics_folder: str, environment: Mapping[str, str]) -> Process:
    """Describe the web server; it is ready when it answers."""
    shared = {**ONE_THREAD, **environment, SHARED_METRICS: metrics_folder}
    return Process("web", _module("infra.web"), shared, partial(answers, f"{address}/healthz"))


def workers(count: int, environment: Mapping[str, str]) -> list[Process]:
    """Describe the scoring workers, and the learner and the schedule that go with them."""
    environment = {**ONE_THREAD, **environment}
    scoring = [
        Process(f"worker-{number}", _module("infra.worker"), environment) for number in range(1, count + 1)
    ]
    learner = Process("learner", _module("infra.learner"), environment)
    return [*scoring, learner, Process("schedule", _module("infra.scheduler"), environment)]


def _module(name: str) -> list[str]:
    return [sys.executable, "-P", "-m", name]


def answers(url: str) -> bool:
    """Tell whether QM answers well at an address; it must be quick."""
    try:
        with urllib.request.urlopen(url, timeout=1) as answer:  # noqa: S310 - our own address
            return bool(answer.status == 200) and "status" in json.load(answer)
    except (urllib.error.URLError, http.client.HTTPException, OSError, ValueError):
        return False
