"""The FIX plugin against the venue daemon over TCP: one order's life, and links that break.

The oracle is the venue's own journal: what it executed for a session is on that session's bus
exactly once.
"""

import asyncio
import json
import os
import random
import sys
from decimal import Decimal

import pytest
from fix_desks import BRIEF, LIMIT, PASSWORD, QUIET_VENUE, Desk, desk, executions, running_venue

from meridian.schema import OrderChanges, OrderStatus, Outcome, SessionStatus
from meridian.schema.errors import ConfigError, ExchangeError, OutcomeUnknown
from meridian.services.sidecar import SidecarSettings
from meridian.testing import Relay


def as_executions(fills):
    return [(fill.trade_id, fill.side.value, fill.price, fill.quantity) for fill in fills]


# --- one order's life -----------------------------------------------------------------------


async def test_an_order_is_placed_changed_filled_and_told_with_venue_ids_and_both_times(tmp_path):
    async with running_venue(tmp_path) as (port, journal), desk(port) as trader:
        ack = await trader.submit("O1", "BUY", 100, "150")
        assert ack.outcome is Outcome.ACCEPTED
        assert ack.venue_order_id
        changes = OrderChanges(request_id="R1", quantity=80, price="150.5")
        assert (await trader.sidecar.modify("O1", changes)).outcome is Outcome.ACCEPTED
        async with desk(port, sender="VIEWER") as other:
            await other.submit("S1", "SELL", 30, "150.5")
        await trader.until(lambda: trader.fills)
        assert (await trader.sidecar.cancel("O1", "R2")).outcome is Outcome.ACCEPTED

        (fill,) = trader.fills
        assert (fill.order_id, fill.security_id, fill.venue) == ("O1", "AAPL", "MERIDIAN")
        assert fill.venue_order_id == ack.venue_order_id
        assert fill.flags == ()
        assert 0 < fill.ts_event <= fill.ts_init
        assert as_executions([fill]) == executions(journal)
        told = [(r.status, r.quantity, r.cum_quantity, r.request_id) for r in trader.reports("O1")]
        assert told == [
            (OrderStatus.NEW, 100, 0, None),
            (OrderStatus.NEW, 80, 0, "R1"),
            (OrderStatus.PARTIALLY_FILLED, 80, 30, None),
            (OrderStatus.CANCELLED, 80, 30, "R2"),
        ]


async def test_an_order_that_trades_at_once_is_accepted_and_its_fills_are_told(tmp_path):
    async with (
        running_venue(tmp_path) as (port, journal),
        desk(port) as trader,
        desk(port, sender="VIEWER") as other,
    ):
        await other.submit("S1", "SELL", 30, "150")
        await other.submit("S2", "SELL", 30, "150.01")
        ack = await trader.submit("O1", "BUY", 50, None, order_type="MARKET", time_in_force="IOC")
        assert ack.outcome is Outcome.ACCEPTED
        await trader.until(lambda: len(trader.fills) == 2)
        assert as_executions(trader.fills) == executions(journal)
        assert sum(fill.quantity for fill in trader.fills) == 50
        await other.until(lambda: len(other.fills) == 2)
        assert as_executions(other.fills) == executions(journal, "VIEWER")


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"security_id": "NOPE"}, "NOPE"),
        ({"price": "150.001"}, "150.001"),
        ({"security_id": "BRK.B", "quantity": 15, "price": "400"}, "15"),
    ],
)
async def test_the_venues_refusal_is_definitive_and_says_why(tmp_path, fields, says):
    async with running_venue(tmp_path) as (port, _), desk(port) as trader:
        ack = await trader.submit("O1", **fields)
        assert ack.outcome is Outcome.REJECTED
        assert says in ack.reason
        assert [report.status for report in trader.reports("O1")] == [OrderStatus.REJECTED]


async def test_refused_requests_leave_the_order_as_it_was(tmp_path):
    async with running_venue(tmp_path) as (port, _), desk(port) as trader:
        await trader.submit("O1", "BUY", 100, "150")
        changes = OrderChanges(request_id="R1", quantity=100, price="150.005")
        assert (await trader.sidecar.modify("O1", changes)).outcome is Outcome.REJECTED
        report = await trader.sidecar.query_order("O1")
        assert (report.status, report.price) == (OrderStatus.NEW, 150)
        await trader.sidecar.cancel("O1", "R2")
        ack = await trader.sidecar.cancel("O1", "R3")
        assert ack.outcome is Outcome.REJECTED
        assert ack.reason


