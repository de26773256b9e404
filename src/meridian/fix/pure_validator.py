"""A message held against a dictionary: the pure twin of ``_validator.pyx``.

Most messages have no fault and no group within a group, and a quick look can say so. Where it
cannot, a thorough one finds the first fault in the order in which faults are answered.
"""

from __future__ import annotations

from collections.abc import Callable

from meridian.fix import reasons
from meridian.fix.data_fields import DATA_TAGS
from meridian.fix.dictionary.model import Dictionary, Layout, MessageDef
from meridian.fix.message import Message
from meridian.fix.validator_options import ValidatorOptions
from meridian.fix.value_rules import Rule, rule_of

__all__ = ["Fault", "Validator", "all_tags"]

Fault = tuple[int, int | None]
"""SessionRejectReason(373), RefTagID(371)."""

_HEADER, _TRAILER, _BODY = range(3)
"""Sections in the order in which their faults are answered."""
_PLACES = {_HEADER: 0, _BODY: 1, _TRAILER: 2}
"""And as they stand in a message."""


class Validator:
    """Says whether messages fit a dictionary; ``options`` are those of ``ValidatorOptions``."""

    def __init__(self, dictionary: Dictionary, **options: bool) -> None:
        self.dictionary = dictionary
        self.options = ValidatorOptions(**options)
        self._sections = {
            **dict.fromkeys(all_tags(dictionary.trailer), _TRAILER),
            **dict.fromkeys(all_tags(dictionary.header), _HEADER),
        }
        self._rules: dict[int, Rule] = {}
        self._orders: dict[int, dict[int, int]] = {}
        self._bodies: dict[str, _Body] = {}
        self._unknown = _Body(self, MessageDef("", "", False, Layout(())))

    def check(self, message: Message) -> Fault | None:
        """The first fault of a message, None when it is fit.

        Order: a field out of its section (14), MsgType unknown (11), required tags missing (1),
        then field by field, of header, trailer and body, ascending: repeated (13), empty (4),
        malformed (6), not of the enumeration (5), unknown (0), not of this message (2), a group's
        count wrong (16). What is wrong inside a group is told where its count stands: the first
        fault of an entry as above, or a field out of order, or before the delimiter (15).
        """
        definition = self.dictionary.messages.get(message.msg_type)
        if definition is None:
            return _Examination(self, message, self._unknown).fault(known=False)
        body = self._bodies.get(message.msg_type)
        if body is None:
            body = self._bodies[message.msg_type] = _Body(self, definition)
        if body.finds_nothing(message.raw):
            return None
        return _Examination(self, message, body).fault(known=True)

    def rule(self, tag: int) -> Rule:
        """What the value of a tag must be."""
        rule = self._rules.get(tag)
        if rule is None:
            rule = rule_of(self.dictionary, tag, self.options)
            if tag in self.dictionary.fields:
                self._rules[tag] = rule
        return rule

    def section(self, tag: int) -> int:
        """Where the dictionary places a tag; what it does not know belongs to the body."""
        return self._sections.get(tag, _BODY)

    def order(self, layout: Layout) -> dict[int, int]:
        """Tag -> place in a layout of this dictionary."""
        order = self._orders.get(id(layout))
        if order is None:
            order = {member.tag: place for place, member in enumerate(layout.members)}
            self._orders[id(layout)] = order
        return order


