"""The sidecar: owns one plugin's credentials, deduplication, reconnection and bus."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, Literal

from meridian.bus import InProcessBus
from meridian.ccm import (
    CCMPlugin,
    Dice,
    Identity,
    LinkEvent,
    OrderRecord,
    Recorder,
    StatusMachine,
)
from meridian.ccm.outcome import AnyAck, ack_of, failure_of
from meridian.schema.errors import ExchangeError, OutcomeUnknown, SessionClosed
from meridian.schema.messages import (
    CancelAck,
    Envelope,
    FillEvent,
    ModifyAck,
    Order,
    OrderAck,
    OrderChanges,
    OrderReport,
    SessionUpdate,
)
from meridian.schema.order_spec import SymbolMetadata
from meridian.schema.times import NS_PER_SECOND
from meridian.schema.words import Outcome, SessionStatus
from meridian.services.clock import Clock
from meridian.services.logs import logger
from meridian.services.outbox import Outbox
from meridian.services.plugin_calls import PluginCalls
from meridian.services.plugin_link import PluginLink
from meridian.services.sidecar_settings import SidecarSettings
from meridian.store.database import Database
from meridian.store.sidecar import SqlLedger

__all__ = ["RETENTION", "Sidecar", "SidecarSettings", "StopPolicy"]

RETENTION = 90 * 24 * 3600 * NS_PER_SECOND
"""How long fills, sent messages and finished orders are kept, ns."""

MAX_CANCELS = 64
"""Cancels under way at once when everything is cancelled."""

StopPolicy = Literal["leave_open", "cancel_all"]


class Sidecar:
    """Runs one plugin: the platform talks to this, the venue to the plugin.

    Methods belong to the event loop that ran :meth:`start`; what the plugin publishes may come
    from any thread. Everything published is durable first and has a sequence number, so a consumer
    that was away continues with :meth:`replay` from its own cursor.
    """

    def __init__(
        self,
        plugin: CCMPlugin,
        database: Database,
        bus: InProcessBus,
        credentials: Callable[[], Mapping[str, Any]],
        clock: Clock,
        dice: Dice,
        settings: SidecarSettings | None = None,
    ) -> None:
        self._plugin = plugin
        self._settings = settings or SidecarSettings()
        self._clock = clock
        self._ledger = SqlLedger(database, plugin.instance_id)
        self._recorder = Recorder(
            self._ledger,
            Identity(
                plugin.instance_id, plugin.venue, plugin.trade_id_scope, self._settings.strict
            ),
        )
        self._machine = StatusMachine()
        self._outbox = Outbox(self._ledger, bus)
        self._calls = PluginCalls(plugin)
        self._link = PluginLink(plugin, self._calls, credentials, dice, self._settings, self)
        self._log = logger("sidecar").bind(instance_id=plugin.instance_id)
        self._session_id = plugin.instance_id
        self._loop: asyncio.AbstractEventLoop | None = None
        self._loop_thread = 0
        self._gate = threading.Lock()
        self._gate_open = False
        self._told = asyncio.Event()
        self._stopping: asyncio.Task[None] | None = None
        plugin.attach(self)

    # --- the platform's side ------------------------------------------------------------------

    @property
    def instance_id(self) -> str:
        """The plugin's instance id, as in every topic."""
        return self._plugin.instance_id

    @property
    def status(self) -> SessionStatus:
        """The session's status, as last published."""
        return self._machine.status

    @property
    def counters(self) -> Counter[str]:
        """What happened since this object was made, by name."""
        return self._recorder.counters

    async def start(self) -> None:
        """Publish what a crash left unsent, connect, reconcile; retry until CONNECTED.

        A sidecar starts once; when that fails it has stopped.

        Raises:
            ConfigError: the plugin cannot connect with this configuration.
            ExchangeError: not CONNECTED within the start timeout (says why the last attempt
                failed), stopped meanwhile, or started before.
        """
        if self._loop is not None or self._stopping is not None:
            raise ExchangeError(f"{self.instance_id}: a sidecar starts once; build another")
        self._loop = asyncio.get_running_loop()
        self._loop_thread = threading.get_ident()
        try:
            self._ledger.purge(self._clock() - RETENTION)
            self._outbox.drain()
            self._gate_open = True
            await self._link.start()
        except BaseException:
            await self.stop()
            raise

    async def stop(self, policy: StopPolicy = "leave_open") -> None:
        """Refuse orders, cancel or leave the open ones, disconnect; whatever fails on the way.

        Safe to call at any time, more than once: the first call's policy holds, and a caller that
        gives up does not end it half way.
        """
        if self._stopping is None:
            self._stopping = asyncio.ensure_future(self._stop(policy))
        await asyncio.shield(self._stopping)

    async def submit(self, order: Order) -> OrderAck:
        """Send a new order. The venue's matters are outcomes, never exceptions.

        An order id that may be at the venue already is not sent again: the outcome is UNKNOWN and
        a query tells. After NOT_SENT, or a query that said never seen, it may be submitted again.

        Raises:
            ConflictError: the order id was used for another order.
        """
        if not self._machine.takes_orders:
            return self._counted("submit", OrderAck(**self._not_sent()))
        if not self._recorder.submitting(order, self._clock()):
            reason = f"order {order.order_id} was submitted before: query it"
            return self._counted("submit", OrderAck(outcome=Outcome.UNKNOWN, reason=reason))
        ack = await self._ask("submit_order", OrderAck, order, request_id=order.order_id)
        self._recorder.submitted(order, ack, self._clock())
        self._outbox.drain()
        return self._counted("submit", ack)

    async def cancel(self, order_id: str, request_id: str) -> CancelAck:
        """Ask for a cancel, also while DEGRADED; what becomes of the order is told by a report.

        Raises:
            ConflictError: the request id was used before for another order.
        """
        if not self._machine.link_up:
            return self._counted("cancel", CancelAck(**self._not_sent()))
        if self._recorder.requesting(request_id, order_id) is None:
            return self._counted("cancel", CancelAck(**_unknown_order(order_id)))
        ack = await self._ask("cancel_order", CancelAck, order_id, request_id=request_id)
        return self._counted("cancel", ack)

    async def modify(self, order_id: str, changes: OrderChanges) -> ModifyAck:
        """Ask for a new price, TOTAL quantity or time in force.

        Raises:
            ConflictError: the request id was used before for another order.
        """
        if not self._machine.takes_orders:
            return self._counted("modify", ModifyAck(**self._not_sent()))
        if self._recorder.requesting(changes.request_id, order_id) is None:
            return self._counted("modify", ModifyAck(**_unknown_order(order_id)))
        ack = await self._ask(
            "modify_order", ModifyAck, order_id, changes, request_id=changes.request_id
        )
        return self._counted("modify", ack)

    async def query_order(self, order_id: str) -> OrderReport | None:
        """Ask the venue for an order; None is its definitive answer that it never saw it.

        Raises:
            OutcomeUnknown: it could not be asked, or gave no readable answer.
        """
        report = await self._query(order_id)
        self._recorder.observed(order_id, report, self._clock())
        return report

    async def list_open_orders(self) -> list[OrderReport]:
        """The orders the venue works for this session.

        Raises:
            OutcomeUnknown: it could not be asked, or gave no readable answer.
        """
        return await self._fetch("list_open_orders", OrderReport)

    async def list_instruments(self) -> list[SymbolMetadata]:
        """What the venue trades.

        Raises:
            OutcomeUnknown: it could not be asked, or gave no readable answer.
        """
        return await self._fetch("list_instruments", SymbolMetadata)

    def newest(self) -> int:
        """Sequence of the last message told; 0 where nothing was."""
        return self._ledger.newest()

    def replay(self, after: int, limit: int | None = None) -> list[Envelope]:
        """Everything told with a sequence above ``after``, in order; ``limit`` for a part of it."""
        return self._ledger.outbox(after, limit)

    # --- the plugin's side (PluginHost), from any thread -----------------------------------------

    def publish_fill(self, fill: FillEvent) -> None:
        """Take a fill; durable when it returns.

        Raises:
            SessionClosed: ``disconnect`` has returned.
            ValidationError: no trade id, in strict mode.
        """
        with self._gate:
            self._require_open("fill")
            told = self._recorder.fill(fill, self._clock())
        if told:
            self._on_loop(self._tell)

    def publish_order(self, report: OrderReport) -> None:
        """Take an order report; durable when it returns.

        Raises:
            SessionClosed: ``disconnect`` has returned.
        """
        with self._gate:
            self._require_open("report")
            told = self._recorder.report(report, self._clock())
        if told:
            self._on_loop(self._tell)

    def publish_session_status(self, update: SessionUpdate) -> None:
        """Take the plugin's view of its link; the published status is the sidecar's."""
        if self._gate_open:
            self._on_loop(self._heed, update)

    def order_record(self, order_id: str) -> OrderRecord | None:
        """The order map's line."""
        with self._ledger.entry() as entry:
            return entry.order(order_id)

    def order_behind(self, identifier: str) -> str | None:
        """The order id behind an order, request or venue order id."""
        return self._recorder.order_behind(identifier)

    def rename_order(self, order_id: str, client_order_id: str) -> None:
        """The venue knows the order by another client order id from now on."""
        self._recorder.renamed(order_id, client_order_id, self._clock())

    # --- the link's side (LinkOwner) ----------------------------------------------------------

    def link_changed(self, event: LinkEvent, detail: str) -> None:
        """Step the status and publish it where it changed.

        Bad news counts at once; that orders are taken again counts once it is durable, else who
        reads the outbox would wait for ever.
        """
        status = self._machine.after(event)
        if status is self._machine.status:
            return
        good_news = status is SessionStatus.CONNECTED
        if not good_news:
            self._machine.apply(event)
        if status is SessionStatus.RECONNECTING:
            self.counters["reconnects"] += 1
        self._log.info("session_status", status=status, detail=detail)
        update = SessionUpdate(
            session_id=self._session_id, status=status, venue=self._plugin.venue, detail=detail
        )
        self._recorder.status(update, self._clock())
        if good_news:
            self._machine.apply(event)
        self._outbox.drain()

    async def reconcile(self) -> None:
        """Ask for the venue's fills and for every open order; publish what it says."""
        if self._plugin.supports("generate_fill_reports"):
            await self._recover_fills()
        if not self._plugin.supports("query_order"):
            return
        for record in self._ledger.open_orders():
            if self._link.lost:
                return
            order_id = record.order.order_id
            try:
                report = await self._query(order_id)
            except OutcomeUnknown as error:
                self.counters["orders_unreconciled"] += 1
                self._log.warning("order_unreconciled", order_id=order_id, reason=str(error))
                continue
            now = self._clock()
            if report is None:
                self._recorder.observed(order_id, None, now)
            else:
                self._recorder.report(report, now, occasion=f"reconciled {now}")
                self._tell()

    # --- details ------------------------------------------------------------------------------

    async def _recover_fills(self) -> None:
        try:
            fills = await self._fetch("generate_fill_reports", FillEvent)
        except ExchangeError as error:
            self.counters["fill_reports_failed"] += 1
            self._log.warning("fill_reports_failed", reason=str(error))
            return
        for fill in fills:
            if not (fill.trade_id or "").strip():
                # Told again at every reconnect, it could never be told apart from a new fill.
                self.counters["fills_refused"] += 1
                continue
            self.publish_fill(fill)

    async def _ask(
        self, handler: str, kind: type[AnyAck], *arguments: Any, request_id: str
    ) -> AnyAck:
        if not self._plugin.supports(handler):
            return kind(outcome=Outcome.REJECTED, reason="NOT_SUPPORTED")
        reply = await self._calls.call(
            handler, *arguments, seconds=self._settings.call_timeout, request_id=request_id
        )
        if reply.error is not None:
            return failure_of(reply.error, kind)
        return ack_of(reply.value, kind)

    async def _query(self, order_id: str) -> OrderReport | None:
        report = await self._obtain("query_order", order_id)
        if report is None:
            return None
        if not isinstance(report, OrderReport):
            raise OutcomeUnknown(f"query_order answered {type(report).__name__}, not OrderReport")
        if report.order_id != order_id:
            raise OutcomeUnknown(f"query_order: asked for {order_id}, told of {report.order_id}")
        return report

    async def _fetch(self, handler: str, kind: type[Any]) -> list[Any]:
        items = await self._obtain(handler)
        if not isinstance(items, list) or not all(isinstance(item, kind) for item in items):
            raise OutcomeUnknown(f"{handler} answered no list of {kind.__name__}")
        return items

    async def _obtain(self, handler: str, *arguments: Any) -> Any:
        if not self._machine.link_up:
            raise OutcomeUnknown(f"{handler}: session {self.instance_id} is {self.status}")
        if not self._plugin.supports(handler):
            raise OutcomeUnknown(f"{handler}: plugin {self.instance_id} does not support it")
        reply = await self._calls.call(handler, *arguments, seconds=self._settings.call_timeout)
        if reply.error is not None:
            raise OutcomeUnknown(f"{handler}: {reply.error}") from reply.error
        return reply.value

    async def _stop(self, policy: StopPolicy) -> None:
        if self._loop is None:
            return
        try:
            await self._link.stop()
            self.link_changed(LinkEvent.IMPAIRED, "stopping")
            if policy == "cancel_all" and self._machine.link_up:
                await self._cancel_all()
        finally:
            await self._shut()

    async def _cancel_all(self) -> None:
        try:
            async with asyncio.timeout(self._settings.drain_timeout):
                await self._ask_to_cancel()
                await self._no_open_orders()
        except TimeoutError:
            left = [record.order.order_id for record in self._ledger.open_orders()]
            self.counters["orders_left_open"] += len(left)
            self._log.warning("orders_left_open", order_ids=left)

    async def _ask_to_cancel(self) -> None:
        orders = [record.order.order_id for record in self._ledger.open_orders()]
        if orders and self._plugin.supports("batch_cancel"):
            await self._calls.call("batch_cancel", orders, seconds=self._settings.call_timeout)
            return
        stamp, slots = self._clock(), asyncio.Semaphore(MAX_CANCELS)

        async def cancel(order_id: str) -> None:
            async with slots:
                await self.cancel(order_id, f"{order_id}-stop-{stamp}")

        await asyncio.gather(*[cancel(order_id) for order_id in orders])

    async def _no_open_orders(self) -> None:
        while True:
            self._told.clear()
            if not self._ledger.open_orders():
                return
            await self._told.wait()

    async def _shut(self) -> None:
        if self._plugin.supports("disconnect") and self._gate_open:
            reply = await self._calls.call("disconnect", seconds=self._settings.connect_timeout)
            if reply.error is not None:
                self._log.warning("disconnect_failed", reason=str(reply.error))
        with self._gate:
            self._gate_open = False
        try:
            self.link_changed(LinkEvent.CLOSED, "stopped")
        finally:
            try:
                self._outbox.flush()
            finally:
                self._calls.close()
                self._loop = None

    def _require_open(self, what: str) -> None:
        if not self._gate_open:
            self.counters[f"late_{what}s"] += 1
            raise SessionClosed(f"{self.instance_id}: a {what} was published after disconnect")

    def _on_loop(self, function: Callable[..., None], *arguments: Any) -> None:
        if threading.get_ident() == self._loop_thread:
            function(*arguments)
        elif self._loop is not None:
            self._loop.call_soon_threadsafe(function, *arguments)

    def _tell(self) -> None:
        self._outbox.drain()
        self._told.set()

    def _heed(self, update: SessionUpdate) -> None:
        if not self._gate_open:
            return
        self._session_id = update.session_id
        match update.status:
            case SessionStatus.RECONNECTING | SessionStatus.DISCONNECTED:
                self._link.report_lost(update.detail)
            case SessionStatus.DEGRADED:
                self.link_changed(LinkEvent.IMPAIRED, update.detail)
            case SessionStatus.CONNECTED:
                if self._machine.status is SessionStatus.DEGRADED:
                    self._link.report_recovered()

    def _not_sent(self) -> dict[str, Any]:
        return {"outcome": Outcome.NOT_SENT, "reason": f"session is {self.status}"}

    def _counted(self, request: str, ack: AnyAck) -> AnyAck:
        self.counters[f"{request}_{ack.outcome.value.lower()}"] += 1
        return ack


def _unknown_order(order_id: str) -> dict[str, Any]:
    return {"outcome": Outcome.NOT_SENT, "reason": f"order {order_id} was never submitted here"}
