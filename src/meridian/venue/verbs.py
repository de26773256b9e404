"""What the operator decides about orders and executions."""

from __future__ import annotations

from meridian.book import MAX_PRICE, MAX_QUANTITY
from meridian.book import Event as BookEvent
from meridian.schema import OrderStatus
from meridian.venue.commands.operator import (
    AcceptOrder,
    AcceptRequest,
    BustExecution,
    CancelByVenue,
    CorrectExecution,
    DoneForDay,
    ExpireOrder,
    FillOrder,
    MatchOrders,
    RejectOrder,
    RejectRequest,
)
from meridian.venue.consequences import Consequences, Row
from meridian.venue.core import MAX_TEXT, Core
from meridian.venue.events import (
    CommandRefused,
    Event,
    ExecutionBusted,
    ExecutionCorrected,
    OrderAccepted,
    OrderCancelled,
    OrderDone,
    OrderExpired,
    OrderRefused,
    OrderReplaced,
    RequestRejected,
)
from meridian.venue.executions import Match
from meridian.venue.order import Order
from meridian.venue.reasons import CANCEL_REASONS, ORDER_REASONS, CommandRefusal

__all__ = ["Verbs"]

_REFUSED = int(BookEvent.REFUSED)
_OWN = frozenset({int(BookEvent.CANCELLED), int(BookEvent.REDUCED)})
_PENDING = OrderStatus.PENDING_NEW


