"""Changes to live orders: cancel, reduce, replace."""

from __future__ import annotations

from dataclasses import replace

from meridian.book.codes import MAX_QUANTITY, CancelReason, Event, RefusalCode
from meridian.book.core import Core
from meridian.book.matching import Matching
from meridian.book.orders import Kind
from meridian.book.rules import Phase
from meridian.book.validity import price_refusal, quantity_refusal, too_many_tranches
from meridian.book.working import STOPS, Working

__all__ = ["Changes"]

_FIXED = STOPS | {Kind.PEGGED, Kind.MARKET}
"""Kinds whose price cannot be replaced."""


class Changes:
    """Cancels, reduces and replaces orders."""

    def __init__(self, core: Core, matching: Matching) -> None:
        self._core = core
        self._matching = matching

    def cancel(self, order_id: int) -> None:
        """Take an order out."""
        order = self._core.find(order_id)
        if order is None:
            self._refuse(order_id, RefusalCode.UNKNOWN_ORDER)
        else:
            self._core.cancel(order, CancelReason.REQUESTED)

    def mass_cancel(self, side: int | None, account: int | None, session: int | None) -> None:
        """Take every order out that matches; None matches all."""
        for order in self._core.in_book_order():
            if (
                side in (None, order.side)
                and account in (None, order.account)
                and session in (None, order.session)
            ):
                self._core.cancel(order, CancelReason.REQUESTED)

    def reduce(self, order_id: int, by: int) -> None:
        """Take lots off an order in place, reserve first; all it has left cancels it."""
        core = self._core
        order = core.find(order_id)
        if order is None:
            self._refuse(order_id, RefusalCode.UNKNOWN_ORDER)
        elif not 1 <= by <= MAX_QUANTITY:
            self._refuse(order_id, RefusalCode.BAD_QUANTITY)
        elif by % core.rules.lot:
            self._refuse(order_id, RefusalCode.BAD_LOT)
        elif by >= order.leaves:
            core.cancel(order, CancelReason.REQUESTED)
        else:
            core.lower(order, by)
            core.tell(Event.REDUCED, order_id, order.leaves)

    def replace(self, order_id: int, quantity: int, price: int) -> None:
        """Give an order a new total and price."""
        core = self._core
        order = core.find(order_id)
        if order is None:
            self._refuse(order_id, RefusalCode.UNKNOWN_ORDER)
            return
        code = self._refusal(order, quantity, price)
        if code is not None:
            self._refuse(order_id, code)
            return
        if order.kind in _FIXED:
            price = order.price
        # Rule 14.
        leaves = quantity - order.executed
        keeps = leaves > 0 and price == order.price and quantity <= order.quantity
        core.tell(Event.REPLACED, order_id, price, quantity, leaves, keeps)
        if not leaves:
            core.withdraw(order)
        elif keeps:
            core.lower(order, order.quantity - quantity)
        else:
            self._move(order, quantity, price)

    def _move(self, order: Working, quantity: int, price: int) -> None:
        """Enter an order again with another total and price."""
        core = self._core
        waits = order.order_id in core.aside
        if not waits:
            core.pull(order)
        order.quantity, order.price = quantity, price
        order.time = core.next_time()
        if waits:
            return
        if core.phase in (Phase.CONTINUOUS, Phase.TRADE_AT_LAST):
            self._matching.enter(order)
        else:
            core.rest(order)

    def _refusal(self, order: Working, quantity: int, price: int) -> RefusalCode | None:
        core = self._core
        # Rule 16.
        if core.phase in (Phase.HALTED, Phase.CLOSED):
            return RefusalCode.PHASE
        code = quantity_refusal(quantity, core.rules)
        if code is not None:
            return code
        if too_many_tranches(quantity, order.display, order.refresh_range, core.rules):
            return RefusalCode.BAD_INSTRUCTION
        if order.kind in _FIXED:
            # Rule 14: quantity down only.
            limit = order.cap if order.kind is Kind.PEGGED else order.price
            if price not in (0, limit) or quantity > order.quantity:
                return RefusalCode.BAD_INSTRUCTION
        else:
            code = price_refusal(price, core.rules)
        if code is None and quantity < order.executed:
            return RefusalCode.BELOW_EXECUTED
        if code is None and core.phase is Phase.TRADE_AT_LAST and order.kind not in _FIXED:
            keeps = price == order.price and quantity <= order.quantity
            if not (keeps or quantity == order.executed or price == core.ladder.last_price):
                return RefusalCode.PHASE
        # Rule 5.
        if code is None and order.post_only and self._would_take(order, quantity, price):
            return RefusalCode.WOULD_TAKE
        return code

    def _would_take(self, order: Working, quantity: int, price: int) -> bool:
        """Whether an order would trade if it entered again."""
        keeps = price == order.price and quantity <= order.quantity
        matches = self._core.phase in (Phase.CONTINUOUS, Phase.TRADE_AT_LAST)
        if keeps or quantity == order.executed or not matches:
            return False
        moved = replace(order, quantity=quantity, price=price)
        return self._matching.available(moved) > 0

    def _refuse(self, order_id: int, code: RefusalCode) -> None:
        self._core.tell(Event.REFUSED, order_id, code)
