"""Rule: the better price trades first; at a price displayed before hidden; then the earlier order.

A trade is at the resting order's price.
"""

from __future__ import annotations

from book_words import (
    ASK,
    BID,
    Event,
    Kind,
    RefusalCode,
    Tif,
    buy,
    fill,
    of_kind,
    refusal,
    sell,
    trades,
    view,
)


def asks(book):
    """Asks 101 (order 1: 10, order 2: 20) and 102 (order 3: 30); bid 99 (order 4: 40)."""
    fill(book, sell(1, 10, 101), sell(2, 20, 101), sell(3, 30, 102), buy(4, 40, 99))
    return book


def test_the_better_price_trades_first_then_the_earlier_order(book):
    events = asks(book).submit(buy(9, 35, 102))
    assert trades(events) == [(1, 9, 101, 10), (2, 9, 101, 20), (3, 9, 102, 5)]
    assert view(book, ASK) == [(102, 25, 1)]


def test_a_trade_is_at_the_resting_price_so_the_aggressor_is_improved(book):
    assert trades(asks(book).submit(sell(9, 1, 50))) == [(4, 9, 99, 1)]


def test_the_remainder_rests_at_its_own_limit(book):
    asks(book).submit(buy(9, 50, 101))
    assert view(book, BID) == [(101, 20, 1), (99, 40, 1)]


def test_displayed_trades_before_hidden_however_early_the_hidden_came(book):
    fill(book, sell(1, 5, 101, hidden=True), sell(2, 5, 101))
    assert trades(book.submit(buy(9, 7, 101))) == [(2, 9, 101, 5), (1, 9, 101, 2)]


def test_a_better_hidden_price_trades_before_a_displayed_worse_one(book):
    fill(book, sell(1, 5, 102), sell(2, 5, 101, hidden=True))
    assert trades(book.submit(buy(9, 6, 102))) == [(2, 9, 101, 5), (1, 9, 102, 1)]


def test_acceptance_says_all_that_market_data_needs(book):
    events = book.submit(sell(1, 30, 101, display=10))
    assert events == [(Event.ACCEPTED, 1, ASK, 101, 30, 10, 2)]


def test_trade_ids_count_from_one(book):
    asks(book)
    first = of_kind(book.submit(buy(8, 15, 101)), Event.TRADED)
    second = of_kind(book.submit(buy(9, 1, 101)), Event.TRADED)
    assert [event[0] for event in first + second] == [1, 2, 3]


def test_a_cancelled_order_cannot_trade_and_cannot_be_cancelled_again(book):
    asks(book)
    assert book.cancel(1) == [(Event.CANCELLED, 1, 10, 1)]
    assert trades(book.submit(buy(9, 1, 101))) == [(2, 9, 101, 1)]
    assert refusal(book.cancel(1)) is RefusalCode.UNKNOWN_ORDER


def test_an_id_is_free_again_when_its_order_is_done(book):
    asks(book)
    assert refusal(book.submit(buy(1, 1, 50))) is RefusalCode.DUPLICATE_ID
    book.cancel(1)
    assert fill(book, buy(1, 1, 50))


def test_the_hot_path_says_the_same_as_a_full_order(new_book):
    hot, full = new_book(), new_book()
    for order in (sell(1, 10, 101), sell(2, 20, 101), buy(3, 15, 101), buy(4, 5, 100)):
        said = hot.limit(order.order_id, order.side, order.price, order.quantity)
        assert said == full.submit(order)
    assert hot.market(5, ASK, 7) == full.submit(sell(5, 7, kind=Kind.MARKET, tif=Tif.IOC))
    assert hot.state_hash() == full.state_hash()
