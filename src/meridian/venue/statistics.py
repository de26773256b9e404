"""What traded in one instrument: the latest trades, and the figures of the day."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from meridian.book import Phase
from meridian.venue.events import ExecutionBusted, ExecutionCorrected

__all__ = ["MAX_TRADES", "Statistics", "Trade"]

MAX_TRADES = 1_000
"""Latest trades kept for who follows them; older ones are not told any more."""

OPENING, CLOSING, HIGH, LOW, VOLUME = "4", "5", "7", "8", "B"
"""MDEntryType(269)."""


class Trade(NamedTuple):
    """One match, numbered from 1 for its symbol."""

    number: int
    price: int
    quantity: int


class Statistics:
    """Figures since the book began, or opened again after it was closed.

    A bust or correction changes the volume; prices that were the highest or lowest stay so.
    """

    def __init__(self) -> None:
        self.trades: list[Trade] = []
        self.count = 0
        """Trades so far."""
        self.opening = self.high = self.low = self.closing = self.volume = 0
        self._closed = False

    def traded(self, price: int, quantity: int) -> None:
        """A match happened."""
        self.count += 1
        self.trades.append(Trade(self.count, price, quantity))
        if len(self.trades) > 2 * MAX_TRADES:
            del self.trades[:-MAX_TRADES]
        if not self.opening:
            self.opening = self.low = price
        self.high = max(self.high, price)
        self.low = min(self.low, price)
        self.volume += quantity

    def amended(self, event: ExecutionBusted | ExecutionCorrected) -> None:
        """A trade was taken back, or was for another quantity."""
        if isinstance(event, ExecutionBusted):
            self.volume -= event.quantity
        else:
            self.volume += event.quantity - event.former

    def phase_changed(self, phase: Phase) -> None:
        """The last price before the close is the closing one; a new day starts anew."""
        if phase is Phase.CLOSED:
            self.closing = self.trades[-1].price if self.trades else 0
            self._closed = True
        elif self._closed:
            self._closed = False
            self.opening = self.high = self.low = self.volume = 0

    def since(self, count: int) -> Iterator[Trade]:
        """The trades after the first ``count``, as far as they are kept."""
        return (trade for trade in self.trades[-MAX_TRADES:] if trade.number > count)

    def told(self) -> Iterator[tuple[str, int | None, int | None]]:
        """Type, price and quantity of each figure there is."""
        for kind, price in (
            (OPENING, self.opening),
            (CLOSING, self.closing),
            (HIGH, self.high),
            (LOW, self.low),
        ):
            if price:
                yield kind, price, None
        if self.volume:
            yield VOLUME, None, self.volume
