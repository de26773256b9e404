"""One side of a book: price levels in order, orders in time within a level."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

__all__ = ["BookSide", "Level", "Levels", "RestingOrder"]


class BookSide(IntEnum):
    """The two sides; the value is the direction in which a price gets better."""

    BID = 1
    ASK = -1

    @property
    def opposite(self) -> BookSide:
        """The side this one trades with."""
        return BookSide(-self)


class Level(NamedTuple):
    """What rests at one price."""

    price: int
    quantity: int
    orders: int


@dataclass(slots=True)
class RestingOrder:
    """An order in the book. Callers read it; only the book changes it."""

    order_id: int
    side: BookSide
    price: int
    quantity: int
    """Total, executed part included."""
    executed: int

    @property
    def leaves(self) -> int:
        """What may still trade."""
        return self.quantity - self.executed


class Levels:
    """The levels of one side, best price last so that the best is reached in one step."""

    def __init__(self, side: BookSide) -> None:
        self.side = side
        self._ranks: list[int] = []
        # A dict keeps insertion order, which is time priority, and removes from the middle at once.
        self._queues: dict[int, dict[int, RestingOrder]] = {}
        self._totals: dict[int, int] = {}

    def __bool__(self) -> bool:
        return bool(self._ranks)

    def add(self, order: RestingOrder) -> None:
        """Put an order at the end of its price's queue."""
        rank = order.price * self.side
        queue = self._queues.get(rank)
        if queue is None:
            self._ranks.insert(bisect_left(self._ranks, rank), rank)
            queue = self._queues[rank] = {}
            self._totals[rank] = 0
        queue[order.order_id] = order
        self._totals[rank] += order.leaves

    def remove(self, order: RestingOrder) -> None:
        """Take an order out, with whatever leaves it has."""
        rank = order.price * self.side
        queue = self._queues[rank]
        del queue[order.order_id]
        self._totals[rank] -= order.leaves
        if not queue:
            del self._queues[rank], self._totals[rank]
            del self._ranks[bisect_left(self._ranks, rank)]

    def shrink(self, order: RestingOrder, by: int) -> None:
        """Account for ``by`` lots that left an order which stays."""
        self._totals[order.price * self.side] -= by

    def best_price(self) -> int | None:
        """Best price, or None where nothing rests."""
        return self._ranks[-1] * self.side if self._ranks else None

    def front(self) -> RestingOrder:
        """The order that trades next; there must be one."""
        return next(iter(self._queues[self._ranks[-1]].values()))

    def reaches(self, limit: int | None) -> bool:
        """Whether the best price is at least as good for this side as ``limit`` asks.

        ``limit`` is the aggressor's price; None is any price.
        """
        return bool(self._ranks) and (limit is None or self._ranks[-1] >= limit * self.side)

    def available(self, limit: int | None, wanted: int) -> int:
        """Lots an aggressor could take at ``limit`` or better, counted up to ``wanted``."""
        found = 0
        for rank in reversed(self._ranks):
            if found >= wanted or (limit is not None and rank < limit * self.side):
                break
            found += self._totals[rank]
        return min(found, wanted)

    def levels(self) -> Iterator[Level]:
        """Best level first."""
        for rank in reversed(self._ranks):
            yield Level(rank * self.side, self._totals[rank], len(self._queues[rank]))

    def orders(self) -> Iterator[RestingOrder]:
        """Every order in the sequence in which they would trade."""
        for rank in reversed(self._ranks):
            yield from self._queues[rank].values()

    def check(self) -> None:
        """Raise AssertionError where totals, ordering or emptiness went wrong."""
        assert self._ranks == sorted(set(self._ranks)), f"{self.side.name}: prices out of order"
        assert set(self._ranks) == set(self._queues) == set(self._totals), "levels disagree"
        for rank, queue in self._queues.items():
            assert queue, f"{self.side.name}: empty level {rank * self.side}"
            assert self._totals[rank] == sum(order.leaves for order in queue.values())
            for order_id, order in queue.items():
                assert order.order_id == order_id
                assert order.side is self.side
                assert order.price * self.side == rank
                assert order.leaves > 0, f"order {order_id} rests with nothing left"
