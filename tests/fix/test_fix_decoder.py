"""What would break: a log read to people wrongly, a password shown, an order lost on its way."""

from __future__ import annotations

import pytest
from fix_wire import framed

from meridian.fix.decoder import Decoder, OrderChain, ProblemCode, gist
from meridian.fix.decoder.chain import MAX_HELD, MAX_IDS
from meridian.fix.decoder.nesting import MAX_STRAYS
from meridian.fix.decoder.sequence import MAX_SESSIONS, Numbered, SequenceTracker
from meridian.fix.decoder.versions import MAX_PAIRS, Versions
from meridian.fix.decoder.wire import MAX_MALFORMED
from meridian.fix.dictionary import load_quickfix_xml

HEAD = "49=DESK|56=VENUE|34={}|52=20260105-09:30:00.250"


def read(*bodies: str, begin: str = "FIX.4.4", **options):
    """The bodies, each after its MsgType, numbered from 1."""
    decoder = Decoder(**options)
    log = b""
    for number, body in enumerate(bodies, 1):
        msg_type, _, rest = body.partition("|")
        log += framed(f"35={msg_type}|{HEAD.format(number)}|{rest}", begin)
    return decoder.feed(log) + decoder.finish()


def one(body: str, **options):
    (message,) = read(body, **options)
    return message


def said(message, tag: int) -> tuple[str, str, str]:
    field = message.first(tag)
    return field.name, field.value, field.meaning


def test_fields_have_names_and_values_have_meanings():
    message = one("D|11=A1|55=IBM|54=5|38=100|40=2|44=10.5|59=3|18=1 G|60=20260105-09:30:00|5001=x")
    assert (message.name, message.version, message.sender, message.target, message.seq_num) == (
        "NewOrderSingle",
        "FIX.4.4",
        "DESK",
        "VENUE",
        1,
    )
    assert said(message, 35) == ("MsgType", "D", "NewOrderSingle")
    assert said(message, 54) == ("Side", "5", "SellShort")
    assert said(message, 59) == ("TimeInForce", "3", "ImmediateOrCancel")
    assert said(message, 18) == ("ExecInst", "1 G", "NotHeld, AllOrNone")
    assert said(message, 44) == ("Price", "10.5", "")
    assert said(message, 60)[2] == "2026-01-05 09:30:00 UTC"
    assert said(message, 5001) == ("", "x", "")
    assert [message.first(tag).section for tag in (8, 11, 10)] == ["header", "body", "trailer"]
    assert message.problems == ()


@pytest.mark.parametrize(
    ("field", "meaning"),
    [
        ("54=Z", ""),
        ("18=1 ?", "NotHeld, ?"),
        ("114=Y", "Yes"),
        ("114=N", "No"),
        ("64=20260107", "2026-01-07"),
        ("200=202603", "2026-03"),
        ("60=20260105-09:30:00.123456789", "2026-01-05 09:30:00.123456789 UTC"),
        ("60=tomorrow", ""),
    ],
)
def test_meanings_are_told_only_where_they_are_known(field, meaning):
    assert one(f"D|{field}").first(int(field.split("=")[0])).meaning == meaning


def test_groups_hold_their_entries_and_those_their_groups():
    message = one("D|11=A1|453=2|448=T7|447=D|452=12|802=1|523=x|803=2|448=C|452=4|55=IBM")
    parties = message.first(453)
    assert [[f.tag for f in entry] for entry in parties.entries] == [
        [448, 447, 452, 802],
        [448, 452],
    ]
    assert [[f.value for f in entry] for entry in parties.entries[0][3].entries] == [["x", "2"]]
    assert [f.tag for f in message.fields][-3:] == [453, 55, 10]
    assert said(message, 452) == ("PartyRole", "12", "ExecutingTrader")
    assert message.problems == ()


def test_a_custom_tag_between_fields_of_an_entry_stays_with_them():
    message = one("D|453=2|448=T7|9001=v|452=12|448=C|9002=w|802=1|523=x|452=4|9003=after|55=IBM")
    entries = [[f.tag for f in entry] for entry in message.first(453).entries]
    assert entries == [[448, 9001, 452], [448, 9002, 802, 452]]
    assert 9003 in [f.tag for f in message.fields]
    assert message.problems == ()
    many = "|".join(f"{tag}=v" for tag in range(9000, 9001 + MAX_STRAYS))
    assert len(one(f"D|453=1|448=T7|{many}|452=12").first(453).entries[0]) == 1


