"""Typed reads of messages, readers and groups: exact answers, named faults, both twins alike."""

from __future__ import annotations

import importlib
from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest
from fix_wire import START, framed
from hypothesis import given
from hypothesis import strategies as st

from meridian.fix import FieldError, pure_message, pure_reader, reasons
from meridian.fix.dictionary import Layout, Member, standard
from meridian.fix.reads import KINDS


def native_message():
    try:
        return importlib.import_module("meridian.fix._message")
    except ImportError:
        return None


PURE = SimpleNamespace(decode=pure_message.decode, Reader=pure_reader.Reader)
ABSENT = pytest.mark.skipif(native_message() is None, reason="the codec is not compiled")


@pytest.fixture(
    params=[
        pytest.param(PURE, id="pure"),
        pytest.param(native_message(), id="native", marks=ABSENT),
    ]
)
def codec(request):
    return request.param


def read(codec, body):
    wire = framed(f"35=D|34=7|49=A|52=20231114-22:13:20|56=B|{body}")
    return codec.decode(wire, 0)[2]


def reason(call, *args):
    with pytest.raises(FieldError) as caught:
        call(*args)
    return caught.value.tag, caught.value.reason_code


@pytest.mark.parametrize(
    ("text", "scale", "number"),
    [
        ("1.50", 4, 15000),
        ("-0.0001", 4, -1),
        ("150", 0, 150),
        ("150.000", 0, 150),
        (".5", 1, 5),
        ("5.", 2, 500),
        ("-0", 2, 0),
        ("000000000000000001.10", 2, 110),
        ("9.223372036854775807", 18, 2**63 - 1),
        ("-9223372036854775.807", 3, -(2**63 - 1)),
    ],
)
def test_prices_are_read_as_scaled_integers(codec, text, scale, number):
    assert read(codec, f"44={text}").scaled(44, scale) == number


@pytest.mark.parametrize(
    ("text", "scale"),
    [("1.5", 0), ("0.00001", 4), ("9.223372036854775808", 18), ("9223372036854775808", 0)],
)
def test_a_price_that_has_no_exact_place_is_refused(codec, text, scale):
    code = reasons.INCORRECT_FORMAT if len(text.lstrip("-")) > 20 else reasons.INCORRECT_VALUE
    code = reasons.INCORRECT_FORMAT if len(text) == 19 and "." not in text else code
    assert reason(read(codec, f"44={text}").scaled, 44, scale) == (44, code)


@pytest.mark.parametrize("text", ["", "1e3", "+1", "-", ".", "1.2.3", "1,5", " 1", "1" * 19])
def test_what_is_no_price_is_named(codec, text):
    code = reasons.INCORRECT_FORMAT if text else reasons.NO_VALUE
    assert reason(read(codec, f"44={text}").scaled, 44, 2) == (44, code)


@pytest.mark.parametrize("scale", [-1, 19])
def test_a_scale_has_bounds(codec, scale):
    with pytest.raises(ValueError, match=f"expected a scale from 0 to 18, got {scale}"):
        read(codec, "44=1").scaled(44, scale)
    with pytest.raises(ValueError, match=f"expected a scale from 0 to 18, got {scale}"):
        codec.Reader((44, "scaled", scale))


def test_every_other_type(codec):
    message = read(
        codec, "54=1|43=Y|114=N|432=20240229|273=23:59:60.5|200=202611w5|205=x|58=caf\xe9"
    )
    assert message.char(54) == "1"
    assert (message.boolean(43), message.boolean(114)) == (True, False)
    assert message.date(432) == date(2024, 2, 29)
    assert message.month_year(200) == (2026, 11, "w5")
    assert message.data(58) == b"caf\xe9"
    assert reason(message.time_of_day, 273) == (273, reasons.INCORRECT_FORMAT)
    assert read(codec, "273=01:00:00.5".replace(".5", ".500")).time_of_day(273) == 3_600_500_000_000
    for bad in (message.char, message.boolean, message.date, message.month_year):
        assert reason(bad, 58) == (58, reasons.INCORRECT_FORMAT)
        assert bad(999) is None


