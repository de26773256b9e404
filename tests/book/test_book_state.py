"""Rules: equal books have equal hashes; a snapshot is the whole state; levels tell what changed.

A batch of commands is the same as the commands one by one.
"""

from __future__ import annotations

import pickle
from array import array
from random import Random

import pytest
from book_makers import makers
from book_words import (
    ASK,
    BID,
    BookRules,
    Event,
    Kind,
    Peg,
    Phase,
    RefusalCode,
    SelfTrade,
    Tif,
    buy,
    fill,
    of_kind,
    sell,
    told,
)
from random_play import Play, Player, Style, any_rules

from meridian.book.codes import ROW_WIDTH, Op

ENGINES = [name for name in makers() if name != "reference"]


def levels(events):
    return of_kind(events, Event.LEVEL)


# Hash -----------------------------------------------------------------------------------------


def test_equal_histories_have_equal_hashes_and_each_change_another(new_book):
    one, other = new_book(), new_book()
    seen = set()
    for order in (
        buy(1, 10, 100),
        sell(2, 5, 100),
        sell(3, 5, kind=Kind.STOP, stop_price=90),
        buy(4, 5, kind=Kind.PEGGED, peg=Peg.PRIMARY),
        buy(5, 20, 99, display=5),
        buy(6, 20, 99, all_or_none=True),
    ):
        one.submit(order)
        other.submit(order)
        assert one.state_hash() == other.state_hash()
        seen.add(one.state_hash())
    assert len(seen) == 6


def test_the_hash_knows_who_comes_first(new_book):
    one, other = new_book(), new_book()
    fill(one, buy(1, 5, 100), buy(2, 5, 100))
    fill(other, buy(2, 5, 100), buy(1, 5, 100))
    assert one.state_hash() != other.state_hash()


PEGGED, TRAILING = Kind.PEGGED, Kind.TRAILING_STOP


@pytest.mark.parametrize(
    ("order", "other"),
    [
        (buy(9, 5, 90, display=2), buy(9, 5, 90)),
        (buy(9, 5, 90, display=2, refresh_range=1), buy(9, 5, 90, display=2)),
        # Both show all they have, and would not after a replace.
        (buy(9, 5, 90, display=5), buy(9, 5, 90, display=6)),
        (buy(9, 5, 90, post_only=True), buy(9, 5, 90)),
        (buy(9, 5, 90, self_trade=SelfTrade.DECREMENT), buy(9, 5, 90)),
        (
            buy(9, 5, 90, tif=Tif.GTD, expire_at=10),
            buy(9, 5, 90, tif=Tif.GTD, expire_at=11),
        ),
        (
            buy(9, 5, kind=PEGGED, peg=Peg.PRIMARY, offset=-1),
            buy(9, 5, 99, kind=PEGGED, peg=Peg.PRIMARY),
        ),
        (
            buy(9, 5, 105, kind=PEGGED, peg=Peg.PRIMARY),
            buy(9, 5, 106, kind=PEGGED, peg=Peg.PRIMARY),
        ),
        (
            sell(9, 5, kind=PEGGED, peg=Peg.PRIMARY, offset=-5),
            sell(9, 5, kind=PEGGED, peg=Peg.MARKET, offset=5),
        ),
        (
            sell(9, 5, kind=TRAILING, stop_price=50, trail=9),
            sell(9, 5, kind=TRAILING, stop_price=50, trail=8),
        ),
        (
            sell(9, 5, kind=TRAILING, stop_price=50, trail_bps=9),
            sell(9, 5, kind=TRAILING, stop_price=50, trail=9),
        ),
    ],
    ids=repr,
)
def test_the_hash_knows_all_that_an_order_asked_for(new_book, order, other):
    books = [new_book(Random(1)), new_book(Random(1))]
    for book, last in zip(books, (order, other), strict=True):
        fill(book, buy(1, 10, 100), sell(2, 10, 110), last)
    assert books[0].state_hash() != books[1].state_hash()


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (sell(1, 5, kind=Kind.STOP, stop_price=90), sell(2, 5, kind=Kind.STOP, stop_price=90)),
        (buy(1, 5, 90, all_or_none=True), buy(2, 5, 90, all_or_none=True)),
        (buy(1, 5, 90, tif=Tif.CLS), buy(2, 5, 90, tif=Tif.CLS)),
        (buy(1, 5, kind=PEGGED, peg=Peg.MARKET), buy(2, 5, kind=PEGGED, peg=Peg.MARKET)),
        (
            buy(1, 5, 90, tif=Tif.GTD, expire_at=10),
            sell(2, 5, 99, tif=Tif.GTD, expire_at=10),
        ),
    ],
    ids=repr,
)
def test_the_hash_knows_who_entered_first_where_that_decides(new_book, first, second):
    one, other = new_book(), new_book()
    fill(one, first, second)
    fill(other, second, first)
    assert one.state_hash() != other.state_hash()


