"""Rules: less quantity at the same price keeps the place; anything else loses it and may trade.

The quantity of a replace is the total, executed part included.
"""

from __future__ import annotations

import pytest
from book_words import (
    ASK,
    BID,
    CancelReason,
    Event,
    Kind,
    Phase,
    RefusalCode,
    Tif,
    buy,
    cancels,
    fill,
    of_kind,
    refusal,
    sell,
    trades,
    view,
)


@pytest.fixture
def asks(book):
    """Asks 101 (order 1: 10, order 2: 20) and 102 (order 3: 30); bid 99 (order 4: 40)."""
    fill(book, sell(1, 10, 101), sell(2, 20, 101), sell(3, 30, 102), buy(4, 40, 99))
    return book


def replaced(events):
    return of_kind(events, Event.REPLACED)


@pytest.mark.parametrize("quantity", [5, 10])
def test_less_or_the_same_at_the_same_price_keeps_the_place(asks, quantity):
    assert replaced(asks.replace(1, quantity, 101)) == [(1, 101, quantity, quantity, 1)]
    assert trades(asks.submit(buy(9, 1, 101))) == [(1, 9, 101, 1)]


@pytest.mark.parametrize(("quantity", "price"), [(11, 101), (10, 102)])
def test_more_or_another_price_goes_to_the_back(asks, quantity, price):
    assert replaced(asks.replace(1, quantity, price)) == [(1, price, quantity, quantity, 0)]
    events = asks.submit(buy(9, 100, price))
    at_price = [resting for resting, _, paid, _ in trades(events) if paid == price]
    assert at_price[-1] == 1


def test_the_total_counts_what_has_executed(asks):
    asks.submit(buy(9, 4, 101))
    assert refusal(asks.replace(1, 3, 101)) is RefusalCode.BELOW_EXECUTED
    assert asks.order(1).leaves == 6
    assert replaced(asks.replace(1, 7, 101)) == [(1, 101, 7, 3, 1)]


def test_a_total_equal_to_what_has_executed_completes_the_order(asks):
    asks.submit(buy(9, 4, 101))
    assert replaced(asks.replace(1, 4, 101)) == [(1, 101, 4, 0, 0)]
    assert asks.order(1) is None
    assert view(asks, ASK)[0] == (101, 20, 1)


def test_it_may_trade_and_what_is_left_rests(asks):
    events = asks.replace(4, 40, 101)
    assert trades(events) == [(1, 4, 101, 10), (2, 4, 101, 20)]
    assert view(asks, BID) == [(101, 10, 1)]


def test_an_iceberg_replaced_in_place_gives_up_its_reserve_first(book):
    fill(book, sell(1, 30, 101, display=10), sell(2, 5, 101))
    assert replaced(book.replace(1, 12, 101)) == [(1, 101, 12, 12, 1)]
    assert view(book, ASK) == [(101, 15, 2)]
    book.replace(1, 8, 101)
    assert view(book, ASK) == [(101, 13, 2)]


def test_an_iceberg_that_lost_its_place_shows_a_fresh_tranche(book):
    fill(book, sell(1, 30, 101, display=10))
    book.submit(buy(9, 7, 101))
    assert book.order(1).visible == 3
    book.replace(1, 30, 102)
    assert view(book, ASK) == [(102, 10, 1)]


def test_reducing_keeps_the_place_and_all_of_it_cancels(asks):
    assert asks.reduce(1, 4) == [(Event.REDUCED, 1, 6)]
    assert trades(asks.submit(buy(9, 1, 101))) == [(1, 9, 101, 1)]
    assert cancels(asks.reduce(1, 5)) == [(1, 5, CancelReason.REQUESTED)]


@pytest.mark.parametrize("by", [0, -3, 2**53 + 1])
def test_reducing_by_no_quantity_is_refused(asks, by):
    assert refusal(asks.reduce(1, by)) is RefusalCode.BAD_QUANTITY
    assert asks.order(1).leaves == 10


def test_unknown_orders_are_refused(asks):
    before = asks.state_hash()
    for events in (asks.cancel(77), asks.reduce(77, 1), asks.replace(77, 1, 1)):
        assert refusal(events) is RefusalCode.UNKNOWN_ORDER
    assert asks.state_hash() == before


@pytest.mark.parametrize("phase", [Phase.HALTED, Phase.CLOSED])
def test_a_halted_or_closed_book_takes_cancels_but_no_replaces(asks, phase):
    fill(asks, sell(5, 10, 103, tif=Tif.GTC))
    asks.set_phase(phase)
    assert refusal(asks.replace(5, 5, 103)) is RefusalCode.PHASE
    assert asks.reduce(5, 1) == [(Event.REDUCED, 5, 9)]
    assert cancels(asks.cancel(5)) == [(5, 9, CancelReason.REQUESTED)]


def test_mass_cancel_takes_what_matches_all_that_is_given(book):
    fill(
        book,
        buy(1, 1, 90, account=7, session=1),
        buy(2, 1, 91, account=7, session=2),
        sell(3, 1, 101, account=7, session=1),
        sell(4, 1, 102, account=8, session=1),
        buy(5, 1, kind=Kind.STOP, stop_price=200, account=7, session=1),
    )
    events = book.mass_cancel(side=BID, account=7, session=1)
    assert [order_id for order_id, *_ in cancels(events)] == [1, 5]
    assert [order_id for order_id, *_ in cancels(book.mass_cancel(session=1))] == [3, 4]
    assert [order_id for order_id, *_ in cancels(book.mass_cancel())] == [2]
    assert book.mass_cancel() == []
