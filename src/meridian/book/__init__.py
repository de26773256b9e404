"""Limit order books: every order type, matched on integers.

May import: schema. Prices are integer ticks, quantities integer lots; no clock and no I/O, dice are
injected. Invariants: a book in continuous trading never crosses; an order's leaves are its total
less what executed; what is displayed and what is not add up to the leaves; a refused request
changes nothing. ("Rule 4" in a comment is number 4 of docs/book.md.)
"""

from meridian.book.codes import (
    MAX_PRICE,
    MAX_QUANTITY,
    BookSide,
    CancelReason,
    Event,
    Op,
    RefusalCode,
    Tif,
)
from meridian.book.core import Dice
from meridian.book.events import (
    Accepted,
    AuctionTraded,
    Busted,
    Cancelled,
    Corrected,
    Expired,
    Indicative,
    LevelChanged,
    NamedEvent,
    Parked,
    PhaseChanged,
    Reduced,
    Refreshed,
    Refused,
    Replaced,
    Repriced,
    Traded,
    Triggered,
    named,
)
from meridian.book.ladder import NATIVE
from meridian.book.order_book import Level, OrderBook, PureOrderBook
from meridian.book.orders import Kind, NewOrder, OrderView, Peg, SelfTrade
from meridian.book.rules import Allocation, BookRules, CollarAction, Phase

__all__ = [
    "MAX_PRICE",
    "MAX_QUANTITY",
    "NATIVE",
    "Accepted",
    "Allocation",
    "AuctionTraded",
    "BookRules",
    "BookSide",
    "Busted",
    "CancelReason",
    "Cancelled",
    "CollarAction",
    "Corrected",
    "Dice",
    "Event",
    "Expired",
    "Indicative",
    "Kind",
    "Level",
    "LevelChanged",
    "NamedEvent",
    "NewOrder",
    "Op",
    "OrderBook",
    "OrderView",
    "Parked",
    "Peg",
    "Phase",
    "PhaseChanged",
    "PureOrderBook",
    "Reduced",
    "Refreshed",
    "RefusalCode",
    "Refused",
    "Replaced",
    "Repriced",
    "SelfTrade",
    "Tif",
    "Traded",
    "Triggered",
    "named",
]
