"""New orders: checked, named, handed to the book or held for the operator."""

from __future__ import annotations

from meridian.book import MAX_PRICE, MAX_QUANTITY, BookSide, Kind, NewOrder, RefusalCode
from meridian.book import Event as BookEvent
from meridian.schema import OrderStatus, Side
from meridian.venue.commands.administration import Mode
from meridian.venue.commands.participant import RefuseOrder, SubmitOrder
from meridian.venue.consequences import Consequences, Row
from meridian.venue.core import Core
from meridian.venue.events import Event, OrderAccepted, OrderPending, OrderRejected
from meridian.venue.instructions import PLAIN
from meridian.venue.market import Market
from meridian.venue.order import Order, RejectedOrder
from meridian.venue.reasons import OrderReason, Refusal

__all__ = ["MAX_CLIENT_ID", "Entry", "refusal_of"]

MAX_CLIENT_ID = 128
"""Characters of a client order id."""

_REFUSED = int(BookEvent.REFUSED)
_SIGNS = {side: BookSide.BID if side.buys else BookSide.ASK for side in Side}
_LIMIT, _MARKET = Kind.LIMIT, Kind.MARKET
_LIMITED = frozenset({Kind.LIMIT, Kind.STOP_LIMIT})
"""Types that have a price of their own."""
_MATCHING = Mode.MATCHING
_NEW = OrderStatus.NEW

_REFUSALS = {
    RefusalCode.BAD_QUANTITY: (OrderReason.INCORRECT_QUANTITY, "the quantity is out of range"),
    RefusalCode.BAD_LOT: (OrderReason.INCORRECT_QUANTITY, "a quantity is not in whole lots"),
    RefusalCode.BELOW_EXECUTED: (
        OrderReason.INCORRECT_QUANTITY,
        "OrderQty(38) is below what has executed",
    ),
    RefusalCode.BAD_PRICE: (OrderReason.OTHER, "the price is out of range"),
    RefusalCode.BAD_TICK: (OrderReason.OTHER, "the price is off the tick that applies there"),
    RefusalCode.PRICE_BAND: (OrderReason.PRICE_BAND, "the price is outside of the price band"),
    RefusalCode.STOP_WRONG_SIDE: (OrderReason.OTHER, "the last trade would trigger the stop"),
    RefusalCode.WOULD_TAKE: (OrderReason.OTHER, "post only, and some of it would trade"),
    RefusalCode.BOOK_FULL: (OrderReason.EXCEEDS_LIMIT, "the book holds no more orders"),
    RefusalCode.PHASE: (OrderReason.EXCHANGE_CLOSED, "not in this trading phase"),
    RefusalCode.BAD_INSTRUCTION: (
        OrderReason.UNSUPPORTED,
        "its instructions contradict each other, or one that its type needs is missing",
    ),
}


