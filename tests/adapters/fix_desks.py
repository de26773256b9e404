"""Trading desks over the real plugin, sidecar and venue, joined by TCP."""

import asyncio
import json
import random
from contextlib import asynccontextmanager
from decimal import Decimal

from meridian.adapters.fix import FixPlugin, FixSettings
from meridian.bus import InProcessBus
from meridian.management import parse_definition
from meridian.schema import FillEvent, Order, OrderReport
from meridian.services.clock import wall_clock
from meridian.services.sidecar import Sidecar, SidecarSettings
from meridian.services.venue import VenueService
from meridian.store.database import Database
from meridian.store.tables import METADATA

PASSWORD = "p-53cr3t"

QUIET_VENUE = f"""
[[instruments]]
symbol = "AAPL"
reference_price = "150"
[[instruments]]
symbol = "BRK.B"
tick_size = "0.05"
lot_size = 10
min_quantity = 10
currency = "EUR"
reference_price = "400"
[[endpoints]]
port = 0
[[endpoints.sessions]]
comp_id = "TRADER"
username = "trader"
password = "{PASSWORD}"
[[endpoints.sessions]]
comp_id = "VIEWER"
"""
"""No bots: books move only where a test moves them."""

PATIENT = SidecarSettings(start_timeout=10, backoff_base=0.01, backoff_cap=0.05)
LIMIT = 10
"""Seconds after which a test has failed rather than waited."""


@asynccontextmanager
async def running_venue(tmp_path):
    """A venue on a free port and the file of what it did."""
    journal = tmp_path / "venue.jsonl"
    service = VenueService(parse_definition(QUIET_VENUE, "test"), journal=journal)
    ready = await service.start()
    try:
        yield ready["endpoints"][0]["port"], journal
    finally:
        await service.stop()


def executions(journal, session="TRADER"):
    """The venue's own truth: what it executed for one session, in order."""
    lines = [json.loads(line) for line in journal.read_text().splitlines()]
    return [
        (line["exec_id"], line["side"], Decimal(line["last_px"]), Decimal(line["last_qty"]))
        for line in lines
        if line.get("exec_id") and line.get("last_qty") and line["session"] == session
    ]


class Desk:
    """One client: plugin, sidecar, bus, database; ``port`` may change between connects."""

    def __init__(
        self, port, path=":memory:", sender="TRADER", fix=None, settings=PATIENT, database=None
    ):
        self.port = port
        self.sender = sender
        self.password = PASSWORD
        self.database = database or Database(path, METADATA)
        self.plugin = FixPlugin(
            self.database, wall_clock, instance_id=f"fix-{sender}", venue="MERIDIAN", settings=fix
        )
        self.bus = InProcessBus()
        self.feed = self.bus.subscribe("platform.ccm.**")
        self.sidecar = Sidecar(
            self.plugin,
            self.database,
            self.bus,
            self.credentials,
            wall_clock,
            random.Random(7),
            settings,
        )

    def credentials(self):
        known = {
            "host": "127.0.0.1",
            "port": self.port,
            "sender": self.sender,
            "target": "MERIDIAN",
        }
        if self.sender == "TRADER":
            known |= {"username": "trader", "password": self.password}
        return known

    def order(self, order_id, side="BUY", quantity=100, price="150", **fields):
        fields.setdefault("security_id", "AAPL")
        return Order(order_id=order_id, side=side, quantity=quantity, price=price, **fields)

    async def submit(self, *args, **fields):
        return await self.sidecar.submit(self.order(*args, **fields))

    def told(self, kind, model):
        """Everything durably told of one kind, in order."""
        return [
            model.model_validate_json(envelope.payload)
            for envelope in self.sidecar.replay(0)
            if envelope.topic.endswith(kind)
        ]

    @property
    def fills(self):
        return self.told("fill.executed", FillEvent)

    def reports(self, order_id):
        told = self.told("order.report", OrderReport)
        return [report for report in told if report.order_id == order_id]

    @property
    def statuses(self):
        return [
            json.loads(envelope.payload)["status"]
            for envelope in self.sidecar.replay(0)
            if envelope.topic.endswith("session.status")
        ]

    async def until(self, condition):
        """Wait, woken by the bus, until the condition holds."""
        async with asyncio.timeout(LIMIT):
            with self.bus.subscribe("platform.ccm.**") as subscription:
                while not condition():
                    await anext(subscription)

    async def crash(self):
        """Die as a process does: no logout, no flush, nothing said."""
        await self.sidecar._link.stop()
        self.plugin._established = False
        self.plugin._initiator.abort()
        if self.sidecar._outbox._marking is not None:
            self.sidecar._outbox._marking.cancel()
        self.database.close()


@asynccontextmanager
async def desk(port, path=":memory:", sender="TRADER", **fields):
    client = Desk(port, path, sender, **fields)
    await client.sidecar.start()
    try:
        yield client
    finally:
        await client.sidecar.stop()
        client.database.close()


BRIEF = FixSettings(logon_timeout=2, ack_timeout=0.3, logout_timeout=1)
