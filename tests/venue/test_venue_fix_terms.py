"""What an order asks for beyond type and price, as FIX says it and as reports repeat it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from venue_fix import NOW, NOW_TEXT, Desk, some
from venue_versions import SECONDS, Talk, begin_of

from meridian.book import Kind, Peg, Tif
from meridian.fix.encoder import Header, encode
from meridian.fix.message import parse
from meridian.venue import ALL, Alias, Features, Instructions, Instrument, Venue

BASE = {"t44": None}
SECOND = 1_000_000_000


@pytest.fixture
def desk():
    return Desk(features=ALL)


def terms(desk, name="a1"):
    return desk.venue.find("ALICE", name).terms


@pytest.mark.parametrize(
    ("fields", "kind", "asked", "echoed"),
    [
        ({"t40": "3", "t44": None, "t99": "151.00"}, Kind.STOP, {"stop_price": 15100}, "99=151.00"),
        ({"t40": "4", "t99": "151.00"}, Kind.STOP_LIMIT, {"stop_price": 15100}, "99=151.00|40=4"),
        ({"t18": "6"}, Kind.LIMIT, {"post_only": True}, "18=6"),
        ({"t18": "G"}, Kind.LIMIT, {"all_or_none": True}, "18=G"),
        ({"t111": "20"}, Kind.LIMIT, {"display": 20}, "111=20"),
        ({"t111": "0"}, Kind.LIMIT, {"hidden": True}, "111=0"),
        ({"t1138": "20"}, Kind.LIMIT, {"display": 20}, "111=20"),
        ({"t388": "0", "t389": "0.05"}, Kind.LIMIT, {"discretion": 5}, "388=0|389=0.05"),
        ({"t40": "P", "t44": None, "t18": "R"}, Kind.PEGGED, {"peg": Peg.PRIMARY}, "40=P|18=R"),
        (
            {"t40": "P", "t18": "M", "t211": "-0.01"},
            Kind.PEGGED,
            {"peg": Peg.MIDPOINT, "offset": -1},
            "18=M|211=-0.01",
        ),
        ({"t40": "P", "t1094": "4"}, Kind.PEGGED, {"peg": Peg.MARKET}, "18=P"),
    ],
)
def test_instructions_reach_the_order_and_the_report(desk, fields, kind, asked, echoed):
    (report, *_) = desk.order("ALICE", "a1", **fields)
    some(report, f"150=0|39=0|{echoed}")
    assert (terms(desk).order_type, terms(desk).instructions) == (kind, Instructions(**asked))


def test_a_minimum_quantity_and_an_account_are_kept(desk):
    desk.order("BOB", "b1", side="2", qty="50")
    (report, *_) = desk.order("ALICE", "a1", t110="10", t1="FUND")
    some(report, "150=0|110=10|1=FUND")
    assert terms(desk).account == "FUND"


def test_a_trailing_stop_travels_as_a_peg(desk):
    desk.order("BOB", "b1", side="2", qty="1")
    desk.order("ALICE", "a0", qty="1")
    (report,) = desk.order("ALICE", "a1", t40="P", t44=None, t18="a", t211="0.10")
    some(report, "150=0|40=P|18=a|211=0.10")
    assert terms(desk).order_type is Kind.TRAILING_STOP
    (replaced,) = desk.replace("ALICE", "a2", "a1", "5", None, t40="P")
    some(replaced, "150=5|38=5|11=a2")


@pytest.mark.parametrize(
    ("fields", "expiry"),
    [({"t126": "20231114-22:13:30"}, 30), ({"t432": "20231114"}, 6_400)],
)
def test_good_till_date_ends_at_its_time_or_with_its_day(desk, fields, expiry):
    (report,) = desk.order("ALICE", "a1", t59="6", **fields)
    some(report, "150=0|59=6")
    # NOW is 22:13:20, a little past the second.
    assert terms(desk).instructions.expire_at - NOW // SECOND * SECOND == (
        10 * SECOND if expiry == 30 else expiry * SECOND
    )
    assert desk.venue.next_deadline() == terms(desk).instructions.expire_at


@pytest.mark.parametrize(
    ("fields", "reason", "says"),
    [
        ({"t18": "1"}, "11", "ExecInst(18) 1"),
        ({"t388": "1", "t389": "0.05"}, "11", "DiscretionInst(388) 1"),
        ({"t40": "P", "t44": None}, "99", "needs ExecInst(18)"),
        ({"t40": "P", "t44": None, "t1094": "1"}, "11", "PegPriceType(1094) 1"),
        ({"t40": "4", "t99": "151.001"}, "99", "StopPx(99) 151.001 is not a multiple"),
        ({"t40": "4"}, "11", "one that its type needs is missing"),
        ({"t59": "6"}, "11", "one that its type needs is missing"),
        ({"t111": "1.5"}, "13", "MaxFloor(111) 1.5"),
        ({"t40": "1", "t44": None, "t59": "6", "t126": NOW_TEXT}, "11", "contradict"),
        ({"t18": "6", "t59": "3"}, "11", "contradict"),
    ],
)
def test_what_cannot_be_asked_is_rejected_with_its_reason(desk, fields, reason, says):
    (report,) = desk.order("ALICE", "a1", **fields)
    some(report, f"150=8|39=8|103={reason}")
    assert says in report[58]


def test_only_instructions_that_are_offered_are_taken():
    offers = Features(ALL.order_types, ALL.times_in_force, frozenset({"hidden"}))
    desk = Desk(features=offers)
    some(desk.order("ALICE", "a1", t111="0")[0], "150=0")
    some(
        desk.order("ALICE", "a2", t111="5")[0], "150=8|103=11|58=instruction display is not offered"
    )


def test_on_close_types_are_orders_for_the_closing_auction(desk):
    some(desk.order("ALICE", "a1", t40="B")[0], "150=0|40=2|59=7")
    assert terms(desk).time_in_force is Tif.CLS


def test_an_instrument_may_be_named_by_its_security_id():
    apple = Instrument(
        "AAPL", Decimal("0.01"), Decimal(1), Decimal(1), aliases=(Alias("US0378331005", "4"),)
    )
    desk = Talk(Venue([apple], "R"), ALICE="FIX.4.4")
    order = f"35=D|11=a|54=1|60={SECONDS}.123|38=5|40=2|44=1.00"
    (said,) = desk.say("ALICE", f"{order}|48=US0378331005|22=4")
    assert "|150=0|39=0|55=AAPL|" in said[1]
    (said,) = desk.say("ALICE", f"35=F|11=b|41=a|54=1|60={SECONDS}.123|48=US0378331005|22=4")
    assert "|150=4|" in said[1]
    (said,) = desk.say("ALICE", f"{order.replace('11=a', '11=c')}|48=NOPE|22=4")
    assert "|103=1|" in said[1]


def test_from_sp1_on_an_order_may_be_named_by_its_order_id_alone():
    apple = Instrument("AAPL", Decimal("0.01"), Decimal(1), Decimal(1))
    desk = Talk(Venue([apple], "R"), ALICE="FIX.5.0SP1", BOB="FIX.5.0")
    order = f"35=D|11=a|55=AAPL|54=1|60={SECONDS}.123|38=5|40=2|44=1.00"
    desk.say("ALICE", order)
    (said,) = desk.say("ALICE", "35=H|37=OR-1|55=AAPL|54=1")
    assert "|150=I|39=0|" in said[1]
    (said,) = desk.say("ALICE", f"35=F|11=b|37=OR-1|55=AAPL|54=1|60={SECONDS}.123")
    assert "|150=4|" in said[1]
    (said,) = desk.say("BOB", "35=H|37=OR-1|55=AAPL|54=1")
    assert said == ("BOB", "SessionReject")


def test_a_validated_session_is_not_looked_through_for_repeated_fields():
    """The dictionary did that before, and answered with the same reject."""
    apple = Instrument("AAPL", Decimal("0.01"), Decimal(1), Decimal(1))
    desk = Talk(Venue([apple], "R"), ALICE="FIX.4.4")
    fields = [(11, "a"), (55, "AAPL"), (54, "1"), (60, NOW_TEXT), (38, "5"), (40, "1"), (38, "6")]
    message = parse(encode(Header("FIX.4.4", "D", 7, "ALICE", "MERIDIAN", NOW), fields))
    (reply,) = desk.door.handle("ALICE", message, NOW).replies
    assert (reply.tag, reply.reason_code) == (38, 13)
    desk.door.speak("ALICE", *begin_of("FIX.4.4"), validated=True)
    assert desk.door.handle("ALICE", message, NOW).events
