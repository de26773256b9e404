"""Logon and logout, both roles: who gets in, what a stranger learns, how sessions end."""

from __future__ import annotations

import pytest
from fix_wire import SECOND, START, Desk, framed

from meridian.fix import Admission, SessionConfig, State
from meridian.fix.config import LOGON_TIMEOUT, LOGOUT_TIMEOUT
from meridian.fix.directory import SessionDirectory
from meridian.schema.errors import ConfigError


def test_the_acceptor_answers_a_logon_byte_for_byte():
    desk = Desk()
    desk.session.connected(START)
    desk.session.receive_data(desk.wire("35=A|34=1|98=0|108=30"), START)
    assert desk.hears_bytes().replace(b"\x01", b"|") == (
        b"8=FIX.4.4|9=69|35=A|34=1|49=MERIDIAN|52=20231114-22:13:20.000|56=TRADER|"
        b"98=0|108=30|10=248|"
    )
    assert desk.events() == ["LoggedOn", "Synchronised"]


def test_the_initiator_opens_with_its_credentials_and_is_synchronised_by_the_answer():
    desk = Desk(initiator=True, username="u", password="p")
    desk.session.connected(START)
    assert desk.hears() == ["35=A|34=1|98=0|108=30|553=u|554=p"]
    assert desk.says("35=A|34=1|98=0|108=30") == []
    assert desk.events() == ["LoggedOn", "Synchronised"]


def test_a_logon_ahead_is_answered_and_the_missing_messages_asked_for():
    desk = Desk()
    desk.session.connected(START)
    assert desk.says("35=A|34=5|98=0|108=30") == ["35=A|34=1|98=0|108=30", "35=2|34=2|7=1|16=0"]
    assert desk.events() == ["LoggedOn"]
    desk.says("35=4|34=1|43=Y|122=<now>|36=5|123=Y")
    assert desk.events() == ["Synchronised"]


def test_an_acceptor_ahead_is_asked_for_what_was_missed():
    desk = Desk(initiator=True)
    desk.session.connected(START)
    desk.hears()
    assert desk.says("35=A|34=3|98=0|108=30") == ["35=2|34=2|7=1|16=0"]
    desk.says("35=8|34=1|43=Y|122=<now>|11=a", "35=8|34=2|43=Y|122=<now>|11=b")
    assert desk.events() == [
        "LoggedOn",
        "MessageReceived(8 a)",
        "MessageReceived(8 b)",
        "Synchronised",
    ]


def test_a_logon_behind_is_told_what_was_expected():
    desk = Desk().logged_on()
    desk.reconnects()
    assert desk.says("35=A|34=1|98=0|108=30") == [
        "35=5|34=2|58=MsgSeqNum too low, expecting 2 but received 1"
    ]
    assert desk.session.close_expected


def test_the_initiator_hears_why_it_was_refused():
    desk = Desk(initiator=True)
    desk.session.connected(START)
    desk.hears()
    text = "MsgSeqNum too low, expecting 9 but received 1"
    assert desk.says(f"35=5|34=1|58={text}") == []
    desk.session.receive_eof(desk.now)
    assert desk.events() == [
        f"LoggedOut({text})",
        f"Disconnected(the peer refused the Logon: {text})",
    ]


@pytest.mark.parametrize("asked", ["by the peer", "by configuration"])
def test_a_reset_at_logon_starts_both_directions_from_one(asked):
    desk = Desk(reset_on_logon=asked == "by configuration").logged_on()
    desk.session.send("8", [(37, "x")], desk.now)
    desk.reconnects()
    flag = "|141=Y" if asked == "by the peer" else ""
    assert desk.says(f"35=A|34=1|98=0|108=30{flag}") == [f"35=A|34=1|98=0|108=30{flag}"]
    # The old message is gone with the old numbers.
    assert desk.says("35=2|34=2|7=1|16=0") == [
        "35=4|34=1|43=Y|122=20231114-22:13:20.000|36=2|123=Y"
    ]


def test_an_initiator_that_resets_says_so():
    desk = Desk(initiator=True, reset_on_logon=True)
    desk.session.send("D", [(11, "old")], START)
    desk.session.connected(START)
    assert desk.hears() == ["35=A|34=1|98=0|108=30|141=Y"]
    desk.says("35=A|34=1|98=0|108=30|141=Y")
    assert desk.session.logged_on
    assert (desk.store.next_out, desk.session.send("D", [(11, "a")], START)) == (2, 2)


