"""Market data: what a viewer of the book is told, and how often."""

from __future__ import annotations

import pytest
from venue_fix import Desk, human, some, tagged

from meridian.book import Phase
from meridian.venue import ALL as ALL_FEATURES
from meridian.venue import MARKET_DATA_INTERVAL
from meridian.venue.commands import BustExecution, DeleteInstrument, SetPhase
from meridian.venue.market_data import MAX_LEVELS, MAX_SUBSCRIPTIONS
from meridian.venue.statistics import MAX_TRADES, Statistics

BOTH = "267=2|269=0|269=1"
ALL = "267=3|269=0|269=1|269=2"


@pytest.fixture
def desk():
    desk = Desk()
    desk.order("ALICE", "a1", side="1", qty="100", px="149.99")
    desk.order("ALICE", "a2", side="1", qty="50", px="149.99")
    desk.order("ALICE", "a3", side="1", qty="70", px="149.98")
    desk.order("ALICE", "a4", side="2", qty="30", px="150.01")
    return desk


def due(desk, after=0):
    desk.now += after
    return [human(reply.fields) for reply in desk.door.market_data(desk.now)]


def test_a_snapshot_has_both_sides_best_first(desk):
    said = desk.say("BOB", f"35=V|262=m1|263=0|264=0|{BOTH}|146=1|55=AAPL")
    assert said == [
        (
            "BOB",
            "35=W|262=m1|55=AAPL|268=3"
            "|269=0|270=149.99|271=150|290=1|269=0|270=149.98|271=70|290=2"
            "|269=1|270=150.01|271=30|290=1",
        )
    ]
    desk.order("ALICE", "a5")
    assert due(desk, after=MARKET_DATA_INTERVAL) == [], "a snapshot alone must not subscribe"


def test_depth_and_entry_types_are_as_asked(desk):
    (top,) = desk.say("BOB", "35=V|262=m1|263=0|264=1|267=1|269=0|146=1|55=AAPL")
    assert top[1] == "35=W|262=m1|55=AAPL|268=1|269=0|270=149.99|271=150|290=1"
    desk.order("BOB", "b1", side="2", qty="10", px="149.99")
    (last,) = desk.say("BOB", "35=V|262=m2|263=0|264=1|267=1|269=2|146=1|55=AAPL")
    assert last[1] == "35=W|262=m2|55=AAPL|268=1|269=2|270=149.99|271=10"


def test_an_empty_book_and_several_symbols_are_answered(desk):
    said = desk.say("BOB", f"35=V|262=m1|263=0|264=1|{BOTH}|146=2|55=EURUSD|55=AAPL")
    assert [tagged(text)[55] for _, text in said] == ["EURUSD", "AAPL"]
    assert said[0][1] == "35=W|262=m1|55=EURUSD|268=0"


def test_a_subscriber_is_told_of_changes_once_an_interval(desk):
    desk.ask("BOB", f"35=V|262=m1|263=1|264=1|265=0|{ALL}|146=1|55=AAPL")
    due(desk)
    assert desk.market_data.next_deadline() is None, "nothing changed since the snapshot"
    desk.order("ALICE", "n1", px="150.00", qty="1")
    deadline = desk.market_data.next_deadline()
    assert deadline is not None
    assert due(desk, after=1) == [], "too early"
    desk.order("ALICE", "n2", px="150.00", qty="2")
    desk.now = deadline
    (snapshot,) = due(desk)
    some(tagged(snapshot), "262=m1|55=AAPL|268=2")
    assert "269=0|270=150.00|271=3" in snapshot
    assert due(desk, after=MARKET_DATA_INTERVAL) == []


def test_a_change_outside_of_what_was_asked_says_nothing(desk):
    desk.ask("BOB", f"35=V|262=m1|263=1|264=1|265=0|{BOTH}|146=1|55=AAPL")
    desk.order("ALICE", "n1", px="100.00")
    assert due(desk, after=MARKET_DATA_INTERVAL) == []


