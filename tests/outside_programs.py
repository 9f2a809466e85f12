"""Programs and libraries that do not come as wheels: skipped where they cannot be had, but never in CI."""

import importlib
import os
import shutil
import subprocess
from typing import NoReturn

import pytest

_PANGO = ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0", "fonts-dejavu-core")


def unavailable(reason: str) -> NoReturn:
    """Skip the test with this reason; in CI, where nothing may be skipped, fail."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def have_pango() -> None:
    """Have WeasyPrint load the library that it draws text with, installed where that is possible."""
    try:
        importlib.import_module("weasyprint")
    except OSError as error:
        if shutil.which("apt-get") is None or os.geteuid() != 0:
            unavailable(f"Pango is not installed: {error}")
        for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", *_PANGO]):
            subprocess.run(command, capture_output=True, check=False)
        importlib.import_module("weasyprint")
