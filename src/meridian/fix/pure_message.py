"""Messages found in a buffer and read field by field: the pure twin of ``_message.pyx``.

What CPython does in one call is fast: so a value is found by searching the bytes for its tag, and
the fields are indexed only where that would be wrong (data fields may hold what looks like tags)
or where all of them are asked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from meridian.fix import formats
from meridian.fix.checksum import byte_sum
from meridian.fix.data_fields import DATA_TAGS
from meridian.fix.pure_framing import Span, frame, index
from meridian.fix.reads import Reads, Wanted, check_fields
from meridian.fix.tags import BeginString, MsgSeqNum, MsgType, PossDupFlag
from meridian.fix.verdicts import MARK, MAX_BEGIN, MAX_MESSAGE, MESSAGE

__all__ = ["Message", "Part", "Reader", "decode"]

_PARSERS: Mapping[str, Callable[[bytes], Any]] = {
    "text": lambda value: value.decode("latin-1"),
    "char": formats.char,
    "boolean": formats.boolean,
    "integer": formats.integer,
    "timestamp": formats.timestamp,
    "data": lambda value: value,
    "decimal": formats.decimal,
    "date": formats.day,
    "time_of_day": formats.time_of_day,
    "month_year": formats.month_year,
}

_CLOSING = 8
"""Bytes of SOH 10=nnn SOH."""

_TRAILER = re.compile(rb"\x0110=([0-9]{3})\x01")
_OPENING = re.compile(
    rb"%b[^\x01]{0,%d}\x019=([0-9]{1,6})\x0135=([^\x01]*)\x01" % (MARK, MAX_BEGIN - len(MARK) - 1)
)
_PLAIN = re.compile(rb"(?:[1-9][0-9]{0,8}+=[^\x01]*+\x01)++")


def _any_of(tags: list[str]) -> str:
    """A pattern of the tags that shares their first digits, as an alternation would not."""
    heads: dict[str, list[str]] = {}
    for tag in tags:
        heads.setdefault(tag[0], []).append(tag[1:])
    parts = []
    for head, tails in heads.items():
        longer = [tail for tail in tails if tail]
        maybe = "?" if len(longer) < len(tails) else ""
        parts.append(f"{head}{_any_of(longer)}{maybe}" if longer else head)
    return f"(?:{'|'.join(parts)})"


_LENGTH = re.compile(f"\x01{_any_of([str(tag) for tag in DATA_TAGS])}=".encode())


class Part(Reads):
    """Fields of a message: what an entry of a repeating group is."""

    __slots__ = ("_first", "_spans", "raw")

    def __init__(self, raw: bytes, spans: list[Span]) -> None:
        self.raw = raw
        self._spans = spans
        # Backwards, so that the first occurrence of a tag is the one that stays.
        self._first = {span[0]: span for span in reversed(spans)}

    def data(self, tag: int) -> bytes | None:
        span = self._first.get(tag)
        return None if span is None else self.raw[span[1] : span[2]]

    def spans(self) -> list[Span]:
        return self._spans

    def part(self, start: int, stop: int) -> Part:
        return Part(self.raw, self._spans[start:stop])


class Message(Reads):
    """One received message; made by ``decode``."""

    __slots__ = ("_indexed", "_seq_num", "msg_type", "raw")

    def __init__(self, raw: bytes, msg_type: str, indexed: Part | None) -> None:
        self.raw = raw
        self.msg_type: str = msg_type
        self._indexed = indexed
        self._seq_num: int | None = None

    @property
    def seq_num(self) -> int:
        """MsgSeqNum(34); 0 where missing or malformed: no message may carry it but a reset."""
        number = self._seq_num
        if number is None:
            try:
                number = formats.integer(self.data(MsgSeqNum) or b"")
            except ValueError:
                number = 0
            self._seq_num = number
        return number

    @property
    def poss_dup(self) -> bool:
        """Whether PossDupFlag(43) says Y."""
        return self.data(PossDupFlag) == b"Y"

    @property
    def has_data(self) -> bool:
        """Whether a search of the bytes could find a tag inside of data."""
        return self._indexed is not None

    def data(self, tag: int) -> bytes | None:
        if self._indexed is not None:
            return self._indexed.data(tag)
        raw = self.raw
        # Only BeginString has no SOH before it.
        if tag == BeginString:
            at = len(b"8=")
        else:
            needle = b"\x01%d=" % tag
            at = raw.find(needle) + len(needle)
            if at < len(needle):
                return None
        return raw[at : raw.find(b"\x01", at)]

    def spans(self) -> list[Span]:
        return self._fields().spans()

    def part(self, start: int, stop: int) -> Part:
        return self._fields().part(start, stop)

    def _fields(self) -> Part:
        if self._indexed is None:
            self._indexed = Part(self.raw, index(self.raw)[1])
        return self._indexed


class Reader:
    """Reads the same fields of message after message, all in one call.

    ``Reader((55, "text"), (38, "scaled", 0), (60, "timestamp"))`` gives tuples of three, None
    where a tag is absent; see ``reads.KINDS``.

    Raises:
        ValueError: an unknown kind, or a scale where none belongs or none where one does.
    """

    __slots__ = ("_plan", "fields")

    def __init__(self, *fields: Wanted) -> None:
        self.fields = check_fields(fields)
        self._plan = [
            (tag, b"\x01%d=" % tag, len(b"\x01%d=" % tag), _parser(kind, scale))
            for tag, kind, scale in self.fields
        ]

    def __call__(self, message: Message | Part) -> tuple[Any, ...]:
        """The values.

        Raises:
            FieldError: a value is not of its kind; the first such in the Reader's order.
        """
        if not isinstance(message, Message) or message.has_data:
            return tuple(message.typed(tag, parse) for tag, _, _, parse in self._plan)
        raw = message.raw
        find = raw.find
        values: list[object] = []
        for tag, needle, size, parse in self._plan:
            at = find(needle)
            if at < 0:
                values.append(message.typed(tag, parse) if tag == BeginString else None)
                continue
            at += size
            try:
                values.append(parse(raw[at : find(b"\x01", at)]))
            except ValueError:
                # Says which error it is, and of which tag.
                message.typed(tag, parse)
        return tuple(values)


def _parser(kind: str, scale: int) -> Callable[[bytes], Any]:
    if kind == "scaled":
        return lambda value: formats.scaled(value, scale)
    return _PARSERS[kind]


def decode(buffer: bytes | bytearray, at: int) -> tuple[int, int, Message | None]:
    """Look for one message at ``at``.

    Returns:
        The verdict, where the next look begins, and the message where the verdict is MESSAGE.
        Never raises on any bytes; ``verdicts.REASONS`` says why bytes are garbled.

    Raises:
        ValueError: ``at`` is negative.
    """
    if at < 0:
        raise ValueError(f"expected at >= 0, got {at}")
    opening = _OPENING.match(buffer, at)
    if opening is not None:
        trailer = opening.end(1) + int(opening[1])
        end = trailer + _CLOSING
        closing = _TRAILER.match(buffer, trailer)
        if closing is not None and end - at <= MAX_MESSAGE:
            raw = bytes(buffer[at:end])
            if int(closing[1]) == byte_sum(raw[: 1 - _CLOSING]) & 0xFF:
                if _PLAIN.fullmatch(raw) and not _LENGTH.search(raw):
                    return MESSAGE, end, Message(raw, opening[2].decode("latin-1"), None)
                return _indexed(raw, end)
    verdict, end = frame(buffer, at)
    return _indexed(bytes(buffer[at:end]), end) if verdict == MESSAGE else (verdict, end, None)


def _indexed(raw: bytes, end: int) -> tuple[int, int, Message | None]:
    verdict, spans = index(raw)
    if verdict != MESSAGE:
        return verdict, end, None
    fields = Part(raw, spans)
    return MESSAGE, end, Message(raw, fields.get(MsgType, ""), fields)
