"""Rules: market takes until the other side is empty; market to limit stops at the best price.

IOC cancels what did not trade at once; FOK is whole at once or nothing; a least quantity at once;
post only never takes.
"""

from __future__ import annotations

import pytest
from book_words import (
    ASK,
    BID,
    CancelReason,
    Event,
    Kind,
    RefusalCode,
    SelfTrade,
    Tif,
    buy,
    cancels,
    fill,
    of_kind,
    refusal,
    sell,
    told,
    trades,
    view,
)


@pytest.fixture
def asks(book):
    """Asks 101 (order 1: 10, order 2: 20) and 102 (order 3: 30)."""
    fill(book, sell(1, 10, 101), sell(2, 20, 101), sell(3, 30, 102))
    return book


def test_a_market_order_sweeps_every_level_and_never_rests(asks):
    events = asks.submit(buy(9, 100, kind=Kind.MARKET))
    assert sum(quantity for *_, quantity in trades(events)) == 60
    assert cancels(events) == [(9, 40, CancelReason.MARKET_REMAINDER)]
    assert not view(asks, ASK)
    assert asks.order(9) is None


def test_a_market_order_meets_hidden_interest(book):
    fill(book, sell(1, 5, 101, hidden=True))
    assert trades(book.submit(buy(9, 5, kind=Kind.MARKET))) == [(1, 9, 101, 5)]


def test_a_market_order_in_an_empty_book_is_cancelled(book):
    events = book.market(9, BID, 5)
    assert told(events) == ["ACCEPTED", "CANCELLED"]
    assert cancels(events) == [(9, 5, CancelReason.MARKET_REMAINDER)]


def test_market_to_limit_takes_the_best_price_and_rests_there(asks):
    events = asks.submit(buy(9, 40, kind=Kind.MARKET_TO_LIMIT))
    assert events[0][3] == 101
    assert trades(events) == [(1, 9, 101, 10), (2, 9, 101, 20)]
    assert view(asks, BID) == [(101, 10, 1)]
    assert view(asks, ASK) == [(102, 30, 1)]
    assert asks.order(9).kind is Kind.LIMIT


def test_market_to_limit_without_another_side_is_cancelled(book):
    events = book.submit(buy(9, 40, kind=Kind.MARKET_TO_LIMIT))
    assert cancels(events) == [(9, 40, CancelReason.NO_LIQUIDITY)]


def test_ioc_cancels_what_did_not_trade_at_once(asks):
    events = asks.submit(buy(9, 50, 101, tif=Tif.IOC))
    assert cancels(events) == [(9, 20, CancelReason.IOC_REMAINDER)]
    assert not view(asks, BID)


def test_fok_trades_whole_or_not_at_all(asks):
    events = asks.submit(buy(8, 61, 102, tif=Tif.FOK))
    assert told(events) == ["ACCEPTED", "CANCELLED"]
    assert cancels(events) == [(8, 61, CancelReason.FOK_UNFILLABLE)]
    assert view(asks, ASK) == [(101, 30, 2), (102, 30, 1)]
    assert sum(q for *_, q in trades(asks.submit(buy(9, 60, 102, tif=Tif.FOK)))) == 60


def test_fok_counts_reserves_and_hidden_interest_within_its_limit(book):
    fill(book, sell(1, 30, 101, display=5), sell(2, 10, 101, hidden=True), sell(3, 5, 102))
    assert cancels(book.submit(buy(8, 41, 101, tif=Tif.FOK)))
    assert not cancels(book.submit(buy(9, 40, 101, tif=Tif.FOK)))


def test_fok_does_not_count_its_own_account(book):
    fill(book, sell(1, 5, 101), sell(2, 5, 101, account=7), sell(3, 5, 101))
    fok = {"account": 7, "tif": Tif.FOK}
    oldest, newest = SelfTrade.CANCEL_OLDEST, SelfTrade.CANCEL_NEWEST
    assert not trades(book.submit(buy(6, 11, 101, self_trade=oldest, **fok)))
    # Its own order would end it, so what stands behind that is out of reach.
    assert not trades(book.submit(buy(7, 10, 101, self_trade=newest, **fok)))
    events = book.submit(buy(8, 10, 101, self_trade=oldest, **fok))
    assert trades(events) == [(1, 8, 101, 5), (3, 8, 101, 5)]
    assert cancels(events) == [(2, 5, CancelReason.SELF_TRADE)]


def test_a_market_order_may_be_fok(asks):
    events = asks.submit(buy(9, 61, kind=Kind.MARKET, tif=Tif.FOK))
    assert cancels(events) == [(9, 61, CancelReason.FOK_UNFILLABLE)]


def test_a_least_quantity_must_trade_at_once_and_the_rest_rests(asks):
    events = asks.submit(buy(8, 50, 101, min_quantity=31))
    assert told(events) == ["ACCEPTED", "CANCELLED"]
    assert cancels(events) == [(8, 50, CancelReason.MIN_QUANTITY)]
    events = asks.submit(buy(9, 50, 101, min_quantity=30))
    assert sum(quantity for *_, quantity in trades(events)) == 30
    assert view(asks, BID) == [(101, 20, 1)]


def test_a_least_quantity_counts_at_entry_only(asks):
    fill(asks, buy(9, 50, 101, min_quantity=30))
    assert trades(asks.submit(sell(10, 1, 101))) == [(9, 10, 101, 1)]


@pytest.mark.parametrize("hidden", [False, True])
def test_post_only_is_refused_where_it_would_take_even_hidden_interest(book, hidden):
    fill(book, sell(1, 5, 101, hidden=hidden))
    assert refusal(book.submit(buy(9, 5, 101, post_only=True))) is RefusalCode.WOULD_TAKE
    assert book.order(9) is None
    fill(book, buy(9, 5, 100, post_only=True))
    assert view(book, BID) == [(100, 5, 1)]


def test_a_post_only_order_is_not_replaced_into_a_trade(book):
    fill(book, sell(1, 5, 101), buy(2, 5, 100, post_only=True))
    before = book.state_hash()
    assert refusal(book.replace(2, 5, 101)) is RefusalCode.WOULD_TAKE
    assert refusal(book.replace(2, 8, 105)) is RefusalCode.WOULD_TAKE
    assert book.state_hash() == before
    assert told(book.replace(2, 3, 100)) == ["REPLACED"]
    assert told(book.replace(2, 8, 99)) == ["REPLACED"]
    assert view(book, BID) == [(99, 8, 1)]


def test_post_only_does_not_take_what_it_cannot_trade_with(book):
    fill(book, sell(1, 10, 101, all_or_none=True))
    events = book.submit(buy(9, 5, 101, post_only=True))
    assert told(events) == ["ACCEPTED"]
    assert of_kind(events, Event.ACCEPTED)[0][-1] == 8
