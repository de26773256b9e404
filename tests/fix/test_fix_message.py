"""Reading and building messages: typed reads answer with the code a session Reject needs."""

from __future__ import annotations

from decimal import Decimal

import pytest
from fix_wire import START, framed
from hypothesis import given
from hypothesis import strategies as st

from meridian.fix import FieldError, Header, encode, parse, reasons, tags, timestamps
from meridian.fix.timestamps import parse_timestamp, timestamp


def message(body):
    return parse(framed(f"35=D|34=7|49=A|52=20231114-22:13:20|56=B|{body}"))


def reason(read, *args):
    with pytest.raises(FieldError) as caught:
        read(*args)
    return caught.value.tag, caught.value.reason_code


def test_a_message_is_built_byte_for_byte():
    header = Header("FIX.4.4", "D", 7, "TRADER", "MERIDIAN", START + 123_999_999)
    fields = [(11, "a"), (38, 100), (44, Decimal("150.10")), (58, "caf\u00e9")]
    assert encode(header, fields).replace(b"\x01", b"|") == (
        b"8=FIX.4.4|9=86|35=D|34=7|49=TRADER|52=20231114-22:13:20.123|56=MERIDIAN|"
        b"11=a|38=100|44=150.1|58=caf\xe9|10=129|"
    )


def test_a_duplicate_says_so_and_when_it_was_first_sent():
    header = Header("FIX.4.4", "8", 7, "A", "B", START, "20231114-22:13:19.000")
    assert b"|34=7|43=Y|49=A|52=20231114-22:13:20.000|56=B|122=20231114-22:13:19.000|37=x|" in (
        encode(header, [(37, "x")]).replace(b"\x01", b"|")
    )


@pytest.mark.parametrize("value", ["", "a\x0158=b", "\u20ac", Decimal("NaN"), True, 1.5])
def test_a_value_that_would_damage_the_message_is_refused_here(value):
    with pytest.raises((ValueError, TypeError)):
        encode(Header("FIX.4.4", "D", 1, "A", "B", START), [(58, value)])


def test_typed_reads_are_exact():
    m = message("38=0100|44=-0.50|60=20231114-22:13:20.123456|58=x=y")
    assert m.integer(38) == 100
    assert m.decimal(44) == Decimal("-0.50")
    assert m.timestamp(60) == START + 123_456_000
    assert m.get(58) == "x=y"
    assert (m.msg_type, m.seq_num, m.poss_dup) == ("D", 7, False)
    assert m.integer(99) is m.decimal(99) is m.timestamp(99) is m.get(99) is None
    assert m.get(99, "none") == "none"


@pytest.mark.parametrize("text", ["1.0", "+1", "x", "1e3", " 1", "\u00b2", "9" * 19])
def test_what_is_no_integer_is_named(text):
    assert reason(message(f"38={text}").integer, 38) == (38, reasons.INCORRECT_FORMAT)


@pytest.mark.parametrize(
    "text", ["1e3", "NaN", "+1", "-", ".", "1.2.3", "1,5", "Infinity", "1" * 19]
)
def test_what_is_no_decimal_is_named(text):
    assert reason(message(f"44={text}").decimal, 44) == (44, reasons.INCORRECT_FORMAT)


@pytest.mark.parametrize("text", ["5", "5.", ".5", "-.5", "0100.00"])
def test_every_way_to_write_a_fix_float_is_read(text):
    assert message(f"44={text}").decimal(44) == Decimal(text)


def test_a_missing_required_field_is_reason_1_and_an_empty_one_reason_4():
    m = message("38=|44=")
    for read in (m.require, m.require_integer, m.require_decimal, m.require_timestamp):
        assert reason(read, 55) == (55, reasons.REQUIRED_TAG_MISSING)
    assert reason(m.require, 38) == (38, reasons.NO_VALUE)
    assert reason(m.require_integer, 38) == (38, reasons.NO_VALUE)
    assert reason(m.decimal, 44) == (44, reasons.NO_VALUE)


def test_repeating_groups_are_read_in_order():
    m = message("262=r|268=2|269=0|270=10.1|271=5|269=1|270=10.2|58=end")
    entries = [{269: "0", 270: "10.1", 271: "5"}, {269: "1", 270: "10.2"}]
    assert m.groups(268, 269, frozenset({269, 270, 271})) == entries
    assert m.groups(268, 269)[1] == {269: "1", 270: "10.2", 58: "end"}
    assert m.groups(146, 55) == []


@pytest.mark.parametrize("body", ["268=2|269=0", "268=0|269=0", "268=1|55=x", "268=1"])
def test_a_wrong_group_count_is_reason_16(body):
    assert reason(message(body).groups, 268, 269) == (268, reasons.WRONG_GROUP_COUNT)


def test_a_password_never_shows_in_a_log():
    shown = repr(message("553=u|554=secret|58=x"))
    assert "secret" not in shown
    assert "554=***|58=x" in shown


def test_tag_names_and_numbers_are_unique():
    numbers = [getattr(tags, name) for name in tags.__all__]
    assert len(set(numbers)) == len(numbers)


values = st.text(st.characters(min_codepoint=2, max_codepoint=255), min_size=1)
tag_numbers = st.integers(1, 99_999).filter(lambda tag: tag not in (8, 9, 10, 34, 35, 43))


@given(st.lists(st.tuples(tag_numbers, values)), st.integers(0, 10**6))
def test_whatever_is_encoded_reads_back(fields, seq):
    m = parse(encode(Header("FIX.4.4", "U1", seq, "A", "B", START), fields))
    assert m.pairs()[7:-1] == fields
    assert m.seq_num == seq


@given(st.integers(0, 4_102_444_800_000))
def test_timestamps_survive_to_the_millisecond(ms):
    assert parse_timestamp(timestamp(ms * 1_000_000)) == ms * 1_000_000


def test_finer_than_a_millisecond_is_cut_not_rounded():
    assert timestamp(START + 999_999_999) == "20231114-22:13:20.999"


@pytest.mark.parametrize(
    ("text", "ns"),
    [
        ("20231114-22:13:20", 0),
        ("20231114-22:13:20.5", None),
        ("20231114-22:13:20.500", 500_000_000),
        ("20231114-22:13:20.000001", 1_000),
        ("20231114-22:13:20.000000001", 1),
        ("20231114-22:12:80", None),
        ("20231131-22:13:20", None),
        ("20231114 22:13:20", None),
        ("20231114-24:13:20", None),
        ("", None),
    ],
)
def test_timestamps_are_read_from_seconds_to_nanoseconds(text, ns):
    if ns is None:
        with pytest.raises(ValueError, match=r"expected YYYY|no such day"):
            parse_timestamp(text)
    else:
        assert parse_timestamp(text) == START + ns


def test_a_leap_second_is_the_next_minute():
    assert parse_timestamp("20161231-23:59:60") == parse_timestamp("20170101-00:00:00")


def test_a_long_life_does_not_remember_every_day():
    for day in range(3 * timestamps._DAYS_REMEMBERED):
        parse_timestamp(timestamp(START + day * 86_400 * 1_000_000_000))
    assert timestamps._day_text.cache_info().currsize == timestamps._DAYS_REMEMBERED
    assert timestamps._day_number.cache_info().currsize == timestamps._DAYS_REMEMBERED
