"""What native books share: memory for their arrays, rows for their events, work that waits.

A book must neither keep what it does not need nor show that another one lives beside it.
"""

from __future__ import annotations

import gc
import random
import subprocess
import sys

import pytest

from meridian.book import OrderBook, PureOrderBook
from meridian.book.codes import ROW_WIDTH, Event
from meridian.book.ladder import NATIVE, Ladder, PureLadder

pytestmark = pytest.mark.skipif(not NATIVE, reason="the native ladder is not compiled")
BOOKS = 3_000
LARGEST_CHUNK = 1 << 22
MOST_KEPT_ROWS = 4_096


def memory():
    from meridian.book import _ladder

    return _ladder.memory()


def filled(orders):
    ladder = Ladder()
    for order_id in range(1, orders + 1):
        ladder.limit(order_id, 1, 100 + order_id % 20, 1)
    return ladder


def arrays(ladder):
    return ladder.__sizeof__() - Ladder.__basicsize__


@pytest.fixture
def pooled():
    """Skips where each block is an allocation of its own."""
    ladder = filled(1)
    if memory()[1] == 0:
        pytest.skip("built without chunks, for AddressSanitizer")
    assert len(ladder) == 1


@pytest.mark.usefixtures("pooled")
def test_thousands_of_books_share_chunks_that_they_fill():
    reserved, used, _ = memory()
    ladders = [filled(20) for _ in range(BOOKS)]
    now = memory()
    # Blocks are rounded up to whole lines.
    assert now[1] - used >= sum(arrays(ladder) for ladder in ladders)
    assert now[0] - reserved <= now[1] - used + LARGEST_CHUNK


@pytest.mark.usefixtures("pooled")
def test_what_a_book_leaves_serves_the_next():
    ladders = [filled(20) for _ in range(BOOKS)]
    reserved = memory()[0]
    for _ in range(3):
        del ladders[::2]
        ladders += [filled(20) for _ in range(BOOKS - len(ladders))]
    assert memory()[0] == reserved


def test_the_last_book_gives_all_chunks_back():
    script = """
from meridian.book import _ladder
for orders in (1, 20, 300):
    ladders = [_ladder.Ladder() for _ in range(2_000)]
    for ladder in ladders:
        for order_id in range(1, orders + 1):
            ladder.limit(order_id, 1, order_id, 1)
    held = _ladder.memory()[:2]
    del ladders, ladder
    print(min(held) > 0, _ladder.memory()[:2])
"""
    told = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    lines = told.stdout.splitlines()
    assert len(lines) == 3
    assert all(line.endswith(" (0, 0)") for line in lines)


@pytest.mark.usefixtures("pooled")
def test_a_book_that_grows_gives_its_small_arrays_to_others():
    ladder = filled(1)
    reserved, used, _ = memory()
    for order_id in range(2, 100_000):
        ladder.limit(order_id, 1, order_id, 1)
    # Large arrays stand alone.
    assert memory()[0] - reserved < 2 * LARGEST_CHUNK
    large = memory()[1]
    del ladder
    assert memory()[1] < large
    assert memory()[1] <= used


def test_room_that_a_sweep_needed_for_its_events_is_given_back():
    ladder = filled(2 * MOST_KEPT_ROWS)
    assert len(ladder.market(99_999, -1, 2 * MOST_KEPT_ROWS)) == 2 * MOST_KEPT_ROWS + 1
    assert memory()[2] <= MOST_KEPT_ROWS * ROW_WIDTH * 8


def test_the_size_of_a_book_counts_its_arrays():
    small, large = filled(1), filled(10_000)
    assert sys.getsizeof(large) - sys.getsizeof(small) >= 10_000 * 64
    assert sys.getsizeof(OrderBook()) >= sys.getsizeof(small)


def test_books_in_any_sequence_do_what_each_does_alone():
    dice = random.Random(5)
    pairs = [(OrderBook(), PureOrderBook()) for _ in range(7)]
    for order_id in range(1, 6_000):
        pair = dice.choice(pairs)
        known = dice.randrange(max(1, order_id - 150), order_id + 1)
        side, price, lots = dice.choice((1, -1)), dice.randrange(90, 111), dice.randrange(1, 9)
        calls = [
            ("limit", order_id, side, price - side * dice.choice((0, 12, 12)), lots),
            ("cancel", known),
            ("cancel", known),
            ("reduce", known, 1),
            ("replace", known, lots, price),
            ("depth", side),
        ]
        for name, *arguments in dice.sample(calls, dice.randrange(1, 4)):
            native, pure = (getattr(book, name)(*arguments) for book in pair)
            assert native == pure
        if dice.random() < 0.01:
            pairs[dice.randrange(7)] = (OrderBook(), PureOrderBook())
        if dice.random() < 0.05:
            pair[0].check_invariants()
    for native, pure in pairs:
        assert native.state_hash() == pure.state_hash()


def test_a_book_may_go_while_its_work_waits():
    for order_id in range(1, 50):
        ladder = filled(order_id)
        ladder.cancel(1)
        del ladder
    other = filled(3)
    other.check_ladder()
    assert len(other) == 3


@pytest.mark.parametrize("twin", [Ladder, PureLadder])
def test_an_argument_that_commands_the_book_is_served_first(twin):
    ladder = twin()

    class Meddler(int):
        def __index__(self):
            raise AssertionError("an int needs no conversion")

    class Late:
        def __index__(self):
            ladder.limit(7, 1, 99, 2)
            ladder.cancel(1)
            return 5

    ladder.limit(1, 1, 100, 1)
    if twin is Ladder:
        ladder.limit(8, 1, 98, Late())
        assert (7 in ladder, 8 in ladder, 1 in ladder) == (True, True, False)
    assert ladder.limit(9, 1, Meddler(97), 1)[0][0] == Event.ACCEPTED
    ladder.check_ladder()


def test_commands_in_a_collection_do_not_disturb_the_events_of_others():
    native, pure, other = Ladder(), PureLadder(), filled(50)
    numbers = iter(range(1_000, 10_000_000))

    def meddle(_phase, _info):
        order_id = next(numbers)
        other.limit(order_id, -1, 200, 1)
        assert len(other.market(order_id + 10**8, 1, 1)) == 2
        other.cancel(order_id)

    threshold = gc.get_threshold()
    gc.callbacks.append(meddle)
    gc.set_threshold(1)
    try:
        for order_id in range(1, 200):
            assert native.limit(order_id, 1, 100, 1) == pure.limit(order_id, 1, 100, 1)
        assert native.market(999, -1, 150) == pure.market(999, -1, 150)
        assert native.depth(1) == pure.depth(1)
    finally:
        gc.set_threshold(*threshold)
        gc.callbacks.remove(meddle)
    native.check_ladder()
    other.check_ladder()
    assert next(numbers) > 1_100
