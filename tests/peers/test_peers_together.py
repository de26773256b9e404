"""Three FIX engines trade on one endpoint at once: drop copy, market data and book must agree.

The quickfix package, simplefix over a raw socket, and our own initiator, each at its own pace;
our initiator also reads the copies and the market data.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import defaultdict
from decimal import Decimal
from functools import partial

import pytest

pytest.importorskip("quickfix", reason="make peers installs the quickfix package")
pytest.importorskip("simplefix", reason="make peers installs the simplefix package")

import quickfix as fix
import simplefix

from meridian.client import Simulator
from meridian.fix import MemoryMessageStore, MessageReceived, Session, SessionConfig
from meridian.fix.dictionary import standard
from meridian.fix.timestamps import timestamp
from meridian.fix.validator import Validator
from meridian.net import FixInitiator

pytestmark = pytest.mark.peers

WAIT_SECONDS = 30
"""Real sockets, real engines: how long an expected thing may take."""
ORDERS = 200
"""Of each trader; every fourth is cancelled again, traded or not."""
TRADERS = ("QUICK", "RAW", "OURS")

CONFIG = """
name = "MERIDIAN"
[[instruments]]
symbol = "AAPL"
tick_size = "0.01"
reference_price = "150.00"
[[endpoints]]
port = 0
sessions = [
    {comp_id = "QUICK"}, {comp_id = "RAW"}, {comp_id = "OURS"},
    {comp_id = "COPY", copies = ["QUICK", "RAW", "OURS"]}, {comp_id = "VIEW"},
]
"""
SETTINGS = """[DEFAULT]
ConnectionType=initiator
SocketConnectHost=127.0.0.1
SocketConnectPort={port}
HeartBtInt=30
StartTime=00:00:00
EndTime=00:00:00
FileStorePath={folder}
UseDataDictionary=N
[SESSION]
BeginString=FIX.4.4
SenderCompID=QUICK
TargetCompID=MERIDIAN
"""


class Heard:
    """What came, as (tag, value) pairs; whoever waits looks again when more has come."""

    def __init__(self) -> None:
        self.messages: list[list[tuple[int, str]]] = []
        self._changed = asyncio.Event()

    def note(self, raw: bytes) -> None:
        fields = raw.decode("latin-1").split("\x01")[:-1]
        pairs = [field.partition("=") for field in fields]
        self.messages.append([(int(tag), value) for tag, _, value in pairs])
        self._changed.set()

    def tables(self, msg_type: str) -> list[dict[int, str]]:
        return [dict(pairs) for pairs in self.messages if (35, msg_type) in pairs]

    async def until(self, met) -> None:
        async with asyncio.timeout(WAIT_SECONDS):
            while not met():
                self._changed.clear()
                await self._changed.wait()


class Ours(Heard):
    """Our initiator."""

    def __init__(self, comp_id: str, port: int) -> None:
        super().__init__()
        validator = Validator(standard("FIX.4.4"))
        config = SessionConfig(comp_id, "MERIDIAN", True, validator=validator)
        session = Session(config, MemoryMessageStore())
        self._link = FixInitiator(session, "127.0.0.1", port, self._on_event, time.time_ns)

    async def start(self) -> None:
        await self._link.connect(WAIT_SECONDS)

    def send(self, msg_type: str, fields) -> None:
        self._link.send(msg_type, fields)

    async def stop(self) -> None:
        await self._link.logout(WAIT_SECONDS)

    def _on_event(self, event) -> None:
        if isinstance(event, MessageReceived):
            self.note(event.message.raw)


class Raw(Heard):
    """simplefix, a socket, and nothing else."""

    def __init__(self, comp_id: str, port: int) -> None:
        super().__init__()
        self._comp_id, self._port, self._seq = comp_id, port, 0

    async def start(self) -> None:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        self._reading = asyncio.create_task(self._read())
        self.send("A", [(98, 0), (108, 30)])
        await self.until(lambda: self.tables("A"))

    def send(self, msg_type: str, fields) -> None:
        self._seq += 1
        message = simplefix.FixMessage()
        message.append_pair(8, "FIX.4.4", header=True)
        message.append_pair(35, msg_type, header=True)
        message.append_pair(34, self._seq, header=True)
        message.append_pair(49, self._comp_id, header=True)
        message.append_pair(52, timestamp(time.time_ns()), header=True)
        message.append_pair(56, "MERIDIAN", header=True)
        for tag, value in fields:
            message.append_pair(tag, value)
        self._writer.write(message.encode())

    async def stop(self) -> None:
        self.send("5", [])
        await asyncio.wait_for(self._reading, WAIT_SECONDS)
        self._writer.close()
        await self._writer.wait_closed()

    async def _read(self) -> None:
        parser = simplefix.FixParser()
        while data := await self._reader.read(65_536):
            parser.append_buffer(data)
            while (message := parser.get_message()) is not None:
                self.note(message.encode())


class Quick(Heard, fix.Application):
    """The quickfix package; what it hears comes from a thread of its own."""

    def __init__(self, port: int, folder) -> None:
        Heard.__init__(self)
        fix.Application.__init__(self)
        self._loop = asyncio.get_running_loop()
        self._on = asyncio.Event()
        config = folder / "quick.cfg"
        config.write_text(SETTINGS.format(port=port, folder=folder))
        settings = fix.SessionSettings(str(config))
        # Kept, for the engine does not.
        self._parts = settings, fix.MemoryStoreFactory()
        self._engine = fix.SocketInitiator(self, self._parts[1], settings)

    async def start(self) -> None:
        self._engine.start()
        await asyncio.wait_for(self._on.wait(), WAIT_SECONDS)

    def send(self, msg_type: str, fields) -> None:
        message = fix.Message()
        message.getHeader().setField(fix.MsgType(msg_type))
        for tag, value in fields:
            message.setField(tag, str(value))
        session = fix.SessionID("FIX.4.4", "QUICK", "MERIDIAN")
        assert fix.Session.sendToTarget(message, session)

    async def stop(self) -> None:
        await asyncio.to_thread(self._engine.stop)

    def onLogon(self, session_id):
        self._loop.call_soon_threadsafe(self._on.set)

    def fromApp(self, message, session_id):
        self._loop.call_soon_threadsafe(self.note, message.toString().encode("latin-1"))

    def onCreate(self, session_id): ...
    def onLogout(self, session_id): ...
    def toAdmin(self, message, session_id): ...
    def fromAdmin(self, message, session_id): ...
    def toApp(self, message, session_id): ...


async def trade(name: str, trader) -> None:
    """Enter and cancel, never more than a few unanswered; then until all is answered."""
    dice = random.Random(name)
    asked: list[str] = []

    def unanswered() -> int:
        answered = {report[11] for report in trader.tables("8") if report[150] in "04"}
        answered |= {refusal[11] for refusal in trader.tables("9")}
        return len(set(asked) - answered)

    for number in range(ORDERS):
        order, side = f"{name}-{number}", dice.choice("12")
        about = [(55, "AAPL"), (54, side), (60, timestamp(time.time_ns()))]
        quantity, price = dice.randint(1, 20), 14_995 + dice.randint(0, 10)
        entry = [(11, order), *about, (38, quantity), (40, "2"), (44, f"{price / 100:.2f}")]
        trader.send("D", entry)
        asked.append(order)
        if number % 4 == 3:
            asked.append(f"{order}-x")
            trader.send("F", [(41, order), (11, asked[-1]), *about])
        await trader.until(lambda: unanswered() < 5)
    await trader.until(lambda: not unanswered())


def told(report: dict[int, str]) -> tuple[str | None, ...]:
    """What a report says of the order; a copy must say the same."""
    return tuple(report.get(tag) for tag in (17, 37, 11, 41, 150, 39, 54, 38, 44, 32, 31, 151, 14))


async def agree(copy: Heard, copies, trader: Heard) -> None:
    """Both have all that was said; the last of it may still be on its way to either."""
    async with asyncio.timeout(WAIT_SECONDS):
        while copies() != list(map(told, trader.tables("8"))):
            behind = copy if len(copies()) < len(trader.tables("8")) else trader
            heard = len(behind.messages)
            await behind.until(lambda heard=heard, behind=behind: len(behind.messages) > heard)


def entries(message: list[tuple[int, str]], first: int) -> list[dict[int, str]]:
    """The entries of NoMDEntries(268), each of which begins with ``first``."""
    found: list[dict[int, str]] = []
    for tag, value in message:
        if tag == first:
            found.append({})
        if found and tag != 10:
            found[-1][tag] = value
    return found


def rebuilt(view: Heard, request: str, key: int) -> dict[str, dict[str, tuple[str, str]]]:
    """Side by side what a snapshot and its refreshes add up to: price and quantity by ``key``."""
    book: dict[str, dict[str, tuple[str, str]]] = {"0": {}, "1": {}}
    for message in view.messages:
        if (262, request) not in message:
            continue
        incremental = (35, "X") in message
        for entry in entries(message, 279 if incremental else 269):
            side = book[entry[269]]
            if entry.get(279) == "2":
                del side[entry[key]]
            else:
                assert (entry.get(279) == "1") == (entry[key] in side), entry
                side[entry[key]] = entry[270], entry[271]
    return book


def by_level(orders: dict[str, tuple[str, str]]) -> dict[Decimal, int]:
    levels: dict[Decimal, int] = defaultdict(int)
    for price, quantity in orders.values():
        levels[Decimal(price)] += int(quantity)
    return dict(levels)


def matches(reports: list[dict[int, str]]) -> dict[str, list[dict[int, str]]]:
    found: dict[str, list[dict[int, str]]] = defaultdict(list)
    for report in reports:
        if report[150] == "F":
            found[report[527]].append(report)
    return found


async def test_three_engines_trade_at_once_and_every_account_of_it_agrees(tmp_path):
    config = tmp_path / "venue.toml"
    config.write_text(CONFIG)
    with Simulator.spawn(config) as simulator:
        port = simulator.connection("OURS").port
        traders = {
            "QUICK": Quick(port, tmp_path),
            "RAW": Raw("RAW", port),
            "OURS": Ours("OURS", port),
        }
        copy, view = Ours("COPY", port), Ours("VIEW", port)
        for each in (*traders.values(), copy, view):
            await each.start()
        both = [(264, 0), (265, 1), (267, 2), (269, "0"), (269, "1"), (146, 1), (55, "AAPL")]
        view.send("V", [(262, "levels"), (263, "1"), *both])
        view.send("V", [(262, "orders"), (263, "1"), *both[:2], (266, "N"), *both[2:]])

        await asyncio.gather(*(trade(name, trader) for name, trader in traders.items()))

        # Drop copy: the same reports in the same sequence, each under its owner's name.
        def copies(name: str) -> list[tuple[str | None, ...]]:
            return [told(report) for report in copy.tables("8") if report[448] == name]

        for name, trader in traders.items():
            await agree(copy, partial(copies, name), trader)
        assert len(copy.tables("8")) == sum(len(each.tables("8")) for each in traders.values())
        # Executions: two sides of one quantity and one price.
        traded = matches(copy.tables("8"))
        assert len(traded) > ORDERS / 4, "too little happened to prove anything"
        for sides in traded.values():
            assert sorted(side[54] for side in sides) == ["1", "2"]
            assert len({(side[32], side[31]) for side in sides}) == 1
        # Market data: level by level and order by order, the book that the venue has.
        book = simulator.book("AAPL", depth=100)
        truth = {
            code: {Decimal(each["price"]): int(each["quantity"]) for each in book[side]}
            for code, side in (("0", "bids"), ("1", "asks"))
        }
        assert any(truth.values())

        def seen(request: str, key: int) -> dict[str, dict[Decimal, int]]:
            return {side: by_level(lines) for side, lines in rebuilt(view, request, key).items()}

        await view.until(lambda: seen("levels", 270) == truth)
        await view.until(lambda: seen("orders", 278) == truth)
        resting = {order.order_id.rpartition("-")[2]: order for order in simulator.orders()}
        told_of = rebuilt(view, "orders", 278)
        assert {key for side in told_of.values() for key in side} == resting.keys()
        for each in (*traders.values(), copy, view):
            await each.stop()
