"""Building messages: what is refused, what data fields need, templates, and both twins alike."""

from __future__ import annotations

import importlib
from decimal import Decimal

import pytest
from fix_wire import START, framed
from hypothesis import given
from hypothesis import strategies as st

from meridian.fix import parse, pure_encoder
from meridian.fix.data_fields import DATA_TAGS


def native_encoder():
    try:
        return importlib.import_module("meridian.fix._encoder")
    except ImportError:
        return None


ABSENT = pytest.mark.skipif(native_encoder() is None, reason="the encoder is not compiled")


@pytest.fixture(
    params=[
        pytest.param(pure_encoder, id="pure"),
        pytest.param(native_encoder(), id="native", marks=ABSENT),
    ]
)
def encoder(request):
    return request.param


def shown(raw):
    return raw.replace(b"\x01", b"|").decode("latin-1")


def test_fields_are_written_byte_for_byte(encoder):
    fields = [(11, "a=b"), (38, -100), (44, Decimal("150.10")), (58, "caf\u00e9"), (1, 10**30)]
    assert shown(encoder.encode_fields(fields)) == (
        "11=a=b|38=-100|44=150.1|58=caf\u00e9|1=1000000000000000000000000000000|"
    )
    assert encoder.encode_fields([]) == b""


@pytest.mark.parametrize("value", ["", "a\x0158=b", "\u20ac", Decimal("NaN")])
def test_a_value_that_would_damage_the_message_is_refused(encoder, value):
    with pytest.raises(ValueError, match=r"58|latin"):
        encoder.encode_fields([(11, "a"), (58, value)])


@pytest.mark.parametrize("value", [True, 1.5, None, b"x", ["x"]])
def test_a_value_of_no_wire_type_is_refused(encoder, value):
    with pytest.raises(TypeError, match="tag 58: expected text, integer or Decimal"):
        encoder.encode_fields([(58, value)])


def test_data_as_bytes_gets_its_length(encoder):
    assert encoder.encode_fields([(96, b"a\x01\xff")]) == b"95=3\x0196=a\x01\xff\x01"
    assert encoder.encode_fields([(95, 3), (96, b"a\x01\xff")]) == b"95=3\x0196=a\x01\xff\x01"
    assert encoder.encode_fields([(89, b"x")]) == b"93=1\x0189=x\x01"


def test_what_was_read_can_be_said_again(encoder):
    message = parse(framed("35=B|148=h|95=9|96=a|10=000||354=2|355=xy|58=z"))
    assert (
        encoder.encode_fields(message.pairs()[3:-1])
        == message.raw[message.spans()[3][1] - len("148=") : -len("10=000|")]
    )


@pytest.mark.parametrize("fields", [[(95, 2), (96, b"a\x01\xff")], [(95, "x"), (96, "abc")]])
def test_a_length_that_is_not_that_of_its_data_is_refused(encoder, fields):
    with pytest.raises(ValueError, match="tag 95: expected 3"):
        encoder.encode_fields(fields)


@pytest.mark.parametrize("fields", [[(96, "a\x01b")], [(95, 3), (58, "x"), (96, "a\x01b")]])
def test_text_for_data_without_its_length_cannot_hold_soh(encoder, fields):
    with pytest.raises(ValueError, match="tag 96: a value cannot be empty or hold SOH"):
        encoder.encode_fields(fields)


def test_a_message_is_completed_with_its_checksum(encoder):
    whole = encoder.frame(b"8=FIX.4.4\x019=", b"35=0\x0134=2\x01")
    assert whole == framed("35=0|34=2")
    long = b"58=" + b"\xff" * 70_000 + b"\x01"
    assert parse(encoder.frame(b"8=FIX.4.4\x019=", b"35=0\x01" + long)).get(58) == "\xff" * 70_000
    assert encoder.frame(b"8=FIX.4.4\x019=", b"35=0\x0134=2\x01") == whole


SLOTS = (
    (11, "text"),
    (38, "integer"),
    (44, "scaled", 4),
    (99, "decimal"),
    (60, "timestamp"),
    (114, "boolean"),
    (96, "data"),
)
VALUES = ("ord", 100, 1502500, Decimal("1.50"), START + 7_000_000, True, b"a\x01b")


def template(encoder, *slots):
    return encoder.Template("FIX.4.4", "D", "US", "THEM", *slots)


def test_a_template_writes_its_slots(encoder):
    hot = template(encoder, *SLOTS)
    body = "11=ord|38=100|44=150.25|99=1.5|60=20231114-22:13:20.007|114=Y|95=3|96=a|b|"
    assert shown(hot.body(VALUES)) == body
    head = "35=D|34=7|49=US|52=20231114-22:13:20.001|56=THEM|"
    assert hot.encode(7, START + 1_999_999, VALUES) == framed(head + body)
    # The same moment again, and another.
    assert hot.encode(7, START + 1_999_999, VALUES) == framed(head + body)
    later = hot.encode(10**12, START + 60_000_000_000, VALUES)
    assert parse(later).pairs()[3:6] == [
        (34, "1000000000000"),
        (49, "US"),
        (52, "20231114-22:14:20.000"),
    ]


def test_none_leaves_a_field_out(encoder):
    assert shown(template(encoder, *SLOTS).body([None, 1, *[None] * 5])) == "38=1|"
    assert template(encoder, *SLOTS).body([None] * 7) == b""


