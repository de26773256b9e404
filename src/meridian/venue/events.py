"""What the venue says happened. Each event carries the order as it stood right after it."""

from __future__ import annotations

from dataclasses import dataclass

from meridian.venue.commands import Request
from meridian.venue.order import Order, RejectedOrder
from meridian.venue.reasons import CancelReason, CommandRefusal

__all__ = [
    "CommandRefused",
    "Event",
    "OrderAccepted",
    "OrderCancelled",
    "OrderExecuted",
    "OrderReduced",
    "OrderRejected",
    "OrderReplaced",
    "RequestRejected",
]


@dataclass(frozen=True, slots=True)
class OrderAccepted:
    """The order entered the book; executions may follow in the same breath."""

    exec_id: str
    order: Order


@dataclass(frozen=True, slots=True)
class OrderRejected:
    """The order never entered."""

    exec_id: str
    order: RejectedOrder


@dataclass(frozen=True, slots=True)
class OrderExecuted:
    """One side of a match; both sides carry the same ``match_id``."""

    exec_id: str
    """Unique across runs: the trade id."""
    match_id: str
    order: Order
    quantity: int
    price: int
    aggressor: bool


@dataclass(frozen=True, slots=True)
class OrderCancelled:
    """The order is done; ``text`` says why where nobody asked for it."""

    exec_id: str
    order: Order
    requested: bool
    text: str = ""


@dataclass(frozen=True, slots=True)
class OrderReplaced:
    """Price or total changed as the client asked."""

    exec_id: str
    order: Order


@dataclass(frozen=True, slots=True)
class OrderReduced:
    """The venue took the order down in place."""

    exec_id: str
    order: Order


@dataclass(frozen=True, slots=True)
class RequestRejected:
    """A cancel or a replace changed nothing."""

    request: Request
    order: Order | None
    replace: bool
    reason: CancelReason
    text: str
    at: int


@dataclass(frozen=True, slots=True)
class CommandRefused:
    """The operator's command changed nothing; ``code`` is stable, ``text`` is for people."""

    code: CommandRefusal
    text: str


Event = (
    OrderAccepted
    | OrderRejected
    | OrderExecuted
    | OrderCancelled
    | OrderReplaced
    | OrderReduced
    | RequestRejected
)
