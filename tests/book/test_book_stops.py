"""Rules: stops wait aside until the market trades at their price or beyond; some trail it."""

from __future__ import annotations

import pytest
from book_words import (
    ASK,
    BID,
    CancelReason,
    CollarAction,
    Event,
    Kind,
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

STOP, STOP_LIMIT, TRAILING = Kind.STOP, Kind.STOP_LIMIT, Kind.TRAILING_STOP


def trade_at(book, price, order_id=900):
    """Make the last trade be at a price; both orders are gone afterwards."""
    fill(book, sell(order_id, 1, price))
    return book.submit(buy(order_id + 1, 1, price))


@pytest.fixture
def bids(book):
    """Bids 30, 20 and 10 of 10 each (orders 1, 2, 3)."""
    fill(book, buy(1, 10, 30), buy(2, 10, 20), buy(3, 10, 10))
    return book


def test_a_stop_waits_aside_undisplayed(bids):
    events = bids.submit(sell(4, 5, kind=STOP, stop_price=20))
    assert told(events) == ["ACCEPTED", "PARKED"]
    assert not view(bids, ASK)
    assert bids.order(4).parked


def test_a_stop_enters_as_a_market_order_after_the_trade_that_triggers_it(bids):
    fill(bids, sell(4, 12, kind=STOP, stop_price=20))
    assert trades(bids.submit(sell(5, 10, 30))) == [(1, 5, 30, 10)]
    events = bids.submit(sell(6, 1, 20))
    assert told(events) == ["ACCEPTED", "TRADED", "TRIGGERED", "TRADED", "TRADED"]
    assert trades(events) == [(2, 6, 20, 1), (2, 4, 20, 9), (3, 4, 10, 3)]


def test_a_stop_limit_enters_at_its_limit_and_rests(bids):
    fill(bids, sell(4, 12, 30, kind=STOP_LIMIT, stop_price=20))
    events = bids.submit(sell(5, 11, 20))
    assert of_kind(events, Event.TRIGGERED) == [(4, 20)]
    assert view(bids, ASK) == [(30, 12, 1)]
    assert bids.order(4).kind is Kind.LIMIT


def test_the_command_finishes_matching_before_its_stops_enter(bids):
    fill(bids, sell(4, 5, kind=STOP, stop_price=30))
    events = bids.submit(sell(5, 25, 10))
    assert trades(events) == [(1, 5, 30, 10), (2, 5, 20, 10), (3, 5, 10, 5), (3, 4, 10, 5)]


def test_stops_enter_in_order_of_entry_and_those_of_their_trades_behind(bids):
    fill(
        bids,
        sell(4, 1, kind=STOP, stop_price=9),
        sell(5, 10, kind=STOP, stop_price=30),
        sell(6, 9, kind=STOP, stop_price=30),
        sell(7, 1, kind=STOP, stop_price=20),
    )
    events = bids.submit(sell(8, 1, 30))
    assert of_kind(events, Event.TRIGGERED) == [(5, 30), (6, 30), (7, 20)]
    assert bids.order(4).parked
    assert trades(events)[1:] == [(1, 5, 30, 9), (2, 5, 20, 1), (2, 6, 20, 9), (3, 7, 10, 1)]
    assert bids.order(4).parked


def test_a_buy_stop_is_the_mirror(book):
    fill(book, sell(1, 10, 30), sell(2, 10, 40), buy(3, 5, kind=STOP, stop_price=30))
    events = book.submit(buy(4, 1, 30))
    assert trades(events) == [(1, 4, 30, 1), (1, 3, 30, 5)]


def test_what_a_triggered_stop_finds_nothing_for_is_cancelled(book):
    fill(book, sell(1, 5, kind=STOP, stop_price=50))
    events = trade_at(book, 50)
    assert cancels(events) == [(1, 5, CancelReason.MARKET_REMAINDER)]


@pytest.mark.parametrize("stop", [49, 50])
def test_a_stop_that_the_last_trade_would_trigger_is_refused(book, stop):
    trade_at(book, 50)
    assert refusal(book.submit(buy(1, 5, kind=STOP, stop_price=stop))) is (
        RefusalCode.STOP_WRONG_SIDE
    )
    limit = sell(1, 5, 40, kind=STOP_LIMIT, stop_price=100 - stop)
    assert refusal(book.submit(limit)) is RefusalCode.STOP_WRONG_SIDE
    assert book.order(1) is None


def test_a_trailing_stop_follows_in_its_favour_only(book):
    trade_at(book, 100)
    fill(book, sell(1, 5, kind=TRAILING, trail=10))
    assert book.order(1).stop_price == 90
    trade_at(book, 105, 910)
    assert book.order(1).stop_price == 95
    trade_at(book, 97, 920)
    assert book.order(1).stop_price == 95
    events = trade_at(book, 95, 930)
    assert of_kind(events, Event.TRIGGERED) == [(1, 95)]


def test_a_trailing_buy_stop_is_the_mirror(book):
    trade_at(book, 100)
    fill(book, buy(1, 5, kind=TRAILING, trail=10))
    trade_at(book, 95, 910)
    assert book.order(1).stop_price == 105
    assert of_kind(trade_at(book, 105, 920), Event.TRIGGERED) == [(1, 105)]


def test_basis_points_round_up_and_are_at_least_a_tick(book):
    trade_at(book, 999)
    fill(book, sell(1, 5, kind=TRAILING, trail_bps=250), sell(2, 5, kind=TRAILING, trail_bps=1))
    assert book.order(1).stop_price == 999 - 25
    assert book.order(2).stop_price == 998


def test_a_trailing_stop_lies_on_the_tick_grid(new_book):
    book = new_book(tick_table=((1, 5),))
    trade_at(book, 100)
    fill(book, sell(1, 5, kind=TRAILING, trail=8), buy(2, 5, kind=TRAILING, trail_bps=100))
    assert (book.order(1).stop_price, book.order(2).stop_price) == (90, 105)
    trade_at(book, 10, 910)
    fill(book, sell(3, 5, kind=TRAILING, trail=40))
    assert book.order(3).stop_price == 5
    assert of_kind(trade_at(book, 5, 920), Event.TRIGGERED) == [(3, 5)]


def test_before_a_trade_a_trailing_stop_needs_a_start(book):
    code = refusal(book.submit(sell(1, 5, kind=TRAILING, trail=10)))
    assert code is RefusalCode.BAD_INSTRUCTION
    fill(book, sell(1, 5, kind=TRAILING, trail=10, stop_price=80))
    assert book.order(1).stop_price == 80
    trade_at(book, 95)
    assert book.order(1).stop_price == 85


def test_each_trade_of_a_sweep_counts_in_its_order(book):
    fill(book, sell(1, 1, 100), sell(2, 1, 120), sell(3, 1, kind=TRAILING, trail=10, stop_price=50))
    fill(book, sell(4, 1, 125))
    book.submit(buy(5, 2, 120))
    # 100 moves it to 90, 120 to 110.
    assert book.order(3).stop_price == 110


def test_stops_do_not_act_outside_continuous_trading(bids):
    fill(bids, sell(4, 5, kind=STOP, stop_price=20))
    bids.set_phase(Phase.OPENING_AUCTION)
    fill(bids, sell(5, 15, 10))
    events = bids.set_phase(Phase.CONTINUOUS)
    assert told(events)[-2:] == ["TRIGGERED", "TRADED"]
    assert told(events).index("PHASE") < told(events).index("TRIGGERED")


def test_a_trailing_stop_follows_the_prices_of_auctions_too(book):
    trade_at(book, 100)
    fill(book, sell(1, 5, kind=TRAILING, trail=10, tif=Tif.GTC))
    book.set_phase(Phase.CLOSING_AUCTION)
    fill(book, buy(2, 1, 120), sell(3, 1, 120))
    book.set_phase(Phase.CLOSED)
    assert book.order(1).stop_price == 110


def test_a_stop_may_only_come_down_in_quantity(bids):
    fill(bids, sell(4, 5, 19, kind=STOP_LIMIT, stop_price=20))
    assert refusal(bids.replace(4, 6, 19)) is RefusalCode.BAD_INSTRUCTION
    assert refusal(bids.replace(4, 5, 18)) is RefusalCode.BAD_INSTRUCTION
    assert bids.replace(4, 3, 19) == [(Event.REPLACED, 4, 19, 3, 3, 1)]
    assert bids.cancel(4) == [(Event.CANCELLED, 4, 3, CancelReason.REQUESTED)]
    assert view(bids, BID)[0] == (30, 10, 1)


def test_a_stop_that_was_reached_waits_for_the_volatility_auction_to_end(new_book):
    rules = {"collar": 5, "reference_price": 100, "collar_action": CollarAction.VOLATILITY_AUCTION}
    book = new_book(**rules)
    fill(book, buy(1, 1, 100), buy(2, 10, 90))
    stops = [sell(n, 2, 80, kind=STOP_LIMIT, stop_price=100) for n in (3, 4, 5)]
    fill(book, *stops)
    events = book.submit(sell(6, 1, 100))
    # Order 3 enters, reaches 90, which is too far from 100, and calls the auction.
    assert told(events)[:5] == ["ACCEPTED", "TRADED", "TRIGGERED", "PHASE", "INDICATIVE"]
    assert book.order(4).parked
    book.cancel(4)
    events = book.set_phase(Phase.CONTINUOUS)
    assert of_kind(events, Event.TRIGGERED) == [(5, 100)]
    assert trades(events) == [(2, 5, 90, 2)]
