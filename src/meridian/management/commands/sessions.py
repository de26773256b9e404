"""Steer FIX sessions: numbers, messages of one's own, faults."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from meridian.management.commands.base import OfVenue
from meridian.management.fields import Model, Text, Whole, Word
from meridian.schema.numbers import Exact

__all__ = [
    "MAX_FIELDS",
    "MAX_RAW",
    "ArmFault",
    "DisarmFault",
    "DisconnectSession",
    "FaultDefinition",
    "FaultName",
    "ListFaults",
    "LogoutSession",
    "ResetSession",
    "SendMessage",
    "SendRaw",
    "SetSequence",
    "WireWay",
]

MAX_RAW = 65_536
"""Characters of one raw send."""
MAX_FIELDS = 1_000
"""Fields of one message sent by hand."""
HIGHEST_SEQ = 2**31 - 1

FieldValue = Annotated[str, StringConstraints(pattern=r"^[^\x00\x01]+$", max_length=4_096)]
Tag = Annotated[Whole, Field(ge=1, le=999_999)]
Seq = Annotated[Whole, Field(ge=1, le=HIGHEST_SEQ)]


class WireWay(StrEnum):
    """Which way a message went: ``in`` from the client, ``out`` to it."""

    IN = "in"
    OUT = "out"


class FaultName(StrEnum):
    """What goes wrong; ``docs/venue-faults.md`` says how each looks to the client."""

    BAD_CHECKSUM = "bad_checksum"
    BAD_LENGTH = "bad_length"
    GARBAGE = "garbage"
    SPLIT = "split"
    SEQUENCE_GAP = "sequence_gap"
    MUTE_HEARTBEATS = "mute_heartbeats"
    IGNORE_RESEND_REQUEST = "ignore_resend_request"
    DROP = "drop"
    DUPLICATE = "duplicate"
    REORDER = "reorder"
    DELAY = "delay"
    HALF_OPEN = "half_open"
    DISCONNECT = "disconnect"


class FaultDefinition(Model):
    """A deliberate misbehaviour and its scope.

    ``name`` is what to disarm it by, the kind where it has none. ``msg_types``: MsgTypes it is
    aimed at, all when empty. ``after``: how many pass first; ``count``: how many it strikes at
    most. ``per_mille``: the chance of each. ``seconds``: how long it stays armed. ``hold``:
    seconds that what it strikes is held. ``amount``: bytes or numbers, as the kind has it.
    """

    kind: FaultName
    name: Word | None = None
    direction: WireWay = WireWay.OUT
    msg_types: tuple[Word, ...] = Field(default=(), max_length=100)
    after: Whole = Field(default=0, ge=0, le=1_000_000_000)
    count: Whole | None = Field(default=None, ge=1, le=1_000_000_000)
    per_mille: Whole = Field(default=1_000, ge=0, le=1_000)
    seconds: Exact | None = Field(default=None, gt=0, le=86_400)
    amount: Whole = Field(default=1, ge=-1_000_000, le=1_000_000)
    hold: Exact = Field(default=Decimal(1), ge=0, le=86_400)


class SetSequence(OfVenue):
    """Set the next MsgSeqNum out, the one expected next, or both, of a session that is away.

    With ``sequence_reset`` on a session that is logged on, tells the client by SequenceReset(4)
    that our next number is ``next_out``.
    """

    command: Literal["set_sequence"] = "set_sequence"
    comp_id: Word
    next_out: Seq | None = None
    next_in: Seq | None = None

    @model_validator(mode="after")
    def _one_at_least(self) -> Self:
        if self.next_out is None and self.next_in is None:
            raise ValueError("expected next_out, next_in or both")
        return self


class ResetSession(OfVenue):
    """Start both numbers from 1: at once while the client is away, else by a Logon exchange."""

    command: Literal["reset_session"] = "reset_session"
    comp_id: Word


class SendMessage(OfVenue):
    """Send an application message with a number of its own; header and trailer are added."""

    command: Literal["send_message"] = "send_message"
    comp_id: Word
    msg_type: Word
    fields: tuple[tuple[Tag, FieldValue], ...] = Field(min_length=1, max_length=MAX_FIELDS)


class SendRaw(OfVenue):
    """Write text to the client's socket as it is, ``|`` standing for SOH; nothing is checked."""

    command: Literal["send_raw"] = "send_raw"
    comp_id: Word
    data: Annotated[str, StringConstraints(pattern=r"^[\x00-\xff]+$", max_length=MAX_RAW)]


class LogoutSession(OfVenue):
    """Send Logout(5) and end the connection; the client may come back."""

    command: Literal["logout_session"] = "logout_session"
    comp_id: Word
    text: Text = ""


class DisconnectSession(OfVenue):
    """Cut the client's connection without a word."""

    command: Literal["disconnect_session"] = "disconnect_session"
    comp_id: Word


class ArmFault(OfVenue):
    """Let a session misbehave from now on."""

    command: Literal["arm_fault"] = "arm_fault"
    comp_id: Word
    fault: FaultDefinition


class DisarmFault(OfVenue):
    """Let a fault strike no more; every one of the session where none is named."""

    command: Literal["disarm_fault"] = "disarm_fault"
    comp_id: Word
    name: Word | None = None


class ListFaults(OfVenue):
    """What is armed on a session, and how often each struck."""

    READS: ClassVar[bool] = True
    command: Literal["list_faults"] = "list_faults"
    comp_id: Word
