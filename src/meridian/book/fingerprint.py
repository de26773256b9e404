"""What the engine's parts know, as the one state that has a hash."""

from __future__ import annotations

from collections.abc import Iterator

from meridian.book.call_auction import CallAuction
from meridian.book.codes import Tif
from meridian.book.core import Core
from meridian.book.orders import Kind, OrderView
from meridian.book.rules import AUCTIONS
from meridian.book.state import State

__all__ = ["state_of"]

_IN_ORDER_OF_ENTRY = frozenset({Tif.GTD, Tif.OPG, Tif.CLS, Tif.GFA})


def state_of(core: Core, auction: CallAuction, busted: set[int]) -> State:
    """The book's state now; its iterables are to be read once, before anything changes."""
    aside = core.aside
    ordered = [
        order
        for order in core.special.values()
        if order.kind is Kind.PEGGED or order.discretion or order.tif in _IN_ORDER_OF_ENTRY
    ]
    ordered += aside.orders.values()
    queued = [*aside.whole.values(), *aside.markets.values()]
    return State(
        phase=core.phase,
        last_price=core.ladder.last_price,
        trades=core.ladder.trades,
        busted=busted,
        published=auction.published if core.phase in AUCTIONS else (0, 0, 0),
        triggered=aside.triggered,
        by_entry=[o.order_id for o in sorted(ordered, key=lambda order: order.entry)],
        by_time=[o.order_id for o in sorted(queued, key=lambda order: order.time)],
        bids=_resting(core, 1),
        asks=_resting(core, -1),
        aside=[order.view(0, parked=True) for order in aside.orders.values()],
    )


def _resting(core: Core, side: int) -> Iterator[OrderView]:
    for record in core.ladder.records(side):
        view = core.view(record[0])
        if view is not None:
            yield view
