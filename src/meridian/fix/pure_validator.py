"""A message held against a dictionary: the pure twin of ``_validator.pyx``.

Most messages have no fault and are of a shape seen before, and a quick look can say so. Where it
cannot, a thorough one finds the first fault in the order in which faults are answered.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from meridian.fix import reasons
from meridian.fix.dictionary.model import Dictionary, Layout, MessageDef
from meridian.fix.pure_message import Message
from meridian.fix.pure_shapes import Shape
from meridian.fix.validator_options import ValidatorOptions
from meridian.fix.value_rules import Rule, rule_of

__all__ = ["Fault", "Validator", "all_tags"]

Fault = tuple[int, int | None]
"""SessionRejectReason(373), RefTagID(371)."""

_HEADER, _TRAILER, _BODY = range(3)
"""Sections in the order in which their faults are answered."""
Match = Callable[[bytes], re.Match[bytes] | None]
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
        shape = message.shape
        if shape is not None and body.finds_nothing(message, shape):
            return None
        fault = _Examination(self, message, body).fault(known=True)
        if shape is not None and fault is None:
            body.learn(self, message, shape)
        return fault

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
    """What one message type holds."""

    def __init__(self, validator: Validator, definition: MessageDef) -> None:
        dictionary = validator.dictionary
        self.layout = definition.layout
        below = dictionary.transport if definition.admin else None
        self.known = (below or dictionary).fields
        self.tags = frozenset(all_tags(self.layout))
        """Those of the layout and of its groups."""
        parts = (self.layout, dictionary.header, dictionary.trailer)
        self._counts = frozenset(tag for part in parts for tag in _count_tags(part))
        self._looks: dict[Shape, tuple[Match, list[Rule]]] = {}

    def finds_nothing(self, message: Message, shape: Shape) -> bool:
        """Whether a quick look at a message of a shape is enough to say that it is fit."""
        look = self._looks.get(shape)
        if look is None:
            return False
        match, rules = look
        found = match(message.raw)
        if found is None:
            return False
        return all(map(_fit, rules, found.groups())) if rules else True

    def learn(self, validator: Validator, message: Message, shape: Shape) -> None:
        """Messages of this one's shape are fit where their values are, as this one is.

        Where groups begin and end, what is missing or repeated is the same in all of them, once
        a group's count says the same.
        """
        parts: list[bytes] = []
        rules: list[Rule] = []
        for tag, start, stop in message.spans():
            rule = validator.rule(tag)
            pattern = re.escape(message.raw[start:stop]) if tag in self._counts else rule.pattern
            if pattern is None:
                pattern = rb"([^\x01]+)"
                rules.append(rule)
            parts.append(b"%d=%b\x01" % (tag, pattern))
        self._looks[shape] = re.compile(b"".join(parts)).fullmatch, rules


def _fit(rule: Rule, value: bytes) -> bool:
    return rule.fault(value) is None


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


def _count_tags(layout: Layout) -> list[int]:
    """The tags that count groups, in a layout and in its groups."""
    tags = []
    for member in layout.members:
        if member.group is not None:
            tags += [member.tag, *_count_tags(member.group)]
    return tags
