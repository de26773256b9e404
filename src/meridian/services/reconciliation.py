"""The reconciliation loop: brings every intent's order to what is desired, one step at a time."""

from __future__ import annotations

import asyncio
import heapq
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from contextlib import suppress
from typing import Any

from pydantic import ValidationError as PydanticError

from meridian.kernel import observation, reconciler
from meridian.kernel.gateway import VenueGateway
from meridian.kernel.models import AttemptStatus, Desired, Operation
from meridian.kernel.records import CursorMoved, Record, RequestAnswered, RetriesGranted
from meridian.kernel.state import KernelState
from meridian.schema.errors import MeridianError
from meridian.schema.messages import (
    Envelope,
    FillEvent,
    OrderChanges,
    OrderReport,
    SessionUpdate,
)
from meridian.schema.order_spec import SymbolMetadata
from meridian.schema.times import NS_PER_SECOND
from meridian.schema.words import Outcome, SessionStatus
from meridian.services.clock import Clock
from meridian.services.logs import logger

__all__ = ["Reconciliation"]

MAX_IN_FLIGHT = 64
"""Requests and queries outstanding at once; further intents wait their turn."""

STOP_SECONDS = 5.0
"""How long stop() waits for requests in flight; after it they are left to be resolved."""

DEFAULT_CURRENCY = "USD"

Transact = Callable[[Callable[[], Sequence[Record]]], Awaitable[int]]
log = logger("kernel.reconciliation")


