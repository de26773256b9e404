"""What a participant may ask of the venue. Prices in ticks, quantities in lots."""

from __future__ import annotations

from dataclasses import dataclass

from meridian.schema import OrderType, Side, TimeInForce
from meridian.venue.reasons import OrderReason

__all__ = [
    "CancelOrder",
    "Command",
    "ReduceOrder",
    "RefuseOrder",
    "ReplaceOrder",
    "Request",
    "SubmitOrder",
]


@dataclass(frozen=True, slots=True)
class SubmitOrder:
    """A new order; ``price`` is None for a market order."""

    participant: str
    cl_ord_id: str
    symbol: str
    side: Side
    order_type: OrderType
    time_in_force: TimeInForce
    quantity: int
    price: int | None


@dataclass(frozen=True, slots=True)
class RefuseOrder:
    """A new order that the door could not read into a :class:`SubmitOrder`: reject, remember."""

    participant: str
    cl_ord_id: str
    symbol: str
    reason: OrderReason
    text: str


@dataclass(frozen=True, slots=True)
class Request:
    """Which order a cancel or replace means: by its order id, or by any link of its chain."""

    participant: str
    request_id: str
    """The request's own id; becomes the newest link where the request succeeds."""
    cl_ord_id: str
    order_id: str | None = None


@dataclass(frozen=True, slots=True)
class CancelOrder:
    """Cancel what is left of an order."""

    request: Request


@dataclass(frozen=True, slots=True)
class ReplaceOrder:
    """Give an order a new price and a new TOTAL quantity, executed part included."""

    request: Request
    quantity: int
    price: int


@dataclass(frozen=True, slots=True)
class ReduceOrder:
    """Take an order down to ``leaves`` where it has more, keeping its priority; 0 cancels it.

    The venue's own verb, for a recording that says what is left of its orders.
    """

    participant: str
    cl_ord_id: str
    leaves: int


Command = SubmitOrder | RefuseOrder | CancelOrder | ReplaceOrder | ReduceOrder
