"""Rules: grids, bands, sizes and contradictions. A refusal is coded and changes nothing.

A collar keeps trades near the last one: it ends the aggressor, or calls a volatility auction.
"""

from __future__ import annotations

import pytest
from book_words import (
    ASK,
    BID,
    BookRules,
    CancelReason,
    CollarAction,
    Event,
    Kind,
    NewOrder,
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

LARGEST = 2**53
STOP, PEGGED, TRAILING = Kind.STOP, Kind.PEGGED, Kind.TRAILING_STOP


@pytest.mark.parametrize(
    ("order", "code"),
    [
        (buy(9, 0, 100), RefusalCode.BAD_QUANTITY),
        (buy(9, 5, 100), RefusalCode.BAD_QUANTITY),
        (buy(9, 2_000, 100), RefusalCode.BAD_QUANTITY),
        (buy(9, 15, 100), RefusalCode.BAD_LOT),
        (buy(9, 20, 100, display=5), RefusalCode.BAD_LOT),
        (buy(9, 20, 100, min_quantity=5), RefusalCode.BAD_LOT),
        (buy(9, 20, 0), RefusalCode.BAD_PRICE),
        (buy(9, 20, -5), RefusalCode.BAD_PRICE),
        (buy(9, 20, LARGEST + 1), RefusalCode.BAD_PRICE),
        (buy(9, 20, 49), RefusalCode.PRICE_BAND),
        (buy(9, 20, 1_005), RefusalCode.PRICE_BAND),
        (buy(9, 20, 203), RefusalCode.BAD_TICK),
        (buy(9, 20, 205, kind=Kind.STOP_LIMIT, stop_price=203), RefusalCode.BAD_TICK),
        (buy(1, 20, 100), RefusalCode.DUPLICATE_ID),
    ],
)
def test_each_limit_has_its_code_and_changes_nothing(new_book, order, code):
    ticks = ((1, 1), (200, 5))
    book = new_book(
        lot=10, min_quantity=10, max_quantity=1_000, band_low=50, band_high=1_000, tick_table=ticks
    )
    fill(book, buy(1, 20, 100))
    before = book.state_hash()
    assert refusal(book.submit(order)) is code
    assert book.state_hash() == before


def test_the_tick_is_that_of_the_price(new_book):
    book = new_book(tick_table=((1, 1), (200, 5)))
    fill(book, buy(1, 1, 199), sell(2, 1, 200), sell(3, 1, 205))
    assert refusal(book.replace(3, 1, 206)) is RefusalCode.BAD_TICK


@pytest.mark.parametrize(("quantity", "price"), [(0, 101), (-1, 101), (10, 0), (10, LARGEST + 1)])
def test_a_replace_stays_within_the_limits_too(book, quantity, price):
    fill(book, sell(1, 10, 101))
    before = book.state_hash()
    assert refusal(book.replace(1, quantity, price)) in (
        RefusalCode.BAD_QUANTITY,
        RefusalCode.BAD_PRICE,
    )
    assert book.state_hash() == before


def test_the_largest_numbers_are_taken(book):
    fill(book, sell(1, LARGEST, LARGEST))
    assert trades(book.submit(buy(2, LARGEST, LARGEST, tif=Tif.FOK))) == [(1, 2, LARGEST, LARGEST)]


@pytest.mark.parametrize("number", [0, -1, 2**63, 2**70])
def test_any_integer_is_refused_where_it_is_no_id(book, number):
    assert refusal(book.limit(number, BID, 100, 1)) is RefusalCode.BAD_INSTRUCTION
    assert refusal(book.cancel(number)) is RefusalCode.UNKNOWN_ORDER


@pytest.mark.parametrize(
    "order",
    [
        buy(9, 5),
        buy(9, 5, 100, kind=Kind.MARKET),
        buy(9, 5, 100, kind=Kind.MARKET_TO_LIMIT),
        buy(9, 5, 100, stop_price=90),
        buy(9, 5, kind=STOP),
        buy(9, 5, 100, kind=STOP, stop_price=90),
        buy(9, 5, kind=TRAILING, stop_price=90),
        buy(9, 5, kind=TRAILING, stop_price=90, trail=5, trail_bps=5),
        buy(9, 5, kind=TRAILING, stop_price=90, trail=0),
        buy(9, 5, 100, trail=5),
        buy(9, 5, kind=PEGGED),
        buy(9, 5, 100, peg=Peg.PRIMARY),
        buy(9, 5, 100, offset=1),
        buy(9, 5, kind=PEGGED, peg=Peg.MIDPOINT, display=2),
        buy(9, 5, 100, display=2, hidden=True),
        buy(9, 5, 100, display=0),
        buy(9, 5, 100, refresh_range=1),
        buy(9, 5, 100, display=2, refresh_range=1),
        buy(9, 5, kind=Kind.MARKET, hidden=True),
        buy(9, 5, 100, min_quantity=6),
        buy(9, 5, 100, min_quantity=-1),
        buy(9, 5, 100, min_quantity=2, post_only=True),
        buy(9, 5, 100, post_only=True, tif=Tif.IOC),
        buy(9, 5, 100, tif=Tif.GTD),
        buy(9, 5, 100, expire_at=10),
        buy(9, 5, kind=STOP, stop_price=90, tif=Tif.IOC),
        buy(9, 5, kind=Kind.MARKET_TO_LIMIT, tif=Tif.CLS),
        buy(9, 5, 100, min_quantity=2, tif=Tif.CLS),
        buy(9, 5, 100.0),
        buy(9, 5.0, 100),
        buy(9, "5", 100),
        buy(9, None, 100),
        buy(9, 5, 100, display=2.5),
        buy(9, 5, 100, tif=Tif.GTD, expire_at=1e18),
        buy(9, 5, 100, kind=99),
        buy(9, 5, 100, kind=int(Kind.LIMIT)),
        buy(9, 5, 100, tif=5),
        buy(9, 5, 100, tif=int(Tif.IOC)),
        buy(9, 5, kind=PEGGED, peg=9),
        buy(9, 5, 100, self_trade=9),
        NewOrder(order_id=9, side=0, quantity=5, price=100),
    ],
    ids=repr,
)
def test_contradictions_are_refused(book, order):
    assert refusal(book.submit(order)) is RefusalCode.BAD_INSTRUCTION
    assert book.order(9) is None


def test_a_full_book_refuses_what_could_stay_but_still_trades(new_book):
    book = new_book(max_orders=2)
    fill(book, sell(1, 1, 101), buy(2, 1, kind=STOP, stop_price=150))
    assert refusal(book.submit(sell(3, 1, 103))) is RefusalCode.BOOK_FULL
    assert refusal(book.submit(sell(3, 1, kind=Kind.MARKET_TO_LIMIT))) is RefusalCode.BOOK_FULL
    assert trades(book.submit(buy(4, 1, 101, tif=Tif.IOC))) == [(1, 4, 101, 1)]
    assert told(book.submit(buy(5, 1, kind=Kind.MARKET))) == ["ACCEPTED", "CANCELLED"]
    fill(book, sell(3, 1, 103))


def test_the_collar_ends_an_aggressor_that_would_trade_too_far_away(new_book):
    book = new_book(collar=2, reference_price=100)
    fill(book, sell(1, 5, 102), sell(2, 5, 103))
    events = book.submit(buy(9, 10, 105))
    assert trades(events) == [(1, 9, 102, 5)]
    assert cancels(events) == [(9, 5, CancelReason.COLLAR)]
    assert view(book, ASK) == [(103, 5, 1)]


def test_the_collar_is_around_the_last_trade_of_before_the_command(new_book):
    book = new_book(collar=2, reference_price=50)
    fill(book, sell(1, 1, 51), buy(2, 1, 51))
    fill(book, sell(3, 1, 53), sell(4, 1, 54), sell(5, 1, 55))
    events = book.submit(buy(9, 3, kind=Kind.MARKET))
    assert trades(events) == [(3, 9, 53, 1)]
    assert cancels(events) == [(9, 2, CancelReason.COLLAR)]
    # Now 53 is the last trade.
    assert len(trades(book.submit(buy(10, 2, kind=Kind.MARKET)))) == 2


def test_without_any_reference_there_is_no_collar(new_book):
    book = new_book(collar=0)
    fill(book, sell(1, 5, 102), sell(2, 5, 300))
    assert len(trades(book.submit(buy(9, 10, 300)))) == 2


def test_fill_or_kill_counts_only_what_the_collar_lets_it_have(new_book):
    book = new_book(collar=2, reference_price=100)
    fill(book, sell(1, 5, 102), sell(2, 5, 103))
    events = book.submit(buy(9, 6, 103, tif=Tif.FOK))
    assert cancels(events) == [(9, 6, CancelReason.FOK_UNFILLABLE)]


def test_the_collar_may_call_a_volatility_auction(new_book):
    book = new_book(collar=2, reference_price=100, collar_action=CollarAction.VOLATILITY_AUCTION)
    fill(book, sell(1, 5, 102), sell(2, 5, 103))
    events = book.submit(buy(9, 12, 105))
    assert told(events) == ["ACCEPTED", "TRADED", "PHASE", "INDICATIVE"]
    assert of_kind(events, Event.PHASE) == [(Phase.VOLATILITY_AUCTION,)]
    assert of_kind(events, Event.INDICATIVE) == [(103, 5, 2)]
    assert view(book, BID) == [(105, 7, 1)]
    events = book.set_phase(Phase.CONTINUOUS)
    assert of_kind(events, Event.AUCTION_TRADED)[0][1:] == (9, 2, 103, 5)


def test_a_market_order_does_not_wait_for_the_volatility_auction(new_book):
    book = new_book(collar=2, reference_price=100, collar_action=CollarAction.VOLATILITY_AUCTION)
    fill(book, sell(2, 5, 103))
    events = book.submit(buy(9, 5, kind=Kind.MARKET))
    assert told(events) == ["ACCEPTED", "CANCELLED", "PHASE"]
    assert cancels(events) == [(9, 5, CancelReason.COLLAR)]


@pytest.mark.parametrize(
    "rules",
    [
        {"tick_table": ()},
        {"tick_table": ((2, 1),)},
        {"tick_table": ((1, 1), (5, 0))},
        {"lot": 0},
        {"min_quantity": 5, "max_quantity": 4},
        {"band_low": 5, "band_high": 4},
        {"collar": -1},
        {"reference_price": 0},
        {"max_orders": 0},
        {"allocation": 2},
        {"collar_action": 1},
        {"phase": 3},
        {"reference_price": 101, "tick_table": ((1, 5),)},
        {"reference_price": 101, "band_high": 100},
    ],
    ids=str,
)
def test_rules_that_make_no_sense_are_an_error_that_names_them(rules):
    with pytest.raises(ValueError, match="|".join(rules)):
        BookRules(**rules)


@pytest.mark.parametrize("hidden", [False, True])
def test_many_of_the_largest_orders_add_up(book, hidden):
    """More lots at one price than 64 bits can count."""
    for order_id in range(1, 1_101):
        book.submit(buy(order_id, LARGEST, 100, hidden=hidden))
    book.check_invariants()
    assert view(book, BID) == ([] if hidden else [(100, 1_100 * LARGEST, 1_100)])
    assert trades(book.limit(5_000, ASK, 100, LARGEST, Tif.FOK)) == [(1, 5_000, 100, LARGEST)]
    whole = sell(5_001, LARGEST, 100, all_or_none=True)
    assert trades(book.submit(whole)) == [(2, 5_001, 100, LARGEST)]
