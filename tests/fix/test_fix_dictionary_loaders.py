"""What would break: a venue's own dictionary read wrongly, or a bad one without a word why."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meridian.fix.dictionary import DictionaryError, load_orchestra, load_quickfix_xml
from meridian.fix.dictionary.compact import read_compact
from meridian.fix.dictionary.names import symbolic
from meridian.fix.dictionary.outline import MAX_MEMBERS, MAX_NESTING
from meridian.fix.dictionary.xml_tree import MAX_DEPTH, MAX_DOCUMENT

CUSTOM = """<?xml version="1.0" encoding="UTF-8"?>
<fix type="FIX" major="4" minor="4" servicepack="0">
 <header><field name="MsgType" required="Y"/></header>
 <trailer><field name="CheckSum" required="Y"/></trailer>
 <messages>
  <message name="VenueOrder" msgtype="U1" msgcat="app">
   <field name="ClOrdID" required="Y"/>
   <component name="Routing" required="N"/>
  </message>
 </messages>
 <components>
  <component name="Routing">
   <field name="VenueRoute" required="Y"/>
   <group name="NoHops" required="N">
    <field name="HopID" required="Y"/>
    <group name="NoSteps" required="N"><field name="StepID" required="N"/></group>
   </group>
  </component>
 </components>
 <fields>
  <field number="35" name="MsgType" type="STRING"/>
  <field number="10" name="CheckSum" type="STRING"/>
  <field number="11" name="ClOrdID" type="STRING"/>
  <field number="9001" name="VenueRoute" type="char" allowOtherValues="true">
   <value enum="D" description="DARK_POOL"/>
   <value enum="L"/>
  </field>
  <field number="9002" name="NoHops" type="NUMINGROUP"/>
  <field number="9003" name="HopID" type="STRING"/>
  <field number="9004" name="NoSteps" type="NUMINGROUP"/>
  <field number="9005" name="StepID" type="INT"/>
 </fields>
