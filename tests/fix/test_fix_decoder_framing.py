"""What would break: a message of a log lost, cut wrongly or made up; a log that fills memory."""

from __future__ import annotations

import pytest
from fix_wire import framed
from hypothesis import given
from hypothesis import strategies as st

from meridian.fix.decoder import Decoder
from meridian.fix.decoder.framing import MAX_PENDING, MAX_PREFIX, Framer

HEARTBEAT = framed("35=0|49=DESK|56=VENUE|34=2|52=20260105-09:30:00")
ORDER = framed("35=D|49=DESK|56=VENUE|34=3|52=20260105-09:30:01|11=A1|55=IBM|54=1|38=100|40=1")


def decoded(log: bytes, piece: int = 0):
    decoder = Decoder()
    pieces = [log] if not piece else [log[n : n + piece] for n in range(0, len(log), piece)]
    return [m for part in pieces for m in decoder.feed(part)] + decoder.finish()


def told(messages):
    return [(m.line, m.prefix, m.name, m.seq_num, [p.code for p in m.problems]) for m in messages]


@pytest.mark.parametrize(
    "written",
    [
        "\x01",
        "|",
        " | ",
        "| ",
        "^A",
        "\\x01",
        "\\u0001",
        "\\001",
        "<SOH>",
        "[SOH]",
        "␁",
        ";",
        "~",
        "\t",
    ],
)
@pytest.mark.parametrize("piece", [0, 1, 7])
def test_whatever_a_log_writes_for_soh(written, piece):
    log = (ORDER + HEARTBEAT).replace(b"\x01", written.encode()) + b"\n"
    assert told(decoded(log, piece)) == [
        (1, "", "NewOrderSingle", 3, []),
        (1, "", "Heartbeat", 2, ["sequence_low"]),
    ]


def test_text_around_messages_is_kept_apart():
    log = (
        b"venue started, no message here: 35=D|10=000|\n"
        b"20260105 09:30:00.001 [s1] INFO out> " + HEARTBEAT + b" (69 bytes)\r\n"
        b"\x00\x00" + ORDER.replace(b"\x01", b"|")[:-1] + b"\n"
    )
    assert told(decoded(log)) == [
        (2, "20260105 09:30:00.001 [s1] INFO out>", "Heartbeat", 2, []),
        (3, "", "NewOrderSingle", 3, []),
    ]


def test_a_message_may_be_wrapped_anywhere_even_within_a_tag():
    for width in (1, 3, 10, 40):
        wrapped = b"\r\n".join(ORDER[n : n + width] for n in range(0, len(ORDER), width))
        (message,) = decoded(b"log\n" + wrapped + b"\n")
        assert (message.line, message.name, message.problems) == (2, "NewOrderSingle", ())
        assert message.first(55).value == "IBM"


def test_text_may_hold_line_breaks_that_count():
    log = framed("35=B|49=DESK|56=VENUE|34=1|52=20260105-09:30:00|148=two|58=line\r\nbreak")
    (message,) = decoded(log)
    assert message.problems == ()
    assert message.first(58).value == "line\r\nbreak"


@pytest.mark.parametrize("piece", [0, 1, 50])
def test_a_message_within_the_data_of_another_is_not_one(piece):
    inner = HEARTBEAT.decode()
    outer = framed(f"35=n|49=DESK|56=VENUE|34=9|52=20260105-09:30:00|212={len(inner)}|213={inner}|")
    (message, after) = decoded(outer + framed("35=0|49=DESK|56=VENUE|34=10"), piece)
    assert (message.name, message.problems) == ("XMLnonFIX", ())
    assert message.first(213).value == inner
    assert after.seq_num == 10


def test_a_tag_that_ends_in_8_begins_no_message():
    log = framed("35=5|49=DESK|56=VENUE|34=4|52=20260105-09:30:00|58=FIX.4.4|108=FIX.4.2|9=1")
    (message,) = decoded(log)
    assert message.first(58).value == "FIX.4.4"


