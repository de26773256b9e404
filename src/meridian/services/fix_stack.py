"""Kernel, sidecar and FIX plugin in one process, over one folder of durable state."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from meridian.adapters.fix import FixPlugin, FixSettings
from meridian.bus import InProcessBus
from meridian.kernel.gateway import Capabilities
from meridian.services.clock import Clock, wall_clock
from meridian.services.gateway import SidecarGateway
from meridian.services.kernel import Kernel
from meridian.services.sidecar import Sidecar, SidecarSettings
from meridian.store.database import Database
from meridian.store.journal import SqlJournal
from meridian.store.tables import METADATA

__all__ = ["FIX_CAPABILITIES", "FixStack"]

FIX_CAPABILITIES = Capabilities(query_proves_absence=True)
"""A FIX session is one ordered stream, and stale orders are gap-filled, never replayed: a venue
that answers a status request with "unknown" has read everything sent before it."""


@dataclass(frozen=True)
class FixStack:
    """Everything between a strategy and a FIX venue."""

    kernel: Kernel
    sidecar: Sidecar
    bus: InProcessBus
    database: Database

    @classmethod
    def build(
        cls,
        folder: Path,
        credentials: Mapping[str, Any],
        *,
        exchange_id: str,
        clock: Clock = wall_clock,
        fix: FixSettings | None = None,
        sidecar: SidecarSettings | None = None,
    ) -> FixStack:
        """Open ``folder`` (made where absent) and wire the parts; nothing connects yet.

        ``credentials``: host, port, sender, target, and username and password where wanted.

        Raises:
            ConfigError: the folder's databases cannot be opened, or another process holds them.
        """
        folder.mkdir(parents=True, exist_ok=True)
        database = Database(folder / "sidecar.db", METADATA)
        try:
            journal = SqlJournal(folder / "kernel.db", exchange_id, clock())
        except BaseException:
            database.close()
            raise
        bus = InProcessBus()
        plugin = FixPlugin(database, clock, venue=exchange_id, settings=fix)
        dice = random.SystemRandom()
        side = Sidecar(plugin, database, bus, lambda: credentials, clock, dice, sidecar)
        gateway = SidecarGateway(side, bus, FIX_CAPABILITIES)
        return cls(Kernel(exchange_id, gateway, journal, clock), side, bus, database)

    async def start(self) -> None:
        """Connect, reconcile, begin to send. Raises ExchangeError; then everything is closed."""
        try:
            await self.kernel.start()
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Detach, leaving orders open at the venue, and close the databases.

        Safe to call at any time, more than once; a caller that gives up does not end it half way.
        """
        await asyncio.shield(asyncio.ensure_future(self._release()))

    async def _release(self) -> None:
        try:
            await self.kernel.stop()
        finally:
            self.database.close()
