"""FIX.4.4 codes for the words of the schema, and the reading of a message's tags into them."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from meridian.book import Kind, Tif
from meridian.fix import reasons, tags
from meridian.fix.message import FieldError, Fields, Message
from meridian.schema import OrderStatus, Side

__all__ = [
    "ORDER_STATUSES",
    "ORDER_TYPES",
    "ORDER_TYPE_CODES",
    "SIDES",
    "SIDE_CODES",
    "TIFS",
    "TIF_CODES",
    "Reply",
    "SessionReject",
    "code",
]

SIDES = {"1": Side.BUY, "2": Side.SELL, "5": Side.SELL_SHORT}
ORDER_TYPES = {"1": Kind.MARKET, "2": Kind.LIMIT}
TIFS = {"0": Tif.DAY, "3": Tif.IOC, "4": Tif.FOK}

# FIX.4.4 has no buy to cover: it is a buy with a closing position effect.
SIDE_CODES = {side: value for value, side in SIDES.items()} | {Side.BUY_TO_COVER: "1"}
ORDER_TYPE_CODES = {order_type: value for value, order_type in ORDER_TYPES.items()}
TIF_CODES = {tif: value for value, tif in TIFS.items()}
ORDER_STATUSES = {
    OrderStatus.PENDING_NEW: "A",
    OrderStatus.NEW: "0",
    OrderStatus.PARTIALLY_FILLED: "1",
    OrderStatus.FILLED: "2",
    OrderStatus.CANCELLED: "4",
    OrderStatus.EXPIRED: "C",
    OrderStatus.DONE_FOR_DAY: "3",
    OrderStatus.REJECTED: "8",
}

# Values FIX.4.4 defines: outside of them the field is malformed, inside it may be unsupported.
_DEFINED: dict[int, AbstractSet[str]] = {
    tags.Side: frozenset("123456789ABCDEFG"),
    tags.OrdType: frozenset("123456789DEGIJKLMP"),
    tags.TimeInForce: frozenset("01234567"),
    tags.SubscriptionRequestType: frozenset("012"),
    tags.MDUpdateType: frozenset("01"),
    tags.MassStatusReqType: frozenset("12345678"),
    tags.SecurityListRequestType: frozenset("01234"),
}


@dataclass(frozen=True, slots=True)
class Reply:
    """An application message to send."""

    session: str
    msg_type: str
    fields: Fields


@dataclass(frozen=True, slots=True)
class SessionReject:
    """A message to answer with Reject (35=3): the session knows its sequence number."""

    session: str
    message: Message
    reason_code: int
    tag: int
    text: str


def code(message: Message, tag: int, default: str | None = None) -> str:
    """A required enumerated value, ``default`` where absent.

    Raises:
        FieldError: it is missing, or no value that FIX.4.4 defines.
    """
    if default is not None and message.get(tag) is None:
        return default
    value = message.require(tag)
    if value not in _DEFINED[tag]:
        raise FieldError(tag, reasons.INCORRECT_VALUE, reasons.TEXTS[reasons.INCORRECT_VALUE])
    return value
