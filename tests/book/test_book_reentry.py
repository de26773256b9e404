"""Python code that runs in the midst of a call: collections, conversions, other threads, errors.

A book that is looked at, or changed, while one of its calls is under way must stay whole, and so
must every other book, whatever they share.
"""

from __future__ import annotations

import gc
import pickle
import threading
from array import array
from contextlib import contextmanager

import pytest

from meridian.book import NewOrder, OrderBook, PureOrderBook
from meridian.book.codes import MAX_PRICE, BookSide, Event, Op, RefusalCode
from meridian.book.ladder import NATIVE, Ladder, PureLadder
from meridian.book.orders import Kind

native = pytest.mark.skipif(not NATIVE, reason="the pure ladder shares and converts nothing")
PATIENCE = 30
"""Seconds that a thread may hang before the test says so."""
TWINS = [Ladder, PureLadder]
PLACES = 24
"""Collections tried one after the other, so that one falls into the midst of the call."""


@contextmanager
def collecting(action, after=0):
    """Has ``action`` run once, in the collection that follows ``after // 2`` others.

    A collection falls on every second object; ``after`` odd moves them by one.
    """
    left = iter(range(after // 2, -1, -1))

    def meddle(phase, _info):
        if phase == "start" and next(left, None) == 0:
            action()

    threshold = gc.get_threshold()
    gc.collect()
    # What Python keeps of lists that are gone would serve without a collection.
    held = [[] for _ in range(200)]
    gc.callbacks.append(meddle)
    gc.set_threshold(1)
    try:
        if after % 2:
            held.append([])
        yield
    finally:
        gc.set_threshold(*threshold)
        gc.callbacks.remove(meddle)


class Waiting(Ladder):
    """Does a market order of its batch only when it is told to."""

    def __init__(self):
        super().__init__()
        self.inside, self.go = threading.Event(), threading.Event()

    def slow_market(self, order_id, side, quantity, tif, account):
        self.inside.set()
        assert self.go.wait(PATIENCE)
        return [(Event.REFUSED, order_id, 7)]


BATCH = array("q", [Op.LIMIT, 1, 1, 100, 5, 0, 0, Op.MARKET, 2, 1, 0, 5, 99, 0])
BATCH.extend([Op.LIMIT, 3, 1, 101, 5, 0, 0, Op.CANCEL, 1, 0, 0, 0, 0, 0])


@native
@pytest.mark.parametrize("after", range(PLACES))
def test_a_batch_of_another_thread_may_outlast_the_call_it_interrupted(after):
    alone = PureLadder()
    alone.slow_market = lambda order_id, *_: [(Event.REFUSED, order_id, 7)]
    ladder, other, told = Ladder(), Waiting(), []
    thread = threading.Thread(target=lambda: told.append(other.apply(BATCH)), daemon=True)

    def interrupt():
        thread.start()
        assert other.inside.wait(PATIENCE)

    for order_id in range(1, 21):
        ladder.limit(order_id, 1, 100, 1)
    with collecting(interrupt, after):
        events = ladder.market(99, -1, 30)
    if thread.ident is None:
        thread.start()
    other.go.set()
    thread.join(PATIENCE)
    assert told == [alone.apply(BATCH)]
    assert [event[1] for event in events] == [99, *range(1, 21), 99]
    other.check_ladder()


@native
@pytest.mark.parametrize("after", range(PLACES))
@pytest.mark.parametrize("look", ["queue", "records", "depth", "prices"])
def test_a_collection_may_turn_the_book_that_is_looked_at(look, after):
    ladder = Ladder()
    ids = iter(range(1, 1_000_000))
    for price in range(1_001, 1_601):
        for _ in range(2):
            ladder.limit(next(ids), 1, price, 1)

    def turn():
        # The best pages go, others come, all arrays move.
        for order_id in range(301, 1_199):
            ladder.cancel(order_id)
        for price in range(1, 1_000):
            ladder.limit(next(ids), 1, price, 1)
        ladder.cancel(1)

    arguments = (1, 1_600) if look == "queue" else (1,)
    with collecting(turn, after):
        found = getattr(ladder, look)(*arguments)
    known = range(1, next(ids))
    for row in found:
        number = row if look == "queue" else row[0] if look == "records" else None
        assert number is None or number in known
    if look in ("depth", "prices"):
        prices = [row[0] if look == "depth" else row for row in found]
        assert all(0 <= price <= 1_600 for price in prices)
    ladder.check_ladder()


class Trigger:
    """An argument whose conversion does something first."""

    def __init__(self, number, action):
        self.number, self.action = number, action

    def __index__(self):
        self.action()
        return self.number


@native
@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        ("limit", (9, 1, 101, 1)),
        ("market", (9, 1, 1)),
        ("cancel", (1,)),
        ("reduce", (1, 1)),
        ("replace", (1, 1, 100)),
    ],
)
def test_an_argument_may_make_a_book_slow(command, arguments):
    class Slow(Ladder):
        def slow(self, *_):
            return "slow"

        slow_limit = slow_market = slow_cancel = slow_reduce = slow_replace = slow

    ladder = Slow()
    ladder.limit(1, -1, 101, 5)
    late = Trigger(arguments[-1], lambda: setattr(ladder, "plain", False))
    assert getattr(ladder, command)(*arguments[:-1], late) == "slow"
    assert ladder.depth(-1) == [(101, 5, 1)]