@pytest.mark.parametrize(
    ("value", "scale", "text"),
    [
        (0, 4, "0"),
        (1, 4, "0.0001"),
        (-1, 4, "-0.0001"),
        (10, 4, "0.001"),
        (15000, 4, "1.5"),
        (-20000, 4, "-2"),
        (5, 0, "5"),
        (2**63 - 1, 18, "9.223372036854775807"),
        (-(2**63), 2, "-92233720368547758.08"),
        (10**30 + 1, 2, "10000000000000000000000000000.01"),
    ],
)
def test_scaled_integers_are_written_without_idle_zeros(encoder, value, scale, text):
    assert shown(template(encoder, (44, "scaled", scale)).body([value])) == f"44={text}|"


@pytest.mark.parametrize(
    ("slot", "value", "error"),
    [
        ((11, "text"), "", ValueError),
        ((11, "text"), "a\x01", ValueError),
        ((11, "text"), "\u20ac", ValueError),
        ((11, "text"), 5, TypeError),
        ((38, "integer"), "5", TypeError),
        ((38, "integer"), True, TypeError),
        ((44, "scaled", 2), 1.5, TypeError),
        ((99, "decimal"), 5, TypeError),
        ((99, "decimal"), Decimal("Infinity"), ValueError),
        ((60, "timestamp"), "20231114", TypeError),
        ((114, "boolean"), 1, TypeError),
        ((96, "data"), "x", TypeError),
        ((96, "data"), b"", ValueError),
    ],
)
def test_a_template_refuses_what_is_not_of_the_slots_kind(encoder, slot, value, error):
    hot = template(encoder, slot)
    with pytest.raises(error):
        hot.body([value])
    # And nothing of the failed message is in the next one.
    assert hot.body([None]) == b""


@pytest.mark.parametrize(
    ("slot", "told"),
    [
        ((11, "colour"), "tag 11: expected one of text"),
        ((44, "scaled"), "tag 44: a scale goes with scaled"),
        ((11, "text", 2), "tag 11: a scale goes with scaled"),
        ((44, "scaled", 19), "expected a scale from 0 to 18, got 19"),
        ((0, "text"), "expected a tag from 1 to 999999999, got 0"),
        ((2**40, "text"), "expected a tag from 1 to 999999999, got 1099511627776"),
        (("11", "text"), "expected a tag from 1 to 999999999, got '11'"),
        ((58, "data"), "tag 58 is not of a data field"),
    ],
)
def test_a_slot_that_cannot_be_written_is_named(encoder, slot, told):
    with pytest.raises(ValueError, match=told):
        template(encoder, slot)


def test_a_begin_string_no_peer_could_read_is_refused(encoder):
    for text in ("FIX." + "4" * 26, "XIF.4.4"):
        with pytest.raises(ValueError, match="expected a BeginString"):
            encoder.Template(text, "D", "A", "B")
    assert encoder.Template("FIX." + "4" * 25, "D", "A", "B").encode(1, 0, ())


def test_as_many_values_as_slots(encoder):
    with pytest.raises(TypeError, match="expected 7 values, got 1"):
        template(encoder, *SLOTS).body(["x"])


class Interrupting(Decimal):
    """A value whose writing encodes something else, as another thread might."""

    def is_finite(self):
        for length in (1, 100_000):
            assert self.encoder.encode_fields([(58, "y" * length)]) == b"58=%b\x01" % (
                b"y" * length
            )
        return True


def test_an_interrupted_encoding_stays_whole(encoder):
    value = Interrupting("1.5")
    value.encoder = encoder
    assert (
        encoder.encode_fields([(11, "x"), (44, value), (58, "z")]) == b"11=x\x0144=1.5\x0158=z\x01"
    )
    assert (
        template(encoder, (11, "text"), (44, "decimal")).body(["x", value]) == b"11=x\x0144=1.5\x01"
    )


texts = st.text(st.characters(max_codepoint=300), max_size=6)
anything = st.one_of(
    texts,
    st.integers(),
    st.decimals(allow_nan=True),
    st.binary(max_size=5),
    st.none(),
    st.booleans(),
)
tag_numbers = st.one_of(
    st.integers(-2, 100_000), st.sampled_from([tag for pair in DATA_TAGS.items() for tag in pair])
)


def answer(call, *args):
    try:
        return call(*args)
    except (ValueError, TypeError):
        # Which of several faults is told first is nobody's business.
        return None


@ABSENT
@given(st.lists(st.tuples(tag_numbers, anything), max_size=6))
def test_the_native_fields_are_those_of_the_pure_ones(fields):
    native = native_encoder()
    assert answer(native.encode_fields, fields) == answer(pure_encoder.encode_fields, fields)


@ABSENT
@given(st.data())
def test_the_native_template_writes_as_the_pure_one(data):
    slots = data.draw(st.lists(st.sampled_from(SLOTS), max_size=5))
    kinds = {
        "text": texts,
        "integer": st.integers(),
        "scaled": st.integers(-(2**64), 2**64),
        "decimal": st.decimals(),
        "timestamp": st.integers(0, 4 * 10**18),
        "boolean": st.booleans(),
        "data": st.binary(max_size=9),
    }
    values = [
        data.draw(st.one_of(kinds[slot[1]], kinds[slot[1]], st.none(), anything)) for slot in slots
    ]
    seq, now = data.draw(st.integers(0, 10**9)), data.draw(st.integers(0, 4 * 10**18))
    native, pure = template(native_encoder(), *slots), template(pure_encoder, *slots)
    assert answer(native.body, values) == answer(pure.body, values)
    assert answer(native.encode, seq, now, values) == answer(pure.encode, seq, now, values)
