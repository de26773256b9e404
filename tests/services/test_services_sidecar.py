"""What a platform may rely on: orders, queries, fills, the outbox, whatever the plugin does."""

import asyncio
import itertools
import json
import threading
from decimal import Decimal

import pytest
from sidecar_world import (
    NOW,
    Broker,
    World,
    buy,
    fill,
    report,
    running,
)

from meridian.ccm import CCMPlugin, OrderState
from meridian.schema import (
    CancelAck,
    OrderAck,
    OrderChanges,
    OrderStatus,
    Outcome,
    SymbolMetadata,
)
from meridian.schema.errors import (
    ConflictError,
    OrderRejected,
    OutcomeUnknown,
    SessionClosed,
    SessionDegradedError,
    ValidationError,
)
from meridian.services.sidecar import RETENTION, SidecarSettings
from meridian.store.database import Database
from meridian.store.tables import METADATA

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