def test_a_reset_the_acceptor_decides_on_is_followed():
    desk = Desk(initiator=True)
    for _ in range(3):
        desk.session.send("D", [(11, "old")], START)
    desk.session.connected(START)
    assert desk.hears() == ["35=A|34=4|98=0|108=30"]
    desk.says("35=A|34=1|98=0|108=30|141=Y")
    assert desk.session.send("D", [(11, "a")], START) == 2


def test_a_reset_logon_on_a_live_session_starts_over():
    desk = Desk().logged_on()
    desk.says("35=0|34=2", "35=0|34=3")
    assert desk.says("35=A|34=1|98=0|108=10|141=Y") == ["35=A|34=1|98=0|108=10|141=Y"]
    assert desk.says("35=1|34=2|112=hi") == ["35=0|34=2|112=hi"]


@pytest.mark.parametrize(
    ("logon", "text"),
    [
        ("35=A|34=1|98=0|108=-1", "Value is incorrect (out of range) for this tag (tag 108)"),
        ("35=A|34=1|98=0|108=86401", "Value is incorrect (out of range) for this tag (tag 108)"),
        ("35=A|34=1|98=0|108=x", "Incorrect data format for value (tag 108)"),
        ("35=A|34=1|98=0", "Required tag missing (tag 108)"),
        ("35=A|34=1|108=30", "Required tag missing (tag 98)"),
        ("35=A|34=1|98=1|108=30", "Value is incorrect (out of range) for this tag (tag 98)"),
        ("35=A|34=x|98=0|108=30", "MsgSeqNum(34) is missing or no number"),
    ],
)
def test_an_invalid_logon_of_a_known_peer_is_told_why(logon, text):
    desk = Desk()
    desk.session.connected(START)
    assert desk.says(logon) == [f"35=5|34=1|58={text}"]
    assert desk.session.close_expected


@pytest.mark.parametrize(
    "first",
    [
        "35=0|34=1",
        "35=A|34=1|49=OTHER|98=0|108=30",
        "35=A|34=1|56=OTHER|98=0|108=30",
        "35=A|34=1|52=20010101-00:00:00|98=0|108=30",
        "35=A|34=1|52=nonsense|98=0|108=30",
    ],
)
def test_a_stranger_is_disconnected_without_a_word(first):
    desk = Desk()
    desk.session.connected(START)
    assert desk.says(first) == []
    assert desk.session.close_expected
    assert desk.store.next_out == 1


def test_the_initiator_disconnects_when_the_first_answer_is_no_logon():
    desk = Desk(initiator=True)
    desk.session.connected(START)
    desk.hears()
    assert desk.says("35=0|34=1") == []
    assert desk.session.close_expected


def test_garbled_bytes_before_logon_end_the_connection():
    desk = Desk()
    desk.session.connected(START)
    desk.session.receive_data(b"GET / HTTP/1.1\r\n", START)
    assert desk.session.close_expected


def test_no_logon_in_time_ends_the_connection():
    desk = Desk()
    desk.session.connected(START)
    assert desk.session.next_deadline() == START + LOGON_TIMEOUT
    desk.session.poll(START + LOGON_TIMEOUT - 1)
    assert not desk.session.close_expected
    desk.session.poll(START + LOGON_TIMEOUT)
    assert desk.session.close_expected


def test_a_logout_is_answered_and_the_connection_closed():
    desk = Desk().logged_on()
    assert desk.says("35=5|34=2|58=bye") == ["35=5|34=2"]
    assert desk.session.close_expected
    assert desk.events() == ["LoggedOut(bye)"]


def test_our_logout_waits_for_the_answer():
    desk = Desk().logged_on()
    desk.session.logout("end of day", desk.now)
    assert desk.hears() == ["35=5|34=2|58=end of day"]
    assert not desk.session.close_expected
    assert desk.says("35=5|34=2") == []
    assert desk.session.close_expected


