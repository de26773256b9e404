"""The kernel's way to a venue: a CCM sidecar in the same process."""

from __future__ import annotations

from collections.abc import AsyncIterator

from meridian.bus import InProcessBus, Overflow
from meridian.ccm import topics
from meridian.kernel.gateway import Capabilities
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
from meridian.services.sidecar import Sidecar

__all__ = ["SidecarGateway"]


class SidecarGateway:
    """Implements ``meridian.kernel.gateway.VenueGateway`` over a sidecar and its bus."""

    def __init__(self, sidecar: Sidecar, bus: InProcessBus, capabilities: Capabilities) -> None:
        self.capabilities = capabilities
        self._sidecar = sidecar
        self._bus = bus

    @property
    def status(self) -> SessionStatus:
        """State of the session now."""
        return self._sidecar.status

    async def start(self) -> None:
        """Connect and reconcile. Raises ExchangeError."""
        await self._sidecar.start()

    async def stop(self) -> None:
        """Detach and leave orders open."""
        await self._sidecar.stop(policy="leave_open")

    async def submit(self, order: Order) -> OrderAck:
        """Place an order."""
        return await self._sidecar.submit(order)

    async def cancel(self, order_id: str, request_id: str) -> CancelAck:
        """Request a cancel."""
        return await self._sidecar.cancel(order_id, request_id)

    async def modify(self, order_id: str, changes: OrderChanges) -> ModifyAck:
        """Request a change."""
        return await self._sidecar.modify(order_id, changes)

    async def query(self, order_id: str) -> OrderReport | None:
        """The order's state; None: never seen. Raises OutcomeUnknown without an answer."""
        return await self._sidecar.query_order(order_id)

    async def symbols(self) -> list[SymbolMetadata]:
        """What the venue trades."""
        return await self._sidecar.list_instruments()

    def newest(self) -> int:
        """Sequence of the sidecar's last durable message; 0 where there is none."""
        return self._sidecar.newest()

    def backlog(self, after: int) -> list[Envelope]:
        """What the sidecar's durable order holds after ``after``, now."""
        return self._sidecar.replay(after)

    async def messages(self, after: int) -> AsyncIterator[Envelope]:
        """The durable order after ``after``, without gap or repetition, as it grows."""
        pattern = f"platform.ccm.{topics.encode_token(self._sidecar.instance_id)}.**"
        subscription = self._bus.subscribe(pattern, overflow=Overflow.DROP_OLDEST)
        try:
            for envelope in self._sidecar.replay(after):
                after = envelope.sequence
                yield envelope
            async for live in subscription:
                if live.sequence <= after:
                    continue
                # The bus is bounded and may drop; the sidecar's durable order is the truth.
                missed = live.sequence > after + 1
                for envelope in self._sidecar.replay(after) if missed else [live]:
                    after = envelope.sequence
                    yield envelope
        finally:
            subscription.close()
