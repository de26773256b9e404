"""What a scan of the receive buffer can say, and the limits it holds a peer to."""

from __future__ import annotations

__all__ = [
    "GARBLED_CHECKSUM",
    "GARBLED_DATA",
    "GARBLED_FIELD",
    "GARBLED_LENGTH",
    "GARBLED_ORDER",
    "GARBLED_PREFIX",
    "MARK",
    "MAX_BEGIN",
    "MAX_LENGTH_DIGITS",
    "MAX_MESSAGE",
    "MAX_STRAY",
    "MAX_TAG",
    "MAX_TAG_DIGITS",
    "MESSAGE",
    "MORE",
    "REASONS",
]

MESSAGE = 0
"""A whole message from ``start`` to ``end``, its fields indexed."""
MORE = 1
"""The bytes so far are fine; come back with more. ``end`` is ``start``."""
GARBLED_PREFIX = 2
GARBLED_ORDER = 3
GARBLED_LENGTH = 4
GARBLED_CHECKSUM = 5
GARBLED_FIELD = 6
GARBLED_DATA = 7

REASONS = {
    GARBLED_PREFIX: "bytes before BeginString(8)",
    GARBLED_ORDER: "the first three fields are not 8, 9, 35",
    GARBLED_LENGTH: "BodyLength(9) is wrong",
    GARBLED_CHECKSUM: "CheckSum(10) is wrong",
    GARBLED_FIELD: "a field is not tag=value",
    GARBLED_DATA: "a data field does not end where its length says",
}
"""Verdict -> text for people."""

MARK = b"8=FIX"
"""Every BeginString starts so; ``8=`` alone also ends tags such as 58."""
MAX_MESSAGE = 262_144
"""Longest message accepted, bytes from 8= to the last SOH; also bounds the receive buffer."""
MAX_STRAY = 4_096
"""Bytes after where BodyLength(9) points in which a lost CheckSum(10) is sought. Every read looks
through them again, so that they bound the work a peer can ask for by sending byte after byte."""
MAX_BEGIN = 32
"""Longest first field, bytes with its SOH."""
MAX_LENGTH_DIGITS = 6
"""Digits of BodyLength that ``MAX_MESSAGE`` can need."""
MAX_TAG_DIGITS = 9
"""Digits of a tag number."""
MAX_TAG = 10**MAX_TAG_DIGITS - 1
