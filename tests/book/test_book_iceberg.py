"""Rules: an iceberg shows a tranche; the next one joins the back. Hidden orders show nothing."""

from __future__ import annotations

from random import Random

from book_words import (
    ASK,
    BID,
    Event,
    RefusalCode,
    Tif,
    buy,
    fill,
    of_kind,
    refusal,
    sell,
    told,
    trades,
    view,
)

from meridian.book.codes import MAX_TRANCHES


def test_an_iceberg_displays_one_tranche(book):
    fill(book, sell(1, 35, 101, display=10))
    assert view(book, ASK) == [(101, 10, 1)]
    assert book.order(1).visible == 10


def test_the_next_tranche_joins_the_back_of_the_queue(book):
    fill(book, sell(1, 35, 101, display=10), sell(2, 10, 101))
    events = book.submit(buy(9, 25, 101))
    assert trades(events) == [(1, 9, 101, 10), (2, 9, 101, 10), (1, 9, 101, 5)]
    assert told(events) == ["ACCEPTED", "TRADED", "REFRESHED", "TRADED", "TRADED"]
    assert of_kind(events, Event.REFRESHED) == [(1, 10)]
    assert view(book, ASK) == [(101, 5, 1)]


def test_a_tranche_that_is_not_used_up_keeps_its_place(book):
    fill(book, sell(1, 35, 101, display=10), sell(2, 10, 101))
    book.submit(buy(8, 9, 101))
    assert trades(book.submit(buy(9, 2, 101))) == [(1, 9, 101, 1), (2, 9, 101, 1)]


def test_the_last_tranche_is_what_is_left(book):
    fill(book, sell(1, 12, 101, display=10))
    book.submit(buy(9, 10, 101))
    assert view(book, ASK) == [(101, 2, 1)]


def test_a_sweep_goes_through_the_whole_reserve(book):
    fill(book, sell(1, 25, 101, display=10), sell(2, 10, 102))
    events = book.submit(buy(9, 30, 102))
    assert trades(events) == [(1, 9, 101, 10), (1, 9, 101, 10), (1, 9, 101, 5), (2, 9, 102, 5)]


def test_the_whole_iceberg_takes_when_it_is_the_aggressor(book):
    fill(book, sell(1, 30, 101))
    events = book.submit(buy(9, 45, 101, display=10))
    assert trades(events) == [(1, 9, 101, 30)]
    assert view(book, BID) == [(101, 10, 1)]
    assert book.order(9).leaves == 15


def test_refreshed_tranches_stay_before_hidden_interest(book):
    fill(book, sell(1, 20, 101, display=5), sell(2, 5, 101, hidden=True))
    events = book.submit(buy(9, 21, 101))
    assert [resting for resting, *_ in trades(events)] == [1, 1, 1, 1, 2]


def test_random_tranches_stay_within_their_range_and_repeat_with_the_dice(new_book):
    played = []
    for _ in range(2):
        book = new_book(Random(5))
        fill(book, sell(1, 200, 101, display=10, refresh_range=4))
        events = [event for n in range(60) for event in book.submit(buy(n + 2, 2, 101))]
        played.append(events)
        sizes = [size for _, size in of_kind(events, Event.REFRESHED)]
        assert len(sizes) > 5
        assert set(sizes) <= set(range(6, 15))
        assert len(set(sizes)) > 2
    assert played[0] == played[1]


def test_random_tranches_are_whole_lots(new_book):
    book = new_book(Random(5), lot=10)
    fill(book, sell(1, 2_000, 101, display=50, refresh_range=30))
    events = [event for n in range(60) for event in book.submit(buy(n + 2, 30, 101))]
    sizes = {size for _, size in of_kind(events, Event.REFRESHED)}
    assert len(sizes) > 2
    assert sizes <= {20, 30, 40, 50, 60, 70, 80}
    assert refusal(book.submit(sell(99, 200, 101, display=50, refresh_range=15))) is (
        RefusalCode.BAD_LOT
    )


def test_a_random_tranche_is_a_lot_at_least(new_book):
    book = new_book(Random(5), lot=10)
    fill(book, sell(1, 10 * MAX_TRANCHES, 101, display=20, refresh_range=20))
    assert book.order(1).visible == 20
    events = [event for n in range(40) for event in book.submit(buy(n + 2, 20, 101))]
    assert {size for _, size in of_kind(events, Event.REFRESHED)} == {10, 20, 30, 40}


def test_hidden_orders_appear_in_no_depth_but_trade(book):
    fill(book, sell(1, 10, 101, hidden=True), sell(2, 5, 102))
    assert view(book, ASK) == [(102, 5, 1)]
    assert book.best_displayed(ASK) == 102
    assert trades(book.submit(buy(9, 4, 101, tif=Tif.IOC))) == [(1, 9, 101, 4)]
    assert book.order(1).leaves == 6


def test_reducing_an_iceberg_takes_the_reserve_first(book):
    fill(book, sell(1, 30, 101, display=10), sell(2, 5, 101))
    assert book.reduce(1, 15) == [(Event.REDUCED, 1, 15)]
    assert book.order(1).visible == 10
    book.reduce(1, 7)
    assert book.order(1).visible == 8
    assert trades(book.submit(buy(9, 9, 101))) == [(1, 9, 101, 8), (2, 9, 101, 1)]


def test_an_iceberg_comes_in_a_bounded_number_of_tranches(new_book):
    """One aggressor must not make more events of an iceberg than anybody could take in."""
    book = new_book(Random(1))
    most = MAX_TRANCHES * 3
    for too_fine in (
        sell(9, most + 1, 101, display=3),
        sell(9, most + 1, 101, display=5, refresh_range=2),
        sell(9, MAX_TRANCHES + 1, 101, display=2, refresh_range=2),
        sell(9, 2**53, 101, display=1),
    ):
        assert refusal(book.submit(too_fine)) is RefusalCode.BAD_INSTRUCTION
    fill(book, sell(1, most, 101, display=3))
    assert refusal(book.replace(1, most + 1, 101)) is RefusalCode.BAD_INSTRUCTION
    assert book.order(1).quantity == most
    events = book.submit(buy(2, most, 101))
    assert len(trades(events)) == MAX_TRANCHES
    assert book.order(1) is None
