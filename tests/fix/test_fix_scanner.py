"""Framing: which bytes are a message, which are garbage, and where the next one starts."""

from __future__ import annotations

import importlib
from itertools import pairwise

import pytest
from fix_wire import framed
from hypothesis import given
from hypothesis import strategies as st

from meridian.fix import pure_scanner, verdicts
from meridian.fix.verdicts import (
    GARBLED_CHECKSUM,
    GARBLED_FIELD,
    GARBLED_LENGTH,
    GARBLED_ORDER,
    GARBLED_PREFIX,
    MAX_BEGIN,
    MAX_MESSAGE,
    MESSAGE,
    MORE,
)

HEARTBEAT = framed("35=0|34=2|49=A|52=20231114-22:13:20|56=B")


def native_scan():
    try:
        return importlib.import_module("meridian.fix._scanner").scan
    except ImportError:
        return None


SCANNERS = [
    pytest.param(pure_scanner.scan, id="pure"),
    pytest.param(
        native_scan(),
        id="native",
        marks=pytest.mark.skipif(native_scan() is None, reason="the scanner is not compiled"),
    ),
]


@pytest.fixture(params=SCANNERS)
def scan(request):
    return request.param


def raw(text):
    return text.replace("|", "\x01").encode("latin-1")


def test_a_message_is_found_and_its_fields_indexed(scan):
    data = raw("8=FIX.4.4|9=5|35=0|10=163|")
    assert scan(data, 0) == (MESSAGE, 26, [8, 2, 9, 9, 12, 13, 35, 17, 18, 10, 22, 25])


def test_the_index_counts_from_the_message_not_from_the_buffer(scan):
    data = HEARTBEAT + raw("8=FIX.4.4|9=5|35=0|10=163|")
    verdict, end, index = scan(bytearray(data), len(HEARTBEAT))
    assert (verdict, end, index[:3]) == (MESSAGE, len(data), [8, 2, 9])


def test_every_cut_of_a_message_asks_for_more(scan):
    for cut in range(len(HEARTBEAT)):
        assert scan(HEARTBEAT[:cut], 0) == (MORE, 0, [])


def test_garbage_before_a_message_costs_the_garbage_only(scan):
    assert scan(b"GET / HTTP/1.1" + HEARTBEAT, 0) == (GARBLED_PREFIX, 14, [])


def test_garbage_that_may_become_a_message_is_kept(scan):
    assert scan(b"xyz8=F", 0) == (GARBLED_PREFIX, 3, [])
    assert scan(b"8=F", 0) == (MORE, 0, [])
    assert scan(b"", 0) == (MORE, 0, [])


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("8=FIX.4.4|35=0|9=5|10=163|", GARBLED_ORDER),
        (framed("34=2|35=0").decode(), GARBLED_ORDER),
        ("8=FIX.4.4|9=x|35=0|10=163|", GARBLED_LENGTH),
        ("8=FIX.4.4|9=|35=0|10=163|", GARBLED_LENGTH),
        ("8=FIX.4.4|9=-5|35=0|10=163|", GARBLED_LENGTH),
        ("8=FIX.4.4|9=4|35=0|10=163|", GARBLED_LENGTH),
        ("8=FIX.4.4|9=5|35=0|10=164|", GARBLED_CHECKSUM),
        ("8=FIX.4.4|9=5|35=0|10=63|", GARBLED_CHECKSUM),
        ("8=FIX.4.4|9=5|35=0|10=1x3|", GARBLED_CHECKSUM),
    ],
)
def test_damaged_messages_are_garbled_by_kind(scan, text, verdict):
    data = raw(text)
    assert scan(data, 0)[0] == verdict
    # Whatever the damage, the scan goes forward and ends within the bytes.
    assert 0 < scan(data, 0)[1] <= len(data)


@pytest.mark.parametrize(
    "field", ["4x9=TW", "49garbled=TW", "novalue", "=5", "049=TW", "1234567890=a"]
)
def test_a_field_that_is_not_tag_value_is_garbled(scan, field):
    assert scan(framed(f"35=0|34=2|{field}"), 0)[0] == GARBLED_FIELD


def test_a_negative_tag_passes_framing_so_that_the_session_can_reject_it(scan):
    verdict, _, index = scan(framed("35=0|-1=HI"), 0)
    assert verdict == MESSAGE
    assert index[9] == -1


