"""Inbound FIX messages, at the best speed this installation has."""

from __future__ import annotations

from meridian.fix.encoder import Fields, Header, encode
from meridian.fix.field_error import FieldError
from meridian.fix.pure_message import Message, decode

__all__ = ["FieldError", "Fields", "Header", "Message", "decode", "encode", "parse"]


def parse(raw: bytes) -> Message:
    """Read exactly one whole message, as a store or a file holds it.

    Raises:
        ValueError: the bytes are not one well-formed message.
    """
    _, end, message = decode(raw, 0)
    if message is None or end != len(raw):
        raise ValueError(f"not one FIX message: {raw[:80]!r}")
    return message
