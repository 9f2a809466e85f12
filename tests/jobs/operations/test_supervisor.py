import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from infra import processes
from infra.embedded.server_processes import still_alive

ROOT = Path(__file__).resolve().parents[3]
# Supervises two programs given as Python text; says "ready" on standard output.
SUPERVISOR = """
import sys
from infra.supervisor import Process, supervise
programs = [Process(f"program-{n}", [sys.executable, "-c", text]) for n, text in enumerate(sys.argv[1:])]
sys.exit(supervise(programs, on_ready=lambda: print("ready", flush=True), grace=3.0))
"""
OBEDIENT = "import time; time.sleep(60)"
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
WITH_CHILD = "import subprocess; subprocess.run(['sleep', '61'], start_new_session=True)"


@pytest.fixture
def supervised():
    started = []

    def start(*texts):
        process = subprocess.Popen(
            [sys.executable, "-c", SUPERVISOR, *texts],
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
        process.communicate(timeout=30)


def ready(supervisor):
    assert supervisor.stdout.readline() == "ready\n"
    return psutil.Process(supervisor.pid)


def is_guard(child):
    try:
        return "infra.supervisor" in child.cmdline()
    except (psutil.NoSuchProcess, psutil.ZombieProcess):  # killed, and not buried yet
        return False


def programs(process):
    return [child for child in process.children() if not is_guard(child)]


def gone(processes, seconds=10.0):
    return still_alive(processes, seconds) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_first_signal_stops_all_programs_gracefully(supervised, number):
    supervisor = supervised(OBEDIENT, OBEDIENT)
    family = ready(supervisor).children(recursive=True)
    supervisor.send_signal(number)
    assert supervisor.wait(timeout=10) == 0
    assert gone(family)


def test_a_program_that_does_not_end_is_killed_after_the_grace_period(supervised):
    supervisor = supervised(STUBBORN)
    family = ready(supervisor).children(recursive=True)
    began = time.monotonic()
    supervisor.terminate()
    assert supervisor.wait(timeout=10) == 0
    assert 2.5 < time.monotonic() - began < 6
    assert gone(family)


def test_the_second_signal_kills_at_once(supervised):
    supervisor = supervised(STUBBORN)
    family = ready(supervisor).children(recursive=True)
    began = time.monotonic()
    supervisor.send_signal(signal.SIGINT)
    time.sleep(0.3)
    supervisor.send_signal(signal.SIGINT)
    supervisor.wait(timeout=10)
    assert time.monotonic() - began < 2
    assert gone(family)


def test_a_killed_program_is_started_again(supervised):
    supervisor = supervised(OBEDIENT, OBEDIENT)
    process = ready(supervisor)
    before = {program.pid for program in programs(process)}
    victim = min(before)
    os.kill(victim, signal.SIGKILL)
    deadline = time.monotonic() + 5
    while len({program.pid for program in programs(process)} - {victim}) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    supervisor.terminate()
    assert supervisor.wait(timeout=10) == 0
    assert "program-" in supervisor.stderr.read()


def test_supervisor_gives_up_on_crash_looping_program(supervised):
    supervisor = supervised("import time; time.sleep(0.05)", "raise SystemExit(3)")
    _, errors = supervisor.communicate(timeout=30)
    assert supervisor.returncode == 1
    assert "giving up" in errors
    assert "exit code 3" in errors


def test_programs_and_descendants_end_with_killed_supervisor(supervised):
    supervisor = supervised(OBEDIENT, WITH_CHILD)
    process = ready(supervisor)
    deadline = time.monotonic() + 5
    while len(process.children(recursive=True)) < 4:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    family = process.children(recursive=True)
    supervisor.kill()
    assert gone(family)


def test_a_killed_guard_is_replaced_and_knows_the_running_programs(supervised):
    supervisor = supervised(OBEDIENT)
    process = ready(supervisor)
    guard = next(filter(is_guard, process.children()))
    guard.kill()
    deadline = time.monotonic() + 5
    while not any(is_guard(child) for child in process.children() if child != guard):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    family = process.children(recursive=True)
    supervisor.kill()
    assert gone(family)


def test_worker_processes_include_learner_and_scheduler():
    found = processes.workers(2, {})

    assert [each.name for each in found] == ["worker-1", "worker-2", "learner", "schedule"]
    assert [each.command[-1] for each in found[2:]] == ["infra.learner", "infra.scheduler"]


def test_processes_default_to_one_openmp_thread_unless_overridden():
    for given, wanted in (({}, "1"), ({"OMP_NUM_THREADS": "4"}, "4")):
        found = [processes.web("http://127.0.0.1:1", "/nowhere", given), *processes.workers(1, given)]
        assert {each.environment["OMP_NUM_THREADS"] for each in found} == {wanted}
        assert {each.environment["OPENBLAS_NUM_THREADS"] for each in found} == {"1"}
