"""What the decoder hands out: messages, fields and problems, for people to read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

__all__ = ["Decoded", "DecodedField", "Problem", "ProblemCode"]


class ProblemCode(StrEnum):
    """What can be wrong with a logged message."""

    CHECKSUM = "checksum"
    BODY_LENGTH = "body_length"
    TRUNCATED = "truncated"
    FIELD_ORDER = "field_order"
    MALFORMED_FIELD = "malformed_field"
    GROUP_COUNT = "group_count"
    GROUP_ORDER = "group_order"
    VERSION = "version"
    SEQUENCE_MISSING = "sequence_missing"
    SEQUENCE_GAP = "sequence_gap"
    SEQUENCE_LOW = "sequence_low"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong, the tag it is about (0: none) and a sentence."""

    code: ProblemCode
    tag: int
    text: str


@dataclass(frozen=True, slots=True)
class DecodedField:
    """One field. ``tag`` is 0 where the log has no ``tag=value``; ``name`` and ``meaning`` are
    empty where the dictionary knows none. ``entries`` are those of a repeating group."""

    tag: int
    name: str
    value: str
    meaning: str = ""
    section: str = "body"
    entries: tuple[tuple[DecodedField, ...], ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """For JSON; empty parts are left out."""
        told: dict[str, Any] = {"tag": self.tag, "name": self.name, "value": self.value}
        if self.meaning:
            told["meaning"] = self.meaning
        if self.entries:
            told["entries"] = [[field.as_dict() for field in entry] for entry in self.entries]
        return told

    def walk(self) -> Iterator[DecodedField]:
        """This field and all within its entries, in the order of the wire."""
        yield self
        for entry in self.entries:
            for field in entry:
                yield from field.walk()


@dataclass(frozen=True, slots=True)
class Decoded:
    """One message of a log. ``version`` is the dictionary it was read with, ``seq_num`` None
    where MsgSeqNum(34) is absent or no number; ``prefix`` is what stood before it on its line."""

    line: int
    prefix: str
    version: str
    msg_type: str
    name: str
    sender: str
    target: str
    seq_num: int | None
    sending_time: str
    fields: tuple[DecodedField, ...]
    problems: tuple[Problem, ...]

    def as_dict(self) -> dict[str, Any]:
        """For JSON. Every key is always there; times and numbers are as on the wire."""
        return {
            "line": self.line,
            "prefix": self.prefix,
            "version": self.version,
            "type": self.msg_type,
            "name": self.name,
            "sender": self.sender,
            "target": self.target,
            "seq": self.seq_num,
            "time": self.sending_time,
            "fields": [field.as_dict() for field in self.fields],
            "problems": [
                {"code": str(problem.code), "tag": problem.tag, "text": problem.text}
                for problem in self.problems
            ],
        }

    def walk(self) -> Iterator[DecodedField]:
        """Every field, those within groups too."""
        for field in self.fields:
            yield from field.walk()

    def first(self, tag: int) -> DecodedField | None:
        """The first field with that tag, within groups too."""
        return next((field for field in self.walk() if field.tag == tag), None)