</fix>
"""


def test_a_venues_own_tags_messages_and_groups_are_read():
    made = load_quickfix_xml(CUSTOM.encode())
    assert made.version == "FIX.4.4"
    route = made.field(9001)
    assert (route.name, route.type, route.open) == ("VenueRoute", "CHAR", True)
    assert route.values == {"D": "DarkPool", "L": "L"}
    order = made.message("U1")
    assert (order.name, order.admin) == ("VenueOrder", False)
    assert order.layout.required == (11,), "the component is optional"
    hops = order.layout.member(9002).group
    assert hops.required == (9003,)
    assert hops.member(9004).group.tags == {9005}
    assert (made.header.required, made.trailer.required) == ((35,), (10,))


@pytest.mark.parametrize(
    ("written", "version"),
    [
        ('type="FIX" major="4" minor="4" servicepack="0"', "FIX.4.4"),
        ('major="4" minor="2"', "FIX.4.2"),
        ('type="FIX" major="5" minor="0" servicepack="2"', "FIX.5.0SP2"),
        ('type="FIXT" major="1" minor="1"', "FIXT.1.1"),
    ],
)
def test_the_version_is_read(written, version):
    text = f"<fix {written}><messages/><fields/></fix>"
    made = load_quickfix_xml(text.encode())
    assert (made.version, len(made.messages), made.header.members) == (version, 0, ())


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("</fix>", "", "line 34: no XML: no element found"),
        ("<fix type", "<fox type", "line 33: no XML: mismatched tag"),
        ('major="4" ', "", "line 2: <fix>: expected an attribute 'major'"),
        ("messages>", "letters>", "line 2: <fix>: expected a section <messages>"),
        ('number="35"', 'number="0"', "line 21: <field name='MsgType'>: expected a number above 0"),
        ('number="35"', 'number="x"', "expected a number above 0 in 'number', got 'x'"),
        ('number="35"', 'number="1234567890"', "in 'number', got '1234567890'"),
        ('number="35"', 'number="11"', "line 23: <field name='ClOrdID'>: field ClOrdID(11) is th"),
        ('type="INT"', 'type="WORD"', "line 31: <field name='StepID'>: expected a type of FIX"),
        ('enum="L"', 'enum="D"', "line 26: <value>: value 'D' of VenueRoute(9001) is there twice"),
        ("value enum", "choice enum", "line 25: <choice>: expected <value>"),
        ('msgtype="U1"', "", "line 6: <message name='VenueOrder'>: expected an attribute 'msgtype"),
        (
            '<field name="ClOrdID" r',
            '<field name="ClOrdId" r',
            "line 7: <field name='ClOrdId'>: no",
        ),
        (
            '<component name="Routing" r',
            '<component name="R" r',
            "line 8: <component name='R'>: no",
        ),
        ('name="ClOrdID" required="Y"', 'name="ClOrdID" required="y"', "expected required Y or N"),
        ('<field name="StepID" required="N"/>', "", "line 16: <group name='NoSteps'>: a group nee"),
        ('<field name="HopID" r', '<item name="HopID" r', "line 15: <item name='HopID'>: expected"),
        (
            '<field name="VenueRoute" required="Y"/>',
            '<component name="Routing" required="Y"/>',
            "component Routing holds itself: Routing > Routing",
        ),
        (
            "</components>",
            '<component name="Routing"/></components>',
            "line 19: <component name='R",
        ),
        (
            "</messages>",
            '<message name="Other" msgtype="U1" msgcat="app"/></messages>',
            "line 10: <message name='Other'>: MsgType 'U1' is there twice",
        ),
    ],
)
def test_a_broken_file_is_told_by_element_and_line(old, new, said):
    text = CUSTOM.replace(old, new)
    assert text != CUSTOM
    with pytest.raises(DictionaryError) as raised:
        load_quickfix_xml(text.encode())
    assert said in str(raised.value)


ORCHESTRA = """<?xml version="1.0" encoding="UTF-8"?>
<fixr:repository xmlns:fixr="http://fixprotocol.io/2020/orchestra/repository"
  name="VENUE" version="FIX.5.0SP2_EP254">
 <fixr:datatypes>
  <fixr:datatype name="Route" baseType="Venueish"/>
  <fixr:datatype name="Venueish" baseType="String"/>
 </fixr:datatypes>
 <fixr:codeSets>
  <fixr:codeSet name="SideCodeSet" id="54" type="char">
   <fixr:code name="Buy" id="1" value="1"><fixr:annotation/></fixr:code>
   <fixr:code name="SellShort" id="2" value="5"/>
   <fixr:annotation/>
  </fixr:codeSet>
 </fixr:codeSets>
 <fixr:fields>
  <fixr:field id="11" name="ClOrdID" type="String"/>
  <fixr:field id="54" name="Side" type="SideCodeSet" unionDataType="int"/>
  <fixr:field id="453" name="NoPartyIDs" type="NumInGroup"/>
  <fixr:field id="448" name="PartyID" type="String"/>
  <fixr:field id="9001" name="VenueRoute" type="Route"/>
  <fixr:field id="35" name="MsgType" type="String"/>
 </fixr:fields>
 <fixr:components>
  <fixr:component name="StandardHeader" id="1024">
   <fixr:fieldRef id="35" presence="required"/>
  </fixr:component>
  <fixr:component name="Routing" id="7"><fixr:fieldRef id="9001" presence="required"/>
   <fixr:groupRef id="7"/></fixr:component>
 </fixr:components>
 <fixr:groups>
  <fixr:group name="Parties" id="7">
   <fixr:numInGroup id="453"/><fixr:fieldRef id="448" presence="required"/>
  </fixr:group>
 </fixr:groups>
 <fixr:messages>
  <fixr:message name="VenueOrder" id="1" msgType="U1" category="Orders" scenario="limit">
   <fixr:structure>
    <fixr:componentRef id="1024" presence="required"/>
    <fixr:fieldRef id="11" presence="required"/>
    <fixr:fieldRef id="54" presence="required"/>
    <fixr:componentRef id="7" presence="required"/>
   </fixr:structure>
  </fixr:message>
  <fixr:message name="VenueOrder" id="1" msgType="U1" category="Orders" scenario="market">
   <fixr:structure>
    <fixr:fieldRef id="11" presence="required"/>
    <fixr:fieldRef id="54" presence="forbidden"/>
    <fixr:fieldRef id="448"/>
   </fixr:structure>
  </fixr:message>
 </fixr:messages>