async def test_a_chain_of_modifies_stays_one_order(tmp_path):
    """Each replace gives the order a new id at the venue; the platform's never changes."""
    path = tmp_path / "trader.db"
    async with running_venue(tmp_path) as (port, journal):
        async with desk(port, path) as trader:
            await trader.submit("O1", "BUY", 100, "150")
            for number in range(1, 4):
                changes = OrderChanges(request_id=f"R{number}", quantity=100 + number, price="150")
                assert (await trader.sidecar.modify("O1", changes)).accepted
        async with desk(port, path) as trader, desk(port, sender="VIEWER") as other:
            changes = OrderChanges(request_id="R4", quantity=90, price="150")
            assert (await trader.sidecar.modify("O1", changes)).accepted
            await other.submit("S1", "SELL", 90, "150")
            await trader.until(lambda: trader.fills)
            assert {report.order_id for report in trader.reports("O1")} == {"O1"}
            assert trader.reports("O1")[-1].status is OrderStatus.FILLED
            assert as_executions(trader.fills) == executions(journal)


async def test_queries_tell_the_venues_truth(tmp_path):
    async with running_venue(tmp_path) as (port, _), desk(port) as trader:
        assert await trader.sidecar.list_open_orders() == []
        await trader.submit("O1", "BUY", 100, "150")
        await trader.submit("O2", "SELL", 10, "151")
        await trader.submit("O3", "BUY", 10, "149")
        await trader.sidecar.cancel("O3", "R1")
        open_orders = await trader.sidecar.list_open_orders()
        assert sorted(report.order_id for report in open_orders) == ["O1", "O2"]
        assert (await trader.sidecar.query_order("O3")).status is OrderStatus.CANCELLED
        assert await trader.sidecar.query_order("never-sent") is None

        apple, berkshire = await trader.sidecar.list_instruments()
        assert (apple.symbol_id, apple.tick_size, apple.currency) == (
            "AAPL",
            Decimal("0.01"),
            "USD",
        )
        assert (berkshire.lot_size, berkshire.min_quantity) == (10, 10)


async def test_an_order_id_the_venue_knows_is_not_taken_for_refused(tmp_path):
    """After the sidecar's database is lost a resubmission must not orphan the live order."""
    async with running_venue(tmp_path) as (port, _):
        async with desk(port, tmp_path / "a.db") as trader:
            await trader.submit("O1", "BUY", 100, "150")
        wiped = Desk(port, tmp_path / "a.db")
        with wiped.database.transaction() as connection:
            connection.exec_driver_sql("DELETE FROM sidecar_orders")
        await wiped.sidecar.start()
        ack = await wiped.submit("O1", "BUY", 100, "150")
        assert ack.outcome is Outcome.UNKNOWN
        assert (await wiped.sidecar.query_order("O1")).status is OrderStatus.NEW
        await wiped.sidecar.stop()
        wiped.database.close()


# --- logging on -----------------------------------------------------------------------------


async def test_a_wrong_password_is_a_failed_start_that_does_not_show_it(tmp_path, capfd):
    hasty = SidecarSettings(start_timeout=0.5, backoff_base=0.05)
    async with running_venue(tmp_path) as (port, _):
        trader = Desk(port, tmp_path / "trader.db", settings=hasty)
        trader.password = "wr0ng-s3cret"
        with pytest.raises(ExchangeError, match="not connected within") as error:
            await trader.sidecar.start()
        trader.database.close()
    shown = "".join((str(error.value), repr(trader.plugin.__dict__), *capfd.readouterr()))
    assert "wr0ng-s3cret" not in shown


async def test_the_password_is_on_no_disk_and_in_no_repr(tmp_path):
    async with running_venue(tmp_path) as (port, _), desk(port, tmp_path / "t.db") as trader:
        await trader.submit("O1", "BUY", 100, "150")
        shown = repr([vars(trader.plugin), vars(trader.sidecar)])
        written = b"".join(file.read_bytes() for file in tmp_path.glob("t.db*"))
    assert PASSWORD not in shown
    assert PASSWORD.encode() not in written
    assert b"fix-TRADER" in written, "the files looked at are those that hold the session"


@pytest.mark.parametrize(
    ("changed", "says"),
    [({"sender": ""}, "missing sender"), ({"port": "many"}, "port is not a number")],
)
async def test_unusable_credentials_are_named_and_not_tried_again(changed, says):
    trader = Desk(1)
    vars(trader).update(changed)
    with pytest.raises(ConfigError, match=f"credentials: {says}"):
        await trader.sidecar.start()
    assert trader.statuses == []
    trader.database.close()


async def test_an_unreachable_venue_is_named():
    trader = Desk(1, settings=SidecarSettings(start_timeout=0.3, backoff_base=0.05))
    with pytest.raises(ExchangeError, match=r"127\.0\.0\.1:1"):
        await trader.sidecar.start()
    trader.database.close()


# --- links that break -----------------------------------------------------------------------


