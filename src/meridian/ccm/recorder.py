"""What happens to a fill, a report or a status before anyone hears of it.

Key, outbox row and order change are one transaction of the ledger. A crash before it leaves
nothing, so the venue's repeat is taken; a crash after it leaves a message to send.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from decimal import Decimal

from pydantic import BaseModel

from meridian.ccm import topics
from meridian.ccm.dedup import TradeIdScope, digest, fill_key
from meridian.ccm.ledger import Ledger, LedgerEntry, LinkKind, OrderRecord, OrderState
from meridian.ccm.routed import RoutedOrder
from meridian.schema.errors import ConflictError, ValidationError
from meridian.schema.messages import (
    Envelope,
    FillEvent,
    Order,
    OrderAck,
    OrderReport,
    SessionUpdate,
)
from meridian.schema.words import Outcome

__all__ = ["Identity", "Recorder"]

_STATE_AFTER = {
    Outcome.ACCEPTED: OrderState.OPEN,
    Outcome.UNKNOWN: OrderState.OPEN,
    Outcome.REJECTED: OrderState.CLOSED,
    Outcome.NOT_SENT: OrderState.NOT_SENT,
}
_MAY_SUBMIT_AGAIN = (OrderState.NOT_SENT, OrderState.ABSENT)


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose messages these are, and how strictly they are read."""

    instance_id: str
    venue: str
    trade_id_scope: TradeIdScope = TradeIdScope.VENUE
    strict: bool = False
    """Refuse a fill without a trade id rather than publish it flagged."""


