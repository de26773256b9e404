"""The life of an order: values, and the transitions between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from meridian.book import Kind, Tif
from meridian.schema import OrderStatus, Side
from meridian.venue.commands.participant import Request, SubmitOrder
from meridian.venue.instrument import Instrument
from meridian.venue.reasons import OrderReason

__all__ = ["Order", "PendingRequest", "RejectedOrder"]

_new = tuple.__new__
_NEW = OrderStatus.NEW
_PART, _FILLED = OrderStatus.PARTIALLY_FILLED, OrderStatus.FILLED


@dataclass(frozen=True, slots=True)
class PendingRequest:
    """A cancel (``quantity`` None) or replace of a held order that waits for the operator."""

    request: Request
    quantity: int | None = None
    price: int | None = None

    @property
    def replaces(self) -> bool:
        """Whether it is a replace."""
        return self.quantity is not None


class Order(NamedTuple):
    """One order as it stands at one moment. Prices in ticks, quantities in lots.

    ``leaves + executed`` is ``quantity`` while nothing was cancelled, busted or overfilled.
    """

    terms: SubmitOrder
    """What the client asked for first."""
    number: int
    """The book's id; unique in a run."""
    order_id: str
    """What the venue calls it (OrderID 37); unique across runs."""
    cl_ord_id: str
    """The newest link of the client's chain."""
    orig_cl_ord_id: str | None
    """The link before it."""
    instrument: Instrument
    """As it was when the order came."""
    quantity: int
    """Total, executed part included."""
    price: int | None
    leaves: int
    """What may still trade."""
    executed: int
    notional: int
    """Sum of price x quantity over the executions, ticks x lots."""
    status: OrderStatus
    changed_at: int
    held: bool = False
    """The operator decides about it, not the book."""
    replaced: bool = False
    """Price or total are no longer those of the beginning."""
    gap: int = 0
    """What is executed less what the book knows of: the operator's fills, less what was busted."""
    pending: PendingRequest | None = None

    @property
    def symbol(self) -> str:
        """The instrument's first symbol."""
        return self.instrument.symbol

    @property
    def participant(self) -> str:
        """Whose order it is."""
        return self.terms.participant

    @property
    def side(self) -> Side:
        """Its side."""
        return self.terms.side

    @property
    def order_type(self) -> Kind:
        """Its type."""
        return self.terms.order_type

    @property
    def time_in_force(self) -> Tif:
        """How long it lives."""
        return self.terms.time_in_force

    def after_execution(self, quantity: int, price: int, now: int, gap: int = 0) -> Order:
        """``quantity`` lots traded at ``price``; ``gap`` of them without the book."""
        (
            terms,
            number,
            order_id,
            cl_ord_id,
            orig_cl_ord_id,
            instrument,
            total,
            limit,
            leaves,
            executed,
            notional,
            _,
            _,
            held,
            replaced,
            former_gap,
            pending,
        ) = self
        left = leaves - quantity if leaves > quantity else 0
        # Past the generated constructor, as this is the hottest of all; the fields in order.
        return _new(
            Order,
            (
                terms,
                number,
                order_id,
                cl_ord_id,
                orig_cl_ord_id,
                instrument,
                total,
                limit,
                left,
                executed + quantity,
                notional + quantity * price,
                _PART if left else _FILLED,
                now,
                held,
                replaced,
                former_gap + gap,
                pending,
            ),
        )

    def ended(self, status: OrderStatus, now: int, request_id: str | None = None) -> Order:
        """Nothing of it trades any more; a client's request becomes the newest link."""
        order = self if request_id is None else self._linked(request_id)
        return order._replace(status=status, leaves=0, changed_at=now, pending=None)

    def accepted(self, now: int) -> Order:
        """No longer pending new."""
        return self._replace(status=_NEW, changed_at=now)

    def asked(self, pending: PendingRequest | None, now: int) -> Order:
        """A request waits for the operator, or waits no more."""
        return self._replace(pending=pending, changed_at=now)

    def after_replace(
        self, request_id: str, quantity: int, price: int | None, leaves: int, now: int
    ) -> Order:
        """The client's replacement stands, and its request is the newest link."""
        return self._linked(request_id)._replace(
            quantity=quantity,
            price=price,
            leaves=leaves,
            status=self._working(self.executed, leaves),
            replaced=True,
            pending=None,
            changed_at=now,
        )

    def after_reduction(self, leaves: int, now: int) -> Order:
        """The venue took the order down to ``leaves``; they are not 0."""
        quantity = self.quantity - (self.leaves - leaves)
        return self._replace(quantity=quantity, leaves=leaves, changed_at=now)

    def repriced(self, price: int | None, now: int) -> Order:
        """The venue moved its price."""
        return self._replace(price=price, changed_at=now)

    def after_adjustment(self, quantity: int, notional: int, now: int, *, trades: bool) -> Order:
        """An execution was busted or corrected by so much, up or down.

        A held order gets back what it lost, if its instrument still ``trades``; the book gives
        nothing back.
        """
        executed = self.executed + quantity
        leaves, gap = self.leaves, self.gap
        if self.held and (self.leaves or (trades and self.status is _FILLED)):
            leaves = max(self.quantity - executed, 0)
        else:
            gap += quantity
        if self.status.terminal and self.status is not _FILLED:
            status = self.status
        elif leaves or executed >= self.quantity:
            status = self._working(executed, leaves)
        else:
            status = OrderStatus.CANCELLED
        return self._replace(
            executed=executed,
            notional=self.notional + notional,
            leaves=leaves,
            gap=gap,
            status=status,
            changed_at=now,
        )

    def _working(self, executed: int, leaves: int) -> OrderStatus:
        if not leaves:
            return _FILLED
        if executed:
            return _PART
        return self.status if self.status is OrderStatus.PENDING_NEW else _NEW

    def _linked(self, request_id: str) -> Order:
        return self._replace(cl_ord_id=request_id, orig_cl_ord_id=self.cl_ord_id)


@dataclass(frozen=True, slots=True)
class RejectedOrder:
    """An order that never entered; remembered, so that asking for it gets the same answer."""

    order_id: str | None
    """None where the venue keeps no memory of it: its client id was taken or unusable."""
    participant: str
    cl_ord_id: str
    symbol: str
    reason: OrderReason
    text: str
    changed_at: int
