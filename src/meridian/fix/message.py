"""An inbound FIX message: bytes, an index into them, and typed reads."""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from decimal import Decimal
from typing import overload

from meridian.fix import reasons
from meridian.fix.encoder import Fields, Header, encode
from meridian.fix.scanner import MESSAGE, scan
from meridian.fix.tags import MsgSeqNum, MsgType, PossDupFlag
from meridian.fix.timestamps import parse_timestamp

__all__ = ["FieldError", "Fields", "Header", "Message", "encode", "parse"]

MAX_DIGITS = 18
"""Digits of an integer, or of a decimal before and after its point: fits 64 bits."""

_INTEGER = re.compile(rf"-?[0-9]{{1,{MAX_DIGITS}}}")
_DECIMAL = re.compile(rf"-?(?=\.?[0-9])[0-9]{{0,{MAX_DIGITS}}}(?:\.[0-9]{{0,{MAX_DIGITS}}})?")
_PASSWORD = re.compile("\x01554=[^\x01]*")


class FieldError(Exception):
    """A field of a peer's message is missing or malformed.

    ``reason_code`` is the SessionRejectReason(373) that answers it.
    """

    def __init__(self, tag: int, reason_code: int, text: str) -> None:
        super().__init__(f"tag {tag}: {text}")
        self.tag = tag
        self.reason_code = reason_code
        self.text = text


class Message:
    """One received message; text is Latin-1, so every byte survives a round trip.

    A tag that appears more than once (in a repeating group) reads as its first occurrence.
    """

    __slots__ = ("_first", "_index", "msg_type", "poss_dup", "raw", "seq_num")

    def __init__(self, raw: bytes, index: list[int]) -> None:
        self.raw = raw
        self._index = index
        # Backwards, so that the first occurrence of a tag is the one that stays.
        self._first = {index[at]: at for at in range(len(index) - 3, -1, -3)}
        self.msg_type: str = self.get(MsgType, "")
        self.poss_dup: bool = self.get(PossDupFlag) == "Y"
        number = self.get(MsgSeqNum, "")
        # 0 where MsgSeqNum is missing or malformed: no message may carry it but a reset.
        self.seq_num: int = int(number) if _INTEGER.fullmatch(number) else 0

    @overload
    def get(self, tag: int) -> str | None: ...
    @overload
    def get(self, tag: int, default: str) -> str: ...
    def get(self, tag: int, default: str | None = None) -> str | None:
        """The value as text, ``default`` where the tag is absent."""
        at = self._first.get(tag)
        if at is None:
            return default
        return self.raw[self._index[at + 1] : self._index[at + 2]].decode("latin-1")

    def integer(self, tag: int) -> int | None:
        """The value as an integer, None where absent.

        Raises:
            FieldError: no integer, or more than ``MAX_DIGITS`` digits.
        """
        text = self.get(tag)
        if text is None:
            return None
        if not _INTEGER.fullmatch(text):
            raise _malformed(tag, text)
        return int(text)

    def decimal(self, tag: int) -> Decimal | None:
        """The value as an exact Decimal, None where absent.

        Raises:
            FieldError: not a FIX float (digits, at most one point, a minus sign), or too long.
        """
        text = self.get(tag)
        if text is None:
            return None
        if not _DECIMAL.fullmatch(text):
            raise _malformed(tag, text)
        return Decimal(text)

    def timestamp(self, tag: int) -> int | None:
        """The value as nanoseconds UTC, None where absent.

        Raises:
            FieldError: not a UTCTimestamp.
        """
        text = self.get(tag)
        if text is None:
            return None
        try:
            return parse_timestamp(text)
        except ValueError:
            raise _malformed(tag, text) from None

    def require(self, tag: int) -> str:
        """The value as text.

        Raises:
            FieldError: the tag is absent or has no value.
        """
        text = self.get(tag)
        if text is None:
            raise _missing(tag)
        if not text:
            raise FieldError(tag, reasons.NO_VALUE, reasons.TEXTS[reasons.NO_VALUE])
        return text

    def require_integer(self, tag: int) -> int:
        """Like ``integer``; raises FieldError also where the tag is absent."""
        value = self.integer(tag)
        if value is None:
            raise _missing(tag)
        return value

    def require_decimal(self, tag: int) -> Decimal:
        """Like ``decimal``; raises FieldError also where the tag is absent."""
        value = self.decimal(tag)
        if value is None:
            raise _missing(tag)
        return value

    def require_timestamp(self, tag: int) -> int:
        """Like ``timestamp``; raises FieldError also where the tag is absent."""
        value = self.timestamp(tag)
        if value is None:
            raise _missing(tag)
        return value

    def groups(
        self, count_tag: int, first_tag: int, members: frozenset[int] | None = None
    ) -> list[dict[int, str]]:
        """The entries of a repeating group, each begun by ``first_tag``.

        Without ``members`` the last entry runs to the trailer; with them it ends at the first
        tag that is not among them. Fields of nested groups keep their first occurrence.

        Raises:
            FieldError: the count is no integer or not the number of entries.
        """
        count = self.integer(count_tag)
        if count is None:
            return []
        entries: list[dict[int, str]] = []
        for tag, value in self.pairs()[self._first[count_tag] // 3 + 1 : -1]:
            if tag == first_tag:
                entries.append({})
            elif not entries or (members is not None and tag not in members):
                break
            entries[-1].setdefault(tag, value)
        if count != len(entries):
            code = reasons.WRONG_GROUP_COUNT
            raise FieldError(count_tag, code, reasons.TEXTS[code])
        return entries

    def pairs(self) -> list[tuple[int, str]]:
        """Every field in the order of the wire, header and trailer included."""
        text = self.raw.decode("latin-1")
        index = self._index
        return [(index[at], text[index[at + 1] : index[at + 2]]) for at in range(0, len(index), 3)]

    def unusable_tag(self) -> int | None:
        """The first tag that has no value or is no tag number (below 1), None if all are fine."""
        index = self._index
        for at in range(0, len(index), 3):
            if index[at + 1] == index[at + 2] or index[at] < 1:
                return index[at]
        return None

    def oversized_tag(self, limit: int) -> int | None:
        """The first tag whose value has more than ``limit`` bytes, None if all are fine."""
        index = self._index
        for at in range(0, len(index), 3):
            if index[at + 2] - index[at + 1] > limit:
                return index[at]
        return None

    def repeated_tag(self, tags: AbstractSet[int]) -> int | None:
        """The first of ``tags`` that appears again, None where each appears at most once."""
        index = self._index
        for at in range(0, len(index), 3):
            if index[at] in tags and self._first[index[at]] != at:
                return index[at]
        return None

    def __repr__(self) -> str:
        text = _PASSWORD.sub("\x01554=***", self.raw.decode("latin-1"))
        return f"Message({text})".replace("\x01", "|")


def parse(raw: bytes) -> Message:
    """Read exactly one whole message, as a store or a file holds it.

    Raises:
        ValueError: the bytes are not one well-formed message.
    """
    verdict, end, index = scan(raw, 0)
    if verdict != MESSAGE or end != len(raw):
        raise ValueError(f"not one FIX message: {raw[:80]!r}")
    return Message(raw, index)


def _missing(tag: int) -> FieldError:
    code = reasons.REQUIRED_TAG_MISSING
    return FieldError(tag, code, reasons.TEXTS[code])


def _malformed(tag: int, text: str) -> FieldError:
    code = reasons.INCORRECT_FORMAT if text else reasons.NO_VALUE
    return FieldError(tag, code, reasons.TEXTS[code])
