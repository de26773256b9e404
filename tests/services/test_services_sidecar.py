"""The sidecar around a small plugin: what a platform may rely on, whatever the plugin does."""

import asyncio
import itertools
import json
import random
import threading
from contextlib import asynccontextmanager
from decimal import Decimal

import pytest
from sqlalchemy.exc import DatabaseError

from meridian.bus import InProcessBus
from meridian.ccm import CCMPlugin, OrderState
from meridian.schema import (
    CancelAck,
    FillEvent,
    ModifyAck,
    Order,
    OrderAck,
    OrderChanges,
    OrderReport,
    OrderStatus,
    Outcome,
    SessionStatus,
    SymbolMetadata,
)
from meridian.schema.errors import (
    ConfigError,
    ConflictError,
    ExchangeError,
    OrderRejected,
    OutcomeUnknown,
    SessionClosed,
    SessionDegradedError,
    ValidationError,
)
from meridian.services.sidecar import MAX_CANCELS, RETENTION, Sidecar, SidecarSettings
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


class World:
    """A sidecar on a database, and everything it put on the bus."""

    def __init__(self, plugin, database=None, settings=QUICK, clock=lambda: NOW):
        self.plugin = plugin
        self.database = database or Database(":memory:", METADATA)
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


# --- start and stop -------------------------------------------------------------------------


async def test_start_passes_through_reconciliation_before_orders_are_taken():
    async with running() as world:
        assert world.statuses() == ["DEGRADED", "CONNECTED"]
        assert world.sidecar.status is SessionStatus.CONNECTED
        assert world.sidecar.instance_id == "test-ccm"


async def test_start_tries_again_until_the_venue_answers():
    plugin = Broker()
    plugin.refusals = [ConnectionError("refused"), TimeoutError("silent")]
    async with running(plugin) as world:
        assert plugin.calls.count(("connect", "p-53cr3t")) == 3
        assert world.statuses() == ["RECONNECTING", "DEGRADED", "CONNECTED"]


async def test_start_gives_up_saying_why():
    class Unreachable(Broker):
        async def connect(self, credentials):
            raise ConnectionError("venue.example:9876 refused the connection")

    world = World(Unreachable(), settings=SidecarSettings(start_timeout=0.05, backoff_base=0.001))
    with pytest.raises(ExchangeError, match=r"test-ccm: not connected .*:9876 refused"):
        await world.sidecar.start()
    assert world.statuses() == ["RECONNECTING", "DISCONNECTED"]


async def test_a_configuration_that_cannot_work_is_not_tried_again():
    plugin = Broker()
    plugin.refusals = [ConfigError("credentials: no 'sender'")]
    world = World(plugin)
    with pytest.raises(ConfigError, match="no 'sender'"):
        await world.sidecar.start()
    assert len([call for call in plugin.calls if call[0] == "connect"]) == 1


async def test_stop_leaves_orders_open_unless_told_otherwise():
    plugin = Broker()
    async with running(plugin) as world:
        await world.sidecar.submit(buy())
        await world.sidecar.stop()
        assert [call[0] for call in plugin.calls] == ["connect", "submit", "disconnect"]
        assert world.statuses()[-2:] == ["DEGRADED", "DISCONNECTED"]


async def test_stop_with_cancel_all_cancels_then_disconnects():
    plugin = Broker()
    async with running(plugin) as world:
        await world.sidecar.submit(buy("O1"))
        await world.sidecar.submit(buy("O2"))
        await world.sidecar.stop("cancel_all")
        assert [call[:2] for call in plugin.calls[-3:]] == [
            ("cancel", "O1"),
            ("cancel", "O2"),
            ("disconnect",),
        ]
        assert world.state("O2") is OrderState.CLOSED


async def test_cancel_all_uses_the_plugins_batch_cancel():
    class Batching(Broker):
        async def batch_cancel(self, order_ids):
            self.calls.append(("batch", order_ids))
            for order_id in order_ids:
                self.publish_order(report(order_id, OrderStatus.CANCELLED))

    plugin = Batching()
    async with running(plugin) as world:
        await world.sidecar.submit(buy("O1"))
        await world.sidecar.stop("cancel_all")
        assert ("batch", ["O1"]) in plugin.calls


