"""FIX.4.4 codes and the platform's words."""

from __future__ import annotations

from decimal import Decimal

from meridian.fix import reasons, tags
from meridian.fix.message import FieldError, Message
from meridian.schema.words import OrderStatus, OrderType, Side, TimeInForce

__all__ = [
    "ORDER_TYPE_CODES",
    "SIDE_CODES",
    "TIME_IN_FORCE_CODES",
    "UNDISCLOSED",
    "order_status",
    "side",
]

SIDE_CODES = {
    Side.BUY: "1",
    Side.SELL: "2",
    Side.SELL_SHORT: "5",
    # FIX.4.4 Side(54) has no buy to cover; venues take it as a buy.
    Side.BUY_TO_COVER: "1",
}
ORDER_TYPE_CODES = {OrderType.MARKET: "1", OrderType.LIMIT: "2"}
TIME_IN_FORCE_CODES = {TimeInForce.DAY: "0", TimeInForce.IOC: "3", TimeInForce.FOK: "4"}
UNDISCLOSED = "7"
"""Side(54) of an order whose side we do not know."""

_SIDES = {"1": Side.BUY, "2": Side.SELL, "5": Side.SELL_SHORT, "6": Side.SELL_SHORT}
_STATUSES = {
    "A": OrderStatus.PENDING_NEW,
    "0": OrderStatus.NEW,
    "1": OrderStatus.PARTIALLY_FILLED,
    "2": OrderStatus.FILLED,
    "4": OrderStatus.CANCELLED,
    "8": OrderStatus.REJECTED,
    "C": OrderStatus.EXPIRED,
}
_WORKING = frozenset("3567BDE9")
"""Done for day, replaced, pending, stopped, suspended, calculated: the quantities tell the rest."""


def side(message: Message) -> Side:
    """Side(54).

    Raises:
        FieldError: absent, or no side of a platform's order.
    """
    found = _SIDES.get(message.require(tags.Side))
    if found is None:
        raise _unexpected(tags.Side)
    return found


def order_status(message: Message, executed: Decimal) -> OrderStatus:
    """OrdStatus(39); where it says only that the order works on, what was executed decides.

    Raises:
        FieldError: absent, or no status of FIX.4.4.
    """
    code = message.require(tags.OrdStatus)
    if code in _WORKING:
        return OrderStatus.PARTIALLY_FILLED if executed else OrderStatus.NEW
    found = _STATUSES.get(code)
    if found is None:
        raise _unexpected(tags.OrdStatus)
    return found


def _unexpected(tag: int) -> FieldError:
    return FieldError(tag, reasons.INCORRECT_VALUE, reasons.TEXTS[reasons.INCORRECT_VALUE])
