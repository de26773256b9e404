"""Pegs: orders whose limit follows the displayed prices of other orders."""

from __future__ import annotations

from meridian.book.codes import Event
from meridian.book.core import Core
from meridian.book.matching import Matching
from meridian.book.orders import Peg
from meridian.book.working import Working

__all__ = ["Pegs"]


class Pegs:
    """Prices pegs, and moves them when what they follow moved."""

    def __init__(self, core: Core, matching: Matching) -> None:
        self._core = core
        self._matching = matching
        self._placed: tuple[int, int] | None = None
        """Best bid and ask for which every peg is where it should be."""

    def add(self, order: Working) -> None:
        """A peg enters; what it follows is looked at again."""
        self._core.pegs[order.order_id] = order
        self._placed = None

    def price(self, order: Working) -> int:
        """Where the peg should be now; 0 where it should be parked."""
        return self._price(order, self._reference(1), self._reference(-1))

    def step(self) -> bool:
        """Move the first peg, in order of entry, whose price changed; False where there is none."""
        core = self._core
        if not core.pegs:
            return False
        bid, ask = self._reference(1), self._reference(-1)
        if (bid, ask) == self._placed:
            return False
        moved = False
        for order in core.pegs.values():
            price = self._price(order, bid, ask)
            if price == order.price:
                continue
            said = len(core.events)
            self._move(order, price)
            moved = True
            # A peg that only changed its place moves no reference, so the next one may follow at
            # once, unless somebody waits for what is at its new price.
            if len(core.events) - said > 1 or core.aside.whole or core.discretionary:
                return True
        if not moved:
            self._placed = bid, ask
        return moved

    def _move(self, order: Working, price: int) -> None:
        core = self._core
        self._placed = None
        if order.price:
            resting = core.resting(order.order_id)
            assert resting is order
            core.pull(order)
        else:
            core.aside.remove(order)
        order.price = price
        if price:
            core.tell(Event.REPRICED, order.order_id, price)
            self._matching.enter(order)
        else:
            core.park(order)

    def _price(self, order: Working, bid: int, ask: int) -> int:
        # Rule 10.
        same, opposite = (bid, ask) if order.side == 1 else (ask, bid)
        if order.peg is Peg.PRIMARY:
            reference = same
        elif order.peg is Peg.MARKET:
            reference = opposite
        elif not bid or not ask:
            reference = 0
        else:
            reference = (bid + ask) // 2 if order.side == 1 else -(-(bid + ask) // 2)
        if not reference:
            return 0
        price = reference + order.offset
        if order.cap:
            price = min(price, order.cap) if order.side == 1 else max(price, order.cap)
        rules = self._core.rules
        # Rule 19.
        price = rules.rounded(price, order.side)
        return price if rules.band_low <= price <= rules.band_high else 0

    def _reference(self, side: int) -> int:
        """Best displayed price of orders that are no pegs, 0 for none."""
        ladder, pegs = self._core.ladder, self._core.pegs
        for price in self._core.prices(side):
            displayed = ladder.level(side, price)[1]
            ids = ladder.queue(side, price)[:displayed] if displayed <= len(pegs) else ()
            if displayed > len(pegs) or any(order_id not in pegs for order_id in ids):
                return price
        return 0