async def test_an_order_the_venue_will_not_cancel_does_not_hang_the_stop():
    class Deaf(Broker):
        async def cancel_order(self, order_id):
            return CancelAck(accepted=True)

    async with running(Deaf()) as world:
        await world.sidecar.submit(buy("O1"))
        await world.sidecar.stop("cancel_all")
        assert world.sidecar.counters["orders_left_open"] == 1


async def test_a_mute_venue_does_not_make_the_stop_as_long_as_its_orders_are_many():
    class Mute(Broker):
        def __init__(self):
            super().__init__()
            self.under_way = self.most = 0

        async def cancel_order(self, order_id):
            self.under_way += 1
            self.most = max(self.most, self.under_way)
            await asyncio.Event().wait()

    plugin = Mute()
    async with running(plugin) as world:
        for number in range(MAX_CANCELS + 1):
            await world.sidecar.submit(buy(f"O{number}"))
        async with asyncio.timeout(4 * QUICK.drain_timeout):
            await world.sidecar.stop("cancel_all")
        assert plugin.most == MAX_CANCELS
        assert world.sidecar.counters["orders_left_open"] == MAX_CANCELS + 1


async def test_stop_while_starting_ends_the_start():
    class Slow(Broker):
        async def connect(self, credentials):
            self.connecting.set()
            await asyncio.Event().wait()

    plugin = Slow()
    plugin.connecting = asyncio.Event()
    world = World(plugin)
    start = asyncio.create_task(world.sidecar.start())
    await plugin.connecting.wait()
    await world.sidecar.stop()
    with pytest.raises(ExchangeError, match="stopped while starting"):
        await start
    assert plugin.calls == [("disconnect",)]
    with pytest.raises(ExchangeError, match="starts once"):
        await world.sidecar.start()


async def test_two_stops_at_once_disconnect_once():
    async with running() as world:
        await asyncio.gather(world.sidecar.stop(), world.sidecar.stop())
        assert world.plugin.calls.count(("disconnect",)) == 1


async def test_a_full_disk_does_not_keep_the_stop_from_letting_go():
    world = World(Broker())
    await world.sidecar.start()
    fail_writes(world)
    with pytest.raises(DatabaseError, match="readonly"):
        await world.sidecar.stop()
    assert world.plugin.calls[-1] == ("disconnect",)
    with pytest.raises(SessionClosed):
        world.plugin.publish_fill(fill())


# --- submit, modify, cancel ---------------------------------------------------------------------


async def test_an_acknowledged_order_is_accepted_and_announced_as_routed():
    async with running() as world:
        ack = await world.sidecar.submit(buy())
        assert (ack.outcome, ack.venue_order_id) == (Outcome.ACCEPTED, "V1")
        (routed,) = world.heard("order.child.routed")
        assert (routed["order_id"], routed["venue_order_id"]) == ("O1", "V1")
        assert world.sidecar.order_behind("V1") == "O1"


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (OrderRejected("unknown symbol"), Outcome.REJECTED),
        (SessionDegradedError("reconnecting"), Outcome.NOT_SENT),
        (OutcomeUnknown("no report in time"), Outcome.UNKNOWN),
        (ConnectionResetError("reset by peer"), Outcome.UNKNOWN),
        (TimeoutError("slow"), Outcome.UNKNOWN),
        (KeyError("a bug in the plugin"), Outcome.UNKNOWN),
    ],
)
async def test_only_definitive_errors_end_an_order(error, outcome):
    """A time-out reported as a rejection would make a strategy send the order twice."""
    plugin = Broker()

    def fail(order):
        raise error

    plugin.on_submit = fail
    async with running(plugin) as world:
        ack = await world.sidecar.submit(buy())
        assert ack.outcome is outcome
        assert str(error) in ack.reason


async def test_a_plugin_that_never_answers_is_unknown_after_the_time_limit():
    plugin = Broker()
    plugin.on_submit = lambda order: asyncio.Event().wait()
    async with running(plugin) as world:
        ack = await world.sidecar.submit(buy())
        assert ack.outcome is Outcome.UNKNOWN
        assert world.state() is OrderState.OPEN


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ("V9", Outcome.ACCEPTED),
        (True, Outcome.ACCEPTED),
        (False, Outcome.REJECTED),
        (None, Outcome.UNKNOWN),
        ({"status": "ok"}, Outcome.UNKNOWN),
    ],
)
async def test_what_a_handler_may_return(answer, outcome):
    plugin = Broker()
    plugin.on_submit = lambda order: answer
    async with running(plugin) as world:
        assert (await world.sidecar.submit(buy())).outcome is outcome


