"""What would break: a venue that was told all again, or put back, and is another one."""

from __future__ import annotations

import sqlite3

import pytest
from venue_play import INSTRUMENTS, Player

from meridian.management import VenueDefinition
from meridian.schema.errors import ConfigError
from meridian.services import venue_past
from meridian.services.venue_past import recall
from meridian.store.database import Database
from meridian.store.tables import METADATA
from meridian.store.venue_state import VenueStates
from meridian.venue import Venue
from meridian.venue.commands import CreateInstrument
from meridian.venue.events import OrderEvent

DEFINITION = VenueDefinition()


class World:
    """A venue on a state, played with at random."""

    def __init__(self, path, seed):
        self.path = path
        self.player = Player(seed)
        self.now = 0
        self.states = VenueStates(Database(path, METADATA))
        state = self.states.create("V", "RUN")
        self.venue, _ = recall(DEFINITION, state, 0)
        for instrument in INSTRUMENTS:
            self.venue.apply(CreateInstrument(instrument), 0)
        self.venue.welcome("B")

    def play(self, count, *others):
        """Everybody is told the same and answers the same."""
        for _ in range(count):
            self.now += 1
            command = self.player.command(self.venue, self.now)
            events = self.venue.apply(command, self.now)
            self.player.exec_ids += [e.exec_id for e in events if isinstance(e, OrderEvent)]
            for other in others:
                assert other.apply(command, self.now) == events

    def again(self):
        """The venue that the state makes now."""
        self.states.close()
        self.states = VenueStates(Database(self.path, METADATA))
        venue, last = recall(DEFINITION, self.states.open("V"), self.now)
        assert last == self.now
        return venue


@pytest.fixture
def world(tmp_path, request):
    world = World(tmp_path / "venue.db", request.param)
    yield world
    world.states.close()


def same(one: Venue, other: Venue) -> None:
    assert one.open_orders() == other.open_orders()
    assert one.held_orders() == other.held_orders()
    assert list(one.instruments) == list(other.instruments)
    for symbol in one.instruments:
        assert one.book(symbol).state_hash() == other.book(symbol).state_hash()
    # A book's snapshot counts entries, of which there are more where an order took the long way.
    assert plain(one) == plain(other)


def plain(venue: Venue):
    image = venue.image()
    return image._replace(markets=tuple(each._replace(book="") for each in image.markets))


@pytest.mark.parametrize("world", range(10), indirect=True)
def test_a_venue_told_all_again_is_the_same_and_goes_on_alike(world):
    world.play(600)
    twin = world.again()
    same(world.venue, twin)
    twin.record = None
    world.play(300, twin)
    same(world.venue, twin)


@pytest.mark.parametrize("world", range(10), indirect=True)
def test_a_venue_put_back_from_its_image_is_the_same_and_goes_on_alike(world, monkeypatch):
    monkeypatch.setattr(venue_past, "COMPACT_ABOVE", 500)
    monkeypatch.setattr(venue_past, "ROWS", 7)
    world.play(600)
    former = world.again()
    state = world.states.open("V")
    assert state.batches() == []
    twin = world.again()
    same(former, twin)
    same(world.venue, twin)
    twin.record = None
    world.play(300, twin)
    same(world.venue, twin)


@pytest.mark.parametrize("world", [1], indirect=True)
def test_what_follows_upon_an_image_is_kept_too(world, monkeypatch):
    monkeypatch.setattr(venue_past, "COMPACT_ABOVE", 500)
    world.play(600)
    for _ in range(3):
        world.venue = world.again()
        world.play(100)
    same(world.venue, world.again())
    assert len(world.states.open("V").image()) > 1


@pytest.mark.parametrize("world", [1], indirect=True)
def test_a_damaged_image_is_named(world, monkeypatch):
    monkeypatch.setattr(venue_past, "COMPACT_ABOVE", 1)
    world.play(50)
    world.again()
    world.states.close()
    database = sqlite3.connect(world.path)
    database.execute("UPDATE venue_images SET part = '[\"orders\",[[1]]]' WHERE number = 2")
    database.commit()
    database.close()
    with pytest.raises(ConfigError, match="venue V: its image"):
        world.again()
