"""A venue that records what it was told, and one that is told it again after a restart."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, get_args

from meridian.management import VenueDefinition
from meridian.schema.errors import ConfigError
from meridian.services.venue_instruments import build_features, build_instrument
from meridian.store.values import Values
from meridian.store.venue_state import VenueState
from meridian.venue import ITCH, Event, Venue
from meridian.venue import commands as v
from meridian.venue.asset import Asset
from meridian.venue.commands import Command
from meridian.venue.features import Features
from meridian.venue.instructions import PLAIN, Instructions
from meridian.venue.instrument import Instrument, TradingRules

__all__ = ["RecordedVenue", "recall"]

_POLL: None = None
_CLEAR = 0
"""What stands for a command where nobody commanded; a text welcomes a participant."""

_KINDS = (*get_args(Command), *get_args(Asset), v.Request)
_VALUES = (Instructions, Instrument, TradingRules, Features)


class RecordedVenue(Venue):
    """Appends each thing it is told to ``record``, in the order it took effect."""

    record: list[Any] | None = None

    def apply(self, command: Command, now: int) -> list[Event]:
        events = super().apply(command, now)
        if self.record is not None:
            self.record.append((now, command))
        return events

    def poll(self, now: int) -> list[Event]:
        due = self.next_deadline()
        if due is None or now < due:
            return []
        events = super().poll(now)
        if self.record is not None:
            self.record.append((now, _POLL))
        return events

    def clear(self) -> None:
        super().clear()
        if self.record is not None:
            self.record.append((0, _CLEAR))

    def welcome(self, participant: str) -> None:
        super().welcome(participant)
        if self.record is not None:
            self.record.append((0, participant))


def recall(
    definition: VenueDefinition, state: VenueState, now: int
) -> tuple[RecordedVenue, int | None]:
    """The venue as it was left, and when it was told something last, ns UTC.

    A venue without a past begins with the instruments of its definition, and was told nothing.

    Raises:
        ConfigError: what was kept cannot be read; says where.
    """
    values = Values((*_KINDS, *_VALUES))
    state.tell_commands = values.dumps
    venue = RecordedVenue([], state.run, {ITCH}, features=build_features(definition.features))
    last: int | None = None
    for at, said in _entries(state, values):
        _say_again(venue, at, said)
        # Not the latest: an operator may have moved the time back.
        last = at or last or 0
    venue.record = state.pending
    if last is None:
        for each in definition.instruments:
            venue.apply(v.CreateInstrument(build_instrument(each)), now)
    return venue, last


def _entries(state: VenueState, values: Values) -> Iterator[tuple[int, Any]]:
    for place, batch in enumerate(state.batches(), 1):
        try:
            for at, tree in json.loads(batch):
                yield at, _read(values, tree)
        except (ValueError, TypeError) as error:
            where = f"{state.states.database.path}: venue {state.venue}: batch {place}"
            raise ConfigError(f"{where}: {error}") from None


def _read(values: Values, tree: Any) -> Any:
    if isinstance(tree, list):
        order = values.read(tree, v.SubmitOrder)
        # The venue knows an order without instructions by exactly this object.
        return order._replace(instructions=PLAIN) if order.instructions == PLAIN else order
    return values.read(tree, v.CancelOrder) if isinstance(tree, dict) else tree


def _say_again(venue: Venue, at: int, said: Any) -> None:
    if said is _POLL:
        venue.poll(at)
    elif said == _CLEAR:
        venue.clear()
    elif isinstance(said, str):
        venue.welcome(said)
    else:
        venue.apply(said, at)