class Reconciliation:
    """Steps dirty intents, sends what the reconciler decides, journals what comes of it."""

    def __init__(
        self,
        state: KernelState,
        gateway: VenueGateway,
        transact: Transact,
        clock: Clock,
        on_failure: Callable[[Exception], None],
    ) -> None:
        self._state = state
        self._gateway = gateway
        self._transact = transact
        self._clock = clock
        self._on_failure = on_failure
        self._symbols: dict[str, SymbolMetadata] = {}
        self._dirty: set[str] = set()
        self._not_before: dict[str, float] = {}
        """Loop time: a wall clock that is set back must not put anything off."""
        self._ask_failures: Counter[str] = Counter()
        self._busy: dict[str, asyncio.Task[None]] = {}
        self._wake = asyncio.Event()
        self._loop: asyncio.Task[None] | None = None
        self._pump: asyncio.Task[None] | None = None
        self._counts: Counter[str] = Counter()
        self._ack_latency_ns = 0

    # Lifecycle

    async def start(self, symbols: dict[str, SymbolMetadata]) -> None:
        """Catch up with the venue, settle what is unknown, then enable sending."""
        self._symbols = symbols
        await self.drain()
        self._pump = self._guarded(self._consume(), "kernel messages")
        unknown = [
            tracked.intent.intent_id
            for tracked in self._state.open.values()
            if any(a.status is AttemptStatus.UNKNOWN for a in tracked.attempts)
        ]
        await self.force(unknown)
        self._dirty.update(
            tracked.intent.intent_id
            for tracked in self._state.intents.values()
            if tracked.closed is None or tracked.unresolved
        )
        self._loop = self._guarded(self._run(), "kernel reconciliation")

    async def stop(self) -> None:
        """No request is begun after this; those in flight get STOP_SECONDS to be answered."""
        await _ended(self._loop)
        if self._busy:
            await asyncio.wait(self._busy.values(), timeout=STOP_SECONDS)
        await _ended(*self._busy.values(), self._pump)

    async def drain(self) -> None:
        """Apply what the gateway's durable order holds and was not consumed."""
        for envelope in self._gateway.backlog(self._state.cursor):
            await self._apply(envelope)

    # Work

    def touch(self, records: Iterable[Record]) -> None:
        """Something was journaled: look at the intents concerned."""
        for record in records:
            intent_id = getattr(record, "intent_id", None)
            if intent_id is not None:
                self._dirty.add(intent_id)
                self._not_before.pop(intent_id, None)
            elif getattr(record, "status", None) is SessionStatus.CONNECTED:
                self._dirty.update(self._state.open)
                self._ask_failures.clear()
        self._wake.set()

    async def force(self, intent_ids: Iterable[str]) -> None:
        """Query each intent's order now and journal the answers; give stalled ones new tries."""
        slots = asyncio.Semaphore(MAX_IN_FLIGHT)

        async def ask(intent_id: str) -> None:
            async with slots:
                await self._ask_now(intent_id)

        await asyncio.gather(*[ask(intent_id) for intent_id in intent_ids])

    async def _ask_now(self, intent_id: str) -> None:
        while (running := self._busy.get(intent_id)) is not None:
            await asyncio.wait([running])
        tracked = self._state.intents[intent_id]
        if tracked.closed is not None:
            return
        if tracked.stalled:
            await self._transact(lambda: [RetriesGranted(at=self._clock(), intent_id=intent_id)])
        if tracked.order_id is not None and intent_id not in self._busy:
            await self._begin(intent_id, self._ask(reconciler.Ask(intent_id, tracked.order_id)))
        self._dirty.add(intent_id)
        self._wake.set()

    async def _run(self) -> None:
        while True:
            await self._workable()
            self._counts["passes"] += 1
            # A short list, so that a cancel that comes now need not wait behind thousands.
            ready = self._dirty - self._busy.keys()
            for intent_id in heapq.nsmallest(MAX_IN_FLIGHT, ready, key=self._priority):
                if len(self._busy) >= MAX_IN_FLIGHT or not self._connected:
                    break
                self._dirty.discard(intent_id)
                await self._step(intent_id)

    async def _workable(self) -> None:
        """Wait until an intent can be stepped: dirty, not busy, session up, a slot free."""
        while True:
            self._wake.clear()
            now = _loop_time()
            for intent_id, until in list(self._not_before.items()):
                if until <= now:
                    del self._not_before[intent_id]
                    self._dirty.add(intent_id)
            if (
                self._connected
                and len(self._busy) < MAX_IN_FLIGHT
                and self._dirty - self._busy.keys()
            ):
                return
            deadline = min(self._not_before.values(), default=None)
            timeout = None if deadline is None else deadline - now
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), timeout)

    @property
    def _connected(self) -> bool:
        """Whether to step at all: the journal has heard so, and it is still so."""
        told = self._state.session is SessionStatus.CONNECTED
        return told and self._gateway.status is SessionStatus.CONNECTED

    def _priority(self, intent_id: str) -> tuple[int, int]:
        """Cancels first: they lower risk."""
        tracked = self._state.intents[intent_id]
        return (0 if tracked.intent.desired is Desired.CANCELED else 1, tracked.ordinal)

    async def _step(self, intent_id: str) -> None:
        step: reconciler.Step = reconciler.Wait()

        def records() -> list[Record]:
            nonlocal step
            tracked = self._state.intents[intent_id]
            step = reconciler.decide(tracked, self._state.namespace, self._clock())
            match step:
                case reconciler.Send(record) | reconciler.Conclude(record):
                    return [record]
            return []

        await self._transact(records)
        match step:
            case reconciler.Send():
                self._begin(intent_id, self._send(step))
            case reconciler.Ask():
                self._begin(intent_id, self._ask(step))
            case reconciler.Wait(until) if until is not None:
                self._put_off(intent_id, until - self._clock())

    def _begin(self, intent_id: str, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work, name=f"kernel {intent_id}")
        self._busy[intent_id] = task
        task.add_done_callback(lambda _: self._finished(intent_id))
        return task

    def _guarded(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        """Run one of the kernel's own loops: if it ends by an error, so does the kernel."""

        async def run() -> None:
            try:
                await work
            except Exception as error:  # noqa: BLE001 - told to the kernel, which stops
                self._on_failure(error)

        return asyncio.create_task(run(), name=name)

    def _finished(self, intent_id: str) -> None:
        self._busy.pop(intent_id, None)
        self._wake.set()

    async def _send(self, step: reconciler.Send) -> None:
        record = step.record
        outcome, reason, venue_order_id = Outcome.UNKNOWN, "", None
        try:
            match record.operation:
                case Operation.PLACE:
                    placed = await self._gateway.submit(step.order)
                    outcome, reason = placed.outcome, placed.reason
                    venue_order_id = placed.venue_order_id
                case Operation.CANCEL:
                    answer = await self._gateway.cancel(record.order_id, record.client_id)
                    outcome, reason = answer.outcome, answer.reason
                case Operation.AMEND:
                    changes = OrderChanges(
                        request_id=record.client_id,
                        quantity=record.order.quantity,
                        price=record.order.price,
                        time_in_force=record.order.time_in_force,
                    )
                    changed = await self._gateway.modify(record.order_id, changes)
                    outcome, reason = changed.outcome, changed.reason
        except Exception as error:  # noqa: BLE001 - whatever failed, the outcome is unknown
            self._counts["errors"] += 1
            reason = f"{type(error).__name__}: {error}"
            log.error("request failed", client_id=record.client_id, error=reason)
        now = self._clock()
        self._ack_latency_ns = now - record.at
        self._counts[f"{record.operation.lower()}.{outcome.lower()}"] += 1
        answered = RequestAnswered(
            at=now,
            intent_id=record.intent_id,
            client_id=record.client_id,
            outcome=outcome,
            reason=reason,
            evidence="ack",
            venue_order_id=venue_order_id,
        )
        await self._transact(lambda: [answered])

    async def _ask(self, step: reconciler.Ask) -> None:
        """Query; an error is no evidence, so it only delays the next query."""
        self._counts["queries"] += 1
        tracked = self._state.intents[step.intent_id]
        known = tuple(tracked.attempts)
        try:
            report = await self._gateway.query(step.order_id)
        except Exception as error:  # noqa: BLE001 - no answer, whatever the cause
            self._counts["query_errors"] += 1
            log.warning("query failed", order_id=step.order_id, error=str(error))
            self._ask_later(step.intent_id)
            return

        def records() -> list[Record]:
            now = self._clock()
            # An answer that was on its way when a request left says nothing of that request.
            since = tuple(tracked.attempts) != known
            conclusive = self._gateway.capabilities.query_proves_absence and not since
            if report is not None:
                return observation.reported(
                    self._state, report, now, queried=True, conclusive=conclusive
                )
            return observation.never_seen(tracked, now) if conclusive else []

        await self._transact(records)
        if tracked.uncertain and tracked.closed is None:
            self._ask_later(step.intent_id)
        else:
            self._ask_failures.pop(step.intent_id, None)

    def _ask_later(self, intent_id: str) -> None:
        self._ask_failures[intent_id] += 1
        shift = min(self._ask_failures[intent_id] - 1, 16)
        self._dirty.discard(intent_id)
        self._put_off(intent_id, min(reconciler.BACKOFF_FIRST << shift, reconciler.BACKOFF_MAX))

    def _put_off(self, intent_id: str, delay: int) -> None:
        self._not_before[intent_id] = _loop_time() + delay / NS_PER_SECOND

    # What the venue says

    async def _consume(self) -> None:
        async for envelope in self._gateway.messages(self._state.cursor):
            await self._apply(envelope)

    async def _apply(self, envelope: Envelope) -> None:
        def records() -> Sequence[Record]:
            if envelope.sequence <= self._state.cursor:
                return []
            try:
                return self._read(envelope)
            except (PydanticError, MeridianError) as error:
                self._counts["errors"] += 1
                log.error("unreadable message", topic=envelope.topic, error=str(error))
                why = f"unreadable {envelope.topic}"
                return [CursorMoved(at=self._clock(), sequence=envelope.sequence, why=why)]

        await self._transact(records)

    def _read(self, envelope: Envelope) -> Sequence[Record]:
        now, sequence, state = self._clock(), envelope.sequence, self._state
        leaf = envelope.topic.split(".", 3)[3]
        if leaf.startswith("fill."):
            fill = FillEvent.model_validate_json(envelope.payload)
            symbol = self._symbols.get(fill.security_id or "")
            currency = symbol.currency if symbol else DEFAULT_CURRENCY
            return observation.filled(state, fill, currency, now, sequence)
        if leaf == "order.report":
            report = OrderReport.model_validate_json(envelope.payload)
            return observation.reported(state, report, now, sequence=sequence)
        if leaf == "session.status":
            update = SessionUpdate.model_validate_json(envelope.payload)
            return observation.session_changed(state, update, now, sequence)
        return [CursorMoved(at=now, sequence=sequence, why=leaf)]

    def metrics(self) -> dict[str, Any]:
        """Counters since start and gauges of now."""
        attempts = [a for t in self._state.open.values() for a in t.attempts]
        prefixes = tuple(f"{operation.lower()}." for operation in Operation)
        return {
            "passes_total": self._counts["passes"],
            "errors_total": self._counts["errors"],
            "queries_total": self._counts["queries"],
            "query_errors_total": self._counts["query_errors"],
            "sends_total": {
                name: count for name, count in self._counts.items() if name.startswith(prefixes)
            },
            "in_flight": len(self._busy),
            "queue_depth": len(self._dirty),
            "waiting": len(self._not_before),
            "open_intents": len(self._state.open),
            "unknown": sum(a.status is AttemptStatus.UNKNOWN for a in attempts),
            "ack_latency_ns": self._ack_latency_ns,
        }


def _loop_time() -> float:
    return asyncio.get_running_loop().time()


async def _ended(*tasks: asyncio.Task[None] | None) -> None:
    """Cancel tasks and wait for their end, however they end."""
    running = [task for task in tasks if task is not None and not task.done()]
    for task in running:
        task.cancel()
    if running:
        await asyncio.wait(running)
