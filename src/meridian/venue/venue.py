"""The venue: one state machine over the books and the orders of every participant."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from types import MappingProxyType
from typing import Any

from meridian.book import OrderBook, Phase
from meridian.venue import commands as c
from meridian.venue.administration import Administration
from meridian.venue.commands import Command, Mode, Request
from meridian.venue.consequences import Consequences
from meridian.venue.core import NEVER, Core
from meridian.venue.entry import MAX_CLIENT_ID, Entry
from meridian.venue.events import Event, RequestRejected
from meridian.venue.executions import Match
from meridian.venue.features import ALL, Features
from meridian.venue.image import Image, rebuild, take
from meridian.venue.instrument import Instrument
from meridian.venue.market import Market
from meridian.venue.order import Order, RejectedOrder
from meridian.venue.registry import MAX_ORDERS
from meridian.venue.requests import Requests
from meridian.venue.verbs import Verbs

__all__ = ["MAX_CLIENT_ID", "Venue"]


class Venue:
    """Takes commands, returns what happened. The same commands give the same events.

    Args:
        instruments: what trades here; no two share a symbol.
        run: a word no other run of this venue uses; part of every order, execution and match id,
            so that ids stay unique across restarts.
        house: participants whose finished orders need not be remembered.
        max_orders: client ids remembered for the venue's life. At the bound new orders are
            rejected (103=3) and replaces refused (102=2); cancels and executions go on.
        features: what instruments offer that say nothing of it themselves.

    Raises:
        ValueError: two instruments share a symbol.
    """

    def __init__(
        self,
        instruments: Iterable[Instrument],
        run: str,
        house: AbstractSet[str] = frozenset(),
        max_orders: int = MAX_ORDERS,
        features: Features = ALL,
    ) -> None:
        core = self._core = Core(run, house, max_orders, features)
        for instrument in instruments:
            if core.taken(instrument) is not None or instrument.symbol in core.markets:
                raise ValueError(f"{instrument.symbol}: the symbol is taken already")
            core.open_market(Market(instrument, features))
        consequences = Consequences(core)
        entry = Entry(core, consequences)
        requests = self._requests = Requests(core, consequences)
        verbs = Verbs(core, consequences)
        administration = Administration(core, consequences)
        self._poll = administration.poll
        self._handlers: dict[type, Callable[[Any, int], list[Event]]] = {
            c.SubmitOrder: entry.submit,
            c.RefuseOrder: entry.refuse,
            c.CancelOrder: requests.cancel,
            c.ReplaceOrder: requests.replace,
            c.MassCancel: requests.mass_cancel,
            c.ReduceOrder: requests.reduce,
            c.AcceptOrder: verbs.accept,
            c.RejectOrder: verbs.reject,
            c.FillOrder: verbs.fill,
            c.CancelByVenue: verbs.cancel,
            c.ExpireOrder: verbs.expire,
            c.DoneForDay: verbs.done_for_day,
            c.MatchOrders: verbs.match,
            c.BustExecution: verbs.bust,
            c.CorrectExecution: verbs.correct,
            c.AcceptRequest: verbs.accept_request,
            c.RejectRequest: verbs.reject_request,
            c.CreateInstrument: administration.create,
            c.UpdateInstrument: administration.update,
            c.DeleteInstrument: administration.delete,
            c.SetPhase: administration.set_phase,
            c.SetMode: administration.set_mode,
        }

    # Commands and time -----------------------------------------------------------------------

    def apply(self, command: Command, now: int) -> list[Event]:
        """Do what is asked; a refusal is an event too. ``now`` is ns UTC, and never goes back.

        What is due at ``now`` happens first.
        """
        handler = self._handlers[type(command)]
        if now >= self._core.wake:
            return [*self._poll(now), *handler(command, now)]
        return handler(command, now)

    def poll(self, now: int) -> list[Event]:
        """Let time pass: orders expire, phases of a schedule begin."""
        return self._poll(now) if now >= self._core.wake else []

    def next_deadline(self) -> int | None:
        """When :meth:`poll` next has something to do, ns UTC; None for never."""
        return None if self._core.wake == NEVER else self._core.wake

    def clear(self) -> None:
        """Forget orders, books and executions, telling nobody; instruments, phases, modes and
        the counting of ids go on."""
        self._core.clear()

    def image(self) -> Image:
        """All that it knows, to keep."""
        return take(self._core)

    def restore(self, image: Image) -> None:
        """Go on from an image; for a venue that has no instruments and was told nothing.

        Raises:
            ValueError: a book in it cannot be read.
        """
        rebuild(self._core, image)

    def welcome(self, participant: str) -> None:
        """From now on a participant belongs to the house."""
        self._core.registry.house.add(participant)

    # Looking ---------------------------------------------------------------------------------

    @property
    def instruments(self) -> Mapping[str, Instrument]:
        """What trades here, by first symbol."""
        return MappingProxyType(self._core.instruments)

    def instrument(self, symbol: str, source: str | None = None) -> Instrument | None:
        """The instrument of a symbol, or of a SecurityID(48) of ``source``, or None."""
        core = self._core
        market = core.names.get(symbol) if source is None else core.securities.get((symbol, source))
        return None if market is None else market.instrument

    def features(self, symbol: str) -> Features:
        """What an instrument offers. Raises KeyError where nothing trades under the symbol."""
        return self._core.names[symbol].features

    def book(self, symbol: str) -> OrderBook:
        """The book of a symbol, to read. Raises KeyError where nothing trades under it."""
        return self._core.names[symbol].book

    def phase(self, symbol: str) -> Phase:
        """The phase of a symbol's book. Raises KeyError where nothing trades under it."""
        return self._core.names[symbol].phase

    def mode(self, symbol: str) -> Mode:
        """Who decides there. Raises KeyError where nothing trades under the symbol."""
        return self._core.names[symbol].mode

    def last_price(self, symbol: str) -> int:
        """Price of the last trade in ticks, 0 for none. Raises KeyError for an unknown symbol."""
        return self._core.names[symbol].last_price

    def find(
        self, participant: str, cl_ord_id: str | None, order_id: str | None = None
    ) -> Order | RejectedOrder | None:
        """A participant's own order by order id or any client id of its chain, or None."""
        if order_id is not None:
            order = self._core.order(order_id)
            if order is not None and order.participant == participant:
                return order
        return None if cl_ord_id is None else self._core.registry.find(participant, cl_ord_id)

    def order(self, order_id: str) -> Order | None:
        """Anybody's order, live or done, by its OrderID(37)."""
        return self._core.order(order_id)

    def execution(self, exec_id: str) -> Match | None:
        """The match that an ExecID(17) tells of, None where it is not remembered."""
        return self._core.ledger.find(self._core.ids.execution_number(exec_id))

    def owner(self, number: int) -> str:
        """Whose live order the book calls ``number``."""
        return self._core.registry.orders[number].participant

    def numbered(self, number: int) -> Order:
        """The live order that the book calls ``number``."""
        return self._core.registry.orders[number]

    def open_orders(self, participant: str | None = None) -> list[Order]:
        """Working orders of a participant, or of all, oldest first."""
        registry = self._core.registry
        return list(registry.live()) if participant is None else registry.open_orders(participant)

    def held_orders(self, symbol: str | None = None) -> list[Order]:
        """Live orders that wait for the operator, oldest first; of an instrument or of all."""
        held = self._core.registry.held()
        return [order for order in held if symbol in (None, order.symbol)]

    def is_house(self, participant: str) -> bool:
        """Whether it is the venue's own flow."""
        return participant in self._core.registry.house

    def working_order(
        self, request: Request, now: int, *, replace: bool
    ) -> Order | RequestRejected:
        """The live order a request names, or why the request can do nothing."""
        return self._requests.working_order(request, now, replace=replace)
