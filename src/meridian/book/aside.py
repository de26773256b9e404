"""Orders that wait aside: live, undisplayed, not to be traded with as they stand."""

from __future__ import annotations

from collections import OrderedDict

from meridian.book.codes import MAX_PRICE
from meridian.book.orders import Kind
from meridian.book.stop_shelf import StopShelf
from meridian.book.working import STOPS, Working

__all__ = ["Aside"]


class Aside:
    """Parked orders by id, and by what they wait for."""

    def __init__(self) -> None:
        self.orders: dict[int, Working] = {}
        self.stops = StopShelf()
        """Wait for a trade at their stop price."""
        # Linked, so that its first is found at once however many went before.
        self.triggered: OrderedDict[int, None] = OrderedDict()
        """Stops whose price was traded, in the order in which they will enter."""
        self.whole: dict[int, Working] = {}
        """All or none: wait for their whole quantity."""
        self.markets: dict[int, Working] = {}
        """Market orders: wait for an uncross."""
        self.dormant: dict[int, Working] = {}
        """Auction orders: wait for their auction."""
        self.pegs: dict[int, Working] = {}
        """Wait for a reference price."""

    def __len__(self) -> int:
        return len(self.orders)

    def __contains__(self, order_id: int) -> bool:
        return order_id in self.orders

    def add(self, order: Working) -> None:
        """Park an order."""
        self.orders[order.order_id] = order
        self._shelf(order)[order.order_id] = order

    def remove(self, order: Working) -> None:
        """Take an order out. Raises KeyError where it is not here."""
        del self.orders[order.order_id]
        del self._shelf(order)[order.order_id]
        self.triggered.pop(order.order_id, None)

    def trigger(self, order: Working) -> None:
        """A stop's price was traded: it enters when its turn comes."""
        self.stops.trigger(order)
        self.triggered[order.order_id] = None

    def whole_at(self, side: int, price: int) -> list[Working]:
        """All-or-none orders of a side at a price, in time order."""
        here = (order for order in self.whole.values() if order.side == side)
        return sorted((o for o in here if o.price == price), key=lambda order: order.time)

    def whole_in_turn(self, bid: int, ask: int) -> list[Working]:
        """All-or-none orders as they try: buys, then sells, each by price, then time.

        Only those that meet anybody's price, where ``bid`` and ``ask`` are the best that rest (0
        for none).
        """
        buys = [order for order in self.whole.values() if order.side == 1]
        sells = [order for order in self.whole.values() if order.side == -1]
        high = max([bid, *(order.price for order in buys)])
        low = min([ask or MAX_PRICE + 1, *(order.price for order in sells)])
        meeting = [order for order in buys if order.price >= low]
        meeting += [order for order in sells if order.price <= high]
        return sorted(meeting, key=lambda o: (-o.side, -o.side * o.price, o.time))

    def check(self) -> None:
        """Raise AssertionError where an order is not on its shelf, and on no other."""
        shelves = (self.stops, self.whole, self.markets, self.dormant, self.pegs)
        assert sum(map(len, shelves)) == len(self.orders)
        for order_id, order in self.orders.items():
            assert order_id == order.order_id
            assert self._shelf(order).get(order_id) is order
            assert 0 <= order.executed < order.quantity
        assert all(order_id in self.stops for order_id in self.triggered)

    def _shelf(self, order: Working) -> dict[int, Working]:
        if order.dormant:
            return self.dormant
        if order.kind in STOPS:
            return self.stops
        if order.kind is Kind.PEGGED:
            return self.pegs
        return self.markets if order.kind is Kind.MARKET else self.whole
