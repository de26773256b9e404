"""Loads a venue's own dictionary, whichever of the two forms it has."""

from __future__ import annotations

from meridian.fix.dictionary.model import Dictionary
from meridian.fix.dictionary.orchestra import load_orchestra
from meridian.fix.dictionary.quickfix import load_quickfix_xml
from meridian.fix.dictionary.xml_tree import parse_xml

__all__ = ["load_dictionary"]


def load_dictionary(data: bytes) -> Dictionary:
    """The dictionary in a QuickFIX XML or Orchestra file.

    Raises:
        DictionaryError: neither, or one that contradicts itself; names element and line.
    """
    root = parse_xml(data)
    if root.name == "repository":
        return load_orchestra(data)
    if root.name == "fix":
        return load_quickfix_xml(data)
    raise root.error("expected <fix> (QuickFIX) or <repository> (Orchestra)")
