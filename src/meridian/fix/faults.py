"""Deliberate misbehaviour of a session, below its engine: the engine stays right, the wire lies.

The same faults, dice and messages give the same bytes. A session without faults pays one look at
an attribute.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from meridian.fix import msgtypes
from meridian.fix.fault import ALWAYS, Direction, Fault, FaultKind
from meridian.fix.fault_lane import Lane
from meridian.fix.message import Message

__all__ = ["MAX_FAULTS", "Dice", "FaultCount", "Faults"]

MAX_FAULTS = 64
"""Faults armed at a time on one session."""

_SOH = b"\x01"
_SKIPS = frozenset({FaultKind.SEQUENCE_GAP})
_MUTES = frozenset({FaultKind.MUTE_HEARTBEATS})
_IGNORES = frozenset({FaultKind.IGNORE_RESEND_REQUEST})
_ON_THE_WAY = frozenset(FaultKind) - _SKIPS - _MUTES - _IGNORES

T = TypeVar("T")


class Dice(Protocol):
    """A seeded generator; ``random.Random`` is one."""

    def randrange(self, start: int, stop: int) -> int:
        """An integer in [start, stop)."""


@dataclass(slots=True)
class FaultCount:
    """A fault that is armed: how many messages of its scope it saw, how many it struck."""

    fault: Fault
    seen: int = 0
    hits: int = 0


class Faults:
    """The faults armed on one session.

    ``ending`` says why the session is to close its connection, empty while it is not.
    """

    def __init__(self, dice: Dice) -> None:
        self._dice = dice
        self._armed: dict[str, FaultCount] = {}
        self._out: Lane[bytes] = Lane()
        self._in: Lane[Message] = Lane()
        self._tail = bytearray()
        self._split = 0
        self._silent_by = ""
        self._silent_until: int | None = None
        self.ending = ""

    # What an operator does

    def arm(self, fault: Fault) -> None:
        """Let a fault strike from now on.

        Raises:
            ValueError: its name is armed already, or ``MAX_FAULTS`` are.
        """
        if fault.name in self._armed:
            raise ValueError(f"fault {fault.name!r} is armed already, expected another name")
        if len(self._armed) >= MAX_FAULTS:
            raise ValueError(f"fault {fault.name!r}: {MAX_FAULTS} faults are armed already")
        self._armed[fault.name] = FaultCount(fault)

    def disarm(self, name: str) -> FaultCount:
        """Let it strike no more; what it held back goes on in its time. Returns its counts.

        Raises:
            ValueError: no fault of this name is armed.
        """
        try:
            count = self._armed.pop(name)
        except KeyError:
            known = ", ".join(self._armed) or "none"
            raise ValueError(f"no fault {name!r} is armed, expected one of: {known}") from None
        if self._silent_by == name:
            self._silent_by = ""
        return count

    def armed(self) -> list[FaultCount]:
        """All armed faults with their counts, in the order in which they strike."""
        return list(self._armed.values())

    # What the session asks

    def silent(self, now: int) -> bool:
        """Whether the connection plays dead: nothing is read, answered or sent."""
        if self._silent_by and self._silent_until is not None and now >= self._silent_until:
            self._silent_by = ""
        return bool(self._silent_by)

    def skipped(self, msg_type: str, now: int) -> int:
        """Numbers to skip before a message is numbered."""
        struck = self._struck(Direction.OUT, msg_type, now, _SKIPS)
        return sum(fault.amount for fault in struck)

    def mutes(self, now: int) -> bool:
        """Whether a Heartbeat is not to be made."""
        return bool(self._struck(Direction.OUT, msgtypes.Heartbeat, now, _MUTES))

    def ignores(self, message: Message, now: int) -> bool:
        """Whether a ResendRequest is to stay without an answer."""
        return bool(self._struck(Direction.IN, message.msg_type, now, _IGNORES))

    def sent(self, raw: bytes, now: int) -> list[bytes]:
        """What goes on the wire when the session sends a message."""
        if self.ending or self.silent(now):
            return []
        way = _Way([raw])
        for fault in self._struck(Direction.OUT, _msg_type(raw), now, _ON_THE_WAY):
            self._strike(fault, way, now)
            if fault.kind is FaultKind.BAD_CHECKSUM:
                way.items = [_bad_checksum(item) for item in way.items]
            elif fault.kind is FaultKind.BAD_LENGTH:
                way.items = [_bad_length(item, fault.amount) for item in way.items]
            elif fault.kind is FaultKind.GARBAGE:
                noise = bytes(self._dice.randrange(0, 256) for _ in range(fault.amount))
                way.items.insert(0, noise)
            elif fault.kind is FaultKind.SPLIT:
                self._split = fault.amount
        return self._out.through(way.items, now, way.hold, overtaken=way.overtaken)

    def received(self, message: Message, now: int) -> list[Message]:
        """What the session gets when the peer sends a message."""
        if self.ending or self.silent(now):
            return []
        way = _Way([message])
        for fault in self._struck(Direction.IN, message.msg_type, now, _ON_THE_WAY):
            self._strike(fault, way, now)
        return self._in.through(way.items, now, way.hold, overtaken=way.overtaken)

    def due_out(self, now: int) -> list[bytes]:
        """Bytes that were held back and leave now."""
        return [] if self.silent(now) else self._out.due(now)

    def due_in(self, now: int) -> list[Message]:
        """Messages that were held back and arrive now."""
        return [] if self.silent(now) else self._in.due(now)

    def write(self, data: bytes) -> bytes:
        """The part of the bytes to be sent that leaves with this write."""
        self._tail += data
        size = self._split or len(self._tail)
        piece = bytes(self._tail[:size])
        del self._tail[:size]
        if not self._tail:
            self._split = 0
        return piece

    @property
    def unsent(self) -> int:
        """Bytes that ``write`` keeps for the next one."""
        return len(self._tail)

    def next_deadline(self) -> int | None:
        """When something held back is due, or silence ends, ns UTC; None when never."""
        if self._silent_by:
            return self._silent_until
        lanes = (self._out.next_deadline(), self._in.next_deadline())
        return min((due for due in lanes if due is not None), default=None)

    def drop_connection(self) -> None:
        """What was on its way is lost; the faults stay armed for the next connection."""
        self._out.clear()
        self._in.clear()
        self._tail.clear()
        self._split = 0
        self._silent_by = ""
        self.ending = ""

    # Inside

    def _struck(
        self, direction: Direction, msg_type: str, now: int, kinds: frozenset[FaultKind]
    ) -> list[Fault]:
        return [
            armed.fault
            for armed in self._armed.values()
            if armed.fault.kind in kinds
            and armed.fault.aims_at(direction, msg_type, now)
            and self._strikes(armed)
        ]

    def _strikes(self, armed: FaultCount) -> bool:
        fault = armed.fault
        armed.seen += 1
        if armed.seen <= fault.after or armed.hits == fault.count:
            return False
        if fault.per_mille < ALWAYS and self._dice.randrange(0, ALWAYS) >= fault.per_mille:
            return False
        armed.hits += 1
        return True

    def _strike(self, fault: Fault, way: _Way[Any], now: int) -> None:
        """The kinds that are the same both ways."""
        if fault.kind is FaultKind.DROP:
            way.items = []
        elif fault.kind is FaultKind.DUPLICATE:
            way.items = way.items * 2
        elif fault.kind in (FaultKind.DELAY, FaultKind.REORDER):
            way.hold = fault.hold
            way.overtaken = fault.kind is FaultKind.REORDER
        elif fault.kind is FaultKind.DISCONNECT:
            self.ending = f"fault {fault.name!r} ends the connection"
        elif fault.kind is FaultKind.HALF_OPEN:
            way.items = []
            self._out.clear()
            self._in.clear()
            self._silent_by = fault.name
            self._silent_until = now + fault.hold if fault.hold else None


@dataclass(slots=True)
class _Way(Generic[T]):
    """What becomes of one message."""

    items: list[T]
    hold: int = 0
    overtaken: bool = False


def _msg_type(raw: bytes) -> str:
    return raw.split(b"\x0135=", 1)[1].split(_SOH, 1)[0].decode("latin-1")


def _bad_checksum(raw: bytes) -> bytes:
    head, _, tail = raw.rpartition(b"\x0110=")
    if not tail:
        return raw
    return b"%b\x0110=%03d\x01" % (head, (int(tail[:3]) + 1) % 256)


def _bad_length(raw: bytes, amount: int) -> bytes:
    begin, nine, rest = raw.partition(b"\x019=")
    if not nine:
        return raw
    length, _, body = rest.partition(_SOH)
    body = body[: body.rindex(b"10=")]
    framed = b"%b\x019=%d\x01%b" % (begin, max(0, int(length) + amount), body)
    return b"%b10=%03d\x01" % (framed, sum(framed) & 0xFF)
