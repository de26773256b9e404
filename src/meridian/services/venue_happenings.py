"""What happened, as journal lines and events tell it: one word a kind, numbers as decimal text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from meridian.venue import Event, Instrument, Order
from meridian.venue.events import (
    ExecutionBusted,
    ExecutionCorrected,
    IndicativeChanged,
    InstrumentChanged,
    InstrumentDeleted,
    MassCancelled,
    ModeChanged,
    OrderAccepted,
    OrderCancelled,
    OrderDone,
    OrderEvent,
    OrderExecuted,
    OrderExpired,
    OrderPending,
    OrderReduced,
    OrderRefused,
    OrderRejected,
    OrderReplaced,
    OrderRepriced,
    OrderTriggered,
    PhaseChanged,
    RequestPending,
    RequestRejected,
)

__all__ = ["KINDS", "happening"]

KINDS: Mapping[type, str] = {
    OrderPending: "pending",
    OrderAccepted: "accepted",
    OrderRejected: "rejected",
    OrderRefused: "refused",
    OrderExecuted: "executed",
    OrderCancelled: "cancelled",
    OrderExpired: "expired",
    OrderDone: "done_for_day",
    OrderReplaced: "replaced",
    OrderReduced: "reduced",
    OrderRepriced: "repriced",
    OrderTriggered: "triggered",
    ExecutionBusted: "busted",
    ExecutionCorrected: "corrected",
    RequestPending: "request_pending",
    RequestRejected: "request_rejected",
    MassCancelled: "mass_cancelled",
    PhaseChanged: "phase_changed",
    IndicativeChanged: "indicative_changed",
    InstrumentChanged: "instrument_changed",
    InstrumentDeleted: "instrument_deleted",
    ModeChanged: "mode_changed",
}
"""What each kind of event is called."""


def happening(event: Event, instruments: Mapping[str, Instrument]) -> dict[str, Any]:
    """A flat table of JSON values, ``kind`` first and ``ts`` (ns UTC) last."""
    kind = KINDS.get(type(event), "refused_command")
    match event:
        case OrderRejected(exec_id, rejected):
            return {
                "kind": kind,
                "exec_id": exec_id,
                "session": rejected.participant,
                "cl_ord_id": rejected.cl_ord_id,
                "order_id": rejected.order_id,
                "symbol": rejected.symbol,
                "reason": int(rejected.reason),
                "text": rejected.text,
                "ts": rejected.changed_at,
            }
        case RequestRejected(request, order, replace, reason, text, at):
            return {
                "kind": kind,
                "session": request.participant,
                "cl_ord_id": request.request_id,
                "order_id": None if order is None else order.order_id,
                "request": "replace" if replace else "cancel",
                "reason": int(reason),
                "text": text,
                "ts": at,
            }
        case MassCancelled():
            return {
                "kind": kind,
                "session": event.participant,
                "cl_ord_id": event.request_id,
                "symbol": event.symbol,
                "affected": event.affected,
                "text": event.text,
                "ts": event.at,
            }
        case PhaseChanged(symbol, phase, at):
            return {"kind": kind, "symbol": symbol, "phase": phase.name.lower(), "ts": at}
        case ModeChanged(symbol, mode, at):
            return {"kind": kind, "symbol": symbol, "mode": mode.value, "ts": at}
        case InstrumentChanged(instrument, created, at):
            return {"kind": kind, "symbol": instrument.symbol, "created": created, "ts": at}
        case InstrumentDeleted(symbol, at):
            return {"kind": kind, "symbol": symbol, "ts": at}
        case IndicativeChanged():
            return _indicative(kind, event, instruments.get(event.symbol))
        case _:
            if not isinstance(event, OrderEvent):
                return {"kind": kind, "code": event.code.value, "text": event.text}
            return _of_order(kind, event, instruments.get(event.order.symbol))


def _of_order(kind: str, event: OrderEvent, instrument: Instrument | None) -> dict[str, Any]:
    order = event.order
    line: dict[str, Any] = {
        "kind": kind,
        "exec_id": event.exec_id,
        "session": order.participant,
        "cl_ord_id": order.cl_ord_id,
        "order_id": order.order_id,
        "symbol": order.symbol,
        "side": order.side.value,
    }
    # Of an instrument that is gone nobody knows any more what a tick and a lot were.
    if instrument is not None:
        line |= _amounts(order, instrument)
    line["ts"] = order.changed_at
    match event:
        case OrderCancelled(_, _, _, text):
            line["text"] = text
        case OrderRefused(_, _, reason, text):
            line |= {"reason": reason, "text": text}
        case OrderExecuted() | ExecutionBusted() | ExecutionCorrected():
            line["match_id"] = event.match_id
            if instrument is not None:
                line["last_qty"] = instrument.quantity_text(event.quantity)
                line["last_px"] = instrument.price_text(event.price)
            if not isinstance(event, OrderExecuted):
                line["ref_exec_id"] = event.ref_exec_id
        case _:
            pass
    return line


def _amounts(order: Order, instrument: Instrument) -> dict[str, Any]:
    return {
        "qty": instrument.quantity_text(order.quantity),
        "px": None if order.price is None else instrument.price_text(order.price),
        "cum_qty": instrument.quantity_text(order.executed),
        "leaves_qty": instrument.quantity_text(order.leaves),
    }


def _indicative(
    kind: str, event: IndicativeChanged, instrument: Instrument | None
) -> dict[str, Any]:
    line: dict[str, Any] = {"kind": kind, "symbol": event.symbol}
    if instrument is not None:
        line["price"] = instrument.price_text(event.price) if event.price else None
        line["volume"] = instrument.quantity_text(event.volume)
    return line | {"ts": event.at}
