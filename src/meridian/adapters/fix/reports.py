"""What a venue tells in FIX.4.4, as the platform's messages."""

from __future__ import annotations

from decimal import Decimal

from meridian.adapters.fix import words
from meridian.ccm import OrderRecord
from meridian.fix import tags
from meridian.fix.message import Message
from meridian.schema.messages import FillEvent, OrderReport
from meridian.schema.order_spec import SymbolMetadata

__all__ = ["fill_event", "instruments", "never_seen", "order_report", "refused_as_duplicate"]

UNKNOWN_ORDER = "5"
DUPLICATE_ORDER = "6"
"""OrdRejReason(103)."""
REJECTED = "8"
"""ExecType(150) and OrdStatus(39)."""
NO_ORDER_ID = "NONE"
"""OrderID(37) where the venue has no such order."""


def order_report(
    message: Message, order_id: str, record: OrderRecord | None, now: int
) -> OrderReport:
    """An ExecutionReport (8) as the state of an order.

    Raises:
        FieldError: a field is missing or malformed.
    """
    executed = message.require_decimal(tags.CumQty)
    leaves = message.require_decimal(tags.LeavesQty)
    quantity = message.decimal(tags.OrderQty)
    if quantity is None:
        quantity = record.quantity if record else executed + leaves
    return OrderReport(
        order_id=order_id,
        status=words.order_status(message, executed),
        quantity=quantity,
        cum_quantity=executed,
        leaves_quantity=leaves,
        price=message.decimal(tags.Price),
        venue_order_id=_venue_order_id(message),
        reason=message.get(tags.Text, ""),
        ts_event=message.timestamp(tags.TransactTime),
        ts_init=now,
    )


def fill_event(
    message: Message, order_id: str | None, record: OrderRecord | None, now: int
) -> FillEvent:
    """An ExecutionReport (8) with ExecType(150) F as a fill; ExecID(17) is the trade id.

    Raises:
        FieldError: a field is missing or malformed.
        ValueError: a value no fill can have, as a quantity of 0.
    """
    side = words.side(message)
    # FIX.4.4 tells BUY for a buy to cover; the order knows better.
    if record is not None and record.order.side.buys == side.buys:
        side = record.order.side
    return FillEvent(
        trade_id=message.require(tags.ExecID),
        order_id=order_id,
        security_id=message.require(tags.Symbol),
        side=side,
        price=message.require_decimal(tags.LastPx),
        quantity=message.require_decimal(tags.LastQty),
        ts_event=message.timestamp(tags.TransactTime),
        ts_init=now,
        venue_order_id=_venue_order_id(message),
    )


def never_seen(message: Message) -> bool:
    """Whether the answer to a status request is that the venue has no such order."""
    return (
        message.get(tags.OrdStatus) == REJECTED and message.get(tags.OrdRejReason) == UNKNOWN_ORDER
    )


def refused_as_duplicate(message: Message) -> bool:
    """Whether an order was refused because its ClOrdID is taken: proof that an order of that
    id is at the venue, and no word on what became of it."""
    return (
        message.get(tags.ExecType) == REJECTED and message.get(tags.OrdRejReason) == DUPLICATE_ORDER
    )


def instruments(message: Message) -> list[SymbolMetadata]:
    """The entries of a SecurityList (y).

    Raises:
        FieldError: the group is malformed.
        ValueError: an entry is incomplete.
    """
    return [
        SymbolMetadata(
            symbol_id=entry[tags.Symbol],
            tick_size=_size(entry, tags.MinPriceIncrement),
            lot_size=_size(entry, tags.RoundLot),
            min_quantity=_size(entry, tags.MinTradeVol),
            currency=entry.get(tags.Currency, "USD"),
        )
        for entry in message.groups(tags.NoRelatedSym, tags.Symbol)
    ]


def _size(entry: dict[int, str], tag: int) -> Decimal:
    if tag not in entry:
        raise ValueError(f"SecurityList: {entry[tags.Symbol]} has no tag {tag}")
    return Decimal(entry[tag])


def _venue_order_id(message: Message) -> str | None:
    order_id = message.get(tags.OrderID)
    return None if order_id == NO_ORDER_ID else order_id
