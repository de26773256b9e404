"""Order status (H), mass status (AF) and mass cancel (q): questions about a session's orders."""

from __future__ import annotations

from collections.abc import Sequence

from meridian.fix import msgtypes, tags
from meridian.fix.encoder import encode_fields
from meridian.fix.message import Message
from meridian.schema import Side
from meridian.venue import fix_tags as more_tags
from meridian.venue.commands import MassCancel
from meridian.venue.events import Event, MassCancelled
from meridian.venue.fix_order_entry import instrument_of
from meridian.venue.fix_reports import NONE, ReportWriter
from meridian.venue.fix_words import SIDE_CODES, SIDES, Reply, code
from meridian.venue.venue import Venue

__all__ = ["mass_cancel", "mass_cancelled", "report_all_statuses", "report_status"]

ALL_ORDERS, OF_SECURITY = "7", "1"
"""MassStatusReqType(585) and MassCancelRequestType(530)."""
REFUSED = "0"
UNSUPPORTED_MASS_CANCEL, UNKNOWN_SECURITY = "0", "1"
UNDISCLOSED = "7"

_Pairs = list[tuple[int, str | int]]


def report_status(
    venue: Venue, session: str, message: Message, writer: ReportWriter, now: int
) -> list[Reply]:
    """OrderStatusRequest (H), by OrderID where given, else by any ClOrdID of the chain.

    Raises:
        FieldError: a required tag is missing or a value is malformed.
    """
    order_id = message.get(tags.OrderID)
    # From FIX.5.0SP1 on the order may be named by its OrderID alone.
    named = writer.version.rank >= 51 and order_id is not None
    cl_ord_id = message.get(tags.ClOrdID) if named else message.require(tags.ClOrdID)
    code(message, tags.Side)
    instrument_of(venue, message)
    order = venue.find(session, cl_ord_id, order_id)
    if order is None:
        body = writer.unknown(message, cl_ord_id or NONE, now)
    else:
        body = writer.status(order, message)
    return [Reply(session, msgtypes.ExecutionReport, body)]


def report_all_statuses(
    venue: Venue,
    session: str,
    owners: Sequence[str],
    message: Message,
    writer: ReportWriter,
    now: int,
) -> list[Reply]:
    """OrderMassStatusRequest (AF): a report for each working order of ``owners``, the last one
    marked; of one instrument (585=1) or all (585=7).

    Raises:
        FieldError: a required tag is missing or a value is malformed.
    """
    request_id = message.require(tags.MassStatusReqID)
    kind = code(message, tags.MassStatusReqType)
    orders = [order for owner in owners for order in venue.open_orders(owner)]
    text = "no order is working"
    if kind == OF_SECURITY:
        instrument, symbol = instrument_of(venue, message)
        orders = [order for order in orders if order.instrument == instrument]
        text = f"no order of {symbol} is working"
    elif kind != ALL_ORDERS:
        orders = []
        expected = f"expected {OF_SECURITY} or {ALL_ORDERS}"
        text = f"MassStatusReqType(585) {kind} is not offered, {expected}"
    counted = writer.version.rank >= 44
    replies = []
    for place, order in enumerate(orders, start=1):
        batch = ""
        if counted:
            last = "Y" if place == len(orders) else "N"
            batch = f"584={request_id}\x01911={len(orders)}\x01912={last}\x01"
        body = writer.status(order, message, batch)
        replies.append(Reply(session, msgtypes.ExecutionReport, body))
    if replies:
        return replies
    # FIX has no empty answer: one report rejects the request and names no order.
    fields: _Pairs = [(tags.OrderID, NONE)]
    if counted:
        fields += [
            (tags.MassStatusReqID, request_id),
            (tags.TotNumReports, 0),
            (tags.LastRptRequested, "Y"),
        ]
    fields += [
        (tags.ExecID, "0"),
        (tags.ExecType, "I"),
        (tags.OrdStatus, "8"),
        (tags.Symbol, "[N/A]"),
        (tags.Side, UNDISCLOSED),
        (tags.LeavesQty, 0),
        (tags.CumQty, 0),
        (tags.AvgPx, 0),
        (tags.TransactTime, writer.stamp(now)),
        (tags.Text, text),
    ]
    return [Reply(session, msgtypes.ExecutionReport, encode_fields(fields))]


def mass_cancel(
    venue: Venue, session: str, message: Message, writer: ReportWriter, now: int
) -> tuple[list[Event], list[Reply]]:
    """OrderMassCancelRequest (q): orders of one instrument (530=1) or all (530=7), of one side
    where Side(54) says so.

    Raises:
        FieldError: a required tag is missing or a value is malformed.
    """
    request_id = message.require(tags.ClOrdID)
    kind = code(message, more_tags.MassCancelRequestType)
    message.require_timestamp(tags.TransactTime)
    side: Side | None = None
    if message.get(tags.Side) is not None:
        code(message, tags.Side)
        side = SIDES.get(message.data(tags.Side) or b"")
    symbol = None
    if kind == OF_SECURITY:
        instrument, symbol = instrument_of(venue, message)
        symbol = symbol if instrument is None else instrument.symbol
    elif kind != ALL_ORDERS:
        fields: _Pairs = [
            (tags.ClOrdID, request_id),
            (tags.OrderID, NONE),
            (more_tags.MassCancelRequestType, kind),
            (more_tags.MassCancelResponse, REFUSED),
            (more_tags.MassCancelRejectReason, UNSUPPORTED_MASS_CANCEL),
            *_report_id(writer, request_id),
            (tags.TransactTime, writer.stamp(now)),
            (tags.Text, f"MassCancelRequestType(530) {kind} is not offered, expected 1 or 7"),
        ]
        report = Reply(session, more_tags.OrderMassCancelReport, encode_fields(fields))
        return [], [report]
    return venue.apply(MassCancel(session, request_id, symbol, side), now), []


def mass_cancelled(event: MassCancelled, writer: ReportWriter) -> Reply:
    """OrderMassCancelReport (r)."""
    kind = ALL_ORDERS if event.symbol is None else OF_SECURITY
    fields: _Pairs = [
        (tags.ClOrdID, event.request_id),
        (tags.OrderID, event.order_id),
        (more_tags.MassCancelRequestType, kind),
    ]
    if event.text:
        fields += [
            (more_tags.MassCancelResponse, REFUSED),
            (more_tags.MassCancelRejectReason, UNKNOWN_SECURITY),
        ]
    else:
        fields += [
            (more_tags.MassCancelResponse, kind),
            (more_tags.TotalAffectedOrders, event.affected),
        ]
    fields += _report_id(writer, event.order_id)
    if event.symbol is not None:
        fields.append((tags.Symbol, event.symbol))
    if event.side is not None:
        fields.append((tags.Side, SIDE_CODES[event.side]))
    fields.append((tags.TransactTime, writer.stamp(event.at)))
    if event.text:
        fields.append((tags.Text, event.text))
    return Reply(event.participant, more_tags.OrderMassCancelReport, encode_fields(fields))


def _report_id(writer: ReportWriter, report_id: str) -> _Pairs:
    """MassActionReportID(1369), required from FIX.5.0SP1 on."""
    return [(more_tags.MassActionReportID, report_id)] if writer.version.rank >= 51 else []
