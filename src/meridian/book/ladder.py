"""The ladder of resting orders, at the best speed this installation has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from meridian import native
from meridian.book.pure_ladder import Ladder as PureLadder

__all__ = ["NATIVE", "Ladder", "PureLadder"]

if TYPE_CHECKING:
    # Both have one interface; a type checker sees the pure one.
    Ladder = PureLadder
    NATIVE: bool
else:
    Ladder, NATIVE = PureLadder, False
    if not native.PURE:
        try:
            from meridian.book import _ladder
        except ImportError:
            pass
        else:
            Ladder, NATIVE = _ladder.Ladder, True
