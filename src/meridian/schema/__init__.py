"""The words everyone shares: sides, orders, fills, acks, session status, errors.

May import: nothing of Meridian. No logic beyond validation; no clock, dice or I/O.
Numbers are exact Decimals, times are integer nanoseconds UTC.
"""

from meridian.schema import errors, numbers, times
from meridian.schema.messages import (
    CancelAck,
    Envelope,
    FillEvent,
    ModifyAck,
    Order,
    OrderAck,
    OrderChanges,
    OrderReport,
    SessionUpdate,
)
from meridian.schema.order_spec import StandardOrder, StandardOrderGroup, SymbolMetadata
from meridian.schema.words import (
    OcoMode,
    OrderStatus,
    OrderType,
    Outcome,
    SessionStatus,
    Side,
    TimeInForce,
)

__all__ = [
    "CancelAck",
    "Envelope",
    "FillEvent",
    "ModifyAck",
    "OcoMode",
    "Order",
    "OrderAck",
    "OrderChanges",
    "OrderReport",
    "OrderStatus",
    "OrderType",
    "Outcome",
    "SessionStatus",
    "SessionUpdate",
    "Side",
    "StandardOrder",
    "StandardOrderGroup",
    "SymbolMetadata",
    "TimeInForce",
    "errors",
    "numbers",
    "times",
]
