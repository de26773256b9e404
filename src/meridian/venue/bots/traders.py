"""Bots that trade: they make a market, or noise."""

from __future__ import annotations

from meridian.book import BookSide, Tif
from meridian.schema import Side
from meridian.venue.bots.base import Bot, BotSettings, Dice
from meridian.venue.commands import Command
from meridian.venue.venue import Venue

__all__ = ["DRIFT_BAND", "MAX_NOISE_ORDERS", "MarketMaker", "NoiseTrader"]

DRIFT_BAND = 100
"""Ticks a market maker's fair price may stray from its reference."""
MAX_NOISE_ORDERS = 20
"""Resting orders of one noise trader; at the bound its oldest goes."""
NOISE_REACH = 5
"""Ticks behind the best price within which a noise trader rests."""

_BOOK_SIDES = {Side.BUY: BookSide.BID, Side.SELL: BookSide.ASK}


class MarketMaker(Bot):
    """Quotes ``levels`` prices on both sides of a fair price that walks at random.

    Args:
        spread: ticks between its best bid and its best ask.
    """

    def __init__(self, settings: BotSettings, dice: Dice, levels: int, spread: int) -> None:
        super().__init__(settings, dice)
        self._levels = levels
        self._below = spread // 2
        self._above = spread - self._below
        self._fair = settings.reference

    def _act(self, venue: Venue) -> list[Command]:
        settings = self.settings
        step = self._dice.randrange(-1, 2)
        if abs(self._fair + step - settings.reference) <= DRIFT_BAND:
            self._fair += step
        wanted = {
            **{(Side.BUY, self._fair - self._below - level): None for level in self._rungs()},
            **{(Side.SELL, self._fair + self._above + level): None for level in self._rungs()},
        }
        commands: list[Command] = []
        # Cancels go first, so that a quote never meets an older one of its own.
        for order in venue.open_orders(settings.participant):
            quote = (order.side, order.price or 0)
            if quote in wanted:
                del wanted[quote]
            else:
                commands.append(self._cancel(order))
        for side, price in wanted:
            if price >= 1:
                commands.append(self._limit(side, price, settings.quantity, Tif.DAY))
        return commands

    def _rungs(self) -> range:
        return range(self._levels)


class NoiseTrader(Bot):
    """Takes, rests and cancels at random, one order at a time."""

    def _act(self, venue: Venue) -> list[Command]:
        dice, settings = self._dice, self.settings
        side = (Side.BUY, Side.SELL)[dice.randrange(0, 2)]
        quantity = dice.randrange(settings.smallest, settings.quantity + 1)
        own = venue.open_orders(settings.participant)
        whim = dice.randrange(0, 10)
        if own and (whim >= 8 or len(own) >= MAX_NOISE_ORDERS):
            return [self._cancel(own[0])]
        book = venue.book(settings.symbol)
        opposite = book.best_displayed(_BOOK_SIDES[side].opposite)
        if whim < 5 and opposite:
            return [self._limit(side, opposite, quantity, Tif.IOC)]
        best = book.best_displayed(_BOOK_SIDES[side]) or settings.reference
        price = best - side.sign * dice.randrange(0, NOISE_REACH)
        return [self._limit(side, price, quantity, Tif.DAY)]
