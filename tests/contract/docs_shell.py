"""Runs the commands of the documentation as a reader would: block after block, in one shell."""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.waiting import PATIENCE


@dataclass(frozen=True)
class Shell:
    """A folder and an environment in which blocks are run."""

    folder: Path
    environment: dict[str, str]

    def run(self, blocks, *after):
        """Run the blocks in order in one bash that ends at the first failure; return what it printed."""
        script = "\n".join([f"set -euo pipefail\n# {blocks[0]}", *(block.text for block in blocks), *after])
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == 0, f"{blocks[0]}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout


def shell(folder, port):
    """Return a shell that knows `qm` and nothing of any other QM on this machine."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("QM_")}
    kept["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), kept.get("PATH", "")])
    own = {"QM_DATA_DIR": str(folder / "qm-data"), "QM_PORT": str(port)}
    return Shell(folder, {**kept, **own, "QM_WEB_PROCESSES": "1", "QM_WORKERS": "1", "no_proxy": "*"})


@contextmanager
def kept_running(command, in_shell):
    """Run a command in the background once it has said that it is ready; end it as Ctrl-C would."""
    log = in_shell.folder / "up.log"
    with log.open("wb") as errors:
        process = subprocess.Popen(
            ["bash", "-c", f"exec {command}"],
            cwd=in_shell.folder,
            env=in_shell.environment,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            start_new_session=True,
        )
    try:
        began = time.monotonic()
        line = process.stdout.readline()
        assert line.startswith("ready "), f"{line}{log.read_text()[-2000:]}"
        assert time.monotonic() - began < PATIENCE
        yield line.split()[1]
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=PATIENCE)
        process.stdout.close()
