"""Market data: what changed in the books, told to who asked, no more often than they can use."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from meridian.book import BookSide
from meridian.venue.events import (
    Event,
    ExecutionBusted,
    ExecutionCorrected,
    InstrumentDeleted,
    OrderAccepted,
    OrderExecuted,
    PhaseChanged,
)
from meridian.venue.statistics import Statistics, Trade
from meridian.venue.venue import Venue

__all__ = [
    "MARKET_DATA_INTERVAL",
    "MAX_LEVELS",
    "MAX_SUBSCRIPTIONS",
    "Action",
    "Change",
    "Entry",
    "MarketData",
    "Refresh",
    "Wish",
]

MARKET_DATA_INTERVAL = 100_000_000
"""Least time between two refreshes of a symbol to its subscribers, ns."""
MAX_LEVELS = 1_000
"""Levels of one side in a refresh, also where the whole book is asked for."""
MAX_SUBSCRIPTIONS = 1_000
"""Subscriptions of one session."""

BID, OFFER, TRADE = "0", "1", "2"
_SIDES = ((BID, BookSide.BID), (OFFER, BookSide.ASK))


class Action(StrEnum):
    """MDUpdateAction(279)."""

    NEW = "0"
    CHANGE = "1"
    DELETE = "2"


class Entry(NamedTuple):
    """One line of market data. Price in ticks, quantity in lots; None where it has none.

    ``key`` tells it from the others of its kind: the price of a level, the number of an order or
    of a trade.
    """

    kind: str
    """MDEntryType(269)."""
    key: int
    price: int | None
    quantity: int | None
    orders: int | None = None
    order: int | None = None
    """The number of a single order."""


class Change(NamedTuple):
    """What became of an entry; ``place`` counts from 1 within its kind, 0 where that is moot."""

    action: Action
    entry: Entry
    place: int


@dataclass(frozen=True, slots=True)
class Wish:
    """What a session asked to see, under the id it chose."""

    session: str
    request_id: str
    symbols: tuple[str, ...]
    levels: int
    """Levels of each side, at most ``MAX_LEVELS``."""
    kinds: frozenset[str] = frozenset({BID, OFFER, TRADE})
    by_order: bool = False
    """Order by order, not level by level."""
    incremental: bool = False


@dataclass(frozen=True, slots=True)
class Refresh:
    """One symbol for one wish: all there is, or where ``incremental`` what changed."""

    wish: Wish
    symbol: str
    incremental: bool
    changes: tuple[Change, ...]


@dataclass(slots=True)
class _Shown:
    """What a subscriber was told of a symbol last."""

    entries: dict[str, list[Entry]]
    trades: int = 0
    """Trades told, counted from the symbol's first."""


