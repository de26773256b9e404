"""A kernel core driven by hand: records in, state and next step out."""

from __future__ import annotations

from decimal import Decimal

from meridian.kernel import intake, observation, reconciler
from meridian.kernel.events import BaseEvent
from meridian.kernel.models import Operation
from meridian.kernel.records import RECORD, Record, RequestAnswered
from meridian.kernel.state import KernelState
from meridian.kernel.tracked import Tracked
from meridian.schema import (
    FillEvent,
    OrderReport,
    OrderStatus,
    Outcome,
    StandardOrder,
    SymbolMetadata,
)

MS = 1_000_000

SYMBOLS = {
    name: SymbolMetadata(symbol_id=name, tick_size="0.01", lot_size="1", min_quantity="1")
    for name in ("AAPL", "MSFT")
}


def limit(side="BUY", quantity=100, price="10.00", symbol="AAPL", **more) -> StandardOrder:
    return StandardOrder(symbol_id=symbol, side=side, quantity=quantity, price=price, **more)


class Core:
    """The pure parts wired as the shell wires them, with a clock that moves when told."""

    def __init__(self) -> None:
        self.state = KernelState("K1")
        self.now = 1_000
        self.log: list[Record] = []
        self.events: list[BaseEvent] = []
        self.trades = 0

    def commit(self, records: list[Record]) -> None:
        for record in records:
            again = RECORD.validate_json(RECORD.dump_json(record))
            assert again == record, "a record must survive the journal"
            self.log.append(record)
            self.events += self.state.apply(record)

    def place(self, order: StandardOrder | None = None, **more) -> str:
        order = order or limit()
        intent_id, records = intake.place(self.state, SYMBOLS, order, self.now, **more)
        self.commit(records)
        return intent_id

    def group(self, group) -> list[str]:
        ids, records = intake.place_group(self.state, SYMBOLS, group, self.now)
        self.commit(records)
        return ids

    def modify(self, intent_id: str, order: StandardOrder, **more) -> None:
        self.commit(intake.modify(self.state, SYMBOLS, intent_id, order, self.now, **more))

    def cancel(self, intent_id: str) -> None:
        self.commit(intake.cancel(self[intent_id], self.now, "caller"))

    def decide(self, intent_id: str) -> reconciler.Step:
        return reconciler.decide(self[intent_id], self.state.namespace, self.now)

    def step(self, intent_id: str) -> reconciler.Step:
        """Take the next step as the shell does: what it would journal is journaled."""
        step = self.decide(intent_id)
        if isinstance(step, reconciler.Send | reconciler.Conclude):
            self.commit([step.record])
        return step

    def send(self, intent_id: str, operation: Operation) -> str:
        """The next step must be this request; returns its client order id."""
        step = self.step(intent_id)
        assert isinstance(step, reconciler.Send), step
        assert step.record.operation is operation
        return step.record.client_id

    def answer(self, intent_id: str, client_id: str, outcome: Outcome, reason: str = "") -> None:
        self.commit(
            [
                RequestAnswered(
                    at=self.now,
                    intent_id=intent_id,
                    client_id=client_id,
                    outcome=outcome,
                    reason=reason,
                    evidence="ack",
                )
            ]
        )

    def working(self, order: StandardOrder | None = None) -> tuple[str, str]:
        """An intent whose order the venue acknowledged: (intent id, client order id)."""
        intent_id = self.place(order)
        client_id = self.send(intent_id, Operation.PLACE)
        self.answer(intent_id, client_id, Outcome.ACCEPTED)
        return intent_id, client_id

    def fill(self, order_id: str, quantity: int, price="10.00", trade_id=None, **more) -> None:
        self.trades += 1
        event = FillEvent(
            trade_id=trade_id or f"T{self.trades}",
            order_id=order_id,
            security_id=more.pop("symbol", "AAPL"),
            side=more.pop("side", "BUY"),
            price=price,
            quantity=quantity,
            **more,
        )
        self.commit(observation.filled(self.state, event, "USD", self.now, self.state.cursor + 1))

    def report(
        self,
        order_id: str,
        status: OrderStatus,
        cum=0,
        *,
        quantity=100,
        price="10.00",
        queried=False,
        conclusive=True,
        request_id=None,
        reason="",
    ) -> None:
        terminal = status.terminal
        report = OrderReport(
            order_id=order_id,
            status=status,
            quantity=quantity,
            cum_quantity=cum,
            leaves_quantity=0 if terminal else Decimal(quantity) - cum,
            price=price,
            request_id=request_id,
            reason=reason,
        )
        sequence = 0 if queried else self.state.cursor + 1
        self.commit(
            observation.reported(
                self.state,
                report,
                self.now,
                sequence=sequence,
                queried=queried,
                conclusive=conclusive,
            )
        )

    def never_seen(self, intent_id: str) -> None:
        self.commit(observation.never_seen(self[intent_id], self.now))

    def types(self) -> list[str]:
        return [str(event.event_type) for event in self.events]

    def __getitem__(self, intent_id: str) -> Tracked:
        return self.state.intents[intent_id]