@pytest.mark.parametrize(
    ("body", "code", "said"),
    [
        (
            "D|453=3|448=T7|448=C|55=IBM",
            ProblemCode.GROUP_COUNT,
            "NoPartyIDs(453) says 3, the message has 2",
        ),
        ("D|453=1|55=IBM", ProblemCode.GROUP_COUNT, "NoPartyIDs(453) says 1, the message has 0"),
        (
            "D|453=2|452=1|448=T7|452=2|448=C|55=IBM",
            ProblemCode.GROUP_ORDER,
            "entries of NoPartyIDs(453) begin with PartyRole(452), expected PartyID(448)",
        ),
    ],
)
def test_groups_that_are_not_as_they_say(body, code, said):
    (problem,) = one(body).problems
    assert (problem.code, problem.tag, problem.text) == (code, 453, said)


def test_an_empty_group_is_fine():
    assert one("D|453=0|55=IBM").problems == ()


def test_data_may_hold_soh_and_what_looks_like_fields():
    message = one("A|98=0|108=30|95=9|96=a\x0110=1\x01bc|141=Y", show_secrets=True)
    assert message.first(96).value == "a\x0110=1\x01bc"
    assert message.problems == ()
    piped = framed("35=B|" + HEAD.format(1) + "|148=h|354=5|355=a\x01b=c|58=x").replace(
        b"\x01", b"|"
    )
    (message,) = Decoder().feed(piped + b"\n")
    assert message.first(355).value == "a\x01b=c"
    assert message.problems == ()


def test_a_data_length_that_is_wrong_does_not_swallow_the_message():
    message = one("B|148=h|354=99|355=abc|58=x")
    assert [message.first(tag).value for tag in (355, 58)] == ["abc", "x"]


def test_text_with_the_delimiter_of_the_log_stays_whole():
    line = "8=FIX.4.4|9=83|35=B|49=DESK|56=VENUE|34=1|52=20260105-09:30:00|148=a|b or c|58=d|10="
    wire = line.replace("|", "\x01").replace("a\x01b", "a|b")[:-3].encode()
    (message,) = Decoder().feed(line.encode() + b"%03d|\n" % (sum(wire) % 256))
    assert message.first(148).value == "a|b or c"
    assert [p for p in message.problems if p.code is not ProblemCode.BODY_LENGTH] == []


def test_encoded_text_is_read_by_its_encoding():
    text = "注文".encode("shift_jis")
    body = b"35=B|" + HEAD.format(1).encode() + b"|347=Shift_JIS|148=h|354=%d|355=" % len(text)
    log = framed((body + text).decode("latin-1"))
    assert Decoder().feed(log)[0].first(355).value == "注文"
    assert one("D|58=gr\xfc\xdf").first(58).value == "grüß", "Latin-1, where it is no UTF-8"
    assert one("D|58=" + "grüß".encode().decode("latin-1")).first(58).value == "grüß"


@pytest.mark.parametrize("tag", [554, 925, 1402])
def test_passwords_are_not_shown(tag):
    message = one(f"A|98=0|108=30|{tag}=s3cret|141=Y", begin="FIX.4.4")
    assert message.first(tag).value == "***"
    assert "s3cret" not in str(message)
    assert one(f"A|{tag}=s3cret", show_secrets=True).first(tag).value == "s3cret"


def test_raw_data_is_a_password_in_a_logon_alone():
    assert one("A|98=0|108=30|95=3|96=pwd").first(96).value == "***"
    assert one("C|164=e|95=3|96=abc").first(96).value == "abc"


