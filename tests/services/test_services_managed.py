"""What would break: a test that holds an order, decides about it, and asserts what was told."""

from __future__ import annotations

from decimal import Decimal

import pytest
from desk import Desk

from meridian.client import CommandInvalid, CommandRefused, ExpectationFailed, NotFound, TimedOut


@pytest.fixture
def held(venue):
    """A desk whose order ``a1`` is held."""
    venue.hold()
    with Desk(venue.connection("TRADER")) as desk:
        desk.order("a1")
        yield desk


def test_partial_fill_then_cancel(venue, held):
    order = venue.next_order()
    assert (order.cl_ord_id, order.side, order.quantity) == ("a1", "BUY", 100)
    order.accept()
    exec_id = order.fill(40, "150.10")
    order.cancel("enough")
    assert (order.status, order.executed, order.leaves) == ("CANCELLED", 40, 0)
    assert order.average_price == Decimal("150.1")
    held.wait(t35="8", t150="0")
    fill = held.wait(t35="8", t150="F")
    assert (fill.get(17), fill.get(32), fill.get(31)) == (exec_id, "40", "150.10")
    assert held.wait(t35="8", t150="4").get(58) == "enough"
    venue.expect("8", OrdStatus="CANCELED", CumQty=40, direction="out")


@pytest.mark.parametrize(
    ("verb", "arguments", "exec_type"),
    [
        ("reject", {"reason": 3, "text": "no"}, "8"),
        ("expire", {}, "C"),
        ("done_for_day", {}, "3"),
        ("cancel", {}, "4"),
    ],
)
def test_every_end_an_order_can_come_to(venue, held, verb, arguments, exec_type):
    order = venue.next_order()
    getattr(order, verb)(**arguments)
    assert held.wait(t35="8", t150=exec_type).get(11) == "a1"
    assert order.leaves == 0
    with pytest.raises(CommandRefused, match="order_done"):
        order.cancel()


def test_an_execution_is_corrected_and_busted(venue, held):
    order = venue.next_order()
    exec_id = order.fill(40)
    corrected = venue.correct(exec_id, 30, "150.00")
    held.wait(t35="8", t150="G", t19=exec_id)
    venue.bust(corrected)
    held.wait(t35="8", t150="H", t19=corrected)
    assert order.refresh().executed == 0


def test_two_orders_are_matched(venue, held):
    held.order("b1", side="2", px="150.00")
    buy, sell = venue.next_order(), venue.next_order()
    buy.match(sell, 60, "150.05")
    assert (buy.executed, sell.executed) == (60, 60)
    tell = {t.get(11): t.get(527) for t in (held.wait(t150="F"), held.wait(t150="F"))}
    assert set(tell) == {"a1", "b1"}
    assert tell["a1"] == tell["b1"], "both sides carry the same match"


def test_a_replace_waits_for_a_decision(venue, held):
    order = venue.next_order()
    order.accept()
    held.wait(t150="0")
    fields = {
        11: "a2",
        41: "a1",
        55: "AAPL",
        54: 1,
        60: "20260101-00:00:00",
        38: 50,
        40: 2,
        44: 151,
    }
    held.send("G", fields.items())
    held.wait(t150="E")
    assert order.refresh().pending == "replace"
    order.accept_request()
    held.wait(t35="8", t150="5", t11="a2")
    assert (order.quantity, order.price) == (50, 151)


def test_overfills_and_worse_prices_are_made_on_purpose_only(venue, held):
    order = venue.next_order()
    with pytest.raises(CommandRefused, match="overfill"):
        order.fill(101)
    with pytest.raises(CommandRefused, match="worse_price"):
        order.fill(10, "151")
    with pytest.raises(CommandInvalid, match=r"quantity 0\.5: expected a multiple"):
        order.fill("0.5")
    order.fill(101, "151", force=True)
    assert order.executed == 101


def test_no_order_is_told_twice_and_silence_is_told_with_what_was_said(venue, held):
    venue.next_order(session="TRADER", symbol="AAPL")
    with pytest.raises(TimedOut, match="NewOrderSingle"):
        venue.next_order(timeout=0)
    held.order("a2")
    assert venue.next_order(timeout=20).cl_ord_id == "a2"


def test_what_is_not_there_is_named(venue):
    with pytest.raises(NotFound, match="no order is known as O1"):
        venue.order("O1")
    with pytest.raises(NotFound, match="no session has the comp_id 'NOBODY'"):
        venue.session("NOBODY")
    with pytest.raises(NotFound, match="no execution is known as E1"):
        venue.correct("E1", 1, 1)
    with pytest.raises(CommandRefused, match="unknown_symbol"):
        venue.hold("NONE")


def test_a_failed_expectation_shows_the_closest_message(venue, held):
    venue.next_order()
    with pytest.raises(ExpectationFailed) as caught:
        venue.expect("D", ClOrdID="a1", Side="SELL", timeout=0)
    assert "= ClOrdID(11): a1" in str(caught.value)
    assert "! Side(54): expected SELL, got 1 Buy" in str(caught.value)


def test_passwords_stay_out_of_the_journal(venue):
    venue.create_session("BOB", username="bob", password="hush")
    with Desk(venue.connection("BOB"), t553="bob", t554="hush") as desk:
        desk.wait(t35="A")
    assert venue.messages(session="BOB", msg_type="A")
    assert "hush" not in str(venue.messages())