@pytest.mark.parametrize("twin", [OrderBook, PureOrderBook])
@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        ("limit", (9, 1, 100, "5")),
        ("market", (9, 1, "5")),
        ("reduce", (1, "5")),
        ("replace", (1, "5", 100)),
    ],
)
def test_a_command_that_raises_does_not_switch_a_book_that_waits_for_stops(
    twin, command, arguments
):
    book = twin()
    book.limit(1, -1, 101, 5)
    stop = {"kind": Kind.STOP, "stop_price": 101}
    book.submit(NewOrder(order_id=2, side=BookSide.BID, quantity=3, **stop))
    with pytest.raises(TypeError):
        getattr(book, command)(*arguments)
    events = book.limit(3, 1, 101, 1)
    assert [event[0] for event in events].count(Event.TRADED) == 2, "the stop slept"


@pytest.mark.parametrize("twin", TWINS)
def test_limits_that_are_no_integers_change_nothing(twin):
    ladder = twin()
    for odd in (5.0, "5", None):
        with pytest.raises(TypeError):
            ladder.configure(lot=10, band_high=odd)
    assert ladder.limit(1, 1, 100, 1)[0][0] == Event.ACCEPTED


@pytest.mark.parametrize("twin", TWINS)
def test_a_limit_is_what_it_was_when_it_was_checked(twin):
    class Fickle:
        """1 when first asked, then 0, by which nothing divides."""

        def __init__(self):
            self.asked = 0

        def __index__(self):
            self.asked += 1
            return int(self.asked == 1)

    ladder = twin()
    ladder.configure(lot=Fickle(), tick=Fickle())
    ladder.limit(1, 1, 100, 5)
    assert ladder.reduce(1, 2) == [(Event.REDUCED, 1, 3)]


@pytest.mark.parametrize("twin", TWINS)
def test_numbers_at_the_end_of_the_range_find_nothing(twin):
    ladder = twin()
    ladder.limit(1, 1, 100, 1)
    ladder.limit(2, -1, 200, 1)
    for price in (-(2**63), -(2**53), -1, 0, MAX_PRICE, MAX_PRICE + 1, 2**63 - 1):
        for side in (1, -1):
            assert ladder.level(side, price) == (0, 0)
            assert ladder.queue(side, price) == []
            refused = ladder.limit(3, side, price, 0)
            assert refused[0][0] == Event.REFUSED
    assert ladder.limit(3, 2**62, 2**62, 1) == [(Event.REFUSED, 3, RefusalCode.BAD_INSTRUCTION)]
    assert ladder.available(-1, 2**63 - 1, 5) == 1
    assert ladder.available(1, 2**63 - 1, 5) == 0


@native
def test_a_ladder_alone_is_not_copied_half():
    ladder = Ladder()
    ladder.limit(1, 1, 100, 1)
    with pytest.raises(TypeError):
        pickle.dumps(ladder)