class _Body:
    """What one message type holds, made ready for looking."""

    def __init__(self, validator: Validator, definition: MessageDef) -> None:
        dictionary = validator.dictionary
        self.layout = layout = definition.layout
        below = dictionary.transport if definition.admin else None
        self.known = (below or dictionary).fields
        self.tags = frozenset(all_tags(layout))
        """Those of the layout and of its groups."""
        self._in_order = validator.options.fields_out_of_order
        self._plain: dict[bytes, tuple[int, Callable[[bytes], object]]] = {}
        self._groups = {
            b"%d" % member.tag: _Group(validator, member.tag, member.group)
            for member in layout.members
            if member.group is not None and validator.section(member.tag) == _BODY
        }
        self._required: set[bytes] = set()
        for section, part in (
            (_BODY, layout),
            (_TRAILER, dictionary.trailer),
            (_HEADER, dictionary.header),
        ):
            for member in part.members:
                name = b"%d" % member.tag
                if (
                    validator.section(member.tag) == section
                    and member.tag in dictionary.fields
                    and member.group is None
                    and member.tag not in DATA_TAGS
                ):
                    self._plain[name] = _PLACES[section], validator.rule(member.tag).accepts
            self._required.update(b"%d" % tag for tag in part.required)

    def finds_nothing(self, raw: bytes) -> bool:
        """Whether a quick look is enough to say that the message is fit."""
        plain, in_order = self._plain, self._in_order
        seen = set()
        reached = at = 0
        fields = raw[:-1].split(b"\x01")
        while at < len(fields):
            name, _, value = fields[at].partition(b"=")
            at += 1
            rule = plain.get(name)
            if rule is None:
                # Data fields are not plain, nor is what the dictionary does not know.
                group = self._groups.get(name)
                if group is None or name in seen or (in_order and reached > _PLACES[_BODY]):
                    return False
                at = group.end(fields, at, value)
                if not at:
                    return False
                seen.add(name)
                reached = _PLACES[_BODY]
                continue
            place, accepts = rule
            if name in seen or (in_order and place < reached) or not accepts(value):
                return False
            seen.add(name)
            reached = place
        return self._required <= seen


class _Group:
    """What the entries of one group hold, made ready for looking."""

    def __init__(self, validator: Validator, count_tag: int, layout: Layout) -> None:
        self._counts = validator.rule(count_tag).accepts
        self._tags = frozenset(b"%d" % tag for tag in all_tags(layout))
        self._required = frozenset(b"%d" % tag for tag in layout.required)
        # A group within the group is not plain, as in the body.
        self._plain = {
            b"%d" % member.tag: (place, validator.rule(member.tag).accepts)
            for place, member in enumerate(layout.members)
            if member.group is None
            and member.tag in validator.dictionary.fields
            and member.tag not in DATA_TAGS
        }

    def end(self, fields: list[bytes], at: int, count: bytes) -> int:
        """The place after the entries that begin at ``at``; 0 where a quick look is not enough."""
        entries, reached = 0, 0
        required = seen = self._required
        while at < len(fields):
            name, _, value = fields[at].partition(b"=")
            if name not in self._tags:
                break
            place, accepts = self._plain.get(name, (0, None))
            if accepts is None or not accepts(value):
                return 0
            if place == 0:
                if not required <= seen:
                    return 0
                entries += 1
                seen = frozenset((name,))
            elif not entries or place <= reached:
                return 0
            else:
                seen |= {name}
            reached = place
            at += 1
        fit = entries and required <= seen and count == b"%d" % entries and self._counts(count)
        return at if fit else 0


