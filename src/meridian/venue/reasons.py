"""Why the venue refuses, in FIX.4.4 codes."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

__all__ = ["CancelReason", "OrderReason", "Refusal"]


class OrderReason(IntEnum):
    """OrdRejReason (103)."""

    UNKNOWN_SYMBOL = 1
    EXCEEDS_LIMIT = 3
    UNKNOWN_ORDER = 5
    DUPLICATE_ORDER = 6
    UNSUPPORTED = 11
    INCORRECT_QUANTITY = 13
    OTHER = 99


class CancelReason(IntEnum):
    """CxlRejReason (102)."""

    TOO_LATE = 0
    UNKNOWN_ORDER = 1
    VENUE_OPTION = 2
    DUPLICATE_ID = 6
    OTHER = 99


class Refusal(NamedTuple):
    """A value that cannot be taken: the code, and what was expected."""

    reason: OrderReason
    text: str
