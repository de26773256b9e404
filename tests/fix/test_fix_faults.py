"""Each deliberate fault, byte for byte, and its scope: type, count, chance, window."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from fix_wire import SECOND, START, Desk, framed, spoken

from meridian.fix import Direction, Fault, Faults, State, fault_lane, faults
from meridian.fix.fault import FaultKind

TIME = "52=20231114-22:13:20.000|"


def desk(*armed, seed=1, **options):
    """Logged on, with the faults armed since."""
    desk = Desk(**options).logged_on()
    desk.session.faults = Faults(Random(seed))
    for fault in armed:
        desk.session.faults.arm(fault)
    return desk


def struck(kind, **scope):
    return desk(Fault("f", FaultKind(kind), msg_types=frozenset("8"), **scope))


def sends(desk, *ids):
    """Reports sent in one go; what leaves, as bytes, a write each."""
    for name in ids:
        desk.session.send("8", [(11, name)], desk.now)
    return writes(desk)


def writes(desk):
    out = []
    while data := desk.session.data_to_send():
        out.append(data)
    return out


def report(seq, name):
    return framed(f"35=8|34={seq}|49=MERIDIAN|{TIME}56=TRADER|11={name}")


def test_without_faults_nothing_changes():
    assert sends(desk(), "a") == [report(2, "a")]


def test_a_bad_checksum_is_one_too_high():
    good = report(2, "a")
    right = int(good[-4:-1])
    assert sends(struck("bad_checksum"), "a") == [good[:-4] + b"%03d\x01" % ((right + 1) % 256)]


@pytest.mark.parametrize("amount", [1, -1])
def test_a_bad_length_has_a_right_checksum(amount):
    [sent] = sends(struck("bad_length", amount=amount), "a")
    length = len(b"35=8\x0134=2\x0149=MERIDIAN\x0156=TRADER\x0111=a\x01") + len(TIME)
    body = framed(f"35=8|34=2|49=MERIDIAN|{TIME}56=TRADER|11=a")
    expected = body.replace(b"\x019=%d\x01" % length, b"\x019=%d\x01" % (length + amount))
    head = expected[:-7]
    assert sent == head + b"10=%03d\x01" % (sum(head) % 256)


def test_garbage_comes_before_the_message_and_from_the_dice():
    [sent] = sends(struck("garbage", amount=5), "a")
    dice = Random(1)
    assert sent == bytes(dice.randrange(0, 256) for _ in range(5)) + report(2, "a")


def test_a_split_write_leaves_byte_by_byte():
    desk = struck("split", count=1)
    assert sends(desk, "a") == [bytes([byte]) for byte in report(2, "a")]
    assert sends(desk, "b") == [report(3, "b")]


def test_a_split_write_leaves_n_bytes_at_a_time_and_counts_as_unsent_until_then():
    desk = struck("split", amount=50)
    size = len(report(2, "a"))
    desk.session.send("8", [(11, "a")], desk.now)
    assert desk.session.unsent == size
    assert len(desk.session.data_to_send()) == 50
    assert desk.session.unsent == size - 50


def test_a_dropped_message_is_numbered_and_kept_and_can_be_asked_for():
    desk = struck("drop", count=1)
    assert sends(desk, "a", "b") == [report(3, "b")]
    assert desk.says("35=2|34=2|7=2|16=2") == [
        "35=8|34=2|43=Y|122=20231114-22:13:20.000|11=a",
    ]


def test_a_duplicate_comes_twice_without_posdup():
    assert sends(struck("duplicate"), "a") == [report(2, "a") * 2]


def test_a_reordered_message_changes_places_with_the_next():
    desk = struck("reorder", count=1)
    assert sends(desk, "a", "b", "c") == [report(3, "b") + report(2, "a") + report(4, "c")]


def test_a_reordered_message_that_nothing_follows_comes_after_its_hold():
    desk = struck("reorder", hold=3 * SECOND)
    assert sends(desk, "a") == []
    assert desk.session.next_deadline() == START + 3 * SECOND
    assert desk.wait(3) == ["35=8|34=2|11=a"]


def test_a_delayed_message_holds_back_all_behind_it():
    desk = struck("delay", count=1, hold=2 * SECOND)
    assert sends(desk, "a", "b") == []
    desk.now += SECOND
    assert sends(desk, "c") == []
    assert desk.wait(1) == ["35=8|34=2|11=a", "35=8|34=3|11=b", "35=8|34=4|11=c"]
    assert sends(desk, "d") != []


def test_a_sequence_gap_skips_numbers():
    desk = struck("sequence_gap", amount=3, count=1)
    assert [spoken(data) for data in sends(desk, "a", "b")] == [
        ["35=8|34=5|11=a", "35=8|34=6|11=b"]
    ]
    assert desk.says("35=2|34=2|7=2|16=4") == [
        "35=4|34=2|43=Y|122=20231114-22:13:20.000|36=5|123=Y"
    ]


def test_muted_heartbeats_are_not_even_numbered():
    muted = desk(Fault("f", FaultKind.MUTE_HEARTBEATS))
    assert muted.wait(30) == []
    assert muted.says("35=1|34=2|112=hello") == []
    assert spoken(b"".join(sends(muted, "a"))) == ["35=8|34=2|11=a"]
    assert muted.session.next_deadline() > muted.now, "silence must not spin the owner's timer"


def test_an_ignored_resend_request_is_counted_but_not_answered():
    ignoring = desk(Fault("f", FaultKind.IGNORE_RESEND_REQUEST, Direction.IN, count=1))
    sends(ignoring, "a")
    assert ignoring.says("35=2|34=2|7=1|16=0") == []
    assert ignoring.says("35=2|34=3|7=2|16=0") == ["35=8|34=2|43=Y|122=20231114-22:13:20.000|11=a"]


def test_the_connection_ends_after_n_messages_and_nothing_follows_them():
    desk = struck("disconnect", after=1)
    assert sends(desk, "a", "b", "c") == [report(2, "a") + report(3, "b")]
    assert desk.session.close_expected
    desk.session.receive_eof(desk.now)
    assert desk.events() == ["Disconnected(fault 'f' ends the connection)"]


def test_the_connection_ends_after_n_messages_of_the_peer():
    fault = Fault("f", FaultKind.DISCONNECT, Direction.IN, after=1)
    ending = desk(fault)
    ending.says("35=D|34=2|11=a", "35=D|34=3|11=b", "35=D|34=4|11=c")
    assert ending.session.close_expected
    assert ending.events() == ["MessageReceived(D a)", "MessageReceived(D b)"]


def test_a_half_open_connection_neither_reads_nor_answers_nor_beats():
    half = desk(Fault("f", FaultKind.HALF_OPEN, Direction.IN, msg_types=frozenset("D"), hold=0))
    assert half.says("35=D|34=2|11=a", "35=1|34=3|112=x") == []
    assert half.wait(3_600) == []
    assert sends(half, "a") == []
    assert half.session.next_deadline() is None
    assert half.session.state is State.ACTIVE
    assert half.events() == []


def test_a_half_open_connection_may_come_back_to_life():
    half = desk(Fault("f", FaultKind.HALF_OPEN, msg_types=frozenset("8"), count=1, hold=SECOND))
    assert sends(half, "a") == []
    assert half.session.next_deadline() == START + SECOND
    half.now += SECOND
    assert sends(half, "b") == [
        framed("35=8|34=3|49=MERIDIAN|52=20231114-22:13:21.000|56=TRADER|11=b")
    ]


def test_disarming_ends_a_half_open_connections_silence():
    half = desk(Fault("f", FaultKind.HALF_OPEN, hold=0, msg_types=frozenset("8")))
    sends(half, "a")
    half.session.faults.disarm("f")
    assert sends(half, "b") == [report(3, "b")]


@pytest.mark.parametrize(
    ("kind", "heard"),
    [
        ("drop", "MessageReceived(D b) Synchronised"),
        ("reorder", "MessageReceived(D a) MessageReceived(D b) Synchronised"),
        ("duplicate", "MessageReceived(D a)"),
    ],
)
def test_faults_of_what_is_received(kind, heard):
    fault = Fault("f", FaultKind(kind), Direction.IN, msg_types=frozenset("D"), count=1)
    receiving = desk(fault)
    receiving.says("35=D|34=2|11=a", "35=D|34=3|11=b")
    if kind == "drop":
        # 3 was taken for the first after a gap: the peer resends from 2.
        receiving.says("35=4|34=2|43=Y|123=Y|36=3")
    assert " ".join(receiving.events()) == heard


def test_a_delayed_message_of_the_peer_arrives_later():
    delayed = desk(Fault("f", FaultKind.DELAY, Direction.IN, count=1, hold=5 * SECOND))
    delayed.says("35=D|34=2|11=a")
    assert delayed.events() == []
    assert delayed.session.next_deadline() == START + 5 * SECOND
    delayed.wait(5)
    assert delayed.events() == ["MessageReceived(D a)"]


def test_what_is_held_back_is_lost_with_the_connection():
    held = struck("delay", hold=SECOND)
    sends(held, "a")
    held.reconnects()
    held.now += SECOND
    held.session.poll(held.now)
    assert writes(held) == []


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others():
    armed = [
        Fault("noise", FaultKind.GARBAGE, per_mille=300, amount=4),
        Fault("loss", FaultKind.DROP, per_mille=300),
        Fault("twice", FaultKind.DUPLICATE, per_mille=300),
    ]
    names = [f"o{n}" for n in range(50)]
    runs = [sends(desk(*armed, seed=seed), *names) for seed in (7, 7, 8)]
    assert runs[0] == runs[1]
    assert runs[0] != runs[2]


def test_chance_is_per_mille_and_counted():
    chance = desk(Fault("f", FaultKind.DROP, per_mille=250))
    for n in range(1_000):
        sends(chance, f"o{n}")
    [count] = chance.session.faults.armed()
    assert count.seen == 1_000
    assert 200 < count.hits < 300
    assert chance.store.next_out == 1_002


def test_a_fault_strikes_only_in_its_time():
    window = struck("drop", begin=START + SECOND, end=START + 2 * SECOND)
    left = []
    for name in "abc":
        left += sends(window, name)
        window.now += SECOND
    assert [spoken(data) for data in left] == [["35=8|34=2|11=a"], ["35=8|34=4|11=c"]]


def test_a_fault_strikes_only_its_types_after_some_and_so_often():
    scoped = struck("drop", after=1, count=2)
    left = sends(scoped, "a", "b", "c", "d")
    assert [spoken(data) for data in left] == [["35=8|34=2|11=a", "35=8|34=5|11=d"]]
    scoped.session.send("9", [(11, "x")], scoped.now)
    assert writes(scoped) != []
    [count] = scoped.session.faults.armed()
    assert (count.fault.name, count.seen, count.hits) == ("f", 4, 2)


def test_faults_work_together_in_the_order_of_arming():
    both = desk(
        Fault("twice", FaultKind.DUPLICATE, msg_types=frozenset("8")),
        Fault("noise", FaultKind.GARBAGE, msg_types=frozenset("8"), amount=1),
    )
    [sent] = sends(both, "a")
    assert sent[1:] == report(2, "a") * 2


def test_a_resend_is_struck_too():
    again = desk()
    sends(again, "a", "b")
    again.session.faults.arm(Fault("f", FaultKind.DROP, msg_types=frozenset("8"), count=1))
    heard = again.says("35=2|34=2|7=2|16=0")
    assert heard == ["35=8|34=3|43=Y|122=20231114-22:13:20.000|11=b"]


def test_arming_and_disarming_by_name():
    faults = Faults(Random(1))
    fault = Fault("f", FaultKind.DROP)
    faults.arm(fault)
    with pytest.raises(ValueError, match="fault 'f' is armed already, expected another name"):
        faults.arm(replace(fault, kind=FaultKind.DELAY))
    assert faults.disarm("f").fault == fault
    assert faults.armed() == []
    with pytest.raises(ValueError, match="no fault 'f' is armed, expected one of: none"):
        faults.disarm("f")


def test_armed_faults_are_bounded():
    many = Faults(Random(1))
    for n in range(faults.MAX_FAULTS):
        many.arm(Fault(f"f{n}", FaultKind.DROP))
    with pytest.raises(ValueError, match="64 faults are armed already"):
        many.arm(Fault("one more", FaultKind.DROP))


@pytest.mark.parametrize("kind", ["delay", "reorder"])
def test_held_messages_are_bounded_and_the_oldest_goes_on_early(monkeypatch, kind):
    monkeypatch.setattr(fault_lane, "MAX_HELD", 2)
    held = struck(kind)
    assert spoken(b"".join(sends(held, "a", "b", "c"))) == ["35=8|34=2|11=a"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"kind": FaultKind.GARBAGE, "direction": Direction.IN}, "direction: expected"),
        ({"kind": FaultKind.IGNORE_RESEND_REQUEST}, "direction: expected the other one, got out"),
        ({"after": -1}, "after: expected at least 0, got -1"),
        ({"count": 0}, "count: expected at least 1, got 0"),
        ({"per_mille": 1001}, "per_mille: expected 0 to 1000, got 1001"),
        ({"begin": 5, "end": 5}, "end: expected after begin, 5, got 5"),
        ({"amount": 0}, "amount: expected 1 to 1000000, not 0, got 0"),
        ({"kind": FaultKind.BAD_LENGTH, "amount": 0}, "amount: expected -1000000 to 1000000"),
        ({"hold": -1}, "hold: expected"),
        ({"kind": FaultKind.DELAY, "hold": 0}, "hold: expected a time in ns above 0, got 0"),
    ],
)
def test_a_fault_that_cannot_be_is_refused_with_its_reason(wrong, said):
    with pytest.raises(ValueError, match=said):
        Fault(**{"name": "f", "kind": FaultKind.DROP, **wrong})


def test_raw_bytes_leave_as_they_are_and_use_no_number():
    raw = desk()
    broken = b"8=FIX.4.4\x019=5\x0135=D\x0110=000\x01"
    raw.session.send_raw(broken, raw.now)
    assert raw.session.unsent == len(broken)
    assert writes(raw) == [broken]
    assert sends(raw, "a") == [report(2, "a")]


def test_raw_bytes_need_a_connection():
    with pytest.raises(RuntimeError, match="cannot send raw bytes: session is disconnected"):
        Desk().session.send_raw(b"x", START)
