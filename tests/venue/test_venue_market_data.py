"""Market data: what a viewer of the book is told, and how often."""

from __future__ import annotations

import pytest
from venue_fix import Desk, human, some, tagged

from meridian.venue import MARKET_DATA_INTERVAL
from meridian.venue.market_data import MAX_LEVELS, MAX_SUBSCRIPTIONS

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
