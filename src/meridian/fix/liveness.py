"""Heartbeats: when to send one, when to ask whether the peer is alive, when to give up."""

from __future__ import annotations

from enum import Enum

from meridian.schema.times import NS_PER_SECOND

__all__ = ["Liveness", "Sign"]


class Sign(Enum):
    """What is due."""

    NOTHING = "nothing"
    HEARTBEAT = "heartbeat"
    TEST_REQUEST = "test request"
    DEAD = "the peer is silent"


class Liveness:
    """Timers of one connection; all times are ns UTC."""

    def __init__(self, heart_bt_int: int, now: int) -> None:
        self.heart_bt_int = heart_bt_int
        self._interval = heart_bt_int * NS_PER_SECOND
        self._last_heard = now
        self._tested_at: int | None = None

    @property
    def _patience(self) -> int:
        # FIX recommends "some reasonable transmission time": a fifth of the interval.
        return self._interval * 6 // 5

    def not_after(self, now: int) -> None:
        """The clock shows ``now``: nothing happened later than that."""
        self._last_heard = min(self._last_heard, now)
        if self._tested_at is not None:
            self._tested_at = min(self._tested_at, now)

    def heard(self, now: int) -> None:
        """A valid message came; it also answers an outstanding TestRequest."""
        self._last_heard = now
        self._tested_at = None

    def tested(self, now: int) -> None:
        """A TestRequest went out."""
        self._tested_at = now

    def due(self, now: int, last_sent: int) -> Sign:
        """What is due now. While a TestRequest is unanswered no heartbeats are sent."""
        if not self._interval:
            return Sign.NOTHING
        if self._tested_at is not None:
            # 2.4 intervals of silence in all, but never without having asked.
            return Sign.DEAD if now >= self._tested_at + self._patience else Sign.NOTHING
        if now >= self._last_heard + self._patience:
            return Sign.TEST_REQUEST
        return Sign.HEARTBEAT if now >= last_sent + self._interval else Sign.NOTHING

    def deadline(self, last_sent: int) -> int | None:
        """When ``due`` changes next, None without heartbeats."""
        if not self._interval:
            return None
        if self._tested_at is not None:
            return self._tested_at + self._patience
        return min(self._last_heard + self._patience, last_sent + self._interval)