class Verbs:
    """Carries the operator's decisions out; orders of the book leave it as far as needed."""

    def __init__(self, core: Core, consequences: Consequences) -> None:
        self._core = core
        self._consequences = consequences

    # Held orders -----------------------------------------------------------------------------

    def accept(self, command: AcceptOrder, now: int) -> list[Event]:
        """Pending new becomes New."""
        order = self._pending_new(command.order_id)
        if isinstance(order, CommandRefused):
            return [order]
        order = order.accepted(now)
        self._core.registry.update(order)
        return [OrderAccepted(self._core.ids.execution(), order)]

    def reject(self, command: RejectOrder, now: int) -> list[Event]:
        """Pending new becomes Rejected."""
        order = self._pending_new(command.order_id)
        if isinstance(order, CommandRefused):
            return [order]
        mistake = _text_mistake(command.text) or _reason_mistake(command.reason, ORDER_REASONS)
        if mistake is not None:
            return [mistake]
        events: list[Event] = []
        order = self._consequences.end(order.number, OrderStatus.REJECTED, now, events)
        refused = OrderRefused(self._core.ids.execution(), order, command.reason, command.text)
        return [refused, *events]

    def accept_request(self, command: AcceptRequest, now: int) -> list[Event]:
        """Grant the pending cancel or replace."""
        order = self._core.live_order(command.order_id)
        if isinstance(order, CommandRefused):
            return [order]
        pending = order.pending
        if pending is None:
            return [_not_pending(f"no request waits on order {order.order_id}")]
        core, request_id = self._core, pending.request.request_id
        if pending.quantity is None:
            order = order.ended(OrderStatus.CANCELLED, now, request_id)
            core.registry.chain(order)
            return [OrderCancelled(core.ids.execution(), order, requested=True)]
        # Executions while it waited may have overtaken it.
        leaves = max(pending.quantity - order.executed, 0)
        quantity = max(pending.quantity, order.executed)
        price = pending.price or order.price
        order = order.after_replace(request_id, quantity, price, leaves, now)
        core.registry.chain(order)
        return [OrderReplaced(core.ids.execution(), order)]

    def reject_request(self, command: RejectRequest, now: int) -> list[Event]:
        """Refuse the pending cancel or replace; the order goes on."""
        order = self._core.live_order(command.order_id)
        if isinstance(order, CommandRefused):
            return [order]
        pending = order.pending
        if pending is None:
            return [_not_pending(f"no request waits on order {order.order_id}")]
        mistake = _text_mistake(command.text) or _reason_mistake(command.reason, CANCEL_REASONS)
        if mistake is not None:
            return [mistake]
        order = order.asked(None, now)
        self._core.registry.update(order)
        request, reason, text = pending.request, command.reason, command.text
        return [RequestRejected(request, order, pending.replaces, reason, text, now)]

    # Live orders -----------------------------------------------------------------------------

    def fill(self, command: FillOrder, now: int) -> list[Event]:
        """Execute an order against the venue."""
        order = self._core.live_order(command.order_id)
        if isinstance(order, CommandRefused):
            return [order]
        market = self._core.markets[order.symbol]
        quantity = order.leaves if command.quantity is None else command.quantity
        price = command.price
        if price is None:
            price = order.price or market.last_price
        mistake = _range_mistake(quantity, price)
        if mistake is None and not command.force:
            mistake = _unforced_mistake(order, quantity, price)
        if mistake is not None:
            return [mistake]
        events: list[Event] = []
        rows = self._take(order, quantity) or []
        self._consequences.executed_by_hand(market, [order], quantity, price, now, events)
        self._consequences.follow(market, rows, now, events)
        return events

    def match(self, command: MatchOrders, now: int) -> list[Event]:
        """Trade two orders with each other.

        Where taking the first out of the book makes the second trade elsewhere, the first has
        traded with the venue.
        """
        core = self._core
        orders: list[Order] = []
        for order_id in (command.order_id, command.other_id):
            order = core.live_order(order_id)
            if isinstance(order, CommandRefused):
                return [order]
            orders.append(order)
        one, other = orders
        if one.symbol != other.symbol or one.side.buys is other.side.buys:
            text = f"{one.order_id} and {other.order_id} are not two sides of one instrument"
            return [CommandRefused(CommandRefusal.NOT_OPPOSITE, text)]
        quantity, price = command.quantity, command.price
        mistake = _range_mistake(quantity, price)
        for order in orders:
            mistake = mistake or _unforced_mistake(order, quantity, price)
        if mistake is not None:
            return [mistake]
        events: list[Event] = []
        rows = self._take(one, quantity) or []
        more = self._take(other, quantity)
        sides = orders if more is not None else [one]
        market = core.markets[one.symbol]
        self._consequences.executed_by_hand(market, sides, quantity, price, now, events)
        self._consequences.follow(market, [*rows, *(more or [])], now, events)
        return events

    def cancel(self, command: CancelByVenue, now: int) -> list[Event]:
        """Cancel what nobody asked to cancel."""
        mistake = _text_mistake(command.text)
        if mistake is not None:
            return [mistake]
        ended = self._end(command.order_id, OrderStatus.CANCELLED, now)
        if isinstance(ended, CommandRefused):
            return [ended]
        order, events = ended
        exec_id = self._core.ids.execution()
        return [OrderCancelled(exec_id, order, requested=False, text=command.text), *events]

    def expire(self, command: ExpireOrder, now: int) -> list[Event]:
        """End it: Expired."""
        ended = self._end(command.order_id, OrderStatus.EXPIRED, now)
        if isinstance(ended, CommandRefused):
            return [ended]
        order, events = ended
        return [OrderExpired(self._core.ids.execution(), order), *events]

    def done_for_day(self, command: DoneForDay, now: int) -> list[Event]:
        """End it: Done for day."""
        ended = self._end(command.order_id, OrderStatus.DONE_FOR_DAY, now)
        if isinstance(ended, CommandRefused):
            return [ended]
        order, events = ended
        return [OrderDone(self._core.ids.execution(), order), *events]

    # Executions ------------------------------------------------------------------------------

    def bust(self, command: BustExecution, now: int) -> list[Event]:
        """Take an execution back on both sides."""
        match = self._execution(command.exec_id)
        if isinstance(match, CommandRefused):
            return [match]
        match.busted = True
        quantity, price = match.quantity, match.price
        events: list[Event] = []
        for number, ref in list(match.sides.items()):
            order = self._adjusted(number, -quantity, -quantity * price, now)
            if order is not None:
                exec_id = self._core.ids.execution()
                first = not events
                events.append(
                    ExecutionBusted(exec_id, ref, match.match_id, order, quantity, price, first)
                )
        return events

    def correct(self, command: CorrectExecution, now: int) -> list[Event]:
        """Give an execution another quantity and price on both sides."""
        match = self._execution(command.exec_id)
        if isinstance(match, CommandRefused):
            return [match]
        quantity, price = command.quantity, command.price
        mistake = _range_mistake(quantity, price)
        if mistake is not None:
            return [mistake]
        former = match.quantity
        more = quantity - former
        notional = quantity * price - match.quantity * match.price
        match.quantity, match.price = quantity, price
        ids = self._core.ids
        events: list[Event] = []
        for number, ref in list(match.sides.items()):
            order = self._adjusted(number, more, notional, now)
            if order is not None:
                exec_id = ids.execution()
                # From now on the correction is what a bust refers to.
                self._core.ledger.keep(ids.executions, number, exec_id, match)
                first = not events
                events.append(
                    ExecutionCorrected(
                        exec_id, ref, match.match_id, order, quantity, price, former, first
                    )
                )
        return events

    def _execution(self, exec_id: str) -> Match | CommandRefused:
        match = self._core.ledger.find(self._core.ids.execution_number(exec_id))
        if match is None:
            text = f"no execution is known as {exec_id}"
            return CommandRefused(CommandRefusal.UNKNOWN_EXECUTION, text)
        if match.busted:
            text = f"execution {exec_id} was busted before"
            return CommandRefused(CommandRefusal.EXECUTION_BUSTED, text)
        return match

    def _adjusted(self, number: int, quantity: int, notional: int, now: int) -> Order | None:
        """None where the order was the house's and is forgotten."""
        order = self._core.registry.orders.get(number)
        if order is None:
            return None
        market = self._core.markets.get(order.symbol)
        trades = market is not None and market.instrument == order.instrument
        order = order.after_adjustment(quantity, notional, now, trades=trades)
        self._core.registry.update(order)
        return order

    def _pending_new(self, order_id: str) -> Order | CommandRefused:
        order = self._core.live_order(order_id)
        if isinstance(order, Order) and order.status is not _PENDING:
            return _not_pending(f"order {order_id} does not wait to be accepted")
        return order

    def _end(
        self, order_id: str, status: OrderStatus, now: int
    ) -> tuple[Order, list[Event]] | CommandRefused:
        """The order at its end, and what else happened."""
        order = self._core.live_order(order_id)
        if isinstance(order, CommandRefused):
            return order
        events: list[Event] = []
        rows = self._take(order, order.leaves) or []
        market = self._core.markets[order.symbol]
        order = self._consequences.end(order.number, status, now, events)
        self._consequences.follow(market, rows, now, events)
        return order, events

    def _take(self, order: Order, quantity: int) -> list[Row] | None:
        """Take so much out of the book, which tells what else happened; None where it cannot."""
        if order.held:
            return []
        book = self._core.markets[order.symbol].book
        if quantity >= order.leaves:
            rows = book.cancel(order.number)
        else:
            rows = book.reduce(order.number, quantity)
        if rows[0][0] == _REFUSED:
            return None
        return [row for row in rows if row[0] not in _OWN or row[1] != order.number]


