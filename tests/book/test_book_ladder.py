"""The ladder alone: both twins answer alike, whatever they are asked, and stay sound.

The matching rules themselves are tested on the order book; here a difference between the native
and the pure ladder, or a total that no longer adds up, is what would mislead a user.
"""

from __future__ import annotations

import gc
import random
import sys
from array import array

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meridian.book import pure_ladder
from meridian.book.codes import (
    MAX_ID,
    MAX_PRICE,
    MAX_QUANTITY,
    MAX_TRANCHES,
    ROW_WIDTH,
    Event,
    Op,
    RefusalCode,
)
from meridian.book.ladder import NATIVE, Ladder

needs_native = pytest.mark.skipif(not NATIVE, reason="the native ladder is not compiled")
TWINS = [pytest.param(pure_ladder.Ladder, id="pure")]
TWINS += [pytest.param(Ladder, id="native")] if NATIVE else []

ids = st.integers(1, 12)
sides = st.sampled_from((1, -1))
prices = st.integers(96, 104)
lots = st.integers(1, 9)
tifs = st.sampled_from((0, 0, 0, 1, 3, 4))
accounts = st.integers(0, 2)
odd = st.sampled_from((-(10**30), -MAX_ID - 1, -1, 0, MAX_PRICE, MAX_PRICE + 1, MAX_ID, 10**30))

limits = st.tuples(st.just("limit"), ids, sides, prices, lots, tifs, accounts)
markets = st.tuples(st.just("market"), ids, sides, lots, tifs, accounts)
cancels = st.tuples(st.just("cancel"), ids)
reduces = st.tuples(st.just("reduce"), ids, lots)
replaces = st.tuples(st.just("replace"), ids, lots, prices)
oddities = st.one_of(
    st.tuples(st.just("limit"), *[st.one_of(odd, ids)] * 6),
    st.tuples(st.just("market"), *[st.one_of(odd, ids)] * 5),
    st.tuples(st.just("cancel"), odd),
    st.tuples(st.just("reduce"), ids, odd),
    st.tuples(st.just("replace"), ids, odd, odd),
)


@st.composite
def adds(draw):
    """A record to rest: plain, iceberg or hidden; sometimes one that contradicts itself."""
    hidden = draw(st.integers(0, 1))
    visible = 0 if hidden else draw(lots)
    reserve = draw(lots) if hidden else draw(st.integers(0, 9))
    executed = draw(st.integers(0, 3))
    total = visible + reserve + executed + draw(st.sampled_from((0, 0, 0, 0, 1)))
    parties = [draw(accounts) for _ in range(3)]
    display = draw(st.integers(0, 4))
    numbers = (visible, reserve, display, hidden, total, executed, *parties, draw(tifs))
    return ("add", draw(ids), draw(sides), draw(prices), *numbers)


blocks = st.one_of(
    adds(),
    st.tuples(st.just("remove"), ids),
    st.tuples(st.just("take"), ids, lots),
    st.tuples(st.just("retranche"), ids, lots),
    st.tuples(st.just("shrink"), ids, st.integers(0, 9)),
    st.tuples(st.just("available"), sides, st.one_of(st.just(0), prices), lots),
)
steps = st.lists(st.one_of(limits, markets, cancels, reduces, replaces, adds(), blocks, oddities))


def outcome(ladder, step):
    """What a call answers, or what it raises."""
    name, *arguments = step
    try:
        return getattr(ladder, name)(*arguments)
    except (KeyError, ValueError) as error:
        return type(error), str(error)


def picture(ladder):
    """Everything that can be asked about a ladder."""
    one_side = [
        (
            ladder.records(side),
            ladder.depth(side),
            ladder.depth(side, 2),
            ladder.prices(side),
            ladder.prices(side, 1),
            ladder.front(side),
            ladder.best(side),
            ladder.best_displayed(side),
            [(ladder.queue(side, p), ladder.level(side, p)) for p in range(-1, 106)],
        )
        for side in (1, -1)
    ]
    orders = [(ladder.record(order_id), order_id in ladder) for order_id in range(14)]
    return one_side, orders, len(ladder), ladder.trades, ladder.last_price


@needs_native
@settings(max_examples=400, deadline=None)
@given(steps)
def test_both_twins_answer_alike_after_every_step(steps):
    native, pure = Ladder(), pure_ladder.Ladder()
    for step in steps:
        assert outcome(native, step) == outcome(pure, step), step
        native.check_ladder()
        pure.check_ladder()
        assert picture(native) == picture(pure), step


