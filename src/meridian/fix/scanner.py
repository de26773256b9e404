"""Find and index one FIX message in a buffer, at the best speed this installation has."""

from __future__ import annotations

from collections.abc import Callable

from meridian import native
from meridian.fix import pure_scanner
from meridian.fix.verdicts import (
    GARBLED_CHECKSUM,
    GARBLED_FIELD,
    GARBLED_LENGTH,
    GARBLED_ORDER,
    GARBLED_PREFIX,
    MAX_MESSAGE,
    MESSAGE,
    MORE,
    REASONS,
)

__all__ = [
    "GARBLED_CHECKSUM",
    "GARBLED_FIELD",
    "GARBLED_LENGTH",
    "GARBLED_ORDER",
    "GARBLED_PREFIX",
    "MAX_MESSAGE",
    "MESSAGE",
    "MORE",
    "NATIVE",
    "REASONS",
    "scan",
]


def _choose() -> tuple[Callable[[bytes | bytearray, int], tuple[int, int, list[int]]], bool]:
    if not native.PURE:
        try:
            from meridian.fix import _scanner
        except ImportError:
            return pure_scanner.scan, False
        return _scanner.scan, True
    return pure_scanner.scan, False


scan, NATIVE = _choose()
"""``scan`` finds one message (see ``pure_scanner.scan``); ``NATIVE`` says it is compiled."""
