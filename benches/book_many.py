"""Ever more books, an add and its cancel in one after the other.

Every book costs the interpreter a Python object that has left the cache, and the engine the lines
of the book behind it. Idle is what the same loop costs over as many objects that do nothing.
"""

from __future__ import annotations

import gc
import random
import sys
import tracemalloc
from itertools import cycle, islice
from statistics import median
from time import process_time

from benches.book_streams import adds_only, rows_of
from meridian.book import OrderBook

__all__ = ["by_books"]

COUNTS = (1, 10, 100, 1_000, 10_000)
PAIRS = 100_000
"""Adds in a round, each with its cancel."""
OPERATIONS = 5_000
"""Different ones, used again and again: few enough not to be what leaves the cache."""
RESTING = 20
ROUNDS = 5


class Idle:
    """Answers as a book does, and does nothing."""

    __slots__ = ("anything",)

    def limit(self, order_id, side, price, quantity):
        return [(2, order_id, side, price, quantity, quantity, 0)]

    def cancel(self, order_id):
        return [(4, order_id, 1, 1)]


def by_books() -> None:
    """Print nanoseconds an operation, and how that grows with the number of books."""
    print(
        f"Books of {RESTING} orders: an add and its cancel in one after the other; ns an operation"
    )
    print(f"  {'books':>10} {'idle':>13} {'ours in turn':>18} {'ours by Zipf':>18} bourse in turn")
    kinds = {
        "idle": (_idle, _in_turn, _pairs),
        "turn": (_ours, _in_turn, _pairs),
        "zipf": (_ours, _by_zipf, _pairs),
        "peer": (_peers, _in_turn, _peer_pairs),
    }
    first: dict[str, float] = {}
    for count in COUNTS:
        columns = []
        for name, (make, choose, play) in kinds.items():
            books = make(count)
            if not books:
                columns.append("not installed")
                continue
            taken = _measure(play, choose(books))
            columns.append(f"{taken:>9.0f} {taken / first.setdefault(name, taken):>5.2f}x")
        print(f"  {count:>10,} " + "   ".join(columns))
    print(
        f"  {_python_bytes():,.0f} bytes a book, and {sys.getsizeof(_ours(1)[0]):,} of its ladder"
    )


def _measure(play, books) -> float:
    """Nanoseconds an operation; the median of rounds, the first of which is not counted."""
    stream = [operation[1:] for operation in adds_only(OPERATIONS)]
    # Ids that no resting order has.
    stream = [(RESTING + number, *rest) for number, *rest in stream]
    rounds = []
    gc.collect()
    gc.freeze()
    for _ in range(ROUNDS + 1):
        operations = list(islice(cycle(stream), len(books)))
        began = process_time()
        play(books, operations)
        rounds.append((process_time() - began) / (2 * len(books)) * 1e9)
    gc.unfreeze()
    return median(rounds[1:])


def _pairs(books, operations) -> None:
    for book, (order_id, side, price, lots) in zip(books, operations, strict=True):
        book.limit(order_id, side, price, lots)
        book.cancel(order_id)


def _peer_pairs(books, operations) -> None:
    # No order of one time and price meets another here, so that its clock may stand.
    for book, (_, side, price, lots) in zip(books, operations, strict=True):
        book.cancel_order(book.place_order(side == 1, lots, 0, price))


def _in_turn(books):
    return list(islice(cycle(books), PAIRS))


def _by_zipf(books):
    weights = [1 / rank for rank in range(1, len(books) + 1)]
    return random.Random(4).choices(books, weights, k=PAIRS)


def _idle(count):
    return [Idle() for _ in range(count)]


def _ours(count):
    books = [OrderBook() for _ in range(count)]
    rows = rows_of(adds_only(RESTING))
    for book in books:
        book.apply(rows)
    return books


def _peers(count):
    try:
        from bourse.core import OrderBook as Peer
    except ImportError:
        return []
    books = [Peer(0, 1) for _ in range(count)]
    for book in books:
        for _, time, side, price, lots in adds_only(RESTING):
            book.set_time(time)
            book.place_order(side == 1, lots, 0, price)
    return books


def _python_bytes() -> float:
    """Bytes of a book's Python objects and of its ladder, with its share of the common memory."""
    count = 2_000
    tracemalloc.start()
    books = _ours(count)
    size = tracemalloc.get_traced_memory()[0] / count
    tracemalloc.stop()
    assert len(books) == count
    return size
