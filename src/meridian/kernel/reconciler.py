"""Level-triggered: looks at one intent's whole state and says the one thing to do next."""

from __future__ import annotations

from dataclasses import dataclass

from meridian.kernel.models import AttemptStatus, Desired, Operation, ReconciliationStatus
from meridian.kernel.records import (
    GenerationObserved,
    IntentClosed,
    Record,
    RequestAnswered,
    RequestSent,
)
from meridian.kernel.tracked import Tracked
from meridian.schema.messages import Order
from meridian.schema.order_spec import StandardOrder
from meridian.schema.words import Outcome

__all__ = ["BACKOFF_FIRST", "BACKOFF_MAX", "Ask", "Conclude", "Send", "Wait", "decide"]

BACKOFF_FIRST = 100_000_000
"""Delay after a first failure, ns; doubles with each further one."""

BACKOFF_MAX = 30_000_000_000
"""Longest delay between attempts, ns."""


@dataclass(frozen=True, slots=True)
class Send:
    """Journal ``record``, then send the request it describes."""

    record: RequestSent

    @property
    def order(self) -> Order:
        """The request's order as a plugin takes it."""
        wish = self.record.order
        return Order(
            order_id=self.record.order_id,
            security_id=wish.symbol_id,
            side=wish.side,
            quantity=wish.quantity,
            order_type=wish.order_type,
            price=wish.price,
            time_in_force=wish.time_in_force,
        )


@dataclass(frozen=True, slots=True)
class Ask:
    """Query the venue for the order; changes nothing there."""

    intent_id: str
    order_id: str


@dataclass(frozen=True, slots=True)
class Conclude:
    """Nothing to send: journal this."""

    record: Record


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing to do before ``until`` (ns UTC); None: before something happens."""

    until: int | None = None


Step = Send | Ask | Conclude | Wait


def decide(tracked: Tracked, namespace: str, now: int) -> Step:
    """The next step for an intent. At most one mutation of an order is ever outstanding."""
    if any(attempt.status is AttemptStatus.SENT for attempt in tracked.attempts):
        return Wait()
    if tracked.closed is not None:
        return _finished(tracked, now)
    ready = _ready_at(tracked, now)
    if ready > now:
        return Wait(ready)
    intent_id = tracked.intent.intent_id
    if tracked.uncertain and tracked.order_id is not None:
        return Ask(intent_id, tracked.order_id)
    if not tracked.live:
        return _not_live(tracked, namespace, now)
    if tracked.report is not None and tracked.report.status.terminal:
        return Wait()  # finished at the venue; its last fills are on their way
    return _live(tracked, namespace, now)


def _finished(tracked: Tracked, now: int) -> Step:
    """The order's end also ends what was still unknown about requests on it."""
    for attempt in tracked.unresolved:
        cancelled = tracked.closed is ReconciliationStatus.CANCELED
        took_effect = cancelled and attempt.operation is Operation.CANCEL
        return Conclude(
            RequestAnswered(
                at=now,
                intent_id=tracked.intent.intent_id,
                client_id=attempt.client_id,
                outcome=Outcome.ACCEPTED if took_effect else Outcome.REJECTED,
                absent=not took_effect,
                reason=f"the order has ended: {tracked.closed}",
                evidence="end of order",
            )
        )
    return Wait()


def _not_live(tracked: Tracked, namespace: str, now: int) -> Step:
    if tracked.intent.desired is Desired.CANCELED:
        closed = IntentClosed(
            at=now,
            intent_id=tracked.intent.intent_id,
            status=ReconciliationStatus.CANCELED,
            reason="cancelled before it was at the venue",
        )
        return Conclude(closed)
    if tracked.stalled:
        return Wait()
    return Send(_request(tracked, Operation.PLACE, namespace, tracked.intent.order, now))


def _live(tracked: Tracked, namespace: str, now: int) -> Step:
    intent, observed = tracked.intent, tracked.observed
    if observed is None or tracked.stalled:
        return Wait()
    # A total at or below what was executed leaves nothing to work: cancel the rest.
    unwanted = intent.desired is Desired.CANCELED or intent.order.quantity <= tracked.filled
    if unwanted:
        return Send(_request(tracked, Operation.CANCEL, namespace, observed, now))
    if intent.generation in (tracked.observed_generation, tracked.refused_generation):
        return Wait()
    if intent.order == observed:
        return Conclude(
            GenerationObserved(at=now, intent_id=intent.intent_id, generation=intent.generation)
        )
    return Send(_request(tracked, Operation.AMEND, namespace, intent.order, now))


def _request(
    tracked: Tracked, operation: Operation, namespace: str, order: StandardOrder, now: int
) -> RequestSent:
    """The client order id is a function of journal facts: the same after a crash, never reused."""
    intent = tracked.intent
    number = tracked.next_number(operation)
    client_id = f"{namespace}-{tracked.ordinal}{operation[0]}{intent.generation}.{number}"
    placing = operation is Operation.PLACE
    return RequestSent(
        at=now,
        intent_id=intent.intent_id,
        operation=operation,
        generation=intent.generation,
        number=number,
        client_id=client_id,
        order_id=client_id if placing else tracked.order_id or client_id,
        order=order,
    )


def _ready_at(tracked: Tracked, now: int) -> int:
    # A clock that was set back must not hold an order back.
    if not tracked.failures or now < tracked.failed_at:
        return 0
    delay = min(BACKOFF_FIRST << min(tracked.failures - 1, 16), BACKOFF_MAX)
    return tracked.failed_at + delay
