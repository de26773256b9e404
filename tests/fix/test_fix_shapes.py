"""What is learned of messages that come again and again changes no answer, and has bounds."""

from __future__ import annotations

import importlib
import re

import pytest
from fix_wire import framed
from hypothesis import given
from hypothesis import strategies as st

from meridian.fix import FieldError, formats, pure_message, pure_reader, pure_validator, reasons
from meridian.fix.dictionary import standard
from meridian.fix.pure_shapes import (
    LEARN_AFTER,
    MAX_FIELDS,
    MAX_SHAPES,
    MAX_TYPES,
    MAX_WATCHED,
    Shapes,
)

HEAD = "34=2|49=A|52=20261121-04:43:00|56=B"
ORDER = f"35=D|{HEAD}|11=ID|21=1|55=INTC|54=1|60=20261121-04:43:00.123|38=2|40=1"
PARTY = "453=2|448=x|447=D|452=1|802=1|523=s|803=1|448=y|447=C|452=3"


@pytest.fixture(autouse=True)
def nothing_known():
    pure_message.SHAPES.clear()


def learned(body):
    """A message whose shape is known by now."""
    wire = framed(body)
    for _ in range(LEARN_AFTER + 1):
        message = pure_message.decode(wire, 0)[2]
    assert message.shape is not None
    return message


def message_of(body):
    return pure_message.decode(framed(body), 0)[2]


def test_a_message_of_a_known_shape_reads_as_any_other():
    learned(ORDER)
    other = message_of(ORDER.replace("ID", "caf\xe9").replace("38=2", "38=x"))
    assert other.shape is learned(ORDER).shape
    assert (other.get(8), other.get(11), other.get(10)) == (
        "FIX.4.4",
        "caf\xe9",
        other.raw[-4:-1].decode(),
    )
    assert other.get(44) is None
    assert other.seq_num == 2
    assert other.pairs()[:3] == [(8, "FIX.4.4"), (9, str(len(other.raw) - 23)), (35, "D")]
    with pytest.raises(FieldError) as caught:
        other.integer(38)
    assert caught.value.reason_code == reasons.INCORRECT_FORMAT


def test_a_reader_follows_the_shape():
    reader = pure_reader.Reader((11, "text"), (44, "scaled", 2), (38, "integer"))
    for body, wanted in (
        (ORDER, ("ID", None, 2)),
        (ORDER + "|44=1.5", ("ID", 150, 2)),
        (ORDER.replace("|38=2", ""), ("ID", None, None)),
    ):
        learned(body)
        assert reader(learned(body)) == wanted
        assert pure_reader.Reader((11, "text"))(learned(body)) == ("ID",)
    with pytest.raises(FieldError) as caught:
        reader(message_of(ORDER.replace("38=2", "38=x")))
    assert caught.value.tag == 38


def test_the_first_of_repeated_tags_is_read_of_a_known_shape_too():
    assert learned(f"{ORDER}|58=first|58=second").get(58) == "first"


def test_an_empty_value_is_not_of_a_known_shape():
    learned(ORDER)
    empty = message_of(ORDER.replace("11=ID", "11="))
    assert empty.shape is None
    assert empty.get(11) == ""


def test_a_validator_learns_a_shape_and_still_finds_every_fault():
    check = pure_validator.Validator(standard("FIX.4.4")).check
    body = f"{ORDER}|{PARTY}|44=1.5"
    for _ in range(3):
        assert check(learned(body)) is None
    for old, new, fault in (
        ("40=1", "40=?", (reasons.INCORRECT_VALUE, 40)),
        ("44=1.5", "44=x", (reasons.INCORRECT_FORMAT, 44)),
        ("447=C", "447=?", (reasons.INCORRECT_VALUE, 447)),
        ("453=2", "453=3", (reasons.WRONG_GROUP_COUNT, 453)),
        ("802=1", "802=2", (reasons.WRONG_GROUP_COUNT, 802)),
        ("11=ID", "11=", (reasons.NO_VALUE, 11)),
        ("60=2026", "60=x", (reasons.INCORRECT_FORMAT, 60)),
    ):
        assert check(message_of(body.replace(old, new))) == fault
    # Zeros before a count say the same.
    assert check(message_of(body.replace("453=2", "453=02"))) is None


@pytest.mark.parametrize(
    ("sent", "is_fit"),
    [
        ("20260131-23:59:59", True),
        ("20260228-00:00:00.123456789", True),
        ("20240229-00:00:00", True),
        ("20260229-00:00:00", False),
        ("20260431-00:00:00", False),
        ("00000101-00:00:00", False),
        ("20260101-24:00:00", False),
        ("20260101-23:59:60", True),
        ("20260101-23:59:59.1234", False),
    ],
)
def test_a_known_shape_does_not_hide_a_time_that_is_none(sent, is_fit):
    check = pure_validator.Validator(standard("FIX.4.4")).check
    for _ in range(3):
        assert check(learned(ORDER)) is None
    fault = None if is_fit else (reasons.INCORRECT_FORMAT, 60)
    assert check(message_of(ORDER.replace("20261121-04:43:00.123", sent))) == fault