async def test_the_order_is_durable_before_the_plugin_sees_it():
    plugin = Broker()
    seen = []
    plugin.on_submit = lambda order: seen.append(plugin.order_record("O1"))
    async with running(plugin):
        await plugin._host.submit(buy())
    assert [record.order for record in seen] == [buy()]


async def test_an_order_id_is_never_sent_twice_on_a_guess():
    plugin = Broker()
    plugin.on_submit = lambda order: None
    async with running(plugin) as world:
        await world.sidecar.submit(buy())
        again = await world.sidecar.submit(buy())
        assert again.outcome is Outcome.UNKNOWN
        assert plugin.calls.count(("submit", "O1")) == 1
        with pytest.raises(ConflictError, match="O1"):
            await world.sidecar.submit(buy(quantity=200))


async def test_after_the_venues_word_that_it_never_saw_the_order_it_may_go_again():
    plugin = Broker()
    plugin.on_submit = lambda order: None
    async with running(plugin) as world:
        await world.sidecar.submit(buy())
        assert await world.sidecar.query_order("O1") is None
        plugin.on_submit = lambda order: "V1"
        assert (await world.sidecar.submit(buy())).outcome is Outcome.ACCEPTED


async def test_a_venue_that_forgot_an_order_it_acknowledged_does_not_make_it_absent():
    """Sending it again might double it: the order may be working where the query does not look."""
    plugin = Broker()
    async with running(plugin) as world:
        await world.sidecar.submit(buy())
        assert await world.sidecar.query_order("O1") is None
        assert world.state() is OrderState.OPEN
        assert (await world.sidecar.submit(buy())).outcome is Outcome.UNKNOWN
        assert world.sidecar.counters["orders_forgotten_by_venue"] == 1


async def test_modify_and_cancel_carry_the_platforms_request_id():
    plugin = Broker()
    async with running(plugin) as world:
        await world.sidecar.submit(buy())
        changes = OrderChanges(request_id="R1", quantity=50, price="150.2")
        assert (await world.sidecar.modify("O1", changes)).accepted
        assert (await world.sidecar.cancel("O1", "R2")).accepted
        assert plugin.calls[-2:] == [("modify", "O1", "R1"), ("cancel", "O1", "R2")]
        assert world.sidecar.order_behind("R1") == world.sidecar.order_behind("R2") == "O1"
        assert world.heard("order.report")[-1]["request_id"] == "R2"


async def test_a_request_id_names_one_order_for_ever():
    async with running() as world:
        await world.sidecar.submit(buy("O1"))
        await world.sidecar.submit(buy("O2"))
        await world.sidecar.cancel("O1", "R1")
        for reused in ("R1", "O1"):
            with pytest.raises(ConflictError, match=reused):
                await world.sidecar.cancel("O2", reused)


async def test_requests_for_an_order_never_submitted_go_nowhere():
    plugin = Broker()
    async with running(plugin) as world:
        changes = OrderChanges(request_id="R1", quantity=50)
        assert (await world.sidecar.cancel("O9", "R1")).outcome is Outcome.NOT_SENT
        assert (await world.sidecar.modify("O9", changes)).outcome is Outcome.NOT_SENT
        assert [call[0] for call in plugin.calls] == ["connect"]


async def test_a_plugin_without_modify_says_so_and_is_not_called():
    class NoModify(CCMPlugin):
        def connect(self, credentials):
            pass

        def submit_order(self, order):
            return "V1"

    async with running(NoModify("basic", instance_id="test-ccm")) as world:
        await world.sidecar.submit(buy())
        ack = await world.sidecar.modify("O1", OrderChanges(request_id="R1", quantity=5))
        assert (ack.outcome, ack.reason) == (Outcome.REJECTED, "NOT_SUPPORTED")
        with pytest.raises(OutcomeUnknown, match="does not support"):
            await world.sidecar.query_order("O1")


# --- queries ------------------------------------------------------------------------------------


async def test_queries_hand_through_the_venues_answers():
    class Listing(Broker):
        async def list_open_orders(self):
            return [report("O1")]

        async def list_instruments(self):
            return [SymbolMetadata(symbol_id="A", tick_size=1, lot_size=1, min_quantity=1)]

    plugin = Listing()
    async with running(plugin) as world:
        plugin.book["O1"] = report("O1", OrderStatus.PARTIALLY_FILLED, cum=30)
        assert (await world.sidecar.query_order("O1")).cum_quantity == 30
        assert [r.order_id for r in await world.sidecar.list_open_orders()] == ["O1"]
        assert [m.symbol_id for m in await world.sidecar.list_instruments()] == ["A"]


