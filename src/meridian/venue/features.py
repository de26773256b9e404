"""What a venue or an instrument offers; the rest is refused with the field's own reason."""

from __future__ import annotations

from dataclasses import dataclass, fields

from meridian.book import Kind, Tif
from meridian.venue.instructions import PLAIN, Instructions

__all__ = ["ALL", "CLASSIC", "Features"]

_DEFAULTS = {field.name: field.default for field in fields(Instructions)}
_ALWAYS = frozenset({"stop_price", "trail", "trail_bps", "peg", "offset", "expire_at"})
"""Part of an order type or time in force: offered with it."""


@dataclass(frozen=True, slots=True)
class Features:
    """``instructions`` are names of :class:`Instructions`; those of a type come with the type."""

    order_types: frozenset[Kind] = frozenset(Kind)
    times_in_force: frozenset[Tif] = frozenset(Tif)
    instructions: frozenset[str] = frozenset(_DEFAULTS)

    def pairs(self) -> frozenset[tuple[Kind, Tif]]:
        """Every type with every time in force."""
        return frozenset((kind, tif) for kind in self.order_types for tif in self.times_in_force)

    def missing(self, wanted: Instructions) -> str | None:
        """The first instruction that is asked for and not offered."""
        if wanted is PLAIN:
            return None
        for name, default in _DEFAULTS.items():
            asked = getattr(wanted, name) != default
            if asked and name not in self.instructions and name not in _ALWAYS:
                return name
        return None


ALL = Features()
"""Whatever the book can do."""
CLASSIC = Features(
    frozenset({Kind.MARKET, Kind.LIMIT}),
    frozenset({Tif.DAY, Tif.IOC, Tif.FOK}),
    frozenset(),
)
"""Market and limit orders for the day, immediate or cancel, fill or kill."""