class Entry:
    """Takes new orders."""

    def __init__(self, core: Core, consequences: Consequences) -> None:
        self._core = core
        self._consequences = consequences

    def submit(self, command: SubmitOrder, now: int) -> list[Event]:
        """A new order: into the book, or held where its instrument is managed."""
        core = self._core
        registry, ids = core.registry, core.ids
        participant, cl_ord_id = command.participant, command.cl_ord_id
        if (
            (participant, cl_ord_id) in registry.links
            or len(cl_ord_id) > MAX_CLIENT_ID
            or registry.full(participant)
        ):
            return [self._reject(command, self._unusable(participant, cl_ord_id), now)]
        market = core.names.get(command.symbol)
        if market is None:
            text = f"Symbol(55) {command.symbol} does not trade here"
            return [self.reject(command, Refusal(OrderReason.UNKNOWN_SYMBOL, text), now)]
        if (command.order_type, command.time_in_force) not in market.offered or (
            command.instructions is not PLAIN
        ):
            refusal = _not_offered(market, command)
            if refusal is not None:
                return [self.reject(command, refusal, now)]
        if market.mode is not _MATCHING:
            return [self._hold(market, command, now)]

        number = ids.orders + 1
        rows = self._into_book(market, command, number, now)
        accepted = rows[0]
        if accepted[0] == _REFUSED:
            return [self.reject(command, refusal_of(accepted), now)]
        price = command.price
        if command.order_type not in _LIMITED:
            price = accepted[3] or None
        quantity = command.quantity
        order = Order(
            command,
            number,
            ids.order(),
            cl_ord_id,
            None,
            market.instrument,
            quantity,
            price,
            quantity,
            0,
            0,
            _NEW,
            now,
        )
        registry.add(order, participant)
        events: list[Event] = [OrderAccepted(ids.execution(), order)]
        if len(rows) > 1:
            self._consequences.follow(market, rows[1:], now, events)
        return events

    def refuse(self, command: RefuseOrder, now: int) -> list[Event]:
        """An order that the door could not read."""
        registry = self._core.registry
        participant, cl_ord_id = command.participant, command.cl_ord_id
        taken = registry.taken(participant, cl_ord_id)
        if taken or len(cl_ord_id) > MAX_CLIENT_ID or registry.full(participant):
            return [self._reject(command, self._unusable(participant, cl_ord_id), now)]
        return [self.reject(command, Refusal(command.reason, command.text), now)]

    def reject(
        self, command: SubmitOrder | RefuseOrder, refusal: Refusal, now: int
    ) -> OrderRejected:
        """Refuse an order and remember it."""
        event = self._reject(command, refusal, now, self._core.ids.order())
        self._core.registry.add_rejected(event.order)
        return event

    def _reject(
        self,
        command: SubmitOrder | RefuseOrder,
        refusal: Refusal,
        now: int,
        order_id: str | None = None,
    ) -> OrderRejected:
        order = RejectedOrder(
            order_id=order_id,
            participant=command.participant,
            cl_ord_id=command.cl_ord_id,
            symbol=command.symbol,
            reason=refusal.reason,
            text=refusal.text,
            changed_at=now,
        )
        return OrderRejected(self._core.ids.execution(), order)

    def _into_book(self, market: Market, command: SubmitOrder, number: int, now: int) -> list[Row]:
        sign = _SIGNS[command.side]
        account = self._core.account(command.participant, command.account)
        kind, price, asked = command.order_type, command.price, command.instructions
        if asked is PLAIN:
            if kind is _LIMIT and price is not None:
                return market.book.limit(
                    number, sign, price, command.quantity, command.time_in_force, account
                )
            if kind is _MARKET and price is None:
                return market.book.market(
                    number, sign, command.quantity, command.time_in_force, account
                )
        if asked.expire_at is not None:
            self._core.arm(asked.expire_at, market.symbol)
        new = NewOrder(
            order_id=number,
            side=sign,
            quantity=command.quantity,
            kind=kind,
            price=price,
            tif=command.time_in_force,
            account=account,
            stop_price=asked.stop_price,
            trail=asked.trail,
            trail_bps=asked.trail_bps,
            peg=asked.peg,
            offset=asked.offset,
            display=asked.display,
            refresh_range=asked.refresh_range,
            hidden=asked.hidden,
            post_only=asked.post_only,
            min_quantity=asked.min_quantity,
            all_or_none=asked.all_or_none,
            discretion=asked.discretion,
            expire_at=asked.expire_at,
            self_trade=asked.self_trade,
        )
        return market.book.submit(new, now)

    def _hold(self, market: Market, command: SubmitOrder, now: int) -> Event:
        """Keep it out of the book until the operator decides."""
        quantity, price = command.quantity, command.price
        refusal = None
        if not 1 <= quantity <= MAX_QUANTITY:
            refusal = Refusal(*_REFUSALS[RefusalCode.BAD_QUANTITY])
        elif (price is None and command.order_type in _LIMITED) or (
            price is not None and not 1 <= price <= MAX_PRICE
        ):
            refusal = Refusal(*_REFUSALS[RefusalCode.BAD_PRICE])
        if refusal is not None:
            return self.reject(command, refusal, now)
        ids = self._core.ids
        order_id = ids.order()
        order = Order(
            terms=command,
            number=ids.orders,
            order_id=order_id,
            cl_ord_id=command.cl_ord_id,
            orig_cl_ord_id=None,
            instrument=market.instrument,
            quantity=quantity,
            price=price,
            leaves=quantity,
            executed=0,
            notional=0,
            status=OrderStatus.PENDING_NEW,
            changed_at=now,
            held=True,
        )
        self._core.registry.add(order, command.participant)
        return OrderPending(ids.execution(), order)

    def _unusable(self, participant: str, cl_ord_id: str) -> Refusal:
        registry = self._core.registry
        if registry.taken(participant, cl_ord_id):
            text = f"ClOrdID(11) {cl_ord_id} was used before"
            return Refusal(OrderReason.DUPLICATE_ORDER, text)
        if len(cl_ord_id) > MAX_CLIENT_ID:
            text = f"ClOrdID(11) is longer than {MAX_CLIENT_ID} characters"
            return Refusal(OrderReason.OTHER, text)
        text = f"the venue remembers no more than {registry.max_orders} client ids"
        return Refusal(OrderReason.EXCEEDS_LIMIT, text)


def _not_offered(market: Market, command: SubmitOrder) -> Refusal | None:
    features = market.features
    if command.order_type not in features.order_types:
        text = f"OrdType(40) {command.order_type.name} is not offered"
    elif command.time_in_force not in features.times_in_force:
        text = f"TimeInForce(59) {command.time_in_force.name} is not offered"
    else:
        missing = features.missing(command.instructions)
        if missing is None:
            return None
        text = f"instruction {missing} is not offered"
    return Refusal(OrderReason.UNSUPPORTED, text)


def refusal_of(row: Row) -> Refusal:
    """Why the book refused."""
    return Refusal(*_REFUSALS[RefusalCode(row[2])])
