"""The two ways to walk: to see what would trade, and to trade."""

from __future__ import annotations

from meridian.book.allocation import Interest, Walk
from meridian.book.codes import CancelReason, Event
from meridian.book.core import Core
from meridian.book.orders import SelfTrade
from meridian.book.working import Working

__all__ = ["DryWalk", "RestingWalk", "TradingWalk"]


class DryWalk(Walk):
    """Counts what would trade and changes nothing but its own copies."""

    def __init__(self, order: Working) -> None:
        super().__init__(order.leaves)
        self._order = order

    def own(self, interest: Interest) -> bool:
        return self._order.own(interest.account)

    def prevent(self, interest: Interest) -> None:
        # An own order that would be cancelled is as good as absent; any other ends the walk.
        interest.visible = interest.reserve = 0
        self.ended = self._order.self_trade is not SelfTrade.CANCEL_OLDEST

    def fill(self, interest: Interest, quantity: int) -> None:
        self.remaining -= quantity
        interest.visible -= quantity
        if not interest.visible:
            # The size of a tranche does not matter to what is there in all.
            interest.visible = min(interest.display, interest.reserve)
            interest.reserve -= interest.visible


class TradingWalk(Walk):
    """Trades, and says so."""

    def __init__(self, core: Core, order: Working) -> None:
        super().__init__(order.leaves)
        self._core = core
        self._order = order

    def own(self, interest: Interest) -> bool:
        return self._order.own(interest.account)

    def fill(self, interest: Interest, quantity: int) -> None:
        core, order = self._core, self._order
        price = interest.price
        order.executed += quantity
        self.remaining -= quantity
        trade_id = core.next_trade()
        core.tell(Event.TRADED, trade_id, interest.order_id, order.order_id, price, quantity)
        core.note(price)
        if interest.waiting:
            core.withdraw(core.aside.orders[interest.order_id])
            interest.visible = 0
            return
        core.touched.add((-order.side, price))
        left = core.ladder.take(interest.order_id, quantity)
        ends = quantity == interest.visible and not interest.hidden
        interest.visible = left
        if not left:
            interest.reserve = 0
            core.forget(interest.order_id)
        elif ends:
            interest.visible = core.refresh(interest.order_id)

    def prevent(self, interest: Interest) -> None:
        # Rule 12: the resting order's event first, then the aggressor's.
        order, mode = self._order, self._order.self_trade
        if mode is SelfTrade.DECREMENT:
            self._decrement(interest)
            return
        if mode is not SelfTrade.CANCEL_NEWEST:
            resting = self._core.find(interest.order_id)
            assert resting is not None
            self._core.cancel(resting, CancelReason.SELF_TRADE)
            interest.visible = interest.reserve = 0
        if mode is not SelfTrade.CANCEL_OLDEST:
            self._end(order.leaves)

    def _decrement(self, interest: Interest) -> None:
        core, order = self._core, self._order
        resting = core.find(interest.order_id)
        assert resting is not None
        by = min(resting.leaves, order.leaves)
        if by == resting.leaves:
            core.cancel(resting, CancelReason.SELF_TRADE)
            interest.visible = interest.reserve = 0
        else:
            core.lower(resting, by)
            core.tell(Event.REDUCED, resting.order_id, resting.leaves)
        order.quantity -= by
        self.remaining = order.leaves
        if order.leaves:
            core.tell(Event.REDUCED, order.order_id, order.leaves)
        else:
            self._end(by)

    def _end(self, leaves: int) -> None:
        self.ended = True
        self._core.tell(Event.CANCELLED, self._order.order_id, leaves, CancelReason.SELF_TRADE)


class RestingWalk(TradingWalk):
    """Trades for an order that rests, displays all it has, and keeps its place with the rest."""

    def fill(self, interest: Interest, quantity: int) -> None:
        super().fill(interest, quantity)
        core, order = self._core, self._order
        core.touched.add((order.side, order.price))
        if not core.ladder.take(order.order_id, quantity):
            core.forget(order.order_id)

    def prevent(self, interest: Interest) -> None:
        leaves = self._order.leaves
        super().prevent(interest)
        core, order = self._core, self._order
        if self.ended:
            core.withdraw(order)
        elif order.leaves < leaves:
            core.ladder.shrink(order.order_id, leaves - order.leaves)
            core.touched.add((order.side, order.price))
