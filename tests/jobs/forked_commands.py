"""Runs commands of `qm` in forks of one process that has imported them all: an import takes a second.

Each has its own environment, directory and files, as a process of its own would have; what a start imports is
tested elsewhere. `python -m tests.jobs.forked_commands` reads one request a line and answers with one line.
"""

import atexit
import json
import os
import subprocess
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any

from infra.cli import COMMANDS, main

ROOT = Path(__file__).resolve().parents[2]


class ForkedCommands:
    """The process of which every command is a fork; started with the first command."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def run(
        self, arguments: Any, *, env: dict[str, str], stdin: str | None = None, cwd: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run one command to its end."""
        if self._process is None:
            command = [sys.executable, "-m", "tests.jobs.forked_commands"]
            pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
            self._process = subprocess.Popen(command, cwd=ROOT, text=True, **pipes)
        request = {"arguments": list(map(str, arguments)), "env": env, "stdin": stdin or ""}
        request["cwd"] = str(cwd or Path.cwd())
        print(json.dumps(request), file=self._process.stdin, flush=True)
        answer = json.loads(self._process.stdout.readline())
        return subprocess.CompletedProcess(arguments, answer["status"], answer["stdout"], answer["stderr"])

    def end(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.stdin.close()
            self._process.stdout.close()
            self._process.wait()


def _serve() -> None:
    for module, _ in COMMANDS.values():
        import_module(module)
    for line in sys.stdin:
        with (
            tempfile.TemporaryFile() as given,
            tempfile.TemporaryFile() as out,
            tempfile.TemporaryFile() as err,
        ):
            request = json.loads(line)
            given.write(request["stdin"].encode())
            given.seek(0)
            pid = os.fork()
            if pid == 0:
                _run(request, given.fileno(), out.fileno(), err.fileno())
            status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
            said = {}
            for name, written in (("stdout", out), ("stderr", err)):
                written.seek(0)
                said[name] = written.read().decode()
        print(json.dumps({"status": status, **said}), flush=True)


def _run(request: dict[str, Any], *files: int) -> None:
    for number, file in enumerate(files):
        os.dup2(file, number)
    sys.stdin, sys.stdout, sys.stderr = (
        os.fdopen(number, mode, encoding="utf-8") for number, mode in enumerate("rww")
    )
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["env"])
    status = 1
    try:
        main.main(request["arguments"], prog_name="qm")
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:  # noqa: BLE001 - as the interpreter does at its end
        sys.excepthook(*sys.exc_info())
    finally:
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    _serve()
