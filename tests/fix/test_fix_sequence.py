"""Sequence numbers of the peer: gaps, duplicates, gap fills, resets, and what is refused."""

from __future__ import annotations

from itertools import pairwise

import pytest
from fix_wire import SECOND, START, Desk, framed
from hypothesis import given
from hypothesis import strategies as st

from meridian.fix import inbound
from meridian.fix.inbound import MAX_RESEND_REQUESTS, RESEND_TIMEOUT
from meridian.fix.verdicts import MAX_MESSAGE


def order(seq, name=None):
    return f"35=D|34={seq}|11={name or seq}"


def again(seq, name=None):
    return f"35=D|34={seq}|43=Y|122=<now>|11={name or seq}"


def test_messages_reach_the_application_in_order_once():
    desk = Desk().logged_on()
    assert desk.says(order(2), order(3)) == []
    assert desk.events() == ["MessageReceived(D 2)", "MessageReceived(D 3)"]


def test_a_gap_is_asked_for_once_and_what_came_ahead_waits():
    desk = Desk().logged_on()
    assert desk.says(order(4)) == ["35=2|34=2|7=2|16=0"]
    assert desk.says(order(5)) == []
    assert desk.events() == []
    desk.says(again(2), again(3), again(4), again(5))
    assert desk.events() == [*(f"MessageReceived(D {n})" for n in (2, 3, 4, 5)), "Synchronised"]


def test_a_gap_that_is_filled_by_an_announcement_lets_the_rest_through():
    desk = Desk().logged_on()
    desk.says(order(5))
    desk.says("35=4|34=2|43=Y|122=<now>|36=5|123=Y")
    assert desk.events() == ["MessageReceived(D 5)", "Synchronised"]


def test_a_new_gap_behind_the_first_is_asked_for_when_the_first_has_closed():
    desk = Desk().logged_on()
    desk.says(order(4))
    desk.says(order(7))
    assert desk.says(again(2), again(3), again(4)) == ["35=2|34=3|7=5|16=0"]
    assert "Synchronised" not in desk.events()


def test_too_low_without_possdup_ends_the_session():
    desk = Desk().logged_on()
    assert desk.says("35=0|34=1") == ["35=5|34=2|58=MsgSeqNum too low, expecting 2 but received 1"]
    assert desk.session.close_expected


def test_a_known_duplicate_is_ignored():
    desk = Desk().logged_on()
    desk.says(order(2))
    desk.session.events()
    assert desk.says(again(2)) == []
    assert desk.events() == []
    assert desk.says("35=1|34=3|112=x") == ["35=0|34=2|112=x"]


def test_a_duplicate_must_say_when_it_was_first_sent():
    desk = Desk().logged_on()
    desk.says(order(2))
    assert desk.says("35=D|34=2|43=Y|11=2") == [
        "35=3|34=2|45=2|58=Required tag missing|371=122|372=D|373=1"
    ]
    assert desk.session.logged_on


def test_a_duplicate_from_the_future_ends_the_session():
    desk = Desk().logged_on()
    desk.says(order(2))
    assert desk.says("35=D|34=2|43=Y|122=20231114-22:13:30|11=2") == [
        "35=3|34=2|45=2|58=SendingTime accuracy problem|372=D|373=10",
        "35=5|34=3",
    ]


@pytest.mark.parametrize(
    ("reset", "answer", "expected"),
    [
        ("35=4|34=2|36=9|123=Y", [], 9),
        ("35=4|34=2|36=2|123=Y", [], 2),
        (
            "35=4|34=2|36=1|123=Y",
            ["35=3|34=2|45=2|58=Value is incorrect (out of range) for this tag|372=4|373=5"],
            2,
        ),
        ("35=4|34=0|36=9", [], 9),
        ("35=4|34=77|36=9|123=N", [], 9),
        ("35=4|34=0|36=2", [], 2),
        (
            "35=4|34=0|36=1",
            ["35=3|34=2|45=0|58=Value is incorrect (out of range) for this tag|372=4|373=5"],
            2,
        ),
    ],
)
def test_sequence_resets_go_forward_only(reset, answer, expected):
    desk = Desk().logged_on()
    assert desk.says(reset) == answer
    desk.says(order(expected))
    assert desk.events()[-1] == f"MessageReceived(D {expected})"