class MarketData:
    """Watches the venue's events and tells subscribers of changed symbols."""

    def __init__(self, venue: Venue, interval: int = MARKET_DATA_INTERVAL) -> None:
        self._venue = venue
        self._instruments = venue.instruments
        self._interval = interval
        self._wishes: dict[tuple[str, str], Wish] = {}
        self._statistics: dict[str, Statistics] = {}
        self._changed: dict[str, None] = {}
        self._published: dict[str, int] = {}
        self._shown: dict[tuple[str, str], dict[str, _Shown]] = {}

    def snapshots(self, wish: Wish) -> list[Refresh]:
        """The symbols of a wish as they are now."""
        return [self._whole(wish, symbol, self._look(wish, symbol)) for symbol in wish.symbols]

    def statistics(self, symbol: str) -> Statistics:
        """What traded so far."""
        return self._statistics.get(symbol) or Statistics()

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
        self._shown[key] = {symbol: self._look(wish, symbol) for symbol in wish.symbols}

    def unsubscribe(self, session: str, request_id: str) -> bool:
        """Stop; False where there is no such subscription."""
        self._shown.pop((session, request_id), None)
        return self._wishes.pop((session, request_id), None) is not None

    def drop(self, session: str) -> None:
        """The session is gone, and its subscriptions with it: old prices are not queued."""
        for key in [key for key in self._wishes if key[0] == session]:
            self.unsubscribe(*key)

    def clear(self) -> None:
        """The venue was cleared: subscribers are told so with their next refresh."""
        self._statistics.clear()
        self._changed.update(dict.fromkeys(self._venue.instruments))

    def observe(self, events: Iterable[Event]) -> None:
        """Note what changed."""
        for event in events:
            if isinstance(event, OrderAccepted):
                # Of most of what happens the symbol alone is noted.
                pass
            elif isinstance(event, OrderExecuted):
                if event.first:
                    self._of(event.order.symbol).traded(event.price, event.quantity)
            elif isinstance(event, (ExecutionBusted, ExecutionCorrected)):
                if event.first:
                    self._of(event.order.symbol).amended(event)
            elif isinstance(event, PhaseChanged):
                self._of(event.symbol).phase_changed(event.phase)
                self._changed[event.symbol] = None
                continue
            elif isinstance(event, InstrumentDeleted):
                self._forget(event.symbol)
                continue
            order = getattr(event, "order", None)
            if order is not None and order.symbol in self._instruments:
                self._changed[order.symbol] = None

    def next_deadline(self) -> int | None:
        """When :meth:`poll` has something to say, ns UTC; None where nothing changed."""
        if not self._wishes or not self._changed:
            return None
        return min(self._due(symbol) for symbol in self._changed)

    def poll(self, now: int) -> list[Refresh]:
        """What differs from what was last shown, of symbols whose interval is over."""
        ready = {symbol for symbol in self._changed if self._due(symbol) <= now}
        for symbol in ready:
            del self._changed[symbol]
            self._published[symbol] = now
        fresh: list[Refresh] = []
        for key, wish in self._wishes.items():
            shown = self._shown[key]
            for symbol in wish.symbols:
                if symbol not in ready or symbol not in shown:
                    continue
                look = self._look(wish, symbol)
                before, shown[symbol] = shown[symbol], look
                if wish.incremental:
                    changes = tuple(self._changes(wish, symbol, before, look))
                    if changes:
                        fresh.append(Refresh(wish, symbol, True, changes))
                elif look.entries != before.entries:
                    fresh.append(self._whole(wish, symbol, look))
        return fresh

    def _of(self, symbol: str) -> Statistics:
        statistics = self._statistics.get(symbol)
        if statistics is None:
            statistics = self._statistics[symbol] = Statistics()
        return statistics

    def _due(self, symbol: str) -> int:
        return self._published.get(symbol, -self._interval) + self._interval

    def _forget(self, symbol: str) -> None:
        self._statistics.pop(symbol, None)
        self._changed.pop(symbol, None)
        self._published.pop(symbol, None)
        for shown in self._shown.values():
            shown.pop(symbol, None)

    def _look(self, wish: Wish, symbol: str) -> _Shown:
        """What the wish sees now."""
        statistics = self.statistics(symbol)
        entries: dict[str, list[Entry]] = {}
        for kind, side in _SIDES:
            if kind in wish.kinds:
                look = self._orders if wish.by_order else self._levels
                entries[kind] = look(symbol, kind, side, wish.levels)
        if TRADE in wish.kinds and statistics.trades:
            entries[TRADE] = [_trade(statistics.trades[-1])]
        for kind, price, quantity in statistics.told():
            if kind in wish.kinds:
                entries[kind] = [Entry(kind, 0, price, quantity)]
        return _Shown(entries, statistics.count)

    def _levels(self, symbol: str, kind: str, side: BookSide, levels: int) -> list[Entry]:
        found = self._venue.book(symbol).depth(side, levels)
        return [Entry(kind, price, price, lots, orders) for price, lots, orders in found]

    def _orders(self, symbol: str, kind: str, side: BookSide, levels: int) -> list[Entry]:
        """Displayed orders of the best levels, in the sequence in which they would trade."""
        entries: list[Entry] = []
        prices: set[int] = set()
        for view in self._venue.book(symbol).resting(side):
            if not view.visible:
                continue
            prices.add(view.price)
            if len(prices) > levels:
                break
            number = view.order_id
            entries.append(Entry(kind, number, view.price, view.visible, None, number))
        return entries

    @staticmethod
    def _whole(wish: Wish, symbol: str, look: _Shown) -> Refresh:
        changes = tuple(
            Change(Action.NEW, entry, place if entry.kind in (BID, OFFER) else 0)
            for entries in look.entries.values()
            for place, entry in enumerate(entries, start=1)
        )
        return Refresh(wish, symbol, False, changes)

    def _changes(self, wish: Wish, symbol: str, before: _Shown, now: _Shown) -> Iterable[Change]:
        for kind in dict.fromkeys([*before.entries, *now.entries]):
            if kind == TRADE:
                continue
            yield from _difference(before.entries.get(kind, []), now.entries.get(kind, []))
        if TRADE in wish.kinds:
            for trade in self.statistics(symbol).since(before.trades):
                yield Change(Action.NEW, _trade(trade), 0)


def _trade(trade: Trade) -> Entry:
    return Entry(TRADE, trade.number, trade.price, trade.quantity)


def _difference(before: list[Entry], now: list[Entry]) -> Iterable[Change]:
    """What became of the entries of one kind; what lost its place goes and comes again."""
    wanted = {entry.key: entry for entry in now}
    old = {entry.key: entry for entry in before}
    kept = [entry.key for entry in now if entry.key in old]
    stays: set[int] = set()
    for key, former in zip(kept, [e.key for e in before if e.key in wanted], strict=True):
        # An order that was replaced or refreshed is behind those it was ahead of.
        if key != former:
            break
        stays.add(key)
    for entry in before:
        same = wanted.get(entry.key)
        if entry.key not in stays or same is None or same.price != entry.price:
            stays.discard(entry.key)
            yield Change(Action.DELETE, entry, 0)
    for place, entry in enumerate(now, start=1):
        shown = place if entry.kind in (BID, OFFER) else 0
        if entry.key not in stays:
            yield Change(Action.NEW, entry, shown)
        elif entry != old[entry.key]:
            yield Change(Action.CHANGE, entry, shown)