@pytest.mark.parametrize("answer", [report("O9"), ConnectionError("lost"), "garbage"])
async def test_a_query_without_a_readable_answer_is_not_an_absence(answer):
    plugin = Broker()
    async with running(plugin) as world:
        plugin.on_submit = lambda order: None
        await world.sidecar.submit(buy())
        plugin.book["O1"] = answer
        with pytest.raises(OutcomeUnknown):
            await world.sidecar.query_order("O1")
        assert world.state() is OrderState.OPEN


# --- fills --------------------------------------------------------------------------------------


async def test_a_repeated_fill_is_told_once_however_it_is_written():
    plugin = Broker()
    async with running(plugin) as world:
        await world.sidecar.submit(buy())
        plugin.publish_fill(fill())
        plugin.publish_fill(fill(side="BUY", price="150.10", quantity="10.0", ts_event=NOW))
        (told,) = world.heard("fill.executed")
        assert (told["trade_id"], told["price"], told["quantity"]) == ("T1", "150.1", "10")
        assert world.sidecar.counters["fill_duplicates"] == 1


async def test_a_fill_is_completed_from_the_order_map_and_found_under_both_topics():
    plugin = Broker()
    async with running(plugin) as world:
        by_symbol = world.bus.subscribe("platform.ccm.test-ccm.fill.AAPL")
        both = world.bus.subscribe("platform.ccm.*.fill.*")
        await world.sidecar.submit(buy())
        plugin.publish_fill(fill(order_id=None, venue_order_id="V1"))
        assert by_symbol.pending == both.pending == 1
        (told,) = world.heard("fill.executed")
        assert (told["order_id"], told["security_id"]) == ("O1", "AAPL")
        assert (told["venue"], told["ts_init"], told["flags"]) == ("XTST", NOW, [])


@pytest.mark.parametrize("names", [{"order_id": "V1"}, {"order_id": None, "venue_order_id": "V1"}])
async def test_a_fill_may_name_its_order_by_the_venues_id(names):
    async with running() as world:
        await world.sidecar.submit(buy())
        world.plugin.publish_fill(fill(**names))
        (told,) = world.heard("fill.executed")
        assert (told["order_id"], told["flags"]) == ("O1", [])
        assert world.sidecar.order_record("O1").filled == 10


async def test_a_trade_id_told_with_another_price_is_published_and_flagged():
    plugin = Broker()
    async with running(plugin) as world:
        await world.sidecar.submit(buy())
        plugin.publish_fill(fill())
        plugin.publish_fill(fill(price="150.2"))
        assert [told["flags"] for told in world.heard("fill.executed")] == [[], ["trade_id_reuse"]]


async def test_odd_fills_are_told_and_flagged_never_dropped():
    plugin = Broker()
    async with running(plugin) as world:
        await world.sidecar.submit(buy())
        plugin.publish_fill(fill("T1", ts_event=NOW + 1))
        plugin.publish_fill(fill("T2", order_id="manual", security_id="BRK.B"))
        plugin.publish_fill(fill("T3", quantity=91))
        plugin.publish_fill(fill("T4", ts_event=None))
        flags = [told["flags"] for told in world.heard("fill.executed")]
        assert flags == [
            ["clock_skew"],
            ["external"],
            ["overfill"],
            ["ts_event_missing", "overfill"],
        ]


async def test_without_a_trade_id_two_equal_fills_are_two():
    plugin = Broker()
    async with running(plugin) as world:
        await world.sidecar.submit(buy())
        plugin.publish_fill(fill(None))
        plugin.publish_fill(fill(" "))
        assert len({e.message_id for e in world.feed._queue if "fill" in e.topic}) == 2
        assert all("trade_id_missing" in told["flags"] for told in world.heard("fill.executed"))


async def test_strict_mode_refuses_a_fill_without_a_trade_id():
    plugin = Broker()
    async with running(plugin, settings=SidecarSettings(strict=True)) as world:
        with pytest.raises(ValidationError, match="trade_id"):
            plugin.publish_fill(fill(""))
        assert world.heard("fill.executed") == []


