"""Entry: checks a new order, accepts it and puts it where it belongs."""

from __future__ import annotations

from meridian.book.codes import CancelReason, Event, RefusalCode, Tif
from meridian.book.core import Core
from meridian.book.events import FLAG_ALL_OR_NONE, FLAG_HIDDEN, FLAG_ICEBERG, FLAG_POST_ONLY
from meridian.book.expiry import Expiry
from meridian.book.matching import Matching
from meridian.book.orders import Kind, NewOrder
from meridian.book.pegs import Pegs
from meridian.book.phases import admits, dormant
from meridian.book.rules import Phase
from meridian.book.stops import Stops
from meridian.book.validity import order_refusal
from meridian.book.working import STOPS, Working

__all__ = ["Entry"]

_NEVER_SHOWN = frozenset({Kind.MARKET, Kind.STOP, Kind.TRAILING_STOP})


class Entry:
    """Takes new orders."""

    def __init__(
        self, core: Core, matching: Matching, stops: Stops, pegs: Pegs, expiry: Expiry
    ) -> None:
        self._core = core
        self._matching = matching
        self._stops = stops
        self._pegs = pegs
        self._expiry = expiry

    def submit(self, new: NewOrder, now: int) -> None:
        """Enter an order or refuse it; ``now`` is ns UTC."""
        core = self._core
        traded, dice = core.ladder.last_price > 0, core.dice is not None
        code = order_refusal(new, core.rules, now, dice=dice, traded=traded)
        if code is None:
            order = Working.entering(new, core.entries + 1)
            code = self._refusal(new, order)
        if code is None:
            self._accept(new, order)
        else:
            core.tell(Event.REFUSED, new.order_id, code)

    def _accept(self, new: NewOrder, order: Working) -> None:
        core = self._core
        core.next_time()
        self._stops.start(order)
        self._price(order)
        shown = 0 if order.kind in _NEVER_SHOWN or order.all_or_none else order.shown
        core.tell(
            Event.ACCEPTED,
            order.order_id,
            order.side,
            order.price,
            order.quantity,
            shown,
            _flags(order, new),
        )
        if order.kind is Kind.PEGGED:
            self._pegs.add(order)
        self._expiry.watch(order)
        self._place(order)

    def _refusal(self, new: NewOrder, order: Working) -> RefusalCode | None:
        """What the book has against an order that makes sense by itself."""
        core = self._core
        last = core.ladder.last_price
        if core.find(new.order_id) is not None:
            return RefusalCode.DUPLICATE_ID
        if not admits(core.phase, new, last):
            return RefusalCode.PHASE
        # Rule 8; a trailing stop that starts from the last trade is never on the wrong side.
        trails = new.kind is Kind.TRAILING_STOP and last
        if new.kind in STOPS and not trails and self._stops.wrong_side(order):
            return RefusalCode.STOP_WRONG_SIDE
        passes = new.tif in (Tif.IOC, Tif.FOK) or (
            new.kind is Kind.MARKET
            and core.phase is Phase.CONTINUOUS
            and not dormant(core.phase, order)
        )
        if not passes and len(core) >= core.rules.max_orders:
            return RefusalCode.BOOK_FULL
        # Rule 5.
        if new.post_only and self._matching.available(order):
            return RefusalCode.WOULD_TAKE
        return None

    def _price(self, order: Working) -> None:
        """Give an order the price that the moment gives it."""
        core = self._core
        if order.kind is Kind.MARKET_TO_LIMIT:
            # Rule 3.
            order.price = core.ladder.best(-order.side)
        elif order.kind is Kind.PEGGED and core.phase is Phase.CONTINUOUS:
            order.price = self._pegs.price(order)
        elif order.kind is Kind.MARKET and core.phase is Phase.TRADE_AT_LAST:
            # Rule 16.
            order.kind, order.price = Kind.LIMIT, core.ladder.last_price

    def _place(self, order: Working) -> None:
        core = self._core
        order.dormant = dormant(core.phase, order)
        calls = core.phase not in (Phase.CONTINUOUS, Phase.TRADE_AT_LAST)
        if order.kind is Kind.MARKET_TO_LIMIT:
            if not order.price:
                core.forget(order.order_id)
                core.tell(Event.CANCELLED, order.order_id, order.leaves, CancelReason.NO_LIQUIDITY)
                return
            order.kind = Kind.LIMIT
        parks = (
            order.dormant
            or order.kind in STOPS
            or (order.kind is Kind.PEGGED and not order.price)
            or (calls and (order.all_or_none or order.kind is Kind.MARKET))
        )
        if parks:
            core.park(order)
        elif calls:
            core.rest(order)
        else:
            self._matching.enter(order)


def _flags(order: Working, new: NewOrder) -> int:
    return (
        FLAG_HIDDEN * order.hidden
        + FLAG_ICEBERG * (new.display is not None)
        + FLAG_ALL_OR_NONE * new.all_or_none
        + FLAG_POST_ONLY * new.post_only
    )
