"""Kill -9 between "sent" and "acknowledged": no order twice, no fill missing.

The kernel's process reaches a real venue daemon through a relay that sees every byte. At a random
NewOrderSingle or cancel the relay kills the process: before the bytes go on (sent, never arrived),
after they went on (arrived, the answer lost), or as the answer comes (answered, not read).
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from meridian.testing import Relay

KILLS = 20
CHILD = Path(__file__).with_name("kernel_process.py")
ROUND_SECONDS = 30
MOMENTS = ("lost on the way", "arrived, no answer", "answered, not read")

VENUE = """
name = "MERIDIAN"
[[instruments]]
symbol = "AAPL"
reference_price = "150.00"
[[endpoints]]
port = 0
[[endpoints.sessions]]
comp_id = "TRADER"
[[bots]]
kind = "market_maker"
symbol = "AAPL"
activity = "fast"
[[bots]]
kind = "noise"
symbol = "AAPL"
activity = "fast"
"""


class Executioner:
    """Kills the kernel's process at one chosen request."""

    def __init__(self, relay: Relay, dice: random.Random) -> None:
        self._relay = relay
        self._process: asyncio.subprocess.Process | None = None
        self._moment = random.Random(0).choice(MOMENTS)
        self._dice = dice
        self._requests_left = 0
        self.done = Counter[str]()
        self.dead = asyncio.Event()
        relay.to_server, relay.to_client = self.to_server, self.to_client

    def aim(self, process: asyncio.subprocess.Process, moment: str) -> None:
        self._process, self._moment = process, moment
        self._requests_left = self._dice.randrange(1, 12)
        self.dead.clear()

    def spare(self) -> None:
        self._process = None

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process = None
        self.done[self._moment] += 1
        self.dead.set()

    def to_server(self, chunk: bytes) -> bytes | None:
        if self._process is None:
            return None if self.dead.is_set() else chunk
        self._requests_left -= chunk.count(b"\x0135=D\x01") + chunk.count(b"\x0135=F\x01")
        if self._requests_left > 0 or self._moment == MOMENTS[2]:
            return chunk
        self.kill()
        return None if self._moment == MOMENTS[0] else chunk

    def to_client(self, chunk: bytes) -> bytes | None:
        if self._process is None:
            return None if self.dead.is_set() else chunk
        if self._requests_left <= 0 and self._moment == MOMENTS[2]:
            self.kill()
        return chunk


async def child(folder: Path, port: int, mode: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, str(CHILD), str(folder), str(port), mode),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


@pytest.fixture
async def venue(tmp_path):
    config, journal = tmp_path / "venue.toml", tmp_path / "venue.jsonl"
    config.write_text(VENUE)
    with (tmp_path / "venue.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "meridian", "venue", "run"),
            *(str(config), "--journal", str(journal)),
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
        )
    ready = json.loads(await process.stdout.readline())
    yield ready["endpoints"][0]["port"], journal
    process.terminate()
    await process.communicate()


async def test_twenty_kills_lose_nothing_and_double_nothing(venue, tmp_path):
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")
    dice = random.Random(seed)
    venue_port, journal = venue
    folder = tmp_path / "state"
    folder.mkdir()
    relay = Relay("127.0.0.1", venue_port)
    port = await relay.start()
    executioner = Executioner(relay, dice)
    for number in range(KILLS):
        process = await child(folder, port, "work")
        executioner.aim(process, MOMENTS[number % len(MOMENTS)])
        async with asyncio.timeout(ROUND_SECONDS):
            await executioner.dead.wait()
            await process.communicate()
        relay.cut()
        executioner.dead.clear()
    executioner.spare()
    process = await child(folder, port, "finish")
    out, err = await process.communicate()
    await relay.stop()
    assert process.returncode == 0, err.decode()
    assert executioner.done.total() == KILLS
    assert len(executioner.done) == len(MOMENTS)
    check(json.loads(out), journal)


def check(kernel: dict, journal: Path) -> None:
    """The venue's journal is the truth; the kernel must hold just that."""
    lines = [json.loads(line) for line in journal.read_text().splitlines()]
    ours = [line for line in lines if line["session"] == "TRADER"]
    entered = Counter(line["order_id"] for line in ours if line["kind"] == "accepted")
    owner = {
        attempt["client_id"]: intent_id
        for intent_id, attempts in kernel["intents"].items()
        for attempt in attempts
    }
    accepted = [line["cl_ord_id"] for line in ours if line["kind"] == "accepted"]
    assert set(accepted) <= set(owner), "the venue has an order the kernel never journaled"
    an_intent = Counter(owner[cl_ord_id] for cl_ord_id in accepted)
    assert max(an_intent.values()) == 1, f"an intent has two orders: {an_intent.most_common(3)}"
    assert max(entered.values()) == 1

    executed = Counter(
        (line["exec_id"], Decimal(line["last_qty"]), Decimal(line["last_px"]))
        for line in ours
        if line["kind"] == "executed"
    )
    assert executed, "nothing was executed, so nothing was shown"
    fills = [(trade, Decimal(size), Decimal(price)) for trade, size, price in kernel["fills"]]
    assert Counter(fills) == executed
    bought = sum(
        Decimal(line["last_qty"]) * (1 if line["side"] == "BUY" else -1)
        for line in ours
        if line["kind"] == "executed"
    )
    assert [Decimal(quantity) for quantity in kernel["position"]] == [bought]
    attempts = [attempt for attempts in kernel["intents"].values() for attempt in attempts]
    assert not [a for a in attempts if a["status"] in ("SENT", "UNKNOWN")]
    ends = Counter((a["status"], a["evidence"]) for a in attempts)
    assert ends["ABSENT", "query"], f"no request was lost on the way: {ends}"
    assert ends["ACKED", "query"] + ends["ACKED", "report"] + ends["ACKED", "fill"], (
        f"no request arrived whose answer was lost: {ends}"
    )
    assert kernel["event_seqs"] == list(range(1, len(kernel["event_seqs"]) + 1))
