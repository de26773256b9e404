"""Somebody who hears a book's events, and keeps every order and level from nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from meridian.book.codes import BookSide
from meridian.book.events import FLAG_ICEBERG, named

__all__ = ["Listener"]


@dataclass
class Heard:
    """An order as its events tell it."""

    side: int
    price: int
    leaves: int
    tranche: int | None
    """What an iceberg shows at a time; 0 of an order that is never displayed; None for all."""
    visible: int
    parked: bool = False
    traded: int = 0

    def show(self):
        self.visible = self.leaves if self.tranche is None else min(self.tranche, self.leaves)

    def less(self, quantity):
        self.leaves -= quantity
        self.traded += quantity
        self.visible = max(0, self.visible - quantity)


class Listener:
    """Keeps orders from events, one handler a kind."""

    def __init__(self):
        self.orders = {}
        self.entered = set()

    def hear(self, events, asked):
        self.entered = set()
        for event in map(named, events):
            handler = getattr(self, type(event).__name__.lower(), None)
            if handler:
                handler(event, asked)
        for order_id in self.entered & {*self.orders}:
            if not self.orders[order_id].parked:
                self.orders[order_id].show()
        self.orders = {key: order for key, order in self.orders.items() if order.leaves}

    def accepted(self, event, asked):
        tranche = None if event.visible else 0
        if event.flags & FLAG_ICEBERG:
            tranche = asked.display
        self.orders[event.order_id] = Heard(event.side, event.price, event.quantity, tranche, 0)
        self.entered.add(event.order_id)

    def traded(self, event, _):
        if event.resting_id in self.entered:
            # It came to rest before something that the same call set in motion took it.
            self.orders[event.resting_id].show()
            self.entered.discard(event.resting_id)
        self.orders[event.resting_id].less(event.quantity)
        self.orders[event.aggressor_id].less(event.quantity)

    def auctiontraded(self, event, _):
        self.orders[event.buy_id].less(event.quantity)
        self.orders[event.sell_id].less(event.quantity)

    def cancelled(self, event, _):
        order = self.orders.pop(event.order_id)
        assert order.leaves == event.leaves, "a cancel says how much was left"

    def expired(self, event, _):
        self.cancelled(event, _)

    def reduced(self, event, _):
        order = self.orders[event.order_id]
        order.leaves = event.leaves
        order.visible = min(order.visible, order.leaves)

    def replaced(self, event, _):
        order = self.orders[event.order_id]
        order.price, order.leaves = event.price, event.leaves
        order.visible = min(order.visible, order.leaves)
        if not event.kept_priority:
            self.entered.add(event.order_id)

    def triggered(self, event, _):
        order = self.orders[event.order_id]
        # A market order whose auction begins waits on, without a price, for the uncross.
        order.parked = not event.stop_price and not order.price
        self.entered.add(event.order_id)

    def repriced(self, event, _):
        order = self.orders[event.order_id]
        order.price, order.parked = event.price, False
        self.entered.add(event.order_id)

    def refreshed(self, event, _):
        self.orders[event.order_id].visible = event.visible

    def parked(self, event, _):
        order = self.orders[event.order_id]
        order.parked, order.visible = True, 0

    def misheard(self, book):
        """What the book says of its orders that the events did not; empty where all is told."""
        lines = []
        for order_id, heard in self.orders.items():
            view = book.order(order_id)
            if view is None:
                lines.append(f"order {order_id} is gone, and no event said so")
                continue
            told = (heard.leaves, heard.visible, heard.traded, heard.parked)
            if told != (view.leaves, view.visible, view.executed, view.parked):
                lines.append(f"events told {heard} of {view}")
        for side in BookSide:
            if self.depth(side) != [tuple(level) for level in book.depth(side)]:
                lines.append(f"events told {self.depth(side)} of {side.name} {book.depth(side)}")
        return lines

    def depth(self, side):
        levels = {}
        for order in self.orders.values():
            if order.side == side and order.visible:
                quantity, count = levels.get(order.price, (0, 0))
                levels[order.price] = (quantity + order.visible, count + 1)
        best_first = sorted(levels, reverse=side is BookSide.BID)
        return [(price, *levels[price]) for price in best_first]
