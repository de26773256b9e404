"""From a logged message back to its fields and its bytes on the wire, and what is wrong there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from meridian.fix.decoder.framing import Frame
from meridian.fix.decoder.records import Problem, ProblemCode
from meridian.fix.tags import BeginString, BodyLength, CheckSum, MsgType
from meridian.fix.verdicts import MAX_LENGTH_DIGITS

__all__ = ["MAX_MALFORMED", "WireField", "body_problems", "split_fields"]

MAX_MALFORMED = 8
"""Malformed fields of one message that are told one by one."""

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
    printable = frame.delimiter != _SOH
    at = 0
    while at < len(tokens):
        token = tokens[at]
        at += 1
        match = _TAG.match(token)
        if match is None:
            fields.append(WireField(0, token))
            continue
        tag, value = int(match[1]), token[match.end() :]
        if fields and data_lengths.get(fields[-1].tag) == tag:
            value, at = _data(tokens, at, value, fields[-1].value)
        after = at
        while printable and after < len(tokens) and _TAG.match(tokens[after]) is None:
            after += 1
        if after > at:
            value = frame.delimiter.join([value, *tokens[at:after]])
            at = after
        fields.append(WireField(tag, value))
    return fields


def _data(tokens: list[bytes], at: int, value: bytes, declared: bytes) -> tuple[bytes, int]:
    """The data of ``declared`` bytes that begins with ``value``, and the token after it."""
    if not declared.isdigit() or len(declared) > MAX_LENGTH_DIGITS:
        return value, at
    size, after = len(value), at
    while size < int(declared) and after < len(tokens):
        size += len(_SOH) + len(tokens[after])
        after += 1
    if size != int(declared):
        return value, at
    return _SOH.join([value, *tokens[at:after]]), after


def body_problems(frame: Frame, fields: list[WireField]) -> list[Problem]:
    """What is wrong with the frame: end, order of the first fields, BodyLength(9), CheckSum(10)."""
    malformed = [field for field in fields if not field.tag]
    problems = [
        Problem(ProblemCode.MALFORMED_FIELD, 0, f"expected tag=value, got {_shown(field.value)}")
        for field in malformed[:MAX_MALFORMED]
    ]
    if len(malformed) > MAX_MALFORMED:
        text = f"{len(malformed) - MAX_MALFORMED} more fields are not tag=value"
        problems.append(Problem(ProblemCode.MALFORMED_FIELD, 0, text))
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
