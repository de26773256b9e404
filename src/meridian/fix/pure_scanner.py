"""Find and index one FIX message in a buffer: the pure twin of ``_scanner.pyx``."""

from __future__ import annotations

from meridian.fix.verdicts import (
    GARBLED_CHECKSUM,
    GARBLED_FIELD,
    GARBLED_LENGTH,
    GARBLED_ORDER,
    GARBLED_PREFIX,
    MARK,
    MAX_BEGIN,
    MAX_LENGTH_DIGITS,
    MAX_MESSAGE,
    MAX_TAG_DIGITS,
    MESSAGE,
    MORE,
)

__all__ = ["scan"]

_SOH = b"\x01"
_LENGTH = b"9="
_TRAILER = b"\x0110="
_MSG_TYPE = 35
_THIRD_TAG = 6  # position of the third field's tag in the flat index

Scan = tuple[int, int, list[int]]


def scan(data: bytes | bytearray, start: int) -> Scan:
    """Look for one message at ``start``.

    Returns:
        ``(verdict, end, index)``: ``end`` is where the next scan starts; ``index`` is flat
        ``[tag, value_start, value_end, ...]``, offsets counted from ``start``, and empty unless
        the verdict is MESSAGE. Never raises on any bytes.

    Raises:
        ValueError: ``start`` is negative.
    """
    if start < 0:
        raise ValueError(f"expected start >= 0, got {start}")
    size = len(data)
    # F1: bytes before the next 8= are discarded.
    if not data.startswith(MARK, start):
        at = data.find(MARK, start)
        if at < 0:
            at = _partial_mark(data, start)
        return (GARBLED_PREFIX if at > start else MORE), at, []
    first = data.find(_SOH, start, start + MAX_BEGIN)
    if first < 0:
        if size - start < MAX_BEGIN:
            return MORE, start, []
        return GARBLED_ORDER, start + len(MARK), []
    head = bytes(data[first + 1 : first + 3])
    if head != _LENGTH:
        # F4: 8, 9, 35 come in this order.
        return (MORE, start, []) if _LENGTH.startswith(head) else (GARBLED_ORDER, first + 1, [])
    at = first + 3
    digits = bytes(data[at : at + MAX_LENGTH_DIGITS + 1])
    stop = digits.find(_SOH)
    number = digits if stop < 0 else digits[:stop]
    # F3: a BodyLength that is no number: nothing of this message can be trusted.
    if number and not number.isdigit():
        return GARBLED_LENGTH, at, []
    if stop < 0:
        return (GARBLED_LENGTH, at, []) if len(number) > MAX_LENGTH_DIGITS else (MORE, start, [])
    if not number or int(number) > MAX_MESSAGE:
        return GARBLED_LENGTH, at, []
    return _framed(data, start, at + stop + int(number))


def _partial_mark(data: bytes | bytearray, start: int) -> int:
    """Where the tail begins that may yet become a MARK; the end of data when none does."""
    size = len(data)
    for length in range(min(len(MARK) - 1, size - start), 0, -1):
        if data.endswith(MARK[:length]):
            return size - length
    return max(size, start)


def _framed(data: bytes | bytearray, start: int, expected: int) -> Scan:
    """Close the frame whose last body SOH should stand at ``expected``."""
    limit = start + MAX_MESSAGE
    # F2: the message ends with the first SOH 10=...SOH at or after where 9= points: too short a
    # length still consumes just this message, too long a one swallows the next as well.
    trailer = data.find(_TRAILER, expected, limit)
    close = data.find(_SOH, trailer + 4, limit) if trailer >= 0 else -1
    if close < 0:
        if len(data) >= limit:
            return GARBLED_LENGTH, start + len(MARK), []
        return MORE, start, []
    end = close + 1
    if trailer != expected:
        return GARBLED_LENGTH, end, []
    checksum = bytes(data[trailer + 4 : close])
    if len(checksum) != 3 or not checksum.isdigit():
        return GARBLED_CHECKSUM, end, []
    if int(checksum) != sum(data[start : trailer + 1]) & 0xFF:
        return GARBLED_CHECKSUM, end, []
    return _indexed(data, start, end)


def _indexed(data: bytes | bytearray, start: int, end: int) -> Scan:
    index: list[int] = []
    at = start
    while at < end:
        stop = data.find(_SOH, at, end)
        equals = data.find(b"=", at, stop)
        if equals < 0:
            return GARBLED_FIELD, end, []
        name = bytes(data[at:equals])
        digits = name[1:] if name[:1] == b"-" else name
        if not digits.isdigit() or len(digits) > MAX_TAG_DIGITS:
            return GARBLED_FIELD, end, []
        if digits[:1] == b"0" and len(digits) > 1:
            return GARBLED_FIELD, end, []
        index += (int(name), equals + 1 - start, stop - start)
        at = stop + 1
    # F4: 8, 9, 35 come in this order.
    if index[_THIRD_TAG] != _MSG_TYPE:
        return GARBLED_ORDER, end, []
    return MESSAGE, end, index
