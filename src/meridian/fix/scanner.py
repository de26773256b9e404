"""Find one FIX message in a buffer: the names of ``message`` and ``verdicts`` in one place."""

from __future__ import annotations

from meridian.fix.message import decode as scan
from meridian.fix.verdicts import (
    GARBLED_CHECKSUM,
    GARBLED_DATA,
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
    "GARBLED_DATA",
    "GARBLED_FIELD",
    "GARBLED_LENGTH",
    "GARBLED_ORDER",
    "GARBLED_PREFIX",
    "MAX_MESSAGE",
    "MESSAGE",
    "MORE",
    "REASONS",
    "scan",
]
