"""The exchange kernel: desired intents and actual orders, kept reconciled.

May import: schema. No clock, dice or I/O: the shell in services journals, sends and keeps time.

Intake turns API calls, observation turns what the venue says, into records; the state is the fold
of the records; the reconciler looks at one intent's state and says the one thing to do next.

Invariants: a request's record is durable before its first byte; client order ids are a function
of the journal; at most one possibly-live order an intent; a fill counts once; only evidence ends
an unknown outcome.
"""

from meridian.kernel.base import ExchangeKernel
from meridian.kernel.events import BaseEvent, EventType, OrderEvent, PositionEvent, SessionEvent
from meridian.kernel.models import (
    AccountState,
    AssetMetadata,
    OrderIntent,
    OrderState,
    Position,
    ReconciliationStatus,
)

__all__ = [
    "AccountState",
    "AssetMetadata",
    "BaseEvent",
    "EventType",
    "ExchangeKernel",
    "OrderEvent",
    "OrderIntent",
    "OrderState",
    "Position",
    "PositionEvent",
    "ReconciliationStatus",
    "SessionEvent",
]
