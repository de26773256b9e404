"""UTCTimestamp <-> integer nanoseconds. Writes milliseconds; reads seconds to nanoseconds."""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import lru_cache

from meridian.schema.times import NS_PER_MILLISECOND, NS_PER_SECOND

__all__ = ["parse_timestamp", "timestamp"]

_EPOCH = date(1970, 1, 1)
_SECONDS_PER_DAY = 86_400
_DAYS_REMEMBERED = 8
_SECONDS_REMEMBERED = 64
_WHOLE = 17
"""Characters without decimals."""
_FORM = re.compile(r"([0-9]{8})-([01][0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9]|60)")


def timestamp(ns: int) -> str:
    """``YYYYMMDD-HH:MM:SS.mmm``; what is finer than a millisecond is cut off.

    Raises:
        ValueError: before the year 1 or after 9999.
    """
    seconds, rest = divmod(ns, NS_PER_SECOND)
    return f"{_second_text(seconds)}.{rest // NS_PER_MILLISECOND:03d}"


@lru_cache(maxsize=_SECONDS_REMEMBERED)
def parse_timestamp(text: str) -> int:
    """Nanoseconds UTC; a leap second (60) counts as the next minute's first.

    Raises:
        ValueError: not a UTCTimestamp with 0, 3, 6, 9 or 12 decimals; picoseconds are cut off.
    """
    seconds, fraction = _second_number(text[:_WHOLE]), text[_WHOLE + 1 :]
    if len(text) == _WHOLE:
        return seconds * NS_PER_SECOND
    if text[_WHOLE] != "." or len(fraction) not in (3, 6, 9, 12) or not _is_digits(fraction):
        raise ValueError(f"expected YYYYMMDD-HH:MM:SS[.sss], got {text!r}")
    return seconds * NS_PER_SECOND + int(fraction[:9].ljust(9, "0"))


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


@lru_cache(maxsize=_SECONDS_REMEMBERED)
def _second_number(text: str) -> int:
    match = _FORM.fullmatch(text)
    if match is None:
        raise ValueError(f"expected YYYYMMDD-HH:MM:SS[.sss], got {text!r}")
    day, hour, minute, second = match.groups()
    days = _day_number(day)
    return days * _SECONDS_PER_DAY + int(hour) * 3_600 + int(minute) * 60 + int(second)


@lru_cache(maxsize=_SECONDS_REMEMBERED)
def _second_text(seconds: int) -> str:
    day, second = divmod(seconds, _SECONDS_PER_DAY)
    minute, second = divmod(second, 60)
    hour, minute = divmod(minute, 60)
    return f"{_day_text(day)}-{hour:02d}:{minute:02d}:{second:02d}"


@lru_cache(maxsize=_DAYS_REMEMBERED)
def _day_text(day: int) -> str:
    try:
        return (_EPOCH + timedelta(days=day)).isoformat().replace("-", "")
    except OverflowError:
        raise ValueError(f"expected a time of the years 1 to 9999, got day {day}") from None


@lru_cache(maxsize=_DAYS_REMEMBERED)
def _day_number(text: str) -> int:
    try:
        return (date(int(text[:4]), int(text[4:6]), int(text[6:])) - _EPOCH).days
    except ValueError:
        raise ValueError(f"no such day: {text!r}") from None
