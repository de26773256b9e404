"""Engines that replay a stream one Python call an operation: ours, and peers from PyPI.

Each replay makes a book, runs ``first`` untimed and ``stream`` timed, and returns the seconds of
processor time and the totals ``(trades, lots)`` by which engines are compared.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from time import process_time

from benches.book_streams import Operation, rows_of
from meridian.book.codes import ROW_WIDTH, Event, Op

__all__ = ["Replay", "peers", "replay_batches", "replay_calls"]

LIMIT, MARKET, CANCEL, TRADED = Op.LIMIT.value, Op.MARKET.value, Op.CANCEL.value, Event.TRADED.value
BATCH = 10_000
"""Commands in a batch: its events stay in the cache and in memory that is used again."""
Totals = tuple[int, int]
Replay = Callable[[list[Operation], list[Operation]], tuple[float, Totals]]


def replay_calls(make) -> Replay:
    """A book of ours, a call an operation, every event delivered."""

    def replay(first, stream):
        book = make()
        limit, market, cancel = book.limit, book.market, book.cancel
        for _, order_id, side, price, lots in first:
            limit(order_id, side, price, lots)
        traded = []
        began = process_time()
        for op, order_id, side, price, lots in stream:
            if op == LIMIT:
                limit(order_id, side, price, lots)
            elif op == CANCEL:
                cancel(order_id)
            else:
                traded += market(order_id, side, lots)
        seconds = process_time() - began
        trades = [event for event in traded if event[0] == TRADED]
        return seconds, (len(trades), sum(event[5] for event in trades))

    return replay


def replay_batches(make, batch: int = BATCH) -> Replay:
    """A book of ours, commands in arrays and events out in arrays."""

    def replay(first, stream):
        book = make()
        book.apply(rows_of(first))
        rows = memoryview(rows_of(stream))
        width = batch * ROW_WIDTH
        trades = lots = 0
        seconds = 0.0
        for at in range(0, len(rows), width):
            began = process_time()
            events = book.apply(rows[at : at + width])
            seconds += process_time() - began
            kinds, quantities = events[::ROW_WIDTH], events[5::ROW_WIDTH]
            traded = [lots for kind, lots in zip(kinds, quantities, strict=True) if kind == TRADED]
            trades += len(traded)
            lots += sum(traded)
        return seconds, (trades, lots)

    return replay


def _bourse(*, clock: bool = True) -> Replay:
    """A call more for each add, to move its clock; without, it is faster and loses orders."""
    from bourse.core import OrderBook

    def replay(first, stream):
        book = OrderBook(0, 1)
        place, cancel, set_time = book.place_order, book.cancel_order, book.set_time
        # Orders of one price and one time displace each other, so that time must move.
        for _, order_id, side, price, lots in first:
            if clock:
                set_time(order_id)
            place(side == 1, lots, 0, price)
        # Its ids count from 0.
        stream = [(op, number, number - 1, side == 1, *rest) for op, number, side, *rest in stream]
        began = process_time()
        for op, time, order_id, bid, price, lots in stream:
            if op == LIMIT:
                if clock:
                    set_time(time)
                place(bid, lots, 0, price)
            elif op == CANCEL:
                cancel(order_id)
            else:
                place(bid, lots, 0)
        seconds = process_time() - began
        trades = book.get_trades()
        return seconds, (len(trades), sum(trade[3] for trade in trades))

    return replay


def _lightmatchingengine() -> Replay:
    from lightmatchingengine.lightmatchingengine import LightMatchingEngine

    def replay(first, stream):
        engine = LightMatchingEngine()
        add, cancel = engine.add_order, engine.cancel_order
        # Its ids count from 1, sides are 1 and 2; a market order is one at any price.
        worst = {1: 10**12, -1: 1}
        for _, _, side, price, lots in first:
            add("X", price, lots, 1 if side == 1 else 2)
        stream = [
            (op, number, 1 if side == 1 else 2, price or worst.get(side, 0), lots)
            for op, number, side, price, lots in stream
        ]
        traded = []
        began = process_time()
        for op, order_id, side, price, lots in stream:
            if op == LIMIT:
                add("X", price, lots, side)
            elif op == CANCEL:
                cancel(order_id, "X")
            else:
                traded.append(add("X", price, lots, side))
        seconds = process_time() - began
        # It reports the aggressor's side of what it trades too, summed by price.
        trades = [
            trade
            for order, reports in traded
            for trade in reports
            if trade.order_id != order.order_id
        ]
        return seconds, (len(trades), int(sum(trade.trade_qty for trade in trades)))

    return replay


PEERS = {
    "bourse": _bourse,
    "bourse, clock standing": partial(_bourse, clock=False),
    "lightmatchingengine": _lightmatchingengine,
}


def peers() -> dict[str, Replay]:
    """Those that are installed."""
    found = {}
    for name, make in PEERS.items():
        try:
            found[name] = make()
        except ImportError:
            print(f"  {name}: not installed, left out")
    return found
