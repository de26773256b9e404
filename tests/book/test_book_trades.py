"""Rule: a trade may be busted once and corrected until then, by its id; orders stay as they are."""

from __future__ import annotations

import pytest
from book_words import Event, Phase, RefusalCode, buy, fill, refusal, sell


@pytest.fixture
def traded(book):
    """One trade, id 1: 4 at 101; 6 are left of order 1."""
    fill(book, sell(1, 10, 101), buy(2, 4, 101))
    return book


def test_a_bust_changes_no_order_and_is_remembered(traded):
    before, order = traded.state_hash(), traded.order(1)
    assert traded.bust(1) == [(Event.BUSTED, 1)]
    assert traded.order(1) == order
    assert traded.state_hash() != before


def test_a_trade_is_busted_once(traded):
    traded.bust(1)
    assert refusal(traded.bust(1)) is RefusalCode.UNKNOWN_TRADE
    assert refusal(traded.correct(1, 100, 1)) is RefusalCode.UNKNOWN_TRADE


@pytest.mark.parametrize("trade_id", [0, 2, -1, 2**70])
def test_unknown_trades_are_refused(traded, trade_id):
    assert refusal(traded.bust(trade_id)) is RefusalCode.UNKNOWN_TRADE
    assert refusal(traded.correct(trade_id, 100, 1)) is RefusalCode.UNKNOWN_TRADE


def test_a_trade_may_be_corrected_again_and_then_busted(traded):
    assert traded.correct(1, 100, 3) == [(Event.CORRECTED, 1, 100, 3)]
    assert traded.correct(1, 101, 4) == [(Event.CORRECTED, 1, 101, 4)]
    assert traded.bust(1) == [(Event.BUSTED, 1)]


@pytest.mark.parametrize(
    ("price", "quantity", "code"),
    [
        (0, 1, RefusalCode.BAD_PRICE),
        (2**53 + 1, 1, RefusalCode.BAD_PRICE),
        (100, 0, RefusalCode.BAD_QUANTITY),
        (100, -1, RefusalCode.BAD_QUANTITY),
    ],
)
def test_a_correction_is_a_price_and_a_quantity(traded, price, quantity, code):
    assert refusal(traded.correct(1, price, quantity)) is code


@pytest.mark.parametrize(
    ("price", "quantity", "code"),
    [
        (103, 10, RefusalCode.BAD_TICK),
        (100, 15, RefusalCode.BAD_LOT),
        (103, 15, RefusalCode.BAD_LOT),
    ],
)
def test_a_correction_is_on_the_grid_like_any_trade(new_book, price, quantity, code):
    book = new_book(tick_table=((1, 1), (50, 5)), lot=10)
    fill(book, sell(1, 20, 100), buy(2, 20, 100))
    before = book.state_hash()
    assert refusal(book.correct(1, price, quantity)) is code
    assert book.state_hash() == before
    assert book.correct(1, 105, 10) == [(Event.CORRECTED, 1, 105, 10)]


def test_a_correction_of_no_trade_says_so_whatever_the_price(traded):
    assert refusal(traded.correct(9, 0, 0)) is RefusalCode.UNKNOWN_TRADE


def test_trades_of_an_auction_have_ids_of_the_same_count(new_book):
    book = new_book(phase=Phase.OPENING_AUCTION)
    fill(book, buy(1, 5, 100), sell(2, 2, 100), sell(3, 2, 100))
    book.set_phase(Phase.CONTINUOUS)
    assert book.bust(2) == [(Event.BUSTED, 2)]
    fill(book, sell(4, 1, 100))
    assert book.bust(3) == [(Event.BUSTED, 3)]