async def test_fills_while_the_link_is_cut_are_on_the_bus_exactly_once_afterwards(tmp_path):
    """The venue runs as its own process; the trader's link goes through a relay that is cut."""
    config, journal = tmp_path / "venue.toml", tmp_path / "venue.jsonl"
    config.write_text(QUIET_VENUE)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "meridian", "venue", "run", str(config)),
        *("--journal", str(journal)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=os.environ,
    )
    try:
        ready = json.loads(await process.stdout.readline())
        port = ready["endpoints"][0]["port"]
        relay = Relay("127.0.0.1", port)
        entry = await relay.start()
        async with desk(entry) as trader, desk(port, sender="VIEWER") as other:
            await trader.submit("O1", "BUY", 100, "150")
            await other.submit("S1", "SELL", 10, "150")
            await trader.until(lambda: len(trader.fills) == 1)
            await relay.stop()
            await trader.until(lambda: trader.sidecar.status is SessionStatus.RECONNECTING)
            assert (await trader.submit("O2")).outcome is Outcome.NOT_SENT
            for number in range(2, 7):
                await other.submit(f"S{number}", "SELL", 10, "150")
            relay = Relay("127.0.0.1", port)
            trader.port = await relay.start()
            await trader.until(lambda: trader.sidecar.status is SessionStatus.CONNECTED)
            await other.submit("S7", "SELL", 40, "150")
            await trader.until(lambda: trader.reports("O1")[-1].status is OrderStatus.FILLED)

            assert as_executions(trader.fills) == executions(journal)
            assert [fill.flags for fill in trader.fills] == [()] * 7
            assert sum(fill.quantity for fill in trader.fills) == 100
            assert trader.statuses[-3:] == ["RECONNECTING", "DEGRADED", "CONNECTED"]
            assert (await trader.submit("O2")).outcome is Outcome.ACCEPTED
        await relay.stop()
    finally:
        process.terminate()
        await process.wait()


async def test_missed_fills_are_told_before_orders_are_taken_again(tmp_path):
    async with running_venue(tmp_path) as (port, journal):
        relay = Relay("127.0.0.1", port)
        async with desk(await relay.start()) as trader, desk(port, sender="VIEWER") as other:
            await trader.submit("O1", "BUY", 100, "150")
            await relay.stop()
            await trader.until(lambda: trader.sidecar.status is SessionStatus.RECONNECTING)
            await other.submit("S1", "SELL", 100, "150")
            trader.port = port
            await trader.until(lambda: trader.sidecar.status is SessionStatus.CONNECTED)
            topics = [envelope.topic for envelope in trader.sidecar.replay(0)]
            assert topics.index("platform.ccm.fix-TRADER.fill.executed") < len(topics) - 2
            assert topics[-1] == "platform.ccm.fix-TRADER.session.status"
            assert as_executions(trader.fills) == executions(journal)


async def test_an_order_lost_on_the_way_is_unknown_and_is_never_replayed(tmp_path):
    """A market moves; an order of a minute ago must not wake up in the venue."""
    async with running_venue(tmp_path) as (port, journal):
        relay = Relay("127.0.0.1", port)
        async with desk(await relay.start()) as trader:
            relay.to_server = lambda chunk: None if b"\x0135=D\x01" in chunk else chunk
            ack = await trader.submit("O1", "BUY", 100, "150")
            assert ack.outcome is Outcome.UNKNOWN
            relay.to_server = lambda chunk: chunk
            await trader.until(lambda: trader.statuses.count("CONNECTED") == 2)
            assert trader.sidecar.counters["orders_unreconciled"] == 0
            assert await trader.sidecar.query_order("O1") is None
            assert "O1" not in journal.read_text()
            assert (await trader.submit("O1", "BUY", 100, "150")).outcome is Outcome.ACCEPTED
        await relay.stop()


async def test_an_order_whose_answer_was_lost_is_found_working_after_the_reconnection(tmp_path):
    async with running_venue(tmp_path) as (port, _):
        relay = Relay("127.0.0.1", port)
        async with desk(await relay.start()) as trader:
            relay.to_client = lambda chunk: None if b"\x0135=8\x01" in chunk else chunk
            ack = await trader.submit("O1", "BUY", 100, "150")
            assert ack.outcome is Outcome.UNKNOWN
            relay.to_client = lambda chunk: chunk
            await trader.until(lambda: trader.statuses.count("CONNECTED") == 2)
            assert trader.reports("O1")[-1].status is OrderStatus.NEW
            assert (await trader.sidecar.query_order("O1")).status is OrderStatus.NEW
            assert (await trader.sidecar.cancel("O1", "R1")).outcome is Outcome.ACCEPTED
        await relay.stop()


