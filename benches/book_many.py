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
ROUNDS = 7
"""The best one counts: whatever else the machine does can only add to a cold line's price."""


class Idle:
    """Answers as a book does, and does nothing."""

    __slots__ = ("anything",)

    def limit(self, order_id, side, price, quantity):
        return [(2, order_id, side, price, quantity, quantity, 0)]

    def cancel(self, order_id):
        return [(4, order_id, 1, 1)]


def by_books() -> None:
    """Print nanoseconds an operation, and how that grows with the number of books."""
    # Before other books leave memory that these would use.
    size = _bytes_a_book()
    kinds = {
        "idle": (_idle, _in_turn, _pairs),
        "ours in turn": (_ours, _in_turn, _pairs),
        "ours by Zipf": (_ours, _by_zipf, _pairs),
        "bourse in turn": (_peers, _in_turn, _peer_pairs),
    }
    games = {
        (name, count): (play, choose(books))
        for name, (make, choose, play) in kinds.items()
        for count in COUNTS
        if (books := make(count))
    }
    taken = _measure(games)
    print(
        f"Books of {RESTING} orders: an add and its cancel in one after the other; ns an operation"
    )
    print(f"  {'books':>10} " + "".join(f"{name:>19}" for name in kinds))
    for count in COUNTS:
        cells = [
            f"{taken[name, count]:>11.0f} {taken[name, count] / taken[name, COUNTS[0]]:>6.2f}x"
            for name in kinds
            if (name, count) in taken
        ]
        print(f"  {count:>10,} " + "".join(cells))
    print(f"  {size:,.0f} bytes a book, {sys.getsizeof(_ours(1)[0]):,} of them its ladder")


def _measure(games) -> dict:
    """Nanoseconds an operation of each game: the best of rounds, in which games take turns."""
    # Ids that no resting order has.
    stream = [(RESTING + number, *rest) for _, number, *rest in adds_only(OPERATIONS)]
    operations = list(islice(cycle(stream), PAIRS))
    rounds: dict = {game: [] for game in games}
    gc.collect()
    gc.freeze()
    for _ in range(ROUNDS):
        for game, (play, books) in games.items():
            # Once around, so that a game finds what its own last round left.
            play(books[: PAIRS // 5], operations[: PAIRS // 5])
            began = process_time()
            play(books, operations)
            rounds[game].append((process_time() - began) / (2 * PAIRS) * 1e9)
    gc.unfreeze()
    return {game: min(found) for game, found in rounds.items()}


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


def _bytes_a_book() -> float:
    """Bytes of a book's Python objects and of its ladder, with its share of the common memory."""
    count = 2_000
    tracemalloc.start()
    books = _ours(count)
    size = tracemalloc.get_traced_memory()[0] / count
    tracemalloc.stop()
    assert len(books) == count
    return size
