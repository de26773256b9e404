"""Commands about orders and books: look, and decide what becomes of them."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from fractions import Fraction

from meridian.book import Phase
from meridian.management import commands as c
from meridian.management import replies as r
from meridian.schema.errors import ConfigError, NotFoundError
from meridian.schema.numbers import canonical
from meridian.services.venue import VenueService
from meridian.services.venue_views import book_view, order_view
from meridian.venue import Instrument, Mode, Order
from meridian.venue import commands as v
from meridian.venue.events import OrderEvent

__all__ = ["Verbs"]


class Verbs:
    """An operator at one venue, command by command; methods are named after the commands."""

    def __init__(self, service: VenueService) -> None:
        self._service = service

    # Look ------------------------------------------------------------------------------------

    def get_book(self, command: c.GetBook) -> r.BookView:
        """The displayed book."""
        self._instrument(command.symbol)
        return book_view(self._service.venue, command.symbol, command.depth)

    def list_orders(self, command: c.ListOrders) -> r.Orders:
        """Working orders."""
        venue = self._service.venue
        found = [
            order
            for order in venue.open_orders(command.session)
            if command.symbol in (None, order.symbol)
        ]
        shown = tuple(map(self._view, found[: command.limit]))
        return r.Orders(items=shown, more=len(found) > len(shown))

    def get_order(self, command: c.GetOrder) -> r.OrderView:
        """One order."""
        return self._view(self._order(command.order_id))

    async def next_order(self, command: c.NextOrder) -> r.NextOrderReply:
        """The oldest order nobody was told of; waits for one."""
        patience = asyncio.get_running_loop().time() + command.timeout
        events = self._service.records.events
        while True:
            seen = events.last
            order = self._unseen(command.symbol, command.session)
            left = patience - asyncio.get_running_loop().time()
            if order is not None or left <= 0:
                return r.NextOrderReply(order=None if order is None else self._view(order))
            await events.wait_page(seen, 1, lambda number, item: item, left)

    # Decide ----------------------------------------------------------------------------------

    def set_mode(self, command: c.SetMode) -> r.Done:
        """Let the book match, or hold its orders."""
        self._service.command(v.SetMode(command.symbol, Mode(command.mode.value)))
        return r.Done()

    def set_phase(self, command: c.SetPhase) -> r.Done:
        """Move a book into a phase."""
        self._service.command(v.SetPhase(command.symbol, Phase[command.phase.name]))
        return r.Done()

    def accept_order(self, command: c.AcceptOrder) -> r.Outcome:
        """New."""
        return self._do(v.AcceptOrder(command.order_id))

    def reject_order(self, command: c.RejectOrder) -> r.Outcome:
        """Rejected."""
        return self._do(v.RejectOrder(command.order_id, command.reason, command.text))

    def fill_order(self, command: c.FillOrder) -> r.Outcome:
        """Executed against the venue."""
        instrument = self._instrument(self._order(command.order_id).symbol)
        quantity, price = command.quantity, command.price
        return self._do(
            v.FillOrder(
                command.order_id,
                None if quantity is None else _lots(quantity, instrument),
                None if price is None else _ticks(price, instrument),
                command.force,
            )
        )

    def cancel_order(self, command: c.CancelOrder) -> r.Outcome:
        """Cancelled without its owner having asked."""
        return self._do(v.CancelByVenue(command.order_id, command.text))

    def expire_order(self, command: c.ExpireOrder) -> r.Outcome:
        """Expired."""
        return self._do(v.ExpireOrder(command.order_id))

    def done_for_day(self, command: c.DoneForDay) -> r.Outcome:
        """Done for the day."""
        return self._do(v.DoneForDay(command.order_id))

    def match_orders(self, command: c.MatchOrders) -> r.Outcome:
        """Two orders traded with each other."""
        instrument = self._instrument(self._order(command.order_id).symbol)
        quantity = _lots(command.quantity, instrument)
        price = _ticks(command.price, instrument)
        return self._do(v.MatchOrders(command.order_id, command.other_id, quantity, price))

    def bust_execution(self, command: c.BustExecution) -> r.Outcome:
        """An execution that never was."""
        return self._do(v.BustExecution(command.exec_id))

    def correct_execution(self, command: c.CorrectExecution) -> r.Outcome:
        """An execution that was otherwise."""
        match = self._service.venue.execution(command.exec_id)
        if match is None:
            raise NotFoundError(f"no execution is known as {command.exec_id}")
        instrument = self._instrument(match.symbol)
        quantity = _lots(command.quantity, instrument)
        price = _ticks(command.price, instrument)
        return self._do(v.CorrectExecution(command.exec_id, quantity, price))

    def accept_request(self, command: c.AcceptRequest) -> r.Outcome:
        """Grant what is pending."""
        return self._do(v.AcceptRequest(command.order_id))

    def reject_request(self, command: c.RejectRequest) -> r.Outcome:
        """Refuse what is pending."""
        return self._do(v.RejectRequest(command.order_id, command.reason, command.text))

    # Inside ----------------------------------------------------------------------------------

    def _do(self, command: v.OperatorCommand) -> r.Outcome:
        told = [e for e in self._service.command(command) if isinstance(e, OrderEvent)]
        # The newest state of each order, in the order they were first told of.
        orders = {event.order.order_id: event.order for event in told}
        return r.Outcome(
            orders=tuple(map(self._view, orders.values())),
            exec_ids=tuple(event.exec_id for event in told),
        )

    def _unseen(self, symbol: str | None, session: str | None) -> Order | None:
        unseen = self._service.unseen
        for order_id in list(unseen):
            order = self._service.venue.order(order_id)
            wanted = order is not None and (
                symbol in (None, order.symbol) and session in (None, order.participant)
            )
            if wanted or order is None:
                unseen.remove(order_id)
            if wanted:
                return order
        return None

    def _order(self, order_id: str) -> Order:
        order = self._service.venue.order(order_id)
        if order is None:
            raise NotFoundError(f"no order is known as {order_id}")
        return order

    def _view(self, order: Order) -> r.OrderView:
        return order_view(order, self._instrument(order.symbol))

    def _instrument(self, symbol: str) -> Instrument:
        found = self._service.venue.instruments.get(symbol)
        if found is None:
            raise NotFoundError(f"{symbol} does not trade at {self._service.name}")
        return found


def _lots(quantity: Decimal, instrument: Instrument) -> int:
    return _steps("quantity", quantity, "lot size", instrument.lot_size)


def _ticks(price: Decimal, instrument: Instrument) -> int:
    return _steps("price", price, "tick size", instrument.tick_size)


def _steps(name: str, value: Decimal, step_name: str, step: Decimal) -> int:
    """Only the grid: what is too much or too little for a client may be a test's wish."""
    steps = Fraction(value) / Fraction(step)
    if steps.denominator != 1:
        text = f"expected a multiple of the {step_name} {canonical(step)}"
        raise ConfigError(f"{name} {canonical(value)}: {text}")
    return steps.numerator
