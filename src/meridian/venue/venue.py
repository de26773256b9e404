"""The venue: one state machine over the books and the orders of every participant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet

from meridian.book import (
    BookSide,
    Cancelled,
    OrderBook,
    Reduced,
    RefusalCode,
    Refused,
    Tif,
    Traded,
    named,
)
from meridian.book import CancelReason as BookCancelReason
from meridian.schema import OrderType, TimeInForce
from meridian.venue.commands import (
    CancelOrder,
    Command,
    ReduceOrder,
    RefuseOrder,
    ReplaceOrder,
    Request,
    SubmitOrder,
)
from meridian.venue.events import (
    Event,
    OrderAccepted,
    OrderCancelled,
    OrderExecuted,
    OrderReduced,
    OrderRejected,
    OrderReplaced,
    RequestRejected,
)
from meridian.venue.instrument import Instrument
from meridian.venue.order import Order, RejectedOrder
from meridian.venue.reasons import CancelReason, OrderReason, Refusal
from meridian.venue.registry import MAX_ORDERS, OrderRegistry

__all__ = ["MAX_CLIENT_ID", "Venue"]

MAX_CLIENT_ID = 128
"""Characters of a client order id."""

_TIFS = {
    TimeInForce.DAY: Tif.DAY,
    TimeInForce.IOC: Tif.IOC,
    TimeInForce.FOK: Tif.FOK,
}
_CANCEL_TEXTS = {
    BookCancelReason.REQUESTED: "",
    BookCancelReason.IOC_REMAINDER: "immediate or cancel: no more to trade with",
    BookCancelReason.FOK_UNFILLABLE: "fill or kill: the whole quantity is not there",
    BookCancelReason.MARKET_REMAINDER: "market order: no more to trade with",
}


class Venue:
    """Takes commands, returns what happened. The same commands give the same events.

    Args:
        instruments: what trades here; symbols are unique.
        run: a word no other run of this venue uses; part of every order, execution and match id,
            so that ids stay unique across restarts.
        house: participants whose finished orders need not be remembered.
        max_orders: client ids remembered for the venue's life. At the bound new orders are
            rejected (103=3) and replaces refused (102=2); cancels and executions go on.
    """

    def __init__(
        self,
        instruments: Iterable[Instrument],
        run: str,
        house: AbstractSet[str] = frozenset(),
        max_orders: int = MAX_ORDERS,
    ) -> None:
        self._instruments = {instrument.symbol: instrument for instrument in instruments}
        self._books = {symbol: OrderBook() for symbol in self._instruments}
        self._orders = OrderRegistry(house, max_orders)
        self._run = run
        self._last_order = 0
        self._last_execution = 0
        self._last_match = 0

    @property
    def instruments(self) -> Mapping[str, Instrument]:
        """What trades here, by symbol."""
        return self._instruments

    def book(self, symbol: str) -> OrderBook:
        """The book of a symbol, to read. Raises KeyError where nothing trades under it."""
        return self._books[symbol]

    def find(
        self, participant: str, cl_ord_id: str | None, order_id: str | None = None
    ) -> Order | RejectedOrder | None:
        """A participant's own order by order id or any client id of its chain, or None."""
        return self._orders.find(participant, cl_ord_id, order_id)

    def owner(self, number: int) -> str:
        """Whose resting order the book calls ``number``."""
        return self._orders.by_number(number).participant

    def open_orders(self, participant: str) -> list[Order]:
        """A participant's working orders, oldest first."""
        return self._orders.open_orders(participant)

    def working_order(
        self, request: Request, now: int, *, replace: bool
    ) -> Order | RequestRejected:
        """The live order a request names, or why the request can do nothing."""
        found = self._orders.find(request.participant, request.cl_ord_id, request.order_id)
        order = found if isinstance(found, Order) else None
        if len(request.request_id) > MAX_CLIENT_ID:
            reason = CancelReason.OTHER
            text = f"ClOrdID(11) is longer than {MAX_CLIENT_ID} characters"
        elif order is None:
            reason = CancelReason.UNKNOWN_ORDER
            text = f"no order is known as {request.cl_ord_id}"
        elif self._orders.taken(request.participant, request.request_id):
            reason = CancelReason.DUPLICATE_ID
            text = f"ClOrdID(11) {request.request_id} was used before"
        elif order.status.terminal:
            reason = CancelReason.TOO_LATE
            text = f"the order is {order.status.value.lower()}"
        elif replace and self._orders.full(request.participant):
            reason = CancelReason.VENUE_OPTION
            text = f"the venue remembers no more than {self._orders.max_orders} client ids"
        else:
            return order
        return RequestRejected(request, order, replace, reason, text, now)

    def apply(self, command: Command, now: int) -> list[Event]:
        """Do what a participant asks; a refusal is an event too. ``now`` is ns UTC."""
        match command:
            case SubmitOrder():
                return self._submit(command, now)
            case RefuseOrder():
                refusal = self._unusable_id(command.participant, command.cl_ord_id)
                if refusal is not None:
                    return [self._reject(command, refusal, now, remember=False)]
                refusal = Refusal(command.reason, command.text)
                return [self._reject(command, refusal, now, remember=True)]
            case CancelOrder():
                return self._cancel(command, now)
            case ReplaceOrder():
                return self._replace(command, now)
            case ReduceOrder():
                return self._reduce(command, now)

    def _submit(self, command: SubmitOrder, now: int) -> list[Event]:
        refusal = self._unusable_id(command.participant, command.cl_ord_id)
        if refusal is not None:
            return [self._reject(command, refusal, now, remember=False)]
        book = self._books.get(command.symbol)
        if book is None:
            text = f"Symbol(55) {command.symbol} does not trade here"
            refusal = Refusal(OrderReason.UNKNOWN_SYMBOL, text)
            return [self._reject(command, refusal, now, remember=True)]

        number = self._last_order + 1
        side = BookSide.BID if command.side.buys else BookSide.ASK
        price = None if command.order_type is OrderType.MARKET else command.price
        tif = _TIFS[command.time_in_force]
        if price is None:
            outcome = book.market(number, side, command.quantity, tif)
        else:
            outcome = book.limit(number, side, price, command.quantity, tif)
        refusal = _refusal(outcome)
        if refusal is not None:
            return [self._reject(command, refusal, now, remember=True)]
        order = Order(
            number=number,
            order_id=self._next_order_id(),
            participant=command.participant,
            cl_ord_id=command.cl_ord_id,
            orig_cl_ord_id=None,
            symbol=command.symbol,
            side=command.side,
            order_type=command.order_type,
            time_in_force=command.time_in_force,
            quantity=command.quantity,
            price=price,
            changed_at=now,
        )
        self._orders.add(order)
        accepted = OrderAccepted(self._next_exec_id(), order)
        return [accepted, *self._consequences(outcome[1:], now)]

    def _cancel(self, command: CancelOrder, now: int) -> list[Event]:
        order = self.working_order(command.request, now, replace=False)
        if isinstance(order, RequestRejected):
            return [order]
        self._books[order.symbol].cancel(order.number)
        order = order.after_cancel(command.request.request_id, now)
        self._orders.update(order)
        return [OrderCancelled(self._next_exec_id(), order, requested=True)]

    def _replace(self, command: ReplaceOrder, now: int) -> list[Event]:
        request = command.request
        order = self.working_order(request, now, replace=True)
        if isinstance(order, RequestRejected):
            return [order]
        outcome = self._books[order.symbol].replace(order.number, command.quantity, command.price)
        refusal = _refusal(outcome)
        if refusal is not None:
            text = refusal.text
            return [RequestRejected(request, order, True, CancelReason.OTHER, text, now)]
        order = order.after_replace(request.request_id, command.quantity, command.price, now)
        self._orders.update(order)
        replaced = OrderReplaced(self._next_exec_id(), order)
        return [replaced, *self._consequences(outcome[1:], now)]

    def _reduce(self, command: ReduceOrder, now: int) -> list[Event]:
        order = self._orders.find(command.participant, command.cl_ord_id)
        if not isinstance(order, Order) or order.leaves <= command.leaves:
            return []
        outcome = self._books[order.symbol].reduce(order.number, order.leaves - command.leaves)
        return self._consequences(outcome, now)

    def _consequences(self, outcome: Iterable[tuple[int, ...]], now: int) -> list[Event]:
        """What the book did, as it concerns the orders."""
        events: list[Event] = []
        for happening in outcome:
            match named(happening):
                case Traded(_, resting, aggressor, price, quantity):
                    self._last_match += 1
                    match_id = f"M{self._run}-{self._last_match}"
                    for number in (aggressor, resting):
                        order = self._orders.by_number(number)
                        order = order.after_execution(quantity, price, now)
                        self._orders.update(order)
                        events.append(
                            OrderExecuted(
                                exec_id=self._next_exec_id(),
                                match_id=match_id,
                                order=order,
                                quantity=quantity,
                                price=price,
                                aggressor=number == aggressor,
                            )
                        )
                case Cancelled(number, _, reason):
                    order = self._orders.by_number(number).after_cancel(None, now)
                    self._orders.update(order)
                    text = _CANCEL_TEXTS[reason]
                    events.append(OrderCancelled(self._next_exec_id(), order, False, text))
                case Reduced(number, leaves):
                    order = self._orders.by_number(number).after_reduction(leaves, now)
                    self._orders.update(order)
                    events.append(OrderReduced(self._next_exec_id(), order))
                case _:
                    raise AssertionError(f"the book answered {happening}")
        return events

    def _unusable_id(self, participant: str, cl_ord_id: str) -> Refusal | None:
        if self._orders.taken(participant, cl_ord_id):
            text = f"ClOrdID(11) {cl_ord_id} was used before"
            return Refusal(OrderReason.DUPLICATE_ORDER, text)
        if len(cl_ord_id) > MAX_CLIENT_ID:
            text = f"ClOrdID(11) is longer than {MAX_CLIENT_ID} characters"
            return Refusal(OrderReason.OTHER, text)
        if self._orders.full(participant):
            text = f"the venue remembers no more than {self._orders.max_orders} client ids"
            return Refusal(OrderReason.EXCEEDS_LIMIT, text)
        return None

    def _reject(
        self, command: SubmitOrder | RefuseOrder, refusal: Refusal, now: int, *, remember: bool
    ) -> OrderRejected:
        order = RejectedOrder(
            order_id=self._next_order_id() if remember else None,
            participant=command.participant,
            cl_ord_id=command.cl_ord_id,
            symbol=command.symbol,
            reason=refusal.reason,
            text=refusal.text,
            changed_at=now,
        )
        if remember:
            self._orders.add_rejected(order)
        return OrderRejected(self._next_exec_id(), order)

    def _next_order_id(self) -> str:
        self._last_order += 1
        return f"O{self._run}-{self._last_order}"

    def _next_exec_id(self) -> str:
        self._last_execution += 1
        return f"E{self._run}-{self._last_execution}"


def _refusal(outcome: list[tuple[int, ...]]) -> Refusal | None:
    """Why the book refused, or None where it did not."""
    match named(outcome[0]):
        case Refused(_, code):
            return _refused(code)
        case _:
            return None


def _refused(code: RefusalCode) -> Refusal:
    match code:
        case RefusalCode.BAD_QUANTITY:
            return Refusal(OrderReason.INCORRECT_QUANTITY, "the quantity is out of range")
        case RefusalCode.BAD_PRICE:
            return Refusal(OrderReason.OTHER, "the price is out of range")
        case RefusalCode.BOOK_FULL:
            return Refusal(OrderReason.EXCEEDS_LIMIT, "the book holds no more orders")
        case RefusalCode.BELOW_EXECUTED:
            text = "OrderQty(38) is below what has executed"
            return Refusal(OrderReason.INCORRECT_QUANTITY, text)
        case _:
            raise AssertionError(f"the book and the registry disagree: {code.name}")
