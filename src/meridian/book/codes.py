"""The book's numbers: sides, times in force, commands, events, refusals, reasons."""

from __future__ import annotations

from enum import IntEnum

__all__ = [
    "MAX_ID",
    "MAX_PRICE",
    "MAX_QUANTITY",
    "MAX_TRANCHES",
    "ROW_WIDTH",
    "BookSide",
    "CancelReason",
    "Event",
    "Op",
    "RefusalCode",
    "Tif",
]

MAX_PRICE = 2**53
"""Highest price in ticks."""
MAX_QUANTITY = 2**53
"""Largest total in lots."""
MAX_ID = 2**63 - 1
"""Highest order id and account; an order id is at least 1."""
MAX_TRANCHES = 10_000
"""Tranches that an iceberg may have at most, so that one call never makes more events of it."""
ROW_WIDTH = 7
"""Integers in one row of a batch, commands and events alike."""


class BookSide(IntEnum):
    """The two sides; the value is the direction in which a price gets better."""

    BID = 1
    ASK = -1

    @property
    def opposite(self) -> BookSide:
        """The side this one trades with."""
        return BookSide(-self)


class Tif(IntEnum):
    """Times in force: TimeInForce(59) where FIX has it."""

    DAY = 0
    GTC = 1
    OPG = 2
    IOC = 3
    FOK = 4
    GTD = 6
    CLS = 7
    GFA = 9
    """Good for the next auction; our own value."""


class Op(IntEnum):
    """First integer of a command row: ``[op, order_id, side, price, quantity, tif, account]``."""

    LIMIT = 1
    MARKET = 2
    CANCEL = 3
    REDUCE = 4
    """``quantity`` is what comes off."""
    REPLACE = 5
    """``quantity`` is the new total."""


class Event(IntEnum):
    """First item of an event; ``events.py`` names the others."""

    REFUSED = 1
    ACCEPTED = 2
    TRADED = 3
    CANCELLED = 4
    REPLACED = 5
    REDUCED = 6
    REFRESHED = 7
    EXPIRED = 8
    TRIGGERED = 9
    REPRICED = 10
    PARKED = 11
    AUCTION_TRADED = 12
    PHASE = 13
    INDICATIVE = 14
    BUSTED = 15
    CORRECTED = 16
    LEVEL = 17


class RefusalCode(IntEnum):
    """Why a book refused a request; 1xx the request itself, 2xx what it names."""

    BAD_PRICE = 101
    """Not within 1 and ``MAX_PRICE``."""
    BAD_QUANTITY = 102
    """Not within the least and the largest quantity of the instrument."""
    DUPLICATE_ID = 103
    """The order id is in the book already."""
    BOOK_FULL = 104
    """The book holds as many orders as it may."""
    BAD_LOT = 105
    """Not a multiple of the lot."""
    BAD_TICK = 106
    """Not a multiple of the tick."""
    PRICE_BAND = 107
    """Outside the price band."""
    STOP_WRONG_SIDE = 108
    """The last trade would trigger the stop at once."""
    WOULD_TAKE = 109
    """Post only, and some of it would trade."""
    PHASE = 110
    """Not in this phase."""
    BAD_INSTRUCTION = 111
    """Fields that contradict each other, or a value that is none of those known."""
    UNKNOWN_ORDER = 201
    """No such order is in the book: it never was, or it is done."""
    BELOW_EXECUTED = 202
    """The new total is less than what the order has executed."""
    UNKNOWN_TRADE = 203
    """No such trade, or it is busted already."""


class CancelReason(IntEnum):
    """Why an order left the book without trading out."""

    REQUESTED = 1
    IOC_REMAINDER = 2
    """Immediate or cancel: what did not trade at once."""
    FOK_UNFILLABLE = 3
    """Fill or kill: the whole quantity was not there."""
    MARKET_REMAINDER = 4
    """A market order found no more liquidity."""
    MIN_QUANTITY = 5
    """Less than the least quantity to trade at entry was there."""
    NO_LIQUIDITY = 6
    """Market to limit, and nothing on the other side."""
    SELF_TRADE = 7
    """It met an order of the same account."""
    COLLAR = 8
    """The next trade would be too far from the reference."""
    AUCTION_REMAINDER = 9
    """What the auction it was for did not execute."""
