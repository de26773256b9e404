"""What participants ask about orders they have: cancel, replace, mass cancel."""

from __future__ import annotations

from meridian.book import MAX_PRICE, MAX_QUANTITY, Kind
from meridian.book import Event as BookEvent
from meridian.schema import OrderStatus
from meridian.venue.commands.participant import (
    CancelOrder,
    MassCancel,
    ReduceOrder,
    ReplaceOrder,
    Request,
)
from meridian.venue.consequences import Consequences
from meridian.venue.core import Core
from meridian.venue.entry import MAX_CLIENT_ID, refusal_of
from meridian.venue.events import (
    Event,
    MassCancelled,
    OrderCancelled,
    OrderReplaced,
    RequestPending,
    RequestRejected,
)
from meridian.venue.order import Order, PendingRequest
from meridian.venue.reasons import CancelReason

__all__ = ["Requests"]

_REFUSED = int(BookEvent.REFUSED)
_PRICED = frozenset({Kind.LIMIT, Kind.MARKET_TO_LIMIT})
"""Types whose price a replace can change."""
_BELOW = "OrderQty(38) is below what has executed"


class Requests:
    """Takes cancels and replaces."""

    def __init__(self, core: Core, consequences: Consequences) -> None:
        self._core = core
        self._consequences = consequences

    def working_order(
        self, request: Request, now: int, *, replace: bool
    ) -> Order | RequestRejected:
        """The live order a request names, or why the request can do nothing."""
        registry = self._core.registry
        order = self._named(request)
        if len(request.request_id) > MAX_CLIENT_ID:
            reason = CancelReason.OTHER
            text = f"ClOrdID(11) is longer than {MAX_CLIENT_ID} characters"
        elif order is None:
            reason = CancelReason.UNKNOWN_ORDER
            text = f"no order is known as {request.cl_ord_id}"
        elif registry.taken(request.participant, request.request_id):
            reason = CancelReason.DUPLICATE_ID
            text = f"ClOrdID(11) {request.request_id} was used before"
        elif not order.leaves:
            reason = CancelReason.TOO_LATE
            text = f"the order is {order.status.value.lower().replace('_', ' ')}"
        elif order.pending is not None:
            reason = CancelReason.ALREADY_PENDING
            text = f"request {order.pending.request.request_id} waits for a decision"
        elif replace and registry.full(request.participant):
            reason = CancelReason.VENUE_OPTION
            text = f"the venue remembers no more than {registry.max_orders} client ids"
        else:
            return order
        return RequestRejected(request, order, replace, reason, text, now)

    def cancel(self, command: CancelOrder, now: int) -> list[Event]:
        """A cancel: done at once by the book, or pending where the order is held."""
        request = command.request
        order = self.working_order(request, now, replace=False)
        if isinstance(order, RequestRejected):
            return [order]
        if order.held:
            return [self._wait(order, PendingRequest(request), now)]
        market = self._core.markets[order.symbol]
        rows = market.book.cancel(order.number)
        events: list[Event] = []
        order = self._consequences.end(
            order.number, OrderStatus.CANCELLED, now, events, request.request_id
        )
        events.append(OrderCancelled(self._core.ids.execution(), order, requested=True))
        self._consequences.follow(market, rows[1:], now, events)
        return events

    def replace(self, command: ReplaceOrder, now: int) -> list[Event]:
        """A replace: done at once by the book, or pending where the order is held."""
        request, quantity, price = command.request, command.quantity, command.price
        order = self.working_order(request, now, replace=True)
        if isinstance(order, RequestRejected):
            return [order]
        if quantity < order.executed:
            return [self._refused(request, order, _BELOW, now)]
        if order.held:
            if quantity > MAX_QUANTITY or not 1 <= (price or 1) <= MAX_PRICE:
                return [self._refused(request, order, "price or quantity is out of range", now)]
            return [self._wait(order, PendingRequest(request, quantity, price), now)]
        core = self._core
        market = core.markets[order.symbol]
        book_price = price or order.price or 0
        view = None if order.order_type in _PRICED else market.book.order(order.number)
        if view is not None and view.kind not in _PRICED:
            if price not in (None, order.price):
                text = f"the price of an order of type {order.order_type.name} cannot be replaced"
                return [self._refused(request, order, text, now)]
            # Which is how the book is told that the price stays.
            book_price = 0
        rows = market.book.replace(order.number, quantity - order.gap, book_price)
        if rows[0][0] == _REFUSED:
            return [self._refused(request, order, refusal_of(rows[0]).text, now)]
        leaves = rows[0][4]
        order = order.after_replace(request.request_id, quantity, price or order.price, leaves, now)
        core.registry.chain(order)
        events: list[Event] = [OrderReplaced(core.ids.execution(), order)]
        self._consequences.follow(market, rows[1:], now, events)
        return events

    def mass_cancel(self, command: MassCancel, now: int) -> list[Event]:
        """Cancel all that matches, held orders too, at once."""
        core = self._core
        events: list[Event] = []
        market, text = None, ""
        if command.symbol is not None:
            market = core.names.get(command.symbol)
            text = "" if market else f"Symbol(55) {command.symbol} does not trade here"
        affected = 0
        for found in [] if text else core.registry.open_orders(command.participant):
            fits = command.side in (None, found.side)
            if not fits or (market is not None and found.symbol != market.symbol):
                continue
            # What a cancel sets in motion may have ended the next one.
            order = core.registry.orders.get(found.number)
            if order is None or not order.leaves:
                continue
            home = core.markets[order.symbol]
            rows = [] if order.held else home.book.cancel(order.number)[1:]
            late: list[Event] = []
            order = self._consequences.end(order.number, OrderStatus.CANCELLED, now, late)
            events.append(OrderCancelled(core.ids.execution(), order, True, "mass cancel"))
            events += late
            self._consequences.follow(home, rows, now, events)
            affected += 1
        events.append(
            MassCancelled(
                participant=command.participant,
                request_id=command.request_id,
                order_id=core.ids.order(),
                symbol=command.symbol,
                side=command.side,
                affected=affected,
                at=now,
                text=text,
            )
        )
        return events

    def reduce(self, command: ReduceOrder, now: int) -> list[Event]:
        """Take an order of the book down; nothing where it has no more than that."""
        core = self._core
        order = core.registry.find(command.participant, command.cl_ord_id)
        if not isinstance(order, Order) or order.held or order.leaves <= command.leaves:
            return []
        market = core.markets[order.symbol]
        rows = market.book.reduce(order.number, order.leaves - command.leaves)
        events: list[Event] = []
        self._consequences.follow(market, rows, now, events)
        return events

    def _named(self, request: Request) -> Order | None:
        core = self._core
        if request.order_id is not None:
            order = core.order(request.order_id)
            if order is not None and order.participant == request.participant:
                return order
        found = core.registry.find(request.participant, request.cl_ord_id)
        return found if isinstance(found, Order) else None

    def _wait(self, order: Order, pending: PendingRequest, now: int) -> Event:
        order = order.asked(pending, now)
        self._core.registry.update(order)
        return RequestPending(self._core.ids.execution(), order)

    def _refused(self, request: Request, order: Order, text: str, now: int) -> Event:
        return RequestRejected(request, order, True, CancelReason.OTHER, text, now)
