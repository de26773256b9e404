"""``fuzz_guided.py [-runs=N] [CORPUS]``: atheris plays the dice, led by which code a life reaches.

The rooms are instrumented in their pure form: set MERIDIAN_PURE=1. What it finds is a file named
``crash-...``, which replays when it is given as an argument.
"""

from __future__ import annotations

import sys
from pathlib import Path
from random import Random

import atheris

with atheris.instrument_imports(include=["meridian.fix"]):
    sys.path.insert(0, str(Path(__file__).parent))
    from fuzz_life import Life


class GuidedDice(Random):
    """Dice whose every throw is taken from the bytes that atheris varies."""

    def __init__(self, data: bytes) -> None:
        super().__init__(0)
        self._source = atheris.FuzzedDataProvider(data)

    def random(self) -> float:
        """A number in [0, 1)."""
        return self._source.ConsumeIntInRange(0, 65_535) / 65_536

    def getrandbits(self, k: int) -> int:
        """What ``randrange`` and ``choice`` build on."""
        return self._source.ConsumeIntInRange(0, (1 << k) - 1)

    def _randbelow(self, n: int) -> int:
        # One throw a number: the library's own would throw again and again at the end of the data.
        return self._source.ConsumeIntInRange(0, n - 1)


def live(data: bytes) -> None:
    """One life; whatever it raises is a finding."""
    Life(GuidedDice(data)).live()


atheris.Setup(sys.argv, live)
atheris.Fuzz()
