"""What the venue's application messages mean: reports for the platform, answers for requests."""

from __future__ import annotations

from collections.abc import Callable

from meridian.adapters.fix import reports
from meridian.adapters.fix.pending import Pending
from meridian.ccm import CCMPlugin, OrderRecord
from meridian.fix import msgtypes, tags
from meridian.fix.message import Message
from meridian.schema.errors import OrderRejected, OutcomeUnknown
from meridian.schema.messages import OrderReport
from meridian.schema.words import OrderStatus

__all__ = ["Inbound"]

CANCELED, REPLACED, PENDING_CANCEL, TRADE, ORDER_STATUS = "4", "5", "6", "F", "I"
"""ExecType(150)."""


class Inbound:
    """Reads messages of one plugin's session.

    The order map is the sidecar's: a ClOrdID is looked up there, never taken apart.
    """

    def __init__(self, plugin: CCMPlugin, pending: Pending, clock: Callable[[], int]) -> None:
        self._plugin = plugin
        self._pending = pending
        self._clock = clock

    def application(self, message: Message) -> None:
        """Take one application message; a type that is not ours is passed over.

        Raises:
            FieldError, ValueError: the message cannot be read.
        """
        match message.msg_type:
            case msgtypes.ExecutionReport:
                self._on_execution_report(message)
            case msgtypes.OrderCancelReject:
                self._on_cancel_reject(message)
            case msgtypes.SecurityList:
                self._on_security_list(message)
            case msgtypes.BusinessMessageReject:
                self.rejected(message)

    def rejected(self, message: Message) -> None:
        """A Reject (3) or BusinessMessageReject (j): definitive for the request it names."""
        sent = self._pending.sent_as(message.integer(tags.RefSeqNum) or 0)
        if sent is None:
            return
        key, msg_type = sent
        reason = message.get(tags.Text) or f"refused with 35={message.msg_type}"
        if msg_type == msgtypes.NewOrderSingle:
            self._publish_refusal(key, reason)
        if (waiter := self._pending.find(key)) is not None:
            waiter.future.set_exception(OrderRejected(reason))

    # --- ExecutionReport (8) ------------------------------------------------------------------

    def _on_execution_report(self, message: Message) -> None:
        exec_type = message.require(tags.ExecType)
        cl_ord_id = message.get(tags.ClOrdID, "")
        if exec_type == ORDER_STATUS:
            self._on_status(message)
            return
        if reports.refused_as_duplicate(message):
            # An earlier message of ours has arrived: what became of the order is another question.
            self._fail(cl_ord_id, OutcomeUnknown(f"the venue has an order {cl_ord_id} already"))
            return
        order_id, record = self._order(message)
        now = self._clock()
        if exec_type == TRADE:
            fill = reports.fill_event(message, order_id, record, now)
            self._plugin.publish_fill(fill)
        if order_id is not None:
            report = reports.order_report(message, order_id, record, now)
            answered = _answered_request(exec_type, cl_ord_id, order_id, record)
            self._plugin.publish_order(report.model_copy(update={"request_id": answered}))
        if exec_type == REPLACED and order_id is not None:
            self._plugin.rename_order(order_id, cl_ord_id)
        waiter = self._pending.find(cl_ord_id)
        if waiter is not None and exec_type in waiter.exec_types:
            waiter.future.set_result(message)

    def _on_status(self, message: Message) -> None:
        batch = self._pending.find(message.get(tags.MassStatusReqID, ""))
        if batch is not None:
            total = message.integer(tags.TotNumReports)
            last = message.get(tags.LastRptRequested) == "Y" or total == len(batch.parts) + 1
            self._pending.collect(batch, message, last)
            return
        # FIX.4.4 tag 790: echoed where the request had it; an answer that came too late has none
        # who waits for it.
        if (waiter := self._pending.find(message.get(tags.OrdStatusReqID, ""))) is not None:
            waiter.future.set_result(message)

    def status(self, message: Message, order_id: str | None = None) -> OrderReport | None:
        """The answer to a status request; None where the venue never saw the order.

        Without ``order_id`` the message tells whose it is.

        Raises:
            FieldError, ValueError: the message cannot be read.
        """
        if reports.never_seen(message):
            return None
        if order_id is None:
            found, record = self._order(message)
            return reports.order_report(message, found or "", record, self._clock())
        record = self._plugin.order_record(order_id)
        return reports.order_report(message, order_id, record, self._clock())

    # --- OrderCancelReject (9), SecurityList (y) ----------------------------------------------

    def _on_cancel_reject(self, message: Message) -> None:
        reason = message.get(tags.Text) or f"102={message.get(tags.CxlRejReason, '99')}"
        self._fail(message.require(tags.ClOrdID), OrderRejected(reason))

    def _on_security_list(self, message: Message) -> None:
        if (waiter := self._pending.find(message.get(tags.SecurityReqID, ""))) is not None:
            self._pending.collect(waiter, message, message.get(tags.LastFragment, "Y") == "Y")

    # --- details ------------------------------------------------------------------------------

    def _order(self, message: Message) -> tuple[str | None, OrderRecord | None]:
        """Whose report this is: by any ClOrdID of the chain, else by the venue's OrderID.

        An order we never sent goes by the ClOrdID it came with.
        """
        cl_ord_id = message.get(tags.ClOrdID)
        for identifier in (cl_ord_id, message.get(tags.OrderID)):
            order_id = self._plugin.order_behind(identifier) if identifier else None
            if order_id is not None:
                return order_id, self._plugin.order_record(order_id)
        return cl_ord_id, None

    def _publish_refusal(self, order_id: str, reason: str) -> None:
        record = self._plugin.order_record(order_id)
        if record is None:
            return
        self._plugin.publish_order(
            OrderReport(
                order_id=order_id,
                status=OrderStatus.REJECTED,
                quantity=record.order.quantity,
                cum_quantity=0,
                leaves_quantity=0,
                price=record.order.price,
                reason=reason,
                ts_init=self._clock(),
            )
        )

    def _fail(self, key: str, error: Exception) -> None:
        if (waiter := self._pending.find(key)) is not None:
            waiter.future.set_exception(error)


def _answered_request(
    exec_type: str, cl_ord_id: str, order_id: str, record: OrderRecord | None
) -> str | None:
    """The platform's request this report answers, if it answers one."""
    if exec_type == REPLACED and cl_ord_id != order_id:
        return cl_ord_id
    # An unsolicited cancel carries the ClOrdID the order had; a requested one the request's.
    known_as = (order_id, record.client_order_id if record else order_id)
    if exec_type in (CANCELED, PENDING_CANCEL) and cl_ord_id not in known_as:
        return cl_ord_id
    return None
