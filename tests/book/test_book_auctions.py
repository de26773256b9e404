"""Worked call auctions. Rule: the price that trades most, then leaves least, then is nearest the
reference (last trade, else the given one), then is higher.

Both sides go in order: market orders, price, displayed before hidden, time.
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
    SelfTrade,
    auction_trades,
    buy,
    cancels,
    fill,
    of_kind,
    sell,
    told,
    view,
)

MARKET = Kind.MARKET


@pytest.fixture
def call(new_book):
    """Makes a book in its opening auction."""

    def make(**rules):
        return new_book(phase=Phase.OPENING_AUCTION, **rules)

    return make


def indications(events):
    return of_kind(events, Event.INDICATIVE)


def test_a_worked_example_from_the_first_order_to_the_uncross(call):
    """
    price   buys at or above   sells at or below   volume   surplus
     102          200                 600            200      -400
     101          500                 600            500      -100
     100          700                 300            300      +400
      99          900                 100            100      +800
    """
    book = call()
    assert indications(fill(book, buy(1, 200, 102))) == []
    assert indications(fill(book, buy(2, 300, 101))) == []
    assert indications(fill(book, sell(3, 100, 99))) == [(102, 100, 100)]
    assert indications(fill(book, buy(4, 200, 100))) == []
    assert indications(fill(book, sell(5, 200, 100))) == [(101, 300, 200)]
    assert indications(fill(book, buy(6, 200, 99))) == []
    assert indications(fill(book, sell(7, 300, 101))) == [(101, 500, -100)]
    assert book.indicative() == (101, 500, -100)
    events = book.set_phase(Phase.CONTINUOUS)
    assert auction_trades(events) == [
        (1, 3, 101, 100),
        (1, 5, 101, 100),
        (2, 5, 101, 100),
        (2, 7, 101, 200),
    ]
    assert told(events)[-1] == "PHASE"
    assert view(book, BID) == [(100, 200, 1), (99, 200, 1)]
    assert view(book, ASK) == [(101, 100, 1)]
    assert book.last_price == 101


def test_first_the_most_volume(call):
    book = call(reference_price=110)
    fill(book, buy(1, 10, 110), buy(2, 20, 105), sell(3, 30, 104))
    # 110 and 105 cross; only at 105 and below do all 30 trade.
    assert book.indicative()[:2] == (105, 30)


def test_then_the_least_surplus(call):
    book = call(reference_price=101)
    fill(book, buy(1, 10, 102), sell(2, 10, 100), sell(3, 5, 101))
    # 10 trade at 100, 101 and 102; only at 100 nothing is left over.
    assert book.indicative() == (100, 10, 0)


@pytest.mark.parametrize(("reference", "price"), [(99, 100), (101, 100), (102, 104), (200, 104)])
def test_then_the_nearest_to_the_reference_and_of_two_the_higher(call, reference, price):
    book = call(reference_price=reference)
    fill(book, buy(1, 10, 104), sell(2, 10, 100))
    assert book.indicative() == (price, 10, 0)


def test_without_a_reference_the_higher(call):
    book = call()
    fill(book, buy(1, 10, 104), sell(2, 10, 100))
    assert book.indicative() == (104, 10, 0)


def test_the_last_trade_is_the_reference_once_there_is_one(new_book):
    book = new_book(reference_price=200)
    fill(book, buy(1, 1, 100), sell(2, 1, 100))
    book.set_phase(Phase.VOLATILITY_AUCTION)
    fill(book, buy(3, 10, 104), sell(4, 10, 100))
    assert book.indicative() == (100, 10, 0)


def test_market_orders_come_first_on_both_sides(call):
    book = call()
    fill(book, buy(1, 10, 105), buy(2, 5, kind=MARKET), sell(3, 8, 100), sell(4, 4, kind=MARKET))
    assert book.indicative() == (105, 12, 3)
    events = book.set_phase(Phase.CONTINUOUS)
    assert auction_trades(events) == [(2, 4, 105, 4), (2, 3, 105, 1), (1, 3, 105, 7)]
    assert view(book, BID) == [(105, 3, 1)]


def test_what_is_left_of_market_orders_is_cancelled(call):
    book = call()
    fill(book, buy(1, 10, kind=MARKET), sell(2, 4, 100))
    events = book.set_phase(Phase.CONTINUOUS)
    assert cancels(events) == [(1, 6, CancelReason.MARKET_REMAINDER)]


def test_market_orders_alone_trade_at_the_reference(call):
    book = call(reference_price=77)
    assert indications(fill(book, buy(1, 10, kind=MARKET), sell(2, 4, kind=MARKET))) == [(77, 4, 6)]
    assert auction_trades(book.set_phase(Phase.CONTINUOUS)) == [(1, 2, 77, 4)]


def test_market_orders_alone_without_a_reference_make_no_auction(call):
    book = call()
    assert indications(fill(book, buy(1, 10, kind=MARKET), sell(2, 4, kind=MARKET))) == []
    events = book.set_phase(Phase.CONTINUOUS)
    assert auction_trades(events) == []
    assert [order_id for order_id, *_ in cancels(events)] == [1, 2]


def test_displayed_goes_before_hidden_and_icebergs_with_all_they_have(call):
    book = call()
    fill(book, sell(1, 10, 100, hidden=True), sell(2, 30, 100, display=5), sell(3, 5, 100))
    fill(book, buy(9, 33, 100))
    assert book.indicative() == (100, 33, -12)
    events = book.set_phase(Phase.CONTINUOUS)
    assert auction_trades(events) == [(9, 2, 100, 30), (9, 3, 100, 3)]
    assert book.order(1).leaves == 10


def test_an_iceberg_that_traded_more_than_it_showed_starts_anew_at_the_back(call):
    book = call()
    fill(book, sell(1, 30, 100, display=5), sell(2, 5, 100), buy(9, 12, 100))
    events = book.set_phase(Phase.CONTINUOUS)
    assert told(events) == ["AUCTION_TRADED", "REFRESHED", "PHASE"]
    assert of_kind(events, Event.REFRESHED) == [(1, 5)]
    assert of_kind(book.submit(buy(10, 6, 100)), Event.TRADED)[0][1] == 2


def test_an_iceberg_that_traded_less_keeps_its_place(call):
    book = call()
    fill(book, sell(1, 30, 100, display=5), sell(2, 5, 100), buy(9, 3, 100))
    assert told(book.set_phase(Phase.CONTINUOUS)) == ["AUCTION_TRADED", "PHASE"]
    assert book.order(1).visible == 2
    assert of_kind(book.submit(buy(10, 6, 100)), Event.TRADED)[0][1] == 1


def test_self_trade_prevention_does_not_act_in_an_auction(call):
    book = call()
    fill(book, sell(1, 5, 100, account=7))
    fill(book, buy(2, 5, 100, account=7, self_trade=SelfTrade.CANCEL_BOTH))
    assert auction_trades(book.set_phase(Phase.CONTINUOUS)) == [(2, 1, 100, 5)]


def test_an_auction_that_no_longer_crosses_says_so(call):
    book = call()
    fill(book, buy(1, 5, 100), sell(2, 5, 100))
    assert indications(book.cancel(1)) == [(0, 0, 0)]
    assert book.indicative() is None
    assert told(book.set_phase(Phase.CONTINUOUS)) == ["PHASE"]


def test_a_surplus_is_told_though_price_and_volume_stay(call):
    book = call()
    fill(book, buy(1, 5, 100), sell(2, 5, 100))
    assert indications(fill(book, sell(3, 7, 100))) == [(100, 5, -7)]


def test_pre_open_publishes_nothing(new_book):
    book = new_book(phase=Phase.PRE_OPEN)
    assert indications(fill(book, buy(1, 5, 100), sell(2, 5, 100))) == []
    assert indications(book.set_phase(Phase.OPENING_AUCTION)) == [(100, 5, 0)]


def test_nothing_stays_crossed(call):
    book = call()
    for order_id, (make, price) in enumerate(
        [(buy, 103), (sell, 98), (buy, 101), (sell, 102), (buy, 99), (sell, 100)], 1
    ):
        fill(book, make(order_id, order_id * 3, price))
    book.set_phase(Phase.CONTINUOUS)
    book.check_invariants()
    assert view(book, BID)[0][0] < view(book, ASK)[0][0]
