"""Nasdaq protocols without I/O: ITCH 5.0.

May import: schema. Prices are integers with four decimals, as on the wire.
"""

from meridian.nasdaq.itch import (
    AddOrder,
    CancelOrder,
    DeleteOrder,
    ExecuteOrder,
    ItchError,
    ItchMessage,
    OtherMessage,
    ReplaceOrder,
    itch_messages,
)

__all__ = [
    "AddOrder",
    "CancelOrder",
    "DeleteOrder",
    "ExecuteOrder",
    "ItchError",
    "ItchMessage",
    "OtherMessage",
    "ReplaceOrder",
    "itch_messages",
]
