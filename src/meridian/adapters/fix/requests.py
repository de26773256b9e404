"""What the plugin asks a venue, as FIX.4.4 fields."""

from __future__ import annotations

from meridian.adapters.fix.words import (
    ORDER_TYPE_CODES,
    SIDE_CODES,
    TIME_IN_FORCE_CODES,
    UNDISCLOSED,
)
from meridian.ccm import OrderRecord
from meridian.fix import tags
from meridian.fix.timestamps import timestamp
from meridian.schema.messages import Order, OrderChanges
from meridian.schema.numbers import canonical

__all__ = [
    "cancel_fields",
    "mass_status_fields",
    "new_order_fields",
    "replace_fields",
    "security_list_fields",
    "status_fields",
]

ALL_ORDERS = "7"
"""MassStatusReqType(585)."""
ALL_SECURITIES = "4"
"""SecurityListRequestType(559)."""
NO_SYMBOL = "[N/A]"

_Pairs = list[tuple[int, str | int]]


def new_order_fields(order: Order, now: int) -> _Pairs:
    """NewOrderSingle (D); the platform's order id is the ClOrdID."""
    fields: _Pairs = [
        (tags.ClOrdID, order.order_id),
        (tags.Symbol, order.security_id),
        (tags.Side, SIDE_CODES[order.side]),
        (tags.TransactTime, timestamp(now)),
        (tags.OrderQty, canonical(order.quantity)),
        (tags.OrdType, ORDER_TYPE_CODES[order.order_type]),
    ]
    if order.price is not None:
        fields.append((tags.Price, canonical(order.price)))
    fields.append((tags.TimeInForce, TIME_IN_FORCE_CODES[order.time_in_force]))
    return fields


def cancel_fields(record: OrderRecord, request_id: str, now: int) -> _Pairs:
    """OrderCancelRequest (F) for the order under the id the venue knows it by now."""
    return [
        *_request(record, request_id, now),
        (tags.OrderQty, canonical(record.quantity)),
    ]


def replace_fields(record: OrderRecord, changes: OrderChanges, now: int) -> _Pairs:
    """OrderCancelReplaceRequest (G); OrderQty is the TOTAL, executed part included."""
    fields: _Pairs = [
        *_request(record, changes.request_id, now),
        (tags.OrderQty, canonical(changes.quantity)),
        (tags.OrdType, ORDER_TYPE_CODES[record.order.order_type]),
    ]
    if changes.price is not None:
        fields.append((tags.Price, canonical(changes.price)))
    fields.append((tags.TimeInForce, TIME_IN_FORCE_CODES[changes.time_in_force]))
    return fields


def status_fields(order_id: str, record: OrderRecord | None, status_id: str) -> _Pairs:
    """OrderStatusRequest (H): by OrderID where the venue gave one, else by ClOrdID.

    An order that is in no record is asked for all the same: the venue's answer is the evidence.
    """
    fields: _Pairs = []
    if record is not None and record.venue_order_id is not None:
        fields.append((tags.OrderID, record.venue_order_id))
    fields.append((tags.ClOrdID, record.client_order_id if record else order_id))
    fields.append((tags.OrdStatusReqID, status_id))
    fields.append((tags.Symbol, record.order.security_id if record else NO_SYMBOL))
    fields.append((tags.Side, SIDE_CODES[record.order.side] if record else UNDISCLOSED))
    return fields


def mass_status_fields(request_id: str) -> _Pairs:
    """OrderMassStatusRequest (AF) for every order of the session."""
    return [(tags.MassStatusReqID, request_id), (tags.MassStatusReqType, ALL_ORDERS)]


def security_list_fields(request_id: str) -> _Pairs:
    """SecurityListRequest (x) for everything the venue trades."""
    return [(tags.SecurityReqID, request_id), (tags.SecurityListRequestType, ALL_SECURITIES)]


def _request(record: OrderRecord, request_id: str, now: int) -> _Pairs:
    fields: _Pairs = [(tags.OrigClOrdID, record.client_order_id)]
    if record.venue_order_id is not None:
        fields.append((tags.OrderID, record.venue_order_id))
    return [
        *fields,
        (tags.ClOrdID, request_id),
        (tags.Symbol, record.order.security_id),
        (tags.Side, SIDE_CODES[record.order.side]),
        (tags.TransactTime, timestamp(now)),
    ]