def test_unsubscribing_and_disconnecting_end_it(desk):
    for request in ("m1", "m2"):
        desk.ask("BOB", f"35=V|262={request}|263=1|264=1|265=0|{BOTH}|146=1|55=AAPL")
    desk.ask("ALICE", f"35=V|262=m1|263=1|264=1|265=0|{BOTH}|146=1|55=AAPL")
    assert desk.ask("BOB", f"35=V|262=m1|263=2|264=1|{BOTH}|146=1|55=AAPL") == []
    desk.market_data.drop("ALICE")
    desk.order("ALICE", "n1", px="150.00")
    assert [tagged(text)[262] for text in due(desk, after=MARKET_DATA_INTERVAL)] == ["m2"]
    (reject,) = desk.ask("BOB", f"35=V|262=m1|263=2|264=1|{BOTH}|146=1|55=AAPL")
    some(reject, "35=Y|262=m1|281=")


@pytest.mark.parametrize(
    ("request_text", "reason"),
    [
        (f"262=m|263=1|264=1|265=0|{BOTH}|146=2|55=AAPL|55=NOPE", "0"),
        (f"262=taken|263=1|264=1|265=0|{BOTH}|146=1|55=AAPL", "1"),
        (f"262=m|263=0|264=-1|{BOTH}|146=1|55=AAPL", "5"),
        ("262=m|263=0|264=1|267=1|269=6|146=1|55=AAPL", "8"),
    ],
)
def test_what_is_not_offered_is_rejected_with_its_reason(desk, request_text, reason):
    desk.ask("BOB", f"35=V|262=taken|263=1|264=1|265=0|{BOTH}|146=1|55=AAPL")
    (reject,) = desk.ask("BOB", f"35=V|{request_text}")
    some(reject, f"35=Y|281={reason}|262={tagged(request_text)[262]}")
    assert reject[58]


def test_a_session_has_room_for_so_many_subscriptions(desk):
    for number in range(MAX_SUBSCRIPTIONS):
        desk.ask("BOB", f"35=V|262={number}|263=1|264=1|265=0|{BOTH}|146=1|55=EURUSD")
    (reject,) = desk.ask("BOB", f"35=V|262=more|263=1|264=1|265=0|{BOTH}|146=1|55=AAPL")
    some(reject, "35=Y|281=2")
    (other,) = desk.ask("ALICE", f"35=V|262=more|263=1|264=1|265=0|{BOTH}|146=1|55=AAPL")
    some(other, "35=W")


def test_a_whole_book_is_cut_at_the_bound():
    desk = Desk()
    for number in range(MAX_LEVELS + 1):
        desk.order("ALICE", f"a{number}", px=f"{100 + number / 100:.2f}", qty="1")
    (snapshot,) = desk.ask("BOB", f"35=V|262=m|263=0|264=0|{BOTH}|146=1|55=AAPL")
    assert snapshot[268] == str(MAX_LEVELS)


def test_increments_tell_only_what_became_of_each_level(desk):
    desk.ask("BOB", f"35=V|262=m1|263=1|264=0|265=1|{ALL}|146=1|55=AAPL")
    desk.order("ALICE", "n1", px="150.00", qty="5")
    desk.order("ALICE", "n2", px="149.99", qty="5")
    desk.cancel("ALICE", "c3", "a3")
    desk.order("BOB", "b1", px="150.01", qty="10")
    assert due(desk, after=MARKET_DATA_INTERVAL) == [
        "262=m1|268=5"
        "|279=2|269=0|55=AAPL|270=149.98"
        "|279=0|269=0|55=AAPL|270=150.00|271=5|346=1|290=1"
        "|279=1|269=0|55=AAPL|270=149.99|271=155|346=3|290=2"
        "|279=1|269=1|55=AAPL|270=150.01|271=20|346=1|290=1"
        "|279=0|269=2|55=AAPL|270=150.01|271=10"
    ]
    assert due(desk, after=MARKET_DATA_INTERVAL) == []


