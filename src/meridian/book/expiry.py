"""Expiry: orders whose time ends at a given moment."""

from __future__ import annotations

from heapq import heappop, heappush

from meridian.book.codes import Event
from meridian.book.core import Core
from meridian.book.working import Working

__all__ = ["Expiry"]


class Expiry:
    """Knows which order expires next."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._times: list[tuple[int, int, int]] = []

    def watch(self, order: Working) -> None:
        """Expire an order in its time."""
        if order.expire_at:
            heappush(self._times, (order.expire_at, order.entry, order.order_id))

    def advance(self, now: int) -> None:
        """Expire what is due at ``now``, in order of entry."""
        core = self._core
        due: list[Working] = []
        # Rule 15.
        while self._times and self._times[0][0] <= now:
            _, entry, order_id = heappop(self._times)
            order = core.find(order_id)
            # Another order may have the id of one that is done.
            if order is not None and order.entry == entry:
                due.append(order)
        for order in sorted(due, key=lambda order: order.entry):
            core.withdraw(order)
            core.tell(Event.EXPIRED, order.order_id, order.leaves)
