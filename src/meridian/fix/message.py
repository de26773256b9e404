"""Inbound FIX messages, at the best speed this installation has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from meridian import native
from meridian.fix.encoder import Fields, Header, encode
from meridian.fix.field_error import FieldError
from meridian.fix.pure_message import Message, decode
from meridian.fix.pure_reader import Reader

__all__ = [
    "NATIVE",
    "FieldError",
    "Fields",
    "Header",
    "Message",
    "Reader",
    "decode",
    "encode",
    "parse",
]

if TYPE_CHECKING:
    # Both have one interface; a type checker sees the pure one.
    NATIVE: bool
else:
    NATIVE = False
    if not native.PURE:
        try:
            from meridian.fix import _message
        except ImportError:
            pass
        else:
            Message, Reader, decode = _message.Message, _message.Reader, _message.decode
            NATIVE = True


def parse(raw: bytes) -> Message:
    """Read exactly one whole message, as a store or a file holds it.

    Raises:
        ValueError: the bytes are not one well-formed message.
    """
    _, end, message = decode(raw, 0)
    if message is None or end != len(raw):
        raise ValueError(f"not one FIX message: {raw[:80]!r}")
    return message
