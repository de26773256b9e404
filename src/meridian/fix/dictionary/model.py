"""What a FIX dictionary says: fields, messages, and the layout of messages and groups."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

__all__ = [
    "TYPES",
    "Dictionary",
    "DictionaryError",
    "FieldDef",
    "Layout",
    "Member",
    "MessageDef",
]

_TYPES = """
AMT BOOLEAN CHAR COUNTRY CURRENCY DATA DATE DAYOFMONTH EXCHANGE FLOAT INT LANGUAGE LENGTH
LOCALMKTDATE LOCALMKTTIME MONTHYEAR MULTIPLECHARVALUE MULTIPLESTRINGVALUE MULTIPLEVALUESTRING
NUMINGROUP PATTERN PERCENTAGE PRICE PRICEOFFSET QTY RESERVED100PLUS RESERVED1000PLUS
RESERVED4000PLUS SEQNUM STRING TAGNUM TENOR TIME TZTIMEONLY TZTIMESTAMP UTCDATE UTCDATEONLY
UTCTIMEONLY UTCTIMESTAMP XID XIDREF XMLDATA
"""
TYPES = frozenset(_TYPES.split())
"""Field types of every version, in capitals. CHAR is any text up to FIX.4.1, one byte later."""

_DATA_TYPES = ("DATA", "XMLDATA")


class DictionaryError(ValueError):
    """A dictionary file cannot be used; says which element, at which line, and what is wrong."""


@dataclass(frozen=True, slots=True)
class FieldDef:
    """One field. ``values`` maps wire value to symbolic name and is empty where any value goes;
    ``open`` says that values beyond those listed are fit as well (a union of types)."""

    tag: int
    name: str
    type: str
    values: Mapping[str, str]
    open: bool = False


@dataclass(frozen=True, slots=True)
class Member:
    """A field's place in a layout; ``group`` is what an entry holds where ``tag`` counts one.

    ``required`` holds at its own level: in each message, or in each entry that is there.
    """

    tag: int
    required: bool
    group: Layout | None = None


class Layout:
    """What a message, header, trailer or group entry holds, components expanded, in order.

    ``tags`` and ``required`` are of this level, without what groups hold; ``size`` counts the
    members of all levels, ``depth`` the groups within each other. Of a group the first member is
    the delimiter. Where a dictionary names a tag twice, the first stands.
    """

    __slots__ = ("_by_tag", "depth", "members", "required", "size", "tags")

    def __init__(self, members: Iterable[Member]) -> None:
        self._by_tag: dict[int, Member] = {}
        for member in members:
            self._by_tag.setdefault(member.tag, member)
        self.members: tuple[Member, ...] = tuple(self._by_tag.values())
        self.tags: frozenset[int] = frozenset(self._by_tag)
        groups = [m.group for m in self.members if m.group is not None]
        self.depth: int = max((1 + group.depth for group in groups), default=0)
        self.size: int = len(self.members) + sum(group.size for group in groups)
        self.required: tuple[int, ...] = tuple(m.tag for m in self.members if m.required)

    def member(self, tag: int) -> Member | None:
        """The member of this level with that tag."""
        return self._by_tag.get(tag)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Layout) and self.members == other.members

    def __hash__(self) -> int:
        return hash(self.members)

    def __repr__(self) -> str:
        return f"Layout({', '.join(map(str, self._by_tag))})"


@dataclass(frozen=True, slots=True)
class MessageDef:
    """One message type; ``admin`` marks the session's own. ``layout`` is the body."""

    msg_type: str
    name: str
    admin: bool
    layout: Layout


@dataclass(frozen=True)
class Dictionary:
    """One version of FIX, or a venue's own. Header and trailer are empty in FIX.5.0 and later:
    they are the transport's (see ``combine``), which is then named: its messages know its fields
    alone."""

    version: str
    fields: Mapping[int, FieldDef]
    messages: Mapping[str, MessageDef]
    header: Layout
    trailer: Layout
    transport: Dictionary | None = None

    def field(self, tag: int) -> FieldDef | None:
        """The field with that tag."""
        return self.fields.get(tag)

    def field_named(self, name: str) -> FieldDef | None:
        """The field with that name."""
        return self._by_name.get(name)

    def message(self, msg_type: str) -> MessageDef | None:
        """The message with that MsgType(35)."""
        return self.messages.get(msg_type)

    @cached_property
    def data_lengths(self) -> Mapping[int, int]:
        """Tag of a length -> tag of the data it measures, as RawDataLength(95) -> RawData(96)."""
        found: dict[int, int] = {}
        for field in self.fields.values():
            if field.type not in _DATA_TYPES:
                continue
            # One name of FIX.5.0SP2 abbreviates in the length what it spells out in the data.
            stem = field.name.replace("UnderlierSecurityDesc", "UnderlierSecDesc")
            for name in (f"{field.name}Len", f"{field.name}Length", f"{stem}Len"):
                length = self._by_name.get(name)
                if length is not None and length.type in ("LENGTH", "INT"):
                    found[length.tag] = field.tag
                    break
        return found

    @cached_property
    def _by_name(self) -> dict[str, FieldDef]:
        return {field.name: field for field in self.fields.values()}