@pytest.mark.parametrize("check", [check for check in formats.PATTERNS if check is not None])
@given(value=st.text("0123456789.-:YNx ", max_size=40).map(str.encode))
def test_a_pattern_matches_only_what_is_fit(check, value):
    if re.fullmatch(formats.PATTERNS[check], value):
        check(value)


def test_a_shape_that_does_not_fit_is_refused_each_time():
    check = pure_validator.Validator(standard("FIX.4.4")).check
    for _ in range(3):
        assert check(learned(f"{ORDER}|54=1")) == (reasons.REPEATED_TAG, 54)
        assert check(learned(f"{ORDER}|999=1")) == (reasons.INVALID_TAG, 999)
        assert check(learned(f"{ORDER}|43=Y")) == (reasons.OUT_OF_ORDER, 43)


def test_data_is_never_part_of_a_shape():
    for _ in range(2 * LEARN_AFTER):
        message = message_of("35=B|34=2|95=3|96=a|b|58=x")
        assert message.shape is None
        assert message.data(96) == b"a\x01b"


def raw(*tags):
    return b"".join(b"%d=x\x01" % tag for tag in tags)


def test_shapes_are_learned_up_to_a_bound():
    shapes = Shapes()
    for tag in range(1, 2 * MAX_SHAPES):
        for _ in range(LEARN_AFTER):
            shapes.watch(b"D", raw(tag, 50))
    assert len(shapes.known[b"D"]) == MAX_SHAPES


def test_message_types_are_learned_up_to_a_bound():
    shapes = Shapes()
    for kind in range(2 * MAX_TYPES):
        for _ in range(LEARN_AFTER):
            shapes.watch(b"%d" % kind, raw(1))
    assert len(shapes.known) == MAX_TYPES
    assert all(len(known) == 1 for known in shapes.known.values())


def test_made_up_message_types_keep_no_other_from_being_learned():
    shapes = Shapes()
    for kind in range(2 * MAX_TYPES):
        shapes.watch(b"X%d" % kind, raw(1))
        assert len(shapes.watched) <= MAX_TYPES
    for _ in range(LEARN_AFTER):
        shapes.watch(b"D", raw(1))
    assert list(shapes.known) == [b"D"]


def test_a_peer_that_never_repeats_itself_is_forgotten():
    shapes = Shapes()
    for tag in range(1, 5 * MAX_WATCHED):
        shapes.watch(b"D", raw(tag))
        assert len(shapes.watched[b"D"]) <= MAX_WATCHED
    assert shapes.known == {}


def test_a_long_message_is_no_shape():
    shapes = Shapes()
    for _ in range(LEARN_AFTER):
        shapes.watch(b"D", raw(*range(1, MAX_FIELDS + 2)))
    assert shapes.known == {}


def native():
    try:
        codec = importlib.import_module("meridian.fix._message")
        return codec.decode, importlib.import_module("meridian.fix._validator").Validator
    except ImportError:
        return None


TAGS = (11, 21, 55, 54, 60, 38, 40, 44, 448, 447, 453, 5001)
values = st.sampled_from(["1", "2", "x", "", "1.5", "D", "20261121-04:43:00", "0", "-1", "A B"])


@pytest.mark.skipif(native() is None, reason="the codec is not compiled")
@given(
    tags=st.lists(st.sampled_from(TAGS), min_size=1, max_size=7),
    rows=st.lists(st.lists(values, min_size=7, max_size=7), min_size=1, max_size=12),
)
def test_learned_or_not_the_twins_answer_alike(tags, rows):
    decode, make = native()
    pure_message.SHAPES.clear()
    wanted = [(8, "text"), *((tag, "text") for tag in tags)]
    reader = pure_reader.Reader(*wanted)
    pure = pure_validator.Validator(standard("FIX.4.4"))
    compiled = make(standard("FIX.4.4"))
    for row in [["1"] * 7] * (LEARN_AFTER + 2) + rows:
        fields = [f"{tag}={value}" for tag, value in zip(tags, row, strict=False)]
        wire = framed("|".join([f"35=D|{HEAD}", *fields]))
        ours, theirs = pure_message.decode(wire, 0)[2], decode(wire, 0)[2]
        assert ours.pairs() == theirs.pairs()
        assert reader(ours) == tuple(theirs.get(tag) for tag, _ in wanted)
        assert pure.check(ours) == compiled.check(theirs)
