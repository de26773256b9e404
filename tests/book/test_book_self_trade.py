"""Rule: an aggressor may refuse to trade with its own account (equal, not 0), in four ways."""

from __future__ import annotations

import pytest
from book_words import (
    ASK,
    BID,
    Allocation,
    CancelReason,
    Event,
    SelfTrade,
    Tif,
    buy,
    cancels,
    fill,
    of_kind,
    sell,
    told,
    trades,
    view,
)

OWN = CancelReason.SELF_TRADE


@pytest.fixture
def asks(book):
    """Asks at 101: order 1 (5, account 8), order 2 (5, account 7), order 3 (5, account 8)."""
    fill(book, sell(1, 5, 101, account=8), sell(2, 5, 101, account=7), sell(3, 5, 101, account=8))
    return book


def test_allowed_unless_asked_otherwise(asks):
    assert len(trades(asks.submit(buy(9, 15, 101, account=7)))) == 3


def test_cancel_newest_ends_the_aggressor_where_it_meets_its_own(asks):
    events = asks.submit(buy(9, 15, 101, account=7, self_trade=SelfTrade.CANCEL_NEWEST))
    assert trades(events) == [(1, 9, 101, 5)]
    assert cancels(events) == [(9, 10, OWN)]
    assert view(asks, ASK) == [(101, 10, 2)]


def test_cancel_oldest_takes_the_resting_one_out_and_goes_on(asks):
    events = asks.submit(buy(9, 15, 101, account=7, self_trade=SelfTrade.CANCEL_OLDEST))
    assert told(events) == ["ACCEPTED", "TRADED", "CANCELLED", "TRADED"]
    assert cancels(events) == [(2, 5, OWN)]
    assert view(asks, BID) == [(101, 5, 1)]


def test_cancel_both(asks):
    events = asks.submit(buy(9, 15, 101, account=7, self_trade=SelfTrade.CANCEL_BOTH))
    assert cancels(events) == [(2, 5, OWN), (9, 10, OWN)]
    assert view(asks, ASK) == [(101, 5, 1)]


def test_decrement_takes_the_smaller_quantity_off_both(asks):
    events = asks.submit(buy(9, 15, 101, account=7, self_trade=SelfTrade.DECREMENT))
    assert cancels(events) == [(2, 5, OWN)]
    assert of_kind(events, Event.REDUCED) == [(9, 5)]
    assert trades(events) == [(1, 9, 101, 5), (3, 9, 101, 5)]
    assert not view(asks, BID)


def test_decrement_of_a_larger_resting_order_leaves_it_its_place(book):
    fill(book, sell(1, 30, 101, account=7, display=10), sell(2, 5, 101))
    events = book.submit(buy(9, 12, 101, account=7, self_trade=SelfTrade.DECREMENT))
    assert of_kind(events, Event.REDUCED) == [(1, 18)]
    assert cancels(events) == [(9, 12, OWN)]
    assert book.order(1).visible == 10
    assert trades(book.submit(buy(10, 1, 101))) == [(1, 10, 101, 1)]


def test_decrement_of_equals_ends_both(book):
    fill(book, sell(1, 5, 101, account=7))
    events = book.submit(buy(9, 5, 101, account=7, self_trade=SelfTrade.DECREMENT))
    assert cancels(events) == [(1, 5, OWN), (9, 5, OWN)]
    assert not trades(events)


def test_nobody_is_account_0(book):
    fill(book, sell(1, 5, 101))
    assert trades(book.submit(buy(9, 5, 101, self_trade=SelfTrade.CANCEL_BOTH)))


def test_the_aggressors_wish_counts_not_the_resting_orders(book):
    fill(book, sell(1, 5, 101, account=7, self_trade=SelfTrade.CANCEL_BOTH))
    assert trades(book.submit(buy(9, 5, 101, account=7)))


def test_it_acts_when_a_replace_makes_the_order_an_aggressor(asks):
    fill(asks, buy(9, 15, 100, account=7, self_trade=SelfTrade.CANCEL_NEWEST))
    events = asks.replace(9, 15, 101)
    assert trades(events) == [(1, 9, 101, 5)]
    assert cancels(events) == [(9, 10, OWN)]


def test_pro_rata_meets_its_own_in_its_turn(new_book):
    book = new_book(allocation=Allocation.PRO_RATA)
    fill(book, sell(1, 10, 101), sell(2, 10, 101, account=7), sell(3, 20, 101))
    events = book.submit(buy(9, 20, 101, account=7, self_trade=SelfTrade.CANCEL_OLDEST))
    # Shares of 40 displayed: 5, (own 5), 10; then the 5 that are left go by time.
    assert trades(events) == [(1, 9, 101, 5), (3, 9, 101, 10), (1, 9, 101, 5)]
    assert cancels(events) == [(2, 10, OWN)]


@pytest.mark.parametrize(
    "mode", [SelfTrade.CANCEL_NEWEST, SelfTrade.CANCEL_BOTH, SelfTrade.DECREMENT]
)
def test_what_stands_behind_its_own_order_is_out_of_reach_at_once(asks, mode):
    asked = {"account": 7, "self_trade": mode}
    events = asks.submit(buy(8, 6, 101, tif=Tif.FOK, **asked))
    assert told(events) == ["ACCEPTED", "CANCELLED"]
    events = asks.submit(buy(9, 10, 101, min_quantity=6, **asked))
    assert cancels(events) == [(9, 10, CancelReason.MIN_QUANTITY)]
    assert told(asks.submit(buy(10, 6, 101, all_or_none=True, **asked)))[-1] == "PARKED"
    assert trades(asks.submit(buy(11, 5, 101, tif=Tif.FOK, **asked))) == [(1, 11, 101, 5)]
