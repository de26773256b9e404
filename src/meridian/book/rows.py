"""Batches: commands and events as rows of seven int64."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from meridian.book.codes import ROW_WIDTH

if TYPE_CHECKING:
    from array import array

    from typing_extensions import Buffer

__all__ = ["command_rows", "extend_rows"]

_FORMATS = frozenset("ql")
_ITEM_SIZE = 8


def command_rows(commands: Buffer) -> memoryview:
    """Show a buffer of command rows, of any shape, as flat int64.

    Raises:
        ValueError: it holds no int64, or not whole rows.
        TypeError: it is no buffer, or not contiguous.
    """
    view = memoryview(commands)
    if view.format not in _FORMATS or view.itemsize != _ITEM_SIZE:
        raise ValueError(f"commands: expected int64, got format {view.format!r}")
    if view.nbytes % (ROW_WIDTH * _ITEM_SIZE):
        got = view.nbytes // _ITEM_SIZE
        raise ValueError(f"commands: expected rows of {ROW_WIDTH} int64, got {got} in all")
    # An empty view of several dimensions cannot be cast.
    return view.cast("B").cast("q") if view.nbytes else memoryview(b"").cast("q")


def extend_rows(rows: array[int], events: Iterable[tuple[int, ...]]) -> None:
    """Append events to an array of rows, padded with zeros."""
    for event in events:
        rows.extend(event)
        rows.extend((0,) * (ROW_WIDTH - len(event)))
