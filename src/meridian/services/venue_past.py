"""A venue that records what it was told, and one that is told it again after a restart."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, get_args, get_type_hints

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
from meridian.venue.image import Image
from meridian.venue.instructions import PLAIN, Instructions
from meridian.venue.instrument import Instrument, TradingRules
from meridian.venue.order import PendingRequest, RejectedOrder

__all__ = ["RecordedVenue", "recall"]

_POLL: None = None
_CLEAR = 0
"""What stands for a command where nobody commanded; a text welcomes a participant."""

COMPACT_ABOVE = 20_000
"""Commands that a start plays again before it keeps an image of the venue in their place."""
ROWS = 5_000
"""Rows of an image in one part."""
_KINDS = (*get_args(Command), *get_args(Asset), v.Request)
_VALUES = (Instructions, Instrument, TradingRules, Features, PendingRequest, RejectedOrder)


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
    # The venue knows an order without instructions by exactly the object PLAIN.
    values = Values((*_KINDS, *_VALUES), shared=(Instrument, Instructions))
    values.share((PLAIN,))
    state.tell_commands = values.dumps
    venue = RecordedVenue([], state.run, {ITCH}, features=build_features(definition.features))
    last = _restore(state, values, venue)
    told = 0
    for at, said in _entries(state, values):
        _say_again(venue, at, said)
        # Not the latest: an operator may have moved the time back.
        last = at or last or 0
        told += 1
    if told >= COMPACT_ABOVE:
        state.compact(_image(values, venue, last or 0))
    venue.record = state.pending
    if last is None:
        for each in definition.instruments:
            venue.apply(v.CreateInstrument(build_instrument(each)), now)
    return venue, last


def _image(values: Values, venue: Venue, last: int) -> Iterator[str]:
    """The time of it and its instruments, then part after part."""
    image = venue.image()
    instruments = [market.instrument for market in image.markets]
    instruments += [order.instrument for order in image.orders]
    pool = list({id(each): each for each in instruments}.values())
    yield values.dumps([last, pool])
    values.share((PLAIN, *pool))
    for name, rows in zip(Image._fields, image, strict=True):
        for begin in range(0, len(rows), ROWS):
            yield values.dumps([name, rows[begin : begin + ROWS]])
    values.share((PLAIN,))


def _restore(state: VenueState, values: Values, venue: Venue) -> int | None:
    """Go on from the image, where there is one; the time of it."""
    parts = state.image()
    if not parts:
        return None
    hints = get_type_hints(Image)
    found: dict[str, list[Any]] = {name: [] for name in Image._fields}
    try:
        last, pool = json.loads(parts[0])
        values.share((PLAIN, *values.read(pool, tuple[Instrument, ...])))
        for part in parts[1:]:
            name, rows = json.loads(part)
            found[name] += values.read(rows, hints[name])
        venue.restore(Image(**{name: tuple(rows) for name, rows in found.items()}))
    except (ValueError, TypeError, KeyError) as error:
        where = f"{state.states.database.path}: venue {state.venue}: its image"
        raise ConfigError(f"{where}: {error}") from None
    values.share((PLAIN,))
    return int(last)


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
        return values.read(tree, v.SubmitOrder)
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