def _not_pending(text: str) -> CommandRefused:
    return CommandRefused(CommandRefusal.NOT_PENDING, text)


def _text_mistake(text: str) -> CommandRefused | None:
    if len(text) <= MAX_TEXT and all(" " <= char <= "\xff" and char != "\x7f" for char in text):
        return None
    expected = f"expected up to {MAX_TEXT} printable Latin-1 characters, got {text[:40]!r}"
    return CommandRefused(CommandRefusal.BAD_TEXT, f"text: {expected}")


def _reason_mistake(reason: int, known: frozenset[int]) -> CommandRefused | None:
    if reason in known:
        return None
    expected = ", ".join(map(str, sorted(known)))
    text = f"reason {reason}: expected one of {expected}"
    return CommandRefused(CommandRefusal.BAD_REASON, text)


def _range_mistake(quantity: int, price: int) -> CommandRefused | None:
    if not 1 <= quantity <= MAX_QUANTITY:
        text = f"quantity {quantity}: expected 1 to {MAX_QUANTITY} lots"
        return CommandRefused(CommandRefusal.BAD_QUANTITY, text)
    if not 1 <= price <= MAX_PRICE:
        text = f"price {price}: expected 1 to {MAX_PRICE} ticks"
        return CommandRefused(CommandRefusal.BAD_PRICE, text)
    return None


def _unforced_mistake(order: Order, quantity: int, price: int) -> CommandRefused | None:
    if quantity > order.leaves:
        text = f"quantity {quantity}: order {order.order_id} has {order.leaves} lots left"
        return CommandRefused(CommandRefusal.OVERFILL, text)
    limit = order.price
    if limit is not None and (price - limit) * order.side.sign > 0:
        text = f"price {price}: worse than the limit of order {order.order_id}, {limit} ticks"
        return CommandRefused(CommandRefusal.WORSE_PRICE, text)
    return None
