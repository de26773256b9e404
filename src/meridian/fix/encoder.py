"""Build an outbound FIX message."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from meridian.fix.timestamps import timestamp
from meridian.schema.numbers import canonical

__all__ = ["Fields", "Header", "encode", "encode_fields", "frame"]

Fields = Sequence[tuple[int, str | int | Decimal]]
"""Body fields in the order they go on the wire: tag, value."""


class Header(NamedTuple):
    """What opens a message. ``sending_time`` is ns UTC; ``orig_sending_time`` is the text of
    SendingTime(52) as first sent, and makes the message a possible duplicate."""

    begin_string: str
    msg_type: str
    seq_num: int
    sender: str
    target: str
    sending_time: int
    orig_sending_time: str | None = None


def encode(header: Header, fields: Fields) -> bytes:
    """The whole message: 8, 9, 35, 34, [43], 49, 52, 56, [122], ``fields``, 10.

    Raises:
        ValueError: a value is empty, holds SOH, or is not Latin-1.
        TypeError: a value is not text, integer or Decimal.
    """
    again = "" if header.orig_sending_time is None else "43=Y\x01"
    parts = [
        f"35={header.msg_type}\x0134={header.seq_num}\x01{again}"
        f"49={header.sender}\x0152={timestamp(header.sending_time)}\x0156={header.target}\x01"
    ]
    if again:
        parts.append(f"122={header.orig_sending_time}\x01")
    opening = "".join(parts).encode("latin-1")
    prefix = b"8=%b\x019=" % header.begin_string.encode("ascii")
    return frame(prefix, opening + encode_fields(fields))


def encode_fields(fields: Fields) -> bytes:
    """``tag=value`` and SOH for each field.

    Raises:
        ValueError: a value is empty, holds SOH, or is not Latin-1.
        TypeError: a value is not text, integer or Decimal.
    """
    return "".join([f"{tag}={_text(tag, value)}\x01" for tag, value in fields]).encode("latin-1")


def frame(prefix: bytes, inner: bytes) -> bytes:
    """Complete a message: ``prefix`` is ``8=...|9=``, ``inner`` runs from 35= to the last SOH
    before CheckSum."""
    framed = b"%b%d\x01%b" % (prefix, len(inner), inner)
    return b"%b10=%03d\x01" % (framed, sum(framed) & 0xFF)


def _text(tag: int, value: str | int | Decimal) -> str:
    if isinstance(value, str):
        if not value or "\x01" in value:
            raise ValueError(f"tag {tag}: a value cannot be empty or hold SOH, got {value!r}")
        return value
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise ValueError(f"tag {tag}: expected a finite number, got {value}")
        return canonical(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise TypeError(f"tag {tag}: expected text, integer or Decimal, got {value!r}")
