"""Heartbeats and test requests: a quiet peer is asked, a dead one is left."""

from __future__ import annotations

from fix_wire import SECOND, START, Desk

from meridian.fix.states import TRANSITIONS, State, Trigger


def test_an_idle_session_beats_once_an_interval():
    desk = Desk().logged_on(heart_bt_int=10)
    assert desk.session.next_deadline() == START + 10 * SECOND
    assert desk.wait(9.999) == []
    assert desk.wait(0.001) == ["35=0|34=2"]
    desk.says("35=0|34=2")
    assert desk.wait(9.999) == []
    assert desk.wait(0.001) == ["35=0|34=3"]


def test_whatever_is_sent_postpones_the_heartbeat():
    desk = Desk().logged_on(heart_bt_int=10)
    desk.now += 6 * SECOND
    desk.session.send("8", [(37, "x")], desk.now)
    desk.says("35=0|34=2")
    assert desk.wait(9) == []
    assert desk.wait(1) == ["35=0|34=3"]


def test_what_is_kept_for_later_does_not_postpone_it():
    desk = Desk().logged_on(heart_bt_int=10)
    desk.session.receive_eof(desk.now)
    desk.session.send("8", [(37, "x")], desk.now + 5 * SECOND)
    desk.session.connected(desk.now)
    desk.says("35=A|34=2|98=0|108=10")
    assert desk.session.next_deadline() == desk.now + 10 * SECOND


def test_a_silent_peer_is_asked_after_1_2_intervals_and_left_after_2_4():
    desk = Desk().logged_on(heart_bt_int=10)
    assert desk.wait(10) == ["35=0|34=2"]
    assert desk.wait(1.999) == []
    assert desk.wait(0.001) == ["35=1|34=3|112=TEST"]
    # No heartbeats while the question is open.
    assert desk.wait(11.999) == []
    assert not desk.session.close_expected
    assert desk.wait(0.001) == []
    assert desk.session.close_expected
    desk.session.receive_eof(desk.now)
    assert desk.events() == ["Disconnected(the peer is silent and left a TestRequest unanswered)"]


def test_any_message_answers_the_question():
    desk = Desk().logged_on(heart_bt_int=10)
    desk.wait(12)
    desk.says("35=D|34=2|11=a")
    assert desk.wait(10) == ["35=0|34=3"]
    assert desk.session.logged_on


def test_garbled_bytes_are_no_sign_of_life():
    desk = Desk().logged_on(heart_bt_int=10)
    desk.wait(12)
    desk.session.receive_data(b"garbage", desk.now)
    desk.wait(12)
    assert desk.session.close_expected


def test_a_machine_that_slept_asks_before_it_leaves():
    desk = Desk().logged_on(heart_bt_int=10)
    assert desk.wait(3_600) == ["35=1|34=2|112=TEST"]
    assert desk.session.logged_on


def test_no_heartbeats_where_the_interval_is_zero():
    desk = Desk().logged_on(heart_bt_int=0)
    assert desk.session.next_deadline() is None
    assert desk.wait(86_400) == []
    assert desk.session.logged_on


def test_the_initiator_keeps_its_own_interval():
    desk = Desk(initiator=True, heart_bt_int=5)
    desk.session.connected(START)
    assert desk.hears() == ["35=A|34=1|98=0|108=5"]
    desk.says("35=A|34=1|98=0|108=5")
    assert desk.wait(5) == ["35=0|34=2"]


def test_a_test_request_is_answered_with_its_id():
    desk = Desk().logged_on()
    assert desk.says("35=1|34=2|112=HELLO") == ["35=0|34=2|112=HELLO"]


def test_a_disconnected_session_has_no_timers():
    desk = Desk()
    assert desk.session.next_deadline() is None
    desk.session.poll(START)
    desk.session.receive_eof(START)
    desk.session.receive_data(b"late bytes", START)
    desk.session.logout("", START)
    assert (desk.hears(), desk.events()) == ([], [])


def test_every_connected_state_can_be_lost_and_closed():
    for state in State:
        if state is not State.DISCONNECTED:
            assert TRANSITIONS[state, Trigger.LOST] is State.DISCONNECTED
            assert TRANSITIONS[state, Trigger.CLOSE] is State.CLOSING
    assert not any(
        trigger is Trigger.LOGON and state is State.CLOSING for state, trigger in TRANSITIONS
    )


def test_a_clock_that_is_set_back_does_not_stop_the_heartbeats():
    desk = Desk().logged_on(heart_bt_int=10)
    desk.wait(5)
    desk.now -= 3_600 * SECOND
    assert desk.wait(0) == []
    assert desk.session.next_deadline() == desk.now + 10 * SECOND
    assert desk.wait(10) == ["35=0|34=2"]
    assert desk.wait(2) == ["35=1|34=3|112=TEST"]
    desk.now -= 3_600 * SECOND
    desk.wait(0)
    assert desk.session.next_deadline() == desk.now + 12 * SECOND
    desk.wait(12)
    assert desk.session.close_expected


def test_a_clock_that_is_set_back_does_not_prolong_other_waits():
    desk = Desk().logged_on()
    desk.session.logout("", desk.now)
    desk.now -= 3_600 * SECOND
    desk.wait(0)
    assert desk.session.next_deadline() == desk.now + 2 * SECOND
    gap = Desk().logged_on(heart_bt_int=0)
    gap.says("35=D|34=5|11=a")
    gap.now -= 3_600 * SECOND
    gap.wait(0)
    assert gap.wait(10) == ["35=2|34=3|7=2|16=0"]
