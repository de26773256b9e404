"""Messages on their way through one direction that holds some of them back."""

from __future__ import annotations

from collections import deque
from typing import Generic, TypeVar

__all__ = ["MAX_HELD", "Lane"]

MAX_HELD = 10_000
"""Messages that a lane holds either way; beyond them the oldest goes on before its time."""

T = TypeVar("T")


class Lane(Generic[T]):
    """Holds delayed messages, with all that come behind them, and messages to be overtaken."""

    def __init__(self) -> None:
        self._queue: deque[tuple[int, T]] = deque()
        self._aside: deque[tuple[int, T]] = deque()

    def through(
        self, items: list[T], now: int, hold: int = 0, *, overtaken: bool = False
    ) -> list[T]:
        """What goes on now when ``items`` come.

        With ``hold`` they wait so many ns: ``overtaken``, until something else passes; else all
        that comes later waits behind them.
        """
        if overtaken:
            self._aside.extend((now + hold, item) for item in items)
            return _overflow(self._aside)
        if hold or self._queue:
            self._queue.extend((now + hold, item) for item in items)
            return _overflow(self._queue) + self.due(now)
        if items and self._aside:
            items = items + [item for _, item in self._aside]
            self._aside.clear()
        return items

    def due(self, now: int) -> list[T]:
        """What has waited long enough."""
        ready: list[T] = []
        for waiting in (self._queue, self._aside):
            while waiting and waiting[0][0] <= now:
                ready.append(waiting.popleft()[1])
        return ready

    def next_deadline(self) -> int | None:
        """When something is due, ns UTC."""
        return min((held[0][0] for held in (self._queue, self._aside) if held), default=None)

    def clear(self) -> None:
        """The connection is gone and all that was on its way."""
        self._queue.clear()
        self._aside.clear()


def _overflow(waiting: deque[tuple[int, T]]) -> list[T]:
    return [waiting.popleft()[1] for _ in range(len(waiting) - MAX_HELD)]
