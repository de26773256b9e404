"""FIX over real sockets on this machine: connect, lose the link, come back, stop."""

from __future__ import annotations

import asyncio
import socket
import time
from contextlib import asynccontextmanager, suppress

import pytest

from meridian.fix import MemoryMessageStore, Session, SessionConfig, acceptor
from meridian.net import FixAcceptor, FixInitiator, fix_acceptor, fix_link
from meridian.schema.errors import (
    ConfigError,
    ExchangeError,
    NotFoundError,
    SessionDegradedError,
)

SOON = 30.0
"""Seconds after which a test has failed; nothing waits for it to pass."""


class Floor:
    """A venue's acceptor for TRADER and VIEWER, and what it heard."""

    def __init__(self, handler=None, **options):
        self.heard = []
        self.notes = []
        self.handler = handler
        self.changed = asyncio.Event()
        self.sessions = {
            name: Session(SessionConfig("MERIDIAN", name, False, **options), MemoryMessageStore())
            for name in ("TRADER", "VIEWER")
        }
        self.acceptor = FixAcceptor(
            "127.0.0.1", 0, self.sessions, self.on_event, time.time_ns, self.on_note
        )

    def on_event(self, key, event):
        self.heard.append((key, named(event)))
        self.changed.set()
        if self.handler is not None:
            self.handler(self, key, event)

    def on_note(self, text):
        self.notes.append(text)
        self.changed.set()

    async def until(self, condition):
        async with asyncio.timeout(SOON):
            while not condition():
                self.changed.clear()
                await self.changed.wait()


class Trader:
    """The other side, and what it heard."""

    def __init__(self, address, name="TRADER", handler=None, **options):
        self.heard = []
        self.errors = []
        self.handler = handler
        self.changed = asyncio.Event()
        config = SessionConfig(name, "MERIDIAN", True, **options)
        self.session = Session(config, MemoryMessageStore())
        self.link = FixInitiator(
            self.session, *address, self.on_event, time.time_ns, self.errors.append
        )

    def on_event(self, event):
        self.heard.append(named(event))
        self.changed.set()
        if self.handler is not None:
            self.handler(event)

    async def until(self, condition):
        async with asyncio.timeout(SOON):
            while not condition():
                self.changed.clear()
                await self.changed.wait()


def named(event):
    message = getattr(event, "message", None)
    name = type(event).__name__
    return f"{message.msg_type} {message.get(11)}" if message else name


@asynccontextmanager
async def floor(handler=None, **options):
    venue = Floor(handler, **options)
    venue.address = await venue.acceptor.start()
    yield venue
    await venue.acceptor.stop()


async def test_an_order_goes_out_and_a_report_comes_back():
    def answer(venue, key, event):
        if named(event).startswith("D "):
            venue.acceptor.send(key, "8", [(11, event.message.get(11)), (39, "0")])

    async with floor(answer) as venue:
        trader = Trader(venue.address)
        await trader.link.connect(SOON)
        assert trader.link.connected
        assert trader.link.send("D", [(11, "a")]) == 2
        await trader.until(lambda: "8 a" in trader.heard)
        await trader.link.logout(SOON)
        assert not trader.link.connected
    assert trader.heard == ["LoggedOn", "Synchronised", "8 a", "LoggedOut", "Disconnected"]
    assert venue.heard[-2:] == [("TRADER", "LoggedOut"), ("TRADER", "Disconnected")]


async def test_a_lost_link_loses_no_report():
    async with floor() as venue:
        trader = Trader(venue.address)
        await trader.link.connect(SOON)
        trader.link.abort()
        await venue.until(lambda: ("TRADER", "Disconnected") in venue.heard)
        assert trader.heard[-1] == "Disconnected"
        assert not trader.link.connected
        for name in "abc":
            venue.acceptor.send("TRADER", "8", [(11, name)])
        await trader.link.connect(SOON)
        # connect returns when everything missed has been received.
        assert trader.heard[-5:] == ["LoggedOn", "8 a", "8 b", "8 c", "Synchronised"]
        await trader.link.logout(SOON)


async def test_a_thousand_reports_in_one_turn_all_arrive_in_order():
    async with floor() as venue:
        trader = Trader(venue.address)
        await trader.link.connect(SOON)
        for number in range(1_000):
            venue.acceptor.send("TRADER", "8", [(11, number)])
        await trader.until(lambda: trader.heard[-1] == "8 999")
        assert trader.heard[2:] == [f"8 {number}" for number in range(1_000)]
        await trader.link.logout(SOON)


