"""On which core a program runs. Programs inherit it from the driver, which starts them.

The kernel places two programs that wait for each other now on one core, now on two, and one
placement takes three times as long as the other. So a placement is chosen, not left to chance.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

CORES = sorted(os.sched_getaffinity(0))

# The server's cores, and the client's.
PLACEMENTS = {
    # A core for each, as a real server has a machine of its own: much of a call is waiting.
    "apart": (CORES[:1], CORES[-1:]),
    # One core for both: nothing hides behind waiting, so that work alone counts.
    "together": (CORES[:1], CORES[:1]),
}


@contextmanager
def on(cores: list[int]) -> Iterator[None]:
    """Programs that are started inside run on these cores."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
