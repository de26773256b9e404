"""Messages found in a buffer and read field by field: the pure twin of ``_message.pyx``.

What CPython does in one call is fast. So a message of a known shape is split by one pattern, in any
other a value is found by searching the bytes for its tag, and the fields are indexed only where
that would be wrong (data fields may hold what looks like tags) or where all are asked for.
"""

from __future__ import annotations

import re

from meridian.fix import formats
from meridian.fix.checksum import byte_sum
from meridian.fix.data_fields import DATA_TAGS
from meridian.fix.pure_framing import Span, frame, index
from meridian.fix.pure_shapes import Shape, Shapes
from meridian.fix.reads import Reads
from meridian.fix.tags import BeginString, MsgSeqNum, MsgType, PossDupFlag
from meridian.fix.verdicts import MARK, MAX_BEGIN, MAX_MESSAGE, MESSAGE

__all__ = ["SHAPES", "Message", "Part", "decode"]

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


SHAPES = Shapes()
"""Those of this process."""
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

    __slots__ = ("_indexed", "_match", "_seq_num", "msg_type", "raw", "shape")

    def __init__(
        self,
        raw: bytes,
        msg_type: str,
        indexed: Part | None = None,
        shape: Shape | None = None,
        match: re.Match[bytes] | None = None,
    ) -> None:
        self.raw = raw
        self.msg_type: str = msg_type
        self.shape = shape
        """Learned from messages like it, None where it is like no other."""
        self._match = match
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

    def groups_at(self, places: tuple[int, ...]) -> tuple[bytes, ...]:
        """The values at two or more places of the message's shape."""
        match = self._match
        return () if match is None else match.group(*places)

    def data(self, tag: int) -> bytes | None:
        if self.shape is not None and self._match is not None:
            place = self.shape.places.get(tag)
            return None if place is None else self._match[place]
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


def decode(
    buffer: bytes | bytearray, at: int, data_fields: dict[int, int] | None = None
) -> tuple[int, int, Message | None]:
    """Look for one message at ``at``.

    ``data_fields``: a venue's own, beyond those of the published versions, as
    ``Dictionary.data_lengths`` has them: tag of a length -> tag of its data.

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
                if data_fields and any(b"\x01%d=" % tag in raw for tag in data_fields):
                    return _indexed(raw, end, data_fields)
                return _plain(raw, end, opening[2]) or _indexed(raw, end)
    verdict, end = frame(buffer, at)
    if verdict != MESSAGE:
        return verdict, end, None
    return _indexed(bytes(buffer[at:end]), end, data_fields)


def _plain(raw: bytes, end: int, kind: bytes) -> tuple[int, int, Message] | None:
    """The answer for a framed message that needs no index, or None."""
    for shape in SHAPES.known.get(kind, ()):
        match = shape.match(raw)
        if match is not None:
            return MESSAGE, end, Message(raw, kind.decode("latin-1"), None, shape, match)
    if _LENGTH.search(raw) or not _PLAIN.fullmatch(raw):
        return None
    SHAPES.watch(kind, raw)
    return MESSAGE, end, Message(raw, kind.decode("latin-1"))


def _indexed(
    raw: bytes, end: int, data_fields: dict[int, int] | None = None
) -> tuple[int, int, Message | None]:
    verdict, spans = index(raw, data_fields)
    if verdict != MESSAGE:
        return verdict, end, None
    fields = Part(raw, spans)
    return MESSAGE, end, Message(raw, fields.get(MsgType, ""), fields)
