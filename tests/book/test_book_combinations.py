"""Rules that meet in one order or one call. Each test names the rules whose order it settles."""

from __future__ import annotations

from random import Random

import pytest
from book_words import (
    ASK,
    BID,
    Allocation,
    CancelReason,
    Event,
    Kind,
    Peg,
    Phase,
    SelfTrade,
    Tif,
    auction_trades,
    buy,
    cancels,
    expired,
    fill,
    of_kind,
    sell,
    told,
    trades,
    view,
)

DECREMENT, OLDEST = SelfTrade.DECREMENT, SelfTrade.CANCEL_OLDEST
PEGGED, STOP = Kind.PEGGED, Kind.STOP


def test_a_least_quantity_counts_an_icebergs_reserve_and_not_ones_own(book):
    """Rules 4, 6 and 12."""
    fill(book, sell(1, 30, 101, display=5), sell(2, 10, 101, account=7))
    asked = {"account": 7, "self_trade": OLDEST, "tif": Tif.IOC}
    events = book.submit(buy(8, 40, 101, min_quantity=31, **asked))
    assert cancels(events) == [(8, 40, CancelReason.MIN_QUANTITY)]
    assert book.order(2).leaves == 10
    events = book.submit(buy(9, 40, 101, min_quantity=30, **asked))
    assert cancels(events) == [
        (2, 10, CancelReason.SELF_TRADE),
        (9, 10, CancelReason.IOC_REMAINDER),
    ]
    assert sum(quantity for *_, quantity in trades(events)) == 30


def test_decrement_takes_an_icebergs_reserve_before_its_tranche(book):
    """Rules 6 and 12."""
    fill(book, sell(1, 30, 101, display=10, account=7), sell(2, 5, 101))
    events = book.submit(buy(9, 25, 101, account=7, self_trade=DECREMENT))
    assert told(events) == ["ACCEPTED", "REDUCED", "CANCELLED"]
    assert of_kind(events, Event.REDUCED) == [(1, 5)]
    assert view(book, ASK) == [(101, 10, 2)]
    assert trades(book.submit(buy(10, 6, 101))) == [(1, 10, 101, 5), (2, 10, 101, 1)]


def test_decrement_of_a_hidden_order_leaves_the_aggressor_the_rest(book):
    """Rules 7 and 12."""
    fill(book, sell(1, 10, 101, hidden=True, account=7), sell(2, 10, 101, hidden=True))
    events = book.submit(buy(9, 25, 101, account=7, self_trade=DECREMENT))
    assert of_kind(events, Event.CANCELLED) == [(1, 10, CancelReason.SELF_TRADE)]
    assert of_kind(events, Event.REDUCED) == [(9, 15)]
    assert trades(events) == [(2, 9, 101, 10)]
    assert view(book, BID) == [(101, 5, 1)]


def test_post_only_that_meets_its_own_order_alone_takes_nothing(book):
    """Rules 5 and 12: what it may not trade with it does not take."""
    fill(book, sell(1, 10, 101, account=7))
    events = book.submit(buy(9, 5, 101, post_only=True, account=7, self_trade=OLDEST))
    assert told(events) == ["ACCEPTED", "CANCELLED"]
    assert view(book, BID) == [(101, 5, 1)]


def test_pegs_that_cross_trade_at_the_price_of_the_one_that_rests(book):
    """Rule 10."""
    fill(book, buy(1, 10, 100), sell(2, 10, 110))
    fill(book, buy(3, 5, kind=PEGGED, peg=Peg.PRIMARY, offset=6))
    events = fill(book, sell(4, 8, kind=PEGGED, peg=Peg.PRIMARY, offset=-5))
    assert events[0][3] == 105
    assert trades(events) == [(3, 4, 106, 5)]
    assert view(book, ASK) == [(105, 3, 1), (110, 10, 1)]


def test_midpoint_pegs_meet_where_they_overlap_and_not_in_an_odd_spread(book):
    """Rule 10: each is rounded away from the other."""
    fill(book, buy(1, 10, 100), sell(2, 10, 103))
    fill(book, buy(3, 5, kind=PEGGED, peg=Peg.MIDPOINT))
    events = fill(book, sell(4, 5, kind=PEGGED, peg=Peg.MIDPOINT))
    assert trades(events) == []
    # The spread is even now, and the first in order of entry moves first.
    events = book.submit(sell(5, 1, 102))
    assert of_kind(events, Event.REPRICED) == [(4, 101)]
    assert trades(events) == [(3, 4, 101, 5)]


def test_a_peg_that_takes_triggers_a_stop_that_moves_it_again(book):
    """Rules 8 and 10: stops go first, then pegs look again."""
    fill(book, sell(1, 5, 110), sell(2, 5, 112), buy(3, 5, 100))
    fill(book, buy(4, 3, kind=STOP, stop_price=110))
    events = book.submit(buy(5, 6, kind=PEGGED, peg=Peg.MARKET))
    # The peg took 5 at 110 and rests with 1; the stop takes at 112; the peg follows to 112.
    assert trades(events) == [(1, 5, 110, 5), (2, 4, 112, 3), (2, 5, 112, 1)]
    assert told(events)[:4] == ["ACCEPTED", "TRADED", "TRIGGERED", "TRADED"]
    assert book.order(5) is None


