"""The port through which the kernel reaches one venue."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol

from meridian.schema.messages import (
    CancelAck,
    Envelope,
    ModifyAck,
    Order,
    OrderAck,
    OrderChanges,
    OrderReport,
)
from meridian.schema.order_spec import SymbolMetadata
from meridian.schema.words import SessionStatus

__all__ = ["Capabilities", "VenueGateway"]


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What the way to the venue guarantees."""

    query_proves_absence: bool
    """A "never seen" answer is ordered after every earlier request and covers finished orders."""


class VenueGateway(Protocol):
    """Requests return an outcome and never raise for venue matters."""

    capabilities: Capabilities

    @property
    def status(self) -> SessionStatus:
        """State of the session now."""

    async def start(self) -> None:
        """Connect. Raises ExchangeError when that fails within the configured time."""

    async def stop(self) -> None:
        """Detach and leave orders open."""

    async def submit(self, order: Order) -> OrderAck:
        """Place an order."""

    async def cancel(self, order_id: str, request_id: str) -> CancelAck:
        """Request a cancel."""

    async def modify(self, order_id: str, changes: OrderChanges) -> ModifyAck:
        """Request a change."""

    async def query(self, order_id: str) -> OrderReport | None:
        """The order's state; None: never seen. Raises OutcomeUnknown without an answer."""

    async def symbols(self) -> list[SymbolMetadata]:
        """What the venue trades. Raises ExchangeError."""

    def newest(self) -> int:
        """Sequence of the last message of the source's durable order; 0 where there is none."""

    def backlog(self, after: int) -> list[Envelope]:
        """What the source's durable order holds after ``after``, now."""

    def messages(self, after: int) -> AsyncIterator[Envelope]:
        """Every message of the source's durable order after ``after``, then as they come."""
