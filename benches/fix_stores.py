"""What a message costs in each store: kept, numbered, and one received counted with it.

A flush gathers 1, 10, 100 or 1,000 messages; the quickfix package's stores know no gathering. What
each promises: memory stores nothing; ``flush`` survives kill -9 of the process; ``fdatasync`` and
SQLite (WAL, synchronous=FULL) a loss of power.
"""

from __future__ import annotations

import tempfile
import time
from itertools import count
from pathlib import Path
from statistics import median

import quickfix

from meridian.fix import MemoryMessageStore
from meridian.store.database import Database
from meridian.store.fix_log import LogMessageStore
from meridian.store.fix_messages import SqlMessageStore
from meridian.store.tables import METADATA

MESSAGE = b"8=FIX.4.4\x019=200\x01" + b"x" * 220
GATHERED = (1, 10, 100, 1_000)
SECONDS = 0.3
ROUNDS = 3


def _ours(make):
    """Messages/s for each size of flush."""

    def measure(folder: Path) -> list[float]:
        rates = []
        for gathered in GATHERED:
            place = folder / str(gathered)
            place.mkdir()
            store = make(place)
            began = time.perf_counter()
            while (took := time.perf_counter() - began) < SECONDS:
                for _ in range(gathered):
                    store.append(store.next_out, MESSAGE)
                store.set_next_in(store.next_out)
                store.flush()
            rates.append((store.next_out - 1) / took)
        return rates

    return measure


def _package(make):
    def measure(folder: Path) -> list[float]:
        store = make(str(folder), quickfix.SessionID("FIX.4.4", "A", "B"))
        text = MESSAGE.decode()
        began = time.perf_counter()
        for seq in count(1):
            store.set(seq, text)
            store.incrNextSenderMsgSeqNum()
            store.incrNextTargetMsgSeqNum()
            took = time.perf_counter() - began
            if took >= SECONDS:
                return [seq / took]
        raise AssertionError("counts forever")

    return measure


STORES = {
    "memory": _ours(lambda folder: MemoryMessageStore()),
    "log, flush": _ours(lambda folder: LogMessageStore(folder / "log", "flush")),
    "log, fdatasync": _ours(lambda folder: LogMessageStore(folder / "log", "fdatasync")),
    "SQLite": _ours(lambda folder: SqlMessageStore(Database(folder / "db", METADATA), "a")),
    "quickfix MemoryStore": _package(
        lambda folder, session: quickfix.MemoryStore(quickfix.UtcTimeStamp())
    ),
    "quickfix FileStore, flush": _package(
        lambda folder, session: quickfix.FileStore(quickfix.UtcTimeStamp(), folder, session)
    ),
}


def main() -> None:
    """One row a store."""
    rates: dict[str, list[list[float]]] = {name: [] for name in STORES}
    for _ in range(ROUNDS):
        for name, measure in STORES.items():
            with tempfile.TemporaryDirectory() as folder:
                rates[name].append(measure(Path(folder)))
    print("thousand messages/s, by messages gathered a flush")
    print(f"  {'':<26}" + "".join(f"{gathered:>10,}" for gathered in GATHERED))
    for name, rounds in rates.items():
        middle = [median(column) / 1_000 for column in zip(*rounds, strict=True)]
        print(f"  {name:<26}" + "".join(f"{rate:>10,.1f}" for rate in middle))
