"""A TCP relay between a client and a server that a test can watch, hold and cut."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable
from contextlib import suppress

__all__ = ["Relay"]

READ_SIZE = 65_536

Watch = Callable[[bytes], bytes | None]
"""Sees each chunk; returns what to pass on, or None to cut the link without passing it on."""


def _pass(chunk: bytes) -> bytes | None:
    return chunk


class Relay:
    """Listens on a port of 127.0.0.1 and forwards each connection to ``host:port``."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._links: set[asyncio.Task[None]] = set()
        self.to_server: Watch = _pass
        """Called with what the client sent."""
        self.to_client: Watch = _pass
        """Called with what the server sent."""
        self.refusing = False
        """While true, new connections are reset at once."""
        self.connections = 0

    async def start(self) -> int:
        """Begin to listen; returns the port."""
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    def cut(self) -> None:
        """Reset every connection, as a pulled cable and a restarted router would."""
        for writer in list(self._writers):
            _reset(writer)

    async def stop(self) -> None:
        """Stop listening and cut what is open."""
        if self._server is not None:
            self._server.close()
        self.cut()
        if self._links:
            await asyncio.wait(self._links)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.refusing:
            _reset(writer)
            await _closed(writer)
            return
        link = asyncio.current_task()
        assert link is not None
        self.connections += 1
        self._links.add(link)
        try:
            await self._link(reader, writer)
        finally:
            self._links.discard(link)

    async def _link(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection(*self._target)
        except OSError:
            _reset(writer)
            await _closed(writer)
            return
        ends = {writer, far_writer}
        self._writers |= ends
        await asyncio.gather(
            self._forward(reader, far_writer, self._toward_server),
            self._forward(far_reader, writer, self._toward_client),
        )
        self._writers -= ends
        for end in ends:
            end.close()
            await _closed(end)

    # Looked up at each chunk, so that a test may change the watch while the link is up.
    def _toward_server(self, chunk: bytes) -> bytes | None:
        return self.to_server(chunk)

    def _toward_client(self, chunk: bytes) -> bytes | None:
        return self.to_client(chunk)

    async def _forward(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, watch: Watch
    ) -> None:
        try:
            while chunk := await reader.read(READ_SIZE):
                passed = watch(chunk)
                if passed is None:
                    self.cut()
                    return
                writer.write(passed)
                await writer.drain()
            if writer.can_write_eof() and not writer.is_closing():
                writer.write_eof()
        except OSError:
            _reset(writer)


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close with RST instead of FIN: the peer sees a lost link, not a goodbye."""
    endpoint = writer.get_extra_info("socket")
    with suppress(OSError, ValueError):  # closed already, as asyncio and uvloop say it
        endpoint.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def _closed(writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        await writer.wait_closed()
