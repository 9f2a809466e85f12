"""How long-running processes look for garbage: what is there when they start is never garbage."""

import gc

OF_A_SLICE = 500_000
"""More new objects than a slice holds at once: a worker looks after each job, when little is there."""

_NEW_OBJECTS = 50_000


def tune(new_objects: int = _NEW_OBJECTS) -> None:
    """Leave everything made so far out of every later search for cycles, and search less often.

    A request or slice of five hundred interactions makes tens of thousands of objects, all of which go by
    themselves; looking for cycles among them every few hundred objects took a tenth to a fifth of the time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(new_objects, 20, 20)
