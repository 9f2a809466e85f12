"""Runs our programs in forks of one process that has imported them all: an import takes a second or two.

Each is a process of its own, with its own session, environment, directory and files; what a start imports is
tested elsewhere. `python -m tests.jobs.forked_programs` reads one request a line and answers with one line.
It opens nothing and starts no thread, so that a fork has nothing of its siblings.
"""

import atexit
import gc
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import psutil

from infra import deliverer, learner, scheduler, worker
from infra.cli import COMMANDS, main
from scorecards.autoscore.engine import shared_annotator
from tests.waiting import PATIENCE, wait_until

ROOT = Path(__file__).resolve().parents[2]


def _hurried_learner() -> None:
    """Be a learner that yields to nobody: beside other work it would be waited for without end."""
    learner._NICENESS = 0
    learner.main()


PROGRAMS: Mapping[str, Callable[[Sequence[str]], object]] = {
    "qm": lambda arguments: main.main(arguments, prog_name="qm"),
    "worker": lambda _: worker.main(),
    "learner": lambda _: _hurried_learner(),
    "deliverer": lambda _: deliverer.main(),
    "scheduler": lambda _: scheduler.main(),
}


class ForkedProcess:
    """A forked process, which is used as a `subprocess.Popen` is."""

    def __init__(self, programs: "ForkedPrograms", pid: int) -> None:
        self.pid, self.returncode = pid, None
        self._programs = programs

    def poll(self) -> int | None:
        """Return how it ended, if it has."""
        if self.returncode is None:
            self.returncode = self._programs.ask({"ended": self.pid})
        return self.returncode

    def wait(self, timeout: float = PATIENCE) -> int:
        """Wait until it has ended, and return how."""
        wait_until(lambda: self.poll() is not None, seconds=timeout)
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended: its number may be another's by now."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)


class ForkedPrograms:
    """The process of which every program is a fork; started with the first."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def start(
        self,
        program: str,
        *arguments: Any,
        env: Mapping[str, str],
        output: Path,
        errors: Path | None = None,
        stdin: Path = Path(os.devnull),
        cwd: Path = ROOT,
    ) -> ForkedProcess:
        """Start one of the programs; what it says is appended to the files."""
        request = {
            "program": program,
            "arguments": list(map(str, arguments)),
            "env": dict(env),
            "files": list(map(str, (stdin, output, errors or output))),
            "cwd": str(cwd),
        }
        return ForkedProcess(self, self.ask(request))

    def run(
        self, arguments: Any, *, env: Mapping[str, str], stdin: str | None = None, cwd: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run one command of `qm` to its end."""
        with tempfile.TemporaryDirectory() as folder:
            given, out, err = (Path(folder, name) for name in ("stdin", "stdout", "stderr"))
            given.write_text(stdin or "", encoding="utf-8")
            files = {"stdin": given, "output": out, "errors": err}
            command = self.start("qm", *arguments, env=env, cwd=cwd or Path.cwd(), **files)
            status = command.wait()
            said = [written.read_bytes().decode() for written in (out, err)]
        return subprocess.CompletedProcess(arguments, status, *said)

    def ask(self, request: dict[str, Any]) -> Any:
        """Have the process of which all are forks answer a request."""
        if self._process is None:
            command = [sys.executable, "-m", "tests.jobs.forked_programs"]
            pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
            # What interrupts the tests must leave it to end the forks when the tests say so.
            self._process = subprocess.Popen(command, cwd=ROOT, text=True, start_new_session=True, **pipes)
        print(json.dumps(request), file=self._process.stdin, flush=True)
        return json.loads(self._process.stdout.readline())

    def end(self) -> None:
        """End the process, and every fork that is left."""
        if self._process is not None:
            self._process.stdin.close()
            self._process.stdout.close()
            self._process.wait()


def _serve() -> None:
    for module, _ in COMMANDS.values():
        import_module(module)
    shared_annotator()
    gc.collect()
    gc.freeze()
    assert psutil.Process().num_threads() == 1, "a fork would lack the other threads"
    forks = set()
    for line in sys.stdin:
        request = json.loads(line)
        if "ended" in request:
            answer = _ended(request["ended"])
            if answer is not None:
                forks.discard(request["ended"])
        else:
            answer = os.fork()
            if answer == 0:
                _run(request)
            forks.add(answer)
        print(json.dumps(answer), flush=True)
    for pid in forks:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def _ended(pid: int) -> int | None:
    found, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if found else None


def _run(request: dict[str, Any]) -> None:
    status = 1
    try:
        os.setsid()
        _take_files(*request["files"])
        os.chdir(request["cwd"])
        os.environ.clear()
        os.environ.update(request["env"])
        PROGRAMS[request["program"]](request["arguments"])
        status = 0
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:  # noqa: BLE001 - as the interpreter does at its end
        sys.excepthook(*sys.exc_info())
    finally:
        # As the interpreter ends: first the threads, then what was to be called.
        threading._shutdown()
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _take_files(*paths: str) -> None:
    """Open a process's three files in place of the pipes to the tests."""
    ways = (os.O_RDONLY, *[os.O_WRONLY | os.O_CREAT | os.O_APPEND] * 2)
    for number, (path, way) in enumerate(zip(paths, ways, strict=True)):
        opened = os.open(path, way, 0o666)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin = os.fdopen(0, "r", encoding="utf-8")
    sys.stdout = os.fdopen(1, "w", encoding="utf-8")
    sys.stderr = os.fdopen(2, "w", buffering=1, encoding="utf-8", errors="backslashreplace")


if __name__ == "__main__":
    _serve()
