"""The emulated venue as one state machine: ``Venue.apply(command, now) -> list[Event]``.

May import: book, fix, nasdaq, schema. No clock, dice or I/O: time is pushed in, dice are injected.
Invariants: prices are integer ticks and quantities integer lots, Decimals end at the door; an
event carries the order as it stood right after it; execution ids never repeat, also across runs.
"""

from meridian.venue.bots import Bot, BotSettings, Dice, MarketMaker, NoiseTrader
from meridian.venue.commands import (
    CancelOrder,
    Command,
    ReduceOrder,
    RefuseOrder,
    ReplaceOrder,
    Request,
    SubmitOrder,
)
from meridian.venue.events import (
    Event,
    OrderAccepted,
    OrderCancelled,
    OrderExecuted,
    OrderReduced,
    OrderRejected,
    OrderReplaced,
    RequestRejected,
)
from meridian.venue.fix_door import Answer, FixDoor
from meridian.venue.fix_words import Reply, SessionReject
from meridian.venue.instrument import Instrument
from meridian.venue.market_data import MARKET_DATA_INTERVAL, MarketData
from meridian.venue.order import Order, RejectedOrder
from meridian.venue.reasons import CancelReason, OrderReason, Refusal
from meridian.venue.registry import MAX_ORDERS
from meridian.venue.replay import ITCH, Replay, ReplaySummary
from meridian.venue.venue import MAX_CLIENT_ID, Venue

__all__ = [
    "ITCH",
    "MARKET_DATA_INTERVAL",
    "MAX_CLIENT_ID",
    "MAX_ORDERS",
    "Answer",
    "Bot",
    "BotSettings",
    "CancelOrder",
    "CancelReason",
    "Command",
    "Dice",
    "Event",
    "FixDoor",
    "Instrument",
    "MarketData",
    "MarketMaker",
    "NoiseTrader",
    "Order",
    "OrderAccepted",
    "OrderCancelled",
    "OrderExecuted",
    "OrderReason",
    "OrderReduced",
    "OrderRejected",
    "OrderReplaced",
    "ReduceOrder",
    "Refusal",
    "RefuseOrder",
    "RejectedOrder",
    "ReplaceOrder",
    "Replay",
    "ReplaySummary",
    "Reply",
    "Request",
    "RequestRejected",
    "SessionReject",
    "SubmitOrder",
    "Venue",
]
