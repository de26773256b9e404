"""The port through which the kernel remembers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from meridian.kernel.events import BaseEvent
from meridian.kernel.records import Record

__all__ = ["Journal"]


class Journal(Protocol):
    """Append-only. Blocking: the shell calls it off the event loop."""

    @property
    def namespace(self) -> str:
        """Distinguishes this journal's client order ids; made once, when the journal is."""

    def records(self) -> Iterator[Record]:
        """Everything journaled, in order."""

    def append(self, records: Sequence[Record], events: Sequence[BaseEvent]) -> None:
        """All or nothing; durable when it returns."""

    def events(self, from_seq: int, limit: int) -> list[BaseEvent]:
        """Up to ``limit`` events from ``from_seq`` on, in order."""

    def close(self) -> None:
        """Release it."""
