"""Python's collector of cyclic garbage, kept quiet while very many small objects are made.

What a statement of 100,000 lines or a group of postings leads to holds no cycles, and the collector
would look at all of it again and again: measured, a fifth of the time of matching such a statement,
an eighth of that of posting.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_paused() -> Iterator[None]:
    """Pause the collector, if it was running."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
