"""FIX.4.4 order entry: D, F, G, H, AF in; ExecutionReport and OrderCancelReject out."""

from __future__ import annotations

from meridian.book import Kind
from meridian.fix import msgtypes, tags
from meridian.fix.message import Message
from meridian.fix.timestamps import timestamp
from meridian.venue.commands import (
    CancelOrder,
    RefuseOrder,
    ReplaceOrder,
    Request,
    SubmitOrder,
)
from meridian.venue.events import Event, RequestRejected
from meridian.venue.fix_reports import NONE, STATUS_EXEC_ID, status_report, unknown_report
from meridian.venue.fix_words import (
    ORDER_TYPE_CODES,
    ORDER_TYPES,
    SIDE_CODES,
    SIDES,
    TIF_CODES,
    TIFS,
    Reply,
    code,
)
from meridian.venue.order import Order
from meridian.venue.reasons import CancelReason, OrderReason, Refusal
from meridian.venue.venue import Venue

__all__ = [
    "cancel_order",
    "new_order",
    "replace_order",
    "report_all_statuses",
    "report_status",
]

MASS_STATUS_ALL = "7"
UNDISCLOSED = "7"


def new_order(venue: Venue, session: str, message: Message, now: int) -> list[Event]:
    """NewOrderSingle (D).

    Raises:
        FieldError: a required tag is missing or a value is malformed.
    """
    read = _read_new_order(venue, session, message)
    if isinstance(read, SubmitOrder):
        return venue.apply(read, now)
    cl_ord_id, symbol = message.require(tags.ClOrdID), message.require(tags.Symbol)
    return venue.apply(RefuseOrder(session, cl_ord_id, symbol, read.reason, read.text), now)


def _read_new_order(venue: Venue, session: str, message: Message) -> SubmitOrder | Refusal:
    cl_ord_id, symbol = message.require(tags.ClOrdID), message.require(tags.Symbol)
    side, kind = code(message, tags.Side), code(message, tags.OrdType)
    tif = code(message, tags.TimeInForce, default="0")
    wanted, price = message.require_decimal(tags.OrderQty), message.decimal(tags.Price)
    message.require_timestamp(tags.TransactTime)

    instrument = venue.instruments.get(symbol)
    if instrument is None:
        return Refusal(OrderReason.UNKNOWN_SYMBOL, f"Symbol(55) {symbol} does not trade here")
    for name, value, offered in (
        ("Side(54)", side, SIDES),
        ("OrdType(40)", kind, ORDER_TYPES),
        ("TimeInForce(59)", tif, TIFS),
    ):
        if value not in offered:
            text = f"{name} {value} is not offered, expected one of {', '.join(offered)}"
            return Refusal(OrderReason.UNSUPPORTED, text)
    quantity = instrument.lots(wanted)
    if isinstance(quantity, Refusal):
        return quantity
    if (price is None) is (ORDER_TYPES[kind] is Kind.LIMIT):
        need = "a limit order needs" if price is None else "a market order takes no"
        return Refusal(OrderReason.OTHER, f"{need} Price(44)")
    ticks = None if price is None else instrument.ticks(price)
    if isinstance(ticks, Refusal):
        return ticks
    return SubmitOrder(
        participant=session,
        cl_ord_id=cl_ord_id,
        symbol=symbol,
        side=SIDES[side],
        order_type=ORDER_TYPES[kind],
        time_in_force=TIFS[tif],
        quantity=quantity,
        price=ticks,
    )


def cancel_order(venue: Venue, session: str, message: Message, now: int) -> list[Event]:
    """OrderCancelRequest (F).

    Raises:
        FieldError: a required tag is missing or a value is malformed.
    """
    request = _request(session, message)
    order = venue.working_order(request, now, replace=False)
    if isinstance(order, Order):
        difference = _mismatch(order, message)
        if difference is not None:
            reason = CancelReason.OTHER
            return [RequestRejected(request, order, False, reason, difference, now)]
    return venue.apply(CancelOrder(request), now)


