"""How a venue is described: one vocabulary for file, HTTP, CLI and client.

May import: schema. No clock, dice or I/O.
"""

from meridian.management.definition import (
    Activity,
    BotDefinition,
    BotKind,
    EndpointDefinition,
    InstrumentDefinition,
    ReplayDefinition,
    SessionDefinition,
    VenueDefinition,
)
from meridian.management.reading import default_definition, parse_definition

__all__ = [
    "Activity",
    "BotDefinition",
    "BotKind",
    "EndpointDefinition",
    "InstrumentDefinition",
    "ReplayDefinition",
    "SessionDefinition",
    "VenueDefinition",
    "default_definition",
    "parse_definition",
]
