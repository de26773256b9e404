"""How long to wait before the next attempt: exponential, full jitter."""

from __future__ import annotations

from typing import Protocol

from meridian.schema.times import NS_PER_SECOND

__all__ = ["DEFAULT_BASE", "DEFAULT_CAP", "Backoff", "Dice"]

DEFAULT_BASE = NS_PER_SECOND
DEFAULT_CAP = 60 * NS_PER_SECOND


class Dice(Protocol):
    """The part of ``random.Random`` used here."""

    def randrange(self, stop: int, /) -> int:
        """A uniform integer in ``[0, stop)``."""


class Backoff:
    """Delays drawn from ``[0, ceiling]``; the ceiling doubles from ``base`` to ``cap`` (ns).

    Full jitter: a venue that comes back is not met by all its clients at once.

    Raises:
        ValueError: unless ``0 < base <= cap``.
    """

    def __init__(self, dice: Dice, base: int = DEFAULT_BASE, cap: int = DEFAULT_CAP) -> None:
        if not 0 < base <= cap:
            raise ValueError(f"expected 0 < base <= cap, got base {base} ns and cap {cap} ns")
        self._dice = dice
        self._base = base
        self._cap = cap
        self._ceiling = base

    def next_delay(self) -> int:
        """Draw a delay in ns and double the ceiling of the one after it."""
        delay = self._dice.randrange(self._ceiling + 1)
        self._ceiling = min(self._ceiling * 2, self._cap)
        return delay

    def reset(self) -> None:
        """Start again from ``base``: an attempt succeeded."""
        self._ceiling = self._base
