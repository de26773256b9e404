"""Price-time priority as a trader would state it."""

from __future__ import annotations

import pytest

from meridian.book import (
    MAX_PRICE,
    MAX_QUANTITY,
    Accepted,
    BookSide,
    BookTif,
    Cancelled,
    CancelReason,
    Level,
    OrderBook,
    Reduced,
    RefusalCode,
    Refused,
    Replaced,
    Traded,
)

BID, ASK = BookSide.BID, BookSide.ASK
DAY, IOC, FOK = BookTif.DAY, BookTif.IOC, BookTif.FOK


@pytest.fixture
def book():
    """Asks 101 (order 1: 10, order 2: 20) and 102 (order 3: 30); bid 99 (order 4: 40)."""
    book = OrderBook()
    for order_id, side, quantity, price in (
        *((1, ASK, 10, 101), (2, ASK, 20, 101), (3, ASK, 30, 102), (4, BID, 40, 99)),
    ):
        assert book.submit(order_id, side, quantity, price, DAY) == [Accepted(order_id, quantity)]
    return book


def test_the_better_price_trades_first_then_the_earlier_order(book):
    events = book.submit(9, BID, 35, 102, DAY)
    assert events == [
        Accepted(9, 35),
        Traded(1, 9, 101, 10),
        Traded(2, 9, 101, 20),
        Traded(3, 9, 102, 5),
    ]
    assert book.depth(ASK) == [Level(102, 25, 1)]


def test_a_trade_is_at_the_resting_price_so_the_aggressor_is_improved(book):
    assert book.submit(9, ASK, 1, 50, DAY)[1] == Traded(4, 9, 99, 1)


def test_the_remainder_of_a_day_order_rests_at_its_limit(book):
    book.submit(9, BID, 50, 101, DAY)
    assert book.depth(BID) == [Level(101, 20, 1), Level(99, 40, 1)]
    assert book.best(ASK) == 102


def test_the_remainder_of_an_ioc_order_is_cancelled(book):
    events = book.submit(9, BID, 50, 101, IOC)
    assert events[-1] == Cancelled(9, 20, CancelReason.IOC_REMAINDER)
    assert book.best(BID) == 99


def test_an_fok_order_trades_whole_or_not_at_all(book):
    assert book.submit(8, BID, 61, 102, FOK) == [
        Accepted(8, 61),
        Cancelled(8, 61, CancelReason.FOK_UNFILLABLE),
    ]
    assert book.depth(ASK) == [Level(101, 30, 2), Level(102, 30, 1)]
    traded = [event for event in book.submit(9, BID, 60, 102, FOK) if isinstance(event, Traded)]
    assert sum(trade.quantity for trade in traded) == 60


def test_a_market_order_sweeps_every_level_and_never_rests(book):
    events = book.submit(9, BID, 100, None, DAY)
    assert sum(event.quantity for event in events if isinstance(event, Traded)) == 60
    assert events[-1] == Cancelled(9, 40, CancelReason.MARKET_REMAINDER)
    assert not book.depth(ASK)
    assert book.find(9) is None


def test_less_quantity_at_the_same_price_keeps_the_place_in_the_queue(book):
    assert book.replace(1, 5, 101) == [Replaced(1, 101, 5, 5, kept_priority=True)]
    assert book.submit(9, BID, 6, 101, IOC)[1:] == [Traded(1, 9, 101, 5), Traded(2, 9, 101, 1)]


@pytest.mark.parametrize(("quantity", "price"), [(11, 101), (10, 102)])
def test_more_quantity_or_another_price_goes_to_the_end_of_the_queue(book, quantity, price):
    assert book.replace(1, quantity, price)[0] == Replaced(1, price, quantity, quantity, False)
    last = list(book.queue(ASK))[-1 if price == 102 else 1]
    assert last.order_id == 1