</fixr:repository>
"""


def test_orchestra_code_sets_groups_and_scenarios_are_read():
    made = load_orchestra(ORCHESTRA.encode())
    assert made.version == "FIX.5.0SP2"
    side = made.field(54)
    assert (side.type, side.values, side.open) == ("CHAR", {"1": "Buy", "5": "SellShort"}, True)
    assert made.field(9001).type == "STRING", "by the datatypes it is based on"
    order = made.message("U1")
    assert [m.tag for m in order.layout.members] == [11, 54, 9001, 453, 448]
    assert order.layout.required == (11,), "what both scenarios require"
    assert order.layout.member(453).group.required == (448,)
    assert not order.admin
    assert made.header.required == (35,)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("fixr:repository", "fixr:registry", "line 2: <registry name='VENUE'>: expected the root"),
        ("fixr:messages", "fixr:letters", "line 2: <repository name='VENUE'>: expected a section"),
        (' type="Route"', ' type="Rute"', "line 20: <field name='VenueRoute'>: expected a type"),
        ('baseType="String"', 'baseType="Route"', "<field name='VenueRoute'>: expected a type or"),
        ('<fixr:fieldRef id="11"', '<fixr:fieldRef id="12"', "<fieldRef>: no field 12 in <fields>"),
        ('<fixr:groupRef id="7"', '<fixr:groupRef id="8"', "no element with id 8 and scenario 'b"),
        ('presence="forbidden"', 'presence="never"', "line 47: <fieldRef>: expected presence requ"),
        ('<fixr:numInGroup id="453"/>', "", "<group name='Parties'>: expected a <numInGroup>"),
        ('scenario="market"', 'scenario="base"', "<message name='VenueOrder'>: MsgType 'U1' is th"),
        ('id="448" name', 'id="453" name', "<field name='PartyID'>: field 453 is there twice"),
        ('name="Routing" id="7"', 'name="Routing" id="1024"', "id 1024 is there twice"),
        ('name="Routing" id', 'name="StandardHeader" id', "two elements of this section have one"),
        ("fixr:structure>", "fixr:shape>", "<message name='VenueOrder'>: expected a <structure>"),
        ('<fixr:groupRef id="7"/>', '<fixr:codeRef id="7"/>', "<codeRef>: expected <fieldRef>, <g"),
        (
            '<fixr:fieldRef id="448" presence="required"/>',
            '<fixr:groupRef id="7"/>',
            "component group Parties holds itself",
        ),
    ],
)
def test_a_broken_orchestra_file_is_told_by_element_and_line(old, new, said):
    text = ORCHESTRA.replace(old, new)
    assert text != ORCHESTRA
    with pytest.raises(DictionaryError) as raised:
        load_orchestra(text.encode())
    assert said in str(raised.value)


BOMB = """<!DOCTYPE fix [<!ENTITY a "aaaaaaaaaa">
<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<fix type="&b;"/>
"""
FILE_READER = '<!DOCTYPE fix [<!ENTITY a SYSTEM "file:///etc/passwd">]><fix type="&a;"/>'


def of_components(*bodies):
    """A dictionary whose components c0, c1, ... hold what is given, in this order."""
    components = "".join(
        f'<component name="c{n}">{body}</component>' for n, body in enumerate(bodies)
    )
    names = "".join(f'<field number="{n + 1}" name="N{n}" type="INT"/>' for n in range(99))
    return (
        f'<fix major="4" minor="4"><messages/><components>{components}</components>'
        f"<fields>{names}</fields></fix>"
    ).encode()


def group(name, *held):
    inner = "".join(f'<component name="{one}" required="N"/>' for one in held)
    return f'<group name="{name}" required="N"><field name="N0" required="N"/>{inner}</group>'


def test_components_that_repeat_each_other_do_not_fill_the_memory():
    twice = ["<field name='N0' required='N'/>"]
    twice += [f'<component name="c{n}" required="N"/>' * 2 for n in range(60)]
    assert load_quickfix_xml(of_components(*twice)).version == "FIX.4.4"

    groups = [group("N1")]
    groups += [group("N2", f"c{n}") for n in range(40)]
    with pytest.raises(DictionaryError, match=f"groups nested over {MAX_NESTING} deep: group 3"):
        load_quickfix_xml(of_components(*groups))

    wide = [group("N1")]
    wide += [group("N2", f"c{n}") + group("N3", f"c{n}") for n in range(20)]
    with pytest.raises(DictionaryError, match=f"over {MAX_MEMBERS} fields: group 3"):
        load_quickfix_xml(of_components(*wide))


@pytest.mark.parametrize("load", [load_quickfix_xml, load_orchestra])
def test_what_could_fill_the_memory_or_read_files_is_refused(load):
    for text in (BOMB, FILE_READER):
        with pytest.raises(DictionaryError, match="line 1: <!ENTITY a>: a dictionary may declare"):
            load(text.encode())
    with pytest.raises(DictionaryError, match=f"nested over {MAX_DEPTH} deep"):
        load(b"<fix>" * (MAX_DEPTH + 1))
    with pytest.raises(DictionaryError, match=f"expected at most {MAX_DOCUMENT} bytes"):
        load(b" " * (MAX_DOCUMENT + 1))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00\x01",
        b"8=FIX.4.4",
        b'<?xml version="1.0" encoding="klingon"?><fix/>',
        b"\xff\xfe<",
    ],
)
def test_what_is_no_xml_is_said_to_be_none(data):
    for load in (load_quickfix_xml, load_orchestra):
        with pytest.raises(DictionaryError, match="no XML"):
            load(data)


@given(
    st.sampled_from([(CUSTOM, load_quickfix_xml), (ORCHESTRA, load_orchestra)]),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 6), st.binary(max_size=6)), max_size=4),
)
def test_a_damaged_file_is_read_or_refused_in_words(file, damages):
    text, load = file
    data = text.encode()
    for where, removed, put in damages:
        at = int(where * len(data))
        data = data[:at] + put + data[at + removed :]
    try:
        made = load(data)
    except DictionaryError:
        return  # and nothing else
    for message in made.messages.values():
        assert message.layout.tags <= made.fields.keys()


def test_groups_within_groups_are_bounded():
    inner = '<group name="NoHops" required="N"><field name="HopID"/>' * MAX_NESTING
    deep = inner + "</group>" * MAX_NESTING
    fields = CUSTOM[CUSTOM.index(" <fields>") :]

    def text(body: str) -> bytes:
        message = f'<message name="X" msgtype="U1" msgcat="app">{body}</message>'
        return f'<fix major="4" minor="4"><messages>{message}</messages>{fields}'.encode()

    layout = load_quickfix_xml(text(deep)).message("U1").layout
    for _ in range(MAX_NESTING):
        layout = layout.member(9002).group
    with pytest.raises(DictionaryError, match=f"nested over {MAX_NESTING} deep"):
        load_quickfix_xml(text(f'<group name="NoHops"><field name="HopID"/>{deep}</group>'))


def test_names_read_as_the_standard_spells_them():
    assert [symbolic(text) for text in ("BUY", "SELL_SHORT_EXEMPT", "ISIN_NUMBER", "T_PLUS_1")] == [
        "Buy",
        "SellShortExempt",
        "ISINNumber",
        "TPlus1",
    ]
    assert symbolic("Buy minus") == "BuyMinus"
    assert symbolic("PendingNew") == "PendingNew"


def test_our_own_format_is_checked():
    with pytest.raises(DictionaryError, match="line 1: expected 'meridian-fix-dictionary 1', got"):
        read_compact("meridian-fix-dictionary 2\tFIX.4.4\n")
    with pytest.raises(DictionaryError, match="line 1: expected"):
        read_compact("")
    with pytest.raises(DictionaryError, match="expected a field, component or message, got 'x"):
        read_compact("meridian-fix-dictionary 1\tFIX.4.4\nx\t1\n")
