"""Nasdaq TotalView-ITCH 5.0: the messages that move a book, out of a BinaryFILE.

A BinaryFILE is a run of blocks, each a big-endian u16 length and one message. Every message
begins with type, stock locate (u16), tracking number (u16), ns since midnight (u48).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

from meridian.schema.errors import MeridianError

__all__ = [
    "AddOrder",
    "CancelOrder",
    "DeleteOrder",
    "ExecuteOrder",
    "ItchError",
    "ItchMessage",
    "OtherMessage",
    "ReplaceOrder",
    "itch_messages",
]


class ItchError(MeridianError):
    """The bytes are not ITCH 5.0; says at which offset and what was expected there."""


class AddOrder(NamedTuple):
    """A visible order entered the book (A, and F with attribution)."""

    locate: int
    timestamp: int
    reference: int
    buys: bool
    shares: int
    stock: str
    price: int


class ExecuteOrder(NamedTuple):
    """An order executed, at its own price (E) or at the price given (C)."""

    locate: int
    timestamp: int
    reference: int
    shares: int
    match_number: int
    price: int | None
    printable: bool


class CancelOrder(NamedTuple):
    """An order lost ``shares`` (X)."""

    locate: int
    timestamp: int
    reference: int
    shares: int


class DeleteOrder(NamedTuple):
    """An order left the book (D)."""

    locate: int
    timestamp: int
    reference: int


class ReplaceOrder(NamedTuple):
    """An order was replaced under a new reference (U); the side stays."""

    locate: int
    timestamp: int
    reference: int
    new_reference: int
    shares: int
    price: int


class OtherMessage(NamedTuple):
    """A message that moves no book: directory, trading action, hidden trade, auction, ..."""

    locate: int
    timestamp: int
    kind: str


ItchMessage = AddOrder | ExecuteOrder | CancelOrder | DeleteOrder | ReplaceOrder | OtherMessage

# ITCH 5.0 section 4: length of each message, type byte included.
_LENGTHS = {
    ord(kind): length
    for length, kinds in {
        12: "SW",
        19: "DB",
        20: "YN",
        21: "h",
        23: "X",
        25: "H",
        26: "L",
        28: "K",
        31: "E",
        35: "VJU",
        36: "AC",
        39: "R",
        40: "FQ",
        44: "P",
        48: "O",
        50: "I",
    }.items()
    for kind in kinds
}
_BLOCK = struct.Struct(">H")
_HEADER = struct.Struct(">HHHI")  # locate, tracking, timestamp's upper 16 and lower 32 bits
_BODY = 11
_ADD = struct.Struct(">QcI8sI")
_EXECUTE = struct.Struct(">QIQ")
_EXECUTE_AT = struct.Struct(">QIQcI")
_CANCEL = struct.Struct(">QI")
_DELETE = struct.Struct(">Q")
_REPLACE = struct.Struct(">QQII")


def itch_messages(data: bytes) -> Iterator[ItchMessage]:
    """Every message of a BinaryFILE in order.

    Raises:
        ItchError: a block is cut short, or a message has an unknown type or a wrong length.
    """
    offset, size = 0, len(data)
    while offset < size:
        if offset + 2 > size:
            raise ItchError(f"offset {offset}: expected a 2-byte block length, file ends")
        (length,) = _BLOCK.unpack_from(data, offset)
        start = offset + 2
        if start + length > size:
            raise ItchError(
                f"offset {offset}: block of {length} bytes expected, {size - start} left"
            )
        if length == 0:
            raise ItchError(f"offset {offset}: expected a message, the block is empty")
        expected = _LENGTHS.get(data[start])
        if expected is None:
            raise ItchError(f"offset {start}: unknown ITCH 5.0 message type {data[start]:#04x}")
        if expected != length:
            raise ItchError(
                f"offset {start}: message {chr(data[start])} has {length} bytes, "
                f"expected {expected}"
            )
        yield _decode(data, start)
        offset = start + length


def _decode(data: bytes, start: int) -> ItchMessage:
    kind = chr(data[start])
    locate, _, high, low = _HEADER.unpack_from(data, start + 1)
    timestamp = high << 32 | low
    body = start + _BODY
    match kind:
        case "A" | "F":
            reference, side, shares, stock, price = _ADD.unpack_from(data, body)
            if side not in (b"B", b"S"):
                raise ItchError(f"offset {body + 8}: side {side!r}, expected B or S")
            symbol = stock.decode("latin-1").rstrip()
            return AddOrder(locate, timestamp, reference, side == b"B", shares, symbol, price)
        case "E":
            reference, shares, match_number = _EXECUTE.unpack_from(data, body)
            return ExecuteOrder(locate, timestamp, reference, shares, match_number, None, True)
        case "C":
            reference, shares, match_number, printable, price = _EXECUTE_AT.unpack_from(data, body)
            shown = printable == b"Y"
            return ExecuteOrder(locate, timestamp, reference, shares, match_number, price, shown)
        case "X":
            return CancelOrder(locate, timestamp, *_CANCEL.unpack_from(data, body))
        case "D":
            return DeleteOrder(locate, timestamp, *_DELETE.unpack_from(data, body))
        case "U":
            return ReplaceOrder(locate, timestamp, *_REPLACE.unpack_from(data, body))
        case _:
            return OtherMessage(locate, timestamp, kind)
