"""Events as FIX.4.4 messages to the session that owns the order.

ExecutionReport fields keep the order: ids, what happened, the order, the execution, the sums.
"""

from __future__ import annotations

from collections.abc import Mapping

from meridian.fix import msgtypes, tags
from meridian.fix.message import Message
from meridian.fix.timestamps import timestamp
from meridian.schema import OrderStatus
from meridian.venue.events import (
    Event,
    OrderAccepted,
    OrderCancelled,
    OrderExecuted,
    OrderReduced,
    OrderRejected,
    OrderReplaced,
    RequestRejected,
)
from meridian.venue.fix_words import (
    ORDER_STATUSES,
    ORDER_TYPE_CODES,
    SIDE_CODES,
    TIF_CODES,
    Reply,
)
from meridian.venue.instrument import Instrument
from meridian.venue.order import Order, RejectedOrder
from meridian.venue.reasons import OrderReason

__all__ = ["event_report", "rejected_report", "status_report", "unknown_report"]

NONE = "NONE"
"""OrderID(37) of an order the venue does not have."""
STATUS_EXEC_ID = "0"
"""FIX.4.4 tag 17: 0 where the report answers a status request."""
EXEC_RESTATEMENT_REASON = 378
PARTIAL_DECLINE = "5"

_Pairs = list[tuple[int, str | int]]


def event_report(event: Event, instruments: Mapping[str, Instrument]) -> Reply | None:
    """The message an order's owner gets for an event.

    None for a rejected order, whose report needs the request (:func:`rejected_report`).
    """
    match event:
        case OrderAccepted(exec_id, order):
            return _execution(order, exec_id, "0", instruments, [])
        case OrderExecuted(exec_id, match_id, order, quantity, price):
            instrument = instruments[order.symbol]
            trade: _Pairs = [
                (tags.LastQty, instrument.quantity_text(quantity)),
                (tags.LastPx, instrument.price_text(price)),
                (tags.SecondaryExecID, match_id),
            ]
            return _execution(order, exec_id, "F", instruments, trade)
        case OrderCancelled(exec_id, order, _, text):
            note: _Pairs = [(tags.Text, text)] if text else []
            return _execution(order, exec_id, "4", instruments, note)
        case OrderReplaced(exec_id, order):
            return _execution(order, exec_id, "5", instruments, [])
        case OrderReduced(exec_id, order):
            why: _Pairs = [(EXEC_RESTATEMENT_REASON, PARTIAL_DECLINE)]
            return _execution(order, exec_id, "D", instruments, why)
        case RequestRejected():
            return _request_rejected(event)
        case _:
            return None


def rejected_report(event: OrderRejected, request: Message) -> Reply:
    """ExecutionReport of an order that never entered; echoes what the client asked for."""
    order = event.order
    fields: _Pairs = [
        *_ids(order.order_id or NONE, order.cl_ord_id, None),
        (tags.ExecID, event.exec_id),
        (tags.ExecType, "8"),
        *_nothing(order.reason, request),
        (tags.TransactTime, timestamp(order.changed_at)),
        (tags.Text, order.text),
    ]
    return Reply(order.participant, msgtypes.ExecutionReport, fields)


def status_report(
    order: Order | RejectedOrder,
    instruments: Mapping[str, Instrument],
    request: Message,
    batch: _Pairs | None = None,
) -> Reply:
    """ExecutionReport (150=I) of an order as it stands; ``batch`` places it in a mass status."""
    extra: _Pairs = [*_echo(request, tags.OrdStatusReqID), *(batch or [])]
    if isinstance(order, Order):
        return _execution(order, STATUS_EXEC_ID, "I", instruments, extra)
    fields: _Pairs = [
        *_ids(order.order_id or NONE, order.cl_ord_id, None),
        (tags.ExecID, STATUS_EXEC_ID),
        (tags.ExecType, "I"),
        *extra,
        *_nothing(order.reason, request),
        (tags.TransactTime, timestamp(order.changed_at)),
        (tags.Text, order.text),
    ]
    return Reply(order.participant, msgtypes.ExecutionReport, fields)


