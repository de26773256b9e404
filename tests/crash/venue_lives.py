"""A venue in a process of its own that dies by kill -9 again and again, and a client that does not.

``python venue_lives.py KILLS [SEED]`` plays as many lives as asked for.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import sys
import tempfile
import time
from pathlib import Path
from random import Random

from meridian.fix import Disconnected, MemoryMessageStore, MessageReceived, Session, SessionConfig
from meridian.net import FixInitiator

SOON = 30.0
"""Seconds after which a test has failed; nothing waits for it to pass."""
CONFIG = """
[[instruments]]
symbol = "AAPL"
reference_price = "150.00"

[[endpoints]]
port = 0

[[endpoints.sessions]]
comp_id = "TRADER"

[[endpoints.sessions]]
comp_id = "OTHER"
"""
WORKING, DONE = "working", "done"


class Trader:
    """Sends orders, keeps its numbers over every life of the venue and believes what it is told."""

    def __init__(self, name):
        config = SessionConfig(name, "MERIDIAN", True)
        self.name = name
        self.session = Session(config, MemoryMessageStore())
        self.reports = []
        self.ends = []
        self.states = {}
        self.sent = 0
        self.changed = asyncio.Event()
        self.link = None

    def on_event(self, event):
        if isinstance(event, MessageReceived):
            self.reports.append(event.message)
            self.changed.set()
            if event.message.msg_type == "8":
                self._learn(event.message)
        elif isinstance(event, Disconnected):
            self.ends.append(event.reason)
            self.changed.set()

    def _learn(self, report):
        status = report.get(39)
        assert report.get(150) != "8", f"rejected: {report}"
        self.states[report.get(11)] = WORKING if status in "01" else DONE

    async def until(self, condition):
        async with asyncio.timeout(SOON):
            while not condition():
                self.changed.clear()
                await self.changed.wait()

    async def connect(self, port):
        self.link = FixInitiator(self.session, "127.0.0.1", port, self.on_event, time.time_ns)
        await self.link.connect(SOON)

    def order(self, dice):
        """A GTC limit order that may meet one of the other trader."""
        self.sent += 1
        name = f"{self.name}-{self.sent}"
        side, price = dice.choice("12"), f"{dice.randrange(14_990, 15_011) / 100:.2f}"
        now = time.strftime("%Y%m%d-%H:%M:%S", time.gmtime())
        fields = [(11, name), (55, "AAPL"), (54, side), (60, now), (38, dice.randrange(1, 50))]
        self.link.send("D", [*fields, (40, "2"), (44, price), (59, "1")])
        return name

    async def believed(self):
        """Orders that work, as the venue tells them now."""
        before = len(self.reports)
        self.link.send("AF", [(584, f"all-{before}"), (585, "7")])
        found = {}

        def complete():
            found.clear()
            total = None
            for report in self.reports[before:]:
                if report.get(150) == "I":
                    total = int(report.get(911))
                    if total:
                        found[report.get(11)] = report
            return total is not None and len(found) == total

        await self.until(complete)
        return found


class Lives:
    """The venue's process, one after the other on one state."""

    def __init__(self, folder, seed):
        self.config = Path(folder) / "venue.toml"
        self.config.write_text(CONFIG)
        self.state = Path(folder) / "venue.db"
        self.dice = Random(seed)
        self.traders = [Trader("TRADER"), Trader("OTHER")]
        self.process = None

    async def begin(self):
        self.process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "meridian", "venue", "run", self.config),
            *("--no-api", "--state", self.state),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        ready = json.loads(await self.process.stdout.readline())
        for trader in self.traders:
            await trader.connect(ready["endpoints"][0]["port"])

    async def load_and_kill(self):
        """Orders from both sides; the venue dies in the middle of them."""
        fatal = sum(len(t.reports) for t in self.traders) + self.dice.randrange(1, 300)
        burst = self.dice.randrange(100, 200)
        for _ in range(burst):
            for trader in self.traders:
                trader.order(self.dice)
            await asyncio.sleep(0)
            if sum(len(t.reports) for t in self.traders) >= fatal:
                break
        if self.dice.randrange(2):
            with contextlib.suppress(TimeoutError):
                # Where the kill falls is the point: in a commit, between two, after all of them.
                async with asyncio.timeout(self.dice.random() / 20):
                    await self.process.wait()
        self.process.send_signal(signal.SIGKILL)
        await self.process.wait()
        for trader in self.traders:
            await trader.until(lambda t=trader: not t.link.connected)

    async def check(self):
        """What the traders were told is what the venue knows; what they sent, it answered."""
        for trader in self.traders:
            # The resend brings what was lost on the way, both ways.
            await trader.until(lambda t=trader: len(t.states) == t.sent)
        for trader in self.traders:
            works = set(await trader.believed())
            believed = {name for name, state in trader.states.items() if state is WORKING}
            assert works == believed, f"lost: {believed - works}, unknown: {works - believed}"
            low = [reason for reason in trader.ends if "MsgSeqNum" in reason]
            assert not low, low
        self._check_trades()

    def _check_trades(self):
        told = {}
        for trader in self.traders:
            for report in trader.reports:
                if report.msg_type == "8" and report.get(150) != "I":
                    same = told.setdefault(report.get(17), report)
                    assert same is report, f"ExecID {report.get(17)} was given twice"
        sides = {}
        for report in told.values():
            if report.get(150) == "F":
                match = sides.setdefault(report.get(527), {})
                match[report.get(54)] = (report.get(31), report.get(32))
        for match, both in sides.items():
            assert set(both) == {"1", "2"}, f"{match}: only one side was told: {both}"
            assert both["1"] == both["2"], f"{match}: the sides differ: {both}"

    async def stop(self):
        if self.process is not None and self.process.returncode is None:
            self.process.kill()
            await self.process.wait()


async def play(folder, kills, seed):
    """``kills`` lives and a last one; returns how many orders and reports there were."""
    lives = Lives(folder, seed)
    try:
        for _ in range(kills):
            await lives.begin()
            await lives.load_and_kill()
        await lives.begin()
        await lives.check()
    finally:
        await lives.stop()
    return sum(t.sent for t in lives.traders), sum(len(t.reports) for t in lives.traders)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
        orders, reports = asyncio.run(play(folder, int(sys.argv[1]), seed))
        print(
            f"{sys.argv[1]} kills: {orders} orders, {reports} reports, nothing lost or given twice"
        )