async def test_a_fill_before_the_acknowledgement_is_kept():
    plugin = Broker()

    def fill_then_ack(order):
        plugin.publish_fill(fill(quantity=100))
        plugin.publish_order(report(status=OrderStatus.FILLED, cum=100))
        return "V1"

    plugin.on_submit = fill_then_ack
    async with running(plugin) as world:
        assert (await world.sidecar.submit(buy())).accepted
        assert world.heard("fill.executed")[0]["flags"] == []
        assert world.state() is OrderState.CLOSED


async def test_nothing_is_published_after_disconnect_returned():
    plugin = Broker()
    async with running(plugin) as world:
        await world.sidecar.submit(buy())
        await world.sidecar.stop()
        with pytest.raises(SessionClosed, match="after disconnect"):
            plugin.publish_fill(fill())
        with pytest.raises(SessionClosed, match="after disconnect"):
            plugin.publish_order(report())
        assert world.heard("fill.executed") == []
        assert world.sidecar.counters["late_fills"] == 1


async def test_a_fill_may_be_published_while_disconnect_runs():
    class FillsOnTheWayOut(Broker):
        async def disconnect(self):
            self.publish_fill(fill())

    plugin = FillsOnTheWayOut()
    async with running(plugin) as world:
        await world.sidecar.submit(buy())
        await world.sidecar.stop()
        assert len(world.heard("fill.executed")) == 1


# --- the outbox ---------------------------------------------------------------------------------


async def test_a_consumer_that_was_away_continues_from_its_cursor():
    plugin = Broker()
    async with running(plugin) as world:
        await world.sidecar.submit(buy())
        plugin.publish_fill(fill("T1"))
        cursor = world.sidecar.replay(0)[-1].sequence
        plugin.publish_fill(fill("T2"))
        (missed,) = world.sidecar.replay(cursor)
        assert json.loads(missed.payload)["trade_id"] == "T2"
        everything = world.sidecar.replay(0)
        assert [envelope.sequence for envelope in everything] == list(range(1, len(everything) + 1))
        assert list(world.feed._queue) == everything


async def test_an_order_report_repeated_by_the_venue_is_told_once():
    plugin = Broker()
    async with running(plugin) as world:
        await world.sidecar.submit(buy())
        plugin.publish_order(report(ts_event=NOW))
        plugin.publish_order(report(ts_event=NOW))
        plugin.publish_order(report(ts_event=NOW + 1))
        assert len(world.heard("order.report")) == 2


async def test_what_a_crash_left_unsent_is_sent_at_the_next_start(tmp_path):
    path = tmp_path / "sidecar.db"
    plugin = Broker()
    world = World(plugin, Database(path, METADATA))
    await world.sidecar.start()
    await world.sidecar.submit(buy())
    plugin.publish_fill(fill("T1"))
    # The process dies: nothing was stopped, nothing was marked as sent.
    await world.sidecar._link.stop()
    world.sidecar._outbox._marking.cancel()
    world.database.close()

    again = World(Broker(), Database(path, METADATA))
    await again.sidecar.start()
    assert [told["trade_id"] for told in again.heard("fill.executed")] == ["T1"]
    again.plugin.publish_fill(fill("T1"))
    assert len(again.heard("fill.executed")) == 1
    await again.sidecar.stop()
    again.database.close()

    third = World(Broker(), Database(path, METADATA))
    await third.sidecar.start()
    assert third.heard("fill.executed") == []
    await third.sidecar.stop()
    third.database.close()


async def test_what_is_older_than_the_retention_is_forgotten_at_start(tmp_path):
    path = tmp_path / "sidecar.db"
    ticking = itertools.count(NOW).__next__
    async with running(database=Database(path, METADATA), clock=ticking) as world:
        world.plugin.publish_fill(fill("T1"))
        last = world.sidecar.replay(0)[-1].sequence
    later = NOW + RETENTION + 1_000
    async with running(database=Database(path, METADATA), clock=lambda: later) as world:
        assert world.sidecar.replay(0)[0].sequence > last
        world.plugin.publish_fill(fill("T1"))
        assert world.sidecar.counters["fill_duplicates"] == 0


# --- reconnection -------------------------------------------------------------------------------


