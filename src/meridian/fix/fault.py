"""One deliberate misbehaviour of a session, and when it strikes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from meridian.schema.times import NS_PER_SECOND

__all__ = ["ALWAYS", "MAX_AMOUNT", "Direction", "Fault", "FaultKind"]

ALWAYS = 1_000
"""``per_mille`` of a fault that strikes every message it is aimed at."""
MAX_AMOUNT = 1_000_000
"""Largest ``amount``, in bytes or in numbers."""


class Direction(Enum):
    """Whose messages a fault looks at."""

    OUT = "out"
    IN = "in"


class FaultKind(Enum):
    """What goes wrong with a message that is struck.

    Of messages sent: ``BAD_CHECKSUM``; ``BAD_LENGTH`` (BodyLength off by ``amount``, CheckSum
    right); ``GARBAGE`` (``amount`` bytes from the dice before it); ``SPLIT`` (it and what is
    written with it leave ``amount`` bytes a write); ``SEQUENCE_GAP`` (``amount`` numbers are
    skipped before it); ``MUTE_HEARTBEATS`` (a Heartbeat is not made, not even numbered).

    Of messages received: ``IGNORE_RESEND_REQUEST`` (counted, never answered).

    Of both: ``DROP`` (lost on the way); ``DUPLICATE`` (comes twice, PossDupFlag unset);
    ``REORDER`` (changes places with the next one, or comes after ``hold``); ``DELAY`` (it and all
    behind it come ``hold`` later); ``HALF_OPEN`` (from this message on nothing is read, answered
    or sent, for ``hold`` or, where that is 0, until the connection ends); ``DISCONNECT`` (the
    connection is closed after it).
    """

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


_ONLY_OUT = frozenset(
    {
        FaultKind.BAD_CHECKSUM,
        FaultKind.BAD_LENGTH,
        FaultKind.GARBAGE,
        FaultKind.SPLIT,
        FaultKind.SEQUENCE_GAP,
        FaultKind.MUTE_HEARTBEATS,
    }
)
_ONLY_IN = frozenset({FaultKind.IGNORE_RESEND_REQUEST})
_HELD = frozenset({FaultKind.REORDER, FaultKind.DELAY})


@dataclass(frozen=True, slots=True)
class Fault:
    """A kind of fault and its scope.

    ``msg_types``: MsgTypes it is aimed at, all when empty (``MUTE_HEARTBEATS`` and
    ``IGNORE_RESEND_REQUEST`` have theirs already). ``after``: how many of them pass first.
    ``count``: how many it strikes at most, None for no end. ``per_mille``: the chance of each, by
    the dice. ``begin``, ``end``: the time window, ns UTC, from and before, None for open.
    ``amount`` and ``hold`` (ns): see :class:`FaultKind`.

    Raises:
        ValueError: the fault cannot be: what, where, and what was expected.
    """

    name: str
    kind: FaultKind
    direction: Direction = Direction.OUT
    msg_types: frozenset[str] = frozenset()
    after: int = 0
    count: int | None = None
    per_mille: int = ALWAYS
    begin: int | None = None
    end: int | None = None
    amount: int = 1
    hold: int = NS_PER_SECOND

    def __post_init__(self) -> None:
        wrong_way = _ONLY_IN if self.direction is Direction.OUT else _ONLY_OUT
        if self.kind in wrong_way:
            self._refuse("direction", self.direction.value, "the other one")
        if self.after < 0:
            self._refuse("after", self.after, "at least 0")
        if self.count is not None and self.count < 1:
            self._refuse("count", self.count, "at least 1")
        if not 0 <= self.per_mille <= ALWAYS:
            self._refuse("per_mille", self.per_mille, f"0 to {ALWAYS}")
        if self.begin is not None and self.end is not None and self.end <= self.begin:
            self._refuse("end", self.end, f"after begin, {self.begin}")
        lowest = -MAX_AMOUNT if self.kind is FaultKind.BAD_LENGTH else 1
        if not lowest <= self.amount <= MAX_AMOUNT or not self.amount:
            self._refuse("amount", self.amount, f"{lowest} to {MAX_AMOUNT}, not 0")
        if self.hold < 0 or (self.kind in _HELD and self.hold == 0):
            self._refuse("hold", self.hold, "a time in ns above 0")

    def aims_at(self, direction: Direction, msg_type: str, now: int) -> bool:
        """Whether a message is in scope; ``after``, ``count`` and the dice come later."""
        return (
            direction is self.direction
            and (not self.msg_types or msg_type in self.msg_types)
            and (self.begin is None or now >= self.begin)
            and (self.end is None or now < self.end)
        )

    def _refuse(self, field: str, value: object, expected: str) -> None:
        raise ValueError(
            f"fault {self.name!r} ({self.kind.value}): {field}: expected {expected}, got {value}"
        )
