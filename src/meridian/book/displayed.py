"""Market data by price: tells which displayed levels a command changed."""

from __future__ import annotations

from meridian.book.codes import Event
from meridian.book.core import Core

__all__ = ["Displayed"]


class Displayed:
    """Remembers what was last told of each level."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._told: dict[tuple[int, int], tuple[int, int]] = {}
        """(lots, orders) by side and price; levels that are gone are not here."""

    def take(self) -> None:
        """Take what is displayed now as told."""
        ladder = self._core.ladder
        self._told = {
            (side, price): ladder.level(side, price)
            for side in (1, -1)
            for price in ladder.prices(side)
        }

    def tell(self) -> None:
        """Give the levels that changed, asks then bids, best first."""
        core = self._core
        for side, price in sorted(core.touched, key=_place):
            now = core.ladder.level(side, price)
            if now == self._told.get((side, price), (0, 0)):
                continue
            core.tell(Event.LEVEL, side, price, *now)
            if now[1]:
                self._told[side, price] = now
            else:
                del self._told[side, price]


def _place(level: tuple[int, int]) -> tuple[int, int]:
    side, price = level
    return side, -side * price
