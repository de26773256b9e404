"""How people steer a venue: one vocabulary for file, HTTP, command line and client.

Commands in, replies out; ``meridian.management.commands`` and ``.replies`` have them all.
May import: fix, schema. No clock, dice or I/O.
"""

from meridian.management.commands import Command, ManagementCommand, read_command
from meridian.management.definition import (
    Activity,
    BotDefinition,
    BotKind,
    EndpointDefinition,
    ReplayDefinition,
    SessionDefinition,
    VenueDefinition,
)
from meridian.management.expectation import Expectation
from meridian.management.instruments import InstrumentDefinition
from meridian.management.reading import default_definition, parse_definition, parse_script
from meridian.management.replies import Failure, FailureCode, Reply
from meridian.management.script import Script

__all__ = [
    "Activity",
    "BotDefinition",
    "BotKind",
    "Command",
    "EndpointDefinition",
    "Expectation",
    "Failure",
    "FailureCode",
    "InstrumentDefinition",
    "ManagementCommand",
    "ReplayDefinition",
    "Reply",
    "Script",
    "SessionDefinition",
    "VenueDefinition",
    "default_definition",
    "parse_definition",
    "parse_script",
    "read_command",
]
