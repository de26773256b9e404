"""The exchange kernel's shell: journals, sends and keeps time around the pure core."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from typing import Any

from meridian.kernel import intake, observation
from meridian.kernel.base import ExchangeKernel
from meridian.kernel.events import BaseEvent
from meridian.kernel.gateway import VenueGateway
from meridian.kernel.journal import Journal
from meridian.kernel.models import (
    AccountState,
    AssetMetadata,
    AssetType,
    OrderIntent,
    OrderState,
    Position,
)
from meridian.kernel.records import Record
from meridian.kernel.state import KernelState
from meridian.schema.errors import ExchangeError, NotFoundError
from meridian.schema.order_spec import StandardOrder, StandardOrderGroup, SymbolMetadata
from meridian.services.clock import Clock
from meridian.services.logs import logger
from meridian.services.reconciliation import Reconciliation
from meridian.services.subscriptions import Subscriptions

__all__ = ["Kernel"]

log = logger("kernel")


class Kernel(ExchangeKernel):
    """Implements every method of ``ExchangeKernel`` over one gateway and one journal."""

    def __init__(
        self, exchange_id: str, gateway: VenueGateway, journal: Journal, clock: Clock
    ) -> None:
        super().__init__(exchange_id)
        self._gateway = gateway
        self._journal = journal
        self._clock = clock
        self._state = KernelState(journal.namespace)
        self._symbols: dict[str, SymbolMetadata] = {}
        self._subscriptions = Subscriptions(journal)
        self._lock = asyncio.Lock()
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self._reconciliation = Reconciliation(
            self._state, gateway, self._transact, clock, self._failed
        )
        self._starting: asyncio.Task[None] | None = None
        self._stopping: asyncio.Task[None] | None = None
        self._loaded = False
        self._running = False
        self._closed = False
        self._failure: Exception | None = None

    # Commands

    async def place_order(
        self,
        order: StandardOrder,
        metadata: dict[str, Any] | None = None,
        *,
        intent_id: str | None = None,
    ) -> str:
        """See :meth:`ExchangeKernel.place_order`."""
        chosen = ""

        def records() -> Sequence[Record]:
            nonlocal chosen
            chosen, made = intake.place(
                self._state,
                self._symbols,
                order,
                self._clock(),
                metadata=metadata,
                intent_id=intent_id,
            )
            return made

        await self._command(records)
        return chosen

    async def place_order_group(
        self, group: StandardOrderGroup, metadata: dict[str, Any] | None = None
    ) -> list[str]:
        """See :meth:`ExchangeKernel.place_order_group`."""
        ids: list[str] = []

        def records() -> Sequence[Record]:
            nonlocal ids
            ids, made = intake.place_group(
                self._state, self._symbols, group, self._clock(), metadata
            )
            return made

        await self._command(records)
        return ids

    async def cancel_order(self, intent_id: str) -> None:
        """See :meth:`ExchangeKernel.cancel_order`."""
        await self._command(
            lambda: intake.cancel(intake.find(self._state, intent_id), self._clock(), "caller")
        )

    async def modify_order(
        self, intent_id: str, new_order: StandardOrder, *, if_generation: int | None = None
    ) -> None:
        """See :meth:`ExchangeKernel.modify_order`."""
        await self._command(
            lambda: intake.modify(
                self._state,
                self._symbols,
                intent_id,
                new_order,
                self._clock(),
                if_generation=if_generation,
            )
        )

    async def cancel_all_orders(self, symbol_id: str | None = None) -> int:
        """See :meth:`ExchangeKernel.cancel_all_orders`."""
        return await self._command(lambda: intake.cancel_all(self._state, symbol_id, self._clock()))

    # Queries

    async def get_order_intent(self, intent_id: str) -> OrderIntent:
        """See :meth:`ExchangeKernel.get_order_intent`."""
        return intake.find(self._state, intent_id).intent

    async def get_order_state(self, intent_id: str) -> OrderState:
        """See :meth:`ExchangeKernel.get_order_state`."""
        return intake.find(self._state, intent_id).state()

    async def get_all_intents(self, symbol_id: str | None = None) -> list[OrderIntent]:
        """See :meth:`ExchangeKernel.get_all_intents`."""
        return [
            tracked.intent
            for tracked in self._state.intents.values()
            if symbol_id in (None, tracked.intent.order.symbol_id)
        ]

    async def get_all_orders(self, symbol_id: str | None = None) -> list[OrderState]:
        """See :meth:`ExchangeKernel.get_all_orders`."""
        return [
            tracked.state()
            for tracked in self._state.intents.values()
            if symbol_id in (None, tracked.intent.order.symbol_id)
        ]

    async def get_positions(self, symbol_id: str | None = None) -> list[Position]:
        """See :meth:`ExchangeKernel.get_positions`."""
        ledger = self._state.ledger
        return [
            ledger.position(symbol)
            for symbol in sorted(ledger.holdings)
            if symbol_id in (None, symbol)
        ]

    async def get_account_state(self) -> AccountState:
        """See :meth:`ExchangeKernel.get_account_state`."""
        return AccountState(
            balances=dict(self._state.ledger.cash),
            positions=tuple(await self.get_positions()),
            as_of=self._clock(),
        )

    async def get_symbol_metadata(self, symbol_id: str) -> SymbolMetadata:
        """See :meth:`ExchangeKernel.get_symbol_metadata`."""
        symbol = self._symbols.get(symbol_id)
        if symbol is None:
            raise NotFoundError(f"no symbol {symbol_id!r} on {self.exchange_id}")
        return symbol

    async def get_asset_metadata(self, asset_id: str) -> AssetMetadata:
        """See :meth:`ExchangeKernel.get_asset_metadata`."""
        if (symbol := self._symbols.get(asset_id)) is not None:
            kind, currency = AssetType.INSTRUMENT, symbol.currency
        elif any(symbol.currency == asset_id for symbol in self._symbols.values()):
            kind, currency = AssetType.CURRENCY, asset_id
        else:
            raise NotFoundError(f"no asset {asset_id!r} on {self.exchange_id}")
        return AssetMetadata(asset_id=asset_id, asset_type=kind, currency=currency)

    async def list_symbols(self) -> list[str]:
        """See :meth:`ExchangeKernel.list_symbols`."""
        return sorted(self._symbols)

    # Events

    def subscribe_events(
        self,
        callback: Callable[[BaseEvent], None],
        event_filter: dict[str, Any] | None = None,
        *,
        from_seq: int | None = None,
    ) -> str:
        """See :meth:`ExchangeKernel.subscribe_events`."""
        return self._subscriptions.add(callback, event_filter, from_seq)

    def unsubscribe_events(self, subscription_id: str) -> None:
        """See :meth:`ExchangeKernel.unsubscribe_events`."""
        self._subscriptions.remove(subscription_id)

    # Lifecycle

    async def start(self) -> None:
        """See :meth:`ExchangeKernel.start`. A kernel starts once; when that fails it has stopped.

        Raises:
            ConfigError: the journal cannot be read.
        """
        if self._starting is not None or self._stopping is not None:
            raise ExchangeError(f"{self.exchange_id}: a kernel starts once; build another")
        self._starting = asyncio.ensure_future(self._bring_up())
        try:
            await self._starting
        except asyncio.CancelledError:
            stopped = self._stopping is not None
            await self.stop()
            if stopped:
                raise ExchangeError(f"{self.exchange_id}: stopped while starting") from None
            raise
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """See :meth:`ExchangeKernel.stop`. Releases everything, whatever fails on the way.

        Safe to call at any time, more than once; a caller that gives up does not end it half way.
        """
        if self._stopping is None:
            self._stopping = asyncio.ensure_future(self._tear_down())
        await asyncio.shield(self._stopping)

    async def _bring_up(self) -> None:
        await self._in_writer(self._load)
        self._loaded = True
        newest, cursor = self._gateway.newest(), self._state.cursor
        if newest < cursor:
            raise ExchangeError(
                f"{self.exchange_id}: the journal has read message {cursor}, the gateway's newest "
                f"is {newest}: one of the two was lost or put back; what happened since is unknown"
            )
        self._running = True
        await self._transact(lambda: observation.restarted(self._state, self._clock()))
        await self._gateway.start()
        self._symbols = {s.symbol_id: s for s in await self._gateway.symbols()}
        await self._reconciliation.start(self._symbols)

    async def _tear_down(self) -> None:
        self._running = False
        if self._starting is not None:
            self._starting.cancel()
            await asyncio.wait([self._starting])
        async with AsyncExitStack() as last:
            last.push_async_callback(self._close)
            last.push_async_callback(self._catch_up)
            last.push_async_callback(self._gateway.stop)
            await self._reconciliation.stop()

    async def _catch_up(self) -> None:
        """Take what the gateway told while it stopped."""
        if self._loaded and self._failure is None:
            await self._reconciliation.drain()

    async def _close(self) -> None:
        async with self._lock:
            self._closed = True
            await self._in_writer(self._journal.close)
            self._writer.shutdown()

    async def health_check(self) -> dict[str, Any]:
        """See :meth:`ExchangeKernel.health_check`."""
        status = self._gateway.status
        well = self._running and self._failure is None and status == "CONNECTED"
        metrics = self.get_reconciliation_metrics()
        return {
            "status": "ok" if well else "degraded" if self._running else "stopped",
            "exchange_id": self.exchange_id,
            "session": str(status),
            "failure": repr(self._failure) if self._failure else None,
            "open_intents": metrics["open_intents"],
            "unknown": metrics["unknown"],
            "errors": metrics["errors_total"] + metrics["callback_errors_total"],
            "ack_latency_ns": metrics["ack_latency_ns"],
        }

    async def force_reconciliation(self, intent_id: str | None = None) -> None:
        """See :meth:`ExchangeKernel.force_reconciliation`."""
        if intent_id is not None:
            intake.find(self._state, intent_id)
        self._require_running()
        await self._reconciliation.force([intent_id] if intent_id else list(self._state.open))

    def get_reconciliation_metrics(self) -> dict[str, Any]:
        """See :meth:`ExchangeKernel.get_reconciliation_metrics`."""
        return {
            **self._reconciliation.metrics(),
            "cursor": self._state.cursor,
            "event_seq": self._state.event_seq,
            "fills_total": self._state.fills,
            "callback_errors_total": self._subscriptions.callback_errors,
        }

    # The one way to change anything

    async def _command(self, records: Callable[[], Sequence[Record]]) -> int:
        def while_running() -> Sequence[Record]:
            self._require_running()
            return records()

        return await self._transact(while_running)

    async def _transact(self, records: Callable[[], Sequence[Record]]) -> int:
        """Decide, fold, journal, then tell; returns how many records there were.

        A caller that is cancelled does not undo what is being journaled.
        """
        return await asyncio.shield(asyncio.ensure_future(self._commit(records)))

    async def _commit(self, records: Callable[[], Sequence[Record]]) -> int:
        async with self._lock:
            if self._failure is not None:
                raise self._broken()
            if self._closed:
                raise self._idle()
            made = list(records())
            if not made:
                return 0
            try:
                events = [event for record in made for event in self._state.apply(record)]
                await self._in_writer(self._journal.append, made, events)
            except Exception as error:
                # What it did next could not be remembered, so it does nothing more.
                self._failed(error)
                raise self._broken() from error
            self._subscriptions.publish(events)
        self._reconciliation.touch(made)
        return len(made)

    def _failed(self, error: Exception) -> None:
        if self._failure is None:
            self._failure = error
            log.error("kernel failed", error=repr(error))

    def _load(self) -> None:
        for record in self._journal.records():
            self._state.apply(record)

    async def _in_writer(self, function: Callable[..., Any], *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._writer, function, *arguments)

    def _require_running(self) -> None:
        if not self._running:
            raise self._idle()

    def _idle(self) -> ExchangeError:
        return ExchangeError(f"{self.exchange_id}: the kernel is not running")

    def _broken(self) -> ExchangeError:
        return ExchangeError(f"{self.exchange_id}: the kernel failed: {self._failure!r}")
