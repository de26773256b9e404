"""Rule: a peg's price is the best displayed price of orders that are no pegs, plus its offset.

PRIMARY follows its own side, MARKET the other, MIDPOINT the mean (never displayed); `price` caps.
"""

from __future__ import annotations

import pytest
from book_words import (
    ASK,
    BID,
    Event,
    Kind,
    Peg,
    Phase,
    RefusalCode,
    Tif,
    buy,
    cancels,
    fill,
    of_kind,
    refusal,
    sell,
    told,
    trades,
    view,
)


def peg(make, order_id, quantity, follows, price=None, **asked):
    return make(order_id, quantity, price, kind=Kind.PEGGED, peg=follows, **asked)


@pytest.fixture
def market(book):
    """100 bid, 110 asked, 10 each (orders 1 and 2)."""
    fill(book, buy(1, 10, 100), sell(2, 10, 110))
    return book


@pytest.mark.parametrize(
    ("make", "follows", "offset", "cap", "price"),
    [
        (buy, Peg.PRIMARY, 0, None, 100),
        (buy, Peg.PRIMARY, -2, None, 98),
        (buy, Peg.PRIMARY, 3, 101, 101),
        (sell, Peg.PRIMARY, 0, None, 110),
        (sell, Peg.PRIMARY, -20, 105, 105),
        (buy, Peg.MARKET, -1, None, 109),
        (sell, Peg.MARKET, 1, None, 101),
        (buy, Peg.MIDPOINT, 0, None, 105),
    ],
)
def test_a_peg_rests_at_reference_plus_offset_within_its_cap(
    market, make, follows, offset, cap, price
):
    events = fill(market, peg(make, 3, 5, follows, cap, offset=offset))
    assert events[0][3] == price
    assert market.order(3).price == price


def test_an_odd_midpoint_rounds_away_from_the_other_side(book):
    fill(book, buy(1, 1, 100), sell(2, 1, 103))
    fill(book, peg(buy, 3, 5, Peg.MIDPOINT))
    assert book.order(3).price == 101
    book.cancel(3)
    fill(book, peg(sell, 4, 5, Peg.MIDPOINT))
    assert book.order(4).price == 102


def test_a_midpoint_peg_is_never_displayed(market):
    fill(market, peg(buy, 3, 5, Peg.MIDPOINT))
    assert view(market, BID) == [(100, 10, 1)]
    assert trades(market.submit(sell(4, 5, 105))) == [(3, 4, 105, 5)]


def test_a_peg_moves_with_its_reference_and_loses_its_time(market):
    fill(market, peg(buy, 3, 5, Peg.PRIMARY))
    events = fill(market, buy(4, 1, 102))
    assert of_kind(events, Event.REPRICED) == [(3, 102)]
    assert view(market, BID) == [(102, 6, 2), (100, 10, 1)]
    assert of_kind(market.cancel(4), Event.REPRICED) == [(3, 100)]
    assert trades(market.submit(sell(9, 12, 100))) == [(1, 9, 100, 10), (3, 9, 100, 2)]


def test_pegs_are_no_reference_for_pegs(market):
    fill(market, peg(buy, 3, 5, Peg.PRIMARY, offset=1), peg(buy, 4, 5, Peg.PRIMARY, offset=1))
    assert market.order(3).price == market.order(4).price == 101


def test_hidden_orders_are_no_reference(market):
    fill(market, buy(3, 5, 105, hidden=True), peg(buy, 4, 5, Peg.PRIMARY))
    assert market.order(4).price == 100


def test_a_peg_without_a_reference_waits_aside(book):
    events = book.submit(peg(buy, 1, 5, Peg.PRIMARY))
    assert told(events) == ["ACCEPTED", "PARKED"]
    events = fill(book, buy(2, 5, 90))
    assert of_kind(events, Event.REPRICED) == [(1, 90)]
    assert told(book.cancel(2)) == ["CANCELLED", "PARKED"]
    assert not view(book, BID)


def test_a_peg_below_one_or_outside_the_band_waits_aside(new_book):
    book = new_book(band_low=5)
    fill(book, buy(1, 1, 6), peg(buy, 2, 1, Peg.PRIMARY, offset=-3))
    assert book.order(2).parked


