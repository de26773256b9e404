"""What the kernel tells its subscribers: durable, numbered, in journal order."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from meridian.schema.numbers import Exact
from meridian.schema.words import SessionStatus

__all__ = ["EVENT", "BaseEvent", "EventType", "OrderEvent", "PositionEvent", "SessionEvent"]


class EventType(StrEnum):
    """Kinds of event."""

    INTENT_CREATED = "INTENT_CREATED"
    INTENT_MODIFIED = "INTENT_MODIFIED"
    CANCEL_REQUESTED = "CANCEL_REQUESTED"
    ORDER_SUBMITTED = "ORDER_SUBMITTED"
    ORDER_ACCEPTED = "ORDER_ACCEPTED"
    ORDER_REJECTED = "ORDER_REJECTED"
    ORDER_PARTIALLY_FILLED = "ORDER_PARTIALLY_FILLED"
    ORDER_FILLED = "ORDER_FILLED"
    ORDER_CANCELED = "ORDER_CANCELED"
    ORDER_EXPIRED = "ORDER_EXPIRED"
    ORDER_MODIFIED = "ORDER_MODIFIED"
    MODIFY_REJECTED = "MODIFY_REJECTED"
    CANCEL_REJECTED = "CANCEL_REJECTED"
    OUTCOME_UNKNOWN = "OUTCOME_UNKNOWN"
    OUTCOME_RESOLVED = "OUTCOME_RESOLVED"
    OVERFILLED = "OVERFILLED"
    EXTERNAL_FILL = "EXTERNAL_FILL"
    POSITION_OPENED = "POSITION_OPENED"
    POSITION_MODIFIED = "POSITION_MODIFIED"
    POSITION_CLOSED = "POSITION_CLOSED"
    SESSION_CHANGED = "SESSION_CHANGED"


class BaseEvent(BaseModel):
    """Common to all: ``seq`` has no gaps, ``at`` is ns UTC."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str
    seq: int = 0
    event_type: EventType
    at: int
    symbol_id: str | None = None
    intent_id: str | None = None


class OrderEvent(BaseEvent):
    """Something happened to an intent or its order."""

    kind: Literal["order"] = "order"
    order_id: str | None = None
    filled_quantity: Exact
    leaves_quantity: Exact
    last_quantity: Exact | None = None
    last_price: Exact | None = None
    trade_id: str | None = None
    reason: str = ""


class PositionEvent(BaseEvent):
    """A position changed."""

    kind: Literal["position"] = "position"
    quantity: Exact
    average_price: Exact


class SessionEvent(BaseEvent):
    """The connection to the venue changed."""

    kind: Literal["session"] = "session"
    status: SessionStatus
    detail: str = ""


EVENT: TypeAdapter[OrderEvent | PositionEvent | SessionEvent] = TypeAdapter(
    Annotated[OrderEvent | PositionEvent | SessionEvent, Field(discriminator="kind")]
)
"""Reads and writes any event as JSON."""
