"""Makes the compact FIX dictionaries in src/meridian/fix/dictionary/data from the published ones.

    python tools/make_dictionaries.py ../shared/data/fix-dictionaries

Reads the QuickFIX XML of each version. From the Orchestra files beside them come what the XML does
not know: how names of values are spelt, which fields are open to values that are not listed, and
names of values where the XML lists none. The same input gives the same bytes.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from meridian.fix.dictionary import VERSIONS, load_orchestra
from meridian.fix.dictionary.compact import write_compact
from meridian.fix.dictionary.model import FieldDef
from meridian.fix.dictionary.quickfix import outline_quickfix_xml
from meridian.fix.dictionary.xml_tree import parse_xml

TARGET = Path(__file__).resolve().parent.parent / "src/meridian/fix/dictionary/data"

LONGEST_ACRONYM = 4
"""A name in capitals that is longer, such as EQUITY, is a word and is not taken over."""


class Orchestra:
    """What the Orchestra files know beyond the XML."""

    def __init__(self, source: Path) -> None:
        self._names: dict[tuple[int, str], str] = {}
        self._values: dict[tuple[str, int], Mapping[str, str]] = {}
        self.open_tags: set[int] = set()
        for path in sorted(source.glob("*.xml")):
            data = path.read_bytes()
            if parse_xml(data).name != "repository":
                continue
            published = load_orchestra(data)
            for tag, field in published.fields.items():
                if field.values:
                    self._values.setdefault((published.version, tag), field.values)
                if field.open:
                    self.open_tags.add(tag)
                for value, name in field.values.items():
                    self._names.setdefault((tag, value), name)

    def values(self, version: str, tag: int) -> Mapping[str, str]:
        """What Orchestra lists for a field of a version."""
        return self._values.get((version, tag), {})

    def of(self, tag: int, value: str, name: str) -> str:
        """The standard's spelling where it differs from ``name`` in capitals alone."""
        spelt = self._names.get((tag, value), name)
        shouted = spelt.isupper() and spelt.isalpha() and len(spelt) > LONGEST_ACRONYM
        return name if shouted or spelt.upper() != name.upper() else spelt


def compact(version: str, source: Path, orchestra: Orchestra) -> str:
    """The compact file of one version."""
    outline = outline_quickfix_xml((source / f"{VERSIONS[version]}.xml").read_bytes())
    if outline.version != version:
        raise SystemExit(f"{VERSIONS[version]}.xml: expected {version}, got {outline.version}")
    for tag, field in outline.fields.items():
        outline.fields[tag] = _enriched(field, version, orchestra)
    return write_compact(outline)


def _enriched(field: FieldDef, version: str, orchestra: Orchestra) -> FieldDef:
    listed = field.values or orchestra.values(version, field.tag)
    values = {value: orchestra.of(field.tag, value, name) for value, name in listed.items()}
    # "ISO Country Code" stands among SettlLocation's values for codes of another list.
    described = any(" " in value for value in values)
    opened = described or field.tag in orchestra.open_tags or not field.values
    return replace(field, values=values, open=bool(values) and opened)


def main() -> None:
    """Write every file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", type=Path, help="folder of FIX40.xml to FIXT11.xml")
    parser.add_argument("--target", type=Path, default=TARGET)
    arguments = parser.parse_args()
    orchestra = Orchestra(arguments.source)
    for version, name in VERSIONS.items():
        text = compact(version, arguments.source, orchestra)
        (arguments.target / f"{name}.txt").write_text(text, encoding="ascii", newline="\n")


if __name__ == "__main__":
    main()
