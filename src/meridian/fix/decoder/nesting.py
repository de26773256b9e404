"""Puts the flat fields of a message into header, body, trailer and group entries."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from meridian.fix.decoder.records import DecodedField, Problem, ProblemCode
from meridian.fix.decoder.wire import WireField
from meridian.fix.dictionary import Dictionary, Layout, Member

__all__ = ["MAX_STRAYS", "nest"]

MAX_STRAYS = 16
"""Fields no layout knows that may stand between two of one group entry."""

Describe = Callable[[WireField], tuple[str, str, str]]
"""Gives a field its name, its value as text, and its meaning."""


def nest(
    fields: Sequence[WireField], dictionary: Dictionary, msg_type: str, describe: Describe
) -> tuple[tuple[DecodedField, ...], list[Problem]]:
    """The fields with those of repeating groups inside their counts, and problems of groups."""
    message = dictionary.message(msg_type)
    sections = [("header", dictionary.header), ("trailer", dictionary.trailer)]
    if message is not None:
        sections.insert(0, ("body", message.layout))
    return _Nesting(fields, dictionary, sections, describe).done()


class _Nesting:
    def __init__(
        self,
        fields: Sequence[WireField],
        dictionary: Dictionary,
        sections: list[tuple[str, Layout]],
        describe: Describe,
    ) -> None:
        self._fields = fields
        self._sections = sections
        self._dictionary = dictionary
        self._describe = describe
        self._groups: list[Layout] = []  # those we are within, innermost last
        self._at = 0
        self._problems: list[Problem] = []

    def done(self) -> tuple[tuple[DecodedField, ...], list[Problem]]:
        found: list[DecodedField] = []
        while self._at < len(self._fields):
            tag = self._fields[self._at].tag
            section, member = "body", None
            for name, layout in self._sections:
                member = layout.member(tag)
                if member is not None:
                    section = name
                    break
            found.append(self._field(member, section))
        return tuple(found), self._problems

    def _field(self, member: Member | None, section: str) -> DecodedField:
        wire = self._fields[self._at]
        self._at += 1
        entries: tuple[tuple[DecodedField, ...], ...] = ()
        if member is not None and member.group is not None:
            entries = tuple(self._entries(member.group, section))
            self._check(wire, member.group, entries)
        return DecodedField(wire.tag, *self._describe(wire), section, entries)

    def _entries(self, group: Layout, section: str) -> list[tuple[DecodedField, ...]]:
        entries: list[list[DecodedField]] = []
        first = self._tag()
        if first not in group.tags:
            return []
        self._groups.append(group)
        while (tag := self._tag()) in group.tags or self._strays_within(group):
            # What the first entry began with begins the next, whatever the dictionary says.
            if tag == first:
                entries.append([])
            entries[-1].append(self._field(group.member(tag), section))
        self._groups.pop()
        return [tuple(entry) for entry in entries]

    def _tag(self) -> int:
        return self._fields[self._at].tag if self._at < len(self._fields) else 0

    def _strays_within(self, group: Layout) -> bool:
        """Whether a tag that no layout knows stands here between two fields of the group."""
        known = [layout for _, layout in self._sections] + self._groups[:-1]
        for field in self._fields[self._at : self._at + MAX_STRAYS + 1]:
            if field.tag in group.tags:
                return True
            if any(field.tag in layout.tags for layout in known):
                return False
        return False

    def _label(self, tag: int) -> str:
        field = self._dictionary.field(tag)
        return f"{field.name}({tag})" if field is not None else str(tag)

    def _check(
        self, count: WireField, group: Layout, entries: tuple[tuple[DecodedField, ...], ...]
    ) -> None:
        label = self._label(count.tag)
        if count.value != b"%d" % len(entries):
            said = count.value[:20].decode("latin-1")
            text = f"{label} says {said}, the message has {len(entries)}"
            self._problems.append(Problem(ProblemCode.GROUP_COUNT, count.tag, text))
        delimiter = group.members[0].tag
        if entries and entries[0][0].tag != delimiter:
            began, due = self._label(entries[0][0].tag), self._label(delimiter)
            text = f"entries of {label} begin with {began}, expected {due}"
            self._problems.append(Problem(ProblemCode.GROUP_ORDER, count.tag, text))
