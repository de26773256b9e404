"""Rule: an order with discretion shows its price and takes what rests a little beyond it.

At entry and, while it rests in continuous trading, after each command. Trades are at the price of
the order that it takes; what is left of it keeps its place.
"""

from __future__ import annotations

import pytest
from book_words import (
    ASK,
    BID,
    CancelReason,
    CollarAction,
    Event,
    Kind,
    Peg,
    Phase,
    RefusalCode,
    SelfTrade,
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


def test_at_entry_it_takes_within_its_discretion_and_rests_at_its_price(book):
    fill(book, sell(1, 5, 102), sell(2, 5, 103), sell(3, 5, 104))
    events = book.submit(buy(9, 20, 101, discretion=2))
    assert trades(events) == [(1, 9, 102, 5), (2, 9, 103, 5)]
    assert view(book, BID) == [(101, 10, 1)]
    assert view(book, ASK) == [(104, 5, 1)]


def test_what_comes_to_rest_within_reach_is_taken_at_its_price(book):
    fill(book, buy(1, 10, 100, discretion=3))
    assert told(book.submit(sell(2, 4, 104))) == ["ACCEPTED"]
    events = book.submit(sell(3, 4, 103))
    assert trades(events) == [(3, 1, 103, 4)]
    assert view(book, BID) == [(100, 6, 1)]
    assert trades(book.submit(sell(4, 9, 102, hidden=True))) == [(4, 1, 102, 6)]
    assert book.order(1) is None
    assert book.order(4).leaves == 3


def test_a_sell_order_is_the_mirror(book):
    fill(book, sell(1, 10, 100, discretion=3))
    assert trades(book.submit(buy(2, 4, 97))) == [(2, 1, 97, 4)]
    assert not trades(book.submit(buy(3, 4, 96)))


def test_what_is_left_keeps_its_place(book):
    fill(book, buy(1, 10, 100, discretion=3), buy(2, 10, 100))
    fill(book, sell(3, 4, 102))
    assert trades(book.submit(sell(4, 8, 100))) == [(1, 4, 100, 6), (2, 4, 100, 2)]


def test_an_immediate_order_does_not_meet_the_discretion_of_what_rests(book):
    fill(book, buy(1, 10, 100, discretion=3))
    events = book.submit(sell(2, 4, 102, tif=Tif.IOC))
    assert cancels(events) == [(2, 4, CancelReason.IOC_REMAINDER)]


def test_two_of_one_side_reach_in_order_of_entry(book):
    fill(book, buy(1, 5, 99, discretion=5), buy(2, 5, 100, discretion=5))
    assert trades(book.submit(sell(3, 8, 103))) == [(3, 1, 103, 5), (3, 2, 103, 3)]


def test_two_that_reach_only_each_others_discretion_do_not_trade(book):
    fill(book, buy(1, 5, 100, discretion=2), sell(2, 5, 104, discretion=2))
    assert view(book, BID) == [(100, 5, 1)]
    # One that reaches the other's price does.
    assert trades(book.submit(sell(3, 5, 103, discretion=3))) == [(1, 3, 100, 5)]


def test_its_trades_trigger_stops_and_move_pegs(book):
    fill(book, buy(1, 5, 100, discretion=3), buy(2, 5, 98))
    fill(book, buy(3, 1, kind=Kind.PEGGED, peg=Peg.PRIMARY))
    fill(book, sell(4, 2, kind=Kind.STOP, stop_price=102))
    events = book.submit(sell(5, 5, 102))
    # The stop goes before the peg, which is still where the order was that is gone.
    assert trades(events) == [(5, 1, 102, 5), (3, 4, 100, 1), (2, 4, 98, 1)]


def test_it_takes_an_all_or_none_that_waits_within_its_reach(book):
    fill(book, buy(1, 10, 100, discretion=3))
    events = book.submit(sell(2, 10, 102, all_or_none=True))
    assert trades(events) == [(2, 1, 102, 10)]
    assert book.order(1) is None


def test_self_trade_prevention_is_that_of_the_order_that_reaches(book):
    mine = {"account": 7, "self_trade": SelfTrade.CANCEL_OLDEST}
    fill(book, buy(1, 10, 100, discretion=3, **mine))
    assert told(book.submit(sell(2, 3, 102, account=7))) == ["ACCEPTED"]
    events = book.submit(sell(3, 4, 103))
    assert cancels(events) == [(2, 3, CancelReason.SELF_TRADE)]
    assert trades(events) == [(3, 1, 103, 4)]


@pytest.mark.parametrize(
    ("mode", "left", "reduced"),
    [
        (SelfTrade.CANCEL_NEWEST, (0, 3), []),
        (SelfTrade.CANCEL_BOTH, (0, 0), []),
        (SelfTrade.DECREMENT, (3, 0), [(1, 3)]),
    ],
)
def test_meeting_its_own_after_a_trade_acts_on_the_order_where_it_rests(book, mode, left, reduced):
    fill(book, buy(1, 10, 100, discretion=3, account=7, self_trade=mode))
    fill(book, sell(2, 3, 103, account=7))
    events = book.submit(sell(3, 4, 102))
    assert trades(events) == [(3, 1, 102, 4)]
    assert of_kind(events, Event.REDUCED) == reduced
    assert tuple(book.order(n).leaves if book.order(n) else 0 for n in (1, 2)) == left
    book.check_invariants()


def test_a_collar_ends_its_discretion_and_nothing_else(new_book):
    for action in CollarAction:
        book = new_book(collar=1, reference_price=100, collar_action=action)
        fill(book, sell(1, 5, 101), sell(2, 5, 102))
        events = book.submit(buy(9, 20, 100, discretion=5))
        assert told(events) == ["ACCEPTED", "TRADED"]
        assert view(book, BID) == [(100, 15, 1)]


def test_in_an_auction_it_has_its_price_alone(new_book):
    book = new_book(phase=Phase.OPENING_AUCTION)
    fill(book, buy(1, 5, 100, discretion=5), sell(2, 5, 103))
    assert book.indicative() is None
    events = book.set_phase(Phase.CONTINUOUS)
    assert told(events) == ["PHASE", "TRADED"]


def test_a_replace_moves_its_reach_too(book):
    fill(book, buy(1, 5, 100, discretion=2), sell(2, 5, 104))
    assert trades(book.replace(1, 5, 101)) == []
    assert trades(book.replace(1, 5, 102)) == [(2, 1, 104, 5)]


@pytest.mark.parametrize(
    "asked",
    [
        {"discretion": -1},
        {"discretion": 2**53 + 1},
        {"discretion": 1, "tif": Tif.IOC},
        {"discretion": 1, "tif": Tif.CLS},
        {"discretion": 1, "display": 2},
        {"discretion": 1, "hidden": True},
        {"discretion": 1, "post_only": True},
        {"discretion": 1, "min_quantity": 2},
        {"discretion": 1, "all_or_none": True},
        {"discretion": 1, "kind": Kind.STOP_LIMIT, "stop_price": 120},
        {"discretion": 1, "kind": Kind.PEGGED, "peg": Peg.PRIMARY},
    ],
    ids=str,
)
def test_it_goes_with_no_other_instruction(book, asked):
    assert refusal(book.submit(buy(9, 5, 100, **asked))) is RefusalCode.BAD_INSTRUCTION