def test_a_gap_fill_ahead_is_a_gap_itself():
    desk = Desk().logged_on()
    assert desk.says("35=4|34=5|36=9|123=Y") == ["35=2|34=2|7=2|16=0"]
    desk.says(again(2), again(3), again(4), order(9))
    assert desk.events() == [
        *(f"MessageReceived(D {n})" for n in (2, 3, 4)),
        "Synchronised",
        "MessageReceived(D 9)",
    ]


def test_a_reset_over_an_open_gap_closes_it():
    desk = Desk().logged_on()
    desk.says(order(5))
    desk.says("35=4|34=0|36=6")
    assert desk.events() == ["Synchronised"]


def test_a_logout_and_a_resend_request_are_heard_over_an_open_gap():
    desk = Desk().logged_on()
    desk.says(order(9))
    assert desk.says("35=2|34=10|7=1|16=0") == [
        "35=4|34=1|43=Y|122=20231114-22:13:20.000|36=3|123=Y"
    ]
    assert desk.says("35=5|34=11") == ["35=5|34=3"]


def test_a_session_reject_is_told_to_the_application():
    desk = Desk().logged_on()
    desk.says("35=3|34=2|45=7|58=no")
    assert desk.events() == ["SessionRejected(3)"]
    assert desk.says("35=1|34=3|112=x") == ["35=0|34=2|112=x"]


@pytest.mark.parametrize(
    ("text", "reject"),
    [
        ("35=1|34=2", "58=Required tag missing|371=112|372=1|373=1"),
        ("35=D|34=2|11=", "58=Tag specified without a value|371=11|372=D|373=4"),
        ("35=0|34=2|-1=HI", "58=Invalid tag number|371=-1|372=0|373=0"),
        ("35=0|34=2|0=HI", "58=Invalid tag number|371=0|372=0|373=0"),
        ("35=0|34=2|43=X", "58=Incorrect data format for value|371=43|372=0|373=6"),
        ("35=0|34=2|52=yesterday", "58=Incorrect data format for value|371=52|372=0|373=6"),
        (
            "35=2|34=2|7=0|16=0",
            "58=Value is incorrect (out of range) for this tag|371=7|372=2|373=5",
        ),
        (
            "35=2|34=2|7=5|16=4",
            "58=Value is incorrect (out of range) for this tag|371=16|372=2|373=5",
        ),
        ("35=2|34=2|7=x|16=0", "58=Incorrect data format for value|371=7|372=2|373=6"),
        ("35=4|34=2|123=Y", "58=Required tag missing|371=36|372=4|373=1"),
        ("35=0|34=2|112=a|35=", "58=Tag specified without a value|371=35|372=0|373=4"),
    ],
)
def test_an_unfit_message_is_rejected_counted_and_the_session_lives(text, reject):
    desk = Desk().logged_on()
    assert desk.says(text) == [f"35=3|34=2|45=2|{reject}"]
    assert desk.says("35=1|34=3|112=x") == ["35=0|34=3|112=x"]


def test_a_missing_comp_id_is_rejected():
    desk = Desk().logged_on()
    desk.session.receive_data(framed("35=0|34=2|49=TRADER|52=20231114-22:13:20"), desk.now)
    assert desk.hears() == ["35=3|34=2|45=2|58=Required tag missing|371=56|372=0|373=1"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("35=D|34=2|49=OTHER|11=a", "CompID problem|372=D|373=9"),
        ("35=D|34=2|56=OTHER|11=a", "CompID problem|372=D|373=9"),
        ("35=D|34=2|52=20231114-22:11:19|11=a", "SendingTime accuracy problem|372=D|373=10"),
        ("35=D|34=2|52=20231114-22:15:21|11=a", "SendingTime accuracy problem|372=D|373=10"),
    ],
)
def test_somebody_elses_or_a_stale_message_is_rejected_and_logs_out(text, reason):
    desk = Desk().logged_on()
    assert desk.says(text) == [f"35=3|34=2|45=2|58={reason}", "35=5|34=3"]
    assert desk.events() == []
    desk.says("35=5|34=3")
    assert desk.session.close_expected


def test_another_begin_string_logs_out_and_counts():
    desk = Desk().logged_on()
    desk.session.receive_data(desk.wire("35=0|34=2", begin="FIX.4.2"), desk.now)
    assert desk.hears() == ["35=5|34=2|58=Incorrect BeginString"]
    assert desk.says("35=5|34=3") == []
    assert desk.session.close_expected


