"""One intent with everything known of its order at the venue."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from meridian.kernel.models import (
    ZERO,
    Attempt,
    AttemptStatus,
    Desired,
    Operation,
    OrderIntent,
    OrderState,
    ReconciliationStatus,
)
from meridian.schema.messages import OrderReport
from meridian.schema.order_spec import StandardOrder
from meridian.schema.words import OrderStatus

__all__ = ["Tracked"]

MAX_ATTEMPTS = 20
"""Requests for one generation before the intent is STALLED."""

_CLOSING = {
    OrderStatus.FILLED: ReconciliationStatus.COMPLETED,
    OrderStatus.CANCELLED: ReconciliationStatus.CANCELED,
    OrderStatus.EXPIRED: ReconciliationStatus.EXPIRED,
    OrderStatus.REJECTED: ReconciliationStatus.FAILED,
}


@dataclass(slots=True)
class Tracked:
    """Mutable only through the fold in ``state``."""

    intent: OrderIntent
    ordinal: int
    placed: StandardOrder
    """The order as first placed; what an idempotency key stands for."""
    attempts: list[Attempt] = field(default_factory=list)
    order_id: str | None = None
    """The PLACE attempt that is, or may be, the order at the venue."""
    report: OrderReport | None = None
    observed: StandardOrder | None = None
    """What the venue is known to work."""
    observed_generation: int = 0
    refused_generation: int = 0
    """A generation whose amend the venue refused: not tried again."""
    filled: Decimal = ZERO
    notional: Decimal = ZERO
    trade_ids: set[str] = field(default_factory=set)
    closed: ReconciliationStatus | None = None
    reason: str = ""
    verify: bool = False
    """A refusal left the order's fate open: ask before anything else."""
    failures: int = 0
    failed_at: int = 0
    """When the last attempt failed, ns UTC; the back-off counts from it."""
    granted: int = 0
    """Attempts an operator forgave with force_reconciliation."""
    as_of: int = 0

    @property
    def unresolved(self) -> list[Attempt]:
        """Requests that may or may not have taken effect."""
        return [attempt for attempt in self.attempts if attempt.status.open]

    @property
    def uncertain(self) -> bool:
        """True while only the venue's word can say where the order stands."""
        return self.verify or any(a.status is AttemptStatus.UNKNOWN for a in self.attempts)

    @property
    def live(self) -> bool:
        """True while an order of this intent is known to be at the venue and can execute."""
        return (
            self.order_id is not None
            and self.closed is None
            and self.place is not None
            and self.place.status is AttemptStatus.ACKED
        )

    @property
    def place(self) -> Attempt | None:
        """The PLACE attempt under ``order_id``."""
        for attempt in reversed(self.attempts):
            if attempt.client_id == self.order_id:
                return attempt
        return None

    @property
    def leaves(self) -> Decimal:
        """What may still execute at the venue, counting unresolved requests as taken."""
        if self.closed is not None:
            return ZERO
        wishes = [a.order.quantity for a in self.unresolved if a.operation is not Operation.CANCEL]
        if self.observed is not None:
            wishes.append(self.observed.quantity)
        return max(max(wishes, default=ZERO) - self.filled, ZERO)

    def attempt(self, client_id: str) -> Attempt | None:
        """The request of that id."""
        for attempt in reversed(self.attempts):
            if attempt.client_id == client_id:
                return attempt
        return None

    def next_number(self, operation: Operation) -> int:
        """Number of the next request for the current generation."""
        return 1 + sum(
            1
            for attempt in self.attempts
            if attempt.operation is operation and attempt.generation == self.intent.generation
        )

    @property
    def tried(self) -> int:
        """Requests made for the current generation."""
        return sum(1 for a in self.attempts if a.generation == self.intent.generation)

    @property
    def stalled(self) -> bool:
        """True when the current generation used up its attempts."""
        return self.tried >= MAX_ATTEMPTS + self.granted

    def settle(self) -> None:
        """Close the intent once its order is finished and every reported fill has arrived."""
        if self.closed is not None or self.place is None or not self.attempts:
            return
        report = self.report
        if report is not None and report.status.terminal and self.filled >= report.cum_quantity:
            self.closed = _CLOSING[report.status]
            self.reason = report.reason
        elif self.observed is not None and self.filled >= self.observed.quantity:
            amending = any(a.operation is Operation.AMEND for a in self.unresolved)
            if not amending:
                self.closed = ReconciliationStatus.COMPLETED

    @property
    def status(self) -> ReconciliationStatus:
        """Where the intent stands, from evidence alone."""
        if self.closed is not None:
            return self.closed
        if any(attempt.status is AttemptStatus.UNKNOWN for attempt in self.attempts):
            return ReconciliationStatus.UNKNOWN
        if not self.live:
            if self.unresolved:
                return ReconciliationStatus.SUBMITTING
            return ReconciliationStatus.STALLED if self.stalled else ReconciliationStatus.PENDING
        synced = self.intent.generation in (self.observed_generation, self.refused_generation)
        if self.intent.desired is Desired.WORKING and synced and not self.unresolved:
            return ReconciliationStatus.ACTIVE
        stuck = self.stalled and not self.unresolved
        return ReconciliationStatus.STALLED if stuck else ReconciliationStatus.RECONCILING

    def state(self) -> OrderState:
        """The caller's view."""
        return OrderState(
            intent_id=self.intent.intent_id,
            symbol_id=self.intent.order.symbol_id,
            status=self.status,
            generation=self.intent.generation,
            observed_generation=self.observed_generation,
            order_id=self.order_id,
            venue_order_id=self.report.venue_order_id if self.report else None,
            filled_quantity=self.filled,
            leaves_quantity=self.leaves,
            average_price=self.notional / self.filled if self.filled else None,
            reason=self.reason,
            as_of=self.as_of,
            attempts=tuple(self.attempts),
        )
