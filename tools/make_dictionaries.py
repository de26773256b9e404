"""Makes the compact FIX dictionaries in src/meridian/fix/dictionary/data from the published ones.

    python tools/make_dictionaries.py ../shared/data/fix-dictionaries

Reads the QuickFIX XML of each version and, for how names of values are spelt and which fields
are open to other values, the Orchestra files beside them. The same input gives the same bytes.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from meridian.fix.dictionary import VERSIONS
from meridian.fix.dictionary.compact import write_compact
from meridian.fix.dictionary.model import FieldDef
from meridian.fix.dictionary.quickfix import outline_quickfix_xml
from meridian.fix.dictionary.xml_tree import parse_xml

TARGET = Path(__file__).resolve().parent.parent / "src/meridian/fix/dictionary/data"

LONGEST_ACRONYM = 4
"""A name in capitals that is longer, such as EQUITY, is a word and is not taken over."""


class Spelling:
    """What the Orchestra files know beyond the XML."""

    def __init__(self, source: Path) -> None:
        self._names: dict[tuple[int, str], str] = {}
        self.open_tags: set[int] = set()
        for path in sorted(source.glob("*.xml")):
            root = parse_xml(path.read_bytes())
            if root.name == "repository":
                for code_set in root.child("codeSets") or ():
                    for code in code_set:
                        if code.name == "code":
                            key = code_set.number("id"), code.require("value")
                            self._names.setdefault(key, code.require("name"))
                for field in root.child("fields") or ():
                    if field.get("unionDataType"):
                        self.open_tags.add(field.number("id"))

    def of(self, tag: int, value: str, name: str) -> str:
        """The standard's spelling where it differs from ``name`` in capitals alone."""
        spelt = self._names.get((tag, value), name)
        shouted = spelt.isupper() and spelt.isalpha() and len(spelt) > LONGEST_ACRONYM
        return name if shouted or spelt.upper() != name.upper() else spelt


def compact(version: str, source: Path, spelling: Spelling) -> str:
    """The compact file of one version."""
    outline = outline_quickfix_xml((source / f"{VERSIONS[version]}.xml").read_bytes())
    if outline.version != version:
        raise SystemExit(f"{VERSIONS[version]}.xml: expected {version}, got {outline.version}")
    for tag, field in outline.fields.items():
        outline.fields[tag] = _respelt(field, spelling)
    return write_compact(outline)


def _respelt(field: FieldDef, spelling: Spelling) -> FieldDef:
    values: Mapping[str, str] = {
        value: spelling.of(field.tag, value, name) for value, name in field.values.items()
    }
    # "ISO Country Code" stands among SettlLocation's values for codes of another list.
    described = any(" " in value for value in values)
    opened = bool(values) and (described or field.tag in spelling.open_tags)
    return replace(field, values=values, open=opened)


def main() -> None:
    """Write every file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", type=Path, help="folder of FIX40.xml to FIXT11.xml")
    parser.add_argument("--target", type=Path, default=TARGET)
    arguments = parser.parse_args()
    spelling = Spelling(arguments.source)
    for version, name in VERSIONS.items():
        text = compact(version, arguments.source, spelling)
        (arguments.target / f"{name}.txt").write_text(text, encoding="ascii", newline="\n")


if __name__ == "__main__":
    main()
