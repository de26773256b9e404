"""Phases: what may enter in each, and what happens between them."""

from __future__ import annotations

from meridian.book.call_auction import CallAuction
from meridian.book.codes import CancelReason, Event, Tif
from meridian.book.core import Core
from meridian.book.orders import Kind, NewOrder
from meridian.book.rules import AUCTIONS, Phase
from meridian.book.working import Working

__all__ = ["Phases", "admits"]

_CALLS = AUCTIONS | {Phase.PRE_OPEN}
_SHUT = frozenset({Phase.HALTED, Phase.CLOSED})
_AUCTION_PHASES = {
    Tif.OPG: frozenset({Phase.PRE_OPEN, Phase.OPENING_AUCTION}),
    Tif.CLS: frozenset({Phase.CLOSING_AUCTION}),
    Tif.GFA: AUCTIONS,
}
"""Where auction orders are active."""
_AT_LAST_TIFS = frozenset({Tif.DAY, Tif.GTC, Tif.GTD, Tif.IOC, Tif.FOK})


def admits(phase: Phase, new: NewOrder, last_price: int) -> bool:
    """Whether a new order may enter in this phase."""
    if phase in _SHUT:
        return False
    # Rule 15.
    if new.tif is Tif.OPG and phase not in _AUCTION_PHASES[Tif.OPG]:
        return False
    # Rule 16.
    if phase is Phase.TRADE_AT_LAST:
        at_last = new.kind is Kind.LIMIT and new.price == last_price
        conditions = new.all_or_none or new.post_only or new.min_quantity
        return bool(
            last_price
            and (at_last or new.kind is Kind.MARKET)
            and new.tif in _AT_LAST_TIFS
            and not conditions
        )
    # Rule 15: nothing that must act at once where nothing trades.
    at_once = new.tif in (Tif.IOC, Tif.FOK) or new.kind is Kind.MARKET_TO_LIMIT
    return phase not in _CALLS or not (at_once or new.post_only or new.min_quantity)


def dormant(phase: Phase, order: Working) -> bool:
    """Whether an order waits for a later auction."""
    # Rule 15.
    return order.tif in (Tif.CLS, Tif.GFA) and phase not in _AUCTION_PHASES[order.tif]


class Phases:
    """Moves the book from phase to phase."""

    def __init__(self, core: Core, auction: CallAuction) -> None:
        self._core = core
        self._auction = auction
        core.interrupt = self._pause

    def change(self, phase: Phase) -> None:
        """Leave the present phase and enter another; the same one changes nothing."""
        core = self._core
        if phase is core.phase:
            return
        # Rule 16.
        leaves_auction = core.phase in AUCTIONS and phase is not Phase.HALTED
        uncrosses = leaves_auction or phase is Phase.CONTINUOUS
        if uncrosses:
            self._auction.uncross()
            # Rule 18: what follows is measured from the auction's price.
            core.anchor = core.reference
        self._cancel_leftovers(phase, uncrossed=uncrosses)
        self._enter(phase)

    def _pause(self) -> None:
        """Rule 18: a collar interrupts continuous matching."""
        self._enter(Phase.VOLATILITY_AUCTION)

    def _enter(self, phase: Phase) -> None:
        core = self._core
        core.phase = phase
        core.tell(Event.PHASE, phase)
        if phase is Phase.CLOSED:
            self._expire_day_orders()
        elif phase in AUCTIONS:
            self._auction.published = (0, 0, 0)
            self._wake()

    def _cancel_leftovers(self, phase: Phase, *, uncrossed: bool) -> None:
        """Rule 15: what is left of orders that were for an auction only."""
        core = self._core
        if phase is Phase.HALTED:
            return
        over = phase in (Phase.TRADE_AT_LAST, Phase.CLOSED)
        candidates = [*core.special.values(), *core.aside.markets.values()]
        left = [
            order
            for order in candidates
            if order.tif in _AUCTION_PHASES
            and (uncrossed or phase not in _AUCTION_PHASES[order.tif])
        ]
        if over:
            left += core.aside.dormant.values()
        for order in sorted(left, key=lambda order: order.entry):
            live = core.find(order.order_id)
            assert live is not None
            core.cancel(live, CancelReason.AUCTION_REMAINDER)

    def _expire_day_orders(self) -> None:
        core = self._core
        for order in core.in_book_order():
            if order.tif is Tif.DAY:
                core.withdraw(order)
                core.tell(Event.EXPIRED, order.order_id, order.leaves)

    def _wake(self) -> None:
        """Rule 15: auction orders join the auction they are for."""
        core = self._core
        for order in sorted(core.aside.dormant.values(), key=lambda order: order.entry):
            if dormant(core.phase, order):
                continue
            core.aside.remove(order)
            order.dormant = False
            order.time = core.next_time()
            core.tell(Event.TRIGGERED, order.order_id, 0)
            if order.kind is Kind.MARKET:
                core.aside.add(order)
            else:
                core.rest(order)