async def test_one_turn_of_the_loop_makes_one_write(monkeypatch):
    async with floor() as venue:
        trader = Trader(venue.address)
        await trader.link.connect(SOON)
        writes = []
        transport = trader.link._link._transport
        monkeypatch.setattr(trader.link._link, "_transport", Tap(transport, writes))
        for name in "abc":
            trader.link.send("D", [(11, name)])
        await venue.until(lambda: ("TRADER", "D c") in venue.heard)
        assert [data.count(b"\x0135=D\x01") for data in writes] == [3]
        await trader.link.logout(SOON)


class Tap:
    """A transport that also notes what is written."""

    def __init__(self, transport, writes):
        self._transport = transport
        self._writes = writes

    def write(self, data):
        self._writes.append(data)
        self._transport.write(data)

    def __getattr__(self, name):
        return getattr(self._transport, name)


async def test_two_clients_trade_at_a_time_and_a_third_with_the_same_name_does_not():
    async with floor() as venue:
        trader, viewer = Trader(venue.address), Trader(venue.address, "VIEWER")
        await trader.link.connect(SOON)
        await viewer.link.connect(SOON)
        twin = Trader(venue.address)
        with pytest.raises(ExchangeError, match="the peer closed the connection"):
            await twin.link.connect(SOON)
        assert "TRADER is already connected" in venue.notes[-1]
        assert trader.link.connected
        await trader.link.logout(SOON)
        await viewer.link.logout(SOON)


async def test_a_wrong_password_and_an_unknown_name_are_noted_and_closed():
    async with floor(username="u", password="p") as venue:
        for name, secret, note in (
            ("TRADER", "guess", "wrong password"),
            ("NOBODY", "p", "no session for 'FIX.4.4' from 'NOBODY' to 'MERIDIAN'"),
        ):
            trader = Trader(venue.address, name, username="u", password=secret)
            with pytest.raises(ExchangeError, match=r"127.0.0.1:\d+: the peer closed"):
                await trader.link.connect(SOON)
            assert note in venue.notes[-1]
            assert venue.heard == []


async def test_nobody_at_the_address_is_said_with_the_address():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        trader = Trader(("127.0.0.1", port))
        with pytest.raises(ExchangeError, match=f"cannot connect to 127.0.0.1:{port}"):
            await trader.link.connect(SOON)


async def test_a_peer_that_never_answers_the_logon_is_given_up():
    mute = Mute()
    server = await asyncio.get_running_loop().create_server(lambda: mute, "127.0.0.1", 0)
    trader = Trader(server.sockets[0].getsockname()[:2])
    with pytest.raises(ExchangeError, match=r"not logged on within 0.05 s"):
        await trader.link.connect(0.05)
    assert not trader.link.connected
    assert trader.heard == ["Disconnected"]
    server.close()
    await asyncio.wait_for(mute.lost.wait(), SOON)


class Mute(asyncio.Protocol):
    """Accepts and says nothing."""

    def __init__(self):
        self.lost = asyncio.Event()

    def connection_lost(self, exc):
        self.lost.set()


async def test_a_refused_logon_says_the_peers_words():
    async with floor() as venue:
        trader = Trader(venue.address)
        await trader.link.connect(SOON)
        await trader.link.logout(SOON)
        # The same name with a lost store starts from 1 again.
        amnesiac = Trader(venue.address)
        words = "MsgSeqNum too low, expecting 3 but received 1"
        with pytest.raises(ExchangeError, match=words):
            await amnesiac.link.connect(SOON)


async def test_nothing_is_sent_or_kept_while_not_connected():
    async with floor() as venue:
        trader = Trader(venue.address)
        with pytest.raises(SessionDegradedError, match="not logged on"):
            trader.link.send("D", [(11, "a")])
        assert trader.session._store.next_out == 1
        with pytest.raises(NotFoundError, match="'NOBODY'"):
            venue.acceptor.send("NOBODY", "8", [(11, "a")])


async def test_a_handler_that_fails_is_reported_and_the_link_lives():
    def fail(*_):
        raise RuntimeError("bug in the application")

    async with floor(fail) as venue:
        trader = Trader(venue.address, handler=fail)
        await trader.link.connect(SOON)
        assert [str(error) for error in trader.errors] == ["bug in the application"] * 2
        assert "TRADER: handler failed on LoggedOn()" in venue.notes[0]
        trader.link.send("D", [(11, "a")])
        await venue.until(lambda: ("TRADER", "D a") in venue.heard)
        await trader.link.logout(SOON)


