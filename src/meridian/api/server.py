"""uvicorn on a loop that is already running, with patience for slow clients that ends."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from meridian.api.access import Tokens
from meridian.api.app import build_app
from meridian.api.desk import Desk
from meridian.schema.errors import ConfigError

__all__ = ["HEAD_TIMEOUT", "MAX_CONNECTIONS", "ApiServer"]

MAX_CONNECTIONS = 512
"""Connections at a time; further requests are answered 503."""
HEAD_TIMEOUT = 5.0
"""Seconds from the connection, or from the last answer, to the end of a request's head."""
STOP_TIMEOUT = 3
"""Seconds that requests under way have when the server stops."""


class _Patient(H11Protocol):
    """Closes a connection that does not get round to its first request.

    uvicorn itself ends the silence after an answer, but waits for ever for the first head.
    """

    _impatience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._impatience = self.loop.call_later(HEAD_TIMEOUT, self._give_up)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._impatience is not None:
            self._impatience.cancel()
        super().connection_lost(exc)

    def _give_up(self) -> None:
        if self.cycle is None:
            self.transport.close()


class ApiServer:
    """Serves one desk on one address until ``stop``."""

    def __init__(self, desk: Desk, tokens: Tokens, host: str, port: int) -> None:
        tokens.require_for(host)
        self._desk = desk
        self._tokens = tokens
        self._host = host
        self._port = port
        self._server: _Embedded | None = None
        self._serving: asyncio.Task[None] | None = None

    async def start(self) -> tuple[str, int]:
        """Listen; returns the address in use, with the real port where 0 was asked for.

        Raises:
            ConfigError: the address cannot be listened on.
        """
        listening = self._listen()
        config = uvicorn.Config(
            cast("uvicorn._types.ASGI3Application", build_app(self._desk, self._tokens)),
            http=_Patient,
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            limit_concurrency=MAX_CONNECTIONS,
            timeout_keep_alive=int(HEAD_TIMEOUT),
            timeout_graceful_shutdown=STOP_TIMEOUT,
        )
        self._server = _Embedded(config)
        serving = self._server.serve(sockets=[listening])
        self._serving = asyncio.create_task(serving, name="management API")
        await self._server.up.wait()
        host, port = listening.getsockname()[:2]
        return str(host), int(port)

    async def stop(self) -> None:
        """Finish what is under way, within a bound, and listen no more."""
        if self._server is None or self._serving is None:
            return
        self._server.should_exit = True
        await asyncio.gather(self._serving, return_exceptions=True)
        self._server = self._serving = None

    def _listen(self) -> socket.socket:
        try:
            family = socket.getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM)[0][0]
            return socket.create_server((self._host, self._port), family=family, backlog=512)
        except (OSError, ValueError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or error
            text = f"management: cannot listen on {self._host}:{self._port}: {reason}"
            raise ConfigError(text) from None


class _Embedded(uvicorn.Server):
    """Part of a daemon: says when it is up, and leaves the signals alone."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
