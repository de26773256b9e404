"""Rule: all-or-none trades its whole quantity at once or waits aside, undisplayed, and tries again.

A waiting one is there for an aggressor that is large enough, after all others at its price.
"""

from __future__ import annotations

import pytest
from book_words import (
    ASK,
    BID,
    CancelReason,
    RefusalCode,
    SelfTrade,
    Tif,
    buy,
    cancels,
    fill,
    refusal,
    sell,
    told,
    trades,
    view,
)

AON = {"all_or_none": True}


def test_it_trades_whole_at_the_resting_prices(book):
    fill(book, sell(1, 10, 101), sell(2, 10, 102))
    assert trades(book.submit(buy(9, 15, 102, **AON))) == [(1, 9, 101, 10), (2, 9, 102, 5)]


def test_else_it_waits_undisplayed(book):
    fill(book, sell(1, 10, 101))
    events = book.submit(buy(9, 15, 102, **AON))
    assert told(events) == ["ACCEPTED", "PARKED"]
    assert not view(book, BID)
    assert view(book, ASK) == [(101, 10, 1)]


def test_it_may_wait_through_the_other_side_without_the_book_being_crossed(book):
    fill(book, sell(1, 10, 101), buy(9, 15, 102, **AON))
    book.check_invariants()
    assert book.best_displayed(ASK) == 101


def test_it_tries_again_after_each_command_as_an_aggressor(book):
    fill(book, sell(1, 10, 101), buy(9, 15, 102, **AON))
    events = book.submit(sell(2, 7, 102))
    assert told(events) == ["ACCEPTED", "TRADED", "TRADED"]
    assert trades(events) == [(1, 9, 101, 10), (2, 9, 102, 5)]


def test_a_large_aggressor_meets_it_after_all_others_at_the_price(book):
    fill(book, buy(1, 5, 100, **AON), buy(2, 5, 100), buy(3, 5, 100, hidden=True))
    events = book.submit(sell(9, 15, 100))
    assert [resting for resting, *_ in trades(events)] == [2, 3, 1]


def test_a_small_aggressor_passes_it_by(book):
    fill(book, buy(1, 5, 100, **AON), buy(2, 2, 99))
    assert trades(book.submit(sell(9, 4, 99))) == [(2, 9, 99, 2)]
    assert book.order(1).parked


def test_what_is_left_of_the_aggressor_decides(book):
    fill(book, buy(1, 5, 100, **AON), buy(2, 3, 100))
    events = book.submit(sell(9, 7, 100, tif=Tif.IOC))
    assert trades(events) == [(2, 9, 100, 3)]
    assert cancels(events) == [(9, 4, CancelReason.IOC_REMAINDER)]


def test_two_that_fit_each_other_trade(book):
    fill(book, buy(1, 5, 100, **AON))
    assert trades(book.submit(sell(2, 5, 99, **AON))) == [(1, 2, 100, 5)]


def test_waiting_ones_try_best_price_first_then_time(book):
    fill(book, buy(1, 5, 100, **AON), buy(2, 5, 101, **AON), buy(3, 5, 101, **AON))
    fill(book, sell(4, 4, 100))
    events = book.submit(sell(5, 1, 101))
    assert trades(events) == [(4, 2, 100, 4), (5, 2, 101, 1)]


def test_immediate_or_cancel_does_not_wait(book):
    fill(book, sell(1, 10, 101))
    events = book.submit(buy(9, 15, 102, tif=Tif.IOC, **AON))
    assert cancels(events) == [(9, 15, CancelReason.IOC_REMAINDER)]


def test_fill_or_kill_counts_it_where_it_fits(book):
    fill(book, sell(1, 10, 101, **AON), sell(2, 5, 101))
    assert cancels(book.submit(buy(8, 12, 101, tif=Tif.FOK)))
    assert trades(book.submit(buy(9, 15, 101, tif=Tif.FOK))) == [(2, 9, 101, 5), (1, 9, 101, 10)]


def test_less_quantity_may_be_enough_to_trade(book):
    fill(book, sell(1, 10, 101), buy(9, 15, 102, **AON))
    assert trades(book.replace(9, 10, 102)) == [(1, 9, 101, 10)]


def test_a_better_price_may_be_enough_to_trade(book):
    fill(book, sell(1, 10, 101), sell(2, 10, 103), buy(9, 15, 102, **AON))
    assert trades(book.replace(9, 15, 103)) == [(1, 9, 101, 10), (2, 9, 103, 5)]


def test_its_own_account_does_not_count(book):
    fill(book, sell(1, 10, 101, account=7))
    own = {"account": 7, "self_trade": SelfTrade.CANCEL_NEWEST}
    assert told(book.submit(buy(9, 10, 101, **own, **AON))) == ["ACCEPTED", "PARKED"]


@pytest.mark.parametrize(
    "asked", [{"display": 5}, {"hidden": True}, {"min_quantity": 5}, {"post_only": True}]
)
def test_it_goes_with_no_other_instruction(book, asked):
    assert refusal(book.submit(buy(9, 10, 101, **asked, **AON))) is RefusalCode.BAD_INSTRUCTION
