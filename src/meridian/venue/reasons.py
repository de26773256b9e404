"""Why the venue refuses, in FIX.4.4 codes."""

from __future__ import annotations

from enum import IntEnum, StrEnum
from typing import NamedTuple

__all__ = [
    "CANCEL_REASONS",
    "ORDER_REASONS",
    "CancelReason",
    "CommandRefusal",
    "OrderReason",
    "Refusal",
]


ORDER_REASONS = frozenset({*range(17), *range(18, 30), 99})
"""OrdRejReason(103) as FIX.5.0SP2 has it; older versions are told what they know."""
CANCEL_REASONS = frozenset({*range(9), 18, 99})
"""CxlRejReason(102), likewise."""


class OrderReason(IntEnum):
    """OrdRejReason (103)."""

    UNKNOWN_SYMBOL = 1
    EXCHANGE_CLOSED = 2
    EXCEEDS_LIMIT = 3
    UNKNOWN_ORDER = 5
    DUPLICATE_ORDER = 6
    UNSUPPORTED = 11
    INCORRECT_QUANTITY = 13
    PRICE_BAND = 16
    OTHER = 99


class CancelReason(IntEnum):
    """CxlRejReason (102)."""

    TOO_LATE = 0
    UNKNOWN_ORDER = 1
    VENUE_OPTION = 2
    ALREADY_PENDING = 3
    DUPLICATE_ID = 6
    OTHER = 99


class CommandRefusal(StrEnum):
    """Why the venue did not do what its operator asked."""

    UNKNOWN_ORDER = "unknown_order"
    ORDER_DONE = "order_done"
    """Nothing of it can trade any more."""
    NOT_PENDING = "not_pending"
    """The order, or a request on it, does not wait for a decision."""
    BAD_QUANTITY = "bad_quantity"
    BAD_PRICE = "bad_price"
    BAD_REASON = "bad_reason"
    """No code that FIX defines."""
    BAD_TEXT = "bad_text"
    """Longer than ``MAX_TEXT``, or not to be sent in a FIX message."""
    OVERFILL = "overfill"
    """More than is left of the order, and not forced."""
    WORSE_PRICE = "worse_price"
    """Worse than the order's limit, and not forced."""
    NOT_OPPOSITE = "not_opposite"
    """The two orders are not on two sides of one instrument."""
    UNKNOWN_EXECUTION = "unknown_execution"
    EXECUTION_BUSTED = "execution_busted"
    UNKNOWN_SYMBOL = "unknown_symbol"
    SYMBOL_TAKEN = "symbol_taken"
    ORDERS_LIVE = "orders_live"
    """Orders of the instrument are live."""
    TOO_MANY = "too_many"
    """The venue has as many instruments as it may."""


class Refusal(NamedTuple):
    """A value that cannot be taken: the code, and what was expected."""

    reason: OrderReason
    text: str
