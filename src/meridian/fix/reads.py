"""Typed reads of a message or of a group's entry, built on the bytes of its fields."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from datetime import date
from decimal import Decimal
from typing import TypeVar, overload

from meridian.fix import formats, reasons
from meridian.fix.dictionary.model import Member
from meridian.fix.field_error import FieldError, inexact, malformed, missing
from meridian.fix.group_walk import entries_of
from meridian.fix.tags import Password
from meridian.fix.verdicts import MAX_TAG

__all__ = ["KINDS", "Reads", "Wanted", "check_fields", "check_scale", "check_tag"]

T = TypeVar("T")

KINDS = (
    "text",
    "char",
    "boolean",
    "integer",
    "scaled",
    "timestamp",
    "data",
    "decimal",
    "date",
    "time_of_day",
    "month_year",
)
"""How a Reader can read a field: as the method of that name does, and ``text`` as ``get``."""

Wanted = tuple[int, str] | tuple[int, str, int]
"""Tag, kind, and of ``scaled`` the scale."""

_SECRET = frozenset({Password, 925, 1402, 1404})
"""NewPassword, EncryptedPassword and EncryptedNewPassword too."""


class Reads:
    """Fields in the order of the wire; text is Latin-1, so every byte survives a round trip.

    A tag that appears more than once (in a repeating group) reads as its first occurrence. Every
    typed read gives None where the tag is absent, and raises FieldError where the value is not of
    the type, with the SessionRejectReason(373) that answers it: 4 where empty, 6 where malformed.
    """

    __slots__ = ()
    raw: bytes

    @abstractmethod
    def data(self, tag: int) -> bytes | None:
        """The value's bytes, None where the tag is absent."""

    @abstractmethod
    def spans(self) -> list[tuple[int, int, int]]:
        """Of every field the tag, and where in ``raw`` its value begins and ends."""

    @abstractmethod
    def part(self, start: int, stop: int) -> Reads:
        """The fields from place ``start`` to before ``stop``, counted from 0."""

    @overload
    def get(self, tag: int) -> str | None: ...
    @overload
    def get(self, tag: int, default: str) -> str: ...
    def get(self, tag: int, default: str | None = None) -> str | None:
        """The value as text, ``default`` where the tag is absent."""
        value = self.data(tag)
        return default if value is None else value.decode("latin-1")

    def typed(self, tag: int, parse: Callable[[bytes], T]) -> T | None:
        """The value as ``parse`` reads it, which raises ValueError where it cannot."""
        value = self.data(tag)
        if value is None:
            return None
        try:
            return parse(value)
        except formats.InexactError:
            raise inexact(tag) from None
        except ValueError:
            raise malformed(tag, value) from None

    def integer(self, tag: int) -> int | None:
        """The value as an integer of at most ``formats.MAX_DIGITS`` digits."""
        return self.typed(tag, formats.integer)

    def scaled(self, tag: int, scale: int) -> int | None:
        """A price or quantity in units of ``10**-scale``: ``1.50`` at scale 4 is 15000.

        Raises:
            FieldError: as all reads; reason 5 where not exact at this scale, or beyond 64 bits.
            ValueError: the scale is not from 0 to ``formats.MAX_SCALE``.
        """
        check_scale(scale)
        return self.typed(tag, lambda value: formats.scaled(value, scale))

    def decimal(self, tag: int) -> Decimal | None:
        """A float, exact; at most ``formats.MAX_DIGITS`` digits before and after its point."""
        return self.typed(tag, formats.decimal)

    def timestamp(self, tag: int) -> int | None:
        """A UTCTimestamp as ns UTC; picoseconds are cut off."""
        return self.typed(tag, formats.timestamp)

    def char(self, tag: int) -> str | None:
        """A single character."""
        return self.typed(tag, formats.char)

    def boolean(self, tag: int) -> bool | None:
        """``Y`` is True, ``N`` is False."""
        return self.typed(tag, formats.boolean)

    def date(self, tag: int) -> date | None:
        """A UTCDateOnly or LocalMktDate."""
        return self.typed(tag, formats.day)

    def time_of_day(self, tag: int) -> int | None:
        """A UTCTimeOnly as ns since midnight."""
        return self.typed(tag, formats.time_of_day)

    def month_year(self, tag: int) -> tuple[int, int, str] | None:
        """A MonthYear as year, month, and ``""``, a day, or a week from ``w1`` to ``w5``."""
        return self.typed(tag, formats.month_year)

    def require(self, tag: int) -> str:
        """The value as text.

        Raises:
            FieldError: the tag is absent or has no value.
        """
        text = self.get(tag)
        if text is None:
            raise missing(tag)
        if not text:
            raise FieldError(tag, reasons.NO_VALUE)
        return text

    def require_integer(self, tag: int) -> int:
        """Like ``integer``; raises FieldError also where the tag is absent."""
        return _present(tag, self.integer(tag))

    def require_decimal(self, tag: int) -> Decimal:
        """Like ``decimal``; raises FieldError also where the tag is absent."""
        return _present(tag, self.decimal(tag))

    def require_timestamp(self, tag: int) -> int:
        """Like ``timestamp``; raises FieldError also where the tag is absent."""
        return _present(tag, self.timestamp(tag))

    def pairs(self) -> list[tuple[int, str]]:
        """Every field in the order of the wire, header and trailer included."""
        text = self.raw.decode("latin-1")
        return [(tag, text[start:stop]) for tag, start, stop in self.spans()]

    def entries(self, member: Member) -> list[Reads]:
        """The entries of a repeating group that a dictionary describes, each readable as a
        message is, with the groups nested in it.

        Raises:
            FieldError: the count is malformed or wrong, or an entry lacks its delimiter.
            ValueError: the member is no group.
        """
        if member.group is None:
            raise ValueError(f"expected the count of a group, got tag {member.tag}")
        count = self.integer(member.tag)
        if count is None:
            return []
        tags = [tag for tag, _, _ in self.spans()]
        found, _ = entries_of(tags, tags.index(member.tag) + 1, member.group)
        if count != len(found):
            raise FieldError(member.tag, reasons.WRONG_GROUP_COUNT)
        return [self.part(start, stop) for start, stop in found]

    def groups(
        self, count_tag: int, first_tag: int, members: frozenset[int] | None = None
    ) -> list[dict[int, str]]:
        """The entries of a repeating group without a dictionary, each begun by ``first_tag``.

        Without ``members`` the last entry runs to the trailer; with them it ends at the first
        tag that is not among them. Fields of nested groups keep their first occurrence.

        Raises:
            FieldError: the count is no integer or not the number of entries.
        """
        count = self.integer(count_tag)
        if count is None:
            return []
        entries: list[dict[int, str]] = []
        pairs = self.pairs()
        begin = next(at for at, (tag, _) in enumerate(pairs) if tag == count_tag) + 1
        for tag, value in pairs[begin:-1]:
            if tag == first_tag:
                entries.append({})
            elif not entries or (members is not None and tag not in members):
                break
            entries[-1].setdefault(tag, value)
        if count != len(entries):
            raise FieldError(count_tag, reasons.WRONG_GROUP_COUNT)
        return entries

    def unusable_tag(self) -> int | None:
        """The first tag that has no value or is no tag number (below 1), None if all are fine."""
        for tag, start, stop in self.spans():
            if start == stop or tag < 1:
                return tag
        return None

    def oversized_tag(self, limit: int) -> int | None:
        """The first tag whose value has more than ``limit`` bytes, None if all are fine."""
        for tag, start, stop in self.spans():
            if stop - start > limit:
                return tag
        return None

    def repeated_tag(self, tags: AbstractSet[int]) -> int | None:
        """The first of ``tags`` that appears again, None where each appears at most once."""
        seen = set()
        for tag, _, _ in self.spans():
            if tag in tags:
                if tag in seen:
                    return tag
                seen.add(tag)
        return None

    def __repr__(self) -> str:
        shown = [f"{tag}={'***' if tag in _SECRET else value}" for tag, value in self.pairs()]
        return f"{type(self).__name__}({'|'.join(shown)}|)"