@pytest.mark.parametrize(
    ("old", "new", "code", "tag", "said"),
    [
        ("\x0110=", "\x0110=9", "checksum", 10, "CheckSum(10) says '9"),
        ("\x019=", "\x019=1", "body_length", 9, "BodyLength(9) says '1"),
        (
            "\x0155=IBM",
            "\x01junk\x0155=IBM",
            "malformed_field",
            0,
            "expected tag=value, got 'junk'",
        ),
        ("\x0135=D\x0149=DESK", "\x0149=DESK\x0135=D", "field_order", 0, "MsgType(35) first"),
        ("\x0134=1", "", "sequence_missing", 34, "expected MsgSeqNum(34), got ''"),
        ("\x0134=1", "\x0134=x", "sequence_missing", 34, "expected MsgSeqNum(34), got 'x'"),
        ("8=FIX.4.4", "8=FIX.4.9", "version", 8, "BeginString(8) 'FIX.4.9' read as FIX.4.4"),
    ],
)
def test_what_is_wrong_is_told(old, new, code, tag, said):
    log = framed("35=D|" + HEAD.format(1) + "|11=A1|55=IBM").decode()
    assert old in log
    (message,) = Decoder().feed(log.replace(old, new, 1).encode() + b"\n")
    (problem,) = [p for p in message.problems if p.code == code]
    assert problem.tag == tag
    assert said in problem.text


def test_malformed_fields_are_told_one_by_one_up_to_a_bound():
    problems = one("D|11=A1" + "|junk" * (MAX_MALFORMED + 3)).problems
    assert len(problems) == MAX_MALFORMED + 1
    assert problems[-1].text == "3 more fields are not tag=value"


def test_a_message_type_no_dictionary_knows_is_still_read():
    message = one("U7|11=A1|453=1|448=x")
    assert (message.name, message.msg_type) == ("", "U7")
    assert said(message, 448) == ("PartyID", "x", "")
    assert message.problems == ()


def fixt(body: str, number: int = 1, sender: str = "DESK", target: str = "VENUE") -> bytes:
    msg_type, _, rest = body.partition("|")
    return framed(f"35={msg_type}|49={sender}|56={target}|34={number}|{rest}", "FIXT.1.1")


def test_fixt_is_read_with_the_version_of_message_or_logon():
    decoder = Decoder()
    log = fixt("D|11=A1") + fixt("A|98=0|108=30|1137=7", 2) + fixt("D|11=A1", 3)
    log += fixt("8|37=V1", 1, "VENUE", "DESK") + fixt("D|1128=8|11=A1", 4) + fixt("D|1128=77", 5)
    log += framed("35=D|49=DESK|56=VENUE|34=1|11=B1", "FIX.4.2")
    assert [m.version for m in decoder.feed(log)] == [
        "FIX.5.0SP2",
        "FIX.5.0",
        "FIX.5.0",
        "FIX.5.0",
        "FIX.5.0SP1",
        "FIX.5.0SP2",
        "FIX.4.2",
    ]
    (message,) = Decoder().feed(fixt("D|1128=77"))
    assert [p.text for p in message.problems] == ["ApplVerID '77' read as FIX.5.0SP2"]


def test_versions_of_sessions_are_remembered_within_bounds():
    versions = Versions()
    for number in range(MAX_PAIRS + 1):
        versions.learn(f"C{number}", "VENUE", "7")
    assert versions.choose("FIXT.1.1", "C0", "VENUE", "")[0].version == "FIX.5.0SP2", "forgotten"
    assert versions.choose("FIXT.1.1", "VENUE", "C1", "")[0].version == "FIX.5.0"


CUSTOM = b"""<fix major="4" minor="4"><messages>
 <message name="VenueQuery" msgtype="U7" msgcat="app"><field name="VenueRoute" required="Y"/>
  <group name="NoVenueHops" required="N"><field name="VenueHop" required="Y"/></group></message>
</messages><fields>
 <field number="5001" name="VenueRoute" type="CHAR"><value enum="D" description="DARK"/></field>
 <field number="5002" name="NoVenueHops" type="NUMINGROUP"/>
 <field number="5003" name="VenueHop" type="STRING"/>
 <field number="40" name="OrdType" type="CHAR"><value enum="z" description="VENUE_PEG"/></field>
</fields></fix>"""


