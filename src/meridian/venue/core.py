"""What all parts of the venue share: markets, orders, ids, time."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from heapq import heappop, heappush

from meridian.venue.events import CommandRefused
from meridian.venue.executions import Ledger
from meridian.venue.features import Features
from meridian.venue.ids import Ids
from meridian.venue.instrument import Instrument
from meridian.venue.market import Market
from meridian.venue.order import Order
from meridian.venue.reasons import CommandRefusal
from meridian.venue.registry import OrderRegistry

__all__ = ["MAX_INSTRUMENTS", "MAX_TEXT", "NEVER", "Core"]

MAX_INSTRUMENTS = 10_000
"""Instruments of one venue."""
MAX_TEXT = 256
"""Characters of what an operator tells a client."""
NEVER = 2**63
"""Later than any time."""


class Core:
    """Shared state. ``wake`` is when something is due next, ns UTC."""

    def __init__(
        self, run: str, house: AbstractSet[str], max_orders: int, features: Features
    ) -> None:
        self.features = features
        self.ids = Ids(run)
        self.registry = OrderRegistry(house, max_orders)
        self.ledger = Ledger()
        self.markets: dict[str, Market] = {}
        """By first symbol."""
        self.instruments: dict[str, Instrument] = {}
        self.names: dict[str, Market] = {}
        """By every symbol."""
        self.securities: dict[tuple[str, str], Market] = {}
        """By SecurityID(48) and SecurityIDSource(22)."""
        self.wake = NEVER
        self._due: list[tuple[int, str]] = []
        self._accounts: dict[str | tuple[str, str], int] = {}

    # Instruments -----------------------------------------------------------------------------

    def taken(self, instrument: Instrument) -> str | None:
        """A name of the instrument that another one has."""
        own = self.markets.get(instrument.symbol)
        for name, source in [(instrument.symbol, None), *instrument.aliases]:
            found = self.names.get(name) if source is None else self.securities.get((name, source))
            if found is not None and found is not own:
                return name
        return None

    def open_market(self, market: Market) -> None:
        """Trade it under all its names."""
        instrument = market.instrument
        self.markets[market.symbol] = self.names[market.symbol] = market
        self.instruments[market.symbol] = instrument
        for name, source in instrument.aliases:
            if source is None:
                self.names[name] = market
            else:
                self.securities[name, source] = market
        if market.next_phase_at is not None:
            self.arm(market.next_phase_at, market.symbol)

    def close_market(self, market: Market) -> None:
        """Its names mean nothing any more."""
        del self.markets[market.symbol], self.instruments[market.symbol]
        self.names = {name: found for name, found in self.names.items() if found is not market}
        kept = {key: found for key, found in self.securities.items() if found is not market}
        self.securities = kept

    # Orders ----------------------------------------------------------------------------------

    def account(self, participant: str, account: str) -> int:
        """The book's number for whose order it is, at least 1."""
        key = (participant, account) if account else participant
        number = self._accounts.get(key)
        if number is None:
            number = self._accounts[key] = len(self._accounts) + 1
        return number

    def order(self, order_id: str) -> Order | None:
        """An order, live or done, by its OrderID(37)."""
        return self.registry.orders.get(self.ids.order_number(order_id))

    def live_order(self, order_id: str) -> Order | CommandRefused:
        """A live order, or why the operator cannot decide about it."""
        order = self.order(order_id)
        if order is None:
            return CommandRefused(CommandRefusal.UNKNOWN_ORDER, f"no order is called {order_id}")
        if not order.leaves:
            text = f"order {order_id} is {order.status.value.lower().replace('_', ' ')}"
            return CommandRefused(CommandRefusal.ORDER_DONE, text)
        return order

    # Time ------------------------------------------------------------------------------------

    def arm(self, at: int, symbol: str) -> None:
        """Look at a market again at ``at``."""
        heappush(self._due, (at, symbol))
        self.wake = self._due[0][0]

    @property
    def appointments(self) -> tuple[tuple[int, str], ...]:
        """When which market is to be looked at."""
        return tuple(self._due)

    def agenda(self, appointments: Iterable[tuple[int, str]]) -> None:
        """These, and no others."""
        self._due = list(appointments)
        self.wake = self._due[0][0] if self._due else NEVER

    @property
    def accounts(self) -> Iterable[str | tuple[str, str]]:
        """Whom the book has a number for, in the order of the numbers."""
        return self._accounts

    def due(self, now: int) -> Iterable[Market]:
        """The markets to look at, each once, in order of time."""
        symbols: dict[str, None] = {}
        while self._due and self._due[0][0] <= now:
            symbols[heappop(self._due)[1]] = None
        self.wake = self._due[0][0] if self._due else NEVER
        return [self.markets[symbol] for symbol in symbols if symbol in self.markets]

    def clear(self) -> None:
        """Forget orders and executions, as if the venue had just begun."""
        self.registry.clear()
        self.ledger.clear()
        self._accounts.clear()
        for market in self.markets.values():
            market.clear()