def check_scale(scale: int) -> None:
    """Raises ValueError where the scale is none."""
    if not 0 <= scale <= formats.MAX_SCALE:
        raise ValueError(f"expected a scale from 0 to {formats.MAX_SCALE}, got {scale!r}")


def check_tag(tag: int) -> None:
    """Raises ValueError where it is no tag number."""
    if not isinstance(tag, int) or not 1 <= tag <= MAX_TAG:
        raise ValueError(f"expected a tag from 1 to {MAX_TAG}, got {tag!r}")


def check_fields(fields: Sequence[Wanted]) -> tuple[tuple[int, str, int], ...]:
    """What a Reader is to read: tag, kind, scale.

    Raises:
        ValueError: an unknown kind, a tag that is none, or a scale that is none or not of
            ``scaled``.
    """
    checked = []
    for tag, kind, *scale in fields:
        check_tag(tag)
        if kind not in KINDS:
            raise ValueError(f"tag {tag}: expected one of {', '.join(KINDS)}, got {kind!r}")
        if len(scale) != (kind == "scaled"):
            raise ValueError(f"tag {tag}: a scale goes with scaled, and with nothing else")
        check_scale(*scale or (0,))
        checked.append((tag, kind, *(scale or (0,))))
    return tuple(checked)


def _present(tag: int, value: T | None) -> T:
    if value is None:
        raise missing(tag)
    return value