class _Examination:
    """One thorough look at one message."""

    def __init__(self, validator: Validator, message: Message, body: _Body) -> None:
        dictionary = validator.dictionary
        self._validator = validator
        self._layouts = (dictionary.header, dictionary.trailer, body.layout)
        self._body = body
        self._raw = message.raw
        self._spans = message.spans()
        self._missing: Fault | None = None
        self._worst: tuple[int, int, int, int] | None = None

    def fault(self, *, known: bool) -> Fault | None:
        """The first fault; ``known`` says whether the MsgType is."""
        if self._validator.options.fields_out_of_order:
            stray = self._stray_tag()
            if stray is not None:
                return reasons.OUT_OF_ORDER, stray
        if not known:
            return reasons.INVALID_MSG_TYPE, None
        seen = self._examine()
        for section, layout in enumerate(self._layouts):
            missing = set(layout.required) - seen[section]
            if missing:
                return reasons.REQUIRED_TAG_MISSING, min(missing)
        if self._missing is not None:
            return self._missing
        return None if self._worst is None else self._worst[2:]

    def _stray_tag(self) -> int | None:
        """The first tag that stands after a later section has begun."""
        reached = 0
        for tag, _, _ in self._spans:
            place = _PLACES[self._validator.section(tag)]
            if place < reached:
                return tag
            reached = place
        return None

    def _examine(self) -> tuple[set[int], set[int], set[int]]:
        """Look at every field; the tags seen, by section."""
        seen: tuple[set[int], set[int], set[int]] = (set(), set(), set())
        at = 0
        while at < len(self._spans):
            tag, start, stop = self._spans[at]
            at += 1
            section = self._validator.section(tag)
            member = self._layouts[section].member(tag)
            if tag in seen[section]:
                self._note(section, tag, reasons.REPEATED_TAG, tag)
            seen[section].add(tag)
            self._note(section, tag, self._validator.rule(tag).fault(self._raw[start:stop]), tag)
            if member is None:
                self._note(section, tag, self._place_fault(tag), tag)
            elif member.group is not None:
                at, fault = self._group(section, at - 1, member.group)
                if fault is not None:
                    self._note(section, tag, *fault)
        return seen

    def _note(self, section: int, key: int, reason: int | None, tag: int) -> None:
        """Keep the fault that is answered first: lowest section and key, then the earliest."""
        if reason is not None and (self._worst is None or (section, key) < self._worst[:2]):
            self._worst = section, key, reason, tag

    def _place_fault(self, tag: int) -> int | None:
        """The reason against a field that its section does not have."""
        if self._validator.options.tolerates(tag):
            return None
        return reasons.TAG_NOT_DEFINED if tag in self._body.known else reasons.INVALID_TAG

    def _group(self, section: int, at: int, layout: Layout) -> tuple[int, tuple[int, int] | None]:
        """Look at the group counted at place ``at``: the place after it, and its fault."""
        count_tag, start, stop = self._spans[at]
        order = self._validator.order(layout)
        entries, reached = 0, -1
        seen: set[int] = set()
        first: tuple[int, int] | None = None
        at += 1
        while at < len(self._spans):
            tag, begin, end = self._spans[at]
            member = layout.member(tag)
            fault: tuple[int, int] | None = None
            reason = self._validator.rule(tag).fault(self._raw[begin:end])
            at += 1
            if member is None:
                if not self._passes(section, tag):
                    at -= 1
                    break
            else:
                place = order[tag]
                if place == 0:
                    self._note_missing(layout, seen, entries)
                    entries += 1
                    seen, reached = set(), -1
                elif not entries:
                    fault = reasons.GROUP_OUT_OF_ORDER, layout.members[0].tag
                if tag in seen:
                    fault = fault or (reasons.REPEATED_TAG, tag)
                elif place < reached and self._validator.options.unordered_group_fields:
                    fault = fault or (reasons.GROUP_OUT_OF_ORDER, tag)
                seen.add(tag)
                reached = place
            if fault is None and reason is not None:
                fault = reason, tag
            if member is not None and member.group is not None:
                at, inner = self._group(section, at - 1, member.group)
                fault = fault or inner
            first = first or fault
        self._note_missing(layout, seen, entries)
        # Of a count that is malformed its own value tells.
        if self._raw[start:stop].lstrip(b"0") != (b"%d" % entries if entries else b""):
            first = reasons.WRONG_GROUP_COUNT, count_tag
        return at, first

    def _passes(self, section: int, tag: int) -> bool:
        """Whether a tag that no layout has may stand in a group without ending it."""
        validator = self._validator
        known = tag in self._body.tags or validator.section(tag) != _BODY
        return section == _BODY and not known and validator.options.tolerates(tag)

    def _note_missing(self, layout: Layout, seen: set[int], entries: int) -> None:
        """Keep the first required tag that an entry lacks."""
        if entries and self._missing is None:
            missing = set(layout.required) - seen
            if missing:
                self._missing = reasons.REQUIRED_TAG_MISSING, min(missing)


def all_tags(layout: Layout) -> list[int]:
    """The tags of a layout and of its groups."""
    tags = []
    for member in layout.members:
        tags.append(member.tag)
        if member.group is not None:
            tags += all_tags(member.group)
    return tags
