"""A real browser."""

import os
import shutil
import subprocess
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.outside_programs import unavailable
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
        unavailable(reason or "Chromium was installed but is not found")
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