def test_a_message_without_its_end_is_told_and_the_next_is_found():
    log = b"a> " + ORDER[:40].replace(b"\x01", b"|") + b"\nb> " + HEARTBEAT.replace(b"\x01", b"|")
    assert told(decoded(log)) == [
        (1, "a>", "NewOrderSingle", None, ["truncated", "sequence_missing"]),
        (2, "b>", "Heartbeat", 2, []),
    ]
    (message,) = decoded(ORDER[:-4])
    assert [p.code for p in message.problems] == ["truncated"]


def test_a_wrong_length_does_not_swallow_the_line_after():
    wrong = ORDER.replace(b"\x019=", b"\x019=9", 1).replace(b"\x01", b"|")
    decoder = Decoder()
    (message,) = decoder.feed(wrong + b"\n")
    assert [p.code for p in message.problems] == ["body_length", "checksum"], "at once"
    assert [m.seq_num for m in decoder.feed(HEARTBEAT)] == [2]


def test_a_growing_log_shows_each_message_when_it_is_whole():
    decoder = Decoder()
    assert decoder.feed(b"09:30 in " + ORDER[:50]) == []
    assert [m.name for m in decoder.feed(ORDER[50:] + HEARTBEAT[:-2])] == ["NewOrderSingle"]
    assert [m.name for m in decoder.feed(HEARTBEAT[-2:])] == ["Heartbeat"]
    assert decoder.finish() == []


def test_a_log_without_messages_is_let_go_of():
    framer = Framer()
    for _ in range(100):
        assert framer.feed(b"x" * 10_000) == []
    assert framer.feed(HEARTBEAT)[0].prefix == b"x" * MAX_PREFIX
    framer.feed(b"y" * 1_000_000)
    assert len(framer._pending) < 1_000


def test_a_message_that_never_ends_is_cut_at_the_bound():
    framer = Framer()
    framer.feed(b"8=FIX.4.4\x019=400000\x0135=D\x0158=")
    frames = []
    for _ in range(MAX_PENDING // 1_000 + 1):
        frames += framer.feed(b"z" * 1_000)
    (frame,) = frames
    assert frame.truncated
    assert len(frame.text) <= MAX_PENDING + 1_000
    assert framer.feed(HEARTBEAT)[0].text == HEARTBEAT, "and the log goes on"


def test_messages_that_claim_to_be_long_are_looked_through_once():
    lie = b"8=FIX.4.4\x019=400000\x0135=0\x0110=000\x01"
    framer = Framer()
    found = [frame for _ in range(20) for frame in framer.feed(lie * 2_000)] + framer.finish()
    assert len(found) == 40_000


@pytest.mark.parametrize("filler", ["|", "10=|", "10=1|", "95=9|", "453=9|", "9999=1|", "a|8=FIX"])
@pytest.mark.parametrize("soh", ["|", "\x01"])
def test_a_long_message_of_next_to_nothing_is_read_through_once(filler, soh):
    body = filler * (MAX_PENDING // 2 // len(filler))
    log = f"8=FIX.4.4|9=99|35=D|58=x|453=2|448=x|{body}|10=000|".replace("|", soh).encode()
    messages = decoded(log + b"\n" + HEARTBEAT, 65_536)
    assert messages[-1].name == "Heartbeat"


LOGS = st.lists(
    st.sampled_from(
        [
            ORDER,
            HEARTBEAT,
            ORDER[:60],
            HEARTBEAT[30:],
            b"8=FIX.4.4\x01",
            b"10=000|",
            b"\n",
            b" ",
            b"8=FIX",
        ]
    )
    | st.binary(max_size=12),
    max_size=12,
)


@given(LOGS, st.integers(1, 97))
def test_how_a_log_is_read_changes_no_message(parts, piece):
    log = b"".join(parts)
    whole = decoded(log)
    assert told(decoded(log, piece)) == told(whole)


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_no_bytes_raise(before, after):
    decoder = Decoder()
    for data in (before, b"8=FIX.4.4|9=5|", after, ORDER, b"8=FIXT.1.1\x01" + after, b"10=1|\n"):
        for message in decoder.feed(data):
            message.as_dict()
    decoder.finish()