def test_a_venues_own_dictionary_adds_to_the_standard():
    custom = [load_quickfix_xml(CUSTOM)]
    first, second = read("U7|5001=D|5002=2|5003=a|5003=b", "D|11=A1|40=z|54=1", custom=custom)
    assert first.name == "VenueQuery"
    assert said(first, 5001) == ("VenueRoute", "D", "Dark")
    assert len(first.first(5002).entries) == 2
    assert said(second, 40) == ("OrdType", "z", "VenuePeg")
    assert said(second, 54) == ("Side", "1", "Buy")
    assert said(second, 49)[0] == "SenderCompID"
    (over_fixt,) = Decoder(custom).feed(fixt("D|1128=9|5001=D"))
    assert said(over_fixt, 5001) == ("", "D", "")
    older = one("D|5001=D", begin="FIX.4.2", custom=custom)
    assert said(older, 5001) == ("", "D", ""), "a dictionary of FIX.4.4"


def numbers(*messages: Numbered) -> list[str]:
    tracker = SequenceTracker()
    return [p.text if (p := tracker.check(m)) else "" for m in messages]


def at(seq_num: int, msg_type: str = "D", session: str = "A", **more) -> Numbered:
    return Numbered((session,), msg_type, seq_num, **more)


def test_numbers_that_are_missing_or_come_again_are_told():
    assert numbers(at(5), at(6), at(8), at(11), at(8), at(12)) == [
        "",
        "",
        "MsgSeqNum(34) 8, expected 7: 7 missing",
        "MsgSeqNum(34) 11, expected 9: 9 to 10 missing",
        "MsgSeqNum(34) 8 again, expected 12: too low without PossDupFlag(43)",
        "",
    ]


def test_each_session_and_direction_counts_for_itself():
    assert numbers(at(5), at(1, session="B"), at(6), at(2, session="B")) == [""] * 4


def test_resets_and_resends_are_no_gaps():
    assert numbers(at(5), at(3, poss_dup=True), at(6)) == [""] * 3
    assert numbers(at(5), at(1, "A"), at(2)) == [""] * 3, "a new day"
    assert numbers(at(5), at(9, "A", reset=True), at(10)) == [""] * 3
    assert numbers(at(5), at(1, "4", new_seq_no=20), at(20)) == [""] * 3, "SequenceReset-Reset"
    gap_fill = {"msg_type": "4", "gap_fill": True}
    assert numbers(at(5), at(6, new_seq_no=9, **gap_fill), at(9)) == [""] * 3
    assert numbers(at(5), at(2, new_seq_no=4, **gap_fill), at(6)) == [""] * 3, "filled again"
    assert numbers(at(5), at(8, new_seq_no=9, **gap_fill))[1].endswith("6 to 7 missing")


def test_sessions_are_followed_within_bounds():
    tracker = SequenceTracker()
    for number in range(MAX_SESSIONS + 1):
        assert tracker.check(at(1, session=str(number))) is None
    assert tracker.check(at(9, session="0")) is None, "forgotten, so it begins anew"
    assert tracker.check(at(9, session="2")) is not None


ORDER = [
    "D|11=A1|55=IBM",
    "8|37=V1|11=A1|39=0",
    "D|11=B1|55=IBM",
    "G|11=A2|41=A1|38=50",
    "8|37=V2|11=B1|39=0",
    "8|37=V1|11=A2|41=A1|39=5",
    "F|11=A3|41=A2",
    "9|37=NONE|11=B9|41=B8|39=8",
    "j|45=7|372=F|380=0|379=A3",
    "8|37=V1|11=A3|41=A2|39=4",
]


@pytest.mark.parametrize("order_id", ["A1", "A2", "A3", "V1"])
def test_an_order_is_followed_both_ways(order_id):
    messages = read(*ORDER)
    chain = OrderChain(order_id)
    known = -1
    while len(chain) > known:
        known = len(chain)
        shown = [m.seq_num for m in messages if chain.includes(m)]
    assert shown == [1, 2, 4, 6, 7, 9, 10]


@pytest.mark.parametrize("order_id", ["A1", "A2", "A3", "V1"])
def test_an_order_is_followed_in_a_log_that_is_read_once(order_id):
    chain = OrderChain(order_id)
    shown = [found.seq_num for m in read(*ORDER) for found in chain.take(m)]
    assert sorted(shown) == [1, 2, 4, 6, 7, 9, 10]