async def test_probes_and_junk_do_not_disturb():
    async with floor() as venue:
        for junk in (b"", b"GET / HTTP/1.1\r\n\r\n", b"8=FIX.4.4\x019=x\x01"):
            reader, writer = await asyncio.open_connection(*venue.address)
            writer.write(junk)
            writer.write_eof()
            assert await reader.read() == b""
            writer.close()
            await writer.wait_closed()
        await venue.until(lambda: len(venue.notes) == 3)
        trader = Trader(venue.address)
        await trader.link.connect(SOON)
        await trader.link.logout(SOON)


async def test_a_refused_peer_sees_an_orderly_end_not_a_reset():
    async with floor() as venue:
        reader, writer = await asyncio.open_connection(*venue.address)
        writer.write(b"junk" * 100_000)
        # A reset would raise ConnectionResetError here.
        assert await reader.read() == b""
        writer.close()
        await writer.wait_closed()


async def test_an_occupied_port_is_named():
    async with floor() as venue:
        host, port = venue.address
        second = FixAcceptor(host, port, {}, lambda *_: None, time.time_ns, print)
        with pytest.raises(ConfigError, match=f"cannot listen on {host}:{port}: "):
            await second.start()


@pytest.mark.parametrize(
    ("host", "port"), [("a" * 100, 1), ("a\0b", 1), ("..", 1), ("127.0.0.1", 70_000)]
)
async def test_an_impossible_address_is_an_error_that_names_it(host, port):
    impossible = FixAcceptor(host, port, {}, lambda *_: None, time.time_ns, print)
    with pytest.raises(ConfigError, match=f"cannot listen on {host}:{port}: "):
        await impossible.start()
    with pytest.raises(ExchangeError, match=f"cannot connect to {host}:{port}: "):
        await Trader((host, port)).link.connect(SOON)


async def test_stop_logs_everybody_out():
    async with floor() as venue:
        trader = Trader(venue.address)
        await trader.link.connect(SOON)
        await venue.acceptor.stop()
        await trader.until(lambda: "Disconnected" in trader.heard)
        assert trader.heard[-2:] == ["LoggedOut", "Disconnected"]


async def test_a_client_that_does_not_read_is_dropped_and_served_later(monkeypatch):
    monkeypatch.setattr(fix_link, "WRITE_LIMIT", 400_000)
    async with floor() as venue:
        trader = Trader(venue.address)
        await trader.link.connect(SOON)
        trader.link._link._transport.pause_reading()
        text = "x" * 1_000
        sent = 0
        async with asyncio.timeout(SOON):
            while ("TRADER", "Disconnected") not in venue.heard:
                venue.acceptor.send("TRADER", "8", [(11, sent), (58, text)])
                sent += 1
                await asyncio.sleep(0)
        assert "dropped: more than 400000 B unread" in venue.notes[-1]
        trader.link.abort()
        await trader.link.connect(SOON)
        reports = [name for name in trader.heard if name.startswith("8 ")]
        assert reports == [f"8 {number}" for number in range(sent)]
        await trader.link.logout(SOON)


async def test_a_client_that_asks_for_too_much_at_once_is_dropped_and_served_later(monkeypatch):
    monkeypatch.setattr(fix_link, "UNSENT_LIMIT", 100_000)

    def answer(venue, key, event):
        if named(event) == "D ask":
            for number in range(200):
                venue.acceptor.send(key, "8", [(11, number), (58, "x" * 1_000)])

    async with floor(answer) as venue:
        trader = Trader(venue.address)
        await trader.link.connect(SOON)
        trader.link.send("D", [(11, "ask")])
        await trader.until(lambda: "Disconnected" in trader.heard)
        assert "dropped: asks for more than 100000 B" in venue.notes[-1]
        await venue.until(lambda: ("TRADER", "Disconnected") in venue.heard)
        await trader.link.connect(SOON)
        reports = [name for name in trader.heard if name.startswith("8 ")]
        assert reports == [f"8 {number}" for number in range(200)]
        await trader.link.logout(SOON)


async def test_connections_beyond_the_bound_are_closed_at_once(monkeypatch):
    monkeypatch.setattr(fix_acceptor, "MAX_LINKS", 1)
    async with floor() as venue:
        trader = Trader(venue.address)
        await trader.link.connect(SOON)
        reader, writer = await asyncio.open_connection(*venue.address)
        assert await reader.read() == b""
        writer.close()
        await writer.wait_closed()
        assert venue.notes == ["refused: 1 connections already"]
        await trader.link.logout(SOON)


async def test_a_second_connect_is_refused_and_the_first_lives():
    async with floor() as venue:
        trader = Trader(venue.address)
        await trader.link.connect(SOON)
        with pytest.raises(ExchangeError, match="already connected"):
            await trader.link.connect(SOON)
        assert trader.link.connected
        await trader.link.logout(SOON)