def replace_order(venue: Venue, session: str, message: Message, now: int) -> list[Event]:
    """OrderCancelReplaceRequest (G): OrderQty(38) is the TOTAL, executed part included.

    Raises:
        FieldError: a required tag is missing or a value is malformed.
    """
    request = _request(session, message)
    kind = code(message, tags.OrdType)
    tif = code(message, tags.TimeInForce, default="")
    wanted, price = message.require_decimal(tags.OrderQty), message.decimal(tags.Price)
    order = venue.working_order(request, now, replace=True)
    if isinstance(order, RequestRejected):
        return [order]

    text = _mismatch(order, message)
    if text is None and kind != ORDER_TYPE_CODES[order.order_type]:
        text = f"OrdType(40) {kind}: the type of an order cannot be replaced"
    if text is None and tif not in ("", TIF_CODES[order.time_in_force]):
        text = f"TimeInForce(59) {tif}: the time in force of an order cannot be replaced"
    if text is None and price is None:
        text = "a limit order needs Price(44)"
    if text is not None or price is None:
        return [RequestRejected(request, order, True, CancelReason.OTHER, text or "", now)]
    instrument = venue.instruments[order.symbol]
    quantity, ticks = instrument.lots(wanted), instrument.ticks(price)
    if isinstance(quantity, Refusal):
        return [RequestRejected(request, order, True, CancelReason.OTHER, quantity.text, now)]
    if isinstance(ticks, Refusal):
        return [RequestRejected(request, order, True, CancelReason.OTHER, ticks.text, now)]
    return venue.apply(ReplaceOrder(request, quantity, ticks), now)


def report_status(venue: Venue, session: str, message: Message, now: int) -> list[Reply]:
    """OrderStatusRequest (H), by OrderID where given, else by any ClOrdID of the chain.

    Raises:
        FieldError: a required tag is missing or a value is malformed.
    """
    cl_ord_id = message.require(tags.ClOrdID)
    code(message, tags.Side)
    message.require(tags.Symbol)
    order = venue.find(session, cl_ord_id, message.get(tags.OrderID))
    if order is None:
        return [unknown_report(session, message, cl_ord_id, now)]
    return [status_report(order, venue.instruments, message)]


def report_all_statuses(venue: Venue, session: str, message: Message, now: int) -> list[Reply]:
    """OrderMassStatusRequest (AF): a report for each working order, the last one marked.

    Raises:
        FieldError: a required tag is missing or a value is malformed.
    """
    request_id = message.require(tags.MassStatusReqID)
    kind = code(message, tags.MassStatusReqType)
    orders = venue.open_orders(session)
    if kind == MASS_STATUS_ALL and orders:
        return [
            status_report(
                order,
                venue.instruments,
                message,
                [
                    (tags.MassStatusReqID, request_id),
                    (tags.TotNumReports, len(orders)),
                    (tags.LastRptRequested, "Y" if place == len(orders) else "N"),
                ],
            )
            for place, order in enumerate(orders, start=1)
        ]
    text = "no order is working"
    if kind != MASS_STATUS_ALL:
        text = f"MassStatusReqType(585) {kind} is not offered, expected {MASS_STATUS_ALL}"
    # FIX.4.4 has no empty answer: one report rejects the request and names no order.
    fields: list[tuple[int, str | int]] = [
        (tags.OrderID, NONE),
        (tags.MassStatusReqID, request_id),
        (tags.TotNumReports, 0),
        (tags.LastRptRequested, "Y"),
        (tags.ExecID, STATUS_EXEC_ID),
        (tags.ExecType, "I"),
        (tags.OrdStatus, "8"),
        (tags.Symbol, "[N/A]"),
        (tags.Side, UNDISCLOSED),
        (tags.LeavesQty, 0),
        (tags.CumQty, 0),
        (tags.AvgPx, 0),
        (tags.TransactTime, timestamp(now)),
        (tags.Text, text),
    ]
    return [Reply(session, msgtypes.ExecutionReport, fields)]


def _request(session: str, message: Message) -> Request:
    code(message, tags.Side)
    message.require(tags.Symbol)
    message.require_timestamp(tags.TransactTime)
    return Request(
        participant=session,
        request_id=message.require(tags.ClOrdID),
        cl_ord_id=message.require(tags.OrigClOrdID),
        order_id=message.get(tags.OrderID),
    )


def _mismatch(order: Order, message: Message) -> str | None:
    """What FIX.4.4 asks a request to repeat of its order, and it does not."""
    if message.get(tags.Symbol) != order.symbol:
        return f"Symbol(55) is not the order's, which is {order.symbol}"
    side = SIDE_CODES[order.side]
    if message.get(tags.Side) != side:
        return f"Side(54) is not the order's, which is {side}"
    return None
