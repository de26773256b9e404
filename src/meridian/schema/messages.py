"""What passes between a platform, a sidecar, a plugin and the bus."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import AliasChoices, BaseModel, ConfigDict, Field

from meridian.schema.numbers import Exact
from meridian.schema.order_spec import AnySide
from meridian.schema.times import Nanoseconds
from meridian.schema.words import OrderStatus, OrderType, Outcome, SessionStatus, TimeInForce

__all__ = [
    "CancelAck",
    "Envelope",
    "FillEvent",
    "ModifyAck",
    "Order",
    "OrderAck",
    "OrderChanges",
    "OrderReport",
    "SessionUpdate",
]


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Order(_Message):
    """A child order routed to one venue; readable by attribute and by key."""

    order_id: str
    """The platform's id; unique for ever. The venue sees it as the client order id."""
    security_id: str
    side: AnySide
    quantity: Exact = Field(gt=0)
    order_type: OrderType = OrderType.LIMIT
    price: Exact | None = None
    time_in_force: TimeInForce = TimeInForce.DAY

    def __getitem__(self, name: str) -> Any:
        if name not in type(self).model_fields:
            raise KeyError(name)
        return getattr(self, name)

    def get(self, name: str, default: Any = None) -> Any:
        """The field's value, or ``default`` where it is absent or None."""
        value = getattr(self, name, None) if name in type(self).model_fields else None
        return default if value is None else value

    def keys(self) -> Iterator[str]:
        """Field names, so that ``**order`` works."""
        return iter(type(self).model_fields)


class OrderChanges(_Message):
    """The whole new wish of a modify: quantity is the TOTAL, executed part included."""

    request_id: str
    quantity: Exact = Field(gt=0)
    price: Exact | None = None
    time_in_force: TimeInForce = TimeInForce.DAY


class _Ack(_Message):
    accepted: bool = False
    reason: str = ""
    outcome: Outcome = Outcome.UNKNOWN

    def __init__(self, **fields: Any) -> None:
        # seed 000 gives `accepted` alone; Meridian's own code gives the outcome.
        if "outcome" not in fields and "accepted" in fields:
            fields["outcome"] = Outcome.ACCEPTED if fields["accepted"] else Outcome.REJECTED
        fields["accepted"] = fields.get("outcome") == Outcome.ACCEPTED
        super().__init__(**fields)


class OrderAck(_Ack):
    """Answer to a submit."""

    venue_order_id: str | None = None


class CancelAck(_Ack):
    """Answer to a cancel request; an order is cancelled only when a report says so."""


class ModifyAck(_Ack):
    """Answer to a modify request."""


class FillEvent(_Message):
    """One execution, told once. Latency is ``ts_init - ts_event``."""

    trade_id: str | None
    """Venue-assigned; never made up."""
    order_id: str | None = None
    security_id: str | None = None
    side: AnySide
    price: Exact
    quantity: Exact = Field(gt=0)
    venue: str = ""
    ts_event: Nanoseconds | None = None
    """When the venue executed, ns UTC."""
    ts_init: Nanoseconds | None = None
    """When the plugin received the report, ns UTC."""
    venue_order_id: str | None = None
    flags: tuple[str, ...] = ()
    """What a consumer should know: ``clock_skew``, ``trade_id_reuse``, ``overfill``, ..."""


class OrderReport(_Message):
    """What the venue says of one order: a change of state, or the answer to a query."""

    order_id: str
    status: OrderStatus
    quantity: Exact
    cum_quantity: Exact
    leaves_quantity: Exact
    price: Exact | None = None
    venue_order_id: str | None = None
    request_id: str | None = None
    """The cancel or modify request this answers, where it answers one."""
    reason: str = ""
    ts_event: Nanoseconds | None = None
    ts_init: Nanoseconds | None = None


class SessionUpdate(_Message):
    """A change of session status."""

    session_id: str
    status: SessionStatus
    venue: str = ""
    detail: str = Field(default="", validation_alias=AliasChoices("detail", "reason"))


class Envelope(_Message):
    """One logical message of the bus; consumers are idempotent by ``message_id``."""

    topic: str
    """The primary topic."""
    topics: tuple[str, ...]
    """Every topic it is delivered under, the primary first."""
    payload: bytes
    """JSON of the message."""
    message_id: str
    source_id: str
    timestamp_ns: int
    sequence: int = 0
    """Place in the source's durable order, from 1; 0 where the source keeps none."""
    trace_id: str = ""
    correlation_id: str = ""
    schema_version: str = "1.0.0"
