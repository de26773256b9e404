"""Follows MsgSeqNum(34) of every session of a log, each direction by itself."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from meridian.fix.decoder.records import Problem, ProblemCode
from meridian.fix.msgtypes import Logon, SequenceReset
from meridian.fix.tags import MsgSeqNum

__all__ = ["MAX_SESSIONS", "Numbered", "SequenceTracker"]

MAX_SESSIONS = 4_096
"""Directions of sessions followed at once; those unheard longest are forgotten first."""


@dataclass(frozen=True, slots=True)
class Numbered:
    """What of a message its place in the sequence depends on."""

    session: tuple[str, ...]
    msg_type: str
    seq_num: int
    poss_dup: bool = False
    reset: bool = False
    gap_fill: bool = False
    new_seq_no: int | None = None


class SequenceTracker:
    """Says where numbers are missing or come again without PossDupFlag(43)."""

    def __init__(self) -> None:
        self._next: OrderedDict[tuple[str, ...], int] = OrderedDict()

    def check(self, message: Numbered) -> Problem | None:
        """The problem with this message's number, None where it is as expected or the first."""
        expected = self._next.get(message.session)
        problem, after = _judge(message, expected)
        self._next[message.session] = after
        self._next.move_to_end(message.session)
        if len(self._next) > MAX_SESSIONS:
            self._next.popitem(last=False)
        return problem


def _judge(message: Numbered, expected: int | None) -> tuple[Problem | None, int]:
    """The problem, and the number expected next."""
    number = message.seq_num
    after = number + 1
    if message.msg_type == SequenceReset and message.new_seq_no is not None:
        after = message.new_seq_no
        if not message.gap_fill:
            return None, after  # the number of a SequenceReset-Reset is not looked at
        if expected is not None and number < expected:
            return None, max(after, expected)  # fills a gap again that was asked for
    starts = message.msg_type == Logon and (message.reset or number == 1)
    if expected is None or starts or number == expected:
        return None, after
    if number > expected:
        missing = f"{expected}" if number == expected + 1 else f"{expected} to {number - 1}"
        text = f"MsgSeqNum(34) {number}, expected {expected}: {missing} missing"
        return Problem(ProblemCode.SEQUENCE_GAP, MsgSeqNum, text), after
    if message.poss_dup:
        return None, expected
    text = f"MsgSeqNum(34) {number} again, expected {expected}: too low without PossDupFlag(43)"
    return Problem(ProblemCode.SEQUENCE_LOW, MsgSeqNum, text), expected
