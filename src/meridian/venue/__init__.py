"""The emulated venue as one state machine: ``Venue.apply(command, now) -> list[Event]``.

May import: book, fix, nasdaq, schema. No clock, dice or I/O: time is pushed in, dice are injected.
Invariants: prices are integer ticks and quantities integer lots, Decimals end at the door; an
event carries the order as it stood right after it; execution ids never repeat, also across runs.
The commands are in ``meridian.venue.commands``, the events in ``meridian.venue.events``.
"""

from meridian.venue.asset import (
    Asset,
    Crypto,
    Equity,
    Future,
    FxSpot,
    Ndf,
    Option,
    PutOrCall,
)
from meridian.venue.bots import (
    AutoCancel,
    AutoFill,
    AutoPartial,
    AutoReject,
    Bot,
    BotSettings,
    Decider,
    Dice,
    MarketMaker,
    NoiseTrader,
    PartialThenCancel,
)
from meridian.venue.commands import (
    CancelOrder,
    Command,
    MassCancel,
    Mode,
    ReduceOrder,
    RefuseOrder,
    ReplaceOrder,
    Request,
    SubmitOrder,
)
from meridian.venue.core import MAX_INSTRUMENTS, MAX_TEXT
from meridian.venue.events import (
    CommandRefused,
    Event,
    OrderAccepted,
    OrderCancelled,
    OrderEvent,
    OrderExecuted,
    OrderReduced,
    OrderRejected,
    OrderReplaced,
    RequestRejected,
)
from meridian.venue.executions import MAX_EXECUTIONS
from meridian.venue.features import ALL, CLASSIC, Features
from meridian.venue.fix_door import Answer, FixDoor
from meridian.venue.fix_versions import VERSIONS, Version, version_of
from meridian.venue.fix_words import Reply, SessionReject, Unsupported
from meridian.venue.instructions import PLAIN, Instructions
from meridian.venue.instrument import Alias, Instrument, TradingRules
from meridian.venue.market_data import MARKET_DATA_INTERVAL, MarketData
from meridian.venue.order import Order, PendingRequest, RejectedOrder
from meridian.venue.reasons import CancelReason, CommandRefusal, OrderReason, Refusal
from meridian.venue.registry import MAX_ORDERS
from meridian.venue.replay import ITCH, Replay, ReplaySummary
from meridian.venue.venue import MAX_CLIENT_ID, Venue

__all__ = [
    "ALL",
    "CLASSIC",
    "ITCH",
    "MARKET_DATA_INTERVAL",
    "MAX_CLIENT_ID",
    "MAX_EXECUTIONS",
    "MAX_INSTRUMENTS",
    "MAX_ORDERS",
    "MAX_TEXT",
    "PLAIN",
    "VERSIONS",
    "Alias",
    "Answer",
    "Asset",
    "AutoCancel",
    "AutoFill",
    "AutoPartial",
    "AutoReject",
    "Bot",
    "BotSettings",
    "CancelOrder",
    "CancelReason",
    "Command",
    "CommandRefusal",
    "CommandRefused",
    "Crypto",
    "Decider",
    "Dice",
    "Equity",
    "Event",
    "Features",
    "FixDoor",
    "Future",
    "FxSpot",
    "Instructions",
    "Instrument",
    "MarketData",
    "MarketMaker",
    "MassCancel",
    "Mode",
    "Ndf",
    "NoiseTrader",
    "Option",
    "Order",
    "OrderAccepted",
    "OrderCancelled",
    "OrderEvent",
    "OrderExecuted",
    "OrderReason",
    "OrderReduced",
    "OrderRejected",
    "OrderReplaced",
    "PartialThenCancel",
    "PendingRequest",
    "PutOrCall",
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
    "TradingRules",
    "Unsupported",
    "Venue",
    "Version",
    "version_of",
]
