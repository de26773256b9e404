"""Keeping a book: what comes back is the book that was kept."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest
from book_makers import makers
from random_play import Play, Player, any_rules

from meridian.book import (
    BookRules,
    BookSide,
    Event,
    Kind,
    NewOrder,
    OrderBook,
    Peg,
    Phase,
    PureOrderBook,
    Tif,
)

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


@pytest.mark.parametrize("seed", range(3))
def test_a_pickled_book_goes_on_equally_dice_and_all(seed):
    book = OrderBook(dice=Random(seed))
    book.submit(NewOrder(order_id=1, side=ASK, quantity=500, price=101, display=9, refresh_range=8))
    book.limit(2, BID, 101, 20)
    copy = pickle.loads(pickle.dumps(book))
    for order_id in range(3, 40):
        assert copy.limit(order_id, BID, 101, 9) == book.limit(order_id, BID, 101, 9)
    assert copy.state_hash() == book.state_hash()


@pytest.mark.parametrize("phase", Phase)
@pytest.mark.parametrize("make", [OrderBook, PureOrderBook])
def test_a_book_is_kept_in_every_phase(make, phase):
    book = make(BookRules(reference_price=100), Random(1), level_events=True)
    entered = [
        NewOrder(order_id=1, side=BID, quantity=10, price=100, display=3, refresh_range=2),
        NewOrder(order_id=2, side=ASK, quantity=4, price=100),
        NewOrder(order_id=3, side=BID, quantity=4, kind=Kind.PEGGED, peg=Peg.MIDPOINT),
        NewOrder(order_id=4, side=ASK, quantity=4, kind=Kind.TRAILING_STOP, trail_bps=100),
        NewOrder(order_id=5, side=ASK, quantity=9, price=103, all_or_none=True),
        NewOrder(order_id=6, side=BID, quantity=9, kind=Kind.MARKET, tif=Tif.CLS),
        NewOrder(order_id=7, side=BID, quantity=9, price=99, tif=Tif.GFA),
        NewOrder(order_id=8, side=ASK, quantity=9, price=104, tif=Tif.GTD, expire_at=50),
    ]
    for order in entered:
        book.submit(order)
    book.bust(1)
    book.set_phase(phase)
    copy = pickle.loads(pickle.dumps(book))
    assert copy.state_hash() == book.state_hash()
    assert copy.snapshot() == book.snapshot()
    for step in (Phase.CLOSING_AUCTION, Phase.CONTINUOUS, Phase.CLOSED):
        assert copy.set_phase(step, 40) == book.set_phase(step, 40)
    assert copy.advance(60) == book.advance(60)
    assert copy.state_hash() == book.state_hash()


def test_a_book_whose_tranches_are_thrown_needs_its_dice_back():
    book = OrderBook(dice=Random(1))
    book.submit(NewOrder(order_id=7, side=ASK, quantity=50, price=101, display=9, refresh_range=8))
    with pytest.raises(ValueError, match=r"order 7: .*dice"):
        OrderBook.restore(book.snapshot())


def test_damaged_state_is_an_error_and_never_a_book_that_contradicts_itself():
    """Numbers swapped for others, keys dropped: an error, or a book whose invariants hold."""
    book, _ = played(3)
    kept = book.snapshot()
    dice, refused = Random(5), 0
    for _ in range(400):
        state = json.loads(kept)
        damage(state, dice)
        try:
            OrderBook.restore(json.dumps(state).encode(), Random(1)).check_invariants()
        except ValueError:
            refused += 1
    assert refused > 100


def damage(state, dice):
    """Change one thing somewhere in a tree of lists and objects."""
    node = state
    while True:
        keys = [*node] if isinstance(node, dict) else [*range(len(node))]
        if not keys:
            return
        key = dice.choice(keys)
        if isinstance(node[key], (dict, list)) and dice.randrange(4):
            node = node[key]
            continue
        if dice.randrange(3):
            node[key] = dice.choice([None, "x", -1, 0, 1, 7, 2**70, 1.5, [], {}, True])
        else:
            del node[key]
        return


@pytest.mark.parametrize("seed", range(6))
def test_a_book_moves_to_another_ladder(seed):
    book, _ = played(seed)
    copy = PureOrderBook.restore(book.snapshot(), Random(1))
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


PLAY = """
import sys
from hashlib import sha256
sys.path.insert(0, sys.argv[1])
from test_book_snapshot import played
book, said = played(8, 400)
print(sha256(repr(said).encode()).hexdigest(), book.state_hash())
print(sha256(book.snapshot()).hexdigest())
"""


def test_the_same_seed_gives_the_same_bytes_in_every_process():
    """Whatever the interpreter's hash seed, which no order of events may follow."""
    said = set()
    for seed in ("0", "1", "4242"):
        ran = subprocess.run(
            [sys.executable, "-c", PLAY, str(Path(__file__).parent)],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        )
        said.add(ran.stdout)
    assert len(said) == 1
    assert len(said.pop()) > 150
