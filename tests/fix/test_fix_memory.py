"""A hostile peer cannot make a session hold much, or work for long."""

from __future__ import annotations

import tracemalloc
from contextlib import contextmanager

import pytest
from fix_wire import START, Desk

from meridian.fix import MemoryMessageStore, Session, SessionConfig
from meridian.fix.acceptor import Admission
from meridian.fix.directory import SessionDirectory
from meridian.fix.verdicts import MAX_MESSAGE

MEGABYTE = 1 << 20
CHUNK = 65_536


@contextmanager
def at_most(limit):
    """The block never holds more than ``limit`` bytes beyond what was there."""
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    try:
        yield
        peak = tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()
    assert peak < limit, f"held {peak:,} B"


def pieces(head, filling, size):
    """A message that begins and is never ended, a chunk at a time."""
    yield head
    for _ in range(size // CHUNK):
        yield filling * (CHUNK // len(filling))


ENDLESS = {
    "a text": (b"8=FIX.4.4\x019=1000000\x0135=D\x0158=", b"x"),
    "a length beyond reason": (b"8=FIX.4.4\x019=999999999999\x0135=D\x0158=", b"x"),
    "a length without end": (b"8=FIX.4.4\x019=", b"1"),
    "a begin string without end": (b"8=", b"F"),
    "fields": (b"8=FIX.4.4\x019=60000000\x0135=D\x01", b"58=x\x01"),
    "tags": (b"8=FIX.4.4\x019=60000000\x0135=D\x01", b"7"),
    "begins": (b"", b"8="),
    "lengths": (b"8=FIX.4.4\x01", b"9=9\x01"),
    "nothing": (b"", b"\0"),
}


@pytest.mark.parametrize("what", ENDLESS)
def test_a_message_without_end_is_not_collected(what):
    desk = Desk().logged_on()
    with at_most(2 * MAX_MESSAGE + 4 * CHUNK):
        for piece in pieces(*ENDLESS[what], 20 * MEGABYTE):
            desk.session.receive_data(piece, desk.now)
            desk.session.events()
            desk.hears_bytes()


@pytest.mark.parametrize("what", ENDLESS)
def test_nor_before_anybody_has_logged_on(what):
    session = Session(SessionConfig("MERIDIAN", "TRADER", False), MemoryMessageStore())
    admission = Admission(SessionDirectory({"TRADER": session}), START)
    with at_most(2 * MAX_MESSAGE + 4 * CHUNK):
        for piece in pieces(*ENDLESS[what], 20 * MEGABYTE):
            if admission.refusal:
                break
            admission.receive_data(piece, START)
    assert admission.session is None


@pytest.mark.parametrize(
    "field",
    [b"7" * MEGABYTE + b"=x", b"58=" + b"x" * MEGABYTE, b"=" * MEGABYTE, b"0" * MEGABYTE + b"58=x"],
    ids=["tag", "value", "equals", "zeros"],
)
def test_tags_and_values_of_a_megabyte_do_no_harm(field):
    desk = Desk().logged_on()
    message = desk.wire("35=D|34=2|" + field.decode("latin-1"))
    with at_most(8 * MEGABYTE):
        for _ in range(10):
            for at in range(0, len(message), CHUNK):
                desk.session.receive_data(message[at : at + CHUNK], desk.now)
            desk.session.events()
            desk.hears_bytes()
    desk.says("35=0|34=2")
    assert desk.session.state.value in ("active", "closing", "logout sent")


def test_ten_million_numbers_are_resent_in_few_words():
    desk = Desk()
    desk.session.set_numbers(next_out=10_000_001)
    desk.session.connected(desk.now)
    desk.says("35=A|34=1|98=0|108=30")
    with at_most(MEGABYTE):
        assert desk.says("35=2|34=2|7=1|16=0") == [
            "35=4|34=1|43=Y|122=20231114-22:13:20.000|36=10000002|123=Y"
        ]
    assert desk.says("35=2|34=3|7=1|16=10000000") == [
        "35=4|34=1|43=Y|122=20231114-22:13:20.000|36=10000001|123=Y"
    ]


def test_a_thousand_requests_for_all_are_one_resend():
    desk = Desk().logged_on()
    for n in range(2_000):
        desk.session.send("8", [(11, n)], desk.now)
    once = len(desk.hears_bytes())
    asked = b"".join(desk.wire(f"35=2|34={seq}|7=1|16=0") for seq in range(2, 1_002))
    with at_most(4 * MEGABYTE):
        desk.session.receive_data(asked, desk.now)
        resent = 0
        while data := desk.session.data_to_send():
            resent += len(data)
    assert once < resent < 2 * once


def test_messages_beyond_a_gap_are_kept_only_so_far():
    desk = Desk().logged_on()
    text = "x" * 5_000
    with at_most(24 * MEGABYTE):
        for seq in range(3, 6_003):
            desk.session.receive_data(desk.wire(f"35=D|34={seq}|58={text}"), desk.now)
            desk.session.events()
            desk.hears_bytes()
