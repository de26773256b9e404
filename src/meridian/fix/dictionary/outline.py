"""A dictionary as files state it: components by name, not yet expanded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from meridian.fix.dictionary.model import (
    Dictionary,
    DictionaryError,
    FieldDef,
    Layout,
    Member,
    MessageDef,
)

__all__ = ["Heading", "Item", "Items", "Outline"]

MAX_NESTING = 24
"""Components and groups within each other; the published dictionaries need 9."""
MAX_MEMBERS = 20_000
"""Fields of a message or component, those of groups included; the published ones need 4,653."""


@dataclass(frozen=True, slots=True)
class Item:
    """A field (``tag``), a group (``tag`` and ``group``) or a component (``block``)."""

    required: bool
    tag: int = 0
    group: Items | None = None
    block: str = ""


Items: TypeAlias = tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """A message type without its layout."""

    msg_type: str
    name: str
    admin: bool


@dataclass(slots=True)
class Outline:
    """Everything a dictionary file says. ``blocks`` are the components."""

    version: str
    fields: dict[int, FieldDef] = field(default_factory=dict)
    blocks: dict[str, Items] = field(default_factory=dict)
    messages: dict[str, tuple[Heading, Items]] = field(default_factory=dict)
    header: Items = ()
    trailer: Items = ()

    def dictionary(self) -> Dictionary:
        """The dictionary; a message's layout is expanded when it is first asked for."""
        expansion = _Expansion(self.blocks)
        return Dictionary(
            version=self.version,
            fields=self.fields,
            messages=_Messages(self.messages, expansion),
            header=expansion.layout(self.header),
            trailer=expansion.layout(self.trailer),
        )

    def checked(self) -> Dictionary:
        """The dictionary of an outline not known to be sound: every layout is expanded at once.

        Raises:
            DictionaryError: a component holds itself, groups nest too deep, or one is empty.
        """
        expansion = _Expansion(self.blocks)
        stated = [items for _, items in self.messages.values()]
        for items in (*self.blocks.values(), *stated, self.header, self.trailer):
            expansion.layout(items)
        return self.dictionary()


class _Expansion:
    """Replaces components by what they hold; each component and its groups only once."""

    def __init__(self, blocks: Mapping[str, Items]) -> None:
        self._blocks = blocks
        self._done: dict[str, tuple[Member, ...]] = {}
        self._open: list[str] = []

    def layout(self, items: Items) -> Layout:
        if len(self._open) > MAX_NESTING:
            raise DictionaryError(f"nested over {MAX_NESTING} deep: {' > '.join(self._open)}")
        found: list[Member] = []
        for item in items:
            if item.block:
                found += self._component(item)
            elif item.group is None:
                found.append(Member(item.tag, item.required))
            else:
                self._open.append(str(item.tag))
                inner = self.layout(item.group)
                self._open.pop()
                if not inner.members:
                    raise DictionaryError(f"group {item.tag} has no members")
                found.append(Member(item.tag, item.required, inner))
        # What components repeat would grow with each level.
        layout = Layout(found)
        if layout.depth > MAX_NESTING:
            raise DictionaryError(f"groups nested over {MAX_NESTING} deep: {self._place(layout)}")
        if layout.size > MAX_MEMBERS:
            raise DictionaryError(f"over {MAX_MEMBERS} fields: {self._place(layout)}")
        return layout

    def _place(self, layout: Layout) -> str:
        return " > ".join([*self._open, f"group {layout.members[0].tag}"])

    def _component(self, item: Item) -> tuple[Member, ...]:
        name = item.block
        members = self._done.get(name)
        if members is None:
            if name in self._open:
                chain = " > ".join([*self._open, name])
                raise DictionaryError(f"component {name} holds itself: {chain}")
            self._open.append(name)
            members = self._done[name] = self.layout(self._blocks[name]).members
            self._open.pop()
        if item.required:
            return members
        # A member is required by the message only where the component is.
        return tuple(replace(m, required=False) if m.required else m for m in members)


class _Messages(Mapping[str, MessageDef]):
    """Message types by MsgType(35), each laid out when it is first asked for."""

    def __init__(self, stated: Mapping[str, tuple[Heading, Items]], expansion: _Expansion) -> None:
        self._stated = stated
        self._expansion = expansion
        self._made: dict[str, MessageDef] = {}

    def __getitem__(self, msg_type: str) -> MessageDef:
        made = self._made.get(msg_type)
        if made is None:
            heading, items = self._stated[msg_type]
            layout = self._expansion.layout(items)
            made = MessageDef(heading.msg_type, heading.name, heading.admin, layout)
            self._made[msg_type] = made
        return made

    def __contains__(self, msg_type: object) -> bool:
        return msg_type in self._stated

    def __iter__(self) -> Iterator[str]:
        return iter(self._stated)

    def __len__(self) -> int:
        return len(self._stated)
