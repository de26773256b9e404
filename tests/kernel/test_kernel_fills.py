"""What would break: a fill counted twice or lost, a wrong position, an OCO leaving both legs."""

from __future__ import annotations

from decimal import Decimal

import pytest
from kernel_core import limit

from meridian.kernel.models import Desired, Operation, ReconciliationStatus
from meridian.schema import OcoMode, OrderStatus, Outcome, StandardOrderGroup
from meridian.schema.errors import ConflictError, ValidationError


def test_the_same_trade_counts_once(core):
    intent_id, client_id = core.working()
    core.fill(client_id, 40, trade_id="X1")
    core.fill(client_id, 40, trade_id="X1")
    core.fill(client_id, 60, trade_id="X2")
    assert core[intent_id].filled == 100
    assert core[intent_id].status is ReconciliationStatus.COMPLETED
    assert core.state.ledger.position("AAPL").quantity == 100
    assert core.types().count("ORDER_FILLED") == 1


def test_a_fill_before_the_acknowledgement_counts(core):
    intent_id = core.place()
    client_id = core.send(intent_id, Operation.PLACE)
    core.fill(client_id, 100)
    core.answer(intent_id, client_id, Outcome.ACCEPTED)
    assert core[intent_id].status is ReconciliationStatus.COMPLETED


def test_filled_is_not_believed_before_the_fills_are_there(core):
    intent_id, client_id = core.working()
    core.report(client_id, OrderStatus.FILLED, 100)
    assert not core[intent_id].status.terminal
    core.fill(client_id, 60)
    assert not core[intent_id].status.terminal
    core.fill(client_id, 40)
    assert core[intent_id].status is ReconciliationStatus.COMPLETED


def test_a_partial_then_a_cancel_keeps_what_was_executed(core):
    intent_id, client_id = core.working()
    core.fill(client_id, 30)
    core.report(client_id, OrderStatus.CANCELLED, 30)
    state = core[intent_id].state()
    assert (state.status, state.filled_quantity, state.leaves_quantity) == ("CANCELED", 30, 0)


def test_a_finished_order_does_not_come_back_to_life(core):
    intent_id, client_id = core.working()
    core.report(client_id, OrderStatus.CANCELLED)
    core.report(client_id, OrderStatus.NEW)
    assert core[intent_id].status is ReconciliationStatus.CANCELED


def test_a_fill_after_the_cancel_still_counts(core):
    intent_id, client_id = core.working()
    core.report(client_id, OrderStatus.CANCELLED)
    core.fill(client_id, 10)
    assert core[intent_id].filled == 10
    assert core.state.ledger.position("AAPL").quantity == 10


def test_more_than_was_wished_is_told(core):
    _, client_id = core.working()
    core.fill(client_id, 130)
    assert "OVERFILLED" in core.types()


def test_fills_of_foreign_orders_move_the_position_once(core):
    core.fill("SOMEONE-ELSE", 25, trade_id="E1")
    core.fill("SOMEONE-ELSE", 25, trade_id="E1")
    assert core.state.ledger.position("AAPL").quantity == 25
    assert core.types().count("EXTERNAL_FILL") == 1


def test_average_price_is_exact(core):
    intent_id, client_id = core.working()
    core.fill(client_id, 1, "10.01")
    core.fill(client_id, 3, "10.03")
    assert core[intent_id].state().average_price == Decimal("10.025")


@pytest.mark.parametrize(
    ("fills", "quantity", "cost", "realized"),
    [
        ([("BUY", 10, "5")], 10, "5", "0"),
        ([("BUY", 10, "5"), ("BUY", 10, "7")], 20, "6", "0"),
        ([("BUY", 10, "5"), ("SELL", 4, "8")], 6, "5", "12"),
        ([("BUY", 10, "5"), ("SELL", 10, "4")], 0, "0", "-10"),
        ([("BUY", 10, "5"), ("SELL", 15, "6")], -5, "6", "10"),
        ([("SELL", 10, "5"), ("BUY", 4, "3")], -6, "5", "8"),
    ],
)
def test_positions_at_average_cost(core, fills, quantity, cost, realized):
    for side, size, price in fills:
        core.fill("X", size, price, side=side)
    position = core.state.ledger.position("AAPL")
    assert position.quantity == quantity
    assert position.average_price == Decimal(cost)
    assert position.realized == Decimal(realized)
    cash = sum(
        Decimal(size) * Decimal(price) * (-1 if side == "BUY" else 1) for side, size, price in fills
    )
    assert core.state.ledger.cash == {"USD": cash}


class TestGroups:
    def pair(self, core, mode):
        ids = core.group(
            StandardOrderGroup(
                orders=[limit("SELL", price="11"), limit("SELL", price="9")], mode=mode
            )
        )
        orders = []
        for intent_id in ids:
            client_id = core.send(intent_id, Operation.PLACE)
            core.answer(intent_id, client_id, Outcome.ACCEPTED)
            orders.append(client_id)
        return ids, orders

    def test_completion_cancels_the_others(self, core):
        (first, second), (order, _) = self.pair(core, OcoMode.CANCEL_ON_COMPLETION)
        core.fill(order, 60, side="SELL")
        assert core[second].intent.desired is Desired.WORKING
        core.fill(order, 40, side="SELL")
        assert core[second].intent.desired is Desired.CANCELED
        core.send(second, Operation.CANCEL)
        assert core[first].status is ReconciliationStatus.COMPLETED

    def test_any_fill_cancels_the_others_and_the_winners_rest(self, core):
        ids, (order, _) = self.pair(core, OcoMode.CANCEL_ON_PARTIAL_FILL)
        core.fill(order, 1, side="SELL")
        assert [core[i].intent.desired for i in ids] == [Desired.CANCELED] * 2

    def test_no_oco_leaves_them_alone(self, core):
        ids, (order, _) = self.pair(core, OcoMode.NO_OCO)
        core.fill(order, 100, side="SELL")
        assert core[ids[1]].intent.desired is Desired.WORKING

    def test_the_cancel_is_in_the_same_transaction_as_the_fill(self, core):
        _, (order, _) = self.pair(core, OcoMode.CANCEL_ON_COMPLETION)
        before = len(core.log)
        core.fill(order, 100, side="SELL")
        assert [r.kind for r in core.log[before:]] == ["fill_applied", "intent_cancelled"]

    def test_one_bad_order_stores_none(self, core):
        with pytest.raises(ValidationError, match="unknown symbol 'NOPE'"):
            core.group(StandardOrderGroup(orders=[limit(), limit(symbol="NOPE")]))
        assert core.log == []


class TestIdempotency:
    def test_the_same_key_and_order_is_the_same_intent(self, core):
        assert core.place(intent_id="mine") == core.place(intent_id="mine") == "mine"
        assert len(core.state.intents) == 1

    def test_also_after_it_was_modified(self, core):
        core.place(intent_id="mine")
        core.modify("mine", limit(quantity=50))
        assert core.place(intent_id="mine") == "mine"

    def test_another_order_under_the_key_is_a_conflict(self, core):
        core.place(intent_id="mine")
        with pytest.raises(ConflictError, match="'mine' exists with another order"):
            core.place(limit(quantity=7), intent_id="mine")


def test_open_intents_are_bounded(core, monkeypatch):
    from meridian.kernel import intake

    monkeypatch.setattr(intake, "MAX_OPEN_INTENTS", 3)
    for _ in range(3):
        core.place()
    with pytest.raises(ValidationError, match="more than 3 open intents"):
        core.place()
