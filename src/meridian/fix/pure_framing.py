"""Where a FIX message in a buffer ends, and where its fields lie: the pure twin of
``_framing.pxd``."""

from __future__ import annotations

from collections.abc import Mapping

from meridian.fix.checksum import byte_sum
from meridian.fix.data_fields import DATA_TAGS
from meridian.fix.formats import MAX_DIGITS
from meridian.fix.verdicts import (
    GARBLED_CHECKSUM,
    GARBLED_DATA,
    GARBLED_FIELD,
    GARBLED_LENGTH,
    GARBLED_ORDER,
    GARBLED_PREFIX,
    MARK,
    MAX_BEGIN,
    MAX_LENGTH_DIGITS,
    MAX_MESSAGE,
    MAX_STRAY,
    MAX_TAG_DIGITS,
    MESSAGE,
    MORE,
)

__all__ = ["Span", "frame", "index"]

Span = tuple[int, int, int]
"""Tag, where its value begins, where it ends."""

_SOH = b"\x01"
_LENGTH = b"9="
_TRAILER = b"\x0110="
_CHECKSUM_SIZE = 3
_TRAILER_SIZE = len(_TRAILER) + _CHECKSUM_SIZE + 1
_MSG_TYPE = 35
_THIRD = 2


def frame(data: bytes | bytearray, start: int) -> tuple[int, int]:
    """Look for one message at ``start``, which is not negative.

    Returns:
        The verdict and where the next look begins: after the message when it is MESSAGE, at
        ``start`` when it is MORE, beyond when the bytes are garbled. Never raises on any bytes.
    """
    size = len(data)
    # F1: bytes before the next 8= are discarded.
    if not data.startswith(MARK, start):
        at = data.find(MARK, start)
        if at < 0:
            at = _partial_mark(data, start)
        return (GARBLED_PREFIX if at > start else MORE), at
    first = data.find(_SOH, start, start + MAX_BEGIN)
    if first < 0:
        return (MORE, start) if size - start < MAX_BEGIN else (GARBLED_ORDER, start + len(MARK))
    head = data[first + 1 : first + 3]
    if head != _LENGTH:
        # F4: 8, 9, 35 come in this order.
        return (MORE, start) if _LENGTH.startswith(bytes(head)) else (GARBLED_ORDER, first + 1)
    at = first + 3
    digits = data[at : at + MAX_LENGTH_DIGITS + 1]
    stop = digits.find(_SOH)
    number = digits if stop < 0 else digits[:stop]
    # F3: a BodyLength that is no number: nothing of this message can be trusted.
    if number and not number.isdigit():
        return GARBLED_LENGTH, at
    if stop < 0:
        return (GARBLED_LENGTH, at) if len(number) > MAX_LENGTH_DIGITS else (MORE, start)
    if not number or int(number) > MAX_MESSAGE:
        return GARBLED_LENGTH, at
    return _closed(data, start, at + stop + int(number))


def _partial_mark(data: bytes | bytearray, start: int) -> int:
    """Where the tail begins that may yet become a MARK; the end of data when none does."""
    size = len(data)
    for length in range(min(len(MARK) - 1, size - start), 0, -1):
        if data.endswith(MARK[:length]):
            return size - length
    return max(size, start)


def _closed(data: bytes | bytearray, start: int, expected: int) -> tuple[int, int]:
    """Close the frame whose last body SOH should stand at ``expected``."""
    limit = min(start + MAX_MESSAGE, expected + MAX_STRAY)
    # F2: the message ends with the first SOH 10=...SOH at or after where 9= points: too short a
    # length still consumes just this message, too long a one swallows the next as well.
    trailer = data.find(_TRAILER, expected, limit)
    close = data.find(_SOH, trailer + len(_TRAILER), limit) if trailer >= 0 else -1
    if close < 0:
        return (GARBLED_LENGTH, start + len(MARK)) if len(data) >= limit else (MORE, start)
    if trailer != expected:
        return GARBLED_LENGTH, close + 1
    checksum = data[trailer + len(_TRAILER) : close]
    if len(checksum) != _CHECKSUM_SIZE or not checksum.isdigit():
        return GARBLED_CHECKSUM, close + 1
    if int(checksum) != byte_sum(bytes(data[start : trailer + 1])) & 0xFF:
        return GARBLED_CHECKSUM, close + 1
    return MESSAGE, close + 1


def index(raw: bytes, more: Mapping[int, int] | None = None) -> tuple[int, list[Span]]:
    """The fields of a framed message: MESSAGE and all of them, or why it is garbled. ``more`` are
    data fields beyond the published ones."""
    spans: list[Span] = []
    at, end = 0, len(raw)
    size = 0
    data_tag: int | None = None
    while at < end:
        stop = raw.find(_SOH, at, end)
        equals = raw.find(b"=", at, stop)
        if equals < 0:
            return GARBLED_FIELD, []
        name = raw[at:equals]
        digits = name[1:] if name[:1] == b"-" else name
        if not digits.isdigit() or len(digits) > MAX_TAG_DIGITS:
            return GARBLED_FIELD, []
        if digits[:1] == b"0" and name != b"0":
            return GARBLED_FIELD, []
        tag = int(name)
        if tag == data_tag:
            stop = equals + 1 + size
            if stop > end - _TRAILER_SIZE or raw[stop] != 1:
                return GARBLED_DATA, []
        value = raw[equals + 1 : stop]
        data_tag = DATA_TAGS.get(tag) or (more.get(tag) if more else None)
        # A length that is no number measures nothing: its data ends at the first SOH.
        if data_tag is not None and not value.isdigit():
            data_tag = None
        elif data_tag is not None:
            size = int(value) if len(value) <= MAX_DIGITS else MAX_MESSAGE
        spans.append((tag, equals + 1, stop))
        at = stop + 1
    # F4: 8, 9, 35 come in this order.
    if spans[_THIRD][0] != _MSG_TYPE:
        return GARBLED_ORDER, []
    return MESSAGE, spans
