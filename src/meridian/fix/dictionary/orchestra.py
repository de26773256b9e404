"""Loads a dictionary in FIX Orchestra, the standard's own machine-readable form."""

from __future__ import annotations

import re
from dataclasses import replace

from meridian.fix.dictionary.model import TYPES, Dictionary, FieldDef
from meridian.fix.dictionary.outline import Heading, Item, Items, Outline
from meridian.fix.dictionary.xml_tree import Element, parse_xml

__all__ = ["load_orchestra"]

_HEADER, _TRAILER = "StandardHeader", "StandardTrailer"
_PRESENCES = ("required", "optional", "conditional", "constant", "ignored", "forbidden")
_BASE = "base"
_EXTENSION_PACK = re.compile("_EP[0-9]+$")
_SESSION_MSG_TYPES = frozenset("012345A")

_Named = dict[tuple[int, str], Element]
"""Elements of one section by id and scenario."""


def load_orchestra(data: bytes) -> Dictionary:
    """The dictionary in an Orchestra repository.

    Scenarios of one message are taken together: it may hold what any of them holds, and must
    hold what all of them require.

    Raises:
        DictionaryError: not such a file, or one that contradicts itself; names element and line.
    """
    root = parse_xml(data)
    if root.name != "repository":
        raise root.error("expected the root element <repository>")
    return _Reading(root).outline.checked()


class _Reading:
    def __init__(self, root: Element) -> None:
        self.outline = Outline(_version(root))
        for name in ("fields", "messages"):
            if root.child(name) is None:
                raise root.error(f"expected a section <{name}>")
        self._bases = {e.require("name"): e.get("baseType") for e in _all(root, "datatype")}
        self._code_sets = {e.require("name"): e for e in _all(root, "codeSet")}
        for field in _all(root, "field"):
            self._field(field)
        self._components = _by_id(_all(root, "component"))
        self._groups = _by_id(_all(root, "group"))
        for component in self._components.values():
            self.outline.blocks[_block(component)] = self._items(component)
        for group in self._groups.values():
            self.outline.blocks[_block(group)] = (self._group(group),)
        for message in _all(root, "message"):
            self._message(message)
        self.outline.header = self.outline.blocks.get(f"component {_HEADER}", ())
        self.outline.trailer = self.outline.blocks.get(f"component {_TRAILER}", ())

    def _field(self, element: Element) -> None:
        tag, name = element.number("id"), element.require("name")
        stated = element.require("type")
        codes = self._code_sets.get(stated)
        kind = self._type(element, stated if codes is None else codes.require("type"))
        values: dict[str, str] = {}
        for code in codes or ():
            if code.name == "code":
                values[code.require("value")] = code.require("name")
        known = self.outline.fields.get(tag)
        if known is not None:
            if known.name != name or element.get("scenario", _BASE) == _BASE:
                raise element.error(f"field {tag} is there twice")
            values = {**known.values, **values}
        opened = bool(element.get("unionDataType"))
        self.outline.fields[tag] = FieldDef(tag, name, kind, values, opened)

    def _type(self, element: Element, stated: str) -> str:
        """A type of FIX: the stated one or, of a venue's own datatype, the one it is based on."""
        seen: set[str] = set()
        name = stated
        while name.upper() not in TYPES:
            seen.add(name)
            name = self._bases.get(name, "")
            if not name or name in seen:
                raise element.error(f"expected a type or code set, got {stated[:40]!r}")
        return name.upper()

    def _message(self, element: Element) -> None:
        msg_type = element.require("msgType")
        structure = element.child("structure")
        if structure is None:
            raise element.error("expected a <structure>")
        items = self._items(structure)
        known = self.outline.messages.get(msg_type)
        if known is not None:
            scenario = element.get("scenario", _BASE)
            if known[0].name != element.get("name") or scenario == _BASE:
                raise element.error(f"MsgType {msg_type!r} is there twice")
            items = _either(known[1], items)
        admin = element.get("category") == "Session" or msg_type in _SESSION_MSG_TYPES
        heading = Heading(msg_type, element.require("name"), admin)
        self.outline.messages[msg_type] = heading, items

    def _group(self, element: Element) -> Item:
        count = element.child("numInGroup")
        if count is None:
            raise element.error("expected a <numInGroup>")
        return Item(required=True, tag=self._tag(count), group=self._items(element))

    def _items(self, element: Element) -> Items:
        items: list[Item] = []
        for child in element:
            if not child.name.endswith("Ref"):
                continue
            presence = child.get("presence", "optional")
            if presence not in _PRESENCES:
                raise child.error(f"expected presence {', '.join(_PRESENCES)}, got {presence!r}")
            if presence == "forbidden":
                continue
            required = presence == "required"
            match child.name:
                case "fieldRef":
                    items.append(Item(required, self._tag(child)))
                case "groupRef":
                    items.append(Item(required, block=_block(_found(child, self._groups))))
                case "componentRef":
                    component = _found(child, self._components)
                    if component.get("name") not in (_HEADER, _TRAILER):
                        items.append(Item(required, block=_block(component)))
                case _:
                    raise child.error("expected <fieldRef>, <groupRef> or <componentRef>")
        return tuple(items)

    def _tag(self, reference: Element) -> int:
        tag = reference.number("id")
        if tag not in self.outline.fields:
            raise reference.error(f"no field {tag} in <fields>")
        return tag


def _version(root: Element) -> str:
    name = root.get("name")
    if name == "FIXT":
        return "FIXT.1.1"
    return _EXTENSION_PACK.sub("", root.get("version") or root.require("name"))


def _all(root: Element, name: str) -> list[Element]:
    """The elements of a section, none where it is absent; documentation is passed over."""
    section = root.child(f"{name}s")
    return [] if section is None else [element for element in section if element.name == name]


def _by_id(elements: list[Element]) -> _Named:
    named: _Named = {}
    for element in elements:
        key = element.number("id"), element.get("scenario", _BASE)
        if key in named:
            raise element.error(f"id {key[0]} is there twice")
        named[key] = element
    blocks = {_block(element) for element in elements}
    if len(blocks) < len(elements):
        raise elements[0].error("two elements of this section have one name")
    return named


def _found(reference: Element, named: _Named) -> Element:
    key = reference.number("id"), reference.get("scenario", _BASE)
    element = named.get(key)
    if element is None:
        raise reference.error(f"no element with id {key[0]} and scenario {key[1]!r}")
    return element


def _block(element: Element) -> str:
    scenario = element.get("scenario", _BASE)
    name = f"{element.name} {element.require('name')}"
    return name if scenario == _BASE else f"{name} {scenario}"


def _either(one: Items, other: Items) -> Items:
    """What either scenario may hold; required is what both require."""
    theirs = {(item.tag, item.block): item.required for item in other}
    merged = [
        item if theirs.get((item.tag, item.block)) else replace(item, required=False)
        for item in one
    ]
    known = {(item.tag, item.block) for item in one}
    merged += [
        replace(item, required=False) for item in other if (item.tag, item.block) not in known
    ]
    return tuple(merged)
