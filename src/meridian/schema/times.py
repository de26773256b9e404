"""Times are integer nanoseconds since 1970-01-01 UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import BeforeValidator

__all__ = ["NS_PER_MILLISECOND", "NS_PER_SECOND", "Nanoseconds", "iso", "nanoseconds"]

NS_PER_SECOND = 1_000_000_000
NS_PER_MILLISECOND = 1_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def nanoseconds(value: int | datetime) -> int:
    """Read a time; a naive datetime is UTC.

    Raises:
        ValueError: neither an integer nor a datetime.
    """
    if isinstance(value, datetime):
        aware = value if value.tzinfo else value.replace(tzinfo=UTC)
        return (aware - _EPOCH) // _MICROSECOND * 1_000
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"expected integer nanoseconds UTC or a datetime, got {value!r}")
    return value


def iso(ns: int) -> str:
    """ISO 8601 with nine decimals, for people and JSON lines."""
    seconds, fraction = divmod(ns, NS_PER_SECOND)
    return f"{(_EPOCH + timedelta(seconds=seconds)):%Y-%m-%dT%H:%M:%S}.{fraction:09d}Z"


Nanoseconds = Annotated[int, BeforeValidator(nanoseconds)]
"""A pydantic field type: reads like :func:`nanoseconds`."""
