"""Stops: orders that wait for a trade at their price."""

from __future__ import annotations

from meridian.book.codes import Event
from meridian.book.core import Core
from meridian.book.matching import Matching
from meridian.book.orders import Kind
from meridian.book.working import Working

__all__ = ["Stops"]

BASIS_POINTS = 10_000


class Stops:
    """Watches trade prices, moves trailing stops, and lets triggered stops enter."""

    def __init__(self, core: Core, matching: Matching) -> None:
        self._core = core
        self._matching = matching

    def start(self, order: Working) -> None:
        """Give a trailing stop its first stop price."""
        last = self._core.ladder.last_price
        # Rule 9.
        if order.kind is Kind.TRAILING_STOP and last:
            order.stop = _trailing(order, last)

    def wrong_side(self, order: Working) -> bool:
        """Whether the last trade would trigger the stop at once."""
        last = self._core.ladder.last_price
        return last > 0 and _reached(order, last)

    def step(self) -> bool:
        """Let the first triggered stop enter; False where there is none."""
        core = self._core
        for price, entries in core.notes:
            self._see(price, entries)
        core.notes.clear()
        if not core.aside.triggered:
            return False
        order = core.aside.orders[next(iter(core.aside.triggered))]
        core.aside.remove(order)
        core.tell(Event.TRIGGERED, order.order_id, order.stop)
        # Rule 8.
        order.kind = Kind.LIMIT if order.kind is Kind.STOP_LIMIT else Kind.MARKET
        order.stop = 0
        self._matching.enter(order)
        return True

    def _see(self, price: int, entries: int) -> None:
        """A trade price reaches the stops that waited when it was made."""
        triggered = self._core.aside.triggered
        for order in self._core.aside.stops.values():
            if order.order_id in triggered or order.entry > entries:
                continue
            if _reached(order, price):
                triggered[order.order_id] = None
            elif order.kind is Kind.TRAILING_STOP:
                # Rule 9: in the favourable direction only.
                stop = _trailing(order, price)
                order.stop = min(order.stop, stop) if order.side == 1 else max(order.stop, stop)


def _reached(order: Working, price: int) -> bool:
    return (price - order.stop) * order.side >= 0


def _trailing(order: Working, price: int) -> int:
    """Where a trailing stop stands for a trade price."""
    distance = order.trail or max(1, -(-price * order.trail_bps // BASIS_POINTS))
    return max(1, price + distance * order.side)
