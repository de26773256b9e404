"""What the venue says into records: evidence closes open questions, fills count once."""

from __future__ import annotations

from meridian.kernel import intake
from meridian.kernel.models import Attempt, AttemptStatus, Operation
from meridian.kernel.records import (
    CursorMoved,
    FillApplied,
    OrderReported,
    Record,
    RequestAnswered,
    SessionChanged,
)
from meridian.kernel.state import KernelState
from meridian.kernel.tracked import Tracked
from meridian.schema.messages import FillEvent, OrderReport, SessionUpdate
from meridian.schema.words import OcoMode, OrderStatus, Outcome

__all__ = ["filled", "never_seen", "reported", "restarted", "session_changed"]


def session_changed(
    state: KernelState, update: SessionUpdate, now: int, sequence: int
) -> list[Record]:
    """The sidecar announced a session status."""
    return [SessionChanged(at=now, status=update.status, detail=update.detail, sequence=sequence)]


def restarted(state: KernelState, now: int) -> list[Record]:
    """After a crash: what was sent without an outcome is unknown."""
    return [
        RequestAnswered(
            at=now,
            intent_id=tracked.intent.intent_id,
            client_id=attempt.client_id,
            outcome=Outcome.UNKNOWN,
            reason="the kernel stopped before the outcome was known",
            evidence="restart",
        )
        for tracked in state.intents.values()
        for attempt in tracked.unresolved
        if attempt.status is AttemptStatus.SENT
    ]


def filled(
    state: KernelState, fill: FillEvent, currency: str, now: int, sequence: int
) -> list[Record]:
    """An execution, its evidence for unknown requests, and what its group makes of it."""
    intent_id = state.orders.get(fill.order_id or "")
    if intent_id is None:
        return _external(state, fill, currency, now, sequence)
    tracked = state.intents[intent_id]
    if fill.trade_id is not None and fill.trade_id in tracked.trade_ids:
        return [CursorMoved(at=now, sequence=sequence, why=f"fill {fill.trade_id} seen before")]
    symbol_id = tracked.intent.order.symbol_id
    applied = FillApplied(
        at=now,
        intent_id=intent_id,
        symbol_id=symbol_id,
        currency=currency,
        fill=fill,
        sequence=sequence,
    )
    records: list[Record] = [applied]
    place = tracked.place
    if place is not None and place.status is AttemptStatus.UNKNOWN:
        records.append(_resolved(tracked, place, Outcome.ACCEPTED, now, "fill"))
    return records + _group_consequences(state, tracked, fill, now)


def reported(
    state: KernelState,
    report: OrderReport,
    now: int,
    *,
    sequence: int = 0,
    queried: bool = False,
    conclusive: bool = True,
) -> list[Record]:
    """An order's state: a change the venue announced, or the answer to a query.

    ``conclusive``: the query was made after every request on the order, and the gateway keeps
    them in order, so what the answer does not show has not happened.
    """
    intent_id = state.orders.get(report.order_id)
    if intent_id is None:
        why = f"report on {report.order_id!r}, which is not this kernel's"
        return [CursorMoved(at=now, sequence=sequence, why=why)]
    tracked = state.intents[intent_id]
    records: list[Record] = [
        OrderReported(
            at=now, intent_id=intent_id, report=report, queried=queried, sequence=sequence
        )
    ]
    last_word = report.status.terminal or (queried and conclusive)
    evidence = "query" if queried else "report"
    for attempt in tracked.unresolved:
        if attempt.status is AttemptStatus.UNKNOWN:
            records += _evidence(tracked, attempt, report, now, evidence, last_word)
    return records


