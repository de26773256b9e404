"""Which fault of a message is answered, by which code, and which tag is named."""

from __future__ import annotations

import importlib
from itertools import permutations

import pytest
from fix_wire import framed

from meridian.fix import formats, pure_message, pure_validator, reasons
from meridian.fix.dictionary import Dictionary, combine, load_quickfix_xml, standard
from meridian.fix.validator import ValidatorOptions

HEAD = "34=2|49=A|52=20261121-04:43:00|56=B|"
ORDER = f"35=D|{HEAD}11=ID|21=1|40=1|54=1|38=2|55=INTC|60=20261121-04:43:00.123|"


def kernels():
    try:
        native = importlib.import_module("meridian.fix._validator").Validator
        decode = importlib.import_module("meridian.fix._message").decode
    except ImportError:
        native = decode = None
    absent = pytest.mark.skipif(native is None, reason="the validator is not compiled")
    yield pytest.param((pure_validator.Validator, pure_message.decode), id="pure")
    yield pytest.param((native, decode), id="native", marks=absent)


@pytest.fixture(params=kernels())
def fault(request):
    """What is wrong with a body, by the dictionary of a version."""
    make, decode = request.param

    def check(body, version="FIX.4.4", **options):
        if isinstance(version, Dictionary):
            dictionary = version
        elif version.startswith("FIX.5"):
            dictionary = combine(standard("FIXT.1.1"), standard(version))
        else:
            dictionary = standard(version)
        begin = "FIXT.1.1" if dictionary.version.startswith("FIX.5") else dictionary.version
        return make(dictionary, **options).check(decode(framed(body, begin), 0)[2])

    return check


def test_a_fit_message_has_no_fault(fault):
    assert fault(ORDER) is None
    assert fault(f"35=0|{HEAD}") is None
    assert fault(ORDER + "453=2|448=x|447=D|452=1|448=y|447=D|452=3|802=1|523=z|803=1|") is None
    assert fault(ORDER + "454=0|") is None
    assert fault(ORDER + "354=5|355=ab|=d|93=3|89=a|c|") is None
    assert fault(ORDER.replace("|11=", "|627=1|628=H|630=5|11=")) is None


def test_a_later_version_is_checked_with_its_transport(fault):
    assert fault(ORDER, "FIX.5.0SP2") is None
    assert fault(ORDER + "1138=x|", "FIX.5.0SP2") == (reasons.INCORRECT_FORMAT, 1138)
    assert fault(f"35=A|{HEAD}98=0|108=30|1137=9|", "FIX.5.0SP2") is None
    assert fault(f"35=A|{HEAD}98=0|108=30|", "FIX.5.0SP2") == (reasons.REQUIRED_TAG_MISSING, 1137)


@pytest.mark.parametrize(
    ("field", "code"),
    [
        ("999=x", reasons.INVALID_TAG),
        ("0=x", reasons.INVALID_TAG),
        ("-1=x", reasons.INVALID_TAG),
        ("5000=x", reasons.INVALID_TAG),
        ("600=x", reasons.TAG_NOT_DEFINED),
        ("336=x", reasons.TAG_NOT_DEFINED),
        ("76=", reasons.NO_VALUE),
        ("999=", reasons.NO_VALUE),
        ("38=2", reasons.REPEATED_TAG),
        ("81=9", reasons.INCORRECT_VALUE),
        ("529=1 Z", reasons.INCORRECT_VALUE),
        ("529=1  2", reasons.INCORRECT_VALUE),
        ("81=AB", reasons.INCORRECT_FORMAT),
        ("49=A", reasons.OUT_OF_ORDER),
        ("386=1", reasons.WRONG_GROUP_COUNT),
        ("386=-1", reasons.WRONG_GROUP_COUNT),
        ("386=x", reasons.INCORRECT_FORMAT),
    ],
)
def test_one_fault_is_told_with_its_tag(fault, field, code):
    assert fault(f"{ORDER}{field}|") == (code, int(field.split("=")[0]))


