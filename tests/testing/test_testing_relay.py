"""What would break: a test that believes it cut the link."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from meridian.testing import Relay


@pytest.fixture
async def echo():
    served = set()

    async def serve(reader, writer):
        served.add(asyncio.current_task())
        with suppress(ConnectionResetError):
            while chunk := await reader.read(100):
                writer.write(chunk)
        await closed(writer)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()
    server.close()
    await asyncio.gather(*served)


async def closed(writer) -> None:
    writer.close()
    with suppress(ConnectionResetError):
        await writer.wait_closed()


@pytest.fixture
async def relay(echo):
    relay = Relay(*echo)
    yield relay
    await relay.stop()


async def test_it_passes_bytes_both_ways_and_ends(relay):
    reader, writer = await asyncio.open_connection("127.0.0.1", await relay.start())
    writer.write(b"hello")
    assert await reader.readexactly(5) == b"hello"
    writer.write_eof()
    assert await reader.read() == b""
    await closed(writer)


async def test_a_watch_may_change_or_cut(relay):
    relay.to_server = lambda chunk: None if b"die" in chunk else chunk.upper()
    reader, writer = await asyncio.open_connection("127.0.0.1", await relay.start())
    writer.write(b"hello")
    assert await reader.readexactly(5) == b"HELLO"
    writer.write(b"die")
    with pytest.raises(ConnectionResetError):
        await reader.read()
    await closed(writer)


async def test_a_cut_resets_and_a_new_connection_works(relay):
    port = await relay.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"a")
    await reader.readexactly(1)
    relay.cut()
    with pytest.raises(ConnectionResetError):
        await reader.read()
    await closed(writer)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"b")
    assert await reader.readexactly(1) == b"b"
    assert relay.connections == 2
    await closed(writer)


async def test_while_refusing_nothing_reaches_the_server(relay):
    relay.refusing = True
    reader, writer = await asyncio.open_connection("127.0.0.1", await relay.start())
    with pytest.raises(ConnectionResetError):
        await reader.read()
    await closed(writer)
    assert relay.connections == 0


async def test_an_absent_server_resets_the_client():
    relay = Relay("127.0.0.1", 1)
    reader, writer = await asyncio.open_connection("127.0.0.1", await relay.start())
    with pytest.raises(ConnectionResetError):
        await reader.read()
    await closed(writer)
    await relay.stop()