class Recorder:
    """Writes what plugin and platform tell into the ledger, once."""

    def __init__(self, ledger: Ledger, identity: Identity) -> None:
        self._ledger = ledger
        self._identity = identity
        self.counters: Counter[str] = Counter()

    # --- what the platform asks ---------------------------------------------------------------

    def submitting(self, order: Order, now: int) -> bool:
        """Put an order in the map before the plugin sees it.

        False where it may be at the venue already: only evidence may end that, not a second send.

        Raises:
            ConflictError: the id was used for another order.
        """
        with self._ledger.entry() as entry:
            known = entry.order(order.order_id)
            if known is not None:
                if known.order != order:
                    raise ConflictError(f"order_id {order.order_id!r} was used for another order")
                if known.state not in _MAY_SUBMIT_AGAIN:
                    return False
            entry.put_order(OrderRecord(order, client_order_id=order.order_id), now)
            return True

    def submitted(self, order: Order, ack: OrderAck, now: int) -> None:
        """Note how a submit ended; an accepted order is announced as routed."""
        with self._ledger.entry() as entry:
            record = entry.order(order.order_id)
            # A report that came before the answer knows more than the answer.
            if record is not None and record.report is None:
                entry.put_order(replace(record, state=_STATE_AFTER[ack.outcome]), now)
            if ack.venue_order_id:
                self._learn_venue_id(entry, order.order_id, ack.venue_order_id, now)
            if ack.outcome is Outcome.ACCEPTED:
                routed = RoutedOrder(**order, venue_order_id=ack.venue_order_id)
                name = topics.order_routed(self._identity.instance_id)
                entry.append(self._envelope((name,), routed, now, order.order_id))

    def requesting(self, request_id: str, order_id: str) -> OrderRecord | None:
        """Remember whose request this is before it leaves; None where the order is unknown.

        Raises:
            ConflictError: the request id was used for another order.
        """
        with self._ledger.entry() as entry:
            record = entry.order(order_id)
            if record is None:
                return None
            owner = entry.linked(LinkKind.REQUEST, request_id)
            if owner not in (None, order_id) or entry.order(request_id) is not None:
                raise ConflictError(f"request_id {request_id!r} was used before")
            entry.put_link(LinkKind.REQUEST, request_id, order_id)
            return record

    def renamed(self, order_id: str, client_order_id: str, now: int) -> None:
        """The venue knows the order by another client order id from now on."""
        with self._ledger.entry() as entry:
            record = entry.order(order_id)
            if record is not None:
                entry.put_order(replace(record, client_order_id=client_order_id), now)

    def observed(self, order_id: str, report: OrderReport | None, now: int) -> None:
        """Keep the answer to a query; None is the venue's word that it never saw the order.

        An order it acknowledged before is not made absent by that: the contradiction stays open.
        """
        with self._ledger.entry() as entry:
            if report is not None:
                self._advance(entry, report, now)
                return
            record = entry.order(order_id)
            if record is None or record.state is not OrderState.OPEN:
                return
            if record.venue_order_id or record.report or record.filled:
                self.counters["orders_forgotten_by_venue"] += 1
                return
            entry.put_order(replace(record, state=OrderState.ABSENT), now)

    def order_behind(self, identifier: str) -> str | None:
        """The order id behind an order, request or venue order id."""
        with self._ledger.entry() as entry:
            return _behind(entry, identifier)

    # --- what the plugin tells ----------------------------------------------------------------

    def fill(self, fill: FillEvent, now: int) -> bool:
        """Take a fill; False where it is a repeat of one already told.

        Raises:
            ValidationError: no trade id, in strict mode.
        """
        trade_id = (fill.trade_id or "").strip() or None
        if trade_id is None and self._identity.strict:
            self.counters["fills_refused"] += 1
            raise ValidationError("a fill needs the venue's trade_id")
        with self._ledger.entry() as entry:
            record = self._order_of(entry, fill)
            fill = self._completed(fill, trade_id, record, now)
            key = fill_key(fill, self._identity.venue, self._identity.trade_id_scope)
            known = entry.fill(key) if key else None
            if key and known:
                entry.count_repeat(key)
                self.counters["fill_duplicates"] += 1
                if (known.order_id, known.security_id) != (fill.order_id, fill.security_id):
                    self.counters["fill_duplicates_of_other_order"] += 1
                return False
            flags = _flags(fill, record)
            if key and entry.trade_known(key):
                flags.append("trade_id_reuse")
            fill = fill.model_copy(update={"flags": tuple(dict.fromkeys((*fill.flags, *flags)))})
            if key:
                entry.put_fill(key, fill, now)
            if record is not None:
                entry.put_order(replace(record, filled=record.filled + fill.quantity), now)
            entry.append(
                self._envelope(
                    topics.fill_topics(self._identity.instance_id, fill.security_id),
                    fill,
                    now,
                    fill.order_id or "",
                    digest(self._identity.instance_id, "fill", key.whole) if key else "",
                )
            )
        self.counters["fills_published"] += 1
        self.counters.update(f"fill_flag_{flag}" for flag in fill.flags)
        return True

    def report(self, report: OrderReport, now: int, occasion: str = "") -> bool:
        """Take an order report; False where it is word for word one already told.

        ``occasion`` sets apart answers that say the same again on purpose, as reconciliation's.
        """
        if report.ts_init is None:
            report = report.model_copy(update={"ts_init": now})
        said = report.model_dump_json(exclude={"ts_init"})
        message_id = digest(self._identity.instance_id, "report", said, occasion)
        with self._ledger.entry() as entry:
            if report.ts_event is not None and entry.has_message(message_id):
                self.counters["report_duplicates"] += 1
                return False
            self._advance(entry, report, now)
            entry.append(
                self._envelope(
                    (topics.order_report(self._identity.instance_id),),
                    report,
                    now,
                    report.order_id,
                    message_id if report.ts_event is not None else "",
                )
            )
        return True

    def status(self, update: SessionUpdate, now: int) -> None:
        """Take a change of session status."""
        name = topics.session_status(self._identity.instance_id)
        with self._ledger.entry() as entry:
            entry.append(self._envelope((name,), update, now))

    # --- details ------------------------------------------------------------------------------

    def _order_of(self, entry: LedgerEntry, fill: FillEvent) -> OrderRecord | None:
        """The order by the platform's id; a venue's id serves, in its own field or in that one."""
        for identifier in (fill.order_id, fill.venue_order_id):
            if identifier and (order_id := _behind(entry, identifier)):
                return entry.order(order_id)
        return None

    def _completed(
        self, fill: FillEvent, trade_id: str | None, record: OrderRecord | None, now: int
    ) -> FillEvent:
        ts_init = now if fill.ts_init is None else fill.ts_init
        order = record.order if record else None
        return fill.model_copy(
            update={
                "trade_id": trade_id,
                "order_id": order.order_id if order else fill.order_id,
                "security_id": fill.security_id or (order.security_id if order else None),
                "venue": fill.venue or self._identity.venue,
                "ts_init": ts_init,
                "ts_event": ts_init if fill.ts_event is None else fill.ts_event,
                "flags": fill.flags + (("ts_event_missing",) if fill.ts_event is None else ()),
            }
        )

    def _advance(self, entry: LedgerEntry, report: OrderReport, now: int) -> None:
        record = entry.order(report.order_id)
        if record is None:
            return
        last = record.report
        stale = last is not None and (
            report.cum_quantity < last.cum_quantity
            or (last.status.terminal and not report.status.terminal)
        )
        if not stale:
            state = OrderState.CLOSED if report.status.terminal else OrderState.OPEN
            entry.put_order(replace(record, report=report, state=state), now)
        if report.venue_order_id:
            self._learn_venue_id(entry, report.order_id, report.venue_order_id, now)

    def _learn_venue_id(
        self, entry: LedgerEntry, order_id: str, venue_order_id: str, now: int
    ) -> None:
        record = entry.order(order_id)
        if record is not None and record.venue_order_id != venue_order_id:
            entry.put_order(replace(record, venue_order_id=venue_order_id), now)
            entry.put_link(LinkKind.VENUE, venue_order_id, order_id)

    def _envelope(
        self,
        names: tuple[str, ...],
        payload: BaseModel,
        now: int,
        correlation_id: str = "",
        message_id: str = "",
    ) -> Envelope:
        return Envelope(
            topic=names[0],
            topics=names,
            payload=payload.model_dump_json().encode(),
            message_id=message_id,
            source_id=self._identity.instance_id,
            timestamp_ns=now,
            correlation_id=correlation_id,
        )


def _behind(entry: LedgerEntry, identifier: str) -> str | None:
    if entry.order(identifier) is not None:
        return identifier
    return entry.linked(LinkKind.REQUEST, identifier) or entry.linked(LinkKind.VENUE, identifier)


def _flags(fill: FillEvent, record: OrderRecord | None) -> list[str]:
    """What a consumer should know of this fill, from the fill and its order alone."""
    flags = []
    if fill.trade_id is None:
        flags.append("trade_id_missing")
    if fill.ts_event is not None and fill.ts_init is not None and fill.ts_init < fill.ts_event:
        flags.append("clock_skew")
    if record is None:
        flags.append("external")
    elif record.filled + fill.quantity > max(record.quantity, Decimal(0)):
        flags.append("overfill")
    return flags