@pytest.mark.parametrize(
    ("tag", "good", "bad"),
    [
        (44, ["1", "-0.5", ".5", "5.", "002000.00"], ["+1", "1e3", "-", ".", "1,0", "1" * 19]),
        (226, ["5", "-5", "007"], ["1.0", "+5", " 5", "5 ", "9" * 19]),
        (77, ["O", "C"], ["OC"]),
        (114, ["Y", "N"], ["y", "YES"]),
        (126, ["20261121-00:00:00", "20261121-23:59:60.123456789"], ["20261121-24:00:00"]),
        (126, ["20240229-12:00:00.123456789012"], ["20230229-12:00:00", "20261121-12:00:00.1"]),
        (64, ["20240229"], ["20230229", "2024022", "20241301", "2024-2-2"]),
        (200, ["202611", "20261121", "202611w5"], ["2026", "202613", "20261131", "202611w6"]),
        (354, ["0", "05"], ["-1", "x"]),
        (15, ["USD", "USDT"], []),
        (205, ["1", "31"], ["0", "32"]),
    ],
)
def test_values_are_held_to_their_types(fault, tag, good, bad):
    version = "FIX.4.2" if tag == 205 else "FIX.4.4"
    order = ORDER.replace("60=20261121-04:43:00.123", "60=20261121-04:43:00")
    for value in good:
        assert fault(f"{order}{tag}={value}|", version) is None, value
    for value in bad:
        assert fault(f"{order}{tag}={value}|", version) == (reasons.INCORRECT_FORMAT, tag), value


@pytest.mark.parametrize(
    ("tag", "good", "bad"),
    [
        (1079, ["12:30Z", "12:30:59+05:30", "23:59-14", "12:30"], ["24:00Z", "12:30+15", "12"]),
        (880, ["x"], []),
    ],
)
def test_values_of_later_types_too(fault, tag, good, bad):
    report = f"35=8|{HEAD}37=a|17=b|150=0|39=0|54=1|151=0|14=0|55=x"
    for value in good:
        assert fault(f"{report}|{tag}={value}|", "FIX.5.0SP2") is None, value
    for value in bad:
        wanted = (reasons.INCORRECT_FORMAT, tag)
        assert fault(f"{report}|{tag}={value}|", "FIX.5.0SP2") == wanted, value


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("TZTIMESTAMP", ["20261121-12:30:59.123Z"], ["20261131-12:30Z", "20261121 12:30Z"]),
        ("LOCALMKTTIME", ["12:30:59"], ["12:30", "12:30:60", "25:00:00"]),
        ("UTCTIMEONLY", ["12:30:59", "23:59:60.123456"], ["12:30", "24:00:00"]),
        ("TAGNUM", ["35"], ["-1", "x"]),
    ],
)
def test_rare_types_are_checked_as_well(kind, good, bad):
    check = formats.checker_of(kind)
    for value in good:
        check(value.encode())
    for value in bad:
        with pytest.raises(ValueError, match=r"expected|form|day"):
            check(value.encode())


def test_up_to_4_1_a_char_is_any_text(fault):
    body = f"35=D|{HEAD}11=long id|21=1|55=MSFT|54=1|38=5|40=1|"
    assert fault(body, "FIX.4.0") is None
    assert fault(body + "63=77|", "FIX.4.0") == (reasons.INCORRECT_VALUE, 63)


