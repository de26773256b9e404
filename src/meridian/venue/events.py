"""What the venue says happened. Each event carries the order as it stood right after it.

The two that come with every order are named tuples, which are made in half the time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from meridian.book import Phase
from meridian.schema import Side
from meridian.venue.commands.administration import Mode
from meridian.venue.commands.participant import Request
from meridian.venue.instrument import Instrument
from meridian.venue.order import Order, RejectedOrder
from meridian.venue.reasons import CancelReason, CommandRefusal

__all__ = [
    "CommandRefused",
    "Event",
    "ExecutionBusted",
    "ExecutionCorrected",
    "IndicativeChanged",
    "InstrumentChanged",
    "InstrumentDeleted",
    "MassCancelled",
    "ModeChanged",
    "OrderAccepted",
    "OrderCancelled",
    "OrderDone",
    "OrderEvent",
    "OrderExecuted",
    "OrderExpired",
    "OrderPending",
    "OrderReduced",
    "OrderRefused",
    "OrderRejected",
    "OrderReplaced",
    "OrderRepriced",
    "OrderTriggered",
    "PhaseChanged",
    "RequestPending",
    "RequestRejected",
]


@dataclass(frozen=True, slots=True)
class OrderPending:
    """The order is held and waits for the operator: Pending new."""

    exec_id: str
    order: Order


class OrderAccepted(NamedTuple):
    """The order entered the book, or the operator accepted it; executions may follow."""

    exec_id: str
    order: Order


@dataclass(frozen=True, slots=True)
class OrderRejected:
    """The order never entered."""

    exec_id: str
    order: RejectedOrder


@dataclass(frozen=True, slots=True)
class OrderRefused:
    """The operator turned a pending order away; ``reason`` is an OrdRejReason(103)."""

    exec_id: str
    order: Order
    reason: int
    text: str


class OrderExecuted(NamedTuple):
    """One side of a match; both sides carry the same ``match_id``."""

    exec_id: str
    """Unique across runs: the trade id."""
    match_id: str
    order: Order
    quantity: int
    price: int
    aggressor: bool
    """It met what rested; of an uncross neither side did."""
    first: bool = True
    """Of a match's executions exactly one is the first."""


@dataclass(frozen=True, slots=True)
class OrderCancelled:
    """The order is done; ``text`` says why where nobody asked for it."""

    exec_id: str
    order: Order
    requested: bool
    text: str = ""


@dataclass(frozen=True, slots=True)
class OrderExpired:
    """The order's time is over."""

    exec_id: str
    order: Order


@dataclass(frozen=True, slots=True)
class OrderDone:
    """The order is done for the day."""

    exec_id: str
    order: Order


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
class OrderRepriced:
    """A peg moved, or a market to limit order found its price."""

    exec_id: str
    order: Order


@dataclass(frozen=True, slots=True)
class OrderTriggered:
    """A stop, or an order for an auction, entered."""

    exec_id: str
    order: Order


@dataclass(frozen=True, slots=True)
class ExecutionBusted:
    """The execution ``ref_exec_id`` never was."""

    exec_id: str
    ref_exec_id: str
    match_id: str
    order: Order
    quantity: int
    price: int
    first: bool = True


@dataclass(frozen=True, slots=True)
class ExecutionCorrected:
    """The execution ``ref_exec_id`` was for ``quantity`` at ``price``, and goes by a new id;
    ``former`` is the quantity it was said to be for."""

    exec_id: str
    ref_exec_id: str
    match_id: str
    order: Order
    quantity: int
    price: int
    former: int
    first: bool = True


@dataclass(frozen=True, slots=True)
class RequestPending:
    """A cancel or replace waits for the operator; ``order.pending`` has it."""

    exec_id: str
    order: Order


@dataclass(frozen=True, slots=True)
class RequestRejected:
    """A cancel or a replace changed nothing; ``reason`` is a CxlRejReason(102)."""

    request: Request
    order: Order | None
    replace: bool
    reason: CancelReason | int
    text: str
    at: int


@dataclass(frozen=True, slots=True)
class MassCancelled:
    """A mass cancel is done; the ``affected`` orders were told of before. ``text``: why not."""

    participant: str
    request_id: str
    order_id: str
    symbol: str | None
    side: Side | None
    affected: int
    at: int
    text: str = ""


@dataclass(frozen=True, slots=True)
class PhaseChanged:
    """What follows in that book happens in this phase."""

    symbol: str
    phase: Phase
    at: int


@dataclass(frozen=True, slots=True)
class IndicativeChanged:
    """What an auction would do now; price 0 where nothing would trade."""

    symbol: str
    price: int
    volume: int
    surplus: int
    at: int


@dataclass(frozen=True, slots=True)
class InstrumentChanged:
    """An instrument is new, or is now like this."""

    instrument: Instrument
    created: bool
    at: int


@dataclass(frozen=True, slots=True)
class InstrumentDeleted:
    """Nothing trades under the symbol any more."""

    symbol: str
    at: int


@dataclass(frozen=True, slots=True)
class ModeChanged:
    """Who decides about new orders of an instrument."""

    symbol: str
    mode: Mode
    at: int


@dataclass(frozen=True, slots=True)
class CommandRefused:
    """The operator's command changed nothing; ``code`` is stable, ``text`` is for people."""

    code: CommandRefusal
    text: str


OrderEvent = (
    OrderExecuted
    | OrderAccepted
    | OrderPending
    | OrderRefused
    | OrderCancelled
    | OrderExpired
    | OrderDone
    | OrderReplaced
    | OrderReduced
    | OrderRepriced
    | OrderTriggered
    | ExecutionBusted
    | ExecutionCorrected
    | RequestPending
)
"""Those with an ``exec_id`` and an ``order`` that entered."""
Event = (
    OrderEvent
    | OrderRejected
    | RequestRejected
    | MassCancelled
    | PhaseChanged
    | IndicativeChanged
    | InstrumentChanged
    | InstrumentDeleted
    | ModeChanged
    | CommandRefused
)
