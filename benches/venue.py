"""The daemon over loopback TCP, beside the quickfix package's acceptor that only echoes.

The daemon holds every field to the dictionary, matches, and keeps its journal and events; its
management listens. Orders that rest have one report each. Those that trade have two, a fill at
last, for which the package writes two echoes. Clients, cores, pipelining and ping-pong are those
of ``benches.fix_session``.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from statistics import median

ROUNDS = int(os.environ.get("ROUNDS", "3"))
SECONDS = 2
"""How long a pipelined round takes, about."""
FIRST = 10_000
"""Orders of the round that finds out how many fill that time."""
PINGPONG = 6_000
WARM_UP = 2_000
LOAD_CPU, SERVER_CPU = "1", "0"

CONFIG = """
name = "MERIDIAN"
{persist}
[[instruments]]
symbol = "AAPL"
tick_size = "0.01"
reference_price = "150.00"
[[endpoints]]
port = 0
[[endpoints.sessions]]
comp_id = "TRADER"
"""
MIXES = {"rest": 1, "trade": 2}
"""Reports an order."""
SERVERS = {
    "venue, memory": ("venue", "memory"),
    "quickfix echo, memory": ("quickfix", "memory"),
    "venue, state kept": ("venue", "flush"),
    "quickfix echo, file": ("quickfix", "flush"),
}
BASES = {"memory": "quickfix echo, memory", "flush": "quickfix echo, file"}


def _venue(store: str, folder: str) -> list[str]:
    config = Path(folder) / "venue.toml"
    persist = "" if store == "memory" else 'persist = "state.db"'
    config.write_text(CONFIG.format(persist=persist))
    return ["-m", "meridian", "venue", "run", str(config), "--api-port", "0"]


@contextmanager
def _server(name: str, mix: str):
    kind, store = SERVERS[name]
    with tempfile.TemporaryDirectory() as folder:
        if kind == "venue":
            command = ["taskset", "-c", SERVER_CPU, sys.executable, *_venue(store, folder)]
        else:
            module = "benches.fix_session_quickfix"
            reports = str(MIXES[mix])
            command = [sys.executable, "-m", module, store, folder, SERVER_CPU, reports]
        with (
            (Path(folder) / "log").open("wb") as log,
            subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True) as process,
        ):
            try:
                told = json.loads(process.stdout.readline())
                yield told if isinstance(told, int) else told["endpoints"][0]["port"]
            finally:
                process.send_signal(signal.SIGKILL)


def _load(name: str, mix: str, mode: str, count: int):
    cpu = LOAD_CPU if mode == "pipelined" else SERVER_CPU
    with _server(name, mix) as port:
        words = [str(port), mode, str(count), cpu, mix]
        command = [sys.executable, "-m", "benches.fix_session_load", *words]
        return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def _pipelined(mix: str) -> None:
    rates: dict[str, list[float]] = {name: [] for name in SERVERS}
    counts = dict.fromkeys(SERVERS, FIRST)
    for _ in range(ROUNDS + 1):
        for name in SERVERS:
            count = counts[name]
            rates[name].append(count / _load(name, mix, "pipelined", count))
            counts[name] = max(FIRST, int(rates[name][-1] * SECONDS) // 1_000 * 1_000)
    print(f"pipelined, 1,000 outstanding, orders that {mix}: {MIXES[mix]} report(s) an order")
    medians = {name: median(measured[1:]) for name, measured in rates.items()}
    for name, rate in medians.items():
        base = BASES[SERVERS[name][1]]
        print(f"  {name:<26} {rate:>9,.0f} orders/s {rate / medians[base]:6.2f}x {base}")


def _pingpong() -> None:
    trips: dict[str, list[list[int]]] = {name: [] for name in SERVERS}
    for _ in range(ROUNDS):
        for name in SERVERS:
            measured = _load(name, "rest", "pingpong", WARM_UP + PINGPONG)
            trips[name].append(sorted(measured[WARM_UP:]))
    print("ping-pong, both on one core, orders that rest")
    for name, rounds in trips.items():
        p50 = median(each[len(each) // 2] for each in rounds) / 1_000
        p99 = median(each[len(each) * 99 // 100] for each in rounds) / 1_000
        print(f"  {name:<26} p50 {p50:7.1f} us   p99 {p99:7.1f} us")


def main() -> None:
    """The tables."""
    for mix in MIXES:
        _pipelined(mix)
    _pingpong()
