"""Orders, books and instruments as management shows them."""

from __future__ import annotations

from decimal import Decimal

from meridian.book import BookSide
from meridian.management import InstrumentDefinition
from meridian.management.commands import BookMode
from meridian.management.instruments import PhaseName
from meridian.management.replies import BookLevel, BookView, InstrumentView, OrderView
from meridian.venue import Instrument, Order, Venue

__all__ = ["book_view", "instrument_view", "order_view"]


def order_view(order: Order, instrument: Instrument) -> OrderView:
    """An order in its instrument's own units."""
    pending = order.pending
    return OrderView(
        order_id=order.order_id,
        cl_ord_id=order.cl_ord_id,
        orig_cl_ord_id=order.orig_cl_ord_id,
        session=order.participant,
        symbol=order.symbol,
        side=order.side.value,
        order_type=order.order_type.name.lower(),
        time_in_force=order.time_in_force.name.lower(),
        quantity=order.quantity * instrument.lot_size,
        price=None if order.price is None else order.price * instrument.tick_size,
        executed=order.executed * instrument.lot_size,
        leaves=order.leaves * instrument.lot_size,
        average_price=Decimal(instrument.average_text(order.notional, order.executed)),
        status=order.status.value,
        held=order.held,
        pending=None if pending is None else "replace" if pending.replaces else "cancel",
        at=order.changed_at,
    )


def book_view(venue: Venue, symbol: str, depth: int) -> BookView:
    """The displayed book of a symbol that trades."""
    instrument, book = venue.instruments[symbol], venue.book(symbol)

    def levels(side: BookSide) -> tuple[BookLevel, ...]:
        return tuple(
            BookLevel(
                price=level.price * instrument.tick_size,
                quantity=level.quantity * instrument.lot_size,
                orders=level.orders,
            )
            for level in book.depth(side, depth)
        )

    return BookView(
        symbol=symbol,
        phase=PhaseName(venue.phase(symbol).name.lower()),
        bids=levels(BookSide.BID),
        asks=levels(BookSide.ASK),
    )


def instrument_view(venue: Venue, definition: InstrumentDefinition) -> InstrumentView:
    """An instrument that trades, and how its book stands."""
    symbol = definition.symbol
    return InstrumentView(
        symbol=symbol,
        definition=definition,
        mode=BookMode(venue.mode(symbol).value),
        phase=PhaseName(venue.phase(symbol).name.lower()),
        live_orders=venue.book(symbol).live,
    )
