"""Rule: how an aggressor is shared among the displayed orders at one price.

FIFO by time; PRO_RATA by size, rounded down, and what rounding leaves by time; BROKER_TIME the
aggressor's broker first, then time. Hidden interest comes after, by time.
"""

from __future__ import annotations

from book_words import ASK, Allocation, Event, buy, fill, sell, told, trades, view

PRO_RATA, BROKER_TIME = Allocation.PRO_RATA, Allocation.BROKER_TIME


def shares(events):
    return [(resting, quantity) for resting, _, _, quantity in trades(events)]


def test_fifo_is_the_rule_unless_another_is_named(book):
    fill(book, sell(1, 10, 101), sell(2, 30, 101))
    assert shares(book.submit(buy(9, 20, 101))) == [(1, 10), (2, 10)]


def test_pro_rata_shares_by_size(new_book):
    book = new_book(allocation=PRO_RATA)
    fill(book, sell(1, 10, 101), sell(2, 30, 101), sell(3, 60, 101))
    assert shares(book.submit(buy(9, 50, 101))) == [(1, 5), (2, 15), (3, 30)]


def test_pro_rata_rounds_down_and_gives_the_rest_by_time(new_book):
    book = new_book(allocation=PRO_RATA)
    fill(book, sell(1, 10, 101), sell(2, 10, 101), sell(3, 10, 101))
    assert shares(book.submit(buy(9, 20, 101))) == [(1, 6), (2, 6), (3, 6), (1, 2)]
    assert view(book, ASK) == [(101, 10, 3)]


def test_pro_rata_passes_over_orders_too_small_for_a_share(new_book):
    book = new_book(allocation=PRO_RATA)
    fill(book, sell(1, 1, 101), sell(2, 99, 101))
    assert shares(book.submit(buy(9, 50, 101))) == [(2, 49), (1, 1)]


def test_pro_rata_is_at_each_price_of_its_own(new_book):
    book = new_book(allocation=PRO_RATA)
    fill(book, sell(1, 10, 101), sell(2, 10, 102), sell(3, 30, 102))
    assert shares(book.submit(buy(9, 30, 102))) == [(1, 10), (2, 5), (3, 15)]


def test_pro_rata_counts_what_an_iceberg_displays_then_goes_by_time(new_book):
    book = new_book(allocation=PRO_RATA)
    fill(book, sell(1, 40, 101, display=10), sell(2, 10, 101))
    # All displayed goes, and the next tranches are taken as they come.
    assert shares(book.submit(buy(9, 35, 101))) == [(1, 10), (2, 10), (1, 10), (1, 5)]


def test_pro_rata_leaves_hidden_interest_for_last(new_book):
    book = new_book(allocation=PRO_RATA)
    fill(book, sell(1, 90, 101, hidden=True), sell(2, 10, 101), sell(3, 10, 101))
    assert shares(book.submit(buy(9, 25, 101))) == [(2, 10), (3, 10), (1, 5)]


def test_broker_time_prefers_the_aggressors_broker(new_book):
    book = new_book(allocation=BROKER_TIME)
    fill(book, sell(1, 5, 101, broker=1), sell(2, 5, 101, broker=2), sell(3, 5, 101, broker=2))
    assert shares(book.submit(buy(9, 12, 101, broker=2))) == [(2, 5), (3, 5), (1, 2)]


def test_broker_time_never_puts_the_broker_before_the_price(new_book):
    book = new_book(allocation=BROKER_TIME)
    fill(book, sell(1, 5, 101, broker=1), sell(2, 5, 102, broker=2))
    assert shares(book.submit(buy(9, 6, 102, broker=2))) == [(1, 5), (2, 1)]


def test_broker_time_without_a_broker_is_time(new_book):
    book = new_book(allocation=BROKER_TIME)
    fill(book, sell(1, 5, 101, broker=1), sell(2, 5, 101))
    assert shares(book.submit(buy(9, 6, 101))) == [(1, 5), (2, 1)]


def test_broker_time_goes_through_the_brokers_iceberg_first(new_book):
    book = new_book(allocation=BROKER_TIME)
    fill(book, sell(1, 5, 101), sell(2, 12, 101, broker=2, display=5))
    events = book.submit(buy(9, 14, 101, broker=2))
    assert shares(events) == [(2, 5), (2, 5), (2, 2), (1, 2)]
    assert told(events).count(Event.REFRESHED.name) == 2


def test_brokers_hidden_interest_is_not_preferred(new_book):
    book = new_book(allocation=BROKER_TIME)
    fill(book, sell(1, 5, 101, broker=1), sell(2, 5, 101, broker=2, hidden=True))
    assert shares(book.submit(buy(9, 6, 101, broker=2))) == [(1, 5), (2, 1)]


def test_pro_rata_shares_are_whole_lots(new_book):
    book = new_book(allocation=PRO_RATA, lot=10)
    fill(book, sell(1, 30, 101), sell(2, 30, 101), sell(3, 30, 101))
    # A third of 50 is 16, of which one lot is whole; the rest goes by time.
    assert shares(book.submit(buy(9, 50, 101))) == [(1, 10), (2, 10), (3, 10), (1, 20)]
    assert view(book, ASK) == [(101, 40, 2)]
    assert all(book.order(order_id).leaves % 10 == 0 for order_id in (2, 3))