def test_a_peg_may_trade_when_it_enters_and_when_it_moves(market):
    events = market.submit(peg(buy, 3, 4, Peg.MARKET))
    assert trades(events) == [(2, 3, 110, 4)]
    fill(market, peg(sell, 4, 5, Peg.PRIMARY, offset=-4))
    assert market.order(4).price == 106
    events = fill(market, buy(5, 1, 103), sell(6, 1, 104))
    # The offer at 104 takes the peg to 100, through the bids.
    assert of_kind(events, Event.REPRICED) == [(4, 100)]
    assert trades(events) == [(5, 4, 103, 1), (1, 4, 100, 4)]


def test_pegs_move_in_order_of_entry(market):
    fill(market, peg(buy, 3, 5, Peg.PRIMARY), peg(buy, 4, 5, Peg.PRIMARY))
    events = fill(market, buy(5, 1, 102))
    assert of_kind(events, Event.REPRICED) == [(3, 102), (4, 102)]


def test_a_peg_may_only_come_down_in_quantity_and_keeps_its_place(market):
    fill(market, peg(buy, 3, 5, Peg.PRIMARY, 105), buy(4, 5, 100))
    assert refusal(market.replace(3, 6, 105)) is RefusalCode.BAD_INSTRUCTION
    assert refusal(market.replace(3, 5, 104)) is RefusalCode.BAD_INSTRUCTION
    assert market.replace(3, 4, 105) == [(Event.REPLACED, 3, 100, 4, 4, 1)]
    assert trades(market.submit(sell(9, 14, 100)))[1] == (3, 9, 100, 4)


def test_pegs_do_not_move_in_an_auction_but_take_part_in_it(market):
    fill(market, peg(buy, 3, 5, Peg.PRIMARY))
    market.set_phase(Phase.VOLATILITY_AUCTION)
    fill(market, buy(4, 5, 104))
    assert market.order(3).price == 100
    assert told(market.submit(peg(sell, 5, 5, Peg.PRIMARY))) == ["ACCEPTED", "PARKED"]
    events = market.set_phase(Phase.CONTINUOUS)
    assert of_kind(events, Event.REPRICED) == [(3, 104), (5, 110)]


@pytest.mark.parametrize("tif", [Tif.IOC, Tif.FOK, Tif.OPG, Tif.CLS, Tif.GFA])
def test_a_peg_stays(market, tif):
    code = refusal(market.submit(peg(buy, 3, 5, Peg.PRIMARY, tif=tif)))
    assert code is RefusalCode.BAD_INSTRUCTION


def test_a_peg_that_is_used_up_is_gone(market):
    fill(market, peg(sell, 3, 5, Peg.PRIMARY, offset=-1))
    events = market.submit(buy(4, 5, 109))
    assert trades(events) == [(3, 4, 109, 5)]
    assert not cancels(events)
    assert market.order(3) is None
    assert view(market, ASK) == [(110, 10, 1)]


@pytest.mark.parametrize(
    ("make", "follows", "offset", "price"),
    [
        (buy, Peg.PRIMARY, -1, 95),
        (buy, Peg.MARKET, -7, 100),
        (buy, Peg.MIDPOINT, 0, 105),
        (buy, Peg.MIDPOINT, -1, 100),
        (sell, Peg.MIDPOINT, 1, 110),
        (sell, Peg.PRIMARY, 1, 115),
        (sell, Peg.MARKET, 6, 110),
        # From 97 on the tick is 5, so that the grid has nothing between 96 and 100.
        (buy, Peg.PRIMARY, -3, 96),
    ],
)
def test_a_peg_lies_on_the_tick_grid_never_better_than_asked(
    new_book, make, follows, offset, price
):
    table = ((1, 2), (97, 5)) if offset == -3 else ((1, 5),)
    book = new_book(tick_table=table)
    fill(book, buy(1, 10, 100), sell(2, 10, 110))
    fill(book, peg(make, 3, 5, follows, offset=offset))
    assert book.order(3).price == price


def test_a_sell_peg_rounds_up_into_the_next_row_of_the_tick_table(new_book):
    book = new_book(tick_table=((1, 5), (12, 4)))
    fill(book, sell(1, 1, 10), peg(sell, 2, 1, Peg.PRIMARY, offset=1))
    assert book.order(2).price == 12
