"""How the venue's messages differ from version to version of FIX: one table."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from meridian.fix.dictionary.transport import APPL_VER_IDS

__all__ = ["VERSIONS", "Version", "version_of"]


@dataclass(frozen=True, slots=True)
class Version:
    """One application version. ``rank`` orders them.

    ``milliseconds``: UTCTimestamps have them. ``trans_type``: ExecTransType(20) says what kind of
    report it is, a fill says LastShares(32) and LastPx(31) in every report, and an order that was
    replaced is OrdStatus Replaced; later there is ExecType F for a trade. The sets are the values
    that the version defines.
    """

    name: str
    rank: int
    milliseconds: bool = True
    trans_type: bool = False
    order_reasons: AbstractSet[int] = frozenset()
    cancel_reasons: AbstractSet[int] = frozenset()
    order_types: AbstractSet[str] = frozenset("12347P")
    times_in_force: AbstractSet[str] = frozenset("0123467")
    exec_types: AbstractSet[str] = frozenset()

    def order_reason(self, code: int) -> int:
        """The OrdRejReason(103) this version has for it: Other, or Broker option before 4.4."""
        return code if code in self.order_reasons else 99 if self.rank >= 44 else 0

    def cancel_reason(self, code: int) -> int | None:
        """The CxlRejReason(102) this version has for it; None where it has none."""
        if code in self.cancel_reasons:
            return code
        return 99 if self.rank >= 44 else 2 if self.rank >= 42 else None


_EXEC_TYPES = frozenset("0456789ABC3")
_FIX40 = Version(
    "FIX.4.0",
    40,
    milliseconds=False,
    trans_type=True,
    order_reasons=frozenset(range(5)),
    cancel_reasons=frozenset(range(2)),
    order_types=frozenset("12345BP"),
    times_in_force=frozenset("0123456"),
)
_FIX41 = replace(
    _FIX40, name="FIX.4.1", rank=41, order_reasons=frozenset(range(7)), exec_types=_EXEC_TYPES
)
_FIX42 = replace(
    _FIX41,
    name="FIX.4.2",
    rank=42,
    milliseconds=True,
    order_reasons=frozenset(range(9)),
    cancel_reasons=frozenset(range(4)),
    exec_types=_EXEC_TYPES | {"D", "E"},
)
_FIX43 = replace(
    _FIX42,
    name="FIX.4.3",
    rank=43,
    trans_type=False,
    order_reasons=frozenset(range(13)),
    cancel_reasons=frozenset(range(7)),
    order_types=frozenset("12345BPK"),
    times_in_force=frozenset("01234567"),
    exec_types=_EXEC_TYPES | set("DEFGHI"),
)
_FIX44 = replace(
    _FIX43,
    name="FIX.4.4",
    rank=44,
    order_reasons=frozenset({*range(12), 13, 14, 15, 99}),
    cancel_reasons=frozenset({*range(7), 99}),
    order_types=frozenset("1234PK"),
)
_FIX50 = replace(
    _FIX44,
    name="FIX.5.0",
    rank=50,
    order_reasons=frozenset({*range(16), 18, 99}),
    cancel_reasons=frozenset({*range(7), 18, 99}),
    order_types=frozenset("12345BPK"),
    exec_types=_FIX44.exec_types | {"L"},
)
_FIX50SP1 = replace(
    _FIX50,
    name="FIX.5.0SP1",
    rank=51,
    order_reasons=frozenset({*range(17), 18, 99}),
    cancel_reasons=frozenset({*range(9), 18, 99}),
)
_FIX50SP2 = replace(
    _FIX50SP1,
    name="FIX.5.0SP2",
    rank=52,
    order_reasons=frozenset({*range(17), *range(18, 30), 99}),
    times_in_force=frozenset("01234567B"),
)

VERSIONS = {
    version.name: version
    for version in (_FIX40, _FIX41, _FIX42, _FIX43, _FIX44, _FIX50, _FIX50SP1, _FIX50SP2)
}


def version_of(begin_string: str, appl_ver_id: str | None = None) -> Version:
    """The application version a session speaks; ``appl_ver_id`` is DefaultApplVerID(1137).

    Raises:
        ValueError: none that the venue speaks.
    """
    name = APPL_VER_IDS.get(appl_ver_id or "", "") if begin_string == "FIXT.1.1" else begin_string
    version = VERSIONS.get(name)
    if version is None:
        raise ValueError(
            f"expected one of {', '.join(VERSIONS)}, got {begin_string!r} with {appl_ver_id!r}"
        )
    return version
