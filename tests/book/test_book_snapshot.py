"""Keeping a book: what comes back is the book that was kept."""

from __future__ import annotations

import pickle
from random import Random

import pytest
from book_makers import makers
from random_play import Play, Player, any_rules

from meridian.book import BookSide, Event, Kind, NewOrder, OrderBook, PureOrderBook

BID, ASK = BookSide.BID, BookSide.ASK


def played(seed, calls=150):
    """Books after the same random calls over every feature, and all that was said."""
    dice = Random(seed)
    play = Play(any_rules(dice), seed, level_events=True)
    table = play.table({"reference": makers()["reference"], "book": OrderBook})
    player = Player(dice, play.rules)
    said = []
    for _ in range(calls):
        call = player.call(table.reference)
        table.answer("reference", call)
        said.append(table.answer("book", call))
    return table.books["book"], said


@pytest.mark.parametrize("seed", range(6))
def test_a_pickled_book_has_the_same_state(seed):
    book, _ = played(seed)
    copy = pickle.loads(pickle.dumps(book))
    assert type(copy) is OrderBook
    assert copy.state_hash() == book.state_hash()
    assert copy.snapshot() == book.snapshot()


@pytest.mark.parametrize("seed", range(6))
def test_a_book_moves_to_another_ladder(seed):
    book, _ = played(seed)
    copy = PureOrderBook.restore(book.snapshot())
    assert copy.state_hash() == book.state_hash()
    copy.check_invariants()


def test_a_restored_book_remembers_tranches_stops_and_busts():
    book = OrderBook()
    book.submit(NewOrder(order_id=1, side=ASK, quantity=30, price=101, display=10))
    book.limit(2, BID, 101, 4)
    book.submit(
        NewOrder(order_id=3, side=BID, quantity=5, kind=Kind.STOP_LIMIT, stop_price=102, price=103)
    )
    book.bust(1)
    copy = OrderBook.restore(book.snapshot())
    assert copy.depth(ASK) == [(101, 6, 1)]
    assert copy.bust(1) == book.bust(1)
    copy.limit(4, ASK, 102, 1)
    copy.limit(5, ASK, 103, 9)
    events = copy.limit(6, BID, 102, 27)
    assert (Event.TRIGGERED, 3, 102) in events
    assert events[-1][2:] == (5, 3, 103, 5)


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b"\xff", b'{"version":0}', b'{"version":1}'])
def test_what_is_no_book_is_refused(data):
    with pytest.raises(ValueError, match="book state"):
        OrderBook.restore(data)


def test_the_same_seed_gives_the_same_events():
    assert played(8)[1] == played(8)[1]
