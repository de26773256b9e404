"""``fuzz_run.py N SEED``: lives of sessions until they have had N inputs; ``--life SEED``: one.

Lives have seeds from SEED on. A life that raises, says something ill framed or hangs is reported
with its seed, and kept with its traceback in ``fuzz-failures/``.
"""

from __future__ import annotations

import signal
import sys
import time
import traceback
from pathlib import Path
from random import Random

from fuzz_life import Life

HANG_SECONDS = 10
"""A life takes milliseconds; one that takes so long does not end."""
FAILURES = Path("fuzz-failures")
MAX_FAILURES = 10
REPORT_SECONDS = 5


def main() -> int:
    """Exit code 1 when something was found."""
    if sys.argv[1] == "--life":
        Life(Random(int(sys.argv[2]))).live()
        return 0
    wanted, seed = int(sys.argv[1]), int(sys.argv[2])
    signal.signal(signal.SIGALRM, _hangs)
    inputs = failures = 0
    began = reported = time.monotonic()
    print(f"fuzz: {wanted:,} inputs from seed {seed}", flush=True)
    while inputs < wanted and failures < MAX_FAILURES:
        signal.alarm(HANG_SECONDS)
        try:
            inputs += Life(Random(seed)).live()
        except Exception:  # noqa: BLE001 - whatever it is, it is what we look for
            failures += 1
            _keep(seed)
        finally:
            signal.alarm(0)
        seed += 1
        if time.monotonic() - reported > REPORT_SECONDS:
            reported = time.monotonic()
            rate = inputs / (reported - began)
            print(f"fuzz: {inputs:,} inputs, {rate:,.0f}/s, next seed {seed}", flush=True)
    print(f"fuzz: {inputs:,} inputs in {time.monotonic() - began:.0f} s, {failures} failed")
    return 1 if failures else 0


def _hangs(signum, frame):
    raise TimeoutError(f"a life goes on after {HANG_SECONDS} s")


def _keep(seed: int) -> None:
    FAILURES.mkdir(exist_ok=True)
    report = FAILURES / f"life-{seed}.txt"
    report.write_text(
        f"replay: python tests/fuzz/fuzz_run.py --life {seed}\n\n" + traceback.format_exc()
    )
    print(f"fuzz: life {seed} failed, see {report}", flush=True)
    print(traceback.format_exc().splitlines()[-1], flush=True)


if __name__ == "__main__":
    sys.exit(main())
