"""Rules: how long an order stays. Time is pushed in; GTD is over once now reaches expire_at."""

from __future__ import annotations

import pytest
from book_words import (
    BID,
    Event,
    Kind,
    Peg,
    Phase,
    RefusalCode,
    Tif,
    buy,
    expired,
    fill,
    of_kind,
    refusal,
    sell,
    told,
    trades,
    view,
)


def gtd(make, order_id, quantity, price, until, **asked):
    return make(order_id, quantity, price, tif=Tif.GTD, expire_at=until, **asked)


def test_a_gtd_order_expires_when_now_reaches_its_time(book):
    fill(book, gtd(buy, 1, 5, 100, until=50))
    assert book.advance(49) == []
    assert book.advance(50) == [(Event.EXPIRED, 1, 5)]
    assert book.order(1) is None


def test_what_is_over_expires_before_the_call_that_brings_the_time(book):
    fill(book, gtd(sell, 1, 5, 100, until=50), sell(2, 5, 101))
    events = book.submit(buy(9, 5, 101), now=50)
    assert told(events) == ["EXPIRED", "ACCEPTED", "TRADED"]
    assert trades(events) == [(2, 9, 101, 5)]


def test_several_expire_in_order_of_entry(book):
    fill(book, gtd(buy, 5, 1, 90, until=40), gtd(buy, 3, 1, 95, until=20), buy(1, 1, 80))
    fill(book, gtd(sell, 4, 1, 110, until=30))
    assert expired(book.advance(100)) == [5, 3, 4]


def test_a_refused_call_lets_time_pass_nevertheless(book):
    fill(book, gtd(buy, 1, 5, 100, until=50))
    events = book.submit(buy(9, 0, 100), now=60)
    assert told(events) == ["EXPIRED", "REFUSED"]


def test_a_parked_stop_expires_too(book):
    fill(book, gtd(buy, 1, 5, None, until=50, kind=Kind.STOP, stop_price=120))
    assert expired(book.advance(50)) == [1]


@pytest.mark.parametrize("until", [50, 49])
def test_an_order_that_is_over_already_is_refused(book, until):
    order = gtd(buy, 1, 5, 100, until=until)
    assert refusal(book.submit(order, now=50)) is RefusalCode.BAD_INSTRUCTION


def test_an_id_used_again_does_not_inherit_the_time(book):
    fill(book, gtd(buy, 1, 5, 100, until=50))
    book.cancel(1)
    fill(book, buy(1, 5, 100))
    assert book.advance(60) == []
    assert view(book, BID) == [(100, 5, 1)]


def test_expiry_moves_the_pegs_that_followed(book):
    fill(book, buy(1, 1, 90), gtd(buy, 2, 1, 100, until=50))
    fill(book, buy(3, 5, kind=Kind.PEGGED, peg=Peg.PRIMARY))
    assert of_kind(book.advance(50), Event.REPRICED) == [(3, 90)]


def test_day_orders_expire_when_the_book_closes_and_gtc_stay(book):
    fill(book, buy(1, 5, 100), buy(2, 5, 99, tif=Tif.GTC), gtd(buy, 3, 5, 98, until=500))
    fill(book, sell(4, 5, 110), buy(5, 5, kind=Kind.STOP, stop_price=120))
    events = book.set_phase(Phase.CLOSED)
    assert told(events)[0] == "PHASE"
    assert expired(events) == [1, 4, 5]
    assert view(book, BID) == [(99, 5, 1), (98, 5, 1)]
    assert expired(book.advance(500)) == [3]


def test_an_order_for_the_opening_is_taken_before_it_only(book):
    assert refusal(book.submit(buy(1, 5, 100, tif=Tif.OPG))) is RefusalCode.PHASE


def test_an_order_for_the_opening_trades_in_it_or_goes(new_book):
    book = new_book(phase=Phase.PRE_OPEN)
    fill(book, buy(1, 10, 100, tif=Tif.OPG), sell(2, 4, 100), sell(3, 5, 101, tif=Tif.OPG))
    book.set_phase(Phase.OPENING_AUCTION)
    events = book.set_phase(Phase.CONTINUOUS)
    assert told(events) == ["AUCTION_TRADED", "CANCELLED", "CANCELLED", "PHASE"]
    assert [order_id for order_id, *_ in of_kind(events, Event.CANCELLED)] == [1, 3]


def test_an_order_for_the_close_waits_aside_until_the_closing_auction(book):
    events = book.submit(buy(1, 10, 100, tif=Tif.CLS))
    assert told(events) == ["ACCEPTED", "PARKED"]
    assert not view(book, BID)
    fill(book, sell(2, 4, 100))
    events = book.set_phase(Phase.CLOSING_AUCTION)
    assert told(events) == ["PHASE", "TRIGGERED", "INDICATIVE"]
    assert view(book, BID) == [(100, 10, 1)]
    events = book.set_phase(Phase.CLOSED)
    assert told(events) == ["AUCTION_TRADED", "CANCELLED", "PHASE"]


def test_an_order_for_the_next_auction_enters_whichever_comes(book):
    fill(book, buy(1, 10, 100, tif=Tif.GFA), buy(2, 10, 100, tif=Tif.CLS))
    book.set_phase(Phase.VOLATILITY_AUCTION)
    assert view(book, BID) == [(100, 10, 1)]
    events = book.set_phase(Phase.CONTINUOUS)
    assert [order_id for order_id, *_ in of_kind(events, Event.CANCELLED)] == [1]
    assert book.order(2).parked


def test_orders_for_an_auction_may_be_market_orders(book):
    fill(book, buy(1, 10, kind=Kind.MARKET, tif=Tif.CLS), sell(2, 4, 100))
    book.set_phase(Phase.CLOSING_AUCTION)
    assert book.indicative() == (100, 4, 6)


def test_an_order_for_the_close_is_refused_after_it(book):
    fill(book, buy(1, 1, 100), sell(2, 1, 100))
    book.set_phase(Phase.CLOSING_AUCTION)
    book.set_phase(Phase.TRADE_AT_LAST)
    assert refusal(book.submit(buy(3, 1, 100, tif=Tif.CLS))) is RefusalCode.PHASE