def test_the_hash_knows_which_trades_are_busted(new_book):
    books = [new_book(), new_book()]
    for trade_id, book in enumerate(books, 1):
        fill(book, sell(1, 10, 100), buy(2, 1, 100), buy(3, 1, 100))
        book.bust(trade_id)
    assert books[0].state_hash() != books[1].state_hash()


def test_the_hash_knows_which_stops_are_triggered_and_wait_for_continuous_trading(new_book):
    """Two uncrosses at other prices before the same last trade."""
    books = [new_book(phase=Phase.PRE_OPEN), new_book(phase=Phase.PRE_OPEN)]
    for book, low in zip(books, (80, 95), strict=True):
        fill(book, sell(1, 5, 50, kind=Kind.STOP_LIMIT, stop_price=90))
        for price in (low, 100):
            book.set_phase(Phase.OPENING_AUCTION)
            fill(book, buy(2, 1, price), sell(3, 1, price))
            book.set_phase(Phase.PRE_OPEN)
    assert books[0].state_hash() != books[1].state_hash()
    triggered = [of_kind(book.set_phase(Phase.CONTINUOUS), Event.TRIGGERED) for book in books]
    assert triggered == [[(1, 90)], []]


def test_the_hash_of_every_implementation_is_the_same():
    books = [make(BookRules(), None) for make in makers().values()]
    for book in books:
        fill(book, buy(1, 10, 100, display=4), sell(2, 7, 100), buy(3, 5, 99, hidden=True))
    assert len({book.state_hash() for book in books}) == 1


# Levels ---------------------------------------------------------------------------------------


def test_changed_levels_come_last_asks_then_bids_best_first(new_book):
    book = new_book(level_events=True)
    assert levels(fill(book, sell(1, 10, 101))) == [(ASK, 101, 10, 1)]
    assert levels(fill(book, sell(2, 10, 102))) == [(ASK, 102, 10, 1)]
    events = book.submit(buy(3, 25, 102))
    assert levels(events) == [(ASK, 101, 0, 0), (ASK, 102, 0, 0), (BID, 102, 5, 1)]
    assert told(events)[-3:] == ["LEVEL"] * 3
    assert levels(book.cancel(3)) == [(BID, 102, 0, 0)]


def test_what_nobody_sees_changes_no_level(new_book):
    book = new_book(level_events=True)
    fill(book, sell(1, 10, 101))
    assert levels(fill(book, sell(2, 10, 101, hidden=True))) == []
    assert levels(fill(book, sell(3, 10, kind=Kind.STOP, stop_price=50))) == []
    assert levels(book.submit(buy(4, 5, 90, tif=Tif.IOC))) == []
    assert levels(book.cancel(2)) == []


def test_a_level_that_is_as_before_is_not_told(new_book):
    book = new_book(level_events=True)
    fill(book, sell(1, 30, 101, display=10))
    # The tranche is used up and the next shows as much.
    assert levels(book.submit(buy(2, 10, 101))) == []


def test_levels_add_up_to_the_depth(new_book):
    """Market data from events alone is what the book displays."""
    dice = Random(12)
    rules = any_rules(dice)
    book = new_book(Random(1), level_events=True, max_orders=20, lot=rules.lot)
    shown = {BID: {}, ASK: {}}
    player = Player(dice, BookRules(lot=rules.lot, max_orders=20), Style.EVERYTHING)
    guide = makers()["reference"](BookRules(lot=rules.lot, max_orders=20), Random(1))
    for _ in range(600):
        call = player.call(guide)
        if call.method in ("apply", "keep"):
            continue
        getattr(guide, call.method)(*call.arguments, **call.options)
        for side, price, quantity, orders in levels(
            getattr(book, call.method)(*call.arguments, **call.options)
        ):
            shown[side].pop(price, None)
            if orders:
                shown[side][price] = (price, quantity, orders)
        for side, found in shown.items():
            best_first = sorted(found.values(), reverse=side is BID)
            assert [tuple(level) for level in book.depth(side)] == best_first


