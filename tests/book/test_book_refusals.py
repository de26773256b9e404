"""Rule: whatever is refused has a code, and the book is to the last bit as it was."""

from __future__ import annotations

from random import Random

import pytest
from book_makers import makers
from book_words import (
    ASK,
    BID,
    BookRules,
    Kind,
    Peg,
    Phase,
    RefusalCode,
    Tif,
    buy,
    fill,
    refusal,
    sell,
)

STOP, PEGGED = Kind.STOP, Kind.PEGGED
RULES = {
    "tick_table": ((1, 1), (200, 5)),
    "lot": 10,
    "min_quantity": 10,
    "max_quantity": 1_000,
    "band_low": 50,
    "band_high": 300,
    "max_orders": 8,
}
REFUSED = [
    ("price off tick", RefusalCode.BAD_TICK, lambda b: b.limit(90, BID, 203, 10)),
    ("no price", RefusalCode.BAD_PRICE, lambda b: b.limit(90, BID, 0, 10)),
    ("beyond the band", RefusalCode.PRICE_BAND, lambda b: b.limit(90, BID, 305, 10)),
    ("off lot", RefusalCode.BAD_LOT, lambda b: b.limit(90, BID, 100, 15)),
    ("market off lot", RefusalCode.BAD_LOT, lambda b: b.market(90, BID, 15)),
    ("too few", RefusalCode.BAD_QUANTITY, lambda b: b.limit(90, BID, 100, 0)),
    ("too many", RefusalCode.BAD_QUANTITY, lambda b: b.limit(90, BID, 100, 1_010)),
    ("id of a live order", RefusalCode.DUPLICATE_ID, lambda b: b.limit(1, BID, 90, 10)),
    ("id of a stop", RefusalCode.DUPLICATE_ID, lambda b: b.limit(6, BID, 90, 10)),
    ("unknown side", RefusalCode.BAD_INSTRUCTION, lambda b: b.limit(90, 2, 90, 10)),
    ("unknown tif", RefusalCode.BAD_INSTRUCTION, lambda b: b.limit(90, BID, 90, 10, 5)),
    (
        "stop on the wrong side",
        RefusalCode.STOP_WRONG_SIDE,
        lambda b: b.submit(buy(90, 10, kind=STOP, stop_price=100)),
    ),
    (
        "stop off tick",
        RefusalCode.BAD_TICK,
        lambda b: b.submit(buy(90, 10, kind=STOP, stop_price=203)),
    ),
    (
        "would take",
        RefusalCode.WOULD_TAKE,
        lambda b: b.submit(buy(90, 10, 110, post_only=True)),
    ),
    ("no place", RefusalCode.BOOK_FULL, lambda b: b.limit(90, BID, 90, 10)),
    ("not now", RefusalCode.PHASE, lambda b: b.submit(buy(90, 10, 100, tif=Tif.OPG))),
    ("cancel unknown", RefusalCode.UNKNOWN_ORDER, lambda b: b.cancel(77)),
    ("cancel done", RefusalCode.UNKNOWN_ORDER, lambda b: b.cancel(9)),
    ("reduce unknown", RefusalCode.UNKNOWN_ORDER, lambda b: b.reduce(77, 10)),
    ("reduce off lot", RefusalCode.BAD_LOT, lambda b: b.reduce(1, 5)),
    ("reduce by nothing", RefusalCode.BAD_QUANTITY, lambda b: b.reduce(1, 0)),
    ("replace unknown", RefusalCode.UNKNOWN_ORDER, lambda b: b.replace(77, 10, 100)),
    ("replace below executed", RefusalCode.BELOW_EXECUTED, lambda b: b.replace(1, 10, 110)),
    ("replace off tick", RefusalCode.BAD_TICK, lambda b: b.replace(1, 40, 203)),
    ("replace off lot", RefusalCode.BAD_LOT, lambda b: b.replace(1, 45, 110)),
    ("replace beyond the band", RefusalCode.PRICE_BAND, lambda b: b.replace(1, 40, 305)),
    ("raise a stop", RefusalCode.BAD_INSTRUCTION, lambda b: b.replace(6, 20, 0)),
    ("raise a peg", RefusalCode.BAD_INSTRUCTION, lambda b: b.replace(5, 20, 0)),
    ("bust unknown", RefusalCode.UNKNOWN_TRADE, lambda b: b.bust(77)),
    ("bust twice", RefusalCode.UNKNOWN_TRADE, lambda b: b.bust(1)),
    ("correct off tick", RefusalCode.BAD_TICK, lambda b: b.correct(2, 203, 10)),
    ("correct off lot", RefusalCode.BAD_LOT, lambda b: b.correct(2, 110, 5)),
]


def a_full_book(make):
    """Orders of many kinds, two trades at 110 of which the first is busted."""
    book = make(BookRules(**RULES), Random(1))
    fill(book, sell(1, 50, 110), buy(8, 10, 110), buy(9, 10, 110))
    fill(book, buy(2, 30, 100, display=10), sell(3, 20, 115, hidden=True))
    fill(book, buy(4, 10, 99, post_only=True), buy(5, 10, kind=PEGGED, peg=Peg.PRIMARY, offset=-3))
    fill(book, buy(6, 10, kind=STOP, stop_price=120), sell(7, 100, 110, all_or_none=True))
    book.bust(1)
    return book


def same(book):
    """All there is to compare; snapshots where the book makes them."""
    keep = getattr(book, "snapshot", None)
    return book.state_hash(), keep and keep()


@pytest.mark.parametrize("name", makers())
@pytest.mark.parametrize(
    ("code", "command"), [case[1:] for case in REFUSED], ids=[c[0] for c in REFUSED]
)
def test_a_refusal_has_its_code_and_changes_nothing(name, code, command):
    book = a_full_book(makers()[name])
    if code is RefusalCode.BOOK_FULL:
        fill(book, sell(91, 10, 190))
    before = same(book)
    assert refusal(command(book)) is code
    assert same(book) == before
    book.check_invariants()


@pytest.mark.parametrize("phase", [Phase.HALTED, Phase.CLOSED])
def test_a_book_that_is_shut_changes_nothing_but_by_cancels(new_book, phase):
    book = new_book()
    fill(book, sell(1, 50, 110))
    book.set_phase(Phase.HALTED)
    before = book.state_hash()
    for events in (book.limit(2, ASK, 100, 1), book.market(2, BID, 1), book.replace(1, 20, 110)):
        assert refusal(events) is RefusalCode.PHASE
    assert book.state_hash() == before
