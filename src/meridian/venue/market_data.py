"""Market data: snapshots of books to those who asked, no more often than they can use."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from meridian.book import BookSide, Level
from meridian.venue.events import Event, OrderEvent, OrderExecuted
from meridian.venue.venue import Venue

__all__ = [
    "MARKET_DATA_INTERVAL",
    "MAX_LEVELS",
    "MAX_SUBSCRIPTIONS",
    "MarketData",
    "Snapshot",
    "Trade",
    "Wish",
]

MARKET_DATA_INTERVAL = 100_000_000
"""Least time between two snapshots of a symbol to its subscribers, ns."""
MAX_LEVELS = 1_000
"""Levels of one side in a snapshot, also where the whole book is asked for."""
MAX_SUBSCRIPTIONS = 1_000
"""Subscriptions of one session."""


@dataclass(frozen=True, slots=True)
class Trade:
    """The last match of a symbol."""

    price: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Wish:
    """What a session asked to see, under the id it chose."""

    session: str
    request_id: str
    symbols: tuple[str, ...]
    levels: int
    """Levels of each side, at most ``MAX_LEVELS``."""
    bids: bool = True
    asks: bool = True
    trades: bool = True


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One symbol for one wish. ``last_trade`` is None where there was none or none is wished."""

    wish: Wish
    symbol: str
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]
    last_trade: Trade | None


class MarketData:
    """Watches the venue's events and tells subscribers of changed symbols."""

    def __init__(self, venue: Venue) -> None:
        self._venue = venue
        self._wishes: dict[tuple[str, str], Wish] = {}
        self._trades: dict[str, Trade] = {}
        self._changed: dict[str, None] = {}
        self._published: dict[str, int] = {}
        self._shown: dict[tuple[str, str], dict[str, Snapshot]] = {}

    def snapshots(self, wish: Wish) -> list[Snapshot]:
        """The symbols of a wish as they are now."""
        return [self._snapshot(wish, symbol) for symbol in wish.symbols]

    def subscribed(self, session: str, request_id: str) -> bool:
        """Whether the session has a subscription of this id."""
        return (session, request_id) in self._wishes

    def room(self, session: str) -> bool:
        """Whether the session may have another subscription."""
        held = sum(1 for owner, _ in self._wishes if owner == session)
        return held < MAX_SUBSCRIPTIONS

    def subscribe(self, wish: Wish) -> None:
        """Tell of changes from now on."""
        key = (wish.session, wish.request_id)
        self._wishes[key] = wish
        self._shown[key] = {snapshot.symbol: snapshot for snapshot in self.snapshots(wish)}

    def unsubscribe(self, session: str, request_id: str) -> bool:
        """Stop; False where there is no such subscription."""
        self._shown.pop((session, request_id), None)
        return self._wishes.pop((session, request_id), None) is not None

    def drop(self, session: str) -> None:
        """The session is gone, and its subscriptions with it: old prices are not queued."""
        for key in [key for key in self._wishes if key[0] == session]:
            self.unsubscribe(*key)

    def observe(self, events: Iterable[Event]) -> None:
        """Note what changed."""
        for event in events:
            if not isinstance(event, OrderEvent):
                continue
            if isinstance(event, OrderExecuted):
                self._trades[event.order.symbol] = Trade(event.price, event.quantity)
            self._changed[event.order.symbol] = None

    def next_deadline(self) -> int | None:
        """When :meth:`poll` has something to say, ns UTC; None where nothing changed."""
        if not self._wishes or not self._changed:
            return None
        return min(self._due(symbol) for symbol in self._changed)

    def poll(self, now: int) -> list[Snapshot]:
        """Snapshots that differ from what was last shown, of symbols whose interval is over."""
        ready = {symbol for symbol in self._changed if self._due(symbol) <= now}
        for symbol in ready:
            del self._changed[symbol]
            self._published[symbol] = now
        fresh: list[Snapshot] = []
        for key, wish in self._wishes.items():
            shown = self._shown[key]
            for symbol in wish.symbols:
                if symbol not in ready:
                    continue
                snapshot = self._snapshot(wish, symbol)
                if snapshot != shown[symbol]:
                    shown[symbol] = snapshot
                    fresh.append(snapshot)
        return fresh

    def _due(self, symbol: str) -> int:
        return self._published.get(symbol, -MARKET_DATA_INTERVAL) + MARKET_DATA_INTERVAL

    def _snapshot(self, wish: Wish, symbol: str) -> Snapshot:
        book = self._venue.book(symbol)
        return Snapshot(
            wish=wish,
            symbol=symbol,
            bids=tuple(book.depth(BookSide.BID, wish.levels)) if wish.bids else (),
            asks=tuple(book.depth(BookSide.ASK, wish.levels)) if wish.asks else (),
            last_trade=self._trades.get(symbol) if wish.trades else None,
        )