@pytest.mark.parametrize("number", ["34=x", "34=", "34=-1", "58=none"])
def test_a_message_without_a_number_ends_the_session(number):
    desk = Desk().logged_on()
    assert desk.says(f"35=0|{number}") == ["35=5|34=2|58=MsgSeqNum(34) is missing or no number"]


def test_garbled_bytes_are_ignored_and_change_nothing():
    desk = Desk().logged_on()
    bad = desk.wire("35=D|34=2|11=a").replace(b"11=a", b"11=b")
    desk.session.receive_data(bad + desk.wire(order(2)), desk.now)
    assert desk.hears() == []
    assert desk.events() == ["Garbled(CheckSum(10) is wrong)", "MessageReceived(D 2)"]


def test_a_flood_of_garbage_is_told_once():
    desk = Desk().logged_on()
    bad = desk.wire("35=D|34=2|11=a").replace(b"11=a", b"11=b")
    desk.session.receive_data(b"8=FIX" * 1_000 + bad + desk.wire(order(2)) + bad * 2, desk.now)
    desk.session.receive_data(bad, desk.now)
    told = [name.partition("(")[0] for name in desk.events()]
    assert told == ["Garbled", "MessageReceived", "Garbled"]


# What survives the process


def test_only_committed_messages_count_after_a_crash():
    desk = Desk().logged_on()
    desk.session.commit()
    desk.says(order(2))
    desk.session.events()
    assert desk.store.next_in == 2
    desk.session.commit()
    assert desk.store.next_in == 3
    desk.says(order(3))
    # Not drained, so not handled: it must come again after a crash.
    desk.session.commit()
    assert desk.store.next_in == 3
    survivor = Desk(store=desk.store)
    survivor.session.connected(START)
    assert survivor.says("35=A|34=4|98=0|108=30")[1] == "35=2|34=3|7=3|16=0"
    survivor.says(again(3), "35=4|34=4|43=Y|122=<now>|36=5|123=Y")
    assert survivor.events() == ["LoggedOn", "MessageReceived(D 3)", "Synchronised"]


def test_a_commit_after_a_reset_does_not_bring_the_old_number_back():
    desk = Desk().logged_on()
    desk.says(order(2), order(3))
    desk.session.events()
    desk.says("35=A|34=1|98=0|108=30|141=Y")
    desk.session.commit()
    assert desk.store.next_in == 1
    desk.session.events()
    desk.session.commit()
    assert desk.store.next_in == 2


# Bounds


def test_a_full_queue_forgets_and_asks_again(monkeypatch):
    monkeypatch.setattr(inbound, "MAX_PENDING", 3)
    desk = Desk().logged_on()
    desk.says(*(order(seq) for seq in range(4, 10)))
    # 4, 5, 6 were kept; 7 to 9 were not.
    assert desk.says(again(2), again(3)) == ["35=2|34=3|7=7|16=0"]
    assert desk.events() == [f"MessageReceived(D {n})" for n in range(2, 7)]
    desk.says(again(7), again(8), again(9))
    assert desk.events()[-1] == "Synchronised"


def test_a_queue_of_long_messages_is_bounded_too(monkeypatch):
    monkeypatch.setattr(inbound, "MAX_PENDING_BYTES", 400)
    desk = Desk().logged_on()
    desk.says(*(f"{order(seq)}|58={'x' * 100}" for seq in range(4, 10)))
    # 4 and 5 fitted in; what came again meanwhile took no room.
    desk.says(f"{order(4)}|58={'x' * 100}")
    assert desk.says(again(2), again(3)) == ["35=2|34=3|7=6|16=0"]
    assert desk.says(*(again(seq) for seq in range(6, 10))) == []
    desk.says(order(12), *(order(seq) for seq in (10, 11)))
    assert desk.events()[-2:] == ["MessageReceived(D 12)", "Synchronised"]


def test_an_ignored_resend_request_is_repeated_then_given_up():
    desk = Desk().logged_on(heart_bt_int=0)
    assert desk.says(order(5)) == ["35=2|34=2|7=2|16=0"]
    seconds = RESEND_TIMEOUT // SECOND
    for attempt in range(1, MAX_RESEND_REQUESTS):
        assert desk.session.next_deadline() == desk.now + RESEND_TIMEOUT
        assert desk.wait(seconds) == [f"35=2|34={attempt + 2}|7=2|16=0"]
    assert desk.wait(seconds) == ["35=5|34=5|58=no answer to ResendRequest"]
    assert desk.session.close_expected


