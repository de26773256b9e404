"""A sidecar around a small plugin, on a database of its own."""

import asyncio
import json
import random
from contextlib import asynccontextmanager

from meridian.bus import InProcessBus
from meridian.ccm import CCMPlugin
from meridian.schema import (
    CancelAck,
    FillEvent,
    ModifyAck,
    Order,
    OrderAck,
    OrderReport,
    OrderStatus,
)
from meridian.services.sidecar import Sidecar, SidecarSettings
from meridian.store.database import Database
from meridian.store.tables import METADATA

NOW = 1_700_000_000_000_000_000
QUICK = SidecarSettings(
    start_timeout=5, call_timeout=0.2, drain_timeout=0.2, backoff_base=0.001, backoff_cap=0.002
)
SECRETS = {"host": "venue.example", "port": 9876, "username": "u-53cr3t", "password": "p-53cr3t"}


def buy(order_id="O1", quantity=100):
    return Order(
        order_id=order_id, security_id="AAPL", side="BUY", quantity=quantity, price="150.10"
    )


def fill(trade_id="T1", **fields):
    base = {"order_id": "O1", "side": "Buy", "price": 150.1, "quantity": 10, "ts_event": NOW - 5}
    return FillEvent(trade_id=trade_id, **(base | fields))


def report(order_id="O1", status=OrderStatus.NEW, cum=0, quantity=100, **fields):
    return OrderReport(
        order_id=order_id,
        status=status,
        quantity=quantity,
        cum_quantity=cum,
        leaves_quantity=0 if status.terminal else quantity - cum,
        **fields,
    )


class Broker(CCMPlugin):
    """An async plugin whose answers a test sets; ``calls`` is what reached it."""

    vendor_name = "broker"
    venue = "XTST"

    def __init__(self):
        super().__init__(instance_id="test-ccm")
        self.calls = []
        self.refusals = []
        self.on_submit = lambda order: OrderAck(venue_order_id="V1", accepted=True)
        self.on_connect = lambda: None
        self.book = {}

    async def connect(self, credentials):
        self.calls.append(("connect", credentials["password"]))
        self.credentials = credentials
        if self.refusals:
            raise self.refusals.pop(0)
        self.on_connect()

    async def disconnect(self):
        self.calls.append(("disconnect",))

    async def submit_order(self, order):
        self.calls.append(("submit", order.order_id))
        answer = self.on_submit(order)
        return await answer if asyncio.iscoroutine(answer) else answer

    async def cancel_order(self, order_id, request_id=None):
        self.calls.append(("cancel", order_id, request_id))
        self.publish_order(report(order_id, OrderStatus.CANCELLED, request_id=request_id))
        return CancelAck(accepted=True)

    async def modify_order(self, order_id, changes):
        self.calls.append(("modify", order_id, changes.request_id))
        return ModifyAck(accepted=True)

    async def query_order(self, order_id):
        self.calls.append(("query", order_id, self._host.status))
        answer = self.book.get(order_id)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def lose_link(self):
        self.publish_session_status("RECONNECTING", detail="link lost")


OPENED: list[Database] = []


class World:
    """A sidecar on a database, and everything it put on the bus."""

    def __init__(self, plugin, database=None, settings=QUICK, clock=lambda: NOW):
        self.plugin = plugin
        self.database = database or Database(":memory:", METADATA)
        OPENED.append(self.database)
        self.bus = InProcessBus()
        self.feed = self.bus.subscribe("platform.ccm.test-ccm.**")
        self.sidecar = Sidecar(
            plugin, self.database, self.bus, lambda: SECRETS, clock, random.Random(7), settings
        )

    def heard(self, kind=""):
        """Payloads on the bus whose topic ends so, as dictionaries."""
        return [json.loads(e.payload) for e in self.feed._queue if e.topic.endswith(kind)]

    def statuses(self):
        return [payload["status"] for payload in self.heard("session.status")]

    async def reaches(self, status):
        async with asyncio.timeout(5):
            async for envelope in self.bus.subscribe("platform.ccm.*.session.status"):
                if json.loads(envelope.payload)["status"] == status:
                    return

    def state(self, order_id="O1"):
        return self.sidecar.order_record(order_id).state


def fail_writes(world, failing=True):
    """Every write to the database fails, as on a full disk."""
    world.database._connection.connection.execute(f"PRAGMA query_only={failing:d}").close()


@asynccontextmanager
async def running(plugin=None, **fields):
    world = World(plugin or Broker(), **fields)
    await world.sidecar.start()
    try:
        yield world
    finally:
        await world.sidecar.stop()
        world.database.close()
