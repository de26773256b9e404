"""XML into elements that know their line; refuses what a dictionary never needs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers.expat import ErrorString, ExpatError, ParserCreate

from meridian.fix.dictionary.model import DictionaryError

__all__ = ["MAX_DEPTH", "MAX_DOCUMENT", "Element", "parse_xml"]

MAX_DOCUMENT = 64 * 1024 * 1024
"""Bytes of a dictionary file; the largest published one has 1.6 MB."""
MAX_DEPTH = 64
"""Elements within each other."""


@dataclass(slots=True)
class Element:
    """One element. Names come without their namespace; text is not kept."""

    name: str
    attributes: dict[str, str]
    line: int
    children: list[Element] = field(default_factory=list)

    def __iter__(self) -> Iterator[Element]:
        return iter(self.children)

    def child(self, name: str) -> Element | None:
        """The first child of that name."""
        return next((child for child in self.children if child.name == name), None)

    def get(self, attribute: str, default: str = "") -> str:
        """The attribute, ``default`` where absent."""
        return self.attributes.get(attribute, default)

    def require(self, attribute: str) -> str:
        """The attribute.

        Raises:
            DictionaryError: it is absent or empty.
        """
        value = self.attributes.get(attribute)
        if not value:
            raise self.error(f"expected an attribute {attribute!r}")
        return value

    def number(self, attribute: str) -> int:
        """The attribute as a tag number.

        Raises:
            DictionaryError: absent, or no number from 1 to 999,999,999.
        """
        value = self.require(attribute)
        if not (value.isascii() and value.isdigit() and len(value) <= 9 and int(value)):
            raise self.error(f"expected a number above 0 in {attribute!r}, got {value[:40]!r}")
        return int(value)

    def error(self, text: str) -> DictionaryError:
        """The error to raise about this element."""
        name = self.attributes.get("name", "")
        named = f"<{self.name} name={name[:60]!r}>" if name else f"<{self.name}>"
        return DictionaryError(f"line {self.line}: {named}: {text}")


def parse_xml(data: bytes) -> Element:
    """The root element.

    Raises:
        DictionaryError: no well-formed XML, larger than ``MAX_DOCUMENT``, nested deeper than
            ``MAX_DEPTH``, or it declares an entity: those can make a small file fill a memory.
    """
    if len(data) > MAX_DOCUMENT:
        raise DictionaryError(f"expected at most {MAX_DOCUMENT} bytes, got {len(data)}")
    top = Element("", {}, 0)
    stack = [top]
    parser = ParserCreate(namespace_separator=" ")

    def start(name: str, attributes: dict[str, str]) -> None:
        element = Element(name.rpartition(" ")[2], attributes, parser.CurrentLineNumber)
        if len(stack) > MAX_DEPTH:
            raise element.error(f"nested over {MAX_DEPTH} deep")
        stack[-1].children.append(element)
        stack.append(element)

    def end(_name: str) -> None:
        stack.pop()

    def entity(name: str, *_rest: object) -> None:
        line = parser.CurrentLineNumber
        raise DictionaryError(f"line {line}: <!ENTITY {name}>: a dictionary may declare no entity")

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.EntityDeclHandler = entity
    try:
        parser.Parse(data, True)
    except ExpatError as error:
        raise DictionaryError(f"line {error.lineno}: no XML: {ErrorString(error.code)}") from None
    except (LookupError, ValueError) as error:
        # An encoding that expat or Python does not know.
        if isinstance(error, DictionaryError):
            raise
        raise DictionaryError(f"no XML: {error}") from None
    return top.children[0]
