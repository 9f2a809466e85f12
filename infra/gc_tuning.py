"""Tunes Python's garbage collector for long-running processes: objects made at start are never collected."""

import gc

WORKER_THRESHOLD = 500_000
"""More new objects than a slice holds at once: a worker collects after each job, when few are left."""

_DEFAULT_THRESHOLD = 50_000

# From the moment this is imported: what a start makes, a hundred thousand classes and functions, stays.
gc.set_threshold(_DEFAULT_THRESHOLD, 20, 20)


def tune(threshold: int = _DEFAULT_THRESHOLD) -> None:
    """Exclude all present objects from later searches for cycles, and search less often.

    A request or slice of five hundred interactions makes tens of thousands of objects, all of which are freed
    by reference counting; searching them for cycles every few hundred objects took 10 to 20 % of the time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(threshold, 20, 20)
