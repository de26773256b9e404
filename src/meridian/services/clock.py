"""The only clocks: integer nanoseconds UTC for records."""

from __future__ import annotations

import time
from collections.abc import Callable

__all__ = ["Clock", "wall_clock"]

Clock = Callable[[], int]
"""Returns nanoseconds since 1970-01-01 UTC."""


def wall_clock() -> int:
    """The machine's time, ns UTC."""
    return time.time_ns()
