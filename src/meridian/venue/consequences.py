"""What the books did, as it concerns the orders."""

from __future__ import annotations

from collections.abc import Iterable

from meridian.book import CancelReason, Phase
from meridian.book import Event as BookEvent
from meridian.schema import OrderStatus
from meridian.venue.core import Core
from meridian.venue.events import (
    Event,
    IndicativeChanged,
    OrderCancelled,
    OrderExecuted,
    OrderExpired,
    OrderReduced,
    OrderRepriced,
    OrderTriggered,
    PhaseChanged,
    RequestRejected,
)
from meridian.venue.executions import Match
from meridian.venue.market import Market
from meridian.venue.order import Order, PendingRequest
from meridian.venue.reasons import CancelReason as RequestReason

__all__ = ["Consequences", "Row"]

Row = tuple[int, ...]

# Plain integers compare faster than members.
_TRADED = int(BookEvent.TRADED)
_AUCTION_TRADED = int(BookEvent.AUCTION_TRADED)
_CANCELLED = int(BookEvent.CANCELLED)
_REDUCED = int(BookEvent.REDUCED)
_EXPIRED = int(BookEvent.EXPIRED)
_TRIGGERED = int(BookEvent.TRIGGERED)
_REPRICED = int(BookEvent.REPRICED)
_PHASE = int(BookEvent.PHASE)
_INDICATIVE = int(BookEvent.INDICATIVE)
_UNTOLD = frozenset({int(BookEvent.REFRESHED), int(BookEvent.PARKED)})
"""Concerns the display alone."""

_CANCEL_TEXTS: dict[int, str] = {
    CancelReason.REQUESTED: "",
    CancelReason.IOC_REMAINDER: "immediate or cancel: no more to trade with",
    CancelReason.FOK_UNFILLABLE: "fill or kill: the whole quantity is not there",
    CancelReason.MARKET_REMAINDER: "market order: no more to trade with",
    CancelReason.MIN_QUANTITY: "the minimum quantity is not there",
    CancelReason.NO_LIQUIDITY: "market to limit: nothing to trade with",
    CancelReason.SELF_TRADE: "it met an order of the same account",
    CancelReason.COLLAR: "the next trade would be too far from the reference price",
    CancelReason.AUCTION_REMAINDER: "the auction it was for did not execute it",
}


class Consequences:
    """Turns a book's rows into events, orders brought up to date."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def follow(self, market: Market, rows: Iterable[Row], now: int, events: list[Event]) -> None:
        """Add the events of ``rows``, in order."""
        for row in rows:
            kind = row[0]
            if kind == _TRADED:
                _, _, resting, aggressor, price, quantity = row[:6]
                pair = (aggressor, resting)
                self._traded(market, pair, price, quantity, now, events, auction=False)
            elif kind == _CANCELLED:
                order = self.end(row[1], OrderStatus.CANCELLED, now, events)
                text = _CANCEL_TEXTS[row[3]]
                events.append(OrderCancelled(self._core.ids.execution(), order, False, text))
            elif kind == _AUCTION_TRADED:
                _, _, buy, sell, price, quantity = row[:6]
                self._traded(market, (buy, sell), price, quantity, now, events, auction=True)
            elif kind not in _UNTOLD:
                self._rarer(market, row, now, events)

    def _rarer(self, market: Market, row: Row, now: int, events: list[Event]) -> None:
        core = self._core
        kind = row[0]
        if kind == _PHASE:
            market.phase = Phase(row[1])
            events.append(PhaseChanged(market.symbol, market.phase, now))
            return
        if kind == _INDICATIVE:
            events.append(IndicativeChanged(market.symbol, row[1], row[2], row[3], now))
            return
        if kind == _EXPIRED:
            order = self.end(row[1], OrderStatus.EXPIRED, now, events)
            events.append(OrderExpired(core.ids.execution(), order))
            return
        order = core.registry.orders[row[1]]
        if kind == _REDUCED:
            order = order.after_reduction(row[2], now)
            events.append(OrderReduced(core.ids.execution(), order))
        elif kind == _REPRICED:
            order = order.repriced(row[2], now)
            events.append(OrderRepriced(core.ids.execution(), order))
        elif kind == _TRIGGERED:
            order = order._replace(changed_at=now)
            events.append(OrderTriggered(core.ids.execution(), order))
        else:
            raise AssertionError(f"the book answered {row}")
        core.registry.update(order)

    def _traded(
        self,
        market: Market,
        pair: tuple[int, int],
        price: int,
        quantity: int,
        now: int,
        events: list[Event],
        *,
        auction: bool,
    ) -> None:
        ids, registry, keep = self._core.ids, self._core.registry, self._core.ledger.keep
        match = Match(ids.match(), market.symbol, price, quantity)
        market.last_price = price
        match_id, orders = match.match_id, registry.orders
        leading, aggressor = True, not auction
        for number in pair:
            order = orders[number].after_execution(quantity, price, now)
            registry.update(order)
            exec_id = ids.execution()
            keep(ids.executions, number, exec_id, match)
            events.append(
                OrderExecuted(exec_id, match_id, order, quantity, price, aggressor, leading)
            )
            leading = aggressor = False

    def executed_by_hand(
        self,
        market: Market,
        orders: list[Order],
        quantity: int,
        price: int,
        now: int,
        events: list[Event],
    ) -> None:
        """The operator's execution of one order, or of two with each other."""
        ids, registry = self._core.ids, self._core.registry
        match = Match(ids.match(), market.symbol, price, quantity)
        market.last_price = price
        for place, order in enumerate(orders):
            gap = 0 if order.held else quantity
            order = order.after_execution(quantity, price, now, gap)
            pending = order.pending
            if not order.leaves:
                order = order._replace(pending=None)
            registry.update(order)
            exec_id = ids.execution()
            self._core.ledger.keep(ids.executions, order.number, exec_id, match)
            first = place == 0
            events.append(
                OrderExecuted(exec_id, match.match_id, order, quantity, price, first, first)
            )
            if pending is not None and not order.leaves:
                events.append(too_late(pending, order, now))

    def end(
        self,
        number: int,
        status: OrderStatus,
        now: int,
        events: list[Event],
        request_id: str | None = None,
    ) -> Order:
        """Take an order to its end; ``events`` gets the answer to a request that waits on it."""
        registry = self._core.registry
        order = registry.orders[number]
        ended = order.ended(status, now, request_id)
        if request_id is None:
            registry.update(ended)
            if order.pending is not None:
                events.append(too_late(order.pending, ended, now))
        else:
            registry.chain(ended)
        return ended


def too_late(pending: PendingRequest, order: Order, now: int) -> RequestRejected:
    """The answer to a request that waited on an order which is done now."""
    text = "the order is done"
    return RequestRejected(
        pending.request, order, pending.replaces, RequestReason.TOO_LATE, text, now
    )