@needs_native
@settings(deadline=None)
@given(
    st.fixed_dictionaries(
        {},
        optional={
            "lot": st.integers(0, 3),
            "tick": st.integers(1, 3),
            "min_quantity": st.integers(1, 3),
            "max_quantity": st.integers(2, 8),
            "band_low": st.integers(1, 99),
            "band_high": st.integers(98, 104),
            "max_orders": st.integers(0, 5),
        },
    ),
    steps,
)
def test_both_twins_refuse_alike_under_any_limits(limits, steps):
    native, pure = Ladder(), pure_ladder.Ladder()
    answers = []
    for ladder in (native, pure):
        try:
            answers.append(ladder.configure(**limits))
        except ValueError as error:
            answers.append(str(error))
    assert answers[0] == answers[1]
    for step in steps:
        assert outcome(native, step) == outcome(pure, step), step
    assert picture(native) == picture(pure)


@pytest.mark.parametrize("twin", TWINS)
@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(-1, 12), sides, prices, lots, tifs, ids)))
def test_a_batch_does_what_the_calls_one_by_one_do(twin, rows):
    one, batch = twin(), twin()
    expected = []
    for op, order_id, side, price, quantity, tif, account in rows:
        if op == Op.LIMIT:
            expected += one.limit(order_id, side, price, quantity, tif, account)
        elif op == Op.MARKET:
            expected += one.market(order_id, side, quantity, tif, account)
        elif op == Op.CANCEL:
            expected += one.cancel(order_id)
        elif op == Op.REDUCE:
            expected += one.reduce(order_id, quantity)
        elif op == Op.REPLACE:
            expected += one.replace(order_id, quantity, price)
        else:
            expected += [(Event.REFUSED, order_id, RefusalCode.BAD_INSTRUCTION)]
    events = batch.apply(array("q", [number for row in rows for number in row]))
    padded = [number for event in expected for number in (*event, *[0] * (7 - len(event)))]
    assert events.tolist() == padded
    assert picture(one) == picture(batch)


@pytest.mark.parametrize("twin", TWINS)
def test_a_batch_calls_the_slow_methods_when_not_plain(twin):
    class Slow(twin):
        def slow_limit(self, *arguments):
            return [(99, *arguments)]

        def slow_cancel(self, order_id):
            self.plain = True
            return [(98, order_id)]

    ladder = Slow()
    rows = array("q", [1, 5, 1, 100, 7, 0, 2, 3, 5, 0, 0, 0, 0, 0, 1, 6, 1, 100, 7, 0, 2])
    ladder.plain = False
    assert ladder.apply(rows).tolist() == [
        *(99, 5, 1, 100, 7, 0, 2),
        *(98, 5, 0, 0, 0, 0, 0),
        *(Event.ACCEPTED, 6, 1, 100, 7, 7, 0),
    ]
    # Good till date is nothing the plain path knows.
    assert ladder.limit(7, 1, 100, 7, 6) == [(99, 7, 1, 100, 7, 6, 0)]


@pytest.mark.parametrize("twin", TWINS)
def test_a_batch_that_is_not_rows_of_int64_is_refused_and_runs_nothing(twin):
    ladder = twin()
    row = [Op.LIMIT, 1, 1, 100, 5, 0, 0]
    with pytest.raises(ValueError, match="expected rows of 7 int64, got 8"):
        ladder.apply(array("q", [*row, 1]))
    with pytest.raises(ValueError, match="expected int64, got format 'i'"):
        ladder.apply(array("i", row))
    with pytest.raises(TypeError):
        ladder.apply(row)
    assert len(ladder) == 0
    assert ladder.apply(array("q")) == array("q")
    matrix = memoryview(array("q", row * 2)).cast("B").cast("q", (2, ROW_WIDTH))
    assert len(ladder.apply(matrix)) == 2 * ROW_WIDTH


@pytest.mark.parametrize("twin", TWINS)
def test_a_sweep_reports_more_events_than_any_buffer_begins_with(twin):
    ladder = twin()
    for order_id in range(1, 3_001):
        ladder.limit(order_id, -1, 100 + order_id % 700, 1)
    events = ladder.market(9_999, 1, MAX_QUANTITY)
    assert len(events) == 3_002
    assert events[1] == (Event.TRADED, 1, 700, 9_999, 100, 1)
    assert events[-1] == (Event.CANCELLED, 9_999, MAX_QUANTITY - 3_000, 4)
    assert len(ladder) == 0
    ladder.check_ladder()


@pytest.mark.parametrize("twin", TWINS)
@pytest.mark.parametrize("stride", [1, 8, 1 << 16, 1 << 40])
def test_any_pattern_of_ids_is_found_again(twin, stride):
    ladder = twin()
    numbers = [1 + n * stride for n in range(5_000)]
    for order_id in numbers:
        ladder.limit(order_id, 1, 1 + order_id % 300, 3)
    for order_id in numbers[::2]:
        assert ladder.cancel(order_id) == [(Event.CANCELLED, order_id, 3, 1)]
    ladder.check_ladder()
    assert [number in ladder for number in numbers] == [False, True] * 2_500


