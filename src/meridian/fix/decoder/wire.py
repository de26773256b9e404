"""From a logged message back to its fields and its bytes on the wire, and what is wrong there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from meridian.fix.decoder.framing import Frame
from meridian.fix.decoder.records import Problem, ProblemCode
from meridian.fix.tags import BeginString, BodyLength, CheckSum, MsgType

__all__ = ["WireField", "body_problems", "split_fields"]

_TAG = re.compile(rb"([1-9][0-9]{0,8})=")
_SOH = b"\x01"
_FIRST_TAGS = (BeginString, BodyLength, MsgType)


@dataclass(frozen=True, slots=True)
class WireField:
    """A tag, 0 where there is none, and the bytes of its value."""

    tag: int
    value: bytes


def split_fields(frame: Frame, data_lengths: Mapping[int, int]) -> list[WireField]:
    """The fields in order. A data field has as many bytes as the length before it says, SOH among
    them; what is no ``tag=value`` after a printable delimiter belongs to the text before it."""
    tokens = frame.text.strip(b"\r\n").split(frame.delimiter)
    if tokens and not tokens[-1]:
        tokens.pop()
    fields: list[WireField] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        at += 1
        match = _TAG.match(token)
        if match is None:
            if frame.delimiter != _SOH and fields:
                last = fields.pop()
                fields.append(WireField(last.tag, last.value + frame.delimiter + token))
            else:
                fields.append(WireField(0, token))
            continue
        tag, value = int(match[1]), token[match.end() :]
        if fields and data_lengths.get(fields[-1].tag) == tag:
            value, at = _data(tokens, at, value, fields[-1].value)
        fields.append(WireField(tag, value))
    return fields


def _data(tokens: list[bytes], at: int, value: bytes, declared: bytes) -> tuple[bytes, int]:
    """The data of ``declared`` bytes that begins with ``value``, and the token after it."""
    if not declared.isdigit() or len(declared) > 7:
        return value, at
    whole, after = value, at
    while len(whole) < int(declared) and after < len(tokens):
        whole += _SOH + tokens[after]
        after += 1
    return (whole, after) if len(whole) == int(declared) else (value, at)


def body_problems(frame: Frame, fields: list[WireField]) -> list[Problem]:
    """What is wrong with the frame: end, order of the first fields, BodyLength(9), CheckSum(10)."""
    problems = [
        Problem(ProblemCode.MALFORMED_FIELD, 0, f"expected tag=value, got {_shown(field.value)}")
        for field in fields
        if not field.tag
    ]
    if tuple(field.tag for field in fields[:3]) != _FIRST_TAGS:
        text = "expected BeginString(8), BodyLength(9), MsgType(35) first"
        problems.append(Problem(ProblemCode.FIELD_ORDER, 0, text))
    if frame.truncated or fields[-1].tag != CheckSum:
        text = "the end is missing: no CheckSum(10)"
        problems.append(Problem(ProblemCode.TRUNCATED, CheckSum, text))
        return problems
    wire = [b"%d=%b\x01" % (f.tag, f.value) if f.tag else f.value + _SOH for f in fields[:-1]]
    lengths = [at for at, field in enumerate(fields[:3]) if field.tag == BodyLength]
    if lengths:
        declared, actual = fields[lengths[0]].value, sum(map(len, wire[lengths[0] + 1 :]))
        if declared != b"%d" % actual:
            text = f"BodyLength(9) says {_shown(declared)}, the message has {actual}"
            problems.append(Problem(ProblemCode.BODY_LENGTH, BodyLength, text))
    declared, actual = fields[-1].value, sum(map(sum, wire)) & 0xFF
    if declared != b"%03d" % actual:
        text = f"CheckSum(10) says {_shown(declared)}, the message adds up to {actual:03d}"
        problems.append(Problem(ProblemCode.CHECKSUM, CheckSum, text))
    return problems


def _shown(value: bytes) -> str:
    return repr(value[:40].decode("latin-1"))
