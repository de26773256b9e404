"""FIX.4.4 order entry, message by message, as a client sees it."""

from __future__ import annotations

import pytest
from venue_fix import FULL, NOW_TEXT, Desk, some, tagged

from meridian.book import BookSide
from meridian.venue import MAX_CLIENT_ID
from meridian.venue.fix_door import MAX_VALUE


@pytest.fixture
def desk():
    return Desk()


def test_a_resting_order_is_reported_new_field_by_field(desk):
    said = desk.say("ALICE", f"35=D|11=a1|55=AAPL|54=1|60={NOW_TEXT}|38=100|40=2|44=150.1|59=0")
    assert said == [
        (
            "ALICE",
            "35=8|37=OR-1|11=a1|17=ER-1|150=0|39=0|55=AAPL|54=1|38=100|40=2|44=150.10|59=0"
            f"|151=100|14=0|6=0|60={NOW_TEXT}",
        )
    ]


def test_both_sides_of_a_match_learn_of_it_under_one_match_number(desk):
    desk.order("ALICE", "a1", side="2", qty="100", px="150.00")
    said = desk.say("BOB", f"35=D|11=b1|55=AAPL|54=1|60={NOW_TEXT}|38=40|40=2|44=150.05")
    assert said == [
        (
            "BOB",
            "35=8|37=OR-2|11=b1|17=ER-2|150=0|39=0|55=AAPL|54=1|38=40|40=2|44=150.05|59=0"
            f"|151=40|14=0|6=0|60={NOW_TEXT}",
        ),
        (
            "BOB",
            "35=8|37=OR-2|11=b1|17=ER-3|150=F|39=2|55=AAPL|54=1|38=40|40=2|44=150.05|59=0"
            f"|32=40|31=150.00|527=MR-1|151=0|14=40|6=150|60={NOW_TEXT}",
        ),
        (
            "ALICE",
            "35=8|37=OR-1|11=a1|17=ER-4|150=F|39=1|55=AAPL|54=2|38=100|40=2|44=150.00|59=0"
            f"|32=40|31=150.00|527=MR-1|151=60|14=40|6=150|60={NOW_TEXT}",
        ),
    ]


def test_sums_and_average_follow_every_execution(desk):
    desk.order("ALICE", "a1", side="2", qty="1", px="150.00")
    desk.order("ALICE", "a2", side="2", qty="2", px="150.01")
    new, first, second = desk.order("BOB", "b1", qty="3", px="150.01")
    some(new, "150=0|39=0|14=0|151=3|6=0")
    some(first, "150=F|39=1|32=1|31=150.00|14=1|151=2|6=150")
    some(second, "150=F|39=2|32=2|31=150.01|14=3|151=0|6=150.00666667")
    assert first[17] != second[17]


@pytest.mark.parametrize("tif", ["3", "4"])
def test_what_ioc_and_fok_cannot_trade_is_cancelled_not_expired(desk, tif):
    desk.order("ALICE", "a1", side="2", qty="10")
    *_, last = desk.order("BOB", "b1", qty="30", t59=tif)
    # FIX.4.4 appendix D: the kill of an IOC or FOK order is ExecType 4 Canceled.
    some(last, f"150=4|39=4|151=0|14={10 if tif == '3' else 0}|41=|59={tif}")
    assert last[58]


def test_a_market_order_has_no_price_and_leaves_nothing_behind(desk):
    desk.order("ALICE", "a1", side="2", qty="10")
    new, trade, cancelled = desk.order("BOB", "b1", qty="30", t40="1", t44=None)
    some(new, "150=0|40=1|44=")
    some(trade, "150=F|31=150.00|44=")
    some(cancelled, "150=4|39=4|14=10|151=0")
    assert not desk.venue.book("AAPL").depth(BookSide.ASK)


def test_a_cancel_names_the_new_and_the_former_id(desk):
    desk.order("ALICE", "a1")
    (report,) = desk.cancel("ALICE", "a2", "a1")
    some(report, "35=8|150=4|39=4|11=a2|41=a1|37=OR-1|151=0|14=0|38=100")
    assert not desk.venue.book("AAPL").depth(BookSide.BID)


def test_a_partly_filled_order_keeps_its_sums_when_cancelled(desk):
    desk.order("ALICE", "a1", qty="100")
    desk.order("BOB", "b1", side="2", qty="30")
    (report,) = desk.cancel("ALICE", "a2", "a1")
    some(report, "150=4|39=4|14=30|151=0|6=150")


