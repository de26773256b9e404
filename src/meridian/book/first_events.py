"""What a book says happened, as values. Prices in ticks, quantities in lots."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

__all__ = [
    "Accepted",
    "BookEvent",
    "CancelReason",
    "Cancelled",
    "Reduced",
    "RefusalCode",
    "Refused",
    "Replaced",
    "Traded",
]


class RefusalCode(IntEnum):
    """Why a book refused a request; 1xx the request itself, 2xx the order it names."""

    BAD_PRICE = 101
    """Not within 1 and ``MAX_PRICE``."""
    BAD_QUANTITY = 102
    """Not within 1 and ``MAX_QUANTITY``."""
    DUPLICATE_ID = 103
    """The order id is resting already."""
    BOOK_FULL = 104
    """The book holds as many resting orders as it may."""
    UNKNOWN_ORDER = 201
    """No such order rests: it never did, or it is done."""
    BELOW_EXECUTED = 202
    """The new total is less than what the order has executed."""


class CancelReason(IntEnum):
    """Why an order left the book without trading out."""

    REQUESTED = 1
    IOC_REMAINDER = 2
    """Immediate or cancel: what did not trade at once."""
    FOK_UNFILLABLE = 3
    """Fill or kill: the whole quantity was not there."""
    MARKET_REMAINDER = 4
    """A market order found no more liquidity."""


class Accepted(NamedTuple):
    """A new order entered; trades and a cancel of the remainder may follow."""

    order_id: int
    quantity: int


class Traded(NamedTuple):
    """One match, at the resting order's price."""

    resting_id: int
    aggressor_id: int
    price: int
    quantity: int


class Cancelled(NamedTuple):
    """The order is done; ``quantity`` is what it had left."""

    order_id: int
    quantity: int
    reason: CancelReason


class Reduced(NamedTuple):
    """Leaves went down in place; the order's priority stands."""

    order_id: int
    leaves: int


class Replaced(NamedTuple):
    """Price or total changed; leaves of 0 mean that the order is done, filled to its new total."""

    order_id: int
    price: int
    quantity: int
    leaves: int
    kept_priority: bool


class Refused(NamedTuple):
    """The request changed nothing."""

    order_id: int
    code: RefusalCode


BookEvent = Accepted | Traded | Cancelled | Reduced | Replaced | Refused
