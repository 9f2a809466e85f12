"""The long-running processes of QM as the supervisor starts them; each module imports only what it needs."""

import http.client
import json
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from functools import partial

from infra.supervisor import Process
from workers.thread_limits import ONE_THREAD

# prometheus_client decides at import whether processes share their counts, so it is set from outside.
METRICS_FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"


def web(address: str, metrics_folder: str, environment: Mapping[str, str]) -> Process:
    """Describe the web server; it is ready when its health check passes."""
    shared = {**ONE_THREAD, **environment, METRICS_FOLDER_VARIABLE: metrics_folder}
    return Process("web", _module_command("infra.web"), shared, partial(is_healthy, f"{address}/healthz"))


def workers(count: int, environment: Mapping[str, str]) -> list[Process]:
    """Describe the scoring workers, the learner, the deliverer of webhooks and the scheduler."""
    environment = {**ONE_THREAD, **environment}
    scoring = [
        Process(f"worker-{number}", _module_command("infra.worker"), environment)
        for number in range(1, count + 1)
    ]
    learner = Process("learner", _module_command("infra.learner"), environment)
    deliverer = Process("deliverer", _module_command("infra.deliverer"), environment)
    return [
        *scoring,
        learner,
        deliverer,
        Process("schedule", _module_command("infra.scheduler"), environment),
    ]


def _module_command(name: str) -> list[str]:
    return [sys.executable, "-P", "-m", name]


def is_healthy(url: str) -> bool:
    """Tell whether QM answers at an address with status 200; quick, as a readiness check must be."""
    try:
        with urllib.request.urlopen(url, timeout=1) as answer:  # noqa: S310 - our own address
            return bool(answer.status == 200) and "status" in json.load(answer)
    except (urllib.error.URLError, http.client.HTTPException, OSError, ValueError):
        return False