def test_a_cascade_of_stops_ends_when_the_book_is_empty(book):
    """Rule 8: each finds what the one before left, the last finds nothing."""
    fill(book, *[buy(price, 1, price) for price in (50, 49, 48)])
    fill(book, *[sell(100 + n, 1, kind=STOP, stop_price=50 - n) for n in range(4)])
    events = book.submit(sell(9, 1, 50))
    assert [order_id for order_id, _ in of_kind(events, Event.TRIGGERED)] == [100, 101, 102]
    assert trades(events) == [(50, 9, 50, 1), (49, 100, 49, 1), (48, 101, 48, 1)]
    assert cancels(events) == [(102, 1, CancelReason.MARKET_REMAINDER)]
    assert book.order(103).parked


def test_a_market_to_limit_order_keeps_its_least_quantity_to_its_price(book):
    """Rules 3 and 4: what is at other prices does not count."""
    fill(book, sell(1, 5, 101), sell(2, 5, 102))
    market_to_limit = {"kind": Kind.MARKET_TO_LIMIT, "min_quantity": 6}
    assert cancels(book.submit(buy(8, 10, **market_to_limit))) == [
        (8, 10, CancelReason.MIN_QUANTITY)
    ]
    assert told(book.submit(buy(9, 5, kind=Kind.MARKET_TO_LIMIT, tif=Tif.FOK)))[1] == "TRADED"


def test_an_iceberg_for_the_close_trades_whole_there_and_what_is_left_goes(book):
    """Rules 6, 15 and 17."""
    fill(book, sell(1, 50, 100, display=10, tif=Tif.CLS))
    assert view(book, ASK) == []
    book.set_phase(Phase.CLOSING_AUCTION)
    assert view(book, ASK) == [(100, 10, 1)]
    fill(book, buy(2, 35, 100))
    events = book.set_phase(Phase.TRADE_AT_LAST)
    assert auction_trades(events) == [(2, 1, 100, 35)]
    assert cancels(events) == [(1, 15, CancelReason.AUCTION_REMAINDER)]


def test_an_expired_order_is_in_no_auction(book):
    """Rules 15 and 17: time passes before the uncross that the same call brings."""
    book.set_phase(Phase.CLOSING_AUCTION)
    fill(book, buy(1, 5, 100, tif=Tif.GTD, expire_at=10), buy(2, 5, 100), sell(3, 5, 100))
    events = book.set_phase(Phase.CLOSED, now=10)
    assert expired(events)[0] == 1
    assert auction_trades(events) == [(2, 3, 100, 5)]


def test_a_stop_that_expires_while_it_waits_its_turn_does_not_enter(new_book):
    """Rules 8 and 15: triggered in an auction's uncross, over before trading resumes."""
    book = new_book(phase=Phase.OPENING_AUCTION)
    fill(book, sell(1, 5, kind=STOP, stop_price=100, tif=Tif.GTD, expire_at=50))
    fill(book, buy(2, 5, 99), sell(3, 5, 99), buy(4, 5, 98))
    book.set_phase(Phase.CLOSED, now=20)
    events = book.set_phase(Phase.CONTINUOUS, now=60)
    assert expired(events) == [1]
    assert not of_kind(events, Event.TRIGGERED)


@pytest.mark.parametrize("allocation", Allocation)
def test_all_or_none_comes_after_everybody_whatever_the_allocation(new_book, allocation):
    """Rules 11 and 13."""
    book = new_book(allocation=allocation)
    fill(book, sell(1, 10, 101, all_or_none=True, broker=3), sell(2, 5, 101), sell(3, 5, 101))
    events = book.submit(buy(9, 20, 101, broker=3))
    assert trades(events)[-1] == (1, 9, 101, 10)


def test_a_random_tranche_in_pro_rata_counts_what_it_shows(new_book):
    """Rules 6 and 13: everything that trades is whole lots, and adds up."""
    book = new_book(Random(3), allocation=Allocation.PRO_RATA, lot=5)
    fill(book, sell(1, 200, 101, display=20, refresh_range=15), sell(2, 100, 101))
    left = 300
    for order_id in range(10, 20):
        quantities = [quantity for *_, quantity in trades(book.submit(buy(order_id, 25, 101)))]
        assert sum(quantities) == 25
        assert not any(quantity % 5 for quantity in quantities)
        left -= 25
        assert sum(order.leaves for order in map(book.order, (1, 2)) if order) == left


def test_in_a_full_book_a_replace_and_a_triggered_stop_still_work(new_book):
    """They are in the book already, and need no new place."""
    book = new_book(max_orders=3)
    fill(book, buy(1, 5, 100), sell(2, 5, 110), sell(3, 2, 90, kind=Kind.STOP_LIMIT, stop_price=95))
    assert told(book.replace(1, 5, 95)) == ["REPLACED"]
    events = book.submit(sell(4, 1, 95, tif=Tif.IOC))
    assert told(events) == ["ACCEPTED", "TRADED", "TRIGGERED", "TRADED"]