@pytest.mark.parametrize(
    ("body", "code", "tag"),
    [
        # Out of place is told before an unknown type, that before a missing tag, that before all.
        (f"35=?|{HEAD}11=a|43=Y|", reasons.OUT_OF_ORDER, 43),
        (f"35=?|{HEAD}999=a|", reasons.INVALID_MSG_TYPE, None),
        ("35=D|34=2|52=x|11=|999=a|", reasons.REQUIRED_TAG_MISSING, 49),
        (f"35=D|{HEAD}40=1|999=a|", reasons.REQUIRED_TAG_MISSING, 11),
        # Header before body, and the lowest tag of each first.
        (ORDER.replace("52=2026", "52=x") + "1=|", reasons.INCORRECT_FORMAT, 52),
        (ORDER + "999=a|600=b|44=x|", reasons.INCORRECT_FORMAT, 44),
        (ORDER.replace("54=1", "54=Z") + "54=|", reasons.INCORRECT_VALUE, 54),
        (ORDER + "54=|600=x|", reasons.REPEATED_TAG, 54),
        (ORDER + "89=abc|93=x|58=x|", reasons.OUT_OF_ORDER, 58),
        (ORDER + "93=1|89=a|0=x|", reasons.OUT_OF_ORDER, 0),
        (ORDER + "93=x|89=abc|", reasons.INCORRECT_FORMAT, 93),
        (ORDER.replace("38=2", "38=x") + "93=x|", reasons.INCORRECT_FORMAT, 93),
    ],
)
def test_the_first_fault_by_the_standards_order_is_told(fault, body, code, tag):
    assert fault(body) == (code, tag)


@pytest.mark.parametrize(
    ("group", "code", "tag"),
    [
        ("386=1|336=a|336=b|", reasons.WRONG_GROUP_COUNT, 386),
        ("386=3|336=a|336=b|", reasons.WRONG_GROUP_COUNT, 386),
        ("386=1|625=a|336=b|", reasons.GROUP_OUT_OF_ORDER, 336),
        ("453=1|448=x|452=1|447=D|", reasons.GROUP_OUT_OF_ORDER, 447),
        ("453=1|448=x|447=D|447=D|", reasons.REPEATED_TAG, 447),
        ("453=1|448=x|447=?|452=1|", reasons.INCORRECT_VALUE, 447),
        ("453=1|448=|447=D|452=1|", reasons.NO_VALUE, 448),
        ("453=1|448=x|452=one|", reasons.INCORRECT_FORMAT, 452),
        ("453=1|448=x|802=2|523=a|523=b|803=1|58=x|", None, None),
        ("453=1|448=x|802=2|523=a|58=x|", reasons.WRONG_GROUP_COUNT, 802),
        ("453=1|448=x|600=y|447=D|", reasons.TAG_NOT_DEFINED, 447),
        # What is wrong in a group is told where its count stands.
        ("453=1|448=x|447=?|44=x|", reasons.INCORRECT_FORMAT, 44),
        ("453=1|448=x|447=?|461=|", reasons.INCORRECT_VALUE, 447),
    ],
)
def test_groups_are_looked_into(fault, group, code, tag):
    assert fault(ORDER + group) == (None if code is None else (code, tag))


def test_a_required_tag_is_missed_in_each_entry(fault):
    news = f"35=B|{HEAD}148=x|33="
    assert fault(f"{news}2|58=a|58=b|") is None
    legs = f"35=AB|{HEAD}11=a|40=1|54=1|60=20261121-00:00:00|"
    assert fault(f"{legs}555=2|600=x|600=y|") is None
    crosses = f"35=s|{HEAD}548=a|549=1|550=0|40=2|60=20261121-00:00:00|55=x|552="
    assert fault(f"{crosses}2|54=1|11=a|38=1|54=2|38=1|") == (reasons.REQUIRED_TAG_MISSING, 11)
    assert fault(f"{crosses}2|54=1|11=a|38=x|54=2|38=1|") == (reasons.REQUIRED_TAG_MISSING, 11)


def test_each_check_can_be_left_out(fault):
    assert fault(ORDER + "58=|", fields_have_values=False) is None
    assert fault(ORDER + "44=|", fields_have_values=False) == (reasons.INCORRECT_FORMAT, 44)
    assert fault(ORDER + "167=|", fields_have_values=False) == (reasons.INCORRECT_VALUE, 167)
    assert fault(ORDER + "115=x|", fields_out_of_order=False) is None
    assert fault(ORDER + "115=|", fields_out_of_order=False) == (reasons.NO_VALUE, 115)
    assert fault(ORDER + "54=Z|".replace("54", "77"), field_values=False) is None
    assert fault(ORDER + "529=Z Z|", field_values=False) is None
    group = ORDER + "453=1|448=x|452=1|447=D|"
    assert fault(group, unordered_group_fields=False) is None


