"""The rules of one book: grids, limits, allocation, collar, phase it starts in."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from meridian.book.codes import MAX_PRICE, MAX_QUANTITY
from meridian.book.grid import TickTable, rounded, tick_at

__all__ = [
    "AUCTIONS",
    "MAX_ORDERS",
    "Allocation",
    "BookRules",
    "CollarAction",
    "Phase",
]

MAX_ORDERS = 1_000_000
"""Live orders of one book unless told otherwise."""


class Phase(IntEnum):
    """What a book does with orders now."""

    PRE_OPEN = 1
    """Orders rest and may cross; nothing trades."""
    OPENING_AUCTION = 2
    CONTINUOUS = 3
    VOLATILITY_AUCTION = 4
    CLOSING_AUCTION = 5
    TRADE_AT_LAST = 6
    """Trades at the last price only."""
    CLOSED = 7
    HALTED = 8


AUCTIONS = frozenset({Phase.OPENING_AUCTION, Phase.VOLATILITY_AUCTION, Phase.CLOSING_AUCTION})
"""Phases that collect orders for an uncross and publish what it would do."""


class Allocation(IntEnum):
    """Who trades first among the displayed orders at one price."""

    FIFO = 1
    """The earlier order."""
    PRO_RATA = 2
    """Everybody by size, then the earlier order."""
    BROKER_TIME = 3
    """Orders of the aggressor's broker, then the earlier order."""


class CollarAction(IntEnum):
    """What happens where the next trade would be too far from the reference."""

    CANCEL = 1
    VOLATILITY_AUCTION = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class BookRules:
    """Rules of one instrument's book; prices in ticks, quantities in lots.

    Raises:
        ValueError: a rule contradicts another or is out of range; names the rule.
    """

    allocation: Allocation = Allocation.FIFO
    tick_table: TickTable = ((1, 1),)
    """(from_price, tick), ascending, the first from 1."""
    lot: int = 1
    min_quantity: int = 1
    max_quantity: int = MAX_QUANTITY
    band_low: int = 1
    band_high: int = MAX_PRICE
    collar: int | None = None
    """Ticks a trade may be away from the reference; None for any."""
    collar_action: CollarAction = CollarAction.CANCEL
    reference_price: int | None = None
    """Stands in for the last trade before there is one; a price at which one may be."""
    max_orders: int = MAX_ORDERS
    phase: Phase = Phase.CONTINUOUS
    """The first phase."""

    def __post_init__(self) -> None:
        for name, value, words in (
            ("allocation", self.allocation, Allocation),
            ("collar_action", self.collar_action, CollarAction),
            ("phase", self.phase, Phase),
        ):
            if not isinstance(value, words):
                raise ValueError(f"{name} {value!r}: expected a member of {words.__name__}")
        starts = [start for start, _ in self.tick_table]
        if not starts or starts[0] != 1 or starts != sorted(set(starts)):
            raise ValueError(f"tick_table {self.tick_table}: expected prices ascending from 1")
        if any(tick < 1 for _, tick in self.tick_table):
            raise ValueError(f"tick_table {self.tick_table}: expected ticks of 1 or more")
        if self.lot < 1:
            raise ValueError(f"lot {self.lot}: expected 1 or more")
        if not 1 <= self.min_quantity <= self.max_quantity <= MAX_QUANTITY:
            raise ValueError(
                f"min_quantity {self.min_quantity}, max_quantity {self.max_quantity}: "
                f"expected 1 <= min <= max <= {MAX_QUANTITY}"
            )
        if not 1 <= self.band_low <= self.band_high <= MAX_PRICE:
            raise ValueError(
                f"band_low {self.band_low}, band_high {self.band_high}: "
                f"expected 1 <= low <= high <= {MAX_PRICE}"
            )
        if self.collar is not None and self.collar < 0:
            raise ValueError(f"collar {self.collar}: expected 0 or more")
        reference = self.reference_price
        if reference is not None and not self.tradable(reference):
            raise ValueError(
                f"reference_price {reference}: expected a price from {self.band_low} to "
                f"{self.band_high}, a multiple of its tick {self.tick(reference)}"
            )
        if self.max_orders < 1:
            raise ValueError(f"max_orders {self.max_orders}: expected 1 or more")

    def tick(self, price: int) -> int:
        """The tick that applies at a price."""
        return tick_at(self.tick_table, price)

    def rounded(self, price: int, side: int) -> int:
        """The nearest price on the grid that is no better for a side; 0 where there is none."""
        return rounded(self.tick_table, price, side)

    def tradable(self, price: int) -> bool:
        """Whether an order may be at this price: on the grid, within the band."""
        return self.band_low <= price <= self.band_high and not price % self.tick(price)
