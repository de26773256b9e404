"""FIX codes for the venue's words, and the reading of a message's tags into them."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import NamedTuple

from meridian.book import Kind, Peg, Tif
from meridian.fix import reasons, tags
from meridian.fix.encoder import encode_fields
from meridian.fix.message import FieldError, Fields, Message
from meridian.schema import OrderStatus, Side
from meridian.venue import fix_tags as venue_tags

__all__ = [
    "ORDER_STATUSES",
    "ORDER_TYPES",
    "ORDER_TYPE_CODES",
    "PEGS",
    "SIDES",
    "SIDE_CODES",
    "TIFS",
    "TIF_CODES",
    "Reply",
    "SessionReject",
    "Unsupported",
    "code",
    "reply",
]

SIDES = {b"1": Side.BUY, b"2": Side.SELL, b"5": Side.SELL_SHORT}
ORDER_TYPES: Mapping[bytes, tuple[Kind, Tif | None]] = {
    b"1": (Kind.MARKET, None),
    b"2": (Kind.LIMIT, None),
    b"3": (Kind.STOP, None),
    b"4": (Kind.STOP_LIMIT, None),
    b"5": (Kind.MARKET, Tif.CLS),
    b"B": (Kind.LIMIT, Tif.CLS),
    b"K": (Kind.MARKET_TO_LIMIT, None),
    b"P": (Kind.PEGGED, None),
}
"""OrdType(40), and the time in force that some of them imply."""
TIFS = {
    b"0": Tif.DAY,
    b"1": Tif.GTC,
    b"2": Tif.OPG,
    b"3": Tif.IOC,
    b"4": Tif.FOK,
    b"6": Tif.GTD,
    b"7": Tif.CLS,
    b"B": Tif.GFA,
}
PEGS = {"R": Peg.PRIMARY, "P": Peg.MARKET, "M": Peg.MIDPOINT}
"""ExecInst(18) of a pegged order."""

# FIX has no buy to cover: it is a buy with a closing position effect.
SIDE_CODES = {Side.BUY: "1", Side.SELL: "2", Side.SELL_SHORT: "5", Side.BUY_TO_COVER: "1"}
ORDER_TYPE_CODES = {
    Kind.MARKET: "1",
    Kind.LIMIT: "2",
    Kind.STOP: "3",
    Kind.STOP_LIMIT: "4",
    Kind.MARKET_TO_LIMIT: "K",
    Kind.PEGGED: "P",
    Kind.TRAILING_STOP: "P",
}
TIF_CODES = {tif: value.decode() for value, tif in TIFS.items()}
ORDER_STATUSES = {
    OrderStatus.PENDING_NEW: "A",
    OrderStatus.NEW: "0",
    OrderStatus.PARTIALLY_FILLED: "1",
    OrderStatus.FILLED: "2",
    OrderStatus.DONE_FOR_DAY: "3",
    OrderStatus.CANCELLED: "4",
    OrderStatus.EXPIRED: "C",
    OrderStatus.REJECTED: "8",
}

# Values some version defines: outside of them the field is malformed, inside it may be unsupported.
_DEFINED: dict[int, AbstractSet[str]] = {
    tags.Side: frozenset("123456789ABCDEFGH"),
    tags.OrdType: frozenset("123456789ABCDEFGHIJKLMPQRS"),
    tags.TimeInForce: frozenset("0123456789ABC"),
    tags.SubscriptionRequestType: frozenset("012"),
    tags.MDUpdateType: frozenset("01"),
    tags.MassStatusReqType: frozenset({*"123456789", "10"}),
    tags.SecurityListRequestType: frozenset("012345"),
    venue_tags.MassCancelRequestType: frozenset("123456789ABC"),
    venue_tags.SecurityRequestType: frozenset({*"0123456789", "10", "11", "12"}),
}


class Reply(NamedTuple):
    """An application message to send; ``body`` is encoded, for the version of its session."""

    session: str
    msg_type: str
    body: bytes

    @property
    def fields(self) -> list[tuple[int, str]]:
        """The body field by field."""
        pairs = (field.partition("=") for field in self.body.decode("latin-1")[:-1].split("\x01"))
        return [(int(tag), value) for tag, _, value in pairs]


@dataclass(frozen=True, slots=True)
class SessionReject:
    """A message to answer with Reject (35=3): the session knows its sequence number."""

    session: str
    message: Message
    reason_code: int
    tag: int
    text: str


@dataclass(frozen=True, slots=True)
class Unsupported:
    """A message of a type that is not served: the session knows how its version says so."""

    session: str
    message: Message


def reply(session: str, msg_type: str, fields: Fields) -> Reply:
    """A reply out of fields.

    Raises:
        ValueError, TypeError: a field cannot be encoded.
    """
    return Reply(session, msg_type, encode_fields(fields))


def code(message: Message, tag: int, default: str | None = None) -> str:
    """A required enumerated value, ``default`` where absent.

    Raises:
        FieldError: it is missing, or no value that FIX defines.
    """
    if default is not None and message.get(tag) is None:
        return default
    value = message.require(tag)
    if value not in _DEFINED[tag]:
        raise FieldError(tag, reasons.INCORRECT_VALUE, reasons.TEXTS[reasons.INCORRECT_VALUE])
    return value
