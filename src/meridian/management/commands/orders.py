"""Look into the books and decide what becomes of orders."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints

from meridian.management.commands.base import OfVenue, Wait
from meridian.management.fields import Amount, Text, Whole, Word
from meridian.management.instruments import PhaseName

__all__ = [
    "MAX_LISTED",
    "AcceptOrder",
    "AcceptRequest",
    "BookMode",
    "BustExecution",
    "CancelOrder",
    "CorrectExecution",
    "DoneForDay",
    "ExpireOrder",
    "FillOrder",
    "GetBook",
    "GetOrder",
    "Id",
    "ListOrders",
    "MatchOrders",
    "NextOrder",
    "RejectOrder",
    "RejectRequest",
    "SetMode",
    "SetPhase",
]

MAX_LISTED = 1_000
"""Orders, messages or events in one reply."""

Id = Annotated[str, StringConstraints(pattern=r"^[!-~]+$", max_length=128)]


class BookMode(StrEnum):
    """Who decides what becomes of an order."""

    MATCHING = "matching"
    """The book matches by itself."""
    MANAGED = "managed"
    """Orders are held until a command decides."""


class SetMode(OfVenue):
    """Let the book of ``symbol``, or every book, match by itself or hold its orders."""

    command: Literal["set_mode"] = "set_mode"
    symbol: Word | None = None
    mode: BookMode


class SetPhase(OfVenue):
    """Move one instrument into a trading phase."""

    command: Literal["set_phase"] = "set_phase"
    symbol: Word
    phase: PhaseName


class GetBook(OfVenue):
    """The displayed book by price level, and the phase it is in."""

    READS: ClassVar[bool] = True
    command: Literal["get_book"] = "get_book"
    symbol: Word
    depth: Whole = Field(default=10, ge=1, le=MAX_LISTED)


class ListOrders(OfVenue):
    """Working orders, oldest first; of one instrument or session where named."""

    READS: ClassVar[bool] = True
    command: Literal["list_orders"] = "list_orders"
    symbol: Word | None = None
    session: Word | None = None
    limit: Whole = Field(default=100, ge=1, le=MAX_LISTED)


class GetOrder(OfVenue):
    """One order, open or done, by the venue's OrderID(37)."""

    READS: ClassVar[bool] = True
    command: Literal["get_order"] = "get_order"
    order_id: Id


class NextOrder(OfVenue):
    """The oldest order that came to the venue and that no ``next_order`` has told of yet.

    Waits for one up to ``timeout`` s. Orders are told in turn, so this is not for read-only eyes.
    """

    command: Literal["next_order"] = "next_order"
    symbol: Word | None = None
    session: Word | None = None
    timeout: Wait = 1.0


class AcceptOrder(OfVenue):
    """Accept a held order: New."""

    command: Literal["accept_order"] = "accept_order"
    order_id: Id


class RejectOrder(OfVenue):
    """Reject a held order with an OrdRejReason(103)."""

    command: Literal["reject_order"] = "reject_order"
    order_id: Id
    reason: Whole = Field(default=99, ge=0, le=999)
    text: Text = ""


class FillOrder(OfVenue):
    """Execute a live order; all of it at its own price where nothing is said.

    ``force``: also beyond what it asked for, or at a price worse than its limit.
    """

    command: Literal["fill_order"] = "fill_order"
    order_id: Id
    quantity: Amount | None = None
    price: Amount | None = None
    force: bool = False


class CancelOrder(OfVenue):
    """Cancel a live order without its owner having asked."""

    command: Literal["cancel_order"] = "cancel_order"
    order_id: Id
    text: Text = ""


class ExpireOrder(OfVenue):
    """End a live order: Expired."""

    command: Literal["expire_order"] = "expire_order"
    order_id: Id


class DoneForDay(OfVenue):
    """End a live order for today: Done for day."""

    command: Literal["done_for_day"] = "done_for_day"
    order_id: Id


class MatchOrders(OfVenue):
    """Trade two live orders with each other."""

    command: Literal["match_orders"] = "match_orders"
    order_id: Id
    other_id: Id
    quantity: Amount
    price: Amount


class BustExecution(OfVenue):
    """Take an execution back, by its ExecID(17)."""

    command: Literal["bust_execution"] = "bust_execution"
    exec_id: Id


class CorrectExecution(OfVenue):
    """Give an execution another quantity and price."""

    command: Literal["correct_execution"] = "correct_execution"
    exec_id: Id
    quantity: Amount
    price: Amount


class AcceptRequest(OfVenue):
    """Grant the cancel or replace that is pending on an order."""

    command: Literal["accept_request"] = "accept_request"
    order_id: Id


class RejectRequest(OfVenue):
    """Refuse the cancel or replace that is pending on an order, with a CxlRejReason(102)."""

    command: Literal["reject_request"] = "reject_request"
    order_id: Id
    reason: Whole = Field(default=99, ge=0, le=99)
    text: Text = ""
