"""One instrument with its book, and who decides there."""

from __future__ import annotations

from meridian.book import OrderBook, Phase
from meridian.schema.times import NS_PER_SECOND
from meridian.venue.commands.administration import Mode
from meridian.venue.features import Features
from meridian.venue.instrument import SECONDS_PER_DAY, Instrument

__all__ = ["Market"]

_DAY = SECONDS_PER_DAY * NS_PER_SECOND


class Market:
    """``last_price`` and ``phase`` are what was told last; ``next_phase_at`` is ns UTC."""

    __slots__ = (
        "book",
        "features",
        "instrument",
        "last_price",
        "mode",
        "next_phase_at",
        "offered",
        "phase",
        "symbol",
    )

    def __init__(self, instrument: Instrument, features: Features) -> None:
        self.instrument = instrument
        self.symbol = instrument.symbol
        self.features = instrument.features or features
        self.offered = self.features.pairs()
        self.mode = Mode.MATCHING
        self.book = OrderBook(instrument.book_rules)
        self.phase = instrument.rules.phase
        self.last_price = 0
        self.next_phase_at: int | None = 0 if instrument.rules.schedule else None

    def clear(self) -> None:
        """Start with an empty book, in the phase it is in."""
        self.book = OrderBook(self.instrument.book_rules)
        self.book.set_phase(self.phase)
        self.last_price = 0

    def scheduled(self, now: int) -> tuple[Phase, int] | None:
        """The phase the schedule has for ``now``, and when the next one begins; None for none."""
        schedule = self.instrument.rules.schedule
        if not schedule:
            return None
        midnight = now - now % _DAY
        # Before the first of a day, the last of the day before is on.
        phase = schedule[-1][1]
        for second, begins in schedule:
            at = midnight + second * NS_PER_SECOND
            if at > now:
                return phase, at
            phase = begins
        return phase, midnight + _DAY + schedule[0][0] * NS_PER_SECOND
