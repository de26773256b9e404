"""Price levels of the pure ladder: one side, its prices in order, its orders in queues."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Iterator

__all__ = [
    "DISPLAY",
    "EXECUTED",
    "HIDDEN",
    "ORDER_ID",
    "PRICE",
    "RESERVE",
    "SEQ",
    "SIDE",
    "TIF",
    "TOTAL",
    "VISIBLE",
    "Level",
    "Order",
    "Side",
]

Order = list[int]
"""An order record, by the positions below: a list of integers is the fastest thing to make.

An order that left has neither visible nor reserve, which is how its place in a queue is known
to be void.
"""
ORDER_ID, SIDE, PRICE, VISIBLE, RESERVE, DISPLAY, HIDDEN, TOTAL, EXECUTED = range(9)
ACCOUNT, SESSION, BROKER, TIF, SEQ = range(9, 14)

VOID_SLACK = 32
"""Void places a queue keeps at most, beyond as many as it has live ones."""


class Level:
    """One price. Queues may hold void places; the counts do not include them."""

    __slots__ = ("aside", "hidden", "hidden_orders", "orders", "price", "queue", "visible", "void")

    def __init__(self, price: int) -> None:
        self.price = price
        self.visible = 0
        self.orders = 0
        self.aside = 0
        """Lots in reserve and in hidden orders."""
        self.hidden_orders = 0
        self.queue: deque[Order] = deque()
        self.hidden: deque[Order] = deque()
        self.void = 0

    def append(self, order: Order) -> None:
        """Put an order at the back of its queue."""
        self.aside += order[RESERVE]
        if order[HIDDEN]:
            self.hidden.append(order)
            self.hidden_orders += 1
        else:
            self.queue.append(order)
            self.visible += order[VISIBLE]
            self.orders += 1

    def discard(self, order: Order) -> None:
        """Take an order out, from wherever it stands."""
        self.aside -= order[RESERVE]
        if order[HIDDEN]:
            self.hidden_orders -= 1
        else:
            self.visible -= order[VISIBLE]
            self.orders -= 1
        order[VISIBLE] = order[RESERVE] = 0
        self.void += 1
        if self.void > self.orders + self.hidden_orders + VOID_SLACK:
            self.queue = deque(self.displayed())
            self.hidden = deque(self.undisplayed())
            self.void = 0

    def requeue(self, order: Order) -> None:
        """Move a displayed order to the back of its queue; it usually stands at the front."""
        if self.queue[0] is order:
            self.queue.popleft()
        else:
            self.queue.remove(order)
        self.queue.append(order)

    def displayed(self) -> Iterator[Order]:
        """Displayed orders in time order."""
        return (order for order in self.queue if order[VISIBLE])

    def undisplayed(self) -> Iterator[Order]:
        """Hidden orders in time order."""
        return (order for order in self.hidden if order[RESERVE])

    def __iter__(self) -> Iterator[Order]:
        yield from self.displayed()
        yield from self.undisplayed()


class Side:
    """The levels of one side, best price last so that the best is reached in one step."""

    __slots__ = ("levels", "ranks", "sign")

    def __init__(self, sign: int) -> None:
        self.sign = sign
        self.levels: dict[int, Level] = {}
        self.ranks: list[int] = []
        """Price times sign, ascending."""

    def append(self, order: Order) -> None:
        """Put an order at the back of its price's queue."""
        level = self.levels.get(order[PRICE])
        if level is None:
            level = self.open(order[PRICE])
        level.append(order)

    def open(self, price: int) -> Level:
        """Make the level of a price that has none."""
        level = self.levels[price] = Level(price)
        insort(self.ranks, price * self.sign)
        return level

    def close_if_empty(self, level: Level) -> None:
        """Drop a level that nobody stands on."""
        if not level.orders and not level.hidden_orders:
            rank = level.price * self.sign
            if self.ranks[-1] == rank:
                self.ranks.pop()
            else:
                del self.ranks[bisect_left(self.ranks, rank)]
            del self.levels[level.price]

    def __iter__(self) -> Iterator[Level]:
        """Best level first."""
        return (self.levels[rank * self.sign] for rank in reversed(self.ranks))

    def check(self) -> None:
        """Raise AssertionError where totals, ordering or emptiness went wrong."""
        assert all(a < b for a, b in zip(self.ranks, self.ranks[1:], strict=False)), "price order"
        assert {rank * self.sign for rank in self.ranks} == set(self.levels), "levels disagree"
        for level in self.levels.values():
            displayed, hidden = list(level.displayed()), list(level.undisplayed())
            assert displayed or hidden, f"empty level {level.price}"
            assert len(displayed) == level.orders, f"orders at {level.price}"
            assert len(hidden) == level.hidden_orders, f"hidden orders at {level.price}"
            assert sum(order[VISIBLE] for order in displayed) == level.visible
            assert sum(order[RESERVE] for order in level) == level.aside
            for queue in (displayed, hidden):
                times = [order[SEQ] for order in queue]
                assert times == sorted(set(times)), f"time order at {level.price}"
