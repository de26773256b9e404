"""The venue daemon as its users meet it: a process, a port, FIX, a journal."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
import os
import random
import signal
import socket
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from meridian.fix.encoder import Header, encode
from meridian.fix.events import MessageReceived, SessionRejected
from meridian.fix.session import Session, SessionConfig
from meridian.fix.store import MemoryMessageStore
from meridian.fix.timestamps import timestamp
from meridian.management import (
    EndpointDefinition,
    InstrumentDefinition,
    SessionDefinition,
    VenueDefinition,
    default_definition,
)
from meridian.net import fix_acceptor
from meridian.net.fix_initiator import FixInitiator
from meridian.schema.errors import ConfigError, ConflictError, ExchangeError
from meridian.schema.times import NS_PER_SECOND
from meridian.services import venue as venue_module
from meridian.services import venue_endpoints, venue_recording, venue_sessions
from meridian.services.clock import wall_clock
from meridian.services.venue import VenueService
from meridian.services.venue_recording import with_recording

ITCH_FILE = "data/itch/nasdaq-20200130-aapl-10k.itch"
PATIENCE = 20
"""Seconds before a test gives up on a process; never a pace."""

QUIET = VenueDefinition(
    instruments=(InstrumentDefinition(symbol="AAPL", reference_price=Decimal(150)),),
    endpoints=(
        EndpointDefinition(
            port=0,
            sessions=(
                SessionDefinition(comp_id="ALICE"),
                SessionDefinition(comp_id="BOB", username="bob", password="secret"),
            ),
        ),
    ),
)


class Client:
    """A FIX client that remembers what it was told."""

    def __init__(self, port: int, name: str, password: str | None = None) -> None:
        user = name.lower() if password else None
        config = SessionConfig(name, "MERIDIAN", True, username=user, password=password)
        self.session = Session(config, MemoryMessageStore())
        self.link = FixInitiator(self.session, "127.0.0.1", port, self._hear, wall_clock)
        self.heard: list = []
        self._news = asyncio.Condition()
        self._telling: set[asyncio.Task] = set()

    def _hear(self, event) -> None:
        if isinstance(event, MessageReceived | SessionRejected):
            self.heard.append(event.message)
            task = asyncio.create_task(self._tell())
            self._telling.add(task)
            task.add_done_callback(self._telling.discard)

    async def _tell(self) -> None:
        async with self._news:
            self._news.notify_all()

    async def connect(self) -> Client:
        await self.link.connect(PATIENCE)
        return self

    def order(self, name: str, side="1", qty="100", px="150.00", **more) -> None:
        fields = {11: name, 55: "AAPL", 54: side, 60: timestamp(wall_clock()), 38: qty}
        fields |= {40: "2", 44: px} | {int(tag[1:]): value for tag, value in more.items()}
        self.link.send("D", list(fields.items()))

    async def wait(self, **tags: str):
        """The first message heard with these tags: ``wait(t35="8", t150="F")``."""
        wanted = {int(tag[1:]): value for tag, value in tags.items()}

        def found():
            return next(
                (m for m in self.heard if all(m.get(t) == v for t, v in wanted.items())), None
            )

        async with asyncio.timeout(PATIENCE), self._news:
            await self._news.wait_for(found)
        return found()


@contextlib.asynccontextmanager
async def running(definition=QUIET, **options):
    """A venue in this process and its port."""
    service = VenueService(definition, **options)
    ready = await service.start()
    try:
        yield service, ready["endpoints"][0]["port"]
    finally:
        await service.stop()


async def test_two_clients_trade_and_the_journal_agrees(tmp_path):
    journal = tmp_path / "venue.jsonl"
    async with running(journal=journal) as (_, port):
        alice = await Client(port, "ALICE").connect()
        bob = await Client(port, "BOB", "secret").connect()
        alice.order("a1", side="2")
        await alice.wait(t35="8", t150="0")
        bob.order("b1", qty="30")
        fills = [await c.wait(t35="8", t150="F") for c in (alice, bob)]
        await alice.link.logout(PATIENCE)
        await bob.link.logout(PATIENCE)
    lines = [json.loads(line) for line in journal.read_text().splitlines()]
    assert [line["kind"] for line in lines] == ["accepted", "accepted", "executed", "executed"]
    executed = {line["session"]: line for line in lines if line["kind"] == "executed"}
    for who, fill in zip(("ALICE", "BOB"), fills, strict=True):
        line = executed[who]
        assert (line["exec_id"], line["match_id"]) == (fill.get(17), fill.get(527))
        assert (line["last_qty"], line["last_px"]) == ("30", "150.00")
        assert line["order_id"] == fill.get(37)
        assert timestamp(line["ts"]) == fill.get(60)
    assert executed["ALICE"]["leaves_qty"] == "70"
    assert executed["BOB"]["cum_qty"] == "30"
    assert executed["ALICE"]["match_id"] == executed["BOB"]["match_id"]


async def test_fills_while_a_client_is_away_reach_it_when_it_returns():
    async with running() as (_, port):
        alice = await Client(port, "ALICE").connect()
        alice.order("a1", side="2")
        await alice.wait(t35="8", t150="0")
        alice.link.abort()
        bob = await Client(port, "BOB", "secret").connect()
        bob.order("b1")
        await bob.wait(t35="8", t150="F")
        await alice.link.connect(PATIENCE)
        fill = await alice.wait(t35="8", t150="F")
        assert fill.get(11) == "a1"
        alice.order("a1")
        rejected = await alice.wait(t35="8", t150="8")
        assert rejected.get(103) == "6", "an id stays used across connections"
        await alice.link.logout(PATIENCE)
        await bob.link.logout(PATIENCE)


@pytest.mark.parametrize("seed", range(3))
async def test_links_cut_at_random_lose_and_repeat_no_execution(tmp_path, seed):
    journal = tmp_path / "venue.jsonl"
    dice = random.Random(seed)
    async with running(journal=journal) as (_, port):
        clients = {
            "ALICE": await Client(port, "ALICE").connect(),
            "BOB": await Client(port, "BOB", "secret").connect(),
        }
        for number in range(60):
            name = dice.choice(sorted(clients))
            client = clients[name]
            if not client.link.connected:
                await client.link.connect(PATIENCE)
            elif dice.random() < 0.15:
                client.link.abort()
                await client.link.connect(PATIENCE)
            client.order(f"o{number}", side=dice.choice("12"), px=f"150.0{dice.randrange(4)}")
            if dice.random() < 0.1:
                client.link.abort()
        for client in clients.values():
            if not client.link.connected:
                await client.link.connect(PATIENCE)
            client.order("last", px="1.00")
            await client.wait(t35="8", t11="last")
            await client.link.logout(PATIENCE)
    lines = [json.loads(line) for line in journal.read_text().splitlines()]
    for name, client in clients.items():
        told = [m.get(17) for m in client.heard if m.get(150) == "F"]
        kept = [d["exec_id"] for d in lines if (d["kind"], d["session"]) == ("executed", name)]
        assert kept, "the game must trade to mean anything"
        assert told == kept


async def test_bots_move_the_book_that_a_viewer_watches():
    first, *_ = default_definition().endpoints
    definition = default_definition().model_copy(
        update={"endpoints": (first.model_copy(update={"port": 0}),)}
    )
    async with running(definition) as (_, port):
        viewer = await Client(port, "VIEWER").connect()
        wish = [(262, "m"), (263, "1"), (264, 1), (265, "0"), (267, 2), (269, "0"), (269, "1")]
        viewer.link.send("V", [*wish, (146, 1), (55, "AAPL")])
        snapshot = await viewer.wait(t35="W")
        while (later := viewer.heard[-1]).get(270) == snapshot.get(270):
            async with asyncio.timeout(PATIENCE), viewer._news:
                await viewer._news.wait()
        assert later.get(55) == "AAPL"
        await viewer.link.logout(PATIENCE)


async def test_market_data_flows_where_no_bot_keeps_the_time():
    async with running() as (_, port):
        alice = await Client(port, "ALICE").connect()
        alice.order("a1", px="149.00")
        await alice.wait(t35="8", t11="a1")
        wish = [(262, "m"), (263, "1"), (264, 1), (265, "0"), (267, 1), (269, "0")]
        alice.link.send("V", [*wish, (146, 1), (55, "AAPL")])
        await alice.wait(t35="W", t270="149.00")
        for number, price in enumerate(("149.50", "149.60")):
            alice.order(f"b{number}", px=price)
            await alice.wait(t35="W", t270=price)
        await alice.link.logout(PATIENCE)


async def test_a_message_that_cannot_be_read_is_rejected_and_the_session_goes_on():
    async with running() as (_, port):
        alice = await Client(port, "ALICE").connect()
        alice.order("a1", qty="abc")
        reject = await alice.wait(t35="3")
        assert (reject.get(371), reject.get(373)) == ("38", "6")
        alice.order("a2")
        await alice.wait(t35="8", t150="0")
        await alice.link.logout(PATIENCE)


@pytest.mark.parametrize(("name", "password"), [("MALLORY", None), ("BOB", None), ("BOB", "guess")])
async def test_who_is_not_known_is_not_let_in_and_others_are(name, password):
    async with running() as (_, port):
        with pytest.raises(ExchangeError):
            await Client(port, name, password).link.connect(PATIENCE)
        alice = await Client(port, "ALICE").connect()
        await alice.link.logout(PATIENCE)


async def test_a_client_trades_against_a_recording(shared, monkeypatch):
    # A small batch makes the replay pause between batches many times.
    monkeypatch.setattr(venue_module, "REPLAY_BATCH", 100)
    done = asyncio.Event()
    notices = []

    def notice(said):
        notices.append(said)
        done.set()

    definition = with_recording(QUIET, shared / ITCH_FILE, 1_000_000)
    async with running(definition, on_notice=notice) as (service, port):
        alice = await Client(port, "ALICE").connect()
        alice.order("a1", px="400.00", qty="50")
        await alice.wait(t35="8", t150="F")
        async with asyncio.timeout(PATIENCE):
            await done.wait()
        await alice.link.logout(PATIENCE)
        stopped = await service.stop()
    assert notices == [
        {
            "event": "replay_complete",
            "messages": 10_000,
            "unknown_references": 0,
            "crossed": False,
        }
    ]
    assert stopped["executions"] >= 1
    assert stopped["matches"] > stopped["executions"], "the recording trades with itself, too"


def test_a_recording_takes_the_place_of_its_instruments_bots(shared):
    definition = with_recording(default_definition(), shared / ITCH_FILE, 10)
    assert {bot.symbol for bot in definition.bots} == {"MSFT", "EURUSD"}
    assert definition.replay.symbol == "AAPL"


def test_a_recording_too_large_for_memory_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(venue_recording, "MAX_RECORDING", 100)
    file = tmp_path / "day.itch"
    file.write_bytes(b"\0" * 101)
    with pytest.raises(ConfigError, match=f"{file}: larger than 100 bytes"):
        with_recording(QUIET, file, 10)


async def test_what_a_session_can_send_again_is_bounded(monkeypatch):
    monkeypatch.setattr(venue_endpoints, "MAX_STORED", 3)
    async with running() as (_, port):
        alice = await Client(port, "ALICE").connect()
        alice.order("a1", side="2", qty="10")
        await alice.wait(t35="8", t150="0")
        alice.link.abort()
        bob = await Client(port, "BOB", "secret").connect()
        for number in range(10):
            bob.order(f"b{number}", qty="1")
        await bob.wait(t35="8", t150="F", t11="b9")
        await alice.link.connect(PATIENCE)
        # The oldest fills are gap-filled; the newest come, with sums that tell of all of them.
        last = await alice.wait(t35="8", t150="F", t14="10")
        fills = [m for m in alice.heard if m.get(150) == "F"]
        assert len(fills) <= 3
        assert last.get(151) == "0"
        await alice.link.logout(PATIENCE)
        await bob.link.logout(PATIENCE)


async def test_every_endpoint_is_told_of_the_end_at_once(monkeypatch):
    # Nobody's patience may end while another's client is slow to answer the Logout.
    patient = functools.partial(SessionConfig, logout_timeout=3_600 * NS_PER_SECOND)
    monkeypatch.setattr(venue_sessions, "SessionConfig", patient)
    monkeypatch.setattr(fix_acceptor, "STOP_TIMEOUT", 3_600.0)
    sessions = [(SessionDefinition(comp_id=name),) for name in ("ALICE", "BOB")]
    endpoints = tuple(EndpointDefinition(port=0, sessions=session) for session in sessions)
    service = VenueService(QUIET.model_copy(update={"endpoints": endpoints}))
    ready = await service.start()
    links = []
    for name, endpoint in zip(("ALICE", "BOB"), ready["endpoints"], strict=True):
        reader, writer = await asyncio.open_connection(endpoint["host"], endpoint["port"])
        header = Header("FIX.4.4", "A", 1, name, "MERIDIAN", wall_clock())
        writer.write(encode(header, [(98, 0), (108, 0)]))
        await reader.readuntil(b"\x0110=")
        links.append((reader, writer))
    stopping = asyncio.create_task(service.stop())
    async with asyncio.timeout(PATIENCE):
        for reader, _ in links:
            assert b"\x0135=5\x01" in await reader.readuntil(b"\x0110=")
    for _, writer in links:
        writer.close()
    async with asyncio.timeout(PATIENCE):
        await stopping


async def test_an_address_in_use_leaves_nothing_behind(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        (endpoint,) = QUIET.endpoints
        other = endpoint.model_copy(
            update={"port": port, "sessions": (SessionDefinition(comp_id="CAROL"),)}
        )
        definition = QUIET.model_copy(update={"endpoints": (endpoint, other)})
        service = VenueService(definition, journal=tmp_path / "j")
        with pytest.raises(ConfigError, match=f"127.0.0.1:{port}"):
            await service.start()


@pytest.mark.parametrize("name", ["ITCH", "BOT-1", "MERIDIAN"])
async def test_the_venues_own_names_are_not_for_clients(name):
    sessions = (SessionDefinition(comp_id=name),)
    endpoint = QUIET.endpoints[0].model_copy(update={"sessions": sessions})
    service = VenueService(QUIET.model_copy(update={"endpoints": (endpoint,)}))
    with pytest.raises(ConflictError, match=name):
        await service.start()


# The command


async def command(*arguments: str, cwd: Path):
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "meridian", "venue", "run", *arguments),
        cwd=cwd,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=os.environ | {"COLUMNS": "200", "NO_COLOR": "1"},
    )


async def finished(*arguments: str, cwd: Path) -> tuple[int, str, str]:
    process = await command(*arguments, cwd=cwd)
    async with asyncio.timeout(PATIENCE):
        out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_the_command_says_where_it_listens_and_stops_when_told(tmp_path, number):
    process = await command("--port", "0", "--journal", "j.jsonl", cwd=tmp_path)
    async with asyncio.timeout(PATIENCE):
        ready = json.loads(await process.stdout.readline())
    assert (ready["event"], ready["venue"], ready["pid"]) == ("ready", "MERIDIAN", process.pid)
    (endpoint,) = ready["endpoints"]
    assert (endpoint["protocol"], endpoint["host"]) == ("FIX.4.4", "127.0.0.1")
    assert endpoint["sessions"] == [
        {"sender_comp_id": "TRADER", "target_comp_id": "MERIDIAN"},
        {"sender_comp_id": "VIEWER", "target_comp_id": "MERIDIAN"},
    ]
    trader = await Client(endpoint["port"], "TRADER").connect()
    process.send_signal(number)
    async with asyncio.timeout(PATIENCE):
        out, err = await process.communicate()
    assert process.returncode == 0
    assert json.loads(out)["event"] == "stopped"
    assert b"Traceback" not in err
    trader.link.abort()
    first = json.loads((tmp_path / "j.jsonl").read_text().splitlines()[0])
    assert first["kind"] == "accepted"


MALFORMED = """
[[instruments]]
symbol = "AAPL"
reference_price = 150.001
"""


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["malformed.toml"], 1, "malformed.toml: instruments.0: reference_price: 150.001"),
        (["missing.toml"], 1, "missing.toml: cannot be read: No such file"),
        (["binary.toml"], 1, "binary.toml: expected UTF-8 text"),
        (["--port", "0", "--itch", "missing.itch"], 1, "missing.itch: cannot be read"),
        (["--port", "0", "--itch", "malformed.toml"], 1, "malformed.toml: offset 0"),
        (["--port", "0", "--journal", "no/such/folder"], 1, "cannot write journal no/such/folder"),
        (["--port", "x"], 2, "--port"),
        (["--itch-rate", "0"], 2, "--itch-rate"),
    ],
)
async def test_a_mistake_is_one_clear_line_and_no_traceback(tmp_path, arguments, code, says):
    (tmp_path / "malformed.toml").write_text(MALFORMED)
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe")
    returned, out, err = await finished(*arguments, cwd=tmp_path)
    assert (returned, out) == (code, "")
    assert says in err
    assert "Traceback" not in err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full, a disk with no room")
@pytest.mark.parametrize("bots", ["", '[[bots]]\nkind = "noise"\nsymbol = "AAPL"\n'])
async def test_a_venue_that_cannot_keep_its_journal_stops_and_says_so(tmp_path, bots):
    (tmp_path / "v.toml").write_text(
        MALFORMED.replace(".001", "")
        + '[[endpoints]]\nport = 0\nsessions = [{ comp_id = "ALICE" }]\n'
        + bots
    )
    process = await command("v.toml", "--journal", "/dev/full", cwd=tmp_path)
    async with asyncio.timeout(PATIENCE):
        ready = json.loads(await process.stdout.readline())
        if not bots:
            alice = await Client(ready["endpoints"][0]["port"], "ALICE").connect()
            alice.order("a1")
        _, err = await process.communicate()
    assert process.returncode == 1
    assert err.decode().splitlines()[-1].startswith("meridian: cannot write journal /dev/full")
    assert b"Traceback" not in err


async def test_a_venue_trades_on_when_nobody_reads_what_it_says(tmp_path):
    process = await command("--port", "0", cwd=tmp_path)
    async with asyncio.timeout(PATIENCE):
        ready = json.loads(await process.stdout.readline())
        process._transport.get_pipe_transport(1).close()
        trader = await Client(ready["endpoints"][0]["port"], "TRADER").connect()
        await trader.link.logout(PATIENCE)
        process.terminate()
        err = await process.stderr.read()
        assert (await process.wait(), b"Traceback" in err) == (0, False)


async def test_an_occupied_port_is_named(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        returned, out, err = await finished("--port", str(port), cwd=tmp_path)
    assert (returned, out) == (1, "")
    assert f"127.0.0.1:{port}" in err
    assert len(err.splitlines()) == 1


async def test_a_recording_is_found_from_where_the_definition_lies(tmp_path, shared):
    (tmp_path / "venues").mkdir()
    (tmp_path / "day.itch").symlink_to((shared / ITCH_FILE).resolve())
    (tmp_path / "venues/v.toml").write_text(
        MALFORMED.replace(".001", "")
        + '[[endpoints]]\nport = 0\nsessions = [{ comp_id = "ALICE" }]\n'
        + '[replay]\nfile = "../day.itch"\nsymbol = "AAPL"\nmessages_per_second = 1000000\n'
    )
    process = await command("venues/v.toml", cwd=tmp_path)
    async with asyncio.timeout(PATIENCE):
        notices = [json.loads(await process.stdout.readline()) for _ in range(2)]
    assert [notice["event"] for notice in notices] == ["ready", "replay_complete"]
    assert notices[1]["messages"] == 10_000
    process.terminate()
    async with asyncio.timeout(PATIENCE):
        await process.communicate()
    assert process.returncode == 0
