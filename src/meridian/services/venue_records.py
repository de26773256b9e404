"""What the daemon remembers for people: events, messages, and the time both carry."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any, NamedTuple

from meridian.management.replies import EventView
from meridian.services.backlog import Backlog
from meridian.services.clock import Clock, wall_clock
from meridian.services.logs import logger
from meridian.services.venue_clock import VenueClock
from meridian.services.venue_wire import MAX_MESSAGES, WireJournal
from meridian.venue import Event

__all__ = ["MAX_EVENTS", "EventLog", "Note", "Records", "event_view"]

MAX_EVENTS = 100_000
"""Events that are kept for collection."""

Teller = Callable[[Event], dict[str, Any]]
"""Tells an event of one venue as ``happening`` does."""


class Note(NamedTuple):
    """Something that happened beside the book."""

    at: int
    type: str
    data: dict[str, Any]


class EventLog(Backlog[tuple[str | None, Teller | None, Event | Note]]):
    """Every event of every venue, told in words only when somebody reads it."""

    def happened(self, venue: str, tell: Teller, events: list[Event]) -> None:
        """Keep events of a venue's core."""
        self.add(zip(repeat(venue), repeat(tell), events, strict=False), len(events))

    def note(self, venue: str | None, note: Note) -> None:
        """Keep something else."""
        self.add(((venue, None, note),), 1)


def event_view(number: int, item: tuple[str | None, Teller | None, Event | Note]) -> EventView:
    """For management."""
    venue, tell, event = item
    if isinstance(event, Note):
        return EventView(seq=number, at=event.at, venue=venue, type=event.type, data=event.data)
    data = {} if tell is None else tell(event)
    return EventView(
        seq=number, at=data.pop("ts", 0), venue=venue, type=data.pop("kind", ""), data=data
    )


@dataclass(slots=True)
class Records:
    """Shared by all venues of a daemon. ``machine`` is the time that sessions go by."""

    machine: Clock = wall_clock
    log: Any = field(default_factory=lambda: logger("venue"))
    clock: VenueClock = field(init=False)
    events: EventLog = field(default_factory=lambda: EventLog(MAX_EVENTS))
    wire: WireJournal = field(default_factory=lambda: WireJournal(MAX_MESSAGES))

    def __post_init__(self) -> None:
        self.clock = VenueClock(self.machine)
