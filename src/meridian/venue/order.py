"""The life of an order: values, and the transitions between them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from meridian.schema import OrderStatus, OrderType, Side, TimeInForce
from meridian.venue.reasons import OrderReason

__all__ = ["Order", "RejectedOrder"]


@dataclass(frozen=True, slots=True)
class Order:
    """One accepted order as it stands at one moment. Prices in ticks, quantities in lots."""

    number: int
    """The book's id; unique in a run."""
    order_id: str
    """What the venue calls it (OrderID 37); unique across runs."""
    participant: str
    cl_ord_id: str
    """The newest link of the client's chain."""
    orig_cl_ord_id: str | None
    """The link before it."""
    symbol: str
    side: Side
    order_type: OrderType
    time_in_force: TimeInForce
    quantity: int
    """Total, executed part included."""
    price: int | None
    changed_at: int
    executed: int = 0
    notional: int = 0
    """Sum of price x quantity over the executions, ticks x lots."""
    status: OrderStatus = OrderStatus.NEW

    @property
    def leaves(self) -> int:
        """What may still trade."""
        return 0 if self.status.terminal else self.quantity - self.executed

    def after_execution(self, quantity: int, price: int, now: int) -> Order:
        """``quantity`` lots traded at ``price``."""
        executed = self.executed + quantity
        return replace(
            self,
            executed=executed,
            notional=self.notional + quantity * price,
            status=_working_status(executed, self.quantity),
            changed_at=now,
        )

    def after_cancel(self, request_id: str | None, now: int) -> Order:
        """Nothing of it trades any more; a client's request becomes the newest link."""
        order = self if request_id is None else self._linked(request_id)
        return replace(order, status=OrderStatus.CANCELLED, changed_at=now)

    def after_replace(self, request_id: str, quantity: int, price: int, now: int) -> Order:
        """The client's replacement stands, and its request is the newest link."""
        return replace(
            self._linked(request_id),
            quantity=quantity,
            price=price,
            status=_working_status(self.executed, quantity),
            changed_at=now,
        )

    def after_reduction(self, leaves: int, now: int) -> Order:
        """The venue took the order down to ``leaves``; they are not 0."""
        return replace(self, quantity=self.executed + leaves, changed_at=now)

    def _linked(self, request_id: str) -> Order:
        return replace(self, cl_ord_id=request_id, orig_cl_ord_id=self.cl_ord_id)


def _working_status(executed: int, quantity: int) -> OrderStatus:
    if executed == 0:
        return OrderStatus.NEW
    return OrderStatus.FILLED if executed >= quantity else OrderStatus.PARTIALLY_FILLED


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
