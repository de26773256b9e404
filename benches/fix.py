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
from meridian.fix import (
    encoder,
    message,
    pure_encoder,
    pure_message,
    pure_reader,
    pure_validator,
    validator,
)
from meridian.fix.dictionary import standard
from meridian.fix.timestamps import timestamp
from meridian.schema.numbers import canonical

try:
    import quickfix
except ImportError:
    quickfix = None

PURE = pure_message.decode, pure_reader.Reader
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
        native = message.decode, message.Reader
        found["native"] = read_ours(native, shape)
        found["native, checked"] = read_ours(native, shape, validator.Validator)
    found["pure"] = read_ours(PURE, shape)
    found["pure, checked"] = read_ours(PURE, shape, pure_validator.Validator)
    found["simplefix"] = read_simplefix(shape)
    if quickfix is not None:
        found["quickfix"] = read_quickfix(shape, checked=False)
        found["quickfix, checked"] = read_quickfix(shape, checked=True)
    wanted = [said(shape, values) for values in map(read_ours(PURE, shape), wire)]
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
    decode, make = codec
    read = make(*shape.reads)
    if checker is None:
        return lambda wire: read(decode(wire, 0)[2])
    check = checker(standard("FIX.4.4")).check

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
    """Everyone who writes the same messages, from what is closest to its own."""
    times = [BEGAN + seq * 1_000_000 for seq in range(len(rows))]
    fields = [shown(shape, row) for row in rows]
    numbered = [(seq, now, row) for seq, (now, row) in enumerate(zip(times, rows, strict=True))]
    headers = [
        encoder.Header("FIX.4.4", shape.msg_type, seq, "TRADER", "MERIDIAN", now)
        for seq, now in enumerate(times)
    ]
    texts = [
        (seq, timestamp(now), row) for seq, (now, row) in enumerate(zip(times, fields, strict=True))
    ]
    found = {}
    if encoder.NATIVE:
        found["native template"] = shape.template(encoder.Template).encode, numbered
        found["native fields"] = encoder.encode, list(zip(headers, fields, strict=True))
    found["pure template"] = shape.template(pure_encoder.Template).encode, numbered
    found["simplefix"] = write_simplefix(shape), texts
    wanted = [shape.template(pure_encoder.Template).encode(*one) for one in numbered]
    for name, (write, given) in found.items():
        assert [write(*one) for one in given] == wanted, name
    return {name: starred(write, given) for name, (write, given) in found.items()}


def starred(call, given):
    """Work through all the arguments that are given."""

    def work():
        for one in given:
            call(*one)
        return len(given)

    return work


def shown(shape, row):
    """The fields as tag and text, what codecs without kinds are given."""
    fields = []
    for (tag, kind, *scale), value in zip(shape.slots, row, strict=True):
        if kind == "scaled":
            value = canonical(Decimal(value).scaleb(-scale[0]))
        fields.append((tag, timestamp(value) if kind == "timestamp" else value))
    return fields


def write_simplefix(shape):
    """A FixMessage of simplefix."""

    def work(seq, now, fields):
        made = simplefix.FixMessage()
        made.append_pair(8, "FIX.4.4")
        made.append_pair(35, shape.msg_type)
        made.append_pair(34, seq)
        made.append_pair(49, "TRADER")
        made.append_pair(52, now)
        made.append_pair(56, "MERIDIAN")
        for tag, value in fields:
            made.append_pair(tag, value)
        return made.encode()

    return work
