"""What would break: our files say something else than the published dictionaries.

The published XML is read here by a second, independent walk.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from meridian.fix.dictionary import VERSIONS, load_orchestra, load_quickfix_xml, standard

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def folder(shared):
    folder = shared / "data/fix-dictionaries"
    if not folder.is_dir():
        pytest.skip(f"no published dictionaries at {folder}")
    return folder


def plain(name: str) -> str:
    """A name without what spelling may change: capitals and underscores."""
    return "".join(c for c in name if c.isalnum()).upper()


def walk(element, tags, components, within=True):
    """(tag, required, members of the group) of a published element, the first of each tag."""
    found = {}
    for child in element:
        name, required = child.get("name"), child.get("required") == "Y" and within
        if child.tag == "component":
            for place in walk(components[name], tags, components, required):
                found.setdefault(place[0], place)
        else:
            inner = walk(child, tags, components) if child.tag == "group" else None
            found.setdefault(tags[name], (tags[name], required, inner))
    return list(found.values())


def places(layout):
    return [
        (m.tag, m.required, places(m.group) if m.group is not None else None)
        for m in layout.members
    ]


@pytest.mark.parametrize("version", VERSIONS)
def test_every_field_and_value_is_as_published(folder, version):
    root = ElementTree.parse(folder / f"{VERSIONS[version]}.xml").getroot()
    ours = standard(version)
    published = root.find("fields")
    assert len(published) == len(ours.fields)
    for element in published:
        field = ours.field(int(element.get("number")))
        assert (field.name, field.type) == (element.get("name"), element.get("type"))
        values = {v.get("enum"): plain(v.get("description")) for v in element}
        if values:
            assert {value: plain(name) for value, name in field.values.items()} == values
        else:
            assert field.open or not field.values, f"{field.name} refuses what is published"


@pytest.mark.parametrize("version", VERSIONS)
def test_every_message_is_laid_out_as_published(folder, version):
    root = ElementTree.parse(folder / f"{VERSIONS[version]}.xml").getroot()
    tags = {e.get("name"): int(e.get("number")) for e in root.find("fields")}
    components = {e.get("name"): e for e in root.find("components")}
    ours = standard(version)
    published = root.find("messages")
    assert [e.get("msgtype") for e in published] == list(ours.messages)
    for element in published:
        message = ours.message(element.get("msgtype"))
        assert message.name == element.get("name")
        assert message.admin == (element.get("msgcat") == "admin")
        assert places(message.layout) == walk(element, tags, components), message.name
    assert places(ours.header) == walk(root.find("header"), tags, components)
    assert places(ours.trailer) == walk(root.find("trailer"), tags, components)


@pytest.mark.parametrize("version", VERSIONS)
def test_the_loader_reads_the_published_file_as_ours(folder, version):
    loaded = load_quickfix_xml((folder / f"{VERSIONS[version]}.xml").read_bytes())
    ours = standard(version)
    assert loaded.version == version
    assert dict(loaded.messages) == dict(ours.messages)
    assert (loaded.header, loaded.trailer) == (ours.header, ours.trailer)
    assert {(f.tag, f.name, f.type) for f in loaded.fields.values()} == {
        (f.tag, f.name, f.type) for f in ours.fields.values()
    }


def test_the_generator_makes_the_same_bytes_again(folder, tmp_path):
    script = ROOT / "tools/make_dictionaries.py"
    subprocess.run([sys.executable, script, folder, "--target", tmp_path], check=True)
    for name in VERSIONS.values():
        carried = ROOT / f"src/meridian/fix/dictionary/data/{name}.txt"
        assert (tmp_path / f"{name}.txt").read_bytes() == carried.read_bytes(), name


DIFFERENT_NAMES = {327}
"""HaltReason is called HaltReasonChar in the XML."""
DIFFERENT_TYPES = {532, 674}
"""INT in Orchestra, STRING in the XML."""
MORE_VALUES = {103}
"""OrdRejReason 12 (surveillance option) is missing from the XML."""
ONLY_IN_ORCHESTRA = {("s", 552): {586}, ("t", 552): {586}, ("AE", 552): {635}}
"""(message, group) -> members the XML leaves out."""
STRICTER = {
    "AK": {555, 711},
    "AL": {453, 702},
    "AM": {702, 753},
    "AN": {453},
    "AO": {453},
    "AP": {453, 702, 753},
    "AW": {453, 702, 753},
}
"""Message -> groups that Orchestra requires and the XML does not."""


def orchestra_differences(message, theirs, ours):
    """Checks everything but the listed differences, groups included."""
    for member in theirs.members:
        own = ours.member(member.tag)
        if own is None:
            continue
        stricter = own.group is not None and member.tag in STRICTER.get(message, ())
        assert member.required == (own.required or stricter), (message, member.tag)
        assert (member.group is None) == (own.group is None), (message, member.tag)
        if member.group is not None:
            extra = ONLY_IN_ORCHESTRA.get((message, member.tag), set())
            assert member.group.tags ^ own.group.tags == extra, (message, member.tag)
            orchestra_differences(message, member.group, own.group)
    common = theirs.tags & ours.tags
    order = [m.tag for m in theirs.members if m.tag in common]
    assert order == [m.tag for m in ours.members if m.tag in common], message


def test_orchestra_says_the_same_of_fix44_but_for_the_listed(folder):
    theirs = load_orchestra((folder / "OrchestraFIX44.xml").read_bytes())
    ours = standard("FIX.4.4")
    assert theirs.version == ours.version
    assert set(theirs.fields) == set(ours.fields)
    for tag, field in theirs.fields.items():
        own = ours.field(tag)
        assert (field.name != own.name) == (tag in DIFFERENT_NAMES), tag
        assert (field.type != own.type) == (tag in DIFFERENT_TYPES), tag
        extra = set(field.values) - set(own.values)
        assert bool(extra) == (tag in MORE_VALUES), tag
        assert set(own.values) <= set(field.values), tag
    assert set(theirs.messages) == set(ours.messages)
    for msg_type, message in theirs.messages.items():
        own = ours.message(msg_type)
        assert (message.name, message.admin) == (own.name, own.admin)
        assert message.layout.tags == own.layout.tags, msg_type
        orchestra_differences(msg_type, message.layout, own.layout)
    orchestra_differences("header", theirs.header, ours.header)
    assert places(theirs.trailer) == places(ours.trailer)


@pytest.mark.parametrize(
    ("name", "version", "messages"),
    [
        ("OrchestraFIX42", "FIX.4.2", 46),
        ("FIX44Session", "FIX.4.4", 8),
        ("FIXTSession", "FIXT.1.1", 8),
    ],
)
def test_every_published_orchestra_file_loads(folder, name, version, messages):
    loaded = load_orchestra((folder / f"{name}.xml").read_bytes())
    assert (loaded.version, len(loaded.messages)) == (version, messages)
    assert loaded.message("A").admin
    assert {8, 9, 35, 49, 56, 34, 52} <= set(loaded.header.required)
    assert loaded.trailer.required == (10,)
