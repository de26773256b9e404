"""Events alone tell everything: who is live with how much, and what every price displays.

Execution reports, market data by order and by level, ITCH and drop copy are made from them. The
only other thing a listener needs is what its own order asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

import pytest
from book_makers import makers
from book_words import BID, BookRules
from random_play import Player, Style

from meridian.book.codes import BookSide
from meridian.book.events import FLAG_ICEBERG, named


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

    def depth(self, side):
        levels = {}
        for order in self.orders.values():
            if order.side == side and order.visible:
                quantity, count = levels.get(order.price, (0, 0))
                levels[order.price] = (quantity + order.visible, count + 1)
        best_first = sorted(levels, reverse=side is BID)
        return [(price, *levels[price]) for price in best_first]


@pytest.mark.parametrize("style", Style)
@pytest.mark.parametrize("seed", range(12))
def test_a_listener_knows_every_order_and_level(new_book, style, seed):
    dice = Random(seed)
    rules = style.rules(dice)
    named_rules = {name: getattr(rules, name) for name in rules.__slots__}
    book = new_book(Random(1), **named_rules)
    guide = makers()["reference"](BookRules(**named_rules), Random(1))
    player, listener = Player(dice, rules, style), Listener()
    for _ in range(300):
        call = player.call(guide)
        if call.method in ("apply", "keep"):
            continue
        getattr(guide, call.method)(*call.arguments, **call.options)
        events = getattr(book, call.method)(*call.arguments, **call.options)
        listener.hear(events, call.arguments[0] if call.arguments else None)
        for order_id, heard in listener.orders.items():
            view = book.order(order_id)
            assert (heard.leaves, heard.visible) == (view.leaves, view.visible)
            assert heard.parked == view.parked
            assert heard.traded == view.executed
        for side in BookSide:
            assert listener.depth(side) == [tuple(x) for x in book.depth(side)]
        assert {*listener.orders} == {key for key in guide.orders if book.order(key)}