async def test_a_silent_venue_leaves_requests_unknown_within_the_time_limit(tmp_path):
    async with running_venue(tmp_path) as (port, _):
        relay = Relay("127.0.0.1", port)
        async with desk(await relay.start(), fix=BRIEF) as trader:
            await trader.submit("O1", "BUY", 100, "150")
            relay.to_client = lambda chunk: b""
            ack = await trader.submit("O2", "BUY", 100, "150")
            assert ack.outcome is Outcome.UNKNOWN
            assert "no answer to O2" in ack.reason
            assert (await trader.sidecar.cancel("O1", "R1")).outcome is Outcome.UNKNOWN
            with pytest.raises(OutcomeUnknown):
                await trader.sidecar.query_order("O1")
            assert len(trader.plugin._pending) == 0
        await relay.stop()


async def one_life(life, trader, other):
    await trader.sidecar.start()
    await trader.submit(f"O{life}", "BUY", 20, "150")
    await other.submit(f"S{life}a", "SELL", 10, "150")
    if life % 2:
        await trader.until(lambda: len(trader.fills) > 2 * life)
    await trader.crash()
    await other.submit(f"S{life}b", "SELL", 10, "150")


async def test_a_crash_of_this_side_loses_and_repeats_nothing(tmp_path):
    """The process dies without a word, fills happen, it comes back: five times over."""
    path = tmp_path / "trader.db"
    async with (
        running_venue(tmp_path) as (port, journal),
        desk(port, sender="VIEWER") as other,
    ):
        for life in range(5):
            await one_life(life, Desk(port, path), other)
        async with desk(port, path) as trader:
            assert as_executions(trader.fills) == executions(journal)
            assert len(trader.fills) == 10
            assert [envelope.sequence for envelope in trader.sidecar.replay(0)] == list(
                range(1, len(trader.sidecar.replay(0)) + 1)
            )


async def test_a_venue_that_forgot_the_session_is_refused_and_named(tmp_path):
    """Its numbers start from 1 while ours do not: what it lost must not be passed over."""
    path = tmp_path / "trader.db"
    async with running_venue(tmp_path) as (port, _), desk(port, path) as trader:
        await trader.submit("O1", "BUY", 100, "150")
    async with running_venue(tmp_path) as (port, _):
        trader = Desk(port, path)
        with pytest.raises(ExchangeError, match="MsgSeqNum too low, expecting 4 but received 1"):
            await trader.plugin.connect(trader.credentials())
        await trader.plugin.disconnect()
        trader.database.close()


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_under_random_cuts_bus_and_venue_agree_in_the_end(tmp_path, seed):
    """Orders, modifies and cancels on a link that is cut at random moments, also half-way
    through a message. Whatever the platform was told meanwhile: no fill missing, none twice,
    and no order left whose end was not told."""
    dice = random.Random(seed)
    async with (
        running_venue(tmp_path) as (port, journal),
        desk(port, sender="VIEWER") as other,
    ):
        relay = Relay("127.0.0.1", port)
        async with desk(await relay.start(), fix=BRIEF) as trader:
            relay.to_client = relay.to_server = lambda chunk: (
                None if dice.random() < 0.04 else chunk
            )
            for number in range(60):
                if number % 20 == 0:
                    relay.cut()
                await act(dice, number, trader, other)
            relay.to_client = relay.to_server = lambda chunk: chunk
            await trader.until(lambda: trader.sidecar.status is SessionStatus.CONNECTED)
            for report in await answered(trader.sidecar.list_open_orders):
                ack = await trader.sidecar.cancel(report.order_id, f"end-{report.order_id}")
                assert ack.outcome is Outcome.ACCEPTED
            assert sorted(as_executions(trader.fills)) == sorted(executions(journal))
            assert trader.fills
            assert [fill.flags for fill in trader.fills] == [()] * len(trader.fills)
            for record in trader.sidecar._ledger.open_orders():
                assert await trader.sidecar.query_order(record.order.order_id) is None
        await relay.stop()


async def answered(ask):
    """Ask until the venue answers: it may still be waiting for what a cut link lost."""
    async with asyncio.timeout(2 * LIMIT):
        while True:
            try:
                return await ask()
            except OutcomeUnknown:
                continue


async def act(dice, number, trader, other):
    """One step of a busy desk; the outcome of each request is the link's luck."""
    side, price = ("BUY", 151) if dice.random() < 0.5 else ("SELL", 149)
    await other.submit(f"S{number}", side, dice.randint(1, 30), price - dice.randint(0, 2))
    known = f"O{dice.randint(0, number)}"
    choice = dice.random()
    if choice < 0.6:
        side, price = ("BUY", 150) if dice.random() < 0.5 else ("SELL", 150)
        await trader.submit(f"O{number}", side, dice.randint(1, 50), price)
    elif choice < 0.8:
        changes = OrderChanges(request_id=f"M{number}", quantity=dice.randint(1, 60), price=150)
        await trader.sidecar.modify(known, changes)
    else:
        await trader.sidecar.cancel(known, f"C{number}")
