"""The event loop of a service: uvloop where it is installed, else asyncio's own."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Coroutine
from typing import Any, TypeVar

__all__ = ["GARBAGE_STEPS", "run"]

T = TypeVar("T")

GARBAGE_STEPS = (50_000, 20, 100)
"""How many new objects, and how many looks at the younger, before the collector looks at each
generation. A service keeps most of what it makes and makes few cycles: looking as often as the
interpreter would costs as much as the work."""


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run ``main`` to its end on the fastest loop there is, as the program's only work."""
    steps = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(*GARBAGE_STEPS)
    try:
        return _run(main)
    finally:
        gc.set_threshold(*steps)
        gc.unfreeze()


def _run(main: Coroutine[Any, Any, T]) -> T:
    try:
        import uvloop
    except ImportError:
        return asyncio.run(main)
    result: T = uvloop.run(main)
    return result