def never_seen(tracked: Tracked, now: int) -> list[Record]:
    """The venue answered that it never saw the order: proof of absence for its PLACE.

    Only where the gateway's queries are ordered after every earlier request. An order that was
    acknowledged before is not made absent by it: that contradiction stays open.
    """
    place = tracked.place
    if place is None or place.status is not AttemptStatus.UNKNOWN:
        return []
    return [
        RequestAnswered(
            at=now,
            intent_id=tracked.intent.intent_id,
            client_id=place.client_id,
            outcome=Outcome.REJECTED,
            absent=True,
            reason="the venue never saw it",
            evidence="query",
        )
    ]


def _external(
    state: KernelState, fill: FillEvent, currency: str, now: int, sequence: int
) -> list[Record]:
    symbol_id = fill.security_id
    if symbol_id is None:
        why = f"fill {fill.trade_id} names neither a known order nor a symbol"
        return [CursorMoved(at=now, sequence=sequence, why=why)]
    if fill.trade_id is not None and (symbol_id, fill.trade_id) in state.external_trades:
        return [CursorMoved(at=now, sequence=sequence, why=f"fill {fill.trade_id} seen before")]
    return [
        FillApplied(
            at=now,
            intent_id=None,
            symbol_id=symbol_id,
            currency=currency,
            fill=fill,
            sequence=sequence,
        )
    ]


def _evidence(
    tracked: Tracked,
    attempt: Attempt,
    report: OrderReport,
    now: int,
    evidence: str,
    last_word: bool,
) -> list[Record]:
    """What a report says about one unknown request; nothing where it says nothing certain.

    ``last_word``: no answer to the request can come after it.
    """
    match attempt.operation:
        case Operation.PLACE:
            if attempt.client_id != report.order_id:
                return []
            refused = report.status is OrderStatus.REJECTED
            outcome = Outcome.REJECTED if refused else Outcome.ACCEPTED
            return [_resolved(tracked, attempt, outcome, now, evidence, report.reason)]
        case Operation.CANCEL:
            if report.status is OrderStatus.CANCELLED:
                return [_resolved(tracked, attempt, Outcome.ACCEPTED, now, evidence)]
            if last_word:
                return [_absent(tracked, attempt, now, evidence, f"the order is {report.status}")]
        case Operation.AMEND:
            wish = attempt.order
            as_wished = report.quantity == wish.quantity and report.price == wish.price
            # Told late, a report from before may show the same terms: two changes ago.
            if as_wished and (last_word or report.request_id == attempt.client_id):
                return [_resolved(tracked, attempt, Outcome.ACCEPTED, now, evidence)]
            if last_word:
                return [_absent(tracked, attempt, now, evidence, "it has its earlier terms")]
    return []


def _resolved(
    tracked: Tracked,
    attempt: Attempt,
    outcome: Outcome,
    now: int,
    evidence: str,
    reason: str = "",
) -> RequestAnswered:
    return RequestAnswered(
        at=now,
        intent_id=tracked.intent.intent_id,
        client_id=attempt.client_id,
        outcome=outcome,
        reason=reason,
        evidence=evidence,
    )


def _absent(
    tracked: Tracked, attempt: Attempt, now: int, evidence: str, reason: str
) -> RequestAnswered:
    return _resolved(tracked, attempt, Outcome.REJECTED, now, evidence, reason).model_copy(
        update={"absent": True}
    )


def _group_consequences(
    state: KernelState, winner: Tracked, fill: FillEvent, now: int
) -> list[Record]:
    """Cancels that an execution causes in its group, in the same transaction as the fill."""
    group = state.groups.get(winner.intent.group_id or "")
    if group is None or group.mode is OcoMode.NO_OCO:
        return []
    wished = winner.intent.order.quantity
    completed = winner.filled + fill.quantity >= wished
    if group.mode is OcoMode.CANCEL_ON_COMPLETION and not completed:
        return []
    records: list[Record] = []
    for intent_id in group.intent_ids:
        if intent_id == winner.intent.intent_id and completed:
            continue
        records += intake.cancel(state.intents[intent_id], now, f"{group.mode} {group.group_id}")
    return records
