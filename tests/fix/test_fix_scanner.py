"""Framing: which bytes are a message, which are garbage, and where the next one starts."""

from __future__ import annotations

import importlib
from itertools import pairwise

import pytest
from fix_wire import framed
from hypothesis import given
from hypothesis import strategies as st

from meridian.fix import pure_message, verdicts
from meridian.fix.data_fields import DATA_TAGS
from meridian.fix.dictionary import VERSIONS, standard
from meridian.fix.verdicts import (
    GARBLED_CHECKSUM,
    GARBLED_DATA,
    GARBLED_FIELD,
    GARBLED_LENGTH,
    GARBLED_ORDER,
    GARBLED_PREFIX,
    MAX_BEGIN,
    MAX_MESSAGE,
    MAX_STRAY,
    MESSAGE,
    MORE,
)

HEARTBEAT = framed("35=0|34=2|49=A|52=20231114-22:13:20|56=B")


def native_decode():
    try:
        return importlib.import_module("meridian.fix._message").decode
    except ImportError:
        return None


DECODERS = [
    pytest.param(pure_message.decode, id="pure"),
    pytest.param(
        native_decode(),
        id="native",
        marks=pytest.mark.skipif(native_decode() is None, reason="the codec is not compiled"),
    ),
]


@pytest.fixture(params=DECODERS)
def decode(request):
    return request.param


def raw(text):
    return text.replace("|", "\x01").encode("latin-1")


def test_a_message_is_found_and_its_fields_indexed(decode):
    data = raw("8=FIX.4.4|9=5|35=0|10=163|")
    verdict, end, message = decode(data, 0)
    assert (verdict, end) == (MESSAGE, 26)
    assert message.raw == data
    assert message.spans() == [(8, 2, 9), (9, 12, 13), (35, 17, 18), (10, 22, 25)]


def test_the_index_counts_from_the_message_not_from_the_buffer(decode):
    data = HEARTBEAT + raw("8=FIX.4.4|9=5|35=0|10=163|")
    verdict, end, message = decode(bytearray(data), len(HEARTBEAT))
    assert (verdict, end, message.spans()[0]) == (MESSAGE, len(data), (8, 2, 9))


def test_every_cut_of_a_message_asks_for_more(decode):
    for cut in range(len(HEARTBEAT)):
        assert decode(HEARTBEAT[:cut], 0) == (MORE, 0, None)


def test_garbage_before_a_message_costs_the_garbage_only(decode):
    assert decode(b"GET / HTTP/1.1" + HEARTBEAT, 0) == (GARBLED_PREFIX, 14, None)


def test_garbage_that_may_become_a_message_is_kept(decode):
    assert decode(b"xyz8=F", 0) == (GARBLED_PREFIX, 3, None)
    assert decode(b"8=F", 0) == (MORE, 0, None)
    assert decode(b"", 0) == (MORE, 0, None)


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
def test_damaged_messages_are_garbled_by_kind(decode, text, verdict):
    data = raw(text)
    assert decode(data, 0)[0] == verdict
    # Whatever the damage, the scan goes forward and ends within the bytes.
    assert 0 < decode(data, 0)[1] <= len(data)


@pytest.mark.parametrize(
    "field", ["4x9=TW", "49garbled=TW", "novalue", "=5", "049=TW", "1234567890=a"]
)
def test_a_field_that_is_not_tag_value_is_garbled(decode, field):
    assert decode(framed(f"35=0|34=2|{field}"), 0)[0] == GARBLED_FIELD


def test_a_negative_tag_passes_framing_so_that_the_session_can_reject_it(decode):
    verdict, _, message = decode(framed("35=0|-1=HI"), 0)
    assert verdict == MESSAGE
    assert message.spans()[3][0] == -1


def test_too_short_a_length_consumes_just_this_message(decode):
    bad = HEARTBEAT.replace(b"9=41", b"9=20")
    assert decode(bad + HEARTBEAT, 0) == (GARBLED_LENGTH, len(bad), None)


def test_too_long_a_length_swallows_the_next_message(decode):
    bad = HEARTBEAT.replace(b"9=41", b"9=60")
    assert bad != HEARTBEAT
    assert decode(bad, 0)[0] == MORE
    assert decode(bad + HEARTBEAT, 0) == (GARBLED_LENGTH, len(bad) + len(HEARTBEAT), None)