async def test_a_handler_may_cut_the_link_and_its_message_counts_only_when_it_is_done():
    counted = []

    def cut(event):
        if named(event) == "8 a":
            trader.link.abort()
            counted.append(trader.session._store.next_in)

    async with floor() as venue:
        trader = Trader(venue.address, handler=cut)
        await trader.link.connect(SOON)
        venue.acceptor.send("TRADER", "8", [(11, "a")])
        venue.acceptor.send("TRADER", "8", [(11, "b")])
        await trader.until(lambda: trader.heard[-1] == "Disconnected")
        assert trader.heard[2:] == ["8 a", "8 b", "Disconnected"]
        assert counted == [2]
        assert trader.session._store.next_in == 4
        trader.handler = None
        await trader.link.connect(SOON)
        await trader.link.logout(SOON)


async def test_a_refused_peer_that_will_not_close_is_cut(monkeypatch):
    monkeypatch.setattr(fix_link, "LINGER", 0.01)
    async with floor() as venue:
        reader, writer = await asyncio.open_connection(*venue.address)
        writer.write(b"junk")
        assert await reader.read() == b""
        # This side stays open; the venue does not wait for it.
        async with asyncio.timeout(SOON):
            while venue.acceptor._links:  # noqa: ASYNC110 - no event tells of it
                await asyncio.sleep(0)
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


async def test_stop_does_not_wait_for_ever(monkeypatch):
    monkeypatch.setattr(fix_acceptor, "STOP_TIMEOUT", 0.01)
    async with floor() as venue:
        trader = Trader(venue.address)
        await trader.link.connect(SOON)
        trader.link._link._transport.pause_reading()
        await venue.acceptor.stop()
        assert venue.heard[-1] == ("TRADER", "Disconnected")
        trader.link.abort()


async def test_the_loop_keeps_the_time_of_a_connection_that_says_nothing(monkeypatch):
    monkeypatch.setattr(acceptor, "LOGON_TIMEOUT", 10_000_000)
    async with floor() as venue:
        reader, writer = await asyncio.open_connection(*venue.address)
        assert await asyncio.wait_for(reader.read(), SOON) == b""
        assert "refused: no Logon within" in venue.notes[0]
        writer.close()
        await writer.wait_closed()


async def test_the_loop_keeps_the_time_of_a_logout_that_nobody_answers():
    async with floor() as venue:
        trader = Trader(venue.address, logout_timeout=10_000_000)
        await trader.link.connect(SOON)
        venue.acceptor._by_key["TRADER"]._transport.pause_reading()
        ended = asyncio.create_task(trader.link.logout(SOON))
        await trader.until(lambda: trader.heard[-1] == "Disconnected")
        venue.acceptor.drop("TRADER", "test is over")
        await ended


async def test_what_an_application_cannot_take_is_refused_in_the_words_of_the_version():
    def refuse(venue, key, event):
        if named(event).startswith("B "):
            venue.acceptor.unsupported(key, event.message)
        elif named(event).startswith("D "):
            venue.acceptor.business_reject(key, event.message, 4, "not now", [(379, "a")])

    async with floor(refuse) as venue:
        refusals = []

        def remember(event):
            message = getattr(event, "message", None)
            if message is not None and message.msg_type == "j":
                refusals.append([message.get(tag) for tag in (372, 379, 380, 58)])

        trader = Trader(venue.address, handler=remember)
        await trader.link.connect(SOON)
        trader.link.send("B", [(148, "news")])
        trader.link.send("D", b"11=a\x01", [(128, "FUND")])
        await trader.until(lambda: len(refusals) == 2)
        assert refusals == [
            ["B", None, "3", "Unsupported Message Type"],
            ["D", "a", "4", "not now"],
        ]
        with pytest.raises(NotFoundError, match="'NOBODY'"):
            venue.acceptor.unsupported("NOBODY", None)
        with pytest.raises(NotFoundError, match="'NOBODY'"):
            venue.acceptor.business_reject("NOBODY", None, 4, "x")
        await trader.link.logout(SOON)


async def test_an_initiator_starts_both_directions_over():
    async with floor() as venue:
        trader = Trader(venue.address)
        await trader.link.connect(SOON)
        trader.link.send("D", [(11, "a")])
        await venue.until(lambda: ("TRADER", "D a") in venue.heard)
        trader.link.reset()
        await trader.until(lambda: trader.session.next_numbers == (2, 2))
        assert trader.link.send("D", [(11, "b")]) == 2
        await venue.until(lambda: ("TRADER", "D b") in venue.heard)
        await trader.link.logout(SOON)
        trader.link.reset()
        assert trader.session.next_numbers == (1, 1)
