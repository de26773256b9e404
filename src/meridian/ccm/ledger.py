"""What a sidecar must never forget, and the shape of the store that keeps it."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from meridian.ccm.dedup import FillKey
from meridian.schema.messages import Envelope, FillEvent, Order, OrderReport

__all__ = ["Ledger", "LedgerEntry", "LinkKind", "OrderRecord", "OrderState"]


class OrderState(StrEnum):
    """Whether an order may be at the venue."""

    OPEN = "OPEN"
    """Given to the plugin; nothing yet says that it is over."""
    CLOSED = "CLOSED"
    """The venue said that it is over."""
    NOT_SENT = "NOT_SENT"
    """It never left; the same order may be submitted again."""
    ABSENT = "ABSENT"
    """The venue said that it never saw it; the same order may be submitted again."""


class LinkKind(StrEnum):
    """What other names an order goes by."""

    VENUE = "venue"
    """The venue's order id."""
    REQUEST = "request"
    """A cancel or modify request of the platform."""


@dataclass(frozen=True, slots=True)
class OrderRecord:
    """One line of the order map."""

    order: Order
    state: OrderState = OrderState.OPEN
    venue_order_id: str | None = None
    client_order_id: str = ""
    """The id the venue knows the order by now: a replace gives it a new one."""
    filled: Decimal = Decimal(0)
    """Sum of the fills published."""
    report: OrderReport | None = None
    """The last one that advanced the order."""

    @property
    def quantity(self) -> Decimal:
        """The total quantity the venue works, as far as it has said."""
        return self.report.quantity if self.report else self.order.quantity


class LedgerEntry(Protocol):
    """One open transaction: all of it becomes durable, or none."""

    def order(self, order_id: str) -> OrderRecord | None:
        """The order map's line."""

    def put_order(self, record: OrderRecord, now: int) -> None:
        """Write the line, whether new or known."""

    def linked(self, kind: LinkKind, identifier: str) -> str | None:
        """The order id behind another name."""

    def put_link(self, kind: LinkKind, identifier: str, order_id: str) -> None:
        """Remember another name; a known one keeps its order."""

    def fill(self, key: FillKey) -> FillEvent | None:
        """The fill published under this key."""

    def trade_known(self, key: FillKey) -> bool:
        """Whether any fill carried this trade id."""

    def put_fill(self, key: FillKey, fill: FillEvent, now: int) -> None:
        """Claim the key."""

    def count_repeat(self, key: FillKey) -> None:
        """Note that a published fill was reported again."""

    def has_message(self, message_id: str) -> bool:
        """Whether the outbox holds this message."""

    def append(self, envelope: Envelope) -> Envelope:
        """Put a message in the outbox under the next sequence number.

        An envelope without a message id gets one made of the source and the sequence.
        """


class Ledger(Protocol):
    """The durable store of one plugin instance."""

    def entry(self) -> AbstractContextManager[LedgerEntry]:
        """Open a transaction."""

    def open_orders(self) -> list[OrderRecord]:
        """Every order in state OPEN, oldest first."""

    def outbox(self, after: int, limit: int | None = None) -> list[Envelope]:
        """Messages with a sequence above ``after``, in order."""

    def newest(self) -> int:
        """The highest sequence in the outbox; 0 where it is empty."""

    def sent_through(self) -> int:
        """The highest sequence known to have reached the bus; 0 where none."""

    def mark_sent(self, sequence: int) -> None:
        """Every message up to this one has reached the bus."""

    def purge(self, before: int) -> None:
        """Forget what is over and was last touched before this time (ns UTC): fills, messages
        sent, and orders that are not open."""
