"""What a caller sees: intents, states, positions, accounts, assets."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from meridian.schema.numbers import Exact
from meridian.schema.order_spec import StandardOrder

__all__ = [
    "AccountState",
    "AssetMetadata",
    "AssetType",
    "Attempt",
    "AttemptStatus",
    "Desired",
    "Operation",
    "OrderIntent",
    "OrderState",
    "Position",
    "ReconciliationStatus",
]

ZERO = Decimal(0)


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Desired(StrEnum):
    """What the owner of an intent wants of it."""

    WORKING = "WORKING"
    CANCELED = "CANCELED"


class Operation(StrEnum):
    """A request that changes something at the venue."""

    PLACE = "PLACE"
    AMEND = "AMEND"
    CANCEL = "CANCEL"


class AttemptStatus(StrEnum):
    """What is known of one request."""

    SENT = "SENT"
    """Journaled and handed to the gateway; no outcome yet."""
    ACKED = "ACKED"
    REJECTED = "REJECTED"
    UNKNOWN = "UNKNOWN"
    """No definitive outcome; only evidence ends it."""
    ABSENT = "ABSENT"
    """Proved not to have taken effect."""
    NOT_SENT = "NOT_SENT"
    """Refused on our side before a byte left."""

    @property
    def open(self) -> bool:
        """True while the request may or may not have taken effect."""
        return self in (AttemptStatus.SENT, AttemptStatus.UNKNOWN)


class ReconciliationStatus(StrEnum):
    """Where an intent stands."""

    PENDING = "PENDING"
    """Not sent yet."""
    SUBMITTING = "SUBMITTING"
    """Sent, not acknowledged."""
    ACTIVE = "ACTIVE"
    """At the venue as desired."""
    RECONCILING = "RECONCILING"
    """At the venue, being changed or cancelled."""
    UNKNOWN = "UNKNOWN"
    """A request's outcome is unknown and being resolved."""
    STALLED = "STALLED"
    """Retries are used up; force_reconciliation starts again."""
    FAILED = "FAILED"
    COMPLETED = "COMPLETED"
    CANCELED = "CANCELED"
    EXPIRED = "EXPIRED"

    @property
    def terminal(self) -> bool:
        """True once the intent is finished."""
        return self in _TERMINAL


_TERMINAL = frozenset(
    (
        ReconciliationStatus.FAILED,
        ReconciliationStatus.COMPLETED,
        ReconciliationStatus.CANCELED,
        ReconciliationStatus.EXPIRED,
    )
)


class OrderIntent(_Model):
    """The desired state of one order; owned by the caller."""

    intent_id: str
    order: StandardOrder
    desired: Desired = Desired.WORKING
    generation: int = 1
    """Grows with every change of the wish."""
    group_id: str | None = None
    created_at: int
    """ns UTC"""
    updated_at: int
    """ns UTC"""
    metadata: dict[str, Any] = Field(default_factory=dict)


class Attempt(_Model):
    """One request to the venue; owned by the kernel."""

    client_id: str
    """Client order id of the request: deterministic, never reused."""
    operation: Operation
    generation: int
    number: int
    """1, 2, ... within the intent's generation and operation."""
    status: AttemptStatus
    order: StandardOrder
    sent_at: int
    """ns UTC"""
    reason: str = ""
    evidence: str = ""
    """What ended it: ``ack``, ``report``, ``query``, ``restart``, ..."""


class OrderState(_Model):
    """The actual state of an intent's order, with every attempt made for it."""

    intent_id: str
    symbol_id: str
    status: ReconciliationStatus
    generation: int
    observed_generation: int
    """The newest generation the venue is known to work."""
    order_id: str | None
    """Client order id under which the order is known at the venue."""
    venue_order_id: str | None
    filled_quantity: Exact
    leaves_quantity: Exact
    """What may still execute: zero when finished."""
    average_price: Exact | None
    reason: str
    as_of: int
    """ns UTC of the last evidence."""
    attempts: tuple[Attempt, ...]


class Position(_Model):
    """Net position in a symbol, summed from fills."""

    symbol_id: str
    quantity: Exact
    """Negative when short."""
    average_price: Exact
    realized: Exact
    """Profit realised by closing trades, in the symbol's currency."""
    as_of: int
    source: str = "fills"


class AccountState(_Model):
    """Cash flows and positions. Balances count from the first fill in the journal."""

    balances: dict[str, Exact]
    """Currency -> cash received less cash paid."""
    positions: tuple[Position, ...]
    as_of: int
    source: str = "fills"


class AssetType(StrEnum):
    """What an asset is."""

    CURRENCY = "CURRENCY"
    INSTRUMENT = "INSTRUMENT"


class AssetMetadata(_Model):
    """An asset that positions or balances are held in."""

    asset_id: str
    asset_type: AssetType
    currency: str
    """What it is quoted in; itself for a currency."""
