"""Time, dice, a clean slate, and what was said and done."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints

from meridian.management.commands.base import ManagementCommand, OfVenue, Wait
from meridian.management.commands.orders import MAX_LISTED
from meridian.management.commands.sessions import WireWay
from meridian.management.fields import Seed, Whole, Word
from meridian.schema.numbers import Exact

__all__ = [
    "MAX_EXPECTED",
    "AdvanceClock",
    "Expect",
    "FreezeClock",
    "GetClock",
    "ReadEvents",
    "ReadJournal",
    "RealClock",
    "Reset",
    "ResetLevel",
    "SetSeed",
]

MAX_EXPECTED = 100
"""Fields of one expectation."""
_HIGHEST_NS = 2**63 - 1

Cursor = Annotated[Whole, Field(ge=0, lt=2**63)]
"""A sequence number: what comes after it is meant; 0 for all there is."""
Value = Annotated[str, StringConstraints(max_length=4_096)]


class ResetLevel(StrEnum):
    """How clean the slate is to be."""

    ORDERS = "orders"
    """Orders, books and executions, told to nobody."""
    SESSIONS = "sessions"
    """Connections, sequence numbers, stored messages, faults."""
    ALL = "all"
    """Both, and journal, clock and dice as at the start."""


class Reset(OfVenue):
    """Forget what happened, of one venue or of all; entities stay as they are."""

    command: Literal["reset"] = "reset"
    level: ResetLevel = ResetLevel.ALL


class SetSeed(OfVenue):
    """Throw the dice of bots and faults anew from ``seed``."""

    command: Literal["set_seed"] = "set_seed"
    seed: Seed


class GetClock(ManagementCommand):
    """The venues' time."""

    READS: ClassVar[bool] = True
    command: Literal["get_clock"] = "get_clock"


class FreezeClock(ManagementCommand):
    """Let the venues' time stand still, now or at ``at`` (ns UTC).

    FIX sessions keep the machine's time: their clients could not tell a frozen venue from a
    dead one.
    """

    command: Literal["freeze_clock"] = "freeze_clock"
    at: Whole | None = Field(default=None, ge=0, le=_HIGHEST_NS)


class AdvanceClock(ManagementCommand):
    """Move the venues' time on; what became due happens before the answer."""

    command: Literal["advance_clock"] = "advance_clock"
    seconds: Exact = Field(gt=0, le=10_000_000, decimal_places=9)


class RealClock(ManagementCommand):
    """Go back to the machine's time."""

    command: Literal["real_clock"] = "real_clock"


class ReadEvents(ManagementCommand):
    """What happened after ``after``; where there is nothing, wait for it up to ``wait`` s."""

    READS: ClassVar[bool] = True
    command: Literal["read_events"] = "read_events"
    after: Cursor = 0
    wait: Wait = 0.0
    limit: Whole = Field(default=100, ge=1, le=MAX_LISTED)


class ReadJournal(OfVenue):
    """Messages after ``after``, raw and decoded; where there are none, wait up to ``wait`` s."""

    READS: ClassVar[bool] = True
    command: Literal["read_journal"] = "read_journal"
    session: Word | None = None
    direction: WireWay | None = None
    msg_type: Word | None = None
    after: Cursor = 0
    wait: Wait = 0.0
    limit: Whole = Field(default=100, ge=1, le=MAX_LISTED)


class Expect(OfVenue):
    """Wait for a message with these fields; without one, tell which came closest.

    ``fields``: name or tag -> value, as on the wire or by the name the dictionary gives it
    (``{"Side": "BUY"}``); a number in any spelling; ``""`` for any value. ``after``: only
    messages the journal numbers higher.
    """

    READS: ClassVar[bool] = True
    command: Literal["expect"] = "expect"
    msg_type: Word
    fields: dict[Word, Value] = Field(default_factory=dict, max_length=MAX_EXPECTED)
    session: Word | None = None
    direction: WireWay | None = None
    after: Cursor = 0
    timeout: Wait = 1.0
