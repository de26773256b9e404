"""What would break: sessions that are steered, faults, time, and a clean slate."""

from __future__ import annotations

import pytest
from desk import Desk

from meridian.client import CommandRefused, NotFound


@pytest.fixture
def desk(venue):
    with Desk(venue.connection("TRADER")) as desk:
        desk.wait(t35="A")
        yield desk


def test_numbers_are_set_while_the_client_is_away(venue):
    session = venue.session("TRADER")
    session.set_sequence(next_out=7, next_in=1)
    assert (session.view["next_out"], session.view["next_in"]) == (7, 1)
    with Desk(venue.connection("TRADER")) as desk:
        assert desk.wait(t35="A").get(34) == "7"
        with pytest.raises(CommandRefused, match="active"):
            session.set_sequence(next_in=9)
        session.set_sequence(next_out=20)
        assert desk.wait(t35="4").get(36) == "20"


def test_messages_of_ones_own_and_bytes_as_they_are(venue, desk):
    session = venue.session("TRADER")
    session.send("B", [(148, "news"), (33, 1), (58, "hello")])
    assert desk.wait(t35="B").get(148) == "news"
    session.send_raw("8=FIX.4.4|9=5|35=0|10=163|")
    assert desk.read() == b"8=FIX.4.4\x019=5\x0135=0\x0110=163\x01"
    with pytest.raises(CommandRefused, match="belongs to the session"):
        session.send("0", [(112, "x")])


def test_a_client_is_logged_out_and_cut_off(venue, desk):
    session = venue.session("TRADER")
    session.logout("bye")
    assert desk.wait(t35="5").get(58) == "bye"
    session.disconnect()
    assert desk.read() == b""
    with pytest.raises(CommandRefused, match="no connection"):
        session.disconnect()
    with pytest.raises(CommandRefused, match="not logged on"):
        session.logout()


def test_a_fault_strikes_within_its_scope_and_no_more(venue, desk):
    session = venue.session("TRADER")
    with session.fault("bad_checksum", msg_types=["8"], count=1):
        desk.order("a1")
        desk.order("a2")
        broken, whole = desk.read(), desk.read()
        assert session.faults()[0]["hits"] == 1
    assert session.faults() == []
    checksum = sum(broken[: broken.rindex(b"10=")]) % 256
    assert not broken.endswith(b"10=%03d\x01" % checksum)
    assert b"\x0111=a2\x01" in whole
    kinds = [event["type"] for event in venue.events()["items"]]
    assert kinds[-1] == "fault_disarmed"
    with pytest.raises(NotFound, match="expected one of: none"):
        session.disarm("delay")
    with pytest.raises(CommandRefused, match="armed already"):
        [session.arm("drop") for _ in range(2)]


def test_the_venues_time_stands_and_moves_by_hand(venue, desk):
    begin = venue.freeze(1_800_000_000_000_000_000)
    assert venue.now() == begin
    desk.order("a1", t59="6", t126="20270115-08:00:10")
    desk.wait(t35="8", t150="0")
    assert venue.advance("9.5") == begin + 9_500_000_000
    assert venue.orders()[0].cl_ord_id == "a1"
    venue.advance(1)
    desk.wait(t35="8", t150="C", t11="a1")
    assert venue.orders() == []
    venue.real_time()
    assert venue.execute("get_clock")["mode"] == "real"


def test_a_reset_forgets_what_it_says_and_keeps_the_rest(venue, desk):
    desk.order("a1")
    desk.wait(t150="0")
    venue.reset("orders")
    assert venue.orders() == []
    assert venue.session("TRADER").logged_on
    desk.order("a1")
    desk.wait(t150="0", t11="a1")
    venue.reset("sessions")
    assert desk.read() == b""
    assert venue.session("TRADER").view["next_in"] == 1
    assert len(venue.orders()) == 1
    venue.hold()
    venue.create_instrument("NEW")
    venue.reset()
    assert (venue.orders(), venue.messages()) == ([], [])
    views = venue.execute("list_instruments")["items"]
    assert {view["mode"] for view in views} == {"matching"}
    assert "NEW" in [view["symbol"] for view in views]


def test_the_same_seed_gives_the_same_play(venue):
    def play():
        venue.reset("all")
        venue.freeze(1_800_000_000_000_000_000)
        venue.seed(7)
        venue.advance(30)
        return venue.book("AAPL")

    venue.freeze(1_800_000_000_000_000_000)
    venue.create_bot("market_maker", "AAPL", activity="fast")
    venue.create_bot("noise", "AAPL", activity="fast")
    first = play()
    assert first["bids"]
    assert play() == first
