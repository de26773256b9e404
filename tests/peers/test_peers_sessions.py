"""Sessions with the independent quickfix engine, in both roles: the whole life of a session."""

from __future__ import annotations

import asyncio
import socket
import sys
import time
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

pytest.importorskip("quickfix", reason="make peers installs the quickfix package")

import peer_engine
from peer_engine import FIELDS

from meridian.fix import Disconnected, LoggedOn, MessageReceived, Session, SessionConfig
from meridian.fix.dictionary import standard
from meridian.fix.schedule import Schedule
from meridian.fix.validator import Validator
from meridian.net import FixAcceptor, FixInitiator
from meridian.schema.errors import ExchangeError
from meridian.store.fix_log import LogMessageStore

pytestmark = pytest.mark.peers

WAIT_SECONDS = 30
"""Real sockets, real engine: how long an expected thing may take."""
WHOLE_DAY = "StartTime=00:00:00\nEndTime=00:00:00"


class Engine:
    """The engine's process, and what it heard."""

    def __init__(self, process):
        self.heard: list[str] = []
        self.rejected: list[str] = []
        self._numbers: asyncio.Future[tuple[int, ...]] | None = None
        self._changed = asyncio.Event()
        self._process = process
        self._reader = asyncio.create_task(self._read())

    @classmethod
    async def start(cls, role, port, folder, schedule):
        folder.mkdir(exist_ok=True)
        return cls(
            await asyncio.create_subprocess_exec(
                sys.executable,
                peer_engine.__file__,
                role,
                str(port),
                str(folder),
                schedule,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
            )
        )

    async def _read(self):
        async for line in self._process.stdout:
            text = line.decode().strip()
            if text.startswith("numbers"):
                self._numbers.set_result(tuple(map(int, text.split()[1:])))
            elif text.startswith("rejected"):
                self.rejected.append(text)
            else:
                self.heard.append(text)
                self._changed.set()

    def tell(self, command):
        self._process.stdin.write(f"{command}\n".encode())

    def send(self, msg_type, number):
        self.tell(f"send {msg_type} {number}")

    async def numbers(self):
        """MsgSeqNum it expects, and the one it sends next."""
        self._numbers = asyncio.get_running_loop().create_future()
        self.tell("numbers")
        sends, expects = await asyncio.wait_for(self._numbers, WAIT_SECONDS)
        return expects, sends

    async def until(self, *wanted):
        """Until the last things heard are these."""
        async with asyncio.timeout(WAIT_SECONDS):
            while tuple(self.heard[-len(wanted) :]) != wanted:
                self._changed.clear()
                await self._changed.wait()

    async def stop(self):
        self._process.stdin.close()
        await self._process.wait()
        await self._reader


def free_port():
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Ours:
    """Our side of the session; subclasses know how it is connected."""

    def __init__(self, folder: Path, *, initiator: bool, schedule: Schedule | None = None):
        config = SessionConfig(
            "MERIDIAN",
            "PEER",
            initiator,
            schedule=schedule,
            validator=Validator(standard("FIX.4.4")),
        )
        self.heard: list[str] = []
        self._changed = asyncio.Event()
        self.session = Session(config, LogMessageStore(folder / "ours.log", "flush"))

    def on_event(self, event):
        if isinstance(event, MessageReceived):
            self.heard.append(f"{event.message.msg_type} {event.message.get(11)}")
        elif isinstance(event, LoggedOn):
            self.heard.append("on")
        elif isinstance(event, Disconnected):
            self.heard.append("off")
        self._changed.set()

    async def until_numbers(self, *wanted: int) -> None:
        async with asyncio.timeout(WAIT_SECONDS):
            while self.session.next_numbers != wanted:
                self._changed.clear()
                await self._changed.wait()

    async def until(self, *wanted: str) -> None:
        async with asyncio.timeout(WAIT_SECONDS):
            while tuple(self.heard[-len(wanted) :]) != wanted:
                self._changed.clear()
                await self._changed.wait()


class OurAcceptor(Ours):
    def __init__(self, folder, **options):
        super().__init__(folder, initiator=False, **options)
        self.acceptor = FixAcceptor(
            "127.0.0.1",
            0,
            {"PEER": self.session},
            lambda key, event: self.on_event(event),
            time.time_ns,
            print,
        )

    async def start(self) -> int:
        return (await self.acceptor.start())[1]

    async def connect(self) -> None:
        """The engine connects by itself."""

    def send(self, msg_type, number):
        fields = [(tag, value.format(number=number)) for tag, value in FIELDS[msg_type]]
        self.acceptor.send("PEER", msg_type, fields)

    def cut(self):
        self.acceptor.drop("PEER", "cut by the test")

    def settle(self):
        self.acceptor._by_key["PEER"].settle()

    async def logout(self):
        self.session.logout("", time.time_ns())
        self.settle()

    async def stop(self):
        await self.acceptor.stop()


class OurInitiator(Ours):
    def __init__(self, folder, **options):
        super().__init__(folder, initiator=True, **options)
        self.link: FixInitiator

    async def start(self) -> int:
        port = free_port()
        self.link = FixInitiator(self.session, "127.0.0.1", port, self.on_event, time.time_ns)
        return port

    async def connect(self) -> None:
        """Try until the engine listens, and until it has noticed that the last link is gone."""
        async with asyncio.timeout(WAIT_SECONDS):
            while True:
                try:
                    return await self.link.connect(WAIT_SECONDS)
                except ExchangeError:
                    await asyncio.sleep(0.05)

    def send(self, msg_type, number):
        fields = [(tag, value.format(number=number)) for tag, value in FIELDS[msg_type]]
        self.session.send(msg_type, fields, time.time_ns())
        if self.link.connected:
            self.link._link.mark()

    def cut(self):
        self.link.abort()

    def settle(self):
        self.link._link.settle()

    async def logout(self):
        await self.link.logout(WAIT_SECONDS)

    async def stop(self):
        await self.link.logout(WAIT_SECONDS)