def test_a_replace_gives_the_total_and_chains_the_ids(desk):
    desk.order("ALICE", "a1", qty="100")
    desk.order("BOB", "b1", side="2", qty="30")
    (report,) = desk.replace("ALICE", "a2", "a1", "80", "150.00")
    some(report, "150=5|39=1|11=a2|41=a1|37=OR-1|38=80|14=30|151=50|44=150.00")
    (report,) = desk.replace("ALICE", "a3", "a2", "80", "149.00")
    some(report, "150=5|39=1|11=a3|41=a2|38=80|14=30|151=50|44=149.00")


def test_a_replace_down_to_what_has_executed_fills_the_order(desk):
    desk.order("ALICE", "a1", qty="100")
    desk.order("BOB", "b1", side="2", qty="30")
    (report,) = desk.replace("ALICE", "a2", "a1", "30", "150.00")
    some(report, "150=5|39=2|38=30|14=30|151=0")
    some(desk.cancel("ALICE", "a3", "a2")[0], "35=9|102=0|39=2")


def test_a_replace_that_crosses_trades_under_the_new_id(desk):
    desk.order("ALICE", "a1", px="149.00")
    desk.order("BOB", "b1", side="2", px="150.00", qty="20")
    replaced, trade = desk.replace("ALICE", "a2", "a1", "100", "150.00")
    some(replaced, "150=5|39=0|11=a2|151=100")
    some(trade, "150=F|39=1|11=a2|32=20|151=80")


@pytest.mark.parametrize(
    ("qty", "px", "more", "says"),
    [
        ("20", "150.00", {}, "below what has executed"),
        ("-5", "150.00", {}, "not positive"),
        ("40", "150.005", {}, "tick size 0.01"),
        ("40", "0", {}, "not positive"),
        ("40", None, {}, "needs Price(44)"),
        ("40", "150.00", {"t40": "1"}, "OrdType(40)"),
        ("40", "150.00", {"t59": "3"}, "TimeInForce(59)"),
        ("40", "150.00", {"t54": "2"}, "Side(54)"),
        ("40", "150.00", {"t55": "EURUSD"}, "Symbol(55)"),
        ("40", "150.00", {"t11": "x" * (MAX_CLIENT_ID + 1)}, "longer than"),
    ],
)
def test_a_bad_replace_is_refused_and_the_order_stands(desk, qty, px, more, says):
    desk.order("ALICE", "a1", qty="100")
    desk.order("BOB", "b1", side="2", qty="30")
    (reject,) = desk.replace("ALICE", "a2", "a1", qty, px, **more)
    some(reject, "35=9|37=OR-1|41=a1|39=1|434=2|102=99")
    assert says in reject[58]
    some(desk.status("ALICE", "a1"), "39=1|38=100|14=30|151=70|11=a1")


@pytest.mark.parametrize("message", ["cancel", "replace"])
def test_requests_on_what_is_not_there_say_why(desk, message):
    kind = "1" if message == "cancel" else "2"

    def request(session, new, orig):
        if message == "cancel":
            (reject,) = desk.cancel(session, new, orig)
        else:
            (reject,) = desk.replace(session, new, orig, "10", "150.00")
        return reject

    some(request("ALICE", "a2", "never"), f"35=9|37=NONE|11=a2|41=never|39=8|434={kind}|102=1")
    desk.order("ALICE", "a1", qty="10")
    some(request("ALICE", "a1", "a1"), f"35=9|102=6|39=0|434={kind}")
    # Another session's order is none of BOB's business.
    some(request("BOB", "b1", "a1"), "35=9|37=NONE|102=1")
    desk.order("BOB", "b2", side="2", qty="10")
    some(request("ALICE", "a3", "a1"), f"35=9|37=OR-1|11=a3|41=a1|39=2|434={kind}|102=0")