def unknown_report(session: str, request: Message, cl_ord_id: str, now: int) -> Reply:
    """ExecutionReport (150=I, 39=8, 103=5): the venue never saw such an order."""
    fields: _Pairs = [
        *_ids(NONE, cl_ord_id, None),
        (tags.ExecID, STATUS_EXEC_ID),
        (tags.ExecType, "I"),
        *_echo(request, tags.OrdStatusReqID),
        *_nothing(OrderReason.UNKNOWN_ORDER, request),
        (tags.TransactTime, timestamp(now)),
        (tags.Text, f"no order is known as {cl_ord_id}"),
    ]
    return Reply(session, msgtypes.ExecutionReport, fields)


def _execution(
    order: Order,
    exec_id: str,
    exec_type: str,
    instruments: Mapping[str, Instrument],
    extra: _Pairs,
) -> Reply:
    instrument = instruments[order.symbol]
    price: _Pairs = []
    if order.price is not None:
        price = [(tags.Price, instrument.price_text(order.price))]
    fields: _Pairs = [
        *_ids(order.order_id, order.cl_ord_id, order.orig_cl_ord_id),
        (tags.ExecID, exec_id),
        (tags.ExecType, exec_type),
        (tags.OrdStatus, ORDER_STATUSES[order.status]),
        (tags.Symbol, order.symbol),
        (tags.Side, SIDE_CODES[order.side]),
        (tags.OrderQty, instrument.quantity_text(order.quantity)),
        (tags.OrdType, ORDER_TYPE_CODES[order.order_type]),
        *price,
        (tags.TimeInForce, TIF_CODES[order.time_in_force]),
        *extra,
        (tags.LeavesQty, instrument.quantity_text(order.leaves)),
        (tags.CumQty, instrument.quantity_text(order.executed)),
        (tags.AvgPx, instrument.average_text(order.notional, order.executed)),
        (tags.TransactTime, timestamp(order.changed_at)),
    ]
    return Reply(order.participant, msgtypes.ExecutionReport, fields)


def _request_rejected(event: RequestRejected) -> Reply:
    request, order = event.request, event.order
    status = ORDER_STATUSES[order.status if order else OrderStatus.REJECTED]
    fields: _Pairs = [
        # FIX.4.4 tag 37: "NONE" where 102=1, the order is unknown.
        *_ids(order.order_id if order else NONE, request.request_id, request.cl_ord_id),
        (tags.OrdStatus, status),
        (tags.TransactTime, timestamp(event.at)),
        (tags.CxlRejResponseTo, "2" if event.replace else "1"),
        (tags.CxlRejReason, event.reason),
        (tags.Text, event.text),
    ]
    return Reply(request.participant, msgtypes.OrderCancelReject, fields)


def _ids(order_id: str, cl_ord_id: str, orig_cl_ord_id: str | None) -> _Pairs:
    ids: _Pairs = [(tags.OrderID, order_id), (tags.ClOrdID, cl_ord_id)]
    if orig_cl_ord_id is not None:
        ids.append((tags.OrigClOrdID, orig_cl_ord_id))
    return ids


def _nothing(reason: OrderReason, request: Message) -> _Pairs:
    """The middle of a report on an order that does not exist."""
    return [
        (tags.OrdStatus, ORDER_STATUSES[OrderStatus.REJECTED]),
        (tags.OrdRejReason, reason),
        *_echo(
            request,
            *(tags.Symbol, tags.Side, tags.OrderQty, tags.OrdType, tags.Price, tags.TimeInForce),
        ),
        (tags.LeavesQty, 0),
        (tags.CumQty, 0),
        (tags.AvgPx, 0),
    ]


def _echo(request: Message, *which: int) -> _Pairs:
    found: _Pairs = []
    for tag in which:
        value = request.get(tag)
        if value:
            found.append((tag, value))
    return found
