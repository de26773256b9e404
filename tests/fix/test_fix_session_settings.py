"""What an owner and an operator may do with a session, and what they may not."""

from __future__ import annotations

import pytest
from fix_wire import START, Desk

from meridian.fix import SessionConfig
from meridian.schema.errors import ConfigError


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        ({"begin_string": "FIX.3.9"}, "begin_string: expected one of FIX.4.0"),
        ({"heart_bt_int": -1}, "heart_bt_int: expected 0 to 86400 s, got -1"),
        ({"heart_bt_int": 86_401}, "heart_bt_int: expected 0 to 86400 s, got 86401"),
        ({"sender_comp_id": ""}, "sender_comp_id: expected Latin-1 text without SOH, got ''"),
        ({"target_comp_id": "a\x01b"}, "target_comp_id: expected Latin-1 text without SOH"),
        ({"resend_request_chunk_size": -1}, "resend_request_chunk_size: expected 0 or more"),
        ({"begin_string": "FIXT.1.1"}, "default_appl_ver_id: an initiator of FIXT.1.1 needs one"),
    ],
)
def test_settings_that_no_session_can_have_are_refused(wrong, text):
    with pytest.raises(ConfigError, match=text):
        SessionConfig(**{"sender_comp_id": "A", "target_comp_id": "B", "initiator": True} | wrong)


def test_a_password_is_not_shown():
    assert "secret" not in repr(SessionConfig("A", "B", True, password="secret"))


def test_a_venues_own_data_field_may_hold_soh():
    desk = Desk(data_fields={95: 96, 20001: 20002}).logged_on()
    desk.says("35=B|34=2|148=h|20001=3|20002=a\x01b")
    (event,) = desk.session.events()
    assert event.message.data(20002) == b"a\x01b"


def test_a_header_in_ascending_order_byte_for_byte():
    desk = Desk(sender_sub_id="S")
    desk.session.connected(START)
    desk.says("35=A|34=1|57=S|98=0|108=30")
    header = [(128, "FUND"), (97, "Y"), (57, "T")]
    desk.session.send("8", [(37, "x")], desk.now, header)
    assert b"|".join(desk.hears_bytes().split(b"\x01")[2:-2]) == (
        b"35=8|34=2|49=MERIDIAN|50=S|52=20231114-22:13:20.000|56=TRADER|57=T|97=Y|128=FUND|37=x"
    )


def test_what_an_application_added_to_the_header_is_resent_with_it():
    desk = Desk().logged_on()
    desk.session.send("8", [(37, "x")], desk.now, [(128, "FUND"), (97, "Y")])
    desk.hears()
    stamp = "20231114-22:13:20.000"
    assert desk.says("35=2|34=2|7=2|16=2") == [f"35=8|34=2|43=Y|97=Y|122={stamp}|128=FUND|37=x"]


@pytest.mark.parametrize("tag", [34, 43, 49, 52, 122, 369, 11])
def test_what_the_session_writes_is_not_the_applications_to_set(tag):
    desk = Desk().logged_on()
    with pytest.raises(ValueError, match=f"tag {tag} is not a header field"):
        desk.session.send("8", [(37, "x")], desk.now, [(tag, "1")])
    assert desk.session.next_numbers[0] == 2


def test_a_body_that_is_encoded_already_goes_out_as_it_is():
    desk = Desk().logged_on()
    desk.session.send("8", b"37=x\x0158=y\x01", desk.now)
    assert desk.hears() == ["35=8|34=2|37=x|58=y"]


def test_an_operator_sets_the_numbers_of_a_disconnected_session():
    desk = Desk()
    desk.session.set_numbers(next_out=2000, next_in=300)
    assert (desk.store.next_out, desk.store.next_in) == (2000, 300)
    desk.session.connected(START)
    assert desk.says("35=A|34=300|98=0|108=30") == ["35=A|34=2000|98=0|108=30"]
    with pytest.raises(RuntimeError, match="that is active"):
        desk.session.set_numbers(next_in=1)


def test_numbers_do_not_go_where_they_would_be_used_twice():
    desk = Desk()
    desk.session.set_numbers(next_out=5)
    with pytest.raises(ValueError, match="expected 5 or more, got 4"):
        desk.session.set_numbers(next_out=4)
    with pytest.raises(ValueError, match="expected next_in of 1 or more, got 0"):
        desk.session.set_numbers(next_in=0)
    assert desk.session.next_numbers == (5, 1)


def test_a_sequence_reset_goes_forward_on_a_live_session_only():
    desk = Desk()
    with pytest.raises(RuntimeError, match="that is disconnected"):
        desk.session.reset_sequence(5, desk.now)
    desk.logged_on()
    with pytest.raises(ValueError, match="expected a number above 2, got 2"):
        desk.session.reset_sequence(2, desk.now)
    assert desk.hears() == []


def test_a_live_reset_needs_the_versions_flag():
    desk = Desk(begin_string="FIX.4.0").logged_on()
    with pytest.raises(RuntimeError, match=r"cannot reset a FIX\.4\.0 session that is active"):
        desk.session.reset(desk.now)


def test_a_crash_between_our_reset_and_the_answer_leaves_the_new_numbers():
    desk = Desk().logged_on()
    desk.says("35=D|34=2|11=a", "35=D|34=3|11=b")
    desk.session.reset(desk.now)
    desk.hears()
    desk.session.events()
    desk.session.commit()
    assert (desk.store.next_out, desk.store.next_in) == (2, 1)
    assert desk.says("35=D|34=4|11=late") == []
    assert desk.events() == ["MessageReceived(D late)"]
    desk.session.commit()
    assert desk.store.next_in == 1


def test_a_reset_that_the_connection_did_not_survive_is_said_again():
    desk = Desk(initiator=True)
    desk.session.connected(START)
    desk.says("35=A|34=1|98=0|108=30", "35=8|34=2|37=x")
    desk.session.reset(desk.now)
    desk.reconnects()
    assert desk.hears() == ["35=A|34=1|98=0|108=30|141=Y"]
    desk.says("35=A|34=1|98=0|108=30|141=Y")
    assert desk.session.next_numbers == (2, 2)


def test_an_unsupported_type_of_a_late_answer_is_kept_for_the_next_logon():
    desk = Desk().logged_on()
    desk.says("35=B|34=2|148=x")
    (event,) = desk.session.events()
    desk.session.receive_eof(desk.now)
    desk.session.unsupported(event.message, desk.now)
    assert desk.session.next_numbers[0] == 3
    assert desk.store.messages(2, 2) != []
