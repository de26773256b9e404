"""What the venue's operator decides about orders. Prices in ticks, quantities in lots.

``order_id`` is the venue's OrderID(37), ``exec_id`` an ExecID(17). What cannot be done is answered
by one ``CommandRefused``; nothing has changed then.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "AcceptOrder",
    "AcceptRequest",
    "BustExecution",
    "CancelByVenue",
    "CorrectExecution",
    "DoneForDay",
    "ExpireOrder",
    "FillOrder",
    "MatchOrders",
    "OperatorCommand",
    "RejectOrder",
    "RejectRequest",
]


@dataclass(frozen=True, slots=True)
class AcceptOrder:
    """Acknowledge an order that is pending new: it is New, and still held."""

    order_id: str


@dataclass(frozen=True, slots=True)
class RejectOrder:
    """Turn an order away that is pending new; ``reason`` is an OrdRejReason(103)."""

    order_id: str
    reason: int = 99
    text: str = ""


@dataclass(frozen=True, slots=True)
class FillOrder:
    """Execute a live order against the venue itself.

    ``quantity`` None: all that is left. ``price`` None: the order's own, else the last trade's.
    ``force``: also more than is left, and at a price worse than the order's limit.
    """

    order_id: str
    quantity: int | None = None
    price: int | None = None
    force: bool = False


@dataclass(frozen=True, slots=True)
class CancelByVenue:
    """Cancel a live order that nobody asked to cancel."""

    order_id: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class ExpireOrder:
    """End a live order: Expired."""

    order_id: str


@dataclass(frozen=True, slots=True)
class DoneForDay:
    """End a live order for today: Done for day."""

    order_id: str


@dataclass(frozen=True, slots=True)
class MatchOrders:
    """Trade two live orders of one instrument, one on each side, with each other."""

    order_id: str
    other_id: str
    quantity: int
    price: int


@dataclass(frozen=True, slots=True)
class BustExecution:
    """Take an execution back, and that of the other side where there is one."""

    exec_id: str


@dataclass(frozen=True, slots=True)
class CorrectExecution:
    """Give an execution, and that of the other side, another quantity and price."""

    exec_id: str
    quantity: int
    price: int


@dataclass(frozen=True, slots=True)
class AcceptRequest:
    """Grant the cancel or replace that is pending on a held order."""

    order_id: str


@dataclass(frozen=True, slots=True)
class RejectRequest:
    """Refuse the cancel or replace that is pending; ``reason`` is a CxlRejReason(102)."""

    order_id: str
    reason: int = 99
    text: str = ""


OperatorCommand = (
    AcceptOrder
    | RejectOrder
    | FillOrder
    | CancelByVenue
    | ExpireOrder
    | DoneForDay
    | MatchOrders
    | BustExecution
    | CorrectExecution
    | AcceptRequest
    | RejectRequest
)
