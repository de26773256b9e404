"""A configuration is a script: the commands that make the venue, and those that follow."""

from __future__ import annotations

from dataclasses import dataclass

from meridian.management.commands import (
    CreateBot,
    CreateEndpoint,
    CreateInstrument,
    CreateVenue,
    ManagementCommand,
    SetLatency,
)
from meridian.management.definition import VenueDefinition

__all__ = ["MAX_COMMANDS", "Script"]

MAX_COMMANDS = 10_000
"""Commands of one file, its tables apart."""


@dataclass(frozen=True, slots=True)
class Script:
    """One venue, and what to do once it stands."""

    definition: VenueDefinition
    commands: tuple[ManagementCommand, ...] = ()

    def steps(self) -> list[ManagementCommand]:
        """Everything as commands, in the order to do it: clients come in last."""
        venue = self.definition
        return [
            CreateVenue(name=venue.name, seed=venue.seed, features=venue.features),
            *(CreateInstrument(venue=venue.name, instrument=i) for i in venue.instruments),
            *(CreateBot(venue=venue.name, bot=bot) for bot in venue.bots),
            *(CreateEndpoint(venue=venue.name, endpoint=e) for e in venue.endpoints),
            *(SetLatency(venue=venue.name, **dict(each)) for each in venue.latencies),
            *self.commands,
        ]
