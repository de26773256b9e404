"""A session as acceptor over loopback TCP: an order in, a report out, every field validated.

Ours native and pure, and the quickfix package, with the same kind of store, in turns; the client
(``benches.fix_session_load``) is a process of its own and the same for all. Pipelined: 1,000
orders without an answer, client and acceptor on a core each. Ping-pong: one at a time, both on
one core.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from statistics import median

ROUNDS = int(os.environ.get("ROUNDS", "3"))
SECONDS = 2
"""How long a pipelined round takes, about."""
PINGPONG = 4_000
WARM_UP = 2_000

OURS, PACKAGE = "benches.fix_session_ours", "benches.fix_session_quickfix"
ACCEPTORS = {
    "native memory": (OURS, "memory", "0"),
    "pure memory": (OURS, "memory", "1"),
    "quickfix memory": (PACKAGE, "memory", "0"),
    "native log, flush": (OURS, "flush", "0"),
    "pure log, flush": (OURS, "flush", "1"),
    "quickfix file, flush": (PACKAGE, "flush", "0"),
    "native log, fdatasync": (OURS, "fdatasync", "0"),
}
BASES = {"memory": "quickfix memory", "flush": "quickfix file, flush"}
LOAD_CPU, ACCEPTOR_CPU = "1", "0"


@contextmanager
def _acceptor(name: str):
    module, store, pure = ACCEPTORS[name]
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(
            [sys.executable, "-m", module, store, folder, ACCEPTOR_CPU],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "MERIDIAN_PURE": pure},
        )
        try:
            yield process.stdout.readline().strip()
        finally:
            process.kill()
            process.wait()
            process.stdout.close()


def _load(name: str, mode: str, count: int):
    cpu = LOAD_CPU if mode == "pipelined" else ACCEPTOR_CPU
    with _acceptor(name) as port:
        command = [sys.executable, "-m", "benches.fix_session_load", port, mode, str(count), cpu]
        return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def _pipelined() -> None:
    rates: dict[str, list[float]] = {name: [] for name in ACCEPTORS}
    counts = dict.fromkeys(ACCEPTORS, WARM_UP * 5)
    for _ in range(ROUNDS + 1):
        for name in ACCEPTORS:
            count = counts[name]
            rates[name].append(count / _load(name, "pipelined", count))
            counts[name] = max(WARM_UP, int(rates[name][-1] * SECONDS) // 1_000 * 1_000)
    print("pipelined, 1,000 outstanding")
    # The first round only finds out how many orders fill the time.
    medians = {name: median(measured[1:]) for name, measured in rates.items()}
    for name, rate in medians.items():
        base = BASES.get(ACCEPTORS[name][1])
        ratio = f"{rate / medians[base]:6.2f}x {base}" if base else ""
        print(f"  {name:<24} {rate:>9,.0f} orders/s {ratio}")


def _pingpong() -> None:
    trips: dict[str, list[list[int]]] = {name: [] for name in ACCEPTORS}
    for _ in range(ROUNDS):
        for name in ACCEPTORS:
            measured = _load(name, "pingpong", WARM_UP + PINGPONG)[WARM_UP:]
            trips[name].append(sorted(measured))
    print("ping-pong, both on one core")
    for name, rounds in trips.items():
        p50 = median(each[len(each) // 2] for each in rounds) / 1_000
        p99 = median(each[len(each) * 99 // 100] for each in rounds) / 1_000
        print(f"  {name:<24} p50 {p50:7.1f} us   p99 {p99:7.1f} us")


def main() -> None:
    """Both tables."""
    _pipelined()
    _pingpong()
