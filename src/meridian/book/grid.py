"""The grid of prices: ticks that depend on the price."""

from __future__ import annotations

from meridian.book.codes import MAX_PRICE

__all__ = ["TickTable", "rounded", "tick_at"]

TickTable = tuple[tuple[int, int], ...]
"""Rows of (from_price, tick), ascending, the first from 1."""


def tick_at(table: TickTable, price: int) -> int:
    """The tick that applies at a price: that of the last row that starts at or below it."""
    applies = 1
    for start, tick in table:
        if start > price:
            break
        applies = tick
    return applies


def rounded(table: TickTable, price: int, side: int) -> int:
    """The nearest price on the grid that is no better for an order than ``price``.

    Buys are rounded down and sells up. 0 where there is none: the price is below 1, or no tick
    lies below it.
    """
    if price < 1:
        return 0
    return _down(table, price) if side == 1 else _up(table, price)


def _down(table: TickTable, price: int) -> int:
    for start, tick in reversed(table):
        if start <= price:
            below = price - price % tick
            if below >= start:
                return below
            price = start - 1
    return 0


def _up(table: TickTable, price: int) -> int:
    above = price
    # A row ends where the next one starts; the last one has no end to mind.
    ends = [start for start, _ in table[1:]] + [2 * MAX_PRICE + price]
    for (start, tick), end in zip(table, ends, strict=True):
        if price < end:
            above = max(price, start)
            above += -above % tick
            if above < end:
                return above
    return above
