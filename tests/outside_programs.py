"""Programs that do not come as wheels: skipped where they cannot be had, but never in CI."""

import os
from typing import NoReturn

import pytest


def unavailable(reason: str) -> NoReturn:
    """Skip the test with this reason; in CI, where nothing may be skipped, fail."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
