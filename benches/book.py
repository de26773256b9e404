"""The order book beside its peers, on one stream, and how it grows.

Rates are operations a second of processor time; engines take turns, and must agree on the trades.
"""

from __future__ import annotations

import gc
import platform
import sys
import tracemalloc
from statistics import median
from time import process_time

from benches.book_engines import Replay, peers, replay_batches, replay_calls
from benches.book_many import by_books
from benches.book_streams import Operation, adds_only, busy_market, far_apart, rows_of
from meridian.book import NATIVE, OrderBook, PureOrderBook
from meridian.book.codes import MAX_QUANTITY

RESTING, OPERATIONS, ADDS = 10_000, 1_000_000, 500_000
ROUNDS = 3
BASE = "bourse"
CHURN = 100_000
"""Operations at each step of a growth curve: as many cancels as adds."""


def main() -> None:
    """Print every table."""
    print(f"Order book  ({platform.python_implementation()} {platform.python_version()})")
    ours = {"pure": replay_calls(PureOrderBook), "pure, batches": replay_batches(PureOrderBook)}
    if NATIVE:
        native = {"native": replay_calls(OrderBook), "native, batches": replay_batches(OrderBook)}
        ours = native | ours
    engines = ours | peers()
    compare("W1: 10,000 resting, then 1,000,000 of a busy market", engines, RESTING, OPERATIONS)
    compare("W2: adds only, to 500,000 resting", engines, 0, ADDS)
    by_depth()
    by_books()
    sweeps_and_storms()


def compare(title: str, engines: dict[str, Replay], resting: int, operations: int) -> None:
    """Replay one stream by every engine."""
    first: list[Operation] = []
    if resting:
        first, stream = busy_market(resting, operations)
    else:
        stream = adds_only(operations)
    rates: dict[str, list[float]] = {name: [] for name in engines}
    totals = {}
    # The stream itself is no engine's garbage.
    gc.collect()
    gc.freeze()
    for number in range(ROUNDS):
        for name, replay in engines.items():
            # Those far behind show it in one round.
            if number and max(rates[name]) < 400_000:
                continue
            seconds, totals[name] = replay(first, stream)
            rates[name].append(operations / seconds)
    gc.unfreeze()
    base = median(rates[BASE]) if BASE in rates else 0.0
    print(f"{title}; trades, lots {totals['pure']}")
    for name, measured in rates.items():
        ratio = f"{median(measured) / base:>6.2f}x {BASE}" if base else ""
        odd = "" if totals[name] == totals["pure"] else f"  TOTALS DIFFER: {totals[name]}"
        print(f"  {name:<22} {median(measured) / 1e6:>8.2f} M/s  {ratio}{odd}")


def by_depth() -> None:
    """One book, ever more of it resting: churn, and memory an order."""
    print("One book by resting orders: churn of adds and cancels; bytes a resting order")
    for resting in (10, 100, 1_000, 10_000, 100_000, 1_000_000):
        stream = adds_only(resting + CHURN // 2)
        tracemalloc.start()
        book = OrderBook()
        book.apply(rows_of(stream[:resting]))
        size = tracemalloc.get_traced_memory()[0] / resting
        tracemalloc.stop()
        began = process_time()
        for cancelled, (_, order_id, side, price, lots) in enumerate(stream[resting:], 1):
            book.limit(order_id, side, price, lots)
            book.cancel(cancelled)
        rate = CHURN / (process_time() - began)
        print(f"  {resting:>10,} resting {rate / 1e6:>10.2f} M/s {size:>10,.0f} bytes")


def sweeps_and_storms() -> None:
    """What hurts a book: sweeps through all of it, cancels of all of it, prices far apart."""
    print("Extremes: orders a second")
    stream = adds_only(ADDS)
    book = OrderBook()
    book.apply(rows_of(stream))
    traded = 0
    began = process_time()
    for number, side in enumerate((1, -1), ADDS + 1):
        traded += len(book.market(number, side, MAX_QUANTITY)) - 2
    tell("swept by two market orders", traded, process_time() - began)

    for name, step in (("oldest first", 1), ("newest first", -1)):
        book.apply(rows_of(stream))
        began = process_time()
        for operation in stream[::step]:
            book.cancel(operation[1])
        tell(f"cancelled one by one, {name}", ADDS, process_time() - began)

    stream = far_apart(ADDS)
    book = OrderBook()
    began = process_time()
    book.apply(rows_of(stream))
    tell("added between 0.0001 and 1,000,000", ADDS, process_time() - began)
    levels = len(book.prices(1)) + len(book.prices(-1))
    print(f"  {'':<36} {levels:,} prices, {sys.getsizeof(book) / ADDS:,.0f} bytes an order")


def tell(name: str, orders: int, seconds: float) -> None:
    """Print one rate."""
    print(f"  {name:<36} {orders / seconds / 1e6:>8.2f} M/s")