def test_our_logout_does_not_wait_for_ever():
    desk = Desk().logged_on()
    desk.session.logout("", desk.now)
    assert desk.session.next_deadline() == desk.now + LOGOUT_TIMEOUT
    desk.wait(LOGOUT_TIMEOUT // SECOND)
    assert desk.session.close_expected


def test_what_is_sent_after_our_logout_waits_for_the_next_logon():
    desk = Desk().logged_on()
    desk.session.logout("", desk.now)
    desk.hears()
    assert desk.session.send("8", [(37, "x")], desk.now) == 3
    assert desk.hears() == []


def test_a_second_connection_is_a_mistake_of_the_owner():
    desk = Desk().logged_on()
    with pytest.raises(RuntimeError, match="expected disconnected"):
        desk.session.connected(desk.now)


# Which session a connection belongs to


def admitted(desk, data):
    admission = Admission(SessionDirectory({"TRADER": desk.session}), desk.now)
    admission.receive_data(data, desk.now)
    return admission


def test_a_known_peer_gets_its_session_with_the_bytes_already_read():
    desk = Desk()
    first = desk.wire("35=A|34=1|98=0|108=30")
    admission = Admission(SessionDirectory({"TRADER": desk.session}), START)
    admission.receive_data(first[:20], START)
    assert (admission.session, admission.refusal) == (None, "")
    admission.receive_data(first[20:] + desk.wire("35=1|34=2|112=x"), START)
    assert (admission.session, admission.key) == (desk.session, "TRADER")
    assert desk.hears() == ["35=A|34=1|98=0|108=30", "35=0|34=2|112=x"]


@pytest.mark.parametrize(
    ("first", "refusal"),
    [
        ("35=D|34=1|11=a", "first message is not a Logon but 35=D"),
        ("35=A|34=1|49=NOBODY|98=0|108=30", "no session for 'FIX.4.4' from 'NOBODY' to 'MERIDIAN'"),
        ("35=A|34=1|56=OTHER|98=0|108=30", "no session for 'FIX.4.4' from 'TRADER' to 'OTHER'"),
        ("35=A|34=1|98=0|108=30|553=u", "wrong password"),
        ("35=A|34=1|98=0|108=30|553=u|554=guess", "wrong password"),
        ("35=A|34=1|98=0|108=30|553=x|554=p", "wrong username"),
        ("35=A|34=1|98=0|108=30|141=Y", "wrong username"),
    ],
)
def test_a_refusal_says_why_to_the_log_only(first, refusal):
    desk = Desk(username="u", password="p")
    desk.store.append(1, b"kept")
    admission = admitted(desk, desk.wire(first))
    assert refusal in admission.refusal
    assert "guess" not in admission.refusal
    # Nothing of the session was touched: a stranger cannot reset it.
    assert (desk.session.state, desk.store.next_out) == (State.DISCONNECTED, 2)


def test_another_begin_string_is_refused():
    desk = Desk()
    admission = admitted(desk, desk.wire("35=A|34=1|98=0|108=30", begin="FIX.4.2"))
    assert "no session for 'FIX.4.2' from 'TRADER' to 'MERIDIAN'" in admission.refusal


def test_a_second_connection_of_the_same_peer_is_refused_and_the_first_lives():
    desk = Desk().logged_on()
    assert "already connected" in admitted(desk, desk.wire("35=A|34=2|98=0|108=30")).refusal
    assert desk.session.logged_on


@pytest.mark.parametrize("junk", [b"\x00", b"GET / HTTP/1.1", b"8=FIX.4.4\x0135=A\x01"])
def test_junk_is_refused(junk):
    assert admitted(Desk(), junk).refusal.startswith("garbled before Logon")


def test_a_probe_and_a_silent_connection_are_refused():
    probe = Admission(SessionDirectory({}), START)
    probe.receive_eof(START)
    assert probe.refusal == "closed by the peer before Logon"
    silent = Admission(SessionDirectory({}), START)
    silent.poll(START + LOGON_TIMEOUT - 1)
    assert silent.refusal == ""
    silent.poll(silent.next_deadline())
    assert silent.refusal == "no Logon within 10 s"


def test_an_endless_first_message_is_refused():
    endless = framed("35=A|34=1|58=" + "x" * 300_000)[:-10]
    assert admitted(Desk(), endless).refusal.startswith("garbled before Logon")


def test_what_is_sent_between_our_logon_and_the_answer_goes_out_with_the_answer():
    desk = Desk(initiator=True)
    desk.session.connected(desk.now)
    desk.hears()
    assert desk.session.send("D", [(11, "eager")], desk.now) == 2
    assert desk.hears() == []
    stamp = "122=20231114-22:13:20.000"
    # Without heartbeats nothing else would ever tell the peer of it.
    assert desk.says("35=A|34=1|98=0|108=0") == [f"35=D|34=2|43=Y|{stamp}|11=eager"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("sender_comp_id", ""),
        ("sender_comp_id", "\u043f"),
        ("target_sub_id", "a\x0135=D"),
        ("username", "a\x01"),
        ("password", "\u043f\u0430\u0440\u043e\u043b\u044c"),
    ],
)
def test_a_text_that_no_field_can_hold_is_refused_when_the_session_is_set_up(name, value):
    settings = {"sender_comp_id": "A", "target_comp_id": "B", name: value}
    with pytest.raises(ConfigError, match=f"{name}: expected Latin-1 text") as refused:
        SessionConfig(initiator=True, **settings)
    assert (repr(value) in str(refused.value)) is (name != "password")
