"""FIX.4.4 messages read and written: native, pure, simplefix, and the quickfix package.

Reading ends with typed values in hand: text, a character, quantities and prices as exact numbers.
Peers may leave TransactTime as text, and quickfix gets its input as text already. ``checked`` holds
every field against the dictionary.
"""

from __future__ import annotations

import sys
from decimal import Decimal
from pathlib import Path

import simplefix

from benches.fix_messages import BEGAN, NEW_ORDER, REPORT
from benches.timing import compare
from meridian.fix import encoder, message, pure_encoder, pure_message, pure_validator, validator
from meridian.fix.dictionary import standard
from meridian.fix.timestamps import timestamp

try:
    import quickfix
except ImportError:
    quickfix = None

MESSAGES = 500
"""Different ones, so that no answer can be remembered."""


def main() -> None:
    """Print rates and ratios for a new order and an execution report."""
    for shape in (NEW_ORDER, REPORT):
        rows = shape.rows(MESSAGES)
        wire = shape.wire(rows)
        about = f"{shape.name}, {wire[0].count(1)} fields, {len(wire[-1])} bytes"
        compare(f"Read {about}, {len(shape.reads)} typed reads", readers(shape, wire), "simplefix")
        compare(f"Write {about}", writers(shape, rows), "simplefix")


def readers(shape, wire):
    """Everyone who reads, checked against each other once."""
    found = {}
    if message.NATIVE:
        found["native"] = read_ours(message, shape)
        found["native, checked"] = read_ours(message, shape, validator)
    found["pure"] = read_ours(pure_message, shape)
    found["pure, checked"] = read_ours(pure_message, shape, pure_validator)
    found["simplefix"] = read_simplefix(shape)
    if quickfix is not None:
        found["quickfix"] = read_quickfix(shape, checked=False)
        found["quickfix, checked"] = read_quickfix(shape, checked=True)
    wanted = [said(shape, values) for values in map(read_ours(pure_message, shape), wire)]
    work = {}
    for name, read in found.items():
        given = [one.decode() for one in wire] if name.startswith("quickfix") else wire
        assert [said(shape, read(one)) for one in given] == wanted, name
        work[name] = each(read, given)
    return work


def each(call, given):
    """Work through all that is given."""

    def work():
        for one in given:
            call(one)
        return len(given)

    return work


def said(shape, values):
    """Values in one form: scaled integers as Decimals; without times, which peers leave as text."""
    plain = []
    for (_, kind, *scale), value in zip(shape.reads, values, strict=True):
        if kind == "scaled" and isinstance(value, int):
            value = Decimal(value).scaleb(-scale[0])
        if kind != "timestamp":
            plain.append(value)
    return plain


def read_ours(codec, shape, checker=None):
    """Ours, of one make."""
    decode, read = codec.decode, codec.Reader(*shape.reads)
    if checker is None:
        return lambda wire: read(decode(wire, 0)[2])
    check = checker.Validator(standard("FIX.4.4")).check

    def work(wire):
        found = decode(wire, 0)[2]
        assert check(found) is None
        return read(found)

    return work


def read_simplefix(shape):
    """A FixParser, fed message by message."""
    parser = simplefix.FixParser()
    plan = [(tag, kind == "scaled") for tag, kind, *_ in shape.reads]

    def work(wire):
        parser.append_buffer(wire)
        found = parser.get_message()
        return [
            Decimal(found.get(tag).decode()) if number else found.get(tag).decode()
            for tag, number in plan
        ]

    return work


def read_quickfix(shape, *, checked):
    """The Python package over QuickFIX C++."""
    plan = [(tag, kind == "scaled") for tag, kind, *_ in shape.reads]
    dictionary = quickfix.DataDictionary(quickfix_dictionary())

    def work(text):
        if checked:
            found = quickfix.Message(text, dictionary, True)
            dictionary.validate(found)
        else:
            found = quickfix.Message(text, False)
        return [
            Decimal(found.getField(tag)) if number else found.getField(tag) for tag, number in plan
        ]

    return work


def quickfix_dictionary():
    """The dictionary that came with the package."""
    return str(Path(sys.prefix) / "share" / "quickfix" / "FIX44.xml")


def writers(shape, rows):
    """Everyone who writes the same messages."""
    found = {}
    fields = [shown(shape, row) for row in rows]
    numbered = list(enumerate(rows, 2))
    if encoder.NATIVE:
        found["native template"] = each(write_template(encoder, shape), numbered)
        found["native fields"] = each(
            write_fields(encoder.encode, shape), list(enumerate(fields, 2))
        )
    found["pure template"] = each(write_template(pure_encoder, shape), numbered)
    found["simplefix"] = each(write_simplefix(shape), list(enumerate(fields, 2)))
    return found


def shown(shape, row):
    """The fields as tag and text, what codecs without kinds are given."""
    fields = []
    for (tag, kind, *scale), value in zip(shape.slots, row, strict=True):
        if kind == "scaled":
            value = str(Decimal(value).scaleb(-scale[0]).normalize())
        fields.append((tag, timestamp(value) if kind == "timestamp" else value))
    return fields


def write_template(make, shape):
    """A hot message of ours."""
    encode = shape.template(make.Template).encode
    return lambda given: encode(given[0], BEGAN + given[0] * 1_000_000, *given[1])


def write_fields(encode, shape):
    """Any message of ours."""
    header = encoder.Header

    def work(given):
        seq, fields = given
        now = BEGAN + seq * 1_000_000
        return encode(header("FIX.4.4", shape.msg_type, seq, "TRADER", "MERIDIAN", now), fields)

    return work


def write_simplefix(shape):
    """A FixMessage of simplefix; its SendingTime comes as text."""

    def work(given):
        seq, fields = given
        made = simplefix.FixMessage()
        made.append_pair(8, "FIX.4.4")
        made.append_pair(35, shape.msg_type)
        made.append_pair(34, seq)
        made.append_pair(49, "TRADER")
        made.append_pair(52, timestamp(BEGAN + seq * 1_000_000))
        made.append_pair(56, "MERIDIAN")
        for tag, value in fields:
            made.append_pair(tag, value)
        return made.encode()

    return work
