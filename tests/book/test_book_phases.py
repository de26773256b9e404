"""Rules: what each phase takes and does. Entering continuous trading uncrosses what crosses."""

from __future__ import annotations

import pytest
from book_words import (
    ASK,
    BID,
    Allocation,
    CancelReason,
    Event,
    Kind,
    Peg,
    Phase,
    RefusalCode,
    SelfTrade,
    Tif,
    auction_trades,
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

CALLS = [Phase.PRE_OPEN, Phase.OPENING_AUCTION, Phase.VOLATILITY_AUCTION, Phase.CLOSING_AUCTION]


@pytest.fixture
def at_last(book):
    """Trading at last: last price 100, bids 101 (order 3) and 100 (4), ask 102 (5)."""
    fill(book, buy(1, 1, 100), sell(2, 1, 100))
    fill(book, buy(4, 10, 100), buy(3, 10, 101), sell(5, 10, 102))
    book.set_phase(Phase.TRADE_AT_LAST)
    return book


@pytest.mark.parametrize("phase", CALLS)
def test_orders_rest_and_may_cross_where_nothing_trades(new_book, phase):
    book = new_book(phase=phase)
    fill(book, buy(1, 5, 101), sell(2, 5, 99))
    assert view(book, BID) == [(101, 5, 1)]
    assert view(book, ASK) == [(99, 5, 1)]


@pytest.mark.parametrize("phase", CALLS)
@pytest.mark.parametrize(
    "order",
    [
        buy(9, 5, 100, tif=Tif.IOC),
        buy(9, 5, 100, tif=Tif.FOK),
        buy(9, 5, kind=Kind.MARKET_TO_LIMIT),
        buy(9, 5, 100, post_only=True),
        buy(9, 5, 100, min_quantity=1),
    ],
    ids=["ioc", "fok", "market to limit", "post only", "least quantity"],
)
def test_what_must_happen_at_once_is_refused_there(new_book, phase, order):
    assert refusal(new_book(phase=phase).submit(order)) is RefusalCode.PHASE


@pytest.mark.parametrize("phase", [Phase.HALTED, Phase.CLOSED])
def test_a_halted_or_closed_book_takes_no_orders(new_book, phase):
    book = new_book(phase=phase)
    assert refusal(book.submit(buy(1, 5, 100))) is RefusalCode.PHASE
    assert refusal(book.limit(1, BID, 100, 5)) is RefusalCode.PHASE
    assert refusal(book.market(1, BID, 5)) is RefusalCode.PHASE


def test_the_present_phase_again_is_nothing(book):
    assert book.set_phase(Phase.CONTINUOUS) == []


def test_a_halt_keeps_the_book_as_it_is(book):
    fill(book, buy(1, 5, 100), sell(2, 5, 101), buy(3, 5, kind=Kind.PEGGED, peg=Peg.PRIMARY))
    assert told(book.set_phase(Phase.HALTED)) == ["PHASE"]
    book.cancel(1)
    assert book.order(3).price == 100
    assert told(book.set_phase(Phase.CONTINUOUS)) == ["PHASE", "PARKED"]


def test_an_auction_that_is_halted_uncrosses_when_trading_resumes(new_book):
    book = new_book(phase=Phase.OPENING_AUCTION)
    fill(book, buy(1, 5, 101), sell(2, 5, 99))
    assert told(book.set_phase(Phase.HALTED)) == ["PHASE"]
    assert told(book.set_phase(Phase.CONTINUOUS)) == ["AUCTION_TRADED", "PHASE"]


def test_pre_open_straight_to_continuous_uncrosses_too(new_book):
    book = new_book(phase=Phase.PRE_OPEN)
    fill(book, buy(1, 5, 101), sell(2, 3, 99))
    assert auction_trades(book.set_phase(Phase.CONTINUOUS)) == [(1, 2, 101, 3)]


def test_one_auction_after_another_uncrosses_in_between(new_book):
    book = new_book(phase=Phase.VOLATILITY_AUCTION)
    fill(book, buy(1, 5, 100), sell(2, 5, 100))
    events = book.set_phase(Phase.CLOSING_AUCTION)
    assert told(events) == ["AUCTION_TRADED", "PHASE"]


def test_all_or_none_waits_through_an_auction_and_tries_after_it(new_book):
    book = new_book(phase=Phase.OPENING_AUCTION)
    fill(book, buy(1, 5, 100, all_or_none=True), sell(2, 5, 100))
    assert book.indicative() is None
    events = book.set_phase(Phase.CONTINUOUS)
    assert told(events) == ["PHASE", "TRADED"]
    assert trades(events) == [(2, 1, 100, 5)]


# Trade at last --------------------------------------------------------------------------------


def test_trade_at_last_meets_only_what_rests_at_the_last_price(at_last):
    events = at_last.submit(sell(9, 15, 100))
    assert trades(events) == [(4, 9, 100, 10)]
    assert view(at_last, ASK) == [(100, 5, 1), (102, 10, 1)]
    assert view(at_last, BID) == [(101, 10, 1)]


@pytest.mark.parametrize("price", [99, 101])
def test_trade_at_last_takes_no_other_price(at_last, price):
    assert refusal(at_last.submit(sell(9, 5, price))) is RefusalCode.PHASE
    assert refusal(at_last.replace(5, 10, price)) is RefusalCode.PHASE


def test_a_market_order_is_at_the_last_price_then(at_last):
    events = at_last.submit(sell(9, 15, kind=Kind.MARKET))
    assert events[0] == (Event.ACCEPTED, 9, ASK, 100, 15, 15, 0)
    assert trades(events) == [(4, 9, 100, 10)]
    assert at_last.order(9).kind is Kind.LIMIT


def test_an_order_may_be_moved_to_the_last_price(at_last):
    events = at_last.replace(5, 10, 100)
    assert trades(events) == [(4, 5, 100, 10)]


def test_without_a_last_price_nothing_enters(new_book):
    book = new_book(phase=Phase.TRADE_AT_LAST)
    assert refusal(book.submit(sell(9, 5, 100))) is RefusalCode.PHASE
    assert refusal(book.submit(sell(9, 5, kind=Kind.MARKET))) is RefusalCode.PHASE


@pytest.mark.parametrize(
    "order",
    [
        sell(9, 5, 100, all_or_none=True),
        sell(9, 5, 100, post_only=True),
        sell(9, 5, 100, min_quantity=1),
        sell(9, 5, kind=Kind.STOP, stop_price=50),
        sell(9, 5, kind=Kind.PEGGED, peg=Peg.PRIMARY),
        sell(9, 5, kind=Kind.MARKET_TO_LIMIT),
        sell(9, 5, 100, tif=Tif.GFA),
    ],
    ids=["all or none", "post only", "least quantity", "stop", "peg", "market to limit", "auction"],
)
def test_only_plain_orders_trade_at_last(at_last, order):
    assert refusal(at_last.submit(order)) is RefusalCode.PHASE


def test_at_last_immediate_orders_do_not_stay(at_last):
    events = at_last.submit(sell(8, 11, 100, tif=Tif.FOK))
    assert cancels(events) == [(8, 11, CancelReason.FOK_UNFILLABLE)]
    events = at_last.submit(sell(9, 11, 100, tif=Tif.IOC))
    assert cancels(events) == [(9, 1, CancelReason.IOC_REMAINDER)]


def test_at_last_time_decides_whatever_the_allocation(new_book):
    book = new_book(allocation=Allocation.PRO_RATA)
    fill(book, buy(1, 1, 100), sell(2, 1, 100), buy(3, 10, 100), buy(4, 90, 100))
    book.set_phase(Phase.TRADE_AT_LAST)
    assert trades(book.submit(sell(9, 10, 100))) == [(3, 9, 100, 10)]


def test_at_last_self_trade_is_prevented(at_last):
    fill(at_last, buy(6, 5, 100, account=7))
    own = {"account": 7, "self_trade": SelfTrade.CANCEL_OLDEST}
    events = at_last.submit(sell(9, 15, 100, **own))
    assert trades(events) == [(4, 9, 100, 10)]
    assert of_kind(events, Event.CANCELLED) == [(6, 5, CancelReason.SELF_TRADE)]
