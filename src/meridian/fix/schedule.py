"""When a session may be logged on, and where one run of its sequence numbers ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from meridian.schema.errors import ConfigError
from meridian.schema.times import NS_PER_SECOND

__all__ = ["EVERY_DAY", "Schedule"]

EVERY_DAY = frozenset(range(7))
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAYS_AHEAD = 8
"""Days in which any schedule begins anew."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """Periods of one session, in the local time of ``zone``; each starts the numbers from 1.

    Daily: on each of ``days`` (0 is Monday) from ``start`` to ``end``, on the next day where
    ``end`` is not after ``start``; equal times mean the whole day. Weekly: from ``start`` on
    ``start_day`` to ``end`` on ``end_day``. A local time that a clock change leaves out is taken
    as if the clock had not changed yet; of one that comes twice, the first counts.

    Raises:
        ConfigError: days out of range, or only one end of a week.
    """

    start: time
    end: time
    zone: tzinfo = UTC
    days: frozenset[int] = EVERY_DAY
    start_day: int | None = None
    end_day: int | None = None

    def __post_init__(self) -> None:
        if (self.start_day is None) != (self.end_day is None):
            raise ConfigError("schedule: a weekly one needs start_day and end_day")
        used = self.days | {day for day in (self.start_day, self.end_day) if day is not None}
        if not self.days or not used <= EVERY_DAY:
            raise ConfigError(f"schedule: expected days 0 (Monday) to 6, got {sorted(used)}")

    def is_open(self, now: int) -> bool:
        """Whether ``now``, ns UTC, lies in a period."""
        begin, end = self.period(now)
        return begin <= now < end

    def period(self, now: int) -> tuple[int, int]:
        """Begin and end, ns UTC, of the period that ``now`` lies in, or else of the next one.

        Numbers used at two times belong together where both have the same period: what is kept
        between two periods belongs to the coming one.
        """
        today = (_EPOCH + timedelta(seconds=now // NS_PER_SECOND)).astimezone(self.zone).date()
        # Yesterday's may not have ended; a week's may have begun six days before.
        for ahead in range(-_DAYS_AHEAD, _DAYS_AHEAD + 1):
            period = self._beginning(today + timedelta(days=ahead))
            # A clock change may leave nothing of a short one.
            if period is not None and period[0] < period[1] and now < period[1]:
                return period
        raise AssertionError(f"no period within {_DAYS_AHEAD} days of {today}")

    def _beginning(self, day: date) -> tuple[int, int] | None:
        """The period that begins on a local day, None where none does."""
        if self.start_day is None or self.end_day is None:
            if day.weekday() not in self.days:
                return None
            length = int(self.end <= self.start)
        elif day.weekday() != self.start_day:
            return None
        else:
            length = (self.end_day - self.start_day) % 7
            if length == 0 and self.end <= self.start:
                length = 7
        return self._ns(day, self.start), self._ns(day + timedelta(days=length), self.end)

    def _ns(self, day: date, at: time) -> int:
        moment = datetime.combine(day, at, self.zone) - _EPOCH
        seconds = moment.days * 86_400 + moment.seconds
        return seconds * NS_PER_SECOND + moment.microseconds * 1_000
