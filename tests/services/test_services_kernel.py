"""The whole kernel over a sidecar, the FIX plugin and a real venue, through a relay we can cut."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from meridian.adapters.fix import FixSettings
from meridian.kernel import EventType, ReconciliationStatus
from meridian.management import parse_definition
from meridian.schema import OcoMode, StandardOrder, StandardOrderGroup
from meridian.schema.errors import (
    ConfigError,
    ConflictError,
    ExchangeError,
    NotFoundError,
    ValidationError,
)
from meridian.services import reconciliation, subscriptions
from meridian.services.fix_stack import FixStack
from meridian.services.sidecar import SidecarSettings
from meridian.services.venue import VenueService
from meridian.testing import Relay

WAIT_SECONDS = 30

VENUE = """
name = "MERIDIAN"
[[instruments]]
symbol = "AAPL"
reference_price = "150.00"
[[instruments]]
symbol = "MSFT"
reference_price = "310.00"
[[endpoints]]
port = 0
[[endpoints.sessions]]
comp_id = "TRADER"
[[endpoints.sessions]]
comp_id = "OTHER"
"""


def limit(side="BUY", quantity=10, price="150.00", symbol="AAPL", **more) -> StandardOrder:
    return StandardOrder(symbol_id=symbol, side=side, quantity=quantity, price=price, **more)


class Hold:
    """A relay watch that keeps bytes back until released, in order."""

    def __init__(self) -> None:
        self.holding = False
        self.kept = b""

    def __call__(self, chunk: bytes) -> bytes:
        self.kept += chunk
        if self.holding:
            return b""
        out, self.kept = self.kept, b""
        return out


class World:
    def __init__(self, folder, port, relay) -> None:
        self.folder, self.port, self.relay = folder, port, relay
        self.stacks: list[FixStack] = []

    async def stack(self, sender="TRADER", *, start=True, **sidecar) -> FixStack:
        stack = FixStack.build(
            self.folder / sender,
            {"host": "127.0.0.1", "port": self.port, "sender": sender, "target": "MERIDIAN"},
            exchange_id="MERIDIAN",
            fix=FixSettings(ack_timeout=0.3, logon_timeout=2.0),
            sidecar=SidecarSettings(backoff_base=0.02, backoff_cap=0.1, **sidecar),
        )
        self.stacks.append(stack)
        if start:
            await stack.start()
        return stack


@pytest.fixture
async def venue():
    service = VenueService(parse_definition(VENUE, "test"), journal=None, on_notice=print)
    yield await service.start()
    await service.stop()


@pytest.fixture
async def world(venue, tmp_path):
    endpoint = venue["endpoints"][0]
    relay = Relay(endpoint["host"], endpoint["port"])
    world = World(tmp_path, await relay.start(), relay)
    yield world
    for stack in world.stacks:
        await stack.stop()
    await relay.stop()


@pytest.fixture
async def kernel(world):
    return (await world.stack()).kernel


async def reaches(kernel, intent_id, *statuses) -> None:
    """Wait until the intent is in one of these states."""
    moved = asyncio.Event()
    name = kernel.subscribe_events(lambda _: moved.set())
    try:
        async with asyncio.timeout(WAIT_SECONDS):
            while (state := await kernel.get_order_state(intent_id)).status not in statuses:
                moved.clear()
                await moved.wait()
    except TimeoutError:
        pytest.fail(f"not {statuses}: {state}")
    finally:
        kernel.unsubscribe_events(name)


S = ReconciliationStatus


async def test_an_intent_becomes_an_order_a_fill_and_a_position(world, kernel):
    other = (await world.stack("OTHER")).kernel
    resting = await other.place_order(limit("SELL", 30))
    await reaches(other, resting, S.ACTIVE)
    intent_id = await kernel.place_order(limit("BUY", 10), {"why": "test"})
    await reaches(kernel, intent_id, S.COMPLETED)
    state = await kernel.get_order_state(intent_id)
    assert (state.filled_quantity, state.average_price, state.leaves_quantity) == (10, 150, 0)
    assert state.venue_order_id is not None
    assert (await kernel.get_order_intent(intent_id)).metadata == {"why": "test"}
    (position,) = await kernel.get_positions()
    assert (position.symbol_id, position.quantity) == ("AAPL", 10)
    assert (await kernel.get_account_state()).balances == {"USD": -1500}
    assert (await other.get_order_state(resting)).leaves_quantity == 20


async def test_market_data_of_the_venue_is_known(kernel):
    assert await kernel.list_symbols() == ["AAPL", "MSFT"]
    assert str((await kernel.get_symbol_metadata("AAPL")).tick_size) == "0.01"
    assert (await kernel.get_asset_metadata("AAPL")).currency == "USD"
    assert (await kernel.get_asset_metadata("USD")).asset_type == "CURRENCY"
    for unknown in (kernel.get_symbol_metadata, kernel.get_asset_metadata):
        with pytest.raises(NotFoundError, match="'NOPE'"):
            await unknown("NOPE")


@pytest.mark.parametrize(
    ("order", "said"),
    [
        (limit(symbol="NOPE"), "unknown symbol 'NOPE'; this venue trades: AAPL, MSFT"),
        (limit(price="150.001"), r"AAPL: price 150.001 is not a multiple of 0.01"),
        (limit(quantity="1.5"), r"AAPL: quantity 1.5 is not a multiple of 1"),
        (limit(price="-1"), r"AAPL: price -1 is not positive"),
    ],
)
async def test_an_impossible_order_is_refused_and_nothing_stored(kernel, order, said):
    with pytest.raises(ValidationError, match=said):
        await kernel.place_order(order)
    assert await kernel.get_all_intents() == []


async def test_modify_and_cancel_reach_the_venue(kernel):
    intent_id = await kernel.place_order(limit())
    await reaches(kernel, intent_id, S.ACTIVE)
    await kernel.modify_order(intent_id, limit(quantity=25, price="149.50"), if_generation=1)
    await reaches(kernel, intent_id, S.ACTIVE)
    assert (await kernel.get_order_state(intent_id)).leaves_quantity == 25
    with pytest.raises(ConflictError):
        await kernel.modify_order(intent_id, limit(), if_generation=1)
    await kernel.cancel_order(intent_id)
    await reaches(kernel, intent_id, S.CANCELED)
    with pytest.raises(NotFoundError):
        await kernel.cancel_order("nope")


async def test_a_completed_leg_cancels_the_other(world, kernel):
    group = StandardOrderGroup(
        orders=(limit("BUY", 10, "150.00"), limit("BUY", 10, "149.00")),
        mode=OcoMode.CANCEL_ON_COMPLETION,
    )
    first, second = await kernel.place_order_group(group)
    await reaches(kernel, first, S.ACTIVE)
    await reaches(kernel, second, S.ACTIVE)
    other = (await world.stack("OTHER")).kernel
    await other.place_order(limit("SELL", 10, "150.00"))
    await reaches(kernel, first, S.COMPLETED)
    await reaches(kernel, second, S.CANCELED)


async def test_cancel_all_counts_what_it_marked(kernel):
    ids = [await kernel.place_order(limit(symbol=s)) for s in ("AAPL", "AAPL", "MSFT")]
    assert await kernel.cancel_all_orders("AAPL") == 2
    assert await kernel.cancel_all_orders() == 1
    assert await kernel.cancel_all_orders() == 0
    for intent_id in ids:
        await reaches(kernel, intent_id, S.CANCELED)


async def test_a_venues_refusal_is_a_state_and_an_event(kernel):
    refusals = []
    kernel.subscribe_events(refusals.append, {"event_type": EventType.ORDER_REJECTED})
    huge = await kernel.place_order(limit(quantity=2**53 + 1))
    await reaches(kernel, huge, S.FAILED)
    assert [e.intent_id for e in refusals] == [huge]
    assert refusals[0].reason


class TestEvents:
    async def test_from_seq_replays_what_was_told_and_goes_on_without_a_gap(self, kernel):
        live, late = [], []
        kernel.subscribe_events(live.append, from_seq=1)
        first = await kernel.place_order(limit())
        await reaches(kernel, first, S.ACTIVE)
        kernel.subscribe_events(late.append, from_seq=1)
        await kernel.cancel_order(first)
        await reaches(kernel, first, S.CANCELED)
        assert [e.seq for e in live] == list(range(1, len(live) + 1))
        assert late == live

    async def test_filters_choose_and_unknown_ones_are_named(self, kernel):
        chosen = []
        kernel.subscribe_events(chosen.append, {"symbol_id": ["MSFT"]})
        await kernel.place_order(limit())
        msft = await kernel.place_order(limit(symbol="MSFT"))
        assert {e.intent_id for e in chosen} == {msft}
        with pytest.raises(ValidationError, match="'colour', expected one of event_type"):
            kernel.subscribe_events(chosen.append, {"colour": "red"})

    async def test_a_callback_that_raises_disturbs_nobody(self, kernel):
        heard = []

        def broken(event):
            raise RuntimeError("bug")

        kernel.subscribe_events(broken)
        kernel.subscribe_events(heard.append)
        await reaches(kernel, await kernel.place_order(limit()), S.ACTIVE)
        assert heard
        assert kernel.get_reconciliation_metrics()["callback_errors_total"] >= len(heard)

    async def test_unsubscribed_is_silent(self, kernel):
        heard = []
        name = kernel.subscribe_events(heard.append)
        kernel.unsubscribe_events(name)
        await kernel.place_order(limit())
        assert heard == []
        with pytest.raises(NotFoundError):
            kernel.unsubscribe_events(name)

    async def test_subscriptions_are_bounded(self, kernel, monkeypatch):
        monkeypatch.setattr(subscriptions, "MAX_SUBSCRIPTIONS", 1)
        kernel.subscribe_events(print)
        with pytest.raises(ValidationError, match="more than 1 subscriptions"):
            kernel.subscribe_events(print)


class TestLink:
    async def test_a_late_answer_is_unknown_until_the_venue_says(self, world, kernel):
        told = []
        kernel.subscribe_events(lambda e: told.append(e.event_type))
        world.relay.to_client = hold = Hold()
        hold.holding = True
        intent_id = await kernel.place_order(limit())
        await reaches(kernel, intent_id, S.UNKNOWN)
        hold.holding = False
        await reaches(kernel, intent_id, S.ACTIVE)
        counts = Counter(told)
        assert counts["OUTCOME_UNKNOWN"] == counts["OUTCOME_RESOLVED"] == 1
        assert counts["ORDER_SUBMITTED"] == 1

    @pytest.mark.parametrize("arrives", [False, True])
    async def test_a_link_cut_as_the_order_leaves(self, world, kernel, arrives):
        """Lost on the way: placed again under another id. Arrived: adopted. Never both."""
        cut_once = iter([True])

        def watch(chunk: bytes) -> bytes | None:
            if b"\x0135=D\x01" not in chunk or not next(cut_once, False):
                return chunk
            if not arrives:
                return None
            asyncio.get_running_loop().call_soon(world.relay.cut)
            return chunk

        world.relay.to_server = watch
        world.relay.to_client = lambda c: None if arrives and b"\x01150=0\x01" in c else c
        intent_id = await kernel.place_order(limit())
        await asyncio.sleep(0)
        await reaches(kernel, intent_id, S.UNKNOWN)
        world.relay.to_client = lambda c: c
        await reaches(kernel, intent_id, S.ACTIVE)
        attempts = (await kernel.get_order_state(intent_id)).attempts
        assert [a.status for a in attempts] == (["ACKED"] if arrives else ["ABSENT", "ACKED"])
        other = (await world.stack("OTHER")).kernel
        taker = await other.place_order(limit("SELL", 50, time_in_force="IOC"))
        await reaches(other, taker, S.CANCELED)
        assert (await other.get_order_state(taker)).filled_quantity == 10, "one order, not two"

    async def test_fills_while_away_arrive_once(self, world, kernel):
        intent_id = await kernel.place_order(limit())
        await reaches(kernel, intent_id, S.ACTIVE)
        other = (await world.stack("OTHER")).kernel
        world.relay.refusing = True
        world.relay.cut()
        taker = await other.place_order(limit("SELL", 10))
        world.relay.refusing = False
        await reaches(kernel, intent_id, S.COMPLETED)
        await reaches(other, taker, S.COMPLETED)
        assert (await kernel.get_positions())[0].quantity == 10

    async def test_a_wish_made_while_away_is_durable_at_once_and_sent_later(self, world, kernel):
        world.relay.refusing = True
        world.relay.cut()
        intent_id = await kernel.place_order(limit())
        assert (await kernel.get_order_intent(intent_id)).intent_id == intent_id
        world.relay.refusing = False
        await reaches(kernel, intent_id, S.ACTIVE)

    async def test_a_lost_link_does_not_use_up_the_attempts_of_those_that_wait(self, world, kernel):
        cuts = 10

        def cut_at_an_order(chunk: bytes) -> bytes | None:
            nonlocal cuts
            if b"\x0135=D\x01" not in chunk or not cuts:
                return chunk
            cuts -= 1
            return None

        world.relay.to_server = cut_at_an_order
        ids = await asyncio.gather(*[kernel.place_order(limit()) for _ in range(100)])
        for intent_id in ids:
            await reaches(kernel, intent_id, S.ACTIVE)
        assert cuts == 0
        assert kernel.get_reconciliation_metrics()["sends_total"].get("place.not_sent", 0) <= 10


class TestRestart:
    async def test_it_goes_on_where_it_stopped_and_leaves_orders_open(self, world):
        first = await world.stack()
        intent_id = await first.kernel.place_order(limit(), intent_id="mine")
        await reaches(first.kernel, intent_id, S.ACTIVE)
        before = await first.kernel.get_order_state(intent_id)
        await first.stop()
        other = (await world.stack("OTHER")).kernel
        await reaches(other, await other.place_order(limit("SELL", 4)), S.COMPLETED)
        again = (await world.stack()).kernel
        after = await again.get_order_state(intent_id)
        assert after.filled_quantity == 4
        assert after.order_id == before.order_id
        assert await again.place_order(limit(), intent_id="mine") == intent_id
        await again.cancel_order(intent_id)
        await reaches(again, intent_id, S.CANCELED)

    async def test_no_request_leaves_after_stop(self, world):
        stack = await world.stack()
        sent = []
        world.relay.to_server = lambda c: sent.append(c) or c
        for _ in range(50):
            await stack.kernel.place_order(limit())
        await stack.stop()
        await asyncio.sleep(0)
        sent.clear()
        with pytest.raises(ExchangeError, match="not running"):
            await stack.kernel.place_order(limit())
        assert sent == []

    async def test_an_unreachable_venue_is_said_and_everything_released(self, world):
        world.relay.refusing = True
        stack = await world.stack(start=False, start_timeout=0.3)
        with pytest.raises(ExchangeError, match=r"127\.0\.0\.1"):
            await stack.start()
        world.relay.refusing = False
        again = await world.stack()
        assert (await again.kernel.health_check())["status"] == "ok"

    async def test_stop_while_starting_ends_the_start_and_releases_everything(self, world):
        reached = asyncio.Event()
        world.relay.to_server = lambda chunk: reached.set() or chunk
        world.relay.to_client = lambda chunk: b""
        stack = await world.stack(start=False)
        start = asyncio.create_task(stack.start())
        await reached.wait()
        await stack.stop()
        with pytest.raises(ExchangeError, match="stopped while starting"):
            await start
        assert stack.sidecar.status == "DISCONNECTED"
        world.relay.to_client = lambda chunk: chunk
        again = await world.stack()
        assert (await again.kernel.health_check())["status"] == "ok"

    async def test_a_caller_that_gives_up_on_stop_does_not_leave_it_half_done(self, world):
        stack = await world.stack()
        stop = asyncio.create_task(stack.stop())
        await asyncio.sleep(0)
        stop.cancel()
        await asyncio.gather(stack.stop(), stack.stop())
        assert stop.cancelled()
        assert stack.sidecar.status == "DISCONNECTED"

    async def test_what_was_never_started_is_released_too(self, world):
        await (await world.stack(start=False)).stop()
        await world.stack()

    async def test_a_kernel_starts_once(self, world):
        stack = await world.stack()
        with pytest.raises(ExchangeError, match="starts once"):
            await stack.kernel.start()
        await stack.stop()
        with pytest.raises(ExchangeError, match="starts once"):
            await stack.kernel.start()

    async def test_wishes_made_while_it_stops_are_kept_or_refused(self, world):
        stack = await world.stack()
        calls = [asyncio.create_task(stack.kernel.place_order(limit())) for _ in range(50)]
        await asyncio.wait(calls, return_when=asyncio.FIRST_COMPLETED)
        await stack.stop()
        said = await asyncio.gather(*calls, return_exceptions=True)
        kept = {told for told in said if isinstance(told, str)}
        refused = [told for told in said if not isinstance(told, str)]
        assert kept
        assert refused
        assert all(isinstance(told, ExchangeError) for told in refused)
        again = (await world.stack()).kernel
        assert {intent.intent_id for intent in await again.get_all_intents()} == kept

    async def test_a_sidecar_that_lost_its_memory_is_not_believed(self, world):
        stack = await world.stack()
        await reaches(stack.kernel, await stack.kernel.place_order(limit()), S.ACTIVE)
        await stack.stop()
        for lost in (world.folder / "TRADER").glob("sidecar.db*"):
            lost.unlink()
        with pytest.raises(ExchangeError, match="newest is 0: one of the two was lost"):
            await world.stack()

    async def test_two_kernels_cannot_own_one_folder(self, world, kernel):
        with pytest.raises(ConfigError, match="locked"):
            await world.stack(start=False)


class TestShell:
    async def test_requests_in_flight_are_bounded(self, world, kernel, monkeypatch):
        monkeypatch.setattr(reconciliation, "MAX_IN_FLIGHT", 4)
        world.relay.to_client = hold = Hold()
        hold.holding = True
        seen = []
        world.relay.to_server = lambda c: (
            seen.append(kernel.get_reconciliation_metrics()["in_flight"]) or c
        )
        ids = [await kernel.place_order(limit()) for _ in range(20)]
        while kernel.get_reconciliation_metrics()["in_flight"] < 4:  # noqa: ASYNC110
            await asyncio.sleep(0)
        hold.holding = False
        for intent_id in ids:
            await reaches(kernel, intent_id, S.ACTIVE)
        assert max(seen) == 4

    async def test_a_cancel_does_not_queue_behind_a_storm_of_orders(
        self, world, kernel, monkeypatch
    ):
        monkeypatch.setattr(reconciliation, "MAX_IN_FLIGHT", 4)
        resting = await kernel.place_order(limit())
        await reaches(kernel, resting, S.ACTIVE)
        sent = b""

        def watch(chunk: bytes) -> bytes:
            nonlocal sent
            sent += chunk
            return chunk

        world.relay.to_server = watch
        await asyncio.gather(*[kernel.place_order(limit()) for _ in range(100)])
        await kernel.cancel_order(resting)
        await reaches(kernel, resting, S.CANCELED)
        assert sent[: sent.index(b"\x0135=F\x01")].count(b"\x0135=D\x01") < 50

    async def test_a_caller_that_gives_up_leaves_a_whole_kernel(self, kernel):
        call = asyncio.ensure_future(kernel.place_order(limit(), intent_id="abandoned"))
        await asyncio.sleep(0)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await reaches(kernel, await kernel.place_order(limit(), intent_id="next"), S.ACTIVE)
        await reaches(kernel, "abandoned", S.ACTIVE)

    async def test_a_journal_that_cannot_be_written_ends_the_kernel(self, world, kernel):
        kernel._journal.close()
        with pytest.raises(ExchangeError, match=r"the kernel failed: .*closed"):
            await kernel.place_order(limit())
        health = await kernel.health_check()
        assert health["status"] == "degraded"
        assert health["failure"]
        with pytest.raises(ExchangeError, match="the kernel failed"):
            await kernel.place_order(limit())

    async def test_forcing_asks_the_venue(self, kernel):
        intent_id = await kernel.place_order(limit())
        await reaches(kernel, intent_id, S.ACTIVE)
        before = kernel.get_reconciliation_metrics()["queries_total"]
        await kernel.force_reconciliation(intent_id)
        await kernel.force_reconciliation()
        assert kernel.get_reconciliation_metrics()["queries_total"] == before + 2
        with pytest.raises(NotFoundError):
            await kernel.force_reconciliation("nope")

    async def test_metrics_count_sends_by_outcome(self, kernel):
        await reaches(kernel, await kernel.place_order(limit()), S.ACTIVE)
        metrics = kernel.get_reconciliation_metrics()
        assert metrics["sends_total"] == {"place.accepted": 1}
        assert metrics["open_intents"] == 1
        assert metrics["ack_latency_ns"] > 0

    async def test_it_is_quiet_once_everything_is_as_desired(self, world, kernel):
        await reaches(kernel, await kernel.place_order(limit()), S.ACTIVE)
        sent = []
        world.relay.to_server = lambda c: sent.append(c) or c
        for _ in range(20):
            await asyncio.sleep(0.01)
        assert sent == []
