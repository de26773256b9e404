"""What would break: a test that should fail passes, or fails without saying why."""

from __future__ import annotations

import pytest

from meridian.fix.decoder import Decoder
from meridian.management import Expectation

ORDER = "8=FIX.4.4|9=74|35=D|49=ME|56=YOU|34=7|11=a1|55=AAPL|54=1|38=100|40=2|44=150.10|10=000|"
CANCEL = "8=FIX.4.4|9=74|35=F|49=ME|56=YOU|34=8|11=a2|41=a1|55=AAPL|54=1|10=000|"
PARTIES = "8=FIX.4.4|9=74|35=D|49=ME|56=YOU|34=9|11=a3|453=2|448=X|452=1|448=Y|452=3|10=000|"


def decoded(*texts: str):
    decoder = Decoder()
    return [m for text in texts for m in decoder.feed(text.encode()) + decoder.finish()]


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"ClOrdID": "a1"},
        {"11": "a1"},
        {"Side": "1"},
        {"Side": "Buy"},
        {"Side": "BUY"},
        {"Price": "150.1"},
        {"Price": "150.10", "OrderQty": "100.0"},
        {"Symbol": ""},
    ],
)
def test_the_expected_message_is_known_by_any_spelling(fields):
    (order,) = decoded(ORDER)
    assert Expectation("D", fields).met_by(order)
    assert Expectation("NewOrderSingle", fields).met_by(order)


@pytest.mark.parametrize(
    "fields",
    [
        {"ClOrdID": "a"},
        {"Side": "SELL"},
        {"Side": "2"},
        {"Price": "150.11"},
        {"Account": ""},
        {"Nonsense": "1"},
        {"Symbol": "aapl"},
    ],
)
def test_another_message_is_not_taken_for_it(fields):
    (order,) = decoded(ORDER)
    assert not Expectation("D", fields).met_by(order)
    assert not Expectation("F", {}).met_by(order)


def test_a_field_within_a_group_is_found_in_any_entry():
    (order,) = decoded(PARTIES)
    assert Expectation("D", {"PartyID": "Y"}).met_by(order)


def test_the_closest_message_is_shown_field_by_field():
    messages = decoded(ORDER, CANCEL)
    expectation = Expectation("D", {"ClOrdID": "a1", "Side": "SELL", "Account": ""})
    closest = expectation.closest(messages)
    assert expectation.report(closest, len(messages)).splitlines() == [
        "expected 35=D; of 2 messages the closest is",
        "  = MsgType(35): D NewOrderSingle, number 7",
        "  = ClOrdID(11): a1",
        "  ! Side(54): expected SELL, got 1 Buy",
        "  ! Account: expected any value, got nothing",
    ]


def test_the_right_type_is_closer_than_the_right_fields():
    expectation = Expectation("F", {"ClOrdID": "a1", "OrderQty": "100"})
    closest = expectation.closest(decoded(ORDER, CANCEL))
    assert closest is not None
    assert closest.msg_type == "F"


def test_silence_is_reported_as_silence():
    assert Expectation("D", {}).report(None, 0) == "expected 35=D, but no message came at all"
