"""Tunes Python's garbage collector: objects made at start are never collected, and searches are few."""

import gc

WORKER_THRESHOLD = 500_000
"""More new objects than a slice holds at once: a worker collects after each job, when few are left."""

_DEFAULT_THRESHOLD = 50_000


def search_seldom(threshold: int = _DEFAULT_THRESHOLD) -> None:
    """Search for cycles less often, as at a start, which makes classes and functions that all stay."""
    gc.set_threshold(threshold, 20, 20)


def tune(threshold: int = _DEFAULT_THRESHOLD) -> None:
    """Exclude all present objects from later searches for cycles, and search less often.

    A request or slice of five hundred interactions makes tens of thousands of objects, all of which are freed
    by reference counting; searching them for cycles every few hundred objects took 10 to 20 % of the time.
    """
    gc.collect()
    gc.freeze()
    search_seldom(threshold)


# Programs import this before what they consist of.
search_seldom()