@pytest.mark.parametrize(
    ("change", "reason", "says"),
    [
        ({"t55": "NOPE"}, "1", "NOPE does not trade here"),
        ({"t38": "0"}, "13", "not positive"),
        ({"t38": "-100"}, "13", "-100 is not positive"),
        ({"t38": "0.5"}, "13", "below the minimum 1"),
        ({"t38": "1.5"}, "13", "lot size 1"),
        ({"t38": "999999999999999999"}, "13", "largest"),
        ({"t55": "EURUSD", "t38": "1000"}, "13", "minimum 2000"),
        ({"t55": "EURUSD", "t38": "2500"}, "13", "lot size 1000"),
        ({"t44": "-1"}, "99", "not positive"),
        ({"t44": "0"}, "99", "not positive"),
        ({"t44": "150.001"}, "99", "tick size 0.01"),
        ({"t44": "999999999999999999"}, "99", "highest"),
        ({"t44": None}, "99", "limit order needs Price(44)"),
        ({"t40": "1"}, "99", "market order takes no Price(44)"),
        ({"t40": "3", "t44": None, "t99": "151.00"}, "11", "OrdType(40) STOP is not offered"),
        ({"t59": "1"}, "11", "TimeInForce(59) GTC is not offered"),
        ({"t54": "8"}, "11", "Side(54) 8"),
        ({"t11": "x" * (MAX_CLIENT_ID + 1)}, "99", "longer than 128"),
    ],
)
def test_a_bad_order_is_rejected_with_its_reason(desk, change, reason, says):
    (report,) = desk.order("ALICE", "a1", **change)
    some(report, f"35=8|150=8|39=8|103={reason}|151=0|14=0|6=0|55={change.get('t55', 'AAPL')}")
    assert says in report[58]
    assert not desk.venue.book("AAPL").depth(BookSide.BID)


def test_a_rejected_order_is_remembered_with_its_reason(desk):
    (rejected,) = desk.order("ALICE", "a1", qty="-1")
    some(desk.status("ALICE", "a1"), f"150=I|39=8|103=13|37={rejected[37]}|58={rejected[58]}")
    some(desk.cancel("ALICE", "a2", "a1")[0], "35=9|102=1")


def test_an_id_used_before_is_rejected_and_the_first_order_stands(desk):
    desk.order("ALICE", "a1", qty="100")
    (report,) = desk.order("ALICE", "a1", qty="999")
    some(report, "150=8|39=8|103=6|37=NONE|11=a1")
    some(desk.status("ALICE", "a1"), "39=0|38=100")
    # Ids are a session's own.
    some(desk.order("BOB", "a1", px="140.00")[0], "150=0")


def test_every_link_of_a_chain_is_taken(desk):
    desk.order("ALICE", "a1")
    desk.replace("ALICE", "a2", "a1", "50", "150.00")
    desk.cancel("ALICE", "a3", "a2")
    for used in ("a1", "a2", "a3"):
        some(desk.order("ALICE", used)[0], "150=8|103=6")


@pytest.mark.parametrize("link", ["a1", "a2", "a3"])
def test_status_is_found_by_every_link_and_by_order_id(desk, link):
    desk.order("ALICE", "a1")
    desk.replace("ALICE", "a2", "a1", "50", "150.00")
    desk.cancel("ALICE", "a3", "a2")
    some(desk.status("ALICE", link, "|790=q1"), "17=0|150=I|39=4|37=OR-1|11=a3|41=a2|790=q1|38=50")
    some(desk.status("ALICE", "other", "|37=OR-1"), "150=I|39=4|37=OR-1")


def test_status_of_an_order_the_venue_never_saw_is_definite(desk):
    report = desk.status("ALICE", "ghost", "|790=q1")
    some(report, "35=8|150=I|39=8|103=5|37=NONE|11=ghost|17=0|790=q1|55=AAPL|54=1|151=0|14=0|6=0")
    assert report[58]
    desk.order("BOB", "ghost", px="140.00")
    some(desk.status("ALICE", "ghost", "|37=OR-1"), "39=8|103=5")


def test_mass_status_lists_working_orders_and_marks_the_last(desk):
    for name in ("a1", "a2", "a3"):
        desk.order("ALICE", name, qty="10")
    desk.cancel("ALICE", "c", "a2")
    desk.order("BOB", "b1", px="140.00")
    reports = desk.ask("ALICE", "35=AF|584=m1|585=7")
    assert [(r[11], r[150], r[584], r[911], r[912]) for r in reports] == [
        ("a1", "I", "m1", "2", "N"),
        ("a3", "I", "m1", "2", "Y"),
    ]


def test_mass_status_without_orders_and_of_another_kind_is_answered_too(desk):
    (report,) = desk.ask("ALICE", "35=AF|584=m1|585=7")
    some(report, "150=I|39=8|37=NONE|17=0|584=m1|911=0|912=Y|58=no order is working")
    desk.order("ALICE", "a1")
    (report,) = desk.ask("ALICE", "35=AF|584=m2|585=3")
    some(report, "39=8|584=m2|912=Y")
    assert "expected 1 or 7" in report[58]


OPTIONAL = {44}


