"""What is journaled. The kernel's state is the fold of these records, in order."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from meridian.kernel.models import Operation, ReconciliationStatus
from meridian.schema.messages import FillEvent, OrderReport
from meridian.schema.order_spec import StandardOrder
from meridian.schema.words import OcoMode, Outcome, SessionStatus

__all__ = [
    "RECORD",
    "CursorMoved",
    "FillApplied",
    "GenerationObserved",
    "GroupPlaced",
    "IntentCancelled",
    "IntentClosed",
    "IntentModified",
    "IntentPlaced",
    "OrderReported",
    "Record",
    "RequestAnswered",
    "RequestSent",
    "RetriesGranted",
    "SessionChanged",
]


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    at: int
    """ns UTC"""


class IntentPlaced(_Record):
    """A wish for an order."""

    kind: Literal["intent_placed"] = "intent_placed"
    intent_id: str
    ordinal: int
    order: StandardOrder
    group_id: str | None = None
    metadata: dict[str, Any] = Field(default_factory=dict)


class GroupPlaced(_Record):
    """A group whose members follow."""

    kind: Literal["group_placed"] = "group_placed"
    group_id: str
    mode: OcoMode
    intent_ids: tuple[str, ...]


class IntentModified(_Record):
    """The wish changed."""

    kind: Literal["intent_modified"] = "intent_modified"
    intent_id: str
    generation: int
    order: StandardOrder


class IntentCancelled(_Record):
    """The wish is now: no order."""

    kind: Literal["intent_cancelled"] = "intent_cancelled"
    intent_id: str
    generation: int
    cause: str


class IntentClosed(_Record):
    """The intent ended without an order at the venue."""

    kind: Literal["intent_closed"] = "intent_closed"
    intent_id: str
    status: ReconciliationStatus
    reason: str


class GenerationObserved(_Record):
    """The venue already works what this generation wishes; nothing to send."""

    kind: Literal["generation_observed"] = "generation_observed"
    intent_id: str
    generation: int


class RequestSent(_Record):
    """Written, and durable, before the request's first byte."""

    kind: Literal["request_sent"] = "request_sent"
    intent_id: str
    operation: Operation
    generation: int
    number: int
    client_id: str
    order_id: str
    order: StandardOrder


class RequestAnswered(_Record):
    """What became of a request, and by which evidence."""

    kind: Literal["request_answered"] = "request_answered"
    intent_id: str
    client_id: str
    outcome: Outcome
    absent: bool = False
    """True when it was proved that the request did not take effect."""
    reason: str = ""
    evidence: str
    venue_order_id: str | None = None


class RetriesGranted(_Record):
    """An operator gave a stalled intent as many attempts again."""

    kind: Literal["retries_granted"] = "retries_granted"
    intent_id: str


class OrderReported(_Record):
    """The venue said where an order stands."""

    kind: Literal["order_reported"] = "order_reported"
    intent_id: str
    report: OrderReport
    queried: bool = False
    sequence: int = 0


class FillApplied(_Record):
    """An execution; ``intent_id`` is None for orders that are not this kernel's."""

    kind: Literal["fill_applied"] = "fill_applied"
    intent_id: str | None
    symbol_id: str
    currency: str
    fill: FillEvent
    sequence: int = 0


class SessionChanged(_Record):
    """The session's status changed."""

    kind: Literal["session_changed"] = "session_changed"
    status: SessionStatus
    detail: str
    sequence: int = 0


class CursorMoved(_Record):
    """A message that changed nothing was consumed."""

    kind: Literal["cursor_moved"] = "cursor_moved"
    sequence: int
    why: str


Record = (
    IntentPlaced
    | GroupPlaced
    | IntentModified
    | IntentCancelled
    | IntentClosed
    | GenerationObserved
    | RequestSent
    | RequestAnswered
    | RetriesGranted
    | OrderReported
    | FillApplied
    | SessionChanged
    | CursorMoved
)

RECORD: TypeAdapter[Record] = TypeAdapter(Annotated[Record, Field(discriminator="kind")])
"""Reads and writes any record as JSON."""
