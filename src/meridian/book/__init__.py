"""Limit order books: price-time matching on integers.

May import: schema. Prices are integer ticks, quantities integer lots; no clock, dice or I/O.
Invariants: the book never crosses; an order's leaves are its quantity less what executed; at one
price the order that came first trades first; a refused request changes nothing.
"""

from meridian.book.first_events import (
    Accepted,
    BookEvent,
    Cancelled,
    CancelReason,
    Reduced,
    RefusalCode,
    Refused,
    Replaced,
    Traded,
)
from meridian.book.levels import BookSide, Level, RestingOrder
from meridian.book.order_book import MAX_PRICE, MAX_QUANTITY, MAX_RESTING, BookTif, OrderBook

__all__ = [
    "MAX_PRICE",
    "MAX_QUANTITY",
    "MAX_RESTING",
    "Accepted",
    "BookEvent",
    "BookSide",
    "BookTif",
    "CancelReason",
    "Cancelled",
    "Level",
    "OrderBook",
    "Reduced",
    "RefusalCode",
    "Refused",
    "Replaced",
    "RestingOrder",
    "Traded",
]
