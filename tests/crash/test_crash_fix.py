"""kill -9 of an acceptor in full flow: each order is reported once, in order, by number."""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from pathlib import Path
from random import Random

import pytest

from meridian.fix import Disconnected, MemoryMessageStore, MessageReceived, Session, SessionConfig
from meridian.net import FixInitiator

PROCESS = Path(__file__).with_name("fix_process.py")
SOON = 30.0
"""Seconds after which a test has failed; nothing waits for it to pass."""
LIVES = 6


class Trader:
    """Keeps its session while the acceptor dies again and again."""

    def __init__(self):
        self.session = Session(SessionConfig("TRADER", "MERIDIAN", True), MemoryMessageStore())
        self.reports = []
        self.ends = []
        self.orders = 0
        self.changed = asyncio.Event()

    def on_event(self, event):
        if isinstance(event, MessageReceived):
            self.reports.append(int(event.message.get(11)))
        elif isinstance(event, Disconnected):
            self.ends.append(event.reason)
        self.changed.set()

    async def until(self, condition):
        async with asyncio.timeout(SOON):
            while not condition():
                self.changed.clear()
                await self.changed.wait()

    async def live(self, kind, path, orders, reports):
        """One life of the acceptor: send orders, kill it at that many reports of them."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, PROCESS, kind, path, stdout=asyncio.subprocess.PIPE
        )
        port = int(await process.stdout.readline())
        link = FixInitiator(self.session, "127.0.0.1", port, self.on_event, time.time_ns)
        await link.connect(SOON)
        before = self.orders
        for n in range(before, before + orders):
            link.send("D", [(11, n)])
            self.orders += 1
            if n % 10 == 0:
                await asyncio.sleep(0)
        await self.until(lambda: len(self.reports) >= before + reports)
        process.send_signal(signal.SIGKILL)
        await process.wait()
        await self.until(lambda: not link.connected)
        return link


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("kind", ["sql", "flush", "fdatasync"])
async def test_no_number_is_lost_or_given_twice(kind, seed, tmp_path):
    dice = Random(seed)
    trader = Trader()
    path = str(tmp_path / "session")
    for _ in range(LIVES):
        orders = dice.randrange(100, 400)
        await trader.live(kind, path, orders, dice.randrange(1, orders))
    await trader.live(kind, path, 1, 1)
    assert trader.reports == list(range(trader.orders))
    assert not [reason for reason in trader.ends if "MsgSeqNum" in reason]
