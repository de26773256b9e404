"""One peer must not hold up, crowd out or overhear the others."""

from __future__ import annotations

import asyncio
import gc
import shutil
import ssl
import subprocess
import time
from contextlib import suppress

import pytest
from test_net_fix import SOON, Floor, Trader, floor

from meridian.fix import MemoryMessageStore, Session, SessionConfig
from meridian.net import FixAcceptor, FixInitiator, fix_acceptor, fix_link
from meridian.schema.errors import ExchangeError


class Turns:
    """Counts what happens within one turn of the loop."""

    def __init__(self):
        self.most = 0
        self._now = 0
        self._turn()

    def _turn(self):
        self.most = max(self.most, self._now)
        self._now = 0
        self._handle = asyncio.get_running_loop().call_soon(self._turn)

    def count(self):
        self._now += 1

    def stop(self):
        self._handle.cancel()


async def test_a_flood_of_one_peer_gets_a_share_of_each_turn(monkeypatch):
    monkeypatch.setattr(fix_link, "READ_SHARE", 4_096)
    turns = Turns()
    async with floor(lambda *_: turns.count()) as venue:
        flood = Trader(venue.address)
        await flood.link.connect(SOON)
        for n in range(3_000):
            flood.link.send("D", [(11, n)])
        await venue.until(lambda: ("TRADER", "D 2999") in venue.heard)
        orders = [name for _, name in venue.heard if name[:2] == "D "]
        assert orders == [f"D {n}" for n in range(3_000)]
        assert (
            10 < turns.most <= 4_096 // len("8=FIX.4.4|9=61|35=D|34=2|49=T|52=|56=M|11=1|10=000|")
        )
        turns.stop()
        await flood.link.logout(SOON)


async def test_connections_that_wait_for_logon_are_bounded_per_host(monkeypatch):
    monkeypatch.setattr(fix_acceptor, "MAX_WAITING_PER_HOST", 2)
    async with floor() as venue:
        waiting = [await asyncio.open_connection(*venue.address) for _ in range(2)]
        reader, writer = await asyncio.open_connection(*venue.address)
        assert await asyncio.wait_for(reader.read(), SOON) == b""
        assert venue.notes[0].endswith("refused: 2 connections wait for Logon already")
        writer.close()
        for _, writer in waiting:
            writer.close()
            await writer.wait_closed()
        async with asyncio.timeout(SOON):
            while venue.acceptor._links:  # noqa: ASYNC110 - no event tells of it
                await asyncio.sleep(0)
        # Who has logged on does not count.
        traders = [Trader(venue.address, name) for name in ("TRADER", "VIEWER")]
        for trader in traders:
            await trader.link.connect(SOON)
        reader, writer = await asyncio.open_connection(*venue.address)
        writer.write_eof()
        assert await asyncio.wait_for(reader.read(), SOON) == b""
        assert venue.notes[-1].endswith("closed by the peer before Logon")
        writer.close()
        for trader in traders:
            await trader.link.logout(SOON)


async def test_a_whole_desk_logs_on_at_once():
    desks = 200
    venue = Floor()
    sessions = {
        f"D{n}": Session(SessionConfig("MERIDIAN", f"D{n}", False), MemoryMessageStore())
        for n in range(desks)
    }
    acceptor = FixAcceptor("127.0.0.1", 0, sessions, venue.on_event, time.time_ns, venue.on_note)
    address = await acceptor.start()
    traders = [Trader(address, name) for name in sessions]
    await asyncio.gather(*(trader.link.connect(SOON) for trader in traders))
    assert all(trader.link.connected for trader in traders)
    await asyncio.gather(*(trader.link.logout(SOON) for trader in traders))
    await acceptor.stop()


@pytest.fixture
def certificate(tmp_path):
    """A certificate for localhost and its key, made for this test."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("needs the openssl program to make a certificate")
    key, cert = tmp_path / "key.pem", tmp_path / "cert.pem"
    command = f"{openssl} req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1"
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    subprocess.run(
        [*command.split(), *names, "-keyout", str(key), "-out", str(cert)],
        check=True,
        capture_output=True,
    )
    return cert, key


async def test_a_session_runs_over_tls_and_ends_in_order(certificate):
    cert, key = certificate
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(cert, key)
    client = ssl.create_default_context(cafile=str(cert))
    venue = Floor()
    acceptor = FixAcceptor(
        "localhost", 0, venue.sessions, venue.on_event, time.time_ns, venue.on_note, tls=server
    )
    host, port = await acceptor.start()
    assert host in ("127.0.0.1", "::1")
    trader = Trader(("localhost", port))
    trader.link = FixInitiator(
        trader.session, "localhost", port, trader.on_event, time.time_ns, tls=client
    )
    await trader.link.connect(SOON)
    trader.link.send("D", [(11, "a")])
    await venue.until(lambda: ("TRADER", "D a") in venue.heard)
    await trader.link.logout(SOON)
    plain = Trader(("localhost", port))
    with pytest.raises(ExchangeError):
        await plain.link.connect(SOON)
    await acceptor.stop()


async def refused(address):
    """Talks nonsense to a TLS port until it is left."""
    reader, writer = await asyncio.open_connection(*address)
    writer.write(b"8=FIX.4.4\x019=5\x0135=A\x01" * 5)
    with suppress(ConnectionError):
        await asyncio.wait_for(reader.read(), SOON)
    writer.close()


async def test_failed_tls_handshakes_leave_nothing_behind(certificate, monkeypatch):
    monkeypatch.setattr(fix_acceptor, "MAX_LINKS", 2)
    cert, key = certificate
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(cert, key)
    client = ssl.create_default_context(cafile=str(cert))
    venue = Floor()
    acceptor = FixAcceptor(
        "localhost", 0, venue.sessions, venue.on_event, time.time_ns, venue.on_note, tls=server
    )
    address = await acceptor.start()
    for _ in range(5):
        await refused(address)
        # Who does not get through the handshake is let go of with its last reference.
        gc.collect()
    assert venue.notes == []
    trader = Trader(("localhost", address[1]))
    trader.link = FixInitiator(
        trader.session, "localhost", address[1], trader.on_event, time.time_ns, tls=client
    )
    await trader.link.connect(SOON)
    await trader.link.logout(SOON)
    await acceptor.stop()


async def test_a_tls_handshake_that_never_ends_is_cut(certificate, monkeypatch):
    monkeypatch.setattr(fix_acceptor, "HANDSHAKE_TIMEOUT", 0.01)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(*certificate)
    venue = Floor()
    acceptor = FixAcceptor(
        "localhost", 0, venue.sessions, venue.on_event, time.time_ns, venue.on_note, tls=server
    )
    reader, writer = await asyncio.open_connection(*await acceptor.start())
    with suppress(ConnectionError):
        assert await asyncio.wait_for(reader.read(), SOON) == b""
    writer.close()
    await acceptor.stop()