@pytest.mark.parametrize(
    ("text", "ns"),
    [
        ("20231114-22:13:20", START),
        ("20231114-22:13:20.123456789", START + 123_456_789),
        ("20231114-22:13:20.123456789999", START + 123_456_789),
        ("19691231-23:59:59.999", -1_000_000),
        ("00010101-00:00:00", -62_135_596_800 * 10**9),
        ("99991231-23:59:60", 253_402_300_800 * 10**9),
        ("20240229-00:00:00", 1_709_164_800 * 10**9),
        ("20000229-00:00:00", 951_782_400 * 10**9),
    ],
)
def test_timestamps_reach_as_far_as_their_form(codec, text, ns):
    assert read(codec, f"60={text}").timestamp(60) == ns


@pytest.mark.parametrize(
    "text",
    [
        "20230229-00:00:00",
        "19000229-00:00:00",
        "00000101-00:00:00",
        "20231114-22:13:61",
        "20231114-22:60:20",
        "20231114-22:13:20.",
        "20231114-22:13:20.1234",
        "20231114-22:13:20,123",
        "2023111a-22:13:20",
    ],
)
def test_what_is_no_timestamp_is_named(codec, text):
    assert reason(read(codec, f"60={text}").timestamp, 60) == (60, reasons.INCORRECT_FORMAT)


def test_a_reader_reads_all_in_one_call(codec):
    reader = codec.Reader(
        (55, "text"), (54, "char"), (38, "integer"), (44, "scaled", 2), (60, "timestamp"),
        (99, "decimal"), (43, "boolean"), (96, "data"), (432, "date"), (8, "text"), (1, "text"),
    )  # fmt: skip
    body = "55=X|54=1|38=007|44=1.5|60=20231114-22:13:20.001|99=0.10|43=N|432=20240229"
    wanted = ("X", "1", 7, 150, START + 1_000_000, Decimal("0.10"), False)
    assert reader(read(codec, body)) == (*wanted, None, date(2024, 2, 29), "FIX.4.4", None)
    with_data = reader(read(codec, f"{body}|95=6|96=|55=Y||"))
    assert with_data == (*wanted, b"\x0155=Y\x01", date(2024, 2, 29), "FIX.4.4", None)
    assert reader(read(codec, "")) == (*[None] * 9, "FIX.4.4", None)


def test_a_reader_names_the_first_field_that_is_wrong(codec):
    reader = codec.Reader((38, "integer"), (44, "scaled", 2), (55, "text"))
    assert reason(reader, read(codec, "44=x|38=y")) == (38, reasons.INCORRECT_FORMAT)
    assert reason(reader, read(codec, "44=1.005|38=1")) == (44, reasons.INCORRECT_VALUE)
    assert reason(reader, read(codec, "44=|38=1")) == (44, reasons.NO_VALUE)


@pytest.mark.parametrize(
    ("field", "told"),
    [
        ((55, "colour"), "tag 55: expected one of text"),
        ((44, "scaled"), "tag 44: a scale goes with scaled"),
        ((55, "text", 2), "tag 55: a scale goes with scaled"),
        ((0, "text"), "expected a tag from 1 to 999999999, got 0"),
        ((2**40, "text"), "expected a tag from 1 to 999999999, got 1099511627776"),
        (("55", "text"), "expected a tag from 1 to 999999999, got '55'"),
    ],
)
def test_a_reader_refuses_what_it_cannot_read(codec, field, told):
    with pytest.raises(ValueError, match=told):
        codec.Reader(field)


PARTIES = standard("FIX.4.4").message("D").layout.member(453)


