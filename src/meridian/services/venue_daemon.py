"""The daemon: venues, and the API through which people steer them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from meridian.management import Script
from meridian.schema.errors import ConfigError
from meridian.services.venue import Notice
from meridian.services.venue_host import VenueHost

if TYPE_CHECKING:
    from meridian.api import ApiServer

__all__ = ["DEFAULT_API_PORT", "ApiSettings", "VenueDaemon"]

DEFAULT_API_PORT = 8400


@dataclass(frozen=True, slots=True)
class ApiSettings:
    """Where management listens and what lets people in.

    ``port`` 0: any free one; None: ``DEFAULT_API_PORT``, or any free one where that is taken.
    """

    host: str = "127.0.0.1"
    port: int | None = None
    operator_token: str | None = field(default=None, repr=False)
    read_only_token: str | None = field(default=None, repr=False)


class VenueDaemon:
    """A host with its API; without settings, a host alone.

    Args:
        on_notice: is told ``replay_complete``.
    """

    def __init__(
        self,
        api: ApiSettings | None,
        *,
        on_notice: Callable[[Notice], None] = lambda _: None,
    ) -> None:
        self.host = VenueHost(on_notice=on_notice)
        self._settings = api
        self._server: ApiServer | None = None

    async def start(self, script: Script, journal: Path | None = None) -> Notice:
        """Carry out the script, then serve; the notice says where, for clients and for people.

        Raises:
            ConfigError: a step failed, an address cannot be listened on, or the world could
                steer the venue without a token.
        """
        server, address = None, None
        if self._settings is not None:
            server, address = await self._serve(self._settings)
        try:
            notice = await self.host.start(script, journal)
        except BaseException:
            if server is not None:
                await server.stop()
            raise
        self._server = server
        if address is not None:
            host, port = address
            shown = f"[{host}]" if ":" in host else host
            notice["api"] = {"host": host, "port": port, "url": f"http://{shown}:{port}"}
        return notice

    async def run_until(self, stopping: asyncio.Event) -> None:
        """Wait for ``stopping``; an error in a venue ends the wait and is raised."""
        await self.host.run_until(stopping)

    async def stop(self) -> Notice:
        """Answer what is under way, log every client out; the notice counts what happened."""
        if self._server is not None:
            await self._server.stop()
            self._server = None
        return await self.host.stop()

    async def _serve(self, settings: ApiSettings) -> tuple[ApiServer, tuple[str, int]]:
        # Half a second of imports that a host without an API does without.
        from meridian.api import ApiServer, Tokens

        tokens = Tokens(settings.operator_token, settings.read_only_token)
        ports = [settings.port] if settings.port is not None else [DEFAULT_API_PORT, 0]
        for port in ports[:-1]:
            server = ApiServer(self.host, tokens, settings.host, port)
            try:
                return server, await server.start()
            except ConfigError:
                continue
        server = ApiServer(self.host, tokens, settings.host, ports[-1])
        return server, await server.start()
