"""Price levels of the pure ladder: one side, its prices in order, its orders in queues."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import deque
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
    "SEQ",
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
ACCOUNT, SESSION, BROKER, TIF, SEQ = range(9, 14)

VOID_SLACK = 32
"""Void places a queue keeps at most, beyond as many as it has live ones."""


class Queue:
    """Order ids in time order.

    Who leaves from the middle leaves a void place, noted by id: of an id's places the oldest are
    void, for an order that comes back stands behind them.
    """

    __slots__ = ("orders", "places", "void", "voids")

    def __init__(self) -> None:
        self.places: deque[int] = deque()
        self.orders = 0
        """Live places."""
        self.void: dict[int, int] = {}
        self.voids = 0

    def append(self, order_id: int) -> None:
        """Stand at the back."""
        self.places.append(order_id)
        self.orders += 1

    def front(self) -> int:
        """The first in the queue; there must be one."""
        places, void = self.places, self.void
        while void and places[0] in void:
            order_id = places.popleft()
            self.voids -= 1
            if void[order_id] == 1:
                del void[order_id]
            else:
                void[order_id] -= 1
        return places[0]

    def pop(self) -> None:
        """Let the front go; ``front`` was called before."""
        self.places.popleft()
        self.orders -= 1

    def discard(self, order_id: int) -> None:
        """Let an order go from wherever it stands."""
        self.orders -= 1
        self.void[order_id] = self.void.get(order_id, 0) + 1
        self.voids += 1
        if self.voids > self.orders + VOID_SLACK:
            self.places = deque(self)
            self.void.clear()
            self.voids = 0

    def __iter__(self) -> Iterator[int]:
        if not self.void:
            yield from self.places
            return
        void = dict(self.void)
        for order_id in self.places:
            if void.get(order_id):
                void[order_id] -= 1
            else:
                yield order_id


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
        (self.hidden if order[HIDDEN] else self.displayed).append(order[ORDER_ID])

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
        yield from self.displayed
        yield from self.hidden


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
        if not level.displayed.orders and not level.hidden.orders:
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
            for queue in (level.displayed, level.hidden):
                times = [orders[order_id][SEQ] for order_id in queue]
                assert times == sorted(set(times)), f"time order at {level.price}"
                assert len(times) == queue.orders
                assert len(queue.places) - queue.orders == queue.voids == sum(queue.void.values())