def test_a_length_beyond_the_bound_is_refused_before_its_bytes_come(decode):
    assert decode(raw(f"8=FIX.4.4|9={MAX_MESSAGE + 1}|35=0|"), 0)[0] == GARBLED_LENGTH
    assert decode(raw("8=FIX.4.4|9=9999999"), 0)[0] == GARBLED_LENGTH


def test_the_longest_message_passes_and_one_more_byte_does_not(decode):
    overhead = len(framed("35=0|58=")) + 5  # the length itself grows from one digit to six
    longest = framed("35=0|58=" + "x" * (MAX_MESSAGE - overhead))
    assert len(longest) == MAX_MESSAGE
    assert decode(longest, 0)[:2] == (MESSAGE, MAX_MESSAGE)
    longer = framed("35=0|58=" + "x" * (MAX_MESSAGE - overhead + 1))
    verdict, end, _ = decode(longer, 0)
    assert (verdict, end) == (GARBLED_LENGTH, len(verdicts.MARK))


def test_a_message_without_an_end_is_given_up_at_the_bound(decode):
    start = raw("8=FIX.4.4|9=10|35=0|58=")
    end = start.index(b"35=") + 10 - 1 + MAX_STRAY
    assert decode(start + b"x" * (end - len(start) - 1), 0)[0] == MORE
    assert decode(start + b"x" * (end - len(start)), 0)[0] == GARBLED_LENGTH
    start = raw(f"8=FIX.4.4|9={MAX_MESSAGE}|35=0|58=")
    assert decode(start + b"x" * (MAX_MESSAGE - len(start) - 1), 0)[0] == MORE
    assert decode(start + b"x" * (MAX_MESSAGE - len(start)), 0)[0] == GARBLED_LENGTH


class Counting(bytearray):
    """Counts the bytes that were searched for something."""

    visited = 0

    def find(self, what, start=0, stop=None):
        stop = len(self) if stop is None else min(stop, len(self))
        found = super().find(what, start, stop)
        Counting.visited += (stop if found < 0 else found) - start
        return found


@pytest.mark.parametrize("length", [10, 20_000, MAX_MESSAGE])
def test_a_peer_that_sends_byte_by_byte_costs_the_same_for_each_byte(length):
    buffer = Counting(raw(f"8=FIX.4.4|9={length}|35=0|58="))
    Counting.visited = sent = 0
    while sent < 12_000:
        buffer += b"x"
        sent += 1
        verdict, end, _ = pure_message.decode(buffer, 0)
        if verdict != MORE:
            del buffer[:end]
    assert Counting.visited < sent * (MAX_STRAY + MAX_BEGIN)


def test_a_begin_string_without_an_end_is_given_up_at_the_bound(decode):
    assert decode(b"8=FIX" + b"x" * (MAX_BEGIN - 6), 0)[0] == MORE
    assert decode(b"8=FIX" + b"x" * (MAX_BEGIN - 5), 0)[0] == GARBLED_ORDER


def test_a_negative_start_is_the_callers_mistake(decode):
    with pytest.raises(ValueError, match="expected at >= 0, got -1"):
        decode(HEARTBEAT, -1)


def test_data_may_hold_anything_as_its_length_says(decode):
    _, _, message = decode(framed("35=B|95=9|96=a|10=000||58=x"), 0)
    assert message.spans()[3:-1] == [(95, 23, 24), (96, 28, 37), (58, 41, 42)]
    assert message.data(96) == b"a\x0110=000\x01"
    assert (message.get(10), message.get(58)) == (message.raw[-4:-1].decode(), "x")
    assert message.part(4, 5).data(96) == b"a\x0110=000\x01"


@pytest.mark.parametrize("pair", DATA_TAGS.items())
def test_every_pair_of_length_and_data_is_known(decode, pair):
    message = decode(framed(f"35=B|{pair[0]}=3|{pair[1]}=|1=|58=x"), 0)[2]
    assert message.data(pair[1]) == b"\x011="
    assert message.get(58) == "x"


def test_the_pairs_are_those_of_the_published_versions():
    published = {}
    for version in VERSIONS:
        published |= standard(version).data_lengths
    assert published == DATA_TAGS


