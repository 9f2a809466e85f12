"""Waits for what is to come about, never for a clock: how long it takes depends on what else runs."""

import time

PATIENCE = 240.0
"""Seconds after which what has not come about never will, be the machine ever so busy."""


def wait_until(true, seconds=PATIENCE):
    """Look often at first, and give the answer as soon as it is true.

    Each look takes a processor that what is waited for could use.
    """
    began = time.monotonic()
    while not (answer := true()):
        waited = time.monotonic() - began
        assert waited < seconds, "it did not come about in time"
        time.sleep(min(0.1, 0.01 + waited / 20))
    return answer
