"""Expiry: orders whose time ends at a given moment."""

from __future__ import annotations

from heapq import heapify, heappop, heappush

from meridian.book.codes import Event
from meridian.book.core import Core
from meridian.book.working import Working

__all__ = ["MOST_STALE", "Expiry"]

MOST_STALE = 64
"""Times of orders that are done, kept beside as many as there are live ones; then they go."""

Time = tuple[int, int, int]


class Expiry:
    """Knows which order expires next."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._times: list[Time] = []
        """A heap of (expiry, entry, order id), also of orders that are done since."""

    def __len__(self) -> int:
        return len(self._times)

    def watch(self, order: Working) -> None:
        """Expire an order in its time."""
        if not order.expire_at:
            return
        expiring = self._core.expiring
        expiring[order.order_id] = order
        heappush(self._times, _time(order))
        if len(self._times) > 2 * len(expiring) + MOST_STALE:
            self._times = [_time(order) for order in expiring.values()]
            heapify(self._times)

    def advance(self, now: int) -> None:
        """Expire what is due at ``now``, in order of entry."""
        core = self._core
        due: list[tuple[int, int]] = []
        # Rule 15.
        while self._times and self._times[0][0] <= now:
            _, entry, order_id = heappop(self._times)
            order = core.expiring.get(order_id)
            # Another order may have the id of one that is done.
            if order is not None and order.entry == entry:
                due.append((entry, order_id))
        for _, order_id in sorted(due):
            live = core.find(order_id)
            assert live is not None
            core.withdraw(live)
            core.tell(Event.EXPIRED, order_id, live.leaves)


def _time(order: Working) -> Time:
    return order.expire_at, order.entry, order.order_id
