"""ExecutionReport (8) and OrderCancelReject (9), as each version has them.

The fields of a report keep this order: ids, what happened, the order, the execution, the sums.
"""

from __future__ import annotations

from meridian.book import Kind, Tif
from meridian.fix import msgtypes
from meridian.fix.message import Message
from meridian.fix.timestamps import timestamp
from meridian.schema import OrderStatus
from meridian.venue.events import (
    Event,
    ExecutionBusted,
    ExecutionCorrected,
    OrderAccepted,
    OrderCancelled,
    OrderDone,
    OrderExecuted,
    OrderExpired,
    OrderPending,
    OrderReduced,
    OrderRefused,
    OrderRejected,
    OrderReplaced,
    OrderRepriced,
    OrderTriggered,
    RequestPending,
    RequestRejected,
)
from meridian.venue.fix_terms import terms_text
from meridian.venue.fix_versions import Version
from meridian.venue.fix_words import ORDER_STATUSES, ORDER_TYPE_CODES, SIDE_CODES, TIF_CODES
from meridian.venue.instructions import PLAIN
from meridian.venue.order import Order, RejectedOrder
from meridian.venue.reasons import OrderReason

__all__ = ["ReportWriter"]

NONE = "NONE"
"""OrderID(37) of an order the venue does not have."""
_NEW = OrderStatus.NEW
_NS_PER_MS = 1_000_000
_SECONDS_ONLY = 17
"""Characters of a timestamp without milliseconds."""
_REPRICED, _PARTIAL_DECLINE = 3, 5
"""ExecRestatementReason(378)."""
_ECHOED = (55, 48, 22, 54, 38, 40, 44, 59)

_EXEC_TYPES: dict[type, str] = {
    OrderPending: "A",
    OrderAccepted: "0",
    OrderExpired: "C",
    OrderDone: "3",
    OrderReplaced: "5",
}
"""Events that need no more than their ExecType(150)."""


