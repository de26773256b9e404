"""Continuous matching: what an order does when it meets the book."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import merge
from itertools import chain

from meridian.book.allocation import Interest, Walk, match_price
from meridian.book.codes import CancelReason, Event, Tif
from meridian.book.core import Core
from meridian.book.orders import Kind
from meridian.book.rules import Allocation, CollarAction, Phase
from meridian.book.walks import DryWalk, RestingWalk, TradingWalk
from meridian.book.working import Working

__all__ = ["Matching"]


class Matching:
    """Matches orders against the ladder and the all-or-none orders that wait."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def available(self, order: Working) -> int:
        """Lots the order would trade if it entered now."""
        walk = DryWalk(order)
        self._walk(walk, order)
        return order.leaves - walk.remaining

    def enter(self, order: Working) -> None:
        """Match an order that is neither resting nor aside, then rest, park or cancel it."""
        core = self._core
        if order.all_or_none:
            self._enter_whole(order)
        # Rule 4.
        elif order.tif is Tif.FOK and self.available(order) < order.leaves:
            self._drop(order, CancelReason.FOK_UNFILLABLE)
        elif order.min_quantity and self.available(order) < order.min_quantity:
            self._drop(order, CancelReason.MIN_QUANTITY)
        else:
            order.min_quantity = 0
            walk = TradingWalk(core, order)
            collared = self._walk(walk, order)
            if walk.ended or not order.leaves:
                core.forget(order.order_id)
            elif collared:
                self._collar(order)
            else:
                self._leave_rest(order)

    def trade_whole(self, order: Working) -> bool:
        """Trade an all-or-none order if its whole quantity is there."""
        # Rule 11.
        if self.available(order) < order.leaves:
            return False
        if order.order_id in self._core.aside:
            self._core.aside.remove(order)
        self._walk(TradingWalk(self._core, order), order)
        self._core.forget(order.order_id)
        return True

    def use_discretion(self) -> bool:
        """Let the first resting order, in order of entry, trade that has what it reaches for."""
        # Rule 22.
        for order in sorted(self._core.discretionary.values(), key=lambda order: order.entry):
            standing = self._core.resting(order.order_id)
            if standing is not None and self.available(standing):
                self._walk(RestingWalk(self._core, standing), standing)
                return True
        return False

    def _enter_whole(self, order: Working) -> None:
        if self.trade_whole(order):
            return
        if order.tif is Tif.IOC:
            self._drop(order, CancelReason.IOC_REMAINDER)
        elif order.tif is Tif.FOK:
            self._drop(order, CancelReason.FOK_UNFILLABLE)
        else:
            self._core.park(order)

    def _leave_rest(self, order: Working) -> None:
        # Rule 2.
        if order.kind is Kind.MARKET:
            self._drop(order, CancelReason.MARKET_REMAINDER)
        elif order.tif is Tif.IOC:
            self._drop(order, CancelReason.IOC_REMAINDER)
        else:
            self._core.rest(order)

    def _collar(self, order: Working) -> None:
        # Rule 18.
        pauses = self._core.rules.collar_action is CollarAction.VOLATILITY_AUCTION
        if pauses and order.kind is not Kind.MARKET and order.tif is not Tif.IOC:
            self._core.rest(order)
        else:
            self._drop(order, CancelReason.COLLAR)
        if pauses:
            self._core.interrupt()

    def _drop(self, order: Working, reason: CancelReason) -> None:
        """Cancel an order that is neither resting nor aside."""
        self._core.forget(order.order_id)
        self._core.tell(Event.CANCELLED, order.order_id, order.leaves, reason)

    def _walk(self, walk: Walk, order: Working) -> bool:
        """Walk from the best price on; True where the collar ended it."""
        core = self._core
        against = -order.side
        at_last = core.phase is Phase.TRADE_AT_LAST
        allocation = Allocation.FIFO if at_last else core.rules.allocation
        for price in self._prices(order):
            if not walk.live:
                return False
            waiting = [] if at_last else self._waiting(against, price)
            if self._beyond_collar(price) and (
                core.ladder.queue(against, price)
                or any(interest.leaves <= walk.remaining for interest in waiting)
            ):
                # Rule 22: a collar ends discretion, and the order rests at its price.
                return order.kind is Kind.MARKET or (price - order.price) * order.side <= 0
            displayed, hidden = self._queue(against, price)
            aside = chain(hidden, waiting)
            lot = core.rules.lot
            match_price(walk, displayed, aside, allocation, broker=order.broker, lot=lot)
        return False

    def _prices(self, order: Working) -> Iterator[int]:
        """Prices the order may trade at, best first."""
        core = self._core
        against = -order.side
        # Rule 16: at the last price only.
        if core.phase is Phase.TRADE_AT_LAST:
            yield core.ladder.last_price
            return
        last = 0
        for price in self._all_prices(against):
            if order.kind is not Kind.MARKET and (price - order.reach) * order.side > 0:
                return
            if price != last:
                yield price
            last = price

    def _all_prices(self, side: int) -> Iterator[int]:
        """Prices of a side at which orders rest or wait all or none, best first."""
        core = self._core
        wholes = core.aside.whole.values()
        if not wholes:
            return core.prices(side)
        waiting = sorted({-order.price * side for order in wholes if order.side == side})
        return merge(
            core.prices(side), (-rank * side for rank in waiting), key=lambda price: -price * side
        )

    def _beyond_collar(self, price: int) -> bool:
        core = self._core
        if core.rules.collar is None or not core.anchor or core.phase is not Phase.CONTINUOUS:
            return False
        return abs(price - core.anchor) > core.rules.collar

    def _queue(self, side: int, price: int) -> tuple[Iterator[Interest], Iterator[Interest]]:
        """Displayed and hidden orders at a price, each in time order."""
        ladder = self._core.ladder
        ids = ladder.queue(side, price)
        displayed = ladder.level(side, price)[1]
        return self._interests(ids[:displayed]), self._interests(ids[displayed:])

    def _interests(self, ids: list[int]) -> Iterator[Interest]:
        for order_id in ids:
            record = self._core.ladder.record(order_id)
            if record is not None:
                visible, reserve, display, hidden = record[3:7]
                open_lots, behind = (reserve, 0) if hidden else (visible, reserve)
                yield Interest(
                    order_id,
                    record[2],
                    account=record[9],
                    broker=record[11],
                    visible=open_lots,
                    reserve=behind,
                    display=display,
                    hidden=bool(hidden),
                )

    def _waiting(self, side: int, price: int) -> list[Interest]:
        orders = self._core.aside.whole_at(side, price) if self._core.aside.whole else []
        return [
            Interest(order.order_id, price, order.account, order.broker, order.leaves, waiting=True)
            for order in orders
        ]
