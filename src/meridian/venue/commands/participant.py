"""What a participant may ask of the venue. Prices in ticks, quantities in lots, times ns UTC."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from meridian.book import Kind, Tif
from meridian.schema import Side
from meridian.venue.instructions import PLAIN, Instructions
from meridian.venue.reasons import OrderReason

__all__ = [
    "CancelOrder",
    "MassCancel",
    "ParticipantCommand",
    "ReduceOrder",
    "RefuseOrder",
    "ReplaceOrder",
    "Request",
    "SubmitOrder",
]


class SubmitOrder(NamedTuple):
    """A new order; ``price`` is None where its type has none. A tuple, to be made quickly."""

    participant: str
    cl_ord_id: str
    symbol: str
    """Any of the instrument's symbols; reports repeat it."""
    side: Side
    order_type: Kind
    time_in_force: Tif
    quantity: int
    price: int | None
    account: str = ""
    """Whose order it is among the participant's; self-trade prevention looks at it."""
    instructions: Instructions = PLAIN


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
    """Give an order a new TOTAL quantity, executed part included, and a new price.

    ``price`` None keeps the price, which orders without a limit must.
    """

    request: Request
    quantity: int
    price: int | None


@dataclass(frozen=True, slots=True)
class MassCancel:
    """Cancel a participant's working orders; of one instrument or side where given."""

    participant: str
    request_id: str
    symbol: str | None = None
    side: Side | None = None


@dataclass(frozen=True, slots=True)
class ReduceOrder:
    """Take an order down to ``leaves`` where it has more, keeping its priority; 0 cancels it.

    The venue's own verb, for a recording that says what is left of its orders.
    """

    participant: str
    cl_ord_id: str
    leaves: int


ParticipantCommand = (
    SubmitOrder | RefuseOrder | CancelOrder | ReplaceOrder | MassCancel | ReduceOrder
)
