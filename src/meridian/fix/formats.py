"""Values as bytes on the wire, read by the data types of the standard (FIX 5.0 SP2, volume 1).

Each reader raises ValueError where the bytes are not of its type.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal

from meridian.fix.timestamps import parse_timestamp
from meridian.schema.times import NS_PER_SECOND

__all__ = [
    "MAX_DIGITS",
    "MAX_SCALE",
    "PATTERNS",
    "Check",
    "InexactError",
    "boolean",
    "char",
    "checker_of",
    "day",
    "decimal",
    "integer",
    "month_year",
    "scaled",
    "time_of_day",
    "timestamp",
    "unsigned",
]

MAX_DIGITS = 18
"""Digits of an integer, or of a decimal before and after its point: fits 64 bits."""
MAX_SCALE = 18
"""Most decimals a scaled integer can be declared with."""
_MAX_SCALED = 2**63 - 1

_INTEGER = re.compile(rb"-?[0-9]{1,%d}" % MAX_DIGITS)
_DECIMAL = re.compile(
    rb"(-?)(?=\.?[0-9])([0-9]{0,%d})(?:\.([0-9]{0,%d}))?" % (MAX_DIGITS, MAX_DIGITS)
)
_TIME = re.compile(
    rb"([01][0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9]|60)(?:\.([0-9]{3}|[0-9]{6}|[0-9]{9}|[0-9]{12}))?"
)
_LOCAL_TIME = re.compile(rb"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]")
_OFFSET = rb"(Z|[+-](0[0-9]|1[0-4])(:[0-5][0-9])?)?"
_ZONED = rb"([01][0-9]|2[0-3]):[0-5][0-9](:([0-5][0-9]|60)(\.[0-9]{1,12})?)?" + _OFFSET
_ZONED_TIME = re.compile(_ZONED)
_ZONED_STAMP = re.compile(rb"([0-9]{8})-" + _ZONED)
_MONTH_YEAR = re.compile(rb"([0-9]{4})(0[1-9]|1[0-2])(w[1-5]|[0-9]{2})?")


class InexactError(ValueError):
    """A number is well formed and has no exact place at the declared scale."""


def integer(value: bytes) -> int:
    """An int: digits, perhaps a minus sign, ``MAX_DIGITS`` at most."""
    if not _INTEGER.fullmatch(value):
        raise ValueError(f"expected an integer, got {value!r}")
    return int(value)


def decimal(value: bytes) -> Decimal:
    """A float: digits, at most one point, perhaps a minus sign."""
    if not _DECIMAL.fullmatch(value):
        raise ValueError(f"expected a decimal number, got {value!r}")
    return Decimal(value.decode("ascii"))


def scaled(value: bytes, scale: int) -> int:
    """A float as an integer of units of ``10**-scale``: ``1.50`` at scale 4 is 15000.

    Raises:
        InexactError: decimals beyond the scale that are not 0, or more than 64 bits.
    """
    match = _DECIMAL.fullmatch(value)
    if match is None:
        raise ValueError(f"expected a decimal number, got {value!r}")
    sign, whole, fraction = match.groups(b"")
    if len(fraction) > scale:
        if fraction[scale:].strip(b"0"):
            raise InexactError(f"expected at most {scale} decimals, got {value!r}")
        fraction = fraction[:scale]
    number = int(whole + fraction.ljust(scale, b"0") or b"0")
    if number > _MAX_SCALED:
        raise InexactError(f"expected 64 bits at {scale} decimals, got {value!r}")
    return -number if sign else number


def char(value: bytes) -> str:
    """One byte, as Latin-1."""
    if len(value) != 1:
        raise ValueError(f"expected one character, got {value!r}")
    return value.decode("latin-1")


def boolean(value: bytes) -> bool:
    """``Y`` or ``N``."""
    if value not in (b"Y", b"N"):
        raise ValueError(f"expected Y or N, got {value!r}")
    return value == b"Y"


def timestamp(value: bytes) -> int:
    """A UTCTimestamp as ns UTC; picoseconds are cut off."""
    return parse_timestamp(value.decode("latin-1"))


def time_of_day(value: bytes) -> int:
    """A UTCTimeOnly as ns since midnight; a leap second (60) counts as the next one."""
    match = _TIME.fullmatch(value)
    if match is None:
        raise ValueError(f"expected HH:MM:SS[.sss], got {value!r}")
    hour, minute, second, fraction = match.groups(b"")
    seconds = int(hour) * 3_600 + int(minute) * 60 + int(second)
    return seconds * NS_PER_SECOND + int(fraction[:9].ljust(9, b"0"))


def day(value: bytes) -> date:
    """A UTCDateOnly or LocalMktDate, ``YYYYMMDD``."""
    if len(value) != 8 or not value.isdigit():
        raise ValueError(f"expected YYYYMMDD, got {value!r}")
    return date(int(value[:4]), int(value[4:6]), int(value[6:]))


def month_year(value: bytes) -> tuple[int, int, str]:
    """A MonthYear as year, month, and what narrows it down: ``""``, a day, or ``w1`` to ``w5``."""
    match = _MONTH_YEAR.fullmatch(value)
    if match is None:
        raise ValueError(f"expected YYYYMM, YYYYMMDD or YYYYMMwN, got {value!r}")
    year, month, rest = match.groups(b"")
    if rest and rest[:1] != b"w":
        day(value)
    return int(year), int(month), rest.decode("ascii")


def unsigned(value: bytes) -> None:
    """A length or a number that counts: digits alone."""
    if not value.isdigit() or len(value) > MAX_DIGITS:
        raise ValueError(f"expected digits, got {value!r}")


def _day_of_month(value: bytes) -> None:
    if not 1 <= integer(value) <= 31:
        raise ValueError(f"expected 1 to 31, got {value!r}")


def _zoned_stamp(value: bytes) -> None:
    match = _ZONED_STAMP.fullmatch(value)
    if match is None:
        raise ValueError(f"expected YYYYMMDD-HH:MM[:SS][Z], got {value!r}")
    day(match[1])


def _formed(pattern: re.Pattern[bytes]) -> Callable[[bytes], object]:
    def check(value: bytes) -> None:
        if not pattern.fullmatch(value):
            raise ValueError(f"not of the form {pattern.pattern!r}: {value!r}")

    return check


Check = Callable[[bytes], object]

_CHECKS: Mapping[str, Check] = {
    **dict.fromkeys(("AMT", "FLOAT", "PERCENTAGE", "PRICE", "PRICEOFFSET", "QTY"), decimal),
    **dict.fromkeys(("LENGTH", "SEQNUM", "TAGNUM"), unsigned),
    **dict.fromkeys(("DATE", "LOCALMKTDATE", "UTCDATE", "UTCDATEONLY"), day),
    **dict.fromkeys(("TIME", "UTCTIMESTAMP"), timestamp),
    "BOOLEAN": boolean,
    "CHAR": char,
    "DAYOFMONTH": _day_of_month,
    "INT": integer,
    "NUMINGROUP": integer,
    "LOCALMKTTIME": _formed(_LOCAL_TIME),
    "MONTHYEAR": month_year,
    "TZTIMEONLY": _formed(_ZONED_TIME),
    "TZTIMESTAMP": _zoned_stamp,
    "UTCTIMEONLY": time_of_day,
}

_DATE = (
    rb"(?!0000)[0-9]{4}(?:(?:0[1-9]|1[0-2])(?:0[1-9]|1[0-9]|2[0-8])"
    rb"|(?:0[13-9]|1[0-2])(?:29|30)|(?:0[13578]|1[02])31)"
)
PATTERNS: Mapping[Check | None, bytes] = {
    None: rb"[^\x01]+",
    integer: _INTEGER.pattern,
    unsigned: rb"[0-9]{1,%d}" % MAX_DIGITS,
    decimal: rb"-?(?=\.?[0-9])[0-9]{0,%d}(?:\.[0-9]{0,%d})?" % (MAX_DIGITS, MAX_DIGITS),
    char: rb"[^\x01]",
    boolean: b"[YN]",
    day: _DATE,
    timestamp: _DATE + rb"-(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.(?:[0-9]{3}){1,4})?",
}
"""By check, what only fit values match, and almost all of them: no leap day, no leap second."""


def checker_of(type_name: str) -> Check | None:
    """What raises ValueError where a value is not of the type; None where any text is."""
    return _CHECKS.get(type_name)
