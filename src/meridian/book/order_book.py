"""The order book of one instrument: price-time priority."""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum
from itertools import islice

from meridian.book.first_events import (
    Accepted,
    BookEvent,
    Cancelled,
    CancelReason,
    Reduced,
    RefusalCode,
    Refused,
    Replaced,
    Traded,
)
from meridian.book.levels import BookSide, Level, Levels, RestingOrder

__all__ = ["MAX_PRICE", "MAX_QUANTITY", "MAX_RESTING", "BookTif", "OrderBook"]

MAX_PRICE = 2**53
"""Highest price in ticks."""
MAX_QUANTITY = 2**53
"""Largest total in lots."""
MAX_RESTING = 1_000_000
"""Orders one book holds at a time unless told otherwise."""


class BookTif(IntEnum):
    """How long an order may stay."""

    DAY = 0
    IOC = 3
    FOK = 4


class OrderBook:
    """Resting orders of one instrument and the matching between them.

    Every call returns the events it caused, in order; a refusal is an event and changes nothing.
    Order ids are the caller's integers, unique among resting orders.
    """

    def __init__(self, max_resting: int = MAX_RESTING) -> None:
        self._max_resting = max_resting
        self._bids = Levels(BookSide.BID)
        self._asks = Levels(BookSide.ASK)
        self._orders: dict[int, RestingOrder] = {}

    def submit(
        self, order_id: int, side: BookSide, quantity: int, price: int | None, tif: BookTif
    ) -> list[BookEvent]:
        """Enter an order; ``price`` None is a market order, whose remainder never rests."""
        code = self._refusal(quantity, price)
        if code is None and order_id in self._orders:
            code = RefusalCode.DUPLICATE_ID
        rests = price is not None and tif is BookTif.DAY
        if code is None and rests and len(self._orders) >= self._max_resting:
            code = RefusalCode.BOOK_FULL
        if code is not None:
            return [Refused(order_id, code)]

        events: list[BookEvent] = [Accepted(order_id, quantity)]
        order = RestingOrder(order_id, side, price or 0, quantity, 0)
        against = self._levels(side.opposite)
        if tif is BookTif.FOK and against.available(price, quantity) < quantity:
            events.append(Cancelled(order_id, quantity, CancelReason.FOK_UNFILLABLE))
            return events
        self._match(order, price, events)
        if order.leaves:
            if rests:
                self._rest(order)
            else:
                reason = (
                    CancelReason.IOC_REMAINDER
                    if tif is BookTif.IOC
                    else CancelReason.MARKET_REMAINDER
                )
                events.append(Cancelled(order_id, order.leaves, reason))
        return events

    def cancel(self, order_id: int) -> list[BookEvent]:
        """Take an order out."""
        order = self._orders.get(order_id)
        if order is None:
            return [Refused(order_id, RefusalCode.UNKNOWN_ORDER)]
        self._forget(order)
        return [Cancelled(order_id, order.leaves, CancelReason.REQUESTED)]

    def reduce(self, order_id: int, by: int) -> list[BookEvent]:
        """Take ``by`` lots off an order in place; all of its leaves or more cancels it."""
        order = self._orders.get(order_id)
        if order is None:
            return [Refused(order_id, RefusalCode.UNKNOWN_ORDER)]
        if by < 1:
            return [Refused(order_id, RefusalCode.BAD_QUANTITY)]
        if by >= order.leaves:
            return self.cancel(order_id)
        self._levels(order.side).shrink(order, by)
        order.quantity -= by
        return [Reduced(order_id, order.leaves)]

    def replace(self, order_id: int, quantity: int, price: int) -> list[BookEvent]:
        """Give an order a new total and price.

        A lower total at the same price keeps its place; anything else joins the end of the queue
        and may trade. A total equal to what has executed completes the order.
        """
        order = self._orders.get(order_id)
        code = RefusalCode.UNKNOWN_ORDER if order is None else self._refusal(quantity, price)
        if order is not None and code is None and quantity < order.executed:
            code = RefusalCode.BELOW_EXECUTED
        if order is None or code is not None:
            return [Refused(order_id, code or RefusalCode.UNKNOWN_ORDER)]

        if quantity == order.executed:
            self._forget(order)
            return [Replaced(order_id, price, quantity, 0, kept_priority=False)]
        leaves = quantity - order.executed
        if price == order.price and quantity <= order.quantity:
            self._levels(order.side).shrink(order, order.quantity - quantity)
            order.quantity = quantity
            return [Replaced(order_id, price, quantity, leaves, kept_priority=True)]
        self._forget(order)
        order.quantity, order.price = quantity, price
        events: list[BookEvent] = [Replaced(order_id, price, quantity, leaves, kept_priority=False)]
        self._match(order, price, events)
        if order.leaves:
            self._rest(order)
        return events

    def best(self, side: BookSide) -> int | None:
        """Best price of a side in ticks, or None."""
        return self._levels(side).best_price()

    def depth(self, side: BookSide, levels: int | None = None) -> list[Level]:
        """Levels of a side, best first; all of them unless ``levels`` says how many."""
        return list(islice(self._levels(side).levels(), levels))

    def queue(self, side: BookSide) -> Iterator[RestingOrder]:
        """Orders of a side in the sequence in which they would trade; read, do not change."""
        return self._levels(side).orders()

    def find(self, order_id: int) -> RestingOrder | None:
        """The resting order, or None; read, do not change."""
        return self._orders.get(order_id)

    def __len__(self) -> int:
        return len(self._orders)

    @property
    def crossed(self) -> bool:
        """Whether the best bid reaches the best ask, which matching must never leave behind."""
        bid, ask = self._bids.best_price(), self._asks.best_price()
        return bid is not None and ask is not None and bid >= ask

    def check_invariants(self) -> None:
        """Raise AssertionError where the book contradicts itself."""
        self._bids.check()
        self._asks.check()
        resting = [*self._bids.orders(), *self._asks.orders()]
        assert {order.order_id: order for order in resting} == self._orders
        assert len(resting) <= self._max_resting
        assert not self.crossed, "the book is crossed"

    def _levels(self, side: BookSide) -> Levels:
        return self._bids if side is BookSide.BID else self._asks

    @staticmethod
    def _refusal(quantity: int, price: int | None) -> RefusalCode | None:
        if not 1 <= quantity <= MAX_QUANTITY:
            return RefusalCode.BAD_QUANTITY
        if price is not None and not 1 <= price <= MAX_PRICE:
            return RefusalCode.BAD_PRICE
        return None

    def _match(self, order: RestingOrder, limit: int | None, events: list[BookEvent]) -> None:
        against = self._levels(order.side.opposite)
        while order.leaves and against.reaches(limit):
            resting = against.front()
            quantity = min(order.leaves, resting.leaves)
            if quantity == resting.leaves:
                self._forget(resting)
            else:
                against.shrink(resting, quantity)
            resting.executed += quantity
            order.executed += quantity
            events.append(Traded(resting.order_id, order.order_id, resting.price, quantity))

    def _rest(self, order: RestingOrder) -> None:
        self._levels(order.side).add(order)
        self._orders[order.order_id] = order

    def _forget(self, order: RestingOrder) -> None:
        self._levels(order.side).remove(order)
        del self._orders[order.order_id]