# Batches --------------------------------------------------------------------------------------


def test_a_batch_is_its_commands_one_by_one(new_book):
    rows = [
        (Op.LIMIT, 1, BID, 100, 10, Tif.DAY, 7),
        (Op.LIMIT, 2, ASK, 101, 10, Tif.DAY, 0),
        (Op.LIMIT, 3, ASK, 100, 4, Tif.IOC, 0),
        (Op.REDUCE, 1, 0, 0, 2, 0, 0),
        (Op.REPLACE, 2, 0, 100, 12, 0, 0),
        (Op.MARKET, 4, BID, 0, 20, Tif.IOC, 0),
        (Op.CANCEL, 1, 0, 0, 0, 0, 0),
        (99, 5, 0, 0, 0, 0, 0),
    ]
    batched, single = new_book(), new_book()
    out = batched.apply(array("q", [int(number) for row in rows for number in row]))
    one_by_one = [
        *single.limit(1, BID, 100, 10, 0, 7),
        *single.limit(2, ASK, 101, 10),
        *single.limit(3, ASK, 100, 4, Tif.IOC),
        *single.reduce(1, 2),
        *single.replace(2, 12, 100),
        *single.market(4, BID, 20),
        *single.cancel(1),
        (Event.REFUSED, 5, RefusalCode.BAD_INSTRUCTION),
    ]
    padded = [(*event, *[0] * (ROW_WIDTH - len(event))) for event in one_by_one]
    assert list(zip(*[iter(out)] * ROW_WIDTH, strict=True)) == padded
    assert batched.state_hash() == single.state_hash()


# Keeping --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ENGINES)
@pytest.mark.parametrize("seed", range(8))
def test_a_restored_book_is_equal_and_goes_on_equally(name, seed):
    make = makers()[name]
    dice = Random(seed)
    style = [*Style][seed % 3]
    rules = style.rules(dice)
    play = Play(rules, seed, level_events=style is Style.EVERYTHING)
    table = play.table({"reference": makers()["reference"], name: make})
    player = Player(dice, rules, style)
    for _ in range(150):
        assert not table.differs(player.call(table.reference))
    kept = table.books[name].snapshot()
    table.books[name] = make.restore(kept, table.dice[name])
    assert table.books[name].snapshot() == kept
    for _ in range(150):
        assert not table.differs(player.call(table.reference))


@pytest.mark.parametrize("name", ENGINES)
def test_a_pickled_book_is_equal(name):
    book = makers()[name](BookRules(), None)
    fill(
        book, buy(1, 10, 100, display=4), sell(2, 7, 100), buy(3, 5, kind=Kind.STOP, stop_price=120)
    )
    book.set_phase(Phase.VOLATILITY_AUCTION)
    again = pickle.loads(pickle.dumps(book))
    assert again.state_hash() == book.state_hash()
    assert again.submit(sell(4, 3, 99)) == book.submit(sell(4, 3, 99))


@pytest.mark.parametrize("name", ENGINES)
@pytest.mark.parametrize("damage", [b"", b"nothing of a book", b"{}"])
def test_bytes_that_are_no_book_are_an_error(name, damage):
    with pytest.raises(ValueError, match=r"\w"):
        makers()[name].restore(damage)


@pytest.mark.parametrize("name", ENGINES)
def test_a_snapshot_cut_anywhere_is_an_error(name):
    book = makers()[name](BookRules(), None)
    fill(book, buy(1, 10, 100), sell(2, 7, 101))
    kept = book.snapshot()
    for length in range(len(kept)):
        with pytest.raises(ValueError, match=r"\w"):
            makers()[name].restore(kept[:length])


# Repeating ------------------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_event_bytes(new_book):
    def events_of_a_run():
        dice = Random(99)
        book = new_book(Random(1), level_events=True, collar=5, reference_price=12)
        player = Player(dice, BookRules(), Style.EVERYTHING)
        guide = makers()["reference"](BookRules(), Random(1))
        out = array("q")
        for _ in range(300):
            call = player.call(guide)
            if call.method in ("apply", "keep"):
                continue
            getattr(guide, call.method)(*call.arguments, **call.options)
            for event in getattr(book, call.method)(*call.arguments, **call.options):
                out.extend(map(int, event))
        return out.tobytes()

    assert events_of_a_run() == events_of_a_run()
