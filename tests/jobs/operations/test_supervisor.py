import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from infra import process_commands as processes
from infra.embedded.server_processes import still_alive
from tests.waiting import PATIENCE, wait_until

ROOT = Path(__file__).resolve().parents[3]
# Supervises two programs given as Python text; says "ready" on standard output.
SUPERVISOR = """
import sys
from infra import supervisor
from infra.supervisor import Process, supervise
supervisor._FIRST_DELAY = 0.05
grace, *texts = sys.argv[1:]
programs = [Process(f"program-{n}", [sys.executable, "-c", text]) for n, text in enumerate(texts)]
sys.exit(supervise(programs, on_ready=lambda: print("ready", flush=True), grace=float(grace)))
"""
OBEDIENT = "import time; time.sleep(600)"
# Says "deaf" as soon as it is, and "asked" when it is asked to end.
STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, lambda *_: print("asked", flush=True))
print("deaf", flush=True)
time.sleep(600)
"""
WITH_CHILD = "import subprocess; subprocess.run(['sleep', '601'], start_new_session=True)"


@pytest.fixture
def supervised():
    started = []

    def start(*texts, grace=PATIENCE):
        process = subprocess.Popen(
            [sys.executable, "-c", SUPERVISOR, str(grace), *texts],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate(timeout=PATIENCE)


def ready(supervisor, *said):
    """Wait until the supervisor is ready and its programs have said so much, in whatever order."""
    lines = [supervisor.stdout.readline() for _ in range(1 + len(said))]
    assert sorted(lines) == sorted(f"{line}\n" for line in ("ready", *said))
    return psutil.Process(supervisor.pid)


def is_guard(child):
    try:
        return "infra.supervisor" in child.cmdline()
    except (psutil.NoSuchProcess, psutil.ZombieProcess):  # killed, and not buried yet
        return False


def programs(process):
    return [child for child in process.children() if not is_guard(child)]


def gone(processes):
    return still_alive(processes, PATIENCE) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_first_signal_stops_all_programs_gracefully(supervised, number):
    supervisor = supervised(OBEDIENT, OBEDIENT)
    family = ready(supervisor).children(recursive=True)
    supervisor.send_signal(number)
    assert supervisor.wait(timeout=PATIENCE) == 0
    assert gone(family)


def test_a_program_that_does_not_end_is_killed_after_the_grace_period(supervised):
    supervisor = supervised(STUBBORN, grace=2.0)
    family = ready(supervisor, "deaf").children(recursive=True)
    began = time.monotonic()
    supervisor.terminate()
    assert supervisor.wait(timeout=PATIENCE) == 0
    assert time.monotonic() - began >= 2.0
    assert supervisor.stdout.read() == "asked\n"
    assert "killing what has not ended" in supervisor.stderr.read()
    assert gone(family)


def test_the_second_signal_kills_at_once(supervised):
    supervisor = supervised(STUBBORN, grace=10 * PATIENCE)
    family = ready(supervisor, "deaf").children(recursive=True)
    supervisor.send_signal(signal.SIGINT)
    assert supervisor.stdout.readline() == "asked\n"
    supervisor.send_signal(signal.SIGINT)
    supervisor.wait(timeout=PATIENCE)
    assert gone(family)


def test_a_killed_program_is_started_again(supervised):
    supervisor = supervised(OBEDIENT, OBEDIENT)
    process = ready(supervisor)
    before = {program.pid for program in programs(process)}
    victim = min(before)
    os.kill(victim, signal.SIGKILL)
    wait_until(lambda: len({program.pid for program in programs(process)} - {victim}) == 2)
    supervisor.terminate()
    assert supervisor.wait(timeout=PATIENCE) == 0
    assert "program-" in supervisor.stderr.read()


def test_supervisor_gives_up_on_crash_looping_program(supervised):
    supervisor = supervised("import time; time.sleep(0.05)", "raise SystemExit(3)")
    _, errors = supervisor.communicate(timeout=PATIENCE)
    assert supervisor.returncode == 1
    assert "giving up" in errors
    assert "exit code 3" in errors


def test_programs_and_descendants_end_with_killed_supervisor(supervised):
    supervisor = supervised(OBEDIENT, WITH_CHILD)
    process = ready(supervisor)
    wait_until(lambda: len(process.children(recursive=True)) == 4)
    family = process.children(recursive=True)
    supervisor.kill()
    assert gone(family)


def test_a_killed_guard_is_replaced_and_knows_the_running_programs(supervised):
    supervisor = supervised(OBEDIENT)
    process = ready(supervisor)
    guard = next(filter(is_guard, process.children()))
    guard.kill()
    wait_until(lambda: any(is_guard(child) for child in process.children() if child != guard))
    family = process.children(recursive=True)
    supervisor.kill()
    assert gone(family)


def test_worker_processes_include_learner_and_scheduler():
    found = processes.workers(2, {})

    assert [each.name for each in found] == ["worker-1", "worker-2", "learner", "deliverer", "schedule"]
    assert [each.command[-1] for each in found[2:]] == ["infra.learner", "infra.deliverer", "infra.scheduler"]


def test_processes_default_to_one_openmp_thread_unless_overridden():
    for given, wanted in (({}, "1"), ({"OMP_NUM_THREADS": "4"}, "4")):
        found = [processes.web("http://127.0.0.1:1", "/nowhere", given), *processes.workers(1, given)]
        assert {each.environment["OMP_NUM_THREADS"] for each in found} == {wanted}
        assert {each.environment["OPENBLAS_NUM_THREADS"] for each in found} == {"1"}
