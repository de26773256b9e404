"""Price levels of the pure ladder: one side, its prices in order, its orders in queues."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator

__all__ = [
    "ACCOUNT",
    "BROKER",
    "DISPLAY",
    "EXECUTED",
    "HIDDEN",
    "ORDER_ID",
    "PRICE",
    "RESERVE",
    "SESSION",
    "SIDE",
    "TIF",
    "TOTAL",
    "VISIBLE",
    "Level",
    "Order",
    "Queue",
    "Side",
]

Order = tuple[int, ...]
"""An order record, by the positions below; a change makes a new one.

Tuples of integers are what the garbage collector forgets at first sight: a book of lists would
double the time of everything once it is large.
"""
ORDER_ID, SIDE, PRICE, VISIBLE, RESERVE, DISPLAY, HIDDEN, TOTAL, EXECUTED = range(9)
ACCOUNT, SESSION, BROKER, TIF = range(9, 13)

SCAN_SLACK = 1024
"""How long a queue puts up with what its front has left behind; see ``Queue.front``."""


class Queue:
    """Order ids in time order: a dict keeps it, and lets go from the middle at once."""

    __slots__ = ("gone", "ids")

    def __init__(self) -> None:
        self.ids: dict[int, None] = {}
        self.gone = 0
        """Removals since the dict was last made."""

    def front(self) -> int:
        """The first in the queue; there must be one.

        A dict looks for its first key past all that were removed before it, so it is made anew
        now and then: rarely enough to be cheap, often enough that the search is short.
        """
        if self.gone * self.gone > 16 * len(self.ids) + SCAN_SLACK:
            self.ids = dict.fromkeys(self.ids)
            self.gone = 0
        return next(iter(self.ids))

    def discard(self, order_id: int) -> None:
        """Let an order go from wherever it stands."""
        del self.ids[order_id]
        self.gone += 1


class Level:
    """One price."""

    __slots__ = ("aside", "displayed", "hidden", "price", "visible")

    def __init__(self, price: int) -> None:
        self.price = price
        self.visible = 0
        self.aside = 0
        """Lots in reserve and in hidden orders."""
        self.displayed = Queue()
        self.hidden = Queue()

    def append(self, order: Order) -> None:
        """Put an order at the back of its queue."""
        self.visible += order[VISIBLE]
        self.aside += order[RESERVE]
        (self.hidden if order[HIDDEN] else self.displayed).ids[order[ORDER_ID]] = None

    def discard(self, order: Order) -> None:
        """Take an order out, from wherever it stands."""
        self.visible -= order[VISIBLE]
        self.aside -= order[RESERVE]
        (self.hidden if order[HIDDEN] else self.displayed).discard(order[ORDER_ID])

    def change(self, old: Order, new: Order) -> None:
        """Account for an order that changed in its place."""
        self.visible += new[VISIBLE] - old[VISIBLE]
        self.aside += new[RESERVE] - old[RESERVE]

    def __iter__(self) -> Iterator[int]:
        yield from self.displayed.ids
        yield from self.hidden.ids


class Side:
    """The levels of one side, best price last so that the best is reached in one step."""

    __slots__ = ("levels", "ranks", "sign")

    def __init__(self, sign: int) -> None:
        self.sign = sign
        self.levels: dict[int, Level] = {}
        self.ranks: list[int] = []
        """Price times sign, ascending."""

    def open(self, price: int) -> Level:
        """Make the level of a price that has none."""
        level = self.levels[price] = Level(price)
        insort(self.ranks, price * self.sign)
        return level

    def close_if_empty(self, level: Level) -> None:
        """Drop a level that nobody stands on."""
        if not level.displayed.ids and not level.hidden.ids:
            rank = level.price * self.sign
            if self.ranks[-1] == rank:
                self.ranks.pop()
            else:
                del self.ranks[bisect_left(self.ranks, rank)]
            del self.levels[level.price]

    def __iter__(self) -> Iterator[Level]:
        """Best level first."""
        return (self.levels[rank * self.sign] for rank in reversed(self.ranks))

    def check(self, orders: dict[int, Order]) -> None:
        """Raise AssertionError where totals, ordering or emptiness went wrong."""
        assert all(a < b for a, b in zip(self.ranks, self.ranks[1:], strict=False)), "price order"
        assert {rank * self.sign for rank in self.ranks} == set(self.levels), "levels disagree"
        for level in self.levels.values():
            standing = [orders[order_id] for order_id in level]
            assert standing, f"empty level {level.price}"
            assert all(order[PRICE] == level.price for order in standing)
            assert sum(order[VISIBLE] for order in standing) == level.visible
            assert sum(order[RESERVE] for order in standing) == level.aside
            for hidden, queue in enumerate((level.displayed, level.hidden)):
                assert all(orders[order_id][HIDDEN] == hidden for order_id in queue.ids)
