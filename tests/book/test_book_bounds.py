"""What a book remembers stays in proportion to what lives in it."""

from __future__ import annotations

import pytest

from meridian.book import BookRules, BookSide, Kind, NewOrder, OrderBook, Phase, Tif, named
from meridian.book.expiry import MOST_STALE

BID, ASK = BookSide.BID, BookSide.ASK


def test_expiry_times_of_cancelled_orders_do_not_pile_up():
    book = OrderBook()
    for order_id in range(1, 20 * MOST_STALE):
        order = NewOrder(
            order_id=order_id, side=BID, quantity=1, price=5, tif=Tif.GTD, expire_at=10**18
        )
        book.submit(order)
        book.cancel(order_id)
    assert len(book._engine.expiry) <= MOST_STALE + 2
    assert book.live == 0


def test_trades_outside_continuous_trading_leave_stops_nothing_to_remember():
    book = OrderBook()
    book.limit(1, ASK, 100, 1)
    book.limit(2, BID, 100, 1)
    book.submit(NewOrder(order_id=3, side=BID, quantity=1, kind=Kind.STOP, stop_price=200))
    book.set_phase(Phase.TRADE_AT_LAST)
    for order_id in range(10, 200, 2):
        book.limit(order_id, ASK, 100, 1)
        assert len(book.limit(order_id + 1, BID, 100, 1)) == 2
    for order_id in range(200, 230, 2):
        book.set_phase(Phase.CLOSING_AUCTION)
        book.limit(order_id, ASK, order_id % 90 + 50, 1)
        book.limit(order_id + 1, BID, order_id % 90 + 50, 1)
        assert len(book.set_phase(Phase.TRADE_AT_LAST)) == 2
        assert not book._engine.core.notes


def test_a_book_with_nothing_but_plain_orders_stays_on_the_fast_path():
    book = OrderBook()
    book.submit(NewOrder(order_id=1, side=BID, quantity=5, price=10, display=2))
    assert book.plain
    book.submit(NewOrder(order_id=2, side=BID, quantity=5, kind=Kind.STOP, stop_price=20))
    assert not book.plain
    book.cancel(2)
    assert book.plain


@pytest.mark.parametrize(
    ("rule", "value"),
    [
        ("tick_table", ()),
        ("tick_table", ((2, 1),)),
        ("tick_table", ((1, 1), (1, 2))),
        ("tick_table", ((1, 0),)),
        ("lot", 0),
        ("min_quantity", 0),
        ("max_quantity", 2**53 + 1),
        ("band_low", 0),
        ("band_high", 2**53 + 1),
        ("collar", -1),
        ("reference_price", 0),
        ("max_orders", 0),
    ],
)
def test_rules_that_make_no_sense_are_refused_by_name(rule, value):
    with pytest.raises(ValueError, match=rule):
        BookRules(**{rule: value})


def test_no_event_has_no_name():
    with pytest.raises(KeyError):
        named((99, 1))