def test_ids_of_other_clients_are_other_orders():
    other = framed("35=8|49=VENUE|56=OTHER|34=1|37=V9|11=A2|39=0")
    chain = OrderChain("A1")
    messages = read("G|11=A2|41=A1") + Decoder().feed(other)
    assert [chain.includes(m) for m in messages] == [True, False]


def test_a_list_of_orders_links_none_of_them():
    chain = OrderChain("A1")
    listed, other = read("E|66=L|68=1|73=2|11=A1|67=1|11=B1|67=2", "8|37=V2|11=B1")
    assert (chain.includes(listed), chain.includes(other)) == (True, False)


def test_what_is_kept_of_other_orders_is_bounded():
    chain = OrderChain("A2")
    (early, *others) = read("8|37=V1|11=A1", *("D|11=X" for _ in range(MAX_HELD)))
    for message in (early, *others):
        assert chain.take(message) == []
    (late,) = read("8|37=V1|11=A2")
    assert chain.take(late) == [late], "what came that long before is forgotten"


def test_an_order_replaced_without_end_is_followed_to_a_bound():
    chain = OrderChain("A0")
    for number in range(1, MAX_IDS + 10):
        (message,) = read(f"G|11=A{number}|41=A{number - 1}")
        chain.includes(message)
    assert MAX_IDS <= len(chain) <= MAX_IDS + 2


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("D|11=A1|55=IBM|54=1|38=100|40=2|44=10.5|59=0", "Buy 100 IBM @ 10.5 Limit Day  id A1"),
        (
            "8|37=V1|11=A2|41=A1|150=F|39=1|55=IBM|54=2|38=100|32=40|31=10.5|14=60|6=10.4",
            "Trade PartiallyFilled  Sell 100 IBM  last 40 @ 10.5  done 60 @ 10.4  "
            "id A2 was A1 order V1",
        ),
        (
            "8|37=V1|11=A1|150=8|39=8|54=1|58=no such symbol",
            "Rejected  Buy  id A1 order V1  “no such",
        ),
        ("1|112=ping", "TestReqID=ping"),
        ("0|", ""),
    ],
)
def test_a_message_in_one_line(body, line):
    assert gist(one(body)).startswith(line)


def test_json_has_every_key_and_nests_groups():
    told = one("D|11=A1|453=1|448=T7|54=1").as_dict()
    assert list(told) == [
        "line",
        "prefix",
        "version",
        "type",
        "name",
        "sender",
        "target",
        "seq",
        "time",
        "fields",
        "problems",
    ]
    assert told["time"] == "20260105-09:30:00.250"
    fields = {field["tag"]: field for field in told["fields"]}
    assert fields[54] == {"tag": 54, "name": "Side", "value": "1", "meaning": "Buy"}
    assert fields[453]["entries"] == [[{"tag": 448, "name": "PartyID", "value": "T7"}]]


EXPECTED = {
    "MarketDataRequest": 1,
    "MessagesSplitBetweenMultipleLines": 4,
    "NoMessagesInLog": 0,
    "PipeDelimeter": 1,
    "SenderAndTargetInSameLogFile": 6,
    "SenderMessagePerLine": 4,
    "SenderMessagePerLineMixedWithOtherText": 6,
    "SenderMessagePerLineNoExtraLoggingInfo": 4,
    "TargetMessagePerLine": 6,
    "TargetMessagePerLineNoExtraLoggingInfo": 6,
    "FXSpot-WithSubparties": 1,
}


def test_the_messy_logs_of_others_are_read(shared):
    logs = sorted((shared / "data/fix-logs").glob("*.log"))
    if not logs:
        pytest.skip("no logs in the shared data")
    for path in logs:
        decoder = Decoder()
        messages = decoder.feed(path.read_bytes()) + decoder.finish()
        kind = path.stem.partition("BCExchange-")[2] or path.stem.partition("FIX44-")[2]
        assert len(messages) == EXPECTED[kind], path.name
        for message in messages:
            assert message.name, path.name
            assert all(field.name for field in message.walk()), path.name
            assert all(p.code != ProblemCode.CHECKSUM for p in message.problems), path.name
