"""How much of a simulation is repeated: a short version with every run, the whole with `make test-slow`."""

import pytest


def short_and_whole(short, whole):
    """Return both sizes as parameters of a test or a fixture."""
    return [pytest.param(short, id=f"{short}"), pytest.param(whole, id=f"{whole}", marks=pytest.mark.slow)]
