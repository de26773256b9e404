"""The quickfix package trades on our daemon and gets the reports FIX.4.4 prescribes.

Tags: 150 ExecType, 39 OrdStatus, 151 LeavesQty, 14 CumQty, 32 LastQty, 31 LastPx, 6 AvgPx.
"""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.peers


def limit(client, sender, cl_ord_id, side, quantity, price, **more):
    fields = {"ClOrdID": cl_ord_id, "Symbol": "AAPL", "Side": side, "OrderQty": quantity}
    client.send(sender, "D", **fields, OrdType=2, Price=price, **more)


def report(message, *, exec_type, status, leaves, cum, **more):
    """An ExecutionReport of these values, with every field FIX.4.4 requires."""
    assert message[35] == "8"
    for required in (37, 17, 150, 39, 55, 54, 151, 14, 6):
        assert required in message, f"tag {required} is required"
    assert (message[150], message[39]) == (exec_type, status)
    assert (float(message[151]), float(message[14])) == (leaves, cum)
    for tag, value in more.items():
        assert message[int(tag[1:])] == value, tag
    return message


def test_a_limit_order_rests_trades_and_reports_both_sides(client):
    limit(client, "ALICE", "a1", "1", 100, "150.00")
    new = report(client.receive("ALICE"), exec_type="0", status="0", leaves=100, cum=0, t11="a1")
    limit(client, "BOB", "b1", "2", 40, "150.00")
    report(client.receive("BOB"), exec_type="0", status="0", leaves=40, cum=0)
    sold = report(client.receive("BOB"), exec_type="F", status="2", leaves=0, cum=40)
    bought = report(client.receive("ALICE"), exec_type="F", status="1", leaves=60, cum=40)
    assert bought[37] == new[37]
    assert float(bought[32]) == float(sold[32]) == 40
    assert float(bought[31]) == float(bought[6]) == 150
    assert bought[17] != sold[17], "each side has its own ExecID"
    assert bought[527] == sold[527], "and both the same match"


def test_a_market_order_takes_what_is_there_and_the_rest_is_cancelled(client):
    limit(client, "ALICE", "a1", "2", 30, "150.10")
    report(client.receive("ALICE"), exec_type="0", status="0", leaves=30, cum=0)
    client.send("BOB", "D", ClOrdID="b1", Symbol="AAPL", Side="1", OrderQty=50, OrdType="1")
    report(client.receive("BOB"), exec_type="0", status="0", leaves=50, cum=0)
    report(client.receive("BOB"), exec_type="F", status="1", leaves=20, cum=30)
    report(client.receive("BOB"), exec_type="4", status="4", leaves=0, cum=30)


def test_an_ioc_order_does_not_rest(client):
    limit(client, "ALICE", "a1", "1", 10, "150.00", TimeInForce="3")
    report(client.receive("ALICE"), exec_type="0", status="0", leaves=10, cum=0, t59="3")
    report(client.receive("ALICE"), exec_type="4", status="4", leaves=0, cum=0)
    limit(client, "BOB", "b1", "2", 10, "150.00")
    report(client.receive("BOB"), exec_type="0", status="0", leaves=10, cum=0)
    assert client.quiet("ALICE")


def test_a_fok_order_trades_whole_or_not_at_all(client):
    limit(client, "ALICE", "a1", "2", 10, "150.00")
    client.receive("ALICE")
    limit(client, "BOB", "b1", "1", 11, "150.00", TimeInForce="4")
    report(client.receive("BOB"), exec_type="0", status="0", leaves=11, cum=0)
    report(client.receive("BOB"), exec_type="4", status="4", leaves=0, cum=0)
    limit(client, "BOB", "b2", "1", 10, "150.00", TimeInForce="4")
    report(client.receive("BOB"), exec_type="0", status="0", leaves=10, cum=0)
    report(client.receive("BOB"), exec_type="F", status="2", leaves=0, cum=10)


def test_cancel_and_a_cancel_too_late(client):
    limit(client, "ALICE", "a1", "1", 100, "150.00")
    client.receive("ALICE")
    ask = {"Symbol": "AAPL", "Side": "1", "OrderQty": 100}
    client.send("ALICE", "F", OrigClOrdID="a1", ClOrdID="a2", **ask)
    report(client.receive("ALICE"), exec_type="4", status="4", leaves=0, cum=0, t11="a2", t41="a1")
    client.send("ALICE", "F", OrigClOrdID="a2", ClOrdID="a3", **ask)
    refused = client.receive("ALICE")
    assert (refused[35], refused[434], refused[102], refused[39]) == ("9", "1", "0", "4")
    client.send("ALICE", "F", OrigClOrdID="never", ClOrdID="a4", **ask)
    unknown = client.receive("ALICE")
    assert (unknown[35], unknown[102], unknown[37], unknown[39]) == ("9", "1", "NONE", "8")


def test_replace_keeps_or_loses_priority_and_chains_ids(client):
    limit(client, "ALICE", "a1", "1", 100, "150.00")
    client.receive("ALICE")
    limit(client, "BOB", "b1", "1", 100, "150.00")
    client.receive("BOB")
    change = {"Symbol": "AAPL", "Side": "1", "OrdType": "2", "Price": "150.00"}
    client.send("ALICE", "G", OrigClOrdID="a1", ClOrdID="a2", OrderQty=60, **change)
    report(client.receive("ALICE"), exec_type="5", status="0", leaves=60, cum=0, t11="a2", t41="a1")
    limit(client, "BOB", "b2", "2", 60, "150.00")
    report(client.receive("ALICE"), exec_type="F", status="2", leaves=0, cum=60, t11="a2")


@pytest.mark.parametrize(
    ("wrong", "reason", "said"),
    [
        ({"Symbol": "NOPE"}, "1", "NOPE"),
        ({"OrderQty": -5}, "13", "-5"),
        ({"Price": "150.005"}, "99", "150.005"),
        ({"OrdType": "D", "Price": "150.00"}, "11", "OrdType"),
    ],
)
def test_an_order_the_venue_cannot_take_is_rejected_with_its_reason(client, wrong, reason, said):
    good = {"Symbol": "AAPL", "Side": "1", "OrderQty": 10, "OrdType": "2", "Price": "150.00"}
    client.send("ALICE", "D", ClOrdID="a1", **{**good, **wrong})
    refused = report(client.receive("ALICE"), exec_type="8", status="8", leaves=0, cum=0)
    assert refused[103] == reason
    assert said in refused[58]
    limit(client, "ALICE", "a2", "1", 10, "150.00")
    report(client.receive("ALICE"), exec_type="0", status="0", leaves=10, cum=0)


def test_order_status_of_a_known_and_an_unknown_order(client):
    limit(client, "ALICE", "a1", "1", 100, "150.00")
    client.receive("ALICE")
    client.send("ALICE", "H", ClOrdID="a1", Symbol="AAPL", Side="1")
    report(client.receive("ALICE"), exec_type="I", status="0", leaves=100, cum=0)
    client.send("ALICE", "H", ClOrdID="never", Symbol="AAPL", Side="1")
    report(client.receive("ALICE"), exec_type="I", status="8", leaves=0, cum=0, t103="5")
