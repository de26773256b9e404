"""Build outbound FIX messages, at the best speed this installation has."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from meridian import native
from meridian.fix.pure_encoder import Fields, Template, Value, encode_fields, frame
from meridian.fix.timestamps import timestamp

__all__ = [
    "NATIVE",
    "Fields",
    "Header",
    "Template",
    "Value",
    "encode",
    "encode_fields",
    "frame",
]

if TYPE_CHECKING:
    # Both have one interface; a type checker sees the pure one.
    NATIVE: bool
else:
    NATIVE = False
    if not native.PURE:
        try:
            from meridian.fix import _encoder
        except ImportError:
            pass
        else:
            Template, encode_fields, frame = (
                _encoder.Template,
                _encoder.encode_fields,
                _encoder.frame,
            )
            NATIVE = True


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
        ValueError, TypeError: as ``encode_fields``.
    """
    again = "" if header.orig_sending_time is None else "43=Y\x01"
    opening = (
        f"35={header.msg_type}\x0134={header.seq_num}\x01{again}"
        f"49={header.sender}\x0152={timestamp(header.sending_time)}\x0156={header.target}\x01"
    )
    if again:
        opening += f"122={header.orig_sending_time}\x01"
    prefix = b"8=%b\x019=" % header.begin_string.encode("ascii")
    return frame(prefix, opening.encode("latin-1") + encode_fields(fields))