class ReportWriter:
    """Writes the bodies of one version's reports."""

    def __init__(self, version: Version) -> None:
        self.version = version
        self._newer = version.rank > 40
        """There are ExecType, OrigClOrdID and LeavesQty."""
        self._whats: dict[str, str] = {}
        self._types = {kind: _type_text(kind, version) for kind in Kind}
        self._tifs = {tif: _tif_text(tif, version) for tif in Tif}
        self._at = -1
        self._stamp = ""

    def event(self, event: Event) -> tuple[str, bytes] | None:
        """MsgType and body of what an order's owner is told; None for nothing.

        Also for a rejected order, whose report needs the request (:meth:`rejected`).
        """
        simple = _EXEC_TYPES.get(type(event))
        if simple is not None:
            body = self._report(event.order, event.exec_id, simple)  # type: ignore[union-attr,arg-type]
        elif isinstance(event, OrderExecuted):
            body = self._trade(event)
        elif isinstance(event, OrderCancelled):
            more = f"58={event.text}\x01" if event.text else ""
            body = self._report(event.order, event.exec_id, "4", more)
        elif isinstance(event, RequestRejected):
            return msgtypes.OrderCancelReject, self._request_rejected(event)
        else:
            rarer = self._rarer(event)
            if rarer is None:
                return None
            body = rarer
        return msgtypes.ExecutionReport, body

    def rejected(self, event: OrderRejected, request: Message) -> bytes:
        """An order that never entered; echoes what the client asked for."""
        what = self._what("8")
        return self._nothing(event.order, event.exec_id, what, request, "")

    def status(self, order: Order | RejectedOrder, request: Message, batch: str = "") -> bytes:
        """An order as it stands; ``batch`` places it in a mass status."""
        version = self.version
        what = "150=I\x01"
        if version.trans_type:
            status = self._status(order) if isinstance(order, Order) else "8"
            what = "20=3\x01" + (f"150={status}\x01" if version.rank > 40 else "")
        if version.rank >= 44:
            batch = _echo(request, 790) + batch
        if isinstance(order, Order):
            return self._report(order, "0", what, batch, last=version.rank < 42, what=what)
        return self._nothing(order, "0", what, request, batch)

    def unknown(self, request: Message, cl_ord_id: str, now: int) -> bytes:
        """The venue never saw such an order."""
        order = RejectedOrder(
            order_id=None,
            participant="",
            cl_ord_id=cl_ord_id,
            symbol="",
            reason=OrderReason.UNKNOWN_ORDER,
            text=f"no order is known as {cl_ord_id}",
            changed_at=now,
        )
        return self.status(order, request)

    def stamp(self, ns: int) -> str:
        """A UTCTimestamp as this version writes it."""
        at = ns // _NS_PER_MS
        if at != self._at:
            self._at = at
            self._stamp = timestamp(ns)[: None if self.version.milliseconds else _SECONDS_ONLY]
        return self._stamp

    # ExecutionReport -------------------------------------------------------------------------

    def _trade(self, event: OrderExecuted) -> bytes:
        order = event.order
        instrument = order.instrument
        last = (
            f"32={instrument.quantity_text(event.quantity)}\x01"
            f"31={instrument.price_text(event.price)}\x01"
        )
        if not self.version.trans_type:
            return self._report(
                order, event.exec_id, "F", f"{last}527={event.match_id}\x01", last=False
            )
        exec_type = "1" if order.leaves else "2"
        return self._report(order, event.exec_id, exec_type, last, last=False)

    def _rarer(self, event: Event) -> bytes | None:
        if isinstance(event, OrderRefused):
            order = event.order
            reason = self.version.order_reason(event.reason)
            more = f"103={reason}\x01" + (f"58={event.text}\x01" if event.text else "")
            return self._report(order, event.exec_id, "8", more)
        if isinstance(event, ExecutionBusted | ExecutionCorrected):
            return self._amended(event)
        if isinstance(event, RequestPending):
            pending = event.order.pending
            if pending is None:
                raise AssertionError(f"{event.exec_id}: nothing is pending")
            exec_type = "E" if pending.replaces and self.version.rank >= 42 else "6"
            linked = event.order._replace(
                cl_ord_id=pending.request.request_id, orig_cl_ord_id=event.order.cl_ord_id
            )
            return self._report(linked, event.exec_id, exec_type)
        if isinstance(event, OrderReduced):
            return self._restated(event.order, event.exec_id, _PARTIAL_DECLINE)
        if isinstance(event, OrderRepriced):
            return self._restated(event.order, event.exec_id, _REPRICED)
        if isinstance(event, OrderTriggered) and "L" in self.version.exec_types:
            return self._report(event.order, event.exec_id, "L")
        return None

    def _restated(self, order: Order, exec_id: str, reason: int) -> bytes:
        # Before FIX.4.2 nothing says that the venue changed an order: it is told as it stands.
        if self.version.rank >= 42:
            return self._report(order, exec_id, "D", f"378={reason}\x01")
        return self._report(order, exec_id, self._status(order), "58=restated by the venue\x01")

    def _amended(self, event: ExecutionBusted | ExecutionCorrected) -> bytes:
        order, busted = event.order, isinstance(event, ExecutionBusted)
        ref = event.ref_exec_id
        ref = f"19={ref if self._newer else numeral(ref)}\x01"
        instrument = order.instrument
        last = (
            f"32={instrument.quantity_text(event.quantity)}\x01"
            f"31={instrument.price_text(event.price)}\x01"
        )
        if self.version.trans_type:
            # ExecTransType Cancel and Correct; ExecType is the state it leads to.
            what = ref + ("20=1\x01" if busted else "20=2\x01")
            if self.version.rank > 40:
                what += f"150={self._status(order)}\x01"
        else:
            what = ref + ("150=H\x01" if busted else "150=G\x01")
            last += f"527={event.match_id}\x01"
        return self._report(order, event.exec_id, "", last, last=False, what=what)

    def _report(
        self,
        order: Order,
        exec_id: str,
        exec_type: str,
        more: str = "",
        *,
        last: bool = True,
        what: str = "",
    ) -> bytes:
        """``more`` stands between the order and the sums; ``last``: that nothing traded now has
        to be said where the version wants it."""
        terms, instrument, executed = order.terms, order.instrument, order.executed
        quantity_text = instrument.quantity_text
        ids = f"37={order.order_id}\x0111={order.cl_ord_id}\x01"
        if order.orig_cl_ord_id is not None and self._newer:
            ids = f"{ids}41={order.orig_cl_ord_id}\x01"
        status = "0"
        if order.status is not _NEW or order.replaced or order.pending is not None:
            status = self._status(order)
        price = ""
        if order.price is not None:
            price = f"44={instrument.price_text(order.price)}\x01"
        if last and self.version.trans_type:
            more = f"{more}32=0\x0131=0\x01"
        if terms.instructions is not PLAIN or terms.account:
            more = terms_text(terms, instrument, self.version) + more
        leaves = f"151={quantity_text(order.leaves)}\x01" if self._newer else ""
        average = instrument.average_text(order.notional, executed) if executed else "0"
        if not self._newer:
            exec_id = numeral(exec_id)
        what = what or self._whats.get(exec_type) or self._what(exec_type)
        text = (
            f"{ids}17={exec_id}\x01{what}"
            f"39={status}\x0155={terms.symbol}\x0154={SIDE_CODES[terms.side]}\x01"
            f"38={quantity_text(order.quantity)}\x01{self._types[terms.order_type]}{price}"
            f"{self._tifs[terms.time_in_force]}{more}{leaves}14={quantity_text(executed)}\x01"
            f"6={average}\x0160={self.stamp(order.changed_at)}\x01"
        )
        return text.encode("latin-1")

    def _what(self, exec_type: str) -> str:
        """What happened, as this version says it."""
        text = f"150={exec_type}\x01"
        if self.version.trans_type:
            text = f"20=0\x01{text}" if self._newer else "20=0\x01"
        self._whats[exec_type] = text
        return text

    def _status(self, order: Order) -> str:
        """OrdStatus(39); what is pending hides what is."""
        if order.pending is not None:
            return "E" if order.pending.replaces and self.version.rank >= 42 else "6"
        if order.replaced and order.status is _NEW and self.version.trans_type:
            return "5"
        return ORDER_STATUSES[order.status]

    def _nothing(
        self, order: RejectedOrder, exec_id: str, what: str, request: Message, batch: str
    ) -> bytes:
        """A report on an order that does not exist; echoes what the request said of it."""
        version = self.version
        exec_id = exec_id if self._newer else numeral(exec_id)
        parts = [f"37={order.order_id or NONE}\x0111={order.cl_ord_id}\x0117={exec_id}\x01", what]
        parts.append(f"39=8\x01103={version.order_reason(order.reason)}\x01{batch}")
        parts.append(_echo(request, *_ECHOED))
        if version.trans_type:
            # 38, 54 and 55 are required there, and a status request may lack the first.
            parts.append("" if request.get(38) else "38=0\x01")
            parts.append("32=0\x0131=0\x01")
        parts.append("151=0\x01" if self._newer else "")
        parts.append(f"14=0\x016=0\x0160={self.stamp(order.changed_at)}\x0158={order.text}\x01")
        return "".join(parts).encode("latin-1")

    # OrderCancelReject -----------------------------------------------------------------------

    def _request_rejected(self, event: RequestRejected) -> bytes:
        request, order, rank = event.request, event.order, self.version.rank
        # Tag 37: "NONE" where the order is unknown.
        order_id = order.order_id if order else NONE
        parts = [f"37={order_id}\x0111={request.request_id}\x01"]
        if rank >= 41:
            parts.append(f"41={request.cl_ord_id}\x01" if request.cl_ord_id else "")
            parts.append(f"39={self._status(order) if order else '8'}\x01")
        if rank >= 42:
            parts.append(f"60={self.stamp(event.at)}\x01434={'2' if event.replace else '1'}\x01")
        reason = self.version.cancel_reason(event.reason)
        if reason is not None:
            parts.append(f"102={reason}\x01")
        if event.text:
            parts.append(f"58={event.text}\x01")
        return "".join(parts).encode("latin-1")


def _type_text(kind: Kind, version: Version) -> str:
    # Market to limit came with FIX.4.3; to older versions it is what it becomes.
    value = ORDER_TYPE_CODES[kind]
    return f"40={value if value in version.order_types else '2'}\x01"


def _tif_text(tif: Tif, version: Version) -> str:
    value = TIF_CODES[tif]
    return f"59={value}\x01" if value in version.times_in_force else ""


def numeral(exec_id: str) -> str:
    """ExecID(17) of FIX.4.0, which is an integer: unique in a run of the venue only."""
    return exec_id.rpartition("-")[2]


def _echo(request: Message, *which: int) -> str:
    found = ((tag, request.get(tag)) for tag in which)
    return "".join(f"{tag}={value}\x01" for tag, value in found if value)