def test_user_defined_fields_can_be_let_through(fault):
    assert fault(ORDER + "5001=x|", user_defined_fields=False) is None
    assert fault(ORDER + "5001=|", user_defined_fields=False) == (reasons.NO_VALUE, 5001)
    assert fault(ORDER + "999=x|", user_defined_fields=False) == (reasons.INVALID_TAG, 999)
    # And do not end the entry they stand in.
    group = ORDER + "453=1|448=a|5001=x|447=D|452=1|"
    assert fault(group, user_defined_fields=False) is None


def test_unknown_fields_can_be_let_through(fault):
    assert fault(ORDER + "999=x|600=y|336=z|", allow_unknown_msg_fields=True) is None
    assert fault(ORDER + "5001=x|", allow_unknown_msg_fields=True) == (reasons.INVALID_TAG, 5001)
    assert fault(ORDER + "0=x|", allow_unknown_msg_fields=True) == (reasons.INVALID_TAG, 0)
    group = ORDER + "453=1|448=a|999=x|447=D|452=1|"
    assert fault(group, allow_unknown_msg_fields=True) is None
    # A tag of the message's own still ends the group.
    assert fault(ORDER + "453=1|448=a|44=1|447=D|", allow_unknown_msg_fields=True) is None


def test_a_wrong_option_is_the_callers_mistake():
    with pytest.raises(TypeError, match="unexpected keyword argument"):
        pure_validator.Validator(standard("FIX.4.4"), validate_everything=True)
    assert ValidatorOptions().fields_have_values


VENUE = b"""<fix type='FIX' major='4' minor='4' servicepack='0'>
 <header><field name='BeginString' required='Y'/><field name='BodyLength' required='Y'/>
  <field name='MsgType' required='Y'/></header>
 <trailer><field name='CheckSum' required='Y'/></trailer>
 <messages><message name='Ping' msgtype='UP' msgcat='app'>
  <field name='Colour' required='Y'/><group name='NoThings' required='N'>
   <field name='Thing' required='Y'/><field name='Size' required='Y'/></group>
 </message></messages>
 <components/>
 <fields>
  <field number='8' name='BeginString' type='STRING'/>
  <field number='9' name='BodyLength' type='LENGTH'/>
  <field number='35' name='MsgType' type='STRING'/>
  <field number='10' name='CheckSum' type='STRING'/>
  <field number='9001' name='Colour' type='CHAR'>
   <value enum='R' description='RED'/><value enum='G' description='GREEN'/></field>
  <field number='9002' name='NoThings' type='NUMINGROUP'/>
  <field number='9003' name='Thing' type='STRING'/>
  <field number='9004' name='Size' type='PRICE'/>
 </fields>
</fix>"""


def test_a_venues_own_dictionary_validates_its_own_tags(fault):
    venue = load_quickfix_xml(VENUE)
    assert fault("35=UP|9001=R|9002=1|9003=x|9004=1.5|", venue) is None
    assert fault("35=UP|9001=B|", venue) == (reasons.INCORRECT_VALUE, 9001)
    assert fault("35=UP|9002=0|", venue) == (reasons.REQUIRED_TAG_MISSING, 9001)
    assert fault("35=UP|9001=R|9002=1|9003=x|", venue) == (reasons.REQUIRED_TAG_MISSING, 9004)
    assert fault("35=UP|9001=R|44=1|", venue) == (reasons.INVALID_TAG, 44)


def test_the_order_of_faults_in_the_body_does_not_change_the_answer(fault):
    faults = ["44=x", "999=a", "600=b", "76="]
    for order in permutations(faults):
        assert fault(ORDER + "|".join(order)) == (reasons.INCORRECT_FORMAT, 44)