def test_too_short_a_length_consumes_just_this_message(scan):
    bad = HEARTBEAT.replace(b"9=41", b"9=20")
    assert scan(bad + HEARTBEAT, 0) == (GARBLED_LENGTH, len(bad), [])


def test_too_long_a_length_swallows_the_next_message(scan):
    bad = HEARTBEAT.replace(b"9=41", b"9=60")
    assert bad != HEARTBEAT
    assert scan(bad, 0)[0] == MORE
    assert scan(bad + HEARTBEAT, 0) == (GARBLED_LENGTH, len(bad) + len(HEARTBEAT), [])


def test_a_length_beyond_the_bound_is_refused_before_its_bytes_come(scan):
    assert scan(raw(f"8=FIX.4.4|9={MAX_MESSAGE + 1}|35=0|"), 0)[0] == GARBLED_LENGTH
    assert scan(raw("8=FIX.4.4|9=9999999"), 0)[0] == GARBLED_LENGTH


def test_the_longest_message_passes_and_one_more_byte_does_not(scan):
    overhead = len(framed("35=0|58=")) + 5  # the length itself grows from one digit to six
    longest = framed("35=0|58=" + "x" * (MAX_MESSAGE - overhead))
    assert len(longest) == MAX_MESSAGE
    assert scan(longest, 0)[:2] == (MESSAGE, MAX_MESSAGE)
    longer = framed("35=0|58=" + "x" * (MAX_MESSAGE - overhead + 1))
    verdict, end, _ = scan(longer, 0)
    assert (verdict, end) == (GARBLED_LENGTH, len(verdicts.MARK))


def test_a_message_without_an_end_is_given_up_at_the_bound(scan):
    start = raw("8=FIX.4.4|9=10|35=0|58=")
    assert scan(start + b"x" * (MAX_MESSAGE - len(start) - 1), 0)[0] == MORE
    assert scan(start + b"x" * (MAX_MESSAGE - len(start)), 0)[0] == GARBLED_LENGTH


def test_a_begin_string_without_an_end_is_given_up_at_the_bound(scan):
    assert scan(b"8=FIX" + b"x" * (MAX_BEGIN - 6), 0)[0] == MORE
    assert scan(b"8=FIX" + b"x" * (MAX_BEGIN - 5), 0)[0] == GARBLED_ORDER


def test_a_negative_start_is_the_callers_mistake(scan):
    with pytest.raises(ValueError, match="expected start >= 0, got -1"):
        scan(HEARTBEAT, -1)


def scanned(scan, pieces):
    """All messages of a stream that comes in pieces."""
    buffer, found = bytearray(), []
    for piece in pieces:
        buffer += piece
        at = 0
        while True:
            verdict, end, _ = scan(buffer, at)
            if verdict == MORE:
                break
            if verdict == MESSAGE:
                found.append(bytes(buffer[at:end]))
            at = end
        del buffer[:at]
    return found


bodies = st.lists(
    st.tuples(st.integers(1, 9999), st.text("ab1=.-", min_size=1, max_size=8)), max_size=5
)


@st.composite
def streams(draw):
    """Good messages, some damaged in a byte, some with garbage between."""
    parts = []
    for body in draw(st.lists(bodies, min_size=1, max_size=4)):
        message = bytearray(framed("|".join(["35=0", *(f"{t}={v}" for t, v in body)])))
        if draw(st.booleans()):
            at = draw(st.integers(0, len(message) - 1))
            message[at] = draw(st.sampled_from(b"\x01=0189AXFI"))
        parts.append(draw(st.sampled_from([b"", b"", b"8=", b"\x0110=000\x01", b"58=8=FIX"])))
        parts.append(bytes(message))
    return b"".join(parts)


@given(stream=streams(), data=st.data())
def test_how_the_network_cuts_the_stream_makes_no_difference(stream, data):
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    edges = [0, *cuts, len(stream)]
    pieces = [stream[a:b] for a, b in pairwise(edges)]
    assert scanned(pure_scanner.scan, pieces) == scanned(pure_scanner.scan, [stream])


@pytest.mark.skipif(native_scan() is None, reason="the scanner is not compiled")
@given(stream=st.one_of(streams(), st.binary(max_size=200)), cut=st.integers(0, 300))
def test_the_native_scanner_answers_as_the_pure_one(stream, cut):
    native = native_scan()
    for data in (stream, bytearray(stream[:cut])):
        for start in range(len(data) + 1):
            assert native(data, start) == pure_scanner.scan(data, start)
