"""Loads a dictionary in QuickFIX's XML, as engines and venues hand it out."""

from __future__ import annotations

from meridian.fix.dictionary.model import TYPES, Dictionary, FieldDef
from meridian.fix.dictionary.names import symbolic
from meridian.fix.dictionary.outline import Heading, Item, Items, Outline
from meridian.fix.dictionary.xml_tree import Element, parse_xml

__all__ = ["load_quickfix_xml", "outline_quickfix_xml"]


def load_quickfix_xml(data: bytes) -> Dictionary:
    """The dictionary in a QuickFIX XML file.

    Raises:
        DictionaryError: not such a file, or one that contradicts itself; names element and line.
    """
    return outline_quickfix_xml(data).checked()


def outline_quickfix_xml(data: bytes) -> Outline:
    """Like ``load_quickfix_xml``, with components left as they are."""
    root = parse_xml(data)
    if root.name != "fix":
        raise root.error("expected the root element <fix>")
    return _Reading(root).outline


class _Reading:
    def __init__(self, root: Element) -> None:
        self.outline = Outline(_version(root))
        self._tags: dict[str, int] = {}
        sections = {section.name: section for section in root}
        for name in ("fields", "messages"):
            if name not in sections:
                raise root.error(f"expected a section <{name}>")
        for field in sections["fields"]:
            self._field(field)
        components = list(sections.get("components", ()))
        self._blocks = {component.require("name") for component in components}
        for component in components:
            name = component.get("name")
            if name in self.outline.blocks:
                raise component.error("this component is there twice")
            self.outline.blocks[name] = self._items(component)
        for message in sections["messages"]:
            self._message(message)
        self.outline.header = self._items(sections.get("header"))
        self.outline.trailer = self._items(sections.get("trailer"))

    def _field(self, element: Element) -> None:
        _expect(element, "field")
        name, tag = element.require("name"), element.number("number")
        kind = element.require("type").upper()
        if kind not in TYPES:
            raise element.error(f"expected a type of FIX, got {kind[:40]!r}")
        if name in self._tags or tag in self.outline.fields:
            raise element.error(f"field {name}({tag}) is there twice")
        values: dict[str, str] = {}
        for value in element:
            _expect(value, "value")
            wire = value.require("enum")
            if wire in values:
                raise value.error(f"value {wire!r} of {name}({tag}) is there twice")
            values[wire] = symbolic(value.get("description", wire)) or wire
        opened = element.get("allowOtherValues").lower() in ("true", "y")
        self._tags[name] = tag
        self.outline.fields[tag] = FieldDef(tag, name, kind, values, opened)

    def _message(self, element: Element) -> None:
        _expect(element, "message")
        msg_type = element.require("msgtype")
        if msg_type in self.outline.messages:
            raise element.error(f"MsgType {msg_type!r} is there twice")
        admin = element.get("msgcat") == "admin"
        heading = Heading(msg_type, element.require("name"), admin)
        self.outline.messages[msg_type] = heading, self._items(element)

    def _items(self, element: Element | None) -> Items:
        return tuple(self._item(child) for child in element) if element is not None else ()

    def _item(self, element: Element) -> Item:
        required = element.get("required", "N")
        if required not in ("Y", "N"):
            raise element.error(f"expected required Y or N, got {required[:40]!r}")
        name = element.require("name")
        if element.name == "component":
            if name not in self._blocks:
                raise element.error("no such component in <components>")
            return Item(required == "Y", block=name)
        if name not in self._tags:
            raise element.error("no such field in <fields>")
        if element.name == "group":
            members = self._items(element)
            if not members:
                raise element.error("a group needs members")
            return Item(required == "Y", self._tags[name], members)
        _expect(element, "field")
        return Item(required == "Y", self._tags[name])


def _expect(element: Element, name: str) -> None:
    if element.name != name:
        raise element.error(f"expected <{name}>")


def _version(root: Element) -> str:
    kind = root.get("type", "FIX")
    text = f"{kind}.{root.require('major')}.{root.require('minor')}"
    pack = root.get("servicepack", "0")
    return text if pack in ("", "0") else f"{text}SP{pack}"