@pytest.mark.parametrize(
    "data",
    ["95=2|96=a", "95=1|96=ab", "95=4|96=a|58=x", "95=9|96=ab", "95=999999|96=ab", "95=4|96=|10=1"],
)
def test_data_that_does_not_end_where_its_length_says_is_garbled(decode, data):
    # Where fields begin and end is then a guess, and a peer could smuggle one past a check.
    message = framed(f"35=B|{data}")
    assert decode(message, 0) == (GARBLED_DATA, len(message), None)
    assert decode(framed(f"35=B|95={'9' * 30}|96=x"), 0)[0] == GARBLED_DATA


def test_a_venues_own_data_fields_hold_anything_too(decode):
    own = {20001: 20002, 70001: 70009}
    for length, data in own.items():
        wire = framed(f"35=B|34=1|{length}=3|{data}=a\x01b|58=x")
        verdict, end, message = decode(wire, 0, own)
        assert (verdict, end) == (MESSAGE, len(wire))
        assert message.data(data) == b"a\x01b"
        assert message.get(58) == "x"
        assert [tag for tag, _ in message.pairs()] == [8, 9, 35, 34, length, data, 58, 10]
        # Without them the SOH ends the value, and what follows is no field.
        assert decode(wire, 0)[0] == GARBLED_FIELD
        wrong = framed(f"35=B|34=1|{length}=4|{data}=a\x01b|58=x")
        assert decode(wrong, 0, own)[0] == GARBLED_DATA


def test_a_venues_own_data_is_seen_though_its_shape_was_learned_by_another(decode):
    plain = framed("35=B|34=1|20001=1|20002=a|58=x")
    for _ in range(40):
        assert decode(plain, 0)[0] == MESSAGE
    assert decode(framed("35=B|34=1|20001=2|20002=a|58=x"), 0, {20001: 20002})[0] == GARBLED_DATA


def test_data_may_not_swallow_the_trailer(decode):
    message = framed("35=B|95=8|96=a")
    assert decode(message, 0) == (GARBLED_DATA, len(message), None)


@pytest.mark.parametrize("text", ["95=x|96=ab", "95=-2|96=ab", "95=|96=ab", "95=2|58=abc|96=ab"])
def test_a_length_that_measures_nothing_leaves_its_data_to_the_first_soh(decode, text):
    assert decode(framed(f"35=B|{text}|58=y"), 0)[2].data(96) == b"ab"


def scanned(decode, pieces):
    """All messages of a stream that comes in pieces."""
    buffer, found = bytearray(), []
    for piece in pieces:
        buffer += piece
        at = 0
        while True:
            verdict, end, _ = decode(buffer, at)
            if verdict == MORE:
                break
            if verdict == MESSAGE:
                found.append(bytes(buffer[at:end]))
            at = end
        del buffer[:at]
    return found


plain = st.tuples(st.integers(1, 9999), st.text("ab1=.-", min_size=1, max_size=8))
measured = st.builds(
    lambda text, slip: (95, f"{len(text) + slip}|96={text}"),
    st.text("ab1=|0", max_size=6),
    st.sampled_from([0, 0, 0, 1, -1, 7]),
)
bodies = st.lists(st.one_of(plain, measured), max_size=5)


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


@pytest.mark.parametrize("decode", DECODERS)
@given(stream=streams(), data=st.data())
def test_how_the_network_cuts_the_stream_makes_no_difference(decode, stream, data):
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    edges = [0, *cuts, len(stream)]
    pieces = [stream[a:b] for a, b in pairwise(edges)]
    assert scanned(decode, pieces) == scanned(decode, [stream])


def told(answer):
    verdict, end, message = answer
    if message is None:
        return verdict, end, None
    return verdict, end, message.raw, message.spans(), message.msg_type


@pytest.mark.skipif(native_decode() is None, reason="the codec is not compiled")
@given(stream=st.one_of(streams(), st.binary(max_size=200)), cut=st.integers(0, 300))
def test_the_native_decoder_answers_as_the_pure_one(stream, cut):
    native = native_decode()
    for data in (stream, bytearray(stream[:cut])):
        for start in range(len(data) + 1):
            assert told(native(data, start)) == told(pure_message.decode(data, start))