def test_each_trade_is_told_once_and_in_order(desk):
    desk.ask("BOB", "35=V|262=m1|263=1|264=0|265=1|267=1|269=2|146=1|55=AAPL")
    for number in range(3):
        desk.order("BOB", f"b{number}", px="150.01", qty=str(number + 1))
    (told,) = due(desk, after=MARKET_DATA_INTERVAL)
    assert told.split("|279=")[1:] == [
        f"0|269=2|55=AAPL|270=150.01|271={quantity}" for quantity in (1, 2, 3)
    ]


def test_by_order_each_order_has_a_number_and_hidden_ones_have_none():
    desk = Desk(features=ALL_FEATURES)
    desk.order("ALICE", "a1", qty="10", px="149.00")
    desk.order("ALICE", "a2", qty="20", px="149.00")
    desk.order("ALICE", "a3", qty="30", px="149.00", t111="0")
    (told,) = desk.say("BOB", f"35=V|262=m|263=1|264=0|265=1|266=N|{BOTH}|146=1|55=AAPL")
    assert told[1] == (
        "35=W|262=m|55=AAPL|268=2"
        "|269=0|270=149.00|271=10|37=1|290=1|269=0|270=149.00|271=20|37=2|290=2"
    )
    # More of the first order costs it its place: it goes, and comes again behind the second.
    desk.replace("ALICE", "a4", "a1", "15", "149.00")
    assert due(desk, after=MARKET_DATA_INTERVAL) == [
        "262=m|268=4"
        "|279=2|269=0|278=1|55=AAPL|270=149.00|37=1"
        "|279=2|269=0|278=2|55=AAPL|270=149.00|37=2"
        "|279=0|269=0|278=2|55=AAPL|270=149.00|271=20|37=2|290=1"
        "|279=0|269=0|278=1|55=AAPL|270=149.00|271=15|37=1|290=2"
    ]


def test_the_figures_of_the_day_follow_trades_busts_and_the_close(desk):
    figures = "267=5|269=4|269=5|269=7|269=8|269=B"
    desk.order("ALICE", "s1", side="2", qty="5", px="151.00")
    for number, price in enumerate(("150.01", "151.00")):
        desk.order("BOB", f"b{number}", px=price, qty="31" if number else "4")

    def told():
        (text,) = desk.say("BOB", f"35=V|262=f|263=0|264=0|{figures}|146=1|55=AAPL")
        entries = [
            tagged(entry) for entry in text[1].split("|269=")[1:] for entry in [f"269={entry}"]
        ]
        return {entry[269]: entry.get(270) or entry.get(271) for entry in entries}

    assert told() == {"4": "150.01", "7": "151.00", "8": "150.01", "B": "35"}
    events = desk.venue.apply(BustExecution(desk.events[-1].exec_id), desk.now)
    desk.market_data.observe(events)
    assert told()["B"] == str(35 - events[0].quantity)
    for phase in (Phase.CLOSED, Phase.PRE_OPEN):
        desk.market_data.observe(desk.venue.apply(SetPhase("AAPL", phase), desk.now))
        assert told()["5"] == "151.00"
    # A new day begins with its own figures.
    assert told() == {"5": "151.00"}


def test_a_deleted_instrument_is_told_of_no_more(desk):
    desk.ask("BOB", f"35=V|262=m1|263=1|264=0|265=0|{ALL}|146=2|55=AAPL|55=EURUSD")
    desk.market_data.observe(desk.venue.apply(DeleteInstrument("AAPL", True), desk.now))
    assert due(desk, after=MARKET_DATA_INTERVAL) == []
    desk.order("ALICE", "e1", t55="EURUSD", qty="2000", px="1.00000")
    assert [tagged(text)[55] for text in due(desk, after=MARKET_DATA_INTERVAL)] == ["EURUSD"]


def test_only_so_many_trades_are_kept_between_two_refreshes():
    statistics = Statistics()
    for price in range(1, 3 * MAX_TRADES):
        statistics.traded(price, 1)
        assert len(statistics.trades) <= 2 * MAX_TRADES
    kept = [trade.price for trade in statistics.since(0)]
    assert kept == list(range(2 * MAX_TRADES, 3 * MAX_TRADES))
