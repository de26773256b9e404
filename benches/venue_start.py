"""How soon a venue is there: in this process, and as a daemon."""

from __future__ import annotations

import time
from statistics import median

from meridian.client import Simulator
from meridian.testing import LocalSimulator

ROUNDS = 9


def main() -> None:
    """Print the first and the median time to a venue that answers, ms."""
    for name, start in (
        ("in this process", LocalSimulator.start),
        ("daemon, with its API", Simulator.spawn),
    ):
        taken = []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            simulator = start()
            simulator.connection("TRADER")
            taken.append((time.perf_counter() - began) * 1_000)
            simulator.close()
        print(f"{name:<22} first {taken[0]:>7.1f} ms   median {median(taken):>7.1f} ms")


if __name__ == "__main__":
    main()