def test_groups_nest_by_the_dictionary(codec):
    message = read(
        codec, "453=2|448=x|447=D|452=1|802=2|523=a|803=1|523=b|448=y|447=C|452=3|44=1.5"
    )
    first, second = message.entries(PARTIES)
    assert (first.get(448), first.integer(452), second.char(447)) == ("x", 1, "C")
    subs = first.entries(PARTIES.group.member(802))
    assert [sub.get(523) for sub in subs] == ["a", "b"]
    assert subs[0].pairs() == [(523, "a"), (803, "1")]
    assert second.entries(PARTIES.group.member(802)) == []
    assert second.get(44) is None
    del message, first
    assert [sub.get(523) for sub in subs] == ["a", "b"]


def test_a_group_that_is_not_what_it_says_is_named(codec):
    wrong = (453, reasons.WRONG_GROUP_COUNT)
    assert reason(read(codec, "453=1|448=x|448=y").entries, PARTIES) == wrong
    assert reason(read(codec, "453=2|448=x").entries, PARTIES) == wrong
    late = (448, reasons.GROUP_OUT_OF_ORDER)
    assert reason(read(codec, "453=1|447=D|448=x").entries, PARTIES) == late
    assert read(codec, "453=0").entries(PARTIES) == []
    assert read(codec, "44=1").entries(PARTIES) == []
    with pytest.raises(ValueError, match="expected the count of a group, got tag 55"):
        read(codec, "55=x").entries(Member(55, False))


def test_a_group_of_one_field_and_of_its_own_making(codec):
    group = Member(9000, False, Layout([Member(9001, True)]))
    entries = read(codec, "9000=3|9001=a|9001=b|9001=c|58=x").entries(group)
    assert [entry.get(9001) for entry in entries] == ["a", "b", "c"]


values = st.one_of(
    st.text("0123456789.-:YNw +", max_size=24),
    st.text(st.characters(min_codepoint=2, max_codepoint=255), max_size=6),
    st.from_regex(r"-?[0-9]{0,20}(\.[0-9]{0,20})?", fullmatch=True),
    st.from_regex(
        r"(19|20|99)[0-9]{2}[01][0-9][0-3][0-9]-[0-2][0-9]:[0-6][0-9]:[0-6][0-9]"
        r"(\.[0-9]{3}([0-9]{3}){0,3})?",
        fullmatch=True,
    ),
)
fields = st.lists(st.tuples(st.integers(1, 12).map(lambda tag: tag + 39), values), max_size=8)


def answer(call, *args):
    try:
        return call(*args)
    except FieldError as error:
        return error.tag, error.reason_code


@ABSENT
@given(fields=fields, scale=st.integers(0, 18))
def test_the_native_reads_are_the_pure_ones(fields, scale):
    body = "|".join(["35=D", *(f"{tag}={value}" for tag, value in fields if "|" not in value)])
    both = [codec.decode(framed(body), 0)[2] for codec in (PURE, native_message())]
    for tag in range(39, 52):
        for kind in KINDS:
            args = (tag, scale) if kind == "scaled" else (tag,)
            name = "get" if kind == "text" else kind
            pure, native = (answer(getattr(message, name), *args) for message in both)
            assert pure == native, kind
            assert type(pure) is type(native)
            wanted = (tag, kind, scale) if kind == "scaled" else (tag, kind)
            pure, native = (
                answer(codec.Reader(wanted), message)
                for codec, message in zip((PURE, native_message()), both, strict=True)
            )
            assert pure == native, kind
    for name in ("pairs", "spans", "unusable_tag", "__repr__"):
        pure, native = (getattr(message, name)() for message in both)
        assert pure == native, name
    assert both[0].oversized_tag(3) == both[1].oversized_tag(3)
    assert both[0].repeated_tag({44, 45}) == both[1].repeated_tag({44, 45})
    for name in ("seq_num", "poss_dup", "msg_type", "raw"):
        assert getattr(both[0], name) == getattr(both[1], name)