@pytest.mark.parametrize(
    ("message", "tag"),
    [
        (text, tag)
        for text in FULL.values()
        for tag in tagged(text)
        if tag not in OPTIONAL | {35}
        # Without the group's own field its count is wrong, which is another reject.
        and tag not in ({269, 55} if text.startswith("35=V") else set())
    ],
)
def test_a_missing_required_tag_is_a_session_reject_naming_it(desk, message, tag):
    desk.order("ALICE", "a1")
    fields = [field for field in message.split("|") if not field.startswith(f"{tag}=")]
    if tag in (267, 146):
        # The group goes with its count.
        fields = [field for field in fields if not field.startswith({267: "269", 146: "55"}[tag])]
    (reject,) = desk.ask("ALICE", "|".join(fields))
    some(reject, f"35=3|371={tag}|373=1")
    some(desk.status("ALICE", "a1"), "39=0|11=a1")


@pytest.mark.parametrize(
    ("change", "tag", "reason"),
    [
        ({"t38": "abc"}, "38", "6"),
        ({"t38": "1e5"}, "38", "6"),
        ({"t38": "NaN"}, "38", "6"),
        ({"t44": "1,5"}, "44", "6"),
        ({"t44": "Infinity"}, "44", "6"),
        ({"t60": "yesterday"}, "60", "6"),
        ({"t54": "Z"}, "54", "5"),
        ({"t40": "limit"}, "40", "5"),
        ({"t59": "Z"}, "59", "5"),
    ],
)
def test_a_malformed_value_is_a_session_reject_and_no_order(desk, change, tag, reason):
    (reject,) = desk.order("ALICE", "a1", **change)
    some(reject, f"35=3|371={tag}|373={reason}")
    some(desk.status("ALICE", "a1"), "103=5")


@pytest.mark.parametrize("text", [FULL[kind] for kind in ("D", "F", "G", "H", "AF")])
def test_a_field_that_says_two_things_is_a_session_reject(desk, text):
    desk.order("ALICE", "a1")
    for tag in tagged(text).keys() - {35}:
        (reject,) = desk.ask("ALICE", f"{text}|{tag}=1")
        some(reject, f"35=3|371={tag}|373=13")
    some(desk.status("ALICE", "a1"), "39=0|11=a1")


def test_fields_of_groups_may_come_again(desk):
    (report,) = desk.order("ALICE", "a1", t453="2", t448="p|447=D|452=1|448=q|447=D|452=3")
    some(report, "150=0|11=a1")


@pytest.mark.parametrize("tag", [11, 55, 58])
def test_a_value_longer_than_anybody_needs_is_a_session_reject_and_not_kept(desk, tag):
    desk.order("ALICE", "a1", t58="x" * MAX_VALUE)
    (reject,) = desk.order("ALICE", "a2", **{f"t{tag}": "x" * (MAX_VALUE + 1)})
    some(reject, f"35=3|371={tag}|373=5")
    assert len(reject[58]) < 100
    some(desk.status("ALICE", "a2"), "103=5")


def test_a_message_type_not_offered_is_a_business_reject(desk):
    (reject,) = desk.ask("ALICE", "35=R|131=q1|146=1|55=AAPL")
    some(reject, "35=j|45=7|372=R|380=3")


def test_the_instruments_are_listed_with_their_grid(desk):
    said = desk.say("ALICE", "35=x|320=r1|559=4")
    assert said == [
        (
            "ALICE",
            "35=y|320=r1|322=r1|560=0|393=2|893=Y|146=2"
            "|55=AAPL|167=CS|15=USD|561=1|562=1|969=0.01"
            "|55=EURUSD|167=CS|15=USD|561=1000|562=2000|969=0.00005",
        )
    ]
    (one,) = desk.ask("ALICE", "35=x|320=r2|559=0|55=EURUSD")
    some(one, "560=0|393=1|55=EURUSD")
    some(desk.ask("ALICE", "35=x|320=r3|559=0|55=NOPE")[0], "560=2|146=")
    some(desk.ask("ALICE", "35=x|320=r4|559=2")[0], "560=1|146=")


def test_quantities_and_prices_go_out_in_the_instruments_units(desk):
    (report,) = desk.order("ALICE", "a1", t55="EURUSD", qty="3000", px="1.0850")
    some(report, "150=0|38=3000|151=3000|44=1.08500")


def test_a_short_sale_keeps_its_side(desk):
    some(desk.order("ALICE", "a1", side="5")[0], "150=0|54=5")
    some(desk.cancel("ALICE", "a2", "a1", side="2")[0], "35=9|102=99")
    some(desk.cancel("ALICE", "a3", "a1", side="5")[0], "150=4|54=5")