def test_a_slow_resend_that_makes_progress_is_not_given_up():
    desk = Desk().logged_on(heart_bt_int=0)
    desk.says(order(9))
    for seq in range(2, 9):
        assert desk.wait(RESEND_TIMEOUT // SECOND - 1) == []
        desk.says(again(seq))
    assert desk.events()[-1] == "Synchronised"


def test_progress_renews_the_patience_with_a_peer_that_answers_bit_by_bit():
    desk = Desk().logged_on(heart_bt_int=0)
    desk.says(order(9))
    for seq in range(2, 9):
        assert desk.wait(RESEND_TIMEOUT // SECOND)[0].endswith(f"7={seq}|16=0")
        desk.says(again(seq))
    assert desk.session.logged_on


def test_an_endless_message_does_not_grow_the_buffer():
    desk = Desk().logged_on()
    chunk = b"x" * 65_536
    desk.session.receive_data(b"8=FIX.4.4\x019=262000\x0135=D\x0158=", desk.now)
    for _ in range(20):
        desk.session.receive_data(chunk, desk.now)
        assert len(desk.session._buffer) <= MAX_MESSAGE
    assert desk.says(order(2)) == []
    assert desk.events()[-1] == "MessageReceived(D 2)"


# Whatever the peer does

texts = st.sampled_from(
    [
        *(
            f"35={kind}|34={seq}{rest}"
            for kind, rest in [
                ("0", ""),
                ("1", "|112=x"),
                ("2", "|7=1|16=0"),
                ("2", "|7=3|16=2"),
                ("3", "|45=1"),
                ("4", "|36=4|123=Y"),
                ("4", "|36=6"),
                ("4", "|36=1"),
                ("5", ""),
                ("A", "|98=0|108=30"),
                ("A", "|98=0|108=30|141=Y"),
                ("D", "|11=a"),
                ("D", "|43=Y|11=a"),
                ("D", "|43=Y|122=20231114-22:13:20|11=a"),
                ("ZZ", ""),
                ("", ""),
                ("8", "|"),
            ]
            for seq in (0, 1, 2, 3, 4, 9, "x", 10**17, 10**18)
        ),
        "35=0|34=2|49=OTHER",
        "35=0|34=2|52=x",
        "35=0|58=\xff|34=2",
    ]
)


@given(
    initiator=st.booleans(),
    steps=st.lists(
        st.one_of(texts, st.binary(max_size=30), st.sampled_from([1, 15, 40]), st.none()),
        max_size=25,
    ),
    damage=st.one_of(st.none(), st.tuples(st.integers(0, 10**6), st.integers(0, 255))),
)
def test_no_bytes_of_a_peer_raise_and_the_numbers_stay_sane(initiator, steps, damage):
    desk = Desk(initiator=initiator)
    desk.session.connected(desk.now)
    for step in steps:
        if step is None:
            desk.session.receive_eof(desk.now)
            desk.session.connected(desk.now)
        elif isinstance(step, int):
            desk.wait(step)
        else:
            data = bytearray(desk.wire(step) if isinstance(step, str) else step)
            if damage is not None and data:
                data[damage[0] % len(data)] = damage[1]
            desk.session.receive_data(bytes(data), desk.now)
        desk.hears()
        desk.session.events()
        desk.session.commit()
        assert desk.store.next_in >= 1
        if desk.session.close_expected:
            desk.session.receive_eof(desk.now)
            desk.session.connected(desk.now)


@given(
    steps=st.lists(
        st.sampled_from(
            [
                order(2),
                order(3),
                order(4),
                again(2),
                "35=1|34=5|112=x",
                "35=2|34=6|7=1|16=0",
                "35=4|34=3|36=5|123=Y",
                "35=ZZ|34=3",
                "35=5|34=6",
                "garbled",
            ]
        ),
        max_size=8,
    ),
    cuts=st.lists(st.integers(0, 900), max_size=10),
)
def test_how_the_network_cuts_the_stream_changes_neither_events_nor_answers(steps, cuts):
    whole, cut = Desk().logged_on(), Desk().logged_on()
    stream = b"".join(
        whole.wire(order(2)).replace(b"11=2", b"11=3") if step == "garbled" else whole.wire(step)
        for step in steps
    )
    whole.session.receive_data(stream, START)
    edges = [0, *sorted(at for at in cuts if at < len(stream)), len(stream)]
    for begin, end in pairwise(edges):
        cut.session.receive_data(stream[begin:end], START)
    assert cut.events() == whole.events()
    assert cut.hears() == whole.hears()