def test_a_replace_counts_what_has_executed(book):
    book.submit(9, BID, 4, 101, IOC)
    assert book.replace(1, 3, 101) == [Refused(1, RefusalCode.BELOW_EXECUTED)]
    assert book.find(1).leaves == 6
    assert book.replace(1, 7, 101) == [Replaced(1, 101, 7, 3, kept_priority=True)]
    assert book.replace(1, 4, 101) == [Replaced(1, 101, 4, 0, kept_priority=False)]
    assert book.find(1) is None


def test_a_replace_may_trade_at_once(book):
    events = book.replace(4, 40, 101)
    assert events == [
        Replaced(4, 101, 40, 40, kept_priority=False),
        Traded(1, 4, 101, 10),
        Traded(2, 4, 101, 20),
    ]
    assert book.depth(BID) == [Level(101, 10, 1)]
    book.check_invariants()


def test_reducing_keeps_the_place_and_reducing_all_cancels(book):
    assert book.reduce(1, 4) == [Reduced(1, 6)]
    assert next(iter(book.queue(ASK))).order_id == 1
    assert book.reduce(1, 6) == [Cancelled(1, 6, CancelReason.REQUESTED)]
    assert book.best(ASK) == 101
    assert next(iter(book.queue(ASK))).order_id == 2


def test_a_cancelled_order_cannot_trade(book):
    assert book.cancel(1) == [Cancelled(1, 10, CancelReason.REQUESTED)]
    assert book.submit(9, BID, 1, 101, IOC)[1].resting_id == 2
    assert book.cancel(1) == [Refused(1, RefusalCode.UNKNOWN_ORDER)]


@pytest.mark.parametrize(
    ("quantity", "price", "code"),
    [
        (0, 100, RefusalCode.BAD_QUANTITY),
        (-5, 100, RefusalCode.BAD_QUANTITY),
        (MAX_QUANTITY + 1, 100, RefusalCode.BAD_QUANTITY),
        (5, 0, RefusalCode.BAD_PRICE),
        (5, -1, RefusalCode.BAD_PRICE),
        (5, MAX_PRICE + 1, RefusalCode.BAD_PRICE),
    ],
)
def test_numbers_out_of_range_are_refused_and_change_nothing(book, quantity, price, code):
    before = (book.depth(BID), book.depth(ASK))
    assert book.submit(9, BID, quantity, price, DAY) == [Refused(9, code)]
    assert book.replace(1, quantity, price) == [Refused(1, code)]
    assert (book.depth(BID), book.depth(ASK)) == before


def test_the_largest_numbers_are_taken():
    book = OrderBook()
    book.submit(1, ASK, MAX_QUANTITY, MAX_PRICE, DAY)
    assert book.submit(2, BID, MAX_QUANTITY, MAX_PRICE, FOK)[1:] == [
        Traded(1, 2, MAX_PRICE, MAX_QUANTITY)
    ]


def test_an_id_that_rests_cannot_be_used_again(book):
    assert book.submit(1, BID, 1, 1, DAY) == [Refused(1, RefusalCode.DUPLICATE_ID)]
    assert book.reduce(1, 0) == [Refused(1, RefusalCode.BAD_QUANTITY)]
    assert book.reduce(77, 1) == [Refused(77, RefusalCode.UNKNOWN_ORDER)]
    assert book.replace(77, 1, 1) == [Refused(77, RefusalCode.UNKNOWN_ORDER)]


def test_a_full_book_refuses_what_would_rest_but_still_trades():
    book = OrderBook(max_resting=2)
    book.submit(1, ASK, 1, 101, DAY)
    book.submit(2, ASK, 1, 102, DAY)
    assert book.submit(3, ASK, 1, 103, DAY) == [Refused(3, RefusalCode.BOOK_FULL)]
    assert book.submit(4, BID, 1, 101, IOC)[1] == Traded(1, 4, 101, 1)
    assert book.submit(5, ASK, 1, 103, DAY) == [Accepted(5, 1)]


def test_depth_is_cut_where_asked(book):
    assert book.depth(ASK, 1) == [Level(101, 30, 2)]
    assert book.depth(ASK, 0) == []
    assert len(book) == 4
