"""Stops: orders that wait for a trade at their price."""

from __future__ import annotations

from meridian.book.codes import Event
from meridian.book.core import Core
from meridian.book.matching import Matching
from meridian.book.orders import Kind
from meridian.book.stop_shelf import reaches
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
            order.stop = self._trailing(order, last)

    def wrong_side(self, order: Working) -> bool:
        """Whether the last trade would trigger the stop at once."""
        last = self._core.ladder.last_price
        return last > 0 and reaches(order, last)

    def step(self) -> bool:
        """Let the first triggered stop enter; False where there is none."""
        core = self._core
        self.look()
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

    def look(self) -> None:
        """Let stops see the prices that were traded: these trigger some and move others."""
        aside = self._core.aside
        for price in self._core.notes:
            for order in aside.stops.reached(price):
                aside.trigger(order)
            for order in aside.stops.trailing.values():
                # Rule 9: in the favourable direction only.
                stop = self._trailing(order, price)
                order.stop = min(order.stop, stop) if order.side == 1 else max(order.stop, stop)
        self._core.notes.clear()

    def _trailing(self, order: Working, price: int) -> int:
        """Where a trailing stop stands for a trade price: on the grid, no nearer than asked."""
        distance = order.trail or max(1, -(-price * order.trail_bps // BASIS_POINTS))
        rules = self._core.rules
        # Rule 9: a sell stop stays at the lowest price there is.
        return rules.rounded(price + distance * order.side, -order.side) or rules.tick(1)