ROLES = {"acceptor": OurAcceptor, "initiator": OurInitiator}


@asynccontextmanager
async def pair(role, folder, schedule=None, engine_schedule=WHOLE_DAY):
    ours = ROLES[role](folder, schedule=schedule)
    port = await ours.start()
    other = "initiator" if role == "acceptor" else "acceptor"
    engine = await Engine.start(other, port, folder / "engine", engine_schedule)
    try:
        await ours.connect()
        await engine.until("on")
        yield ours, engine
    finally:
        await ours.stop()
        await engine.stop()


@pytest.fixture(params=["acceptor", "initiator"])
def role(request):
    return request.param


async def trade(ours, engine, number):
    """One message each way."""
    engine.send("D", number)
    await ours.until(f"D {number}")
    ours.send("8", number)
    await engine.until(f"8 {number}")


async def agree(ours, engine):
    """Both sides' numbers, once a resend that is under way has ended."""
    async with asyncio.timeout(WAIT_SECONDS):
        while (numbers := await engine.numbers()) != ours.session.next_numbers:
            pass
    return numbers


async def test_orders_and_reports_go_both_ways(role, tmp_path):
    async with pair(role, tmp_path) as (ours, engine):
        for number in range(20):
            await trade(ours, engine, number)
        assert await agree(ours, engine) == (22, 22)
        assert engine.rejected == []


async def test_what_was_sent_during_a_cut_is_resent_after_it(role, tmp_path):
    async with pair(role, tmp_path) as (ours, engine):
        await trade(ours, engine, 0)
        ours.cut()
        await engine.until("off")
        for number in (1, 2, 3):
            ours.send("8", number)
            engine.send("D", number)
        await ours.connect()
        await engine.until("8 1", "8 2", "8 3")
        await ours.until("D 1", "D 2", "D 3")
        await trade(ours, engine, 4)
        assert [said for said in engine.heard if said[0] == "8"] == [f"8 {n}" for n in range(5)]
        assert [said for said in ours.heard if said[0] == "D"] == [f"D {n}" for n in range(5)]
        await agree(ours, engine)


async def test_we_jump_ahead_with_a_sequence_reset(role, tmp_path):
    async with pair(role, tmp_path) as (ours, engine):
        await trade(ours, engine, 0)
        ours.session.reset_sequence(500, time.time_ns())
        ours.settle()
        await trade(ours, engine, 1)
        assert (await agree(ours, engine))[0] == 501


async def test_the_engine_loses_numbers_and_fills_the_gap(role, tmp_path):
    async with pair(role, tmp_path) as (ours, engine):
        await trade(ours, engine, 0)
        engine.tell("skip-to 500")
        await trade(ours, engine, 1)
        assert (await agree(ours, engine))[1] == 501


async def test_we_start_over_with_a_reset_on_the_live_session(role, tmp_path):
    async with pair(role, tmp_path) as (ours, engine):
        await trade(ours, engine, 0)
        ours.session.reset(time.time_ns())
        ours.settle()
        # The engine's next message would cross the reset, and be numbered either way.
        await ours.until_numbers(2, 2)
        await trade(ours, engine, 1)
        assert await agree(ours, engine) == (3, 3)


async def test_we_log_out_and_go_on_later(role, tmp_path):
    async with pair(role, tmp_path) as (ours, engine):
        await trade(ours, engine, 0)
        await ours.logout()
        await ours.until("off")
        await ours.connect()
        await engine.until("off", "on")
        await trade(ours, engine, 1)
        await agree(ours, engine)


async def test_the_engine_logs_out_and_comes_back(role, tmp_path):
    async with pair(role, tmp_path) as (ours, engine):
        await trade(ours, engine, 0)
        engine.tell("logout")
        await ours.until("off")
        engine.tell("logon")
        await ours.connect()
        await engine.until("off", "on")
        await trade(ours, engine, 1)
        await agree(ours, engine)


async def test_the_numbers_start_over_with_the_next_day(role, tmp_path):
    # A day that ended in three seconds, and the next one that begins three seconds later.
    now = datetime.now(UTC).replace(microsecond=0)  # noqa: TID251 - the engine lives in real time
    end, start = now + timedelta(seconds=4), now + timedelta(seconds=7)
    schedule = Schedule(start.time(), end.time())
    engine_schedule = f"StartTime={start:%H:%M:%S}\nEndTime={end:%H:%M:%S}"
    async with pair(role, tmp_path, schedule, engine_schedule) as (ours, engine):
        await trade(ours, engine, 0)
        assert ours.session.next_numbers == (3, 3)
        await ours.until("off")
        assert time.time_ns() >= end.timestamp() * 1_000_000_000 - 1_000_000_000
        await ours.connect()
        await engine.until("off", "on")
        assert time.time() >= start.timestamp() - 1  # noqa: TID251
        await trade(ours, engine, 1)
        assert await agree(ours, engine) == (3, 3)