async def test_a_lost_link_is_reconnected_and_reconciled_before_orders_are_taken():
    plugin = Broker()
    async with running(plugin) as world:
        await world.sidecar.submit(buy("O1"))
        await world.sidecar.submit(buy("O2"))
        plugin.publish_order(report("O2", OrderStatus.CANCELLED))
        plugin.book["O1"] = report("O1", OrderStatus.PARTIALLY_FILLED, cum=40)
        plugin.refusals = [ConnectionError("still down")]
        world.feed._queue.clear()
        plugin.lose_link()
        assert world.sidecar.status is SessionStatus.RECONNECTING
        assert (await world.sidecar.submit(buy("O3"))).outcome is Outcome.NOT_SENT
        assert (await world.sidecar.cancel("O1", "R1")).outcome is Outcome.NOT_SENT
        changes = OrderChanges(request_id="R2", quantity=5)
        assert (await world.sidecar.modify("O1", changes)).outcome is Outcome.NOT_SENT
        with pytest.raises(OutcomeUnknown):
            await world.sidecar.query_order("O1")
        await world.reaches("CONNECTED")
        assert world.statuses() == ["RECONNECTING", "DEGRADED", "CONNECTED"]
        assert plugin.calls[-1] == ("query", "O1", SessionStatus.DEGRADED)
        assert [told["cum_quantity"] for told in world.heard("order.report")] == ["40"]
        kinds = [envelope.topic.rsplit(".", 1)[1] for envelope in world.feed._queue]
        assert kinds == ["status", "status", "report", "status"]


async def test_reconciliation_says_again_what_was_said_before():
    """A modify whose answer was lost is settled by an unchanged report after the reconnection."""
    plugin = Broker()
    async with running(plugin) as world:
        await world.sidecar.submit(buy())
        plugin.book["O1"] = report(ts_event=NOW)
        plugin.publish_order(report(ts_event=NOW))
        plugin.lose_link()
        await world.reaches("CONNECTED")
        assert len(world.heard("order.report")) == 2


async def test_an_order_the_venue_does_not_answer_for_does_not_hold_up_the_session():
    plugin = Broker()
    async with running(plugin) as world:
        await world.sidecar.submit(buy())
        plugin.book["O1"] = TimeoutError("no answer")
        plugin.lose_link()
        await world.reaches("CONNECTED")
        assert world.sidecar.counters["orders_unreconciled"] == 1
        assert world.state() is OrderState.OPEN


async def test_a_link_lost_again_during_reconciliation_starts_over():
    class Flapping(Broker):
        losses = 2

        async def query_order(self, order_id):
            if self.losses:
                self.losses -= 1
                self.lose_link()
            return report(order_id)

    plugin = Flapping()
    async with running(plugin) as world:
        await world.sidecar.submit(buy())
        world.feed._queue.clear()
        plugin.lose_link()
        await world.reaches("CONNECTED")
        assert world.statuses() == [*["RECONNECTING", "DEGRADED"] * 3, "CONNECTED"]


async def test_fills_missed_while_away_come_from_the_venues_list_once():
    class Reporting(Broker):
        async def generate_fill_reports(self):
            return [fill("T1"), fill("T2"), fill(None)]

    plugin = Reporting()
    async with running(plugin) as world:
        await world.sidecar.submit(buy())
        plugin.publish_fill(fill("T1"))
        plugin.lose_link()
        await world.reaches("CONNECTED")
        assert [told["trade_id"] for told in world.heard("fill.executed")] == ["T1", "T2"]
        assert world.sidecar.counters["fills_refused"] == 2


async def test_that_orders_are_taken_again_is_told_or_not_so():
    """A consumer that never hears of CONNECTED would hold its orders back for ever."""

    class Unlucky(Broker):
        lucky = True

        async def generate_fill_reports(self):
            fail_writes(world, not self.lucky)
            self.lucky = True
            return []

    plugin = Unlucky()
    async with running(plugin) as world:
        plugin.on_connect = lambda: fail_writes(world, False)
        plugin.lucky = False
        plugin.lose_link()
        await world.reaches("CONNECTED")
        assert world.statuses()[-3:] == ["RECONNECTING", "DEGRADED", "CONNECTED"]
        assert world.sidecar.status is SessionStatus.CONNECTED


