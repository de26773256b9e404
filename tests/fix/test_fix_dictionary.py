"""What would break: a field, a value or a group of a published version that is named wrongly."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from meridian.fix import dictionary
from meridian.fix.dictionary import (
    VERSIONS,
    FieldDef,
    Layout,
    Member,
    appl_ver_id,
    combine,
    standard,
    version_of,
)

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("version", "fields", "messages"),
    [
        ("FIX.4.0", 138, 27),
        ("FIX.4.1", 206, 28),
        ("FIX.4.2", 405, 46),
        ("FIX.4.3", 635, 68),
        ("FIX.4.4", 912, 93),
        ("FIXT.1.1", 71, 8),
        ("FIX.5.0", 1090, 93),
        ("FIX.5.0SP1", 1373, 105),
        ("FIX.5.0SP2", 6028, 156),
    ],
)
def test_every_version_is_whole(version, fields, messages):
    made = standard(version)
    assert made.version == version
    assert (len(made.fields), len(made.messages)) == (fields, messages)
    assert [m.msg_type for m in made.messages.values()] == list(made.messages)


def test_a_field_has_its_name_type_and_values():
    side = standard("FIX.4.2").field(54)
    assert (side.name, side.type, side.open) == ("Side", "CHAR", False)
    assert side.values == {
        "1": "Buy",
        "2": "Sell",
        "3": "BuyMinus",
        "4": "SellPlus",
        "5": "SellShort",
        "6": "SellShortExempt",
        "7": "Undisclosed",
        "8": "Cross",
        "9": "CrossShort",
    }
    assert standard("FIX.4.4").field_named("ClOrdID") == FieldDef(11, "ClOrdID", "STRING", {})
    assert standard("FIX.4.4").field(20000) is None
    assert standard("FIX.4.4").field_named("NoSuchField") is None
    assert standard("FIX.4.4").message("U1") is None


@pytest.mark.parametrize(
    ("version", "tag", "value", "name"),
    [
        ("FIX.4.0", 20, "1", "Cancel"),
        ("FIX.4.2", 150, "1", "PartialFill"),
        ("FIX.4.4", 150, "F", "Trade"),
        ("FIX.4.4", 59, "1", "GoodTillCancel"),
        ("FIX.4.4", 40, "P", "Pegged"),
        ("FIX.4.4", 452, "3", "ClientID"),
        ("FIX.4.4", 22, "4", "ISINNumber"),
        ("FIX.4.4", 98, "0", "None"),
        ("FIXT.1.1", 1137, "9", "FIX50SP2"),
        ("FIX.5.0SP2", 103, "18", "InvalidPriceIncrement"),
    ],
)
def test_values_read_as_the_standard_names_them(version, tag, value, name):
    assert standard(version).field(tag).values[value] == name


def test_fields_that_take_other_values_say_so():
    made = standard("FIX.4.4")
    assert made.field(27).open, "IOIQty: S, M, L or a quantity"
    assert made.field(759).open, "the XML lists no values, so none may be refused"
    assert made.field(759).values["1"] == "ExecutingFirm"
    assert standard("FIX.4.2").field(166).open, "SettlLocation: or any ISO country code"


def test_a_group_is_laid_out_with_its_delimiter_first_and_its_own_groups():
    order = standard("FIX.4.4").message("D")
    assert (order.name, order.admin) == ("NewOrderSingle", False)
    parties = order.layout.member(453)
    assert not parties.required
    assert [m.tag for m in parties.group.members] == [448, 447, 452, 802]
    assert [m.tag for m in parties.group.member(802).group.members] == [523, 803]
    assert 448 not in order.layout.tags, "448 belongs to the entries of 453"


def test_required_follows_the_components():
    order = standard("FIX.4.4").message("D").layout
    assert order.required == (11, 54, 60, 40), "Instrument is required, Symbol within it is not"
    fill = standard("FIX.4.2").message("8").layout
    assert fill.required == (37, 17, 20, 150, 39, 55, 54, 151, 14, 6)
    allocations = standard("FIX.4.2").message("J").layout
    assert allocations.member(78).group.required == (80,)
    assert standard("FIX.4.4").header.required == (8, 9, 35, 49, 56, 34, 52)
    assert standard("FIX.4.4").trailer == Layout(
        [Member(93, False), Member(89, False), Member(10, True)]
    )


def test_a_tag_that_a_version_names_twice_stands_once():
    # FIX.4.3 states OwnershipType(517) in two places of RegistrationInstructions.
    layout = standard("FIX.4.3").message("o").layout
    assert [m.tag for m in layout.members].count(517) == 1


@pytest.mark.parametrize(
    ("version", "lengths"),
    [
        ("FIX.4.0", {93: 89, 90: 91, 95: 96}),
        ("FIXT.1.1", {93: 89, 90: 91, 95: 96, 212: 213, 354: 355, 1401: 1402, 1403: 1404}),
    ],
)
def test_lengths_know_their_data(version, lengths):
    assert lengths.items() <= standard(version).data_lengths.items()


def test_every_data_field_has_a_length():
    for version in VERSIONS:
        made = standard(version)
        data = {f.tag for f in made.fields.values() if f.type in ("DATA", "XMLDATA")}
        assert set(made.data_lengths.values()) == data, version


def test_session_and_application_combine():
    both = combine(standard("FIXT.1.1"), standard("FIX.5.0SP1"))
    assert both.version == "FIX.5.0SP1"
    assert both.header.required == (8, 9, 35, 49, 56, 34, 52)
    assert both.message("A").admin
    assert both.message("D").name == "NewOrderSingle"
    assert len(both.messages) == len(set(both.messages)) == 113
    assert both.field(1137).name == "DefaultApplVerID", "of the transport"
    assert both.field(1138).name == "DisplayQty", "of the application"
    assert "U9" not in both.messages
    assert both.message("U9") is None


def test_values_of_both_dictionaries_are_fit():
    def made(version, values):
        fields = {35: FieldDef(35, "MsgType", "STRING", values)}
        return dictionary.Dictionary(version, fields, {}, Layout(()), Layout(()))

    both = combine(made("FIXT.1.1", {"A": "Logon"}), made("FIX.5.0", {"D": "NewOrderSingle"}))
    assert both.field(35).values == {"A": "Logon", "D": "NewOrderSingle"}


def test_application_versions_have_their_numbers():
    assert [version_of(value) for value in "2456789"] == [
        "FIX.4.0",
        "FIX.4.2",
        "FIX.4.3",
        "FIX.4.4",
        "FIX.5.0",
        "FIX.5.0SP1",
        "FIX.5.0SP2",
    ]
    assert appl_ver_id("FIX.5.0SP2") == "9"
    with pytest.raises(ValueError, match="expected ApplVerID 0 to 9, got '10'"):
        version_of("10")
    with pytest.raises(ValueError, match=r"expected one of FIX.2.7.*got 'FIXT.1.1'"):
        appl_ver_id("FIXT.1.1")


def test_an_unknown_version_is_named_with_the_known():
    with pytest.raises(ValueError, match=r"FIX.4.0, FIX.4.1.*FIX.5.0SP2, got 'FIX.6.0'"):
        standard("FIX.6.0")


def test_a_version_is_read_once():
    assert standard("FIX.4.1") is standard("FIX.4.1")
    assert standard("FIX.4.1").message("D") is standard("FIX.4.1").message("D")


def test_messages_are_not_laid_out_before_they_are_needed():
    # FIX.5.0SP2 has 25,000 places in 156 messages: who needs one should not wait for all.
    script = (
        "from meridian.fix.dictionary import model, standard\n"
        "made = []\n"
        "old = model.Layout.__init__\n"
        "model.Layout.__init__ = lambda self, m: (made.append(1), old(self, m))[1]\n"
        "standard('FIX.5.0SP2'); print(len(made))\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert int(told.stdout) == 2, "header and trailer alone"


def test_the_files_are_part_of_the_package():
    config = tomllib.loads((ROOT / "pyproject.toml").read_text())
    patterns = config["tool"]["setuptools"]["package-data"]["meridian"]
    package = ROOT / "src/meridian"
    carried = {path for pattern in patterns for path in package.glob(pattern)}
    for name in VERSIONS.values():
        assert package / f"fix/dictionary/data/{name}.txt" in carried
