"""Rates and ratios. Candidates take turns, so that a drifting machine hits all alike."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable
from statistics import median

ROUNDS = 7


def compare(title: str, candidates: dict[str, Callable[[], int]], base: str) -> dict[str, float]:
    """Print items/s of each candidate (median of rounds) and its ratio to ``base``.

    A candidate does its work once and returns how many items that were.
    """
    rates: dict[str, list[float]] = {name: [] for name in candidates}
    for _ in range(ROUNDS):
        for name, work in candidates.items():
            began = time.perf_counter()
            items = work()
            rates[name].append(items / (time.perf_counter() - began))
    medians = {name: median(measured) for name, measured in rates.items()}
    print(f"{title}  ({platform.python_implementation()} {platform.python_version()})")
    for name, rate in medians.items():
        print(f"  {name:<28} {rate / 1000:>10,.0f} k/s   {rate / medians[base]:>6.2f}x {base}")
    return medians