async def test_what_is_cancelled_inside_a_plugin_is_an_answer_and_not_the_end():
    """A venue library that cancels its own tasks must not take the platform's with it."""

    class Cancelling(Broker):
        async def connect(self, credentials):
            await super().connect(credentials)
            if len(self.calls) == 2:
                raise asyncio.CancelledError

        async def submit_order(self, order):
            raise asyncio.CancelledError

    plugin = Cancelling()
    async with running(plugin) as world:
        plugin.lose_link()
        await world.reaches("CONNECTED")
        ack = await world.sidecar.submit(buy())
        assert (ack.outcome, ack.reason) == (
            Outcome.UNKNOWN,
            "submit_order: cancelled inside the plugin",
        )


async def test_an_impaired_link_takes_cancels_but_no_orders_until_it_is_whole():
    plugin = Broker()
    async with running(plugin) as world:
        await world.sidecar.submit(buy())
        plugin.publish_session_status("DEGRADED", detail="order entry halted")
        assert (await world.sidecar.submit(buy("O2"))).outcome is Outcome.NOT_SENT
        assert (await world.sidecar.cancel("O1", "R1")).accepted
        plugin.publish_session_status(status="CONNECTED", session_id="S1", venue="XTST")
        await world.reaches("CONNECTED")
        assert (await world.sidecar.submit(buy("O2"))).accepted


async def test_credentials_are_fresh_for_every_connect_and_unreadable_after():
    plugin = Broker()
    async with running(plugin) as world:
        first = plugin.credentials
        plugin.lose_link()
        await world.reaches("CONNECTED")
        assert plugin.calls.count(("connect", "p-53cr3t")) == 2
        assert plugin.credentials is not first
        for expired in (first, plugin.credentials):
            with pytest.raises(Exception, match="while connect runs"):
                expired["password"]


async def test_no_secret_reaches_bus_log_error_or_disk(tmp_path, capfd):
    class Leaky(Broker):
        async def connect(self, credentials):
            raise ConnectionError(f"logon refused for {credentials['username']}/p-53cr3t")

    path = tmp_path / "sidecar.db"
    world = World(
        Leaky(), Database(path, METADATA), SidecarSettings(start_timeout=0.05, backoff_base=0.001)
    )
    with pytest.raises(ExchangeError) as error:
        await world.sidecar.start()
    said = "".join(envelope.model_dump_json() for envelope in world.feed._queue)
    world.database.close()
    shown = "".join((*capfd.readouterr(), said, str(error.value), repr(vars(world.sidecar))))
    for secret in ("p-53cr3t", "u-53cr3t"):
        assert secret not in shown
        assert not any(secret.encode() in file.read_bytes() for file in tmp_path.iterdir())


# --- sync plugins -------------------------------------------------------------------------------


class SyncBroker(CCMPlugin):
    """The style of the reference page: plain methods that block."""

    vendor_name = "sync-broker"
    venue = "XNYS"

    def __init__(self):
        super().__init__(instance_id="test-ccm")
        self.threads = set()
        self.loop_thread = threading.get_ident()

    def connect(self, credentials):
        self.threads.add(threading.get_ident())

    def disconnect(self):
        self.threads.add(threading.get_ident())

    def submit_order(self, order):
        self.threads.add(threading.get_ident())
        self.publish_fill(fill(order_id=order.order_id, quantity=order.quantity))
        return OrderAck(venue_order_id="V1", accepted=True)

    def cancel_order(self, order_id):
        return CancelAck(accepted=False)


async def test_sync_handlers_share_one_thread_that_is_not_the_loops():
    plugin = SyncBroker()
    async with running(plugin) as world:
        assert (await world.sidecar.submit(buy())).accepted
        await asyncio.sleep(0)
        assert [told["quantity"] for told in world.heard("fill.executed")] == ["100"]
        assert (await world.sidecar.cancel("O1", "R1")).outcome is Outcome.REJECTED
        await world.sidecar.stop()
    assert len(plugin.threads) == 1
    assert plugin.loop_thread not in plugin.threads


async def test_fills_from_many_threads_are_each_told_once_and_in_order():
    plugin = Broker()
    async with running(plugin) as world:
        await world.sidecar.submit(buy(quantity=10_000))

        def publish():
            for number in range(20):
                plugin.publish_fill(fill(f"T{number}"))

        await asyncio.gather(*(asyncio.to_thread(publish) for _ in range(4)))
        await asyncio.sleep(0)
        told = [envelope for envelope in world.feed._queue if "fill" in envelope.topic]
        assert len(told) == 20
        assert [e.sequence for e in told] == sorted(e.sequence for e in told)
        assert world.sidecar.order_record("O1").filled == Decimal(200)
