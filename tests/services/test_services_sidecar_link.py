"""Start, stop, loss of the link, credentials: what the sidecar does around the plugin."""

import asyncio

import pytest
from sidecar_world import (
    NOW,
    QUICK,
    Broker,
    World,
    buy,
    fail_writes,
    fill,
    report,
    running,
)
from sqlalchemy.exc import DatabaseError

from meridian.ccm import OrderState
from meridian.schema import (
    CancelAck,
    OrderChanges,
    OrderStatus,
    Outcome,
    SessionStatus,
)
from meridian.schema.errors import (
    ConfigError,
    ExchangeError,
    OutcomeUnknown,
    SessionClosed,
)
from meridian.services.sidecar import MAX_CANCELS, SidecarSettings
from meridian.store.database import Database
from meridian.store.tables import METADATA

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
