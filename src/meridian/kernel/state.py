"""The kernel's state: the fold of the journal. The same records give the same state and events."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from meridian.kernel.events import BaseEvent, EventType, OrderEvent, PositionEvent, SessionEvent
from meridian.kernel.ledger import Ledger
from meridian.kernel.models import (
    Attempt,
    AttemptStatus,
    Desired,
    Operation,
    OrderIntent,
    ReconciliationStatus,
)
from meridian.kernel.records import (
    CursorMoved,
    FillApplied,
    GenerationObserved,
    GroupPlaced,
    IntentCancelled,
    IntentClosed,
    IntentModified,
    IntentPlaced,
    OrderReported,
    Record,
    RequestAnswered,
    RequestSent,
    RetriesGranted,
    SessionChanged,
)
from meridian.kernel.tracked import Tracked
from meridian.schema.words import OcoMode, OrderStatus, Outcome, SessionStatus

__all__ = ["Group", "KernelState"]

_ENDED = {
    ReconciliationStatus.COMPLETED: EventType.ORDER_FILLED,
    ReconciliationStatus.CANCELED: EventType.ORDER_CANCELED,
    ReconciliationStatus.EXPIRED: EventType.ORDER_EXPIRED,
    ReconciliationStatus.FAILED: EventType.ORDER_REJECTED,
}
_ANSWERS = {
    Outcome.ACCEPTED: AttemptStatus.ACKED,
    Outcome.REJECTED: AttemptStatus.REJECTED,
    Outcome.UNKNOWN: AttemptStatus.UNKNOWN,
    Outcome.NOT_SENT: AttemptStatus.NOT_SENT,
}


@dataclass(frozen=True, slots=True)
class Group:
    """Intents under one OCO mode."""

    group_id: str
    mode: OcoMode
    intent_ids: tuple[str, ...]


@dataclass
class KernelState:
    """Everything the kernel knows. Changed by :meth:`apply` alone."""

    namespace: str
    """Distinguishes this journal's client order ids from every other's."""
    intents: dict[str, Tracked] = field(default_factory=dict)
    open: dict[str, Tracked] = field(default_factory=dict)
    """The intents that are not finished."""
    orders: dict[str, str] = field(default_factory=dict)
    """Client order id of every PLACE -> intent id."""
    groups: dict[str, Group] = field(default_factory=dict)
    ledger: Ledger = field(default_factory=Ledger)
    external_trades: set[tuple[str, str]] = field(default_factory=set)
    session: SessionStatus = SessionStatus.DISCONNECTED
    cursor: int = 0
    """Sequence of the last message of the sidecar's outbox that was consumed."""
    event_seq: int = 0
    fills: int = 0

    def apply(self, record: Record) -> list[BaseEvent]:
        """Fold one record; returns the events it causes, numbered without gaps."""
        events = _FOLDS[type(record)](self, record)
        sequence = getattr(record, "sequence", 0)
        self.cursor = max(self.cursor, sequence)
        numbered = []
        for event in events:
            self.event_seq += 1
            numbered.append(event.model_copy(update={"seq": self.event_seq}))
        return numbered

    def intent_placed(self, record: IntentPlaced) -> list[BaseEvent]:
        tracked = Tracked(
            OrderIntent(
                intent_id=record.intent_id,
                order=record.order,
                group_id=record.group_id,
                created_at=record.at,
                updated_at=record.at,
                metadata=record.metadata,
            ),
            record.ordinal,
            record.order,
        )
        self.intents[record.intent_id] = self.open[record.intent_id] = tracked
        return [_order_event(EventType.INTENT_CREATED, tracked, record.at)]

    def group_placed(self, record: GroupPlaced) -> list[BaseEvent]:
        self.groups[record.group_id] = Group(record.group_id, record.mode, record.intent_ids)
        return []

    def intent_modified(self, record: IntentModified) -> list[BaseEvent]:
        return self._wish(
            record.intent_id,
            EventType.INTENT_MODIFIED,
            record.at,
            {"order": record.order, "generation": record.generation},
        )

    def intent_cancelled(self, record: IntentCancelled) -> list[BaseEvent]:
        change = {"desired": Desired.CANCELED, "generation": record.generation}
        kind = EventType.CANCEL_REQUESTED
        return self._wish(record.intent_id, kind, record.at, change, record.cause)

    def _wish(
        self, intent_id: str, kind: EventType, at: int, change: dict[str, Any], reason: str = ""
    ) -> list[BaseEvent]:
        tracked = self.intents[intent_id]
        tracked.intent = tracked.intent.model_copy(update={**change, "updated_at": at})
        tracked.failures = tracked.granted = 0
        return [_order_event(kind, tracked, at, reason=reason)]

    def intent_closed(self, record: IntentClosed) -> list[BaseEvent]:
        tracked = self.intents[record.intent_id]
        tracked.closed = record.status
        tracked.reason = record.reason
        return self._ended(tracked, record.at)

    def generation_observed(self, record: GenerationObserved) -> list[BaseEvent]:
        self.intents[record.intent_id].observed_generation = record.generation
        return []

    def request_sent(self, record: RequestSent) -> list[BaseEvent]:
        tracked = self.intents[record.intent_id]
        tracked.attempts.append(
            Attempt(
                client_id=record.client_id,
                operation=record.operation,
                generation=record.generation,
                number=record.number,
                status=AttemptStatus.SENT,
                order=record.order,
                sent_at=record.at,
            )
        )
        if record.operation is not Operation.PLACE:
            return []
        tracked.order_id = record.order_id
        self.orders[record.client_id] = record.intent_id
        return [_order_event(EventType.ORDER_SUBMITTED, tracked, record.at)]

    def request_answered(self, record: RequestAnswered) -> list[BaseEvent]:
        tracked = self.intents[record.intent_id]
        attempt = tracked.attempt(record.client_id)
        if attempt is None or not attempt.status.open:
            return []
        status = AttemptStatus.ABSENT if record.absent else _ANSWERS[record.outcome]
        was_unknown = attempt.status is AttemptStatus.UNKNOWN
        answered = attempt.model_copy(
            update={"status": status, "reason": record.reason, "evidence": record.evidence}
        )
        tracked.attempts[tracked.attempts.index(attempt)] = answered
        tracked.as_of = record.at
        events: list[BaseEvent] = []
        if status is AttemptStatus.UNKNOWN:
            if was_unknown:
                return []
            events.append(
                _order_event(EventType.OUTCOME_UNKNOWN, tracked, record.at, reason=record.reason)
            )
        elif was_unknown:
            why = f"{attempt.operation} {status}: {record.evidence}"
            events.append(_order_event(EventType.OUTCOME_RESOLVED, tracked, record.at, reason=why))
        if status is AttemptStatus.ACKED:
            events += self._acked(tracked, answered, record)
        else:
            if status is not AttemptStatus.UNKNOWN:
                tracked.failures += 1
            tracked.failed_at = record.at
            if status is AttemptStatus.REJECTED:
                events += self._rejected(tracked, answered, record)
        tracked.settle()
        return events + self._ended(tracked, record.at)

    def _acked(
        self, tracked: Tracked, attempt: Attempt, record: RequestAnswered
    ) -> list[BaseEvent]:
        tracked.failures = 0
        if attempt.operation is Operation.CANCEL:
            return []
        tracked.observed = attempt.order
        tracked.observed_generation = max(tracked.observed_generation, attempt.generation)
        kind = (
            EventType.ORDER_ACCEPTED
            if attempt.operation is Operation.PLACE
            else EventType.ORDER_MODIFIED
        )
        return [_order_event(kind, tracked, record.at)]

    def _rejected(
        self, tracked: Tracked, attempt: Attempt, record: RequestAnswered
    ) -> list[BaseEvent]:
        if attempt.operation is Operation.PLACE:
            tracked.closed = ReconciliationStatus.FAILED
            tracked.reason = record.reason
            return []
        # "Unknown order" or "too late" says nothing certain about the order itself: ask.
        tracked.verify = True
        kind = EventType.CANCEL_REJECTED
        if attempt.operation is Operation.AMEND:
            tracked.refused_generation = max(tracked.refused_generation, attempt.generation)
            tracked.reason = record.reason
            kind = EventType.MODIFY_REJECTED
        return [_order_event(kind, tracked, record.at, reason=record.reason)]

    def retries_granted(self, record: RetriesGranted) -> list[BaseEvent]:
        tracked = self.intents[record.intent_id]
        tracked.granted = tracked.tried
        return []

    def order_reported(self, record: OrderReported) -> list[BaseEvent]:
        tracked = self.intents[record.intent_id]
        report = record.report
        known = tracked.report
        stale = known is not None and (
            known.status.terminal or report.cum_quantity < known.cum_quantity
        )
        # FIX 4.4 Volume 4, Appendix D: a finished order does not come back to life.
        if not stale or report.status is OrderStatus.FILLED:
            tracked.report = report
        tracked.as_of = record.at
        if record.queried:
            tracked.verify = False
        tracked.settle()
        return self._ended(tracked, record.at)

    def fill_applied(self, record: FillApplied) -> list[BaseEvent]:
        fill = record.fill
        self.fills += 1
        kind = self.ledger.apply(record.symbol_id, record.currency, fill, record.at)
        position = self.ledger.position(record.symbol_id)
        moved = PositionEvent(
            event_type=kind,
            at=record.at,
            symbol_id=record.symbol_id,
            intent_id=record.intent_id,
            quantity=position.quantity,
            average_price=position.average_price,
        )
        if record.intent_id is None:
            if fill.trade_id:
                self.external_trades.add((record.symbol_id, fill.trade_id))
            external = OrderEvent(
                event_type=EventType.EXTERNAL_FILL,
                at=record.at,
                symbol_id=record.symbol_id,
                order_id=fill.order_id,
                filled_quantity=fill.quantity,
                leaves_quantity=Decimal(0),
                last_quantity=fill.quantity,
                last_price=fill.price,
                trade_id=fill.trade_id,
            )
            return [external, moved]
        return [*self._filled(self.intents[record.intent_id], record), moved]

    def _filled(self, tracked: Tracked, record: FillApplied) -> list[BaseEvent]:
        fill = record.fill
        tracked.filled += fill.quantity
        tracked.notional += fill.quantity * fill.price
        tracked.as_of = record.at
        if fill.trade_id:
            tracked.trade_ids.add(fill.trade_id)
        was_open = tracked.closed is None
        tracked.settle()
        completed = was_open and tracked.closed is ReconciliationStatus.COMPLETED
        event = _order_event(
            EventType.ORDER_FILLED if completed else EventType.ORDER_PARTIALLY_FILLED,
            tracked,
            record.at,
        ).model_copy(
            update={
                "last_quantity": fill.quantity,
                "last_price": fill.price,
                "trade_id": fill.trade_id,
            }
        )
        events: list[BaseEvent] = [event]
        wished = max(a.order.quantity for a in tracked.attempts)
        if tracked.filled > wished:
            events.append(_order_event(EventType.OVERFILLED, tracked, record.at))
        if completed:
            self.open.pop(tracked.intent.intent_id, None)
            return events
        return events + self._ended(tracked, record.at)

    def session_changed(self, record: SessionChanged) -> list[BaseEvent]:
        self.session = record.status
        return [
            SessionEvent(
                event_type=EventType.SESSION_CHANGED,
                at=record.at,
                status=record.status,
                detail=record.detail,
            )
        ]

    def cursor_moved(self, record: CursorMoved) -> list[BaseEvent]:
        return []

    def _ended(self, tracked: Tracked, at: int) -> list[BaseEvent]:
        """The closing event, once, when a finished intent leaves ``open``."""
        if tracked.closed is None or self.open.pop(tracked.intent.intent_id, None) is None:
            return []
        return [_order_event(_ENDED[tracked.closed], tracked, at, reason=tracked.reason)]


def _order_event(kind: EventType, tracked: Tracked, at: int, reason: str = "") -> OrderEvent:
    return OrderEvent(
        event_type=kind,
        at=at,
        symbol_id=tracked.intent.order.symbol_id,
        intent_id=tracked.intent.intent_id,
        order_id=tracked.order_id,
        filled_quantity=tracked.filled,
        leaves_quantity=tracked.leaves,
        reason=reason,
    )


_FOLDS: dict[type, Callable[[KernelState, Any], list[BaseEvent]]] = {
    IntentPlaced: KernelState.intent_placed,
    GroupPlaced: KernelState.group_placed,
    IntentModified: KernelState.intent_modified,
    IntentCancelled: KernelState.intent_cancelled,
    IntentClosed: KernelState.intent_closed,
    GenerationObserved: KernelState.generation_observed,
    RequestSent: KernelState.request_sent,
    RequestAnswered: KernelState.request_answered,
    RetriesGranted: KernelState.retries_granted,
    OrderReported: KernelState.order_reported,
    FillApplied: KernelState.fill_applied,
    SessionChanged: KernelState.session_changed,
    CursorMoved: KernelState.cursor_moved,
}
