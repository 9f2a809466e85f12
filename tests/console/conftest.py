"""A real server and a real browser."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.waiting import PATIENCE


def _install() -> str | None:
    """Install Debian's Chromium where that is possible, and return why not where it is not."""
    if shutil.which("apt-get") is None:
        return "there is no apt-get to install Chromium with"
    if os.geteuid() != 0:
        return "Chromium is not installed, and only root may install it"
    for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "chromium"]):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            return f"{' '.join(command)} failed: {done.stderr.strip()[-300:]}"
    return None


@pytest.fixture(scope="session")
def chromium() -> str:
    reason = None if shutil.which("chromium") else _install()
    path = shutil.which("chromium")
    if path is None:
        reason = reason or "Chromium was installed but is not found"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return path


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    quiet = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=chromium,
            args=[*quiet, "--disable-sync", "--no-first-run"],
            timeout=1000 * PATIENCE,
        )
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def address(data_dir: Path, services: object) -> Iterator[str]:
    """The address of `qm serve` over the servers of this test run."""
    environment = {**os.environ, "QM_DATA_DIR": str(data_dir)}
    command = [sys.executable, "-P", "-m", "infra.cli", "serve", "--port", "0"]
    log = data_dir / "serve.log"
    with log.open("wb") as errors:
        server = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=errors, text=True)
    assert server.stdout is not None
    line = server.stdout.readline()
    assert line.startswith("ready "), log.read_text()
    yield line.split()[1]
    server.terminate()
    server.wait(timeout=PATIENCE)
    server.stdout.close()
