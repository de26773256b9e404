"""The FIX.4.4 plugin: a venue's order entry session as a CCM plugin."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from meridian.adapters.fix import reports, requests
from meridian.adapters.fix.held_store import HeldStore
from meridian.adapters.fix.inbound import CANCELED, PENDING_CANCEL, REPLACED, TRADE, Inbound
from meridian.adapters.fix.pending import Pending
from meridian.ccm import CCMPlugin, OrderRecord
from meridian.fix import msgtypes, tags
from meridian.fix.encoder import Fields
from meridian.fix.events import Disconnected, MessageReceived, SessionEvent, SessionRejected
from meridian.fix.message import FieldError
from meridian.fix.session import Session, SessionConfig
from meridian.net.fix_initiator import FixInitiator
from meridian.schema.errors import (
    ConfigError,
    OrderRejected,
    OutcomeUnknown,
    SessionDegradedError,
    ValidationError,
)
from meridian.schema.messages import (
    CancelAck,
    ModifyAck,
    Order,
    OrderAck,
    OrderChanges,
    OrderReport,
)
from meridian.schema.order_spec import SymbolMetadata
from meridian.schema.words import Outcome
from meridian.store.database import Database
from meridian.store.fix_messages import SqlMessageStore

__all__ = ["GAP_FILLED", "FixPlugin", "FixSettings"]

BEGIN_STRING = "FIX.4.4"
MAX_PORT = 65_535

GAP_FILLED = frozenset(
    (
        msgtypes.NewOrderSingle,
        msgtypes.OrderCancelRequest,
        msgtypes.OrderCancelReplaceRequest,
    )
)
"""Never sent again: what the venue missed is stale by the time it asks. It is told that a gap
lies there, and the platform asks what became of its orders. Queries are harmless to repeat, and
one that was just sent must not vanish in such a gap."""

_REJECTED = "8"
_ENDS_SUBMIT = frozenset(("0", _REJECTED, CANCELED, "C", TRADE))
_ENDS_CANCEL = frozenset((CANCELED, PENDING_CANCEL))
_ENDS_MODIFY = frozenset((REPLACED,))


@dataclass(frozen=True, slots=True)
class FixSettings:
    """Times in seconds."""

    logon_timeout: float = 8.0
    """TCP connection, Logon and every message missed in between."""
    ack_timeout: float = 5.0
    """A request without an answer by then is UNKNOWN."""
    logout_timeout: float = 2.0
    heart_bt_int: int = 30


class FixPlugin(CCMPlugin):
    """Speaks FIX.4.4 to one venue.

    Credentials: ``host``, ``port``, ``sender``, ``target``, and where the venue wants them
    ``username`` and ``password``. Sequence numbers live in ``database``: fills that happened
    while this side was away, crashed or not, are resent by the venue at the next logon.
    ``clock`` gives ns UTC.
    """

    vendor_name = "fix"

    def __init__(
        self,
        database: Database,
        clock: Callable[[], int],
        name: str | None = None,
        *,
        instance_id: str | None = None,
        venue: str | None = None,
        settings: FixSettings | None = None,
    ) -> None:
        super().__init__(name, instance_id=instance_id, venue=venue)
        self._database = database
        self._clock = clock
        self._settings = settings or FixSettings()
        self._pending = Pending()
        self._inbound = Inbound(self, self._pending, clock)
        self._store: HeldStore | None = None
        self._initiator: FixInitiator | None = None
        self._established = False
        self._ids = itertools.count(1)
        self._log = structlog.get_logger().bind(logger="fix", instance_id=self.instance_id)

    # --- session ------------------------------------------------------------------------------

    async def connect(self, credentials: Mapping[str, Any]) -> None:
        """Log on and receive what was missed.

        Raises:
            ConfigError: a credential is missing or unusable.
            ExchangeError: not reached, refused, or not logged on in time.
        """
        self._established = False
        self._cut()
        host, port, config = _read_credentials(credentials, self._settings.heart_bt_int)
        session_id = f"{BEGIN_STRING}:{config.sender_comp_id}->{config.target_comp_id}"
        self._store = HeldStore(SqlMessageStore(self._database, session_id))
        session = Session(config, self._store)
        initiator = FixInitiator(
            session, host, port, self._on_event, self._clock, self._on_handler_error
        )
        self._initiator = initiator
        await initiator.connect(self._settings.logon_timeout)
        self._established = True

    async def disconnect(self) -> None:
        """Log out; nothing is published after this returns."""
        self._established = False
        initiator, self._initiator = self._initiator, None
        if initiator is not None:
            await initiator.logout(self._settings.logout_timeout)
        self._pending.fail_all("the session was logged out")

    # --- orders -------------------------------------------------------------------------------

    async def submit_order(self, order: Order) -> OrderAck:
        """NewOrderSingle (D); a fill that comes before the acknowledgement is one."""
        fields = requests.new_order_fields(order, self._clock())
        answer = await self._ask(order.order_id, msgtypes.NewOrderSingle, fields, _ENDS_SUBMIT)
        if answer.get(tags.ExecType) == _REJECTED:
            raise OrderRejected(answer.get(tags.Text) or "the venue gave no reason")
        return OrderAck(outcome=Outcome.ACCEPTED, venue_order_id=answer.get(tags.OrderID))

    async def cancel_order(self, order_id: str, request_id: str = "") -> CancelAck:
        """OrderCancelRequest (F)."""
        request_id = request_id or self._new_id("C")
        fields = requests.cancel_fields(self._record(order_id), request_id, self._clock())
        await self._ask(request_id, msgtypes.OrderCancelRequest, fields, _ENDS_CANCEL)
        return CancelAck(outcome=Outcome.ACCEPTED)

    async def modify_order(self, order_id: str, changes: OrderChanges) -> ModifyAck:
        """OrderCancelReplaceRequest (G)."""
        fields = requests.replace_fields(self._record(order_id), changes, self._clock())
        kind = msgtypes.OrderCancelReplaceRequest
        await self._ask(changes.request_id, kind, fields, _ENDS_MODIFY)
        return ModifyAck(outcome=Outcome.ACCEPTED)

    # --- queries ------------------------------------------------------------------------------

    async def query_order(self, order_id: str) -> OrderReport | None:
        """OrderStatusRequest (H). It is read after everything sent before it, so the venue's
        word that it never saw the order is proof."""
        request_id = self._new_id("H")
        fields = requests.status_fields(order_id, self.order_record(order_id), request_id)
        answer = await self._ask(request_id, msgtypes.OrderStatusRequest, fields)
        return self._inbound.status(answer, order_id)

    async def list_open_orders(self) -> list[OrderReport]:
        """OrderMassStatusRequest (AF)."""
        request_id = self._new_id("AF")
        fields = requests.mass_status_fields(request_id)
        parts = await self._ask(request_id, msgtypes.OrderMassStatusRequest, fields)
        # FIX.4.4 has no empty answer: 911=0 comes with one report of no order.
        found = [part for part in parts if part.get(tags.TotNumReports) != "0"]
        answers = [self._inbound.status(part) for part in found]
        return [report for report in answers if report and not report.status.terminal]

    async def list_instruments(self) -> list[SymbolMetadata]:
        """SecurityListRequest (x)."""
        request_id = self._new_id("x")
        fields = requests.security_list_fields(request_id)
        parts = await self._ask(request_id, msgtypes.SecurityListRequest, fields)
        return [symbol for part in parts for symbol in reports.instruments(part)]

    # --- details ------------------------------------------------------------------------------

    async def _ask(
        self, key: str, msg_type: str, fields: Fields, exec_types: frozenset[str] = frozenset()
    ) -> Any:
        """Send a request and wait for its answer.

        Raises:
            OrderRejected: refused, or it cannot be written as FIX.
            OutcomeUnknown: no answer in time, or the link was lost meanwhile.
            SessionDegradedError: nothing was sent.
        """
        initiator = self._initiator
        if initiator is None or not initiator.connected:
            raise SessionDegradedError(f"{self.instance_id} is not logged on")
        with self._pending.waiting(key, exec_types) as waiter:
            try:
                seq = initiator.send(msg_type, fields)
            except (ValueError, TypeError) as error:
                raise OrderRejected(f"cannot be written as FIX: {error}") from None
            self._pending.remember(seq, key, msg_type)
            try:
                async with asyncio.timeout(self._settings.ack_timeout):
                    return await waiter.future
            except TimeoutError:
                limit = self._settings.ack_timeout
                raise OutcomeUnknown(f"no answer to {key} (35={msg_type}) in {limit} s") from None

    def _record(self, order_id: str) -> OrderRecord:
        record = self.order_record(order_id)
        if record is None:
            raise SessionDegradedError(f"order {order_id} is not in the order map")
        return record

    def _new_id(self, kind: str) -> str:
        return f"{kind}-{self._clock()}-{next(self._ids)}"

    def _on_event(self, event: SessionEvent) -> None:
        if isinstance(event, Disconnected):
            self._on_disconnected(event.reason)
        elif isinstance(event, MessageReceived | SessionRejected):
            self._take(event)

    def _take(self, event: MessageReceived | SessionRejected) -> None:
        """Hand a message on; after one that was not taken, take none: order matters."""
        store = self._store
        if store is None or store.held:
            return
        try:
            if isinstance(event, SessionRejected):
                self._inbound.rejected(event.message)
            else:
                self._inbound.application(event.message)
        except (FieldError, ValueError, ValidationError) as error:
            # It will not read better the second time: the session goes on without it.
            self._log.error("message_unreadable", reason=str(error), message=repr(event.message))
        except Exception:
            # Not durable: leave it to the venue to send it again to the next connection.
            store.hold()
            self._cut()
            raise

    def _on_disconnected(self, reason: str) -> None:
        self._pending.fail_all(f"the link was lost: {reason}")
        if self._established:
            self._established = False
            self.publish_session_status("RECONNECTING", detail=reason)

    def _on_handler_error(self, error: Exception) -> None:
        self._log.error("message_not_taken", reason=f"{type(error).__name__}: {error}")

    def _cut(self) -> None:
        if self._initiator is not None:
            self._initiator.abort()


def _read_credentials(
    credentials: Mapping[str, Any], heart_bt_int: int
) -> tuple[str, int, SessionConfig]:
    missing = [name for name in ("host", "port", "sender", "target") if not credentials.get(name)]
    if missing:
        raise ConfigError(f"credentials: missing {', '.join(missing)}")
    for name in ("host", "sender", "target", "username", "password"):
        value = credentials.get(name)
        if value is not None and not (isinstance(value, str) and value.isprintable()):
            raise ConfigError(f"credentials: {name} is not printable text")
    port = credentials["port"]
    if not str(port).isdecimal() or not 0 < int(port) <= MAX_PORT:
        raise ConfigError(f"credentials: port is not a number from 1 to {MAX_PORT}")
    config = SessionConfig(
        sender_comp_id=credentials["sender"],
        target_comp_id=credentials["target"],
        initiator=True,
        begin_string=BEGIN_STRING,
        heart_bt_int=heart_bt_int,
        username=credentials.get("username"),
        password=credentials.get("password"),
        gap_fill_types=GAP_FILLED,
    )
    return credentials["host"], int(port), config