@pytest.mark.parametrize("twin", TWINS)
def test_prices_far_apart_take_no_more_room_than_near_ones(twin):
    near, far = twin(), twin()
    for n in range(2_000):
        near.limit(n + 1, 1, n + 1, 1)
        far.limit(n + 1, 1, 1 + n * (10**10 // 2_000), 1)
    assert sys.getsizeof(far) == sys.getsizeof(near)
    assert far.best(1) == 1 + 1_999 * (10**10 // 2_000)
    far.check_ladder()


@pytest.mark.parametrize("twin", TWINS)
@pytest.mark.parametrize("seed", range(3))
def test_thousands_of_prices_stay_in_order_as_they_come_and_go(twin, seed):
    dice = random.Random(seed)
    ladder = twin()
    held: dict[int, int] = {}
    taken: set[int] = set()
    # Waves of growing and shrinking, each further up: what is left behind must not pile up.
    for number in range(1, 12_001):
        wave = (number - 1) // 3_000
        if held and dice.random() < (0.1, 0.7, 0.2, 0.9)[wave]:
            price = held.pop(order_id := dice.choice(list(held)[-50:]))
            taken.remove(price)
            ladder.cancel(order_id)
        price = dice.randrange(1, 10**6) + wave * 10**5
        if price not in taken:
            taken.add(price)
            held[number] = price
            ladder.limit(number, 1, price, 1)
        if number % 1_500 == 0:
            ladder.check_ladder()
            assert ladder.prices(1) == sorted(taken, reverse=True)
    ladder.market(99_999, -1, MAX_QUANTITY)
    ladder.check_ladder()
    assert ladder.prices(1) == []
    ladder.limit(1, 1, 5, 1)
    assert ladder.best(1) == 5


@pytest.mark.parametrize("twin", TWINS)
def test_cancelled_orders_do_not_pile_up_behind_one_that_stays(twin):
    ladder = twin()
    ladder.limit(1, 1, 100, 1)
    ladder.limit(2, 1, 100, 1)
    ladder.cancel(2)
    size = sys.getsizeof(ladder)
    for n in range(3, 20_000):
        ladder.limit(n, 1, 100, 1)
        ladder.cancel(n)
    assert sys.getsizeof(ladder) == size
    if twin is pure_ladder.Ladder:
        assert sys.getsizeof(ladder._bids.levels[100].displayed.ids) < 1_000


@pytest.mark.parametrize("twin", TWINS)
def test_an_iceberg_is_not_replaced_to_more_tranches_than_the_bound(twin):
    ladder = twin()
    ladder.add(1, 1, 100, 2, 8, 2, 0, 10, 0, 0, 0, 0, 0)
    most = 2 * MAX_TRANCHES
    assert ladder.replace(1, most + 1, 100) == [(Event.REFUSED, 1, RefusalCode.BAD_INSTRUCTION)]
    assert ladder.replace(1, most, 100) == [(Event.REPLACED, 1, 100, most, most, 0)]
    ladder.check_ladder()


@pytest.mark.parametrize("twin", TWINS)
def test_the_codes_are_those_of_the_other_modules(twin):
    """The native ladder keeps copies of the numbers in C."""
    ladder = twin()
    ladder.configure(lot=2, tick=2, min_quantity=2, band_low=10, band_high=200, max_orders=1)
    ladder.limit(1, 1, 100, 4)
    codes = [
        ladder.limit(*arguments)[0][2]
        for arguments in (
            (2, 5, 100, 4),
            (2, 1, 100, 0),
            (2, 1, 100, 3),
            (2, 1, 0, 4),
            (2, 1, 101, 4),
            (2, 1, 8, 4),
            (1, 1, 100, 4),
            (2, 1, 100, 4),
        )
    ]
    assert [RefusalCode(code).name for code in codes] == [
        *("BAD_INSTRUCTION", "BAD_QUANTITY", "BAD_LOT", "BAD_PRICE", "BAD_TICK", "PRICE_BAND"),
        *("DUPLICATE_ID", "BOOK_FULL"),
    ]


@needs_native
def test_the_collector_never_looks_at_a_native_ladder():
    ladder = Ladder()
    ladder.limit(1, 1, 100, 1)
    assert not gc.is_tracked(ladder)


@needs_native
def test_failed_allocations_raise_and_leave_a_sound_ladder():
    testcapi = pytest.importorskip("_testcapi", reason="CPython without its test module")
    ladder = Ladder()
    failures = 0
    for order_id in range(1, 400):
        testcapi.set_nomemory(order_id % 3, 0)
        try:
            ladder.limit(order_id, 1 - order_id % 2 * 2, 100 + order_id % 50, 5)
        except MemoryError:
            failures += 1
        finally:
            testcapi.remove_mem_hooks()
        ladder.check_ladder()
    assert failures
    ladder.limit(1_000, 1, 500, 1)
    ladder.check_ladder()
