"""From the durable outbox to the bus, in order, at least once."""

from __future__ import annotations

import asyncio

from meridian.bus import InProcessBus
from meridian.ccm import Ledger

__all__ = ["Outbox"]

DRAIN_BATCH = 500
"""Messages read at a time."""

MARK_DELAY = 0.05
"""Seconds for which messages wait to be marked as sent together: a mark is a disk write. A crash
in between sends them again under the same ids."""


class Outbox:
    """Publishes what the ledger holds and the bus has not seen. For one event loop's thread."""

    def __init__(self, ledger: Ledger, bus: InProcessBus) -> None:
        self._ledger = ledger
        self._bus = bus
        self._published = ledger.sent_through()
        self._marking: asyncio.TimerHandle | None = None

    def drain(self) -> None:
        """Publish every message not yet published."""
        before = self._published
        while batch := self._ledger.outbox(self._published, DRAIN_BATCH):
            for envelope in batch:
                self._bus.publish(envelope)
                self._published = envelope.sequence
        if self._published > before and self._marking is None:
            self._marking = asyncio.get_running_loop().call_later(MARK_DELAY, self._mark)

    def flush(self) -> None:
        """Publish the rest and mark it now; nothing is left to be done later."""
        try:
            self.drain()
        finally:
            if self._marking is not None:
                self._marking.cancel()
                self._mark()

    def _mark(self) -> None:
        self._marking = None
        self._ledger.mark_sent(self._published)
