"""The words of an order: what it is, how long it stays, what it asks for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from meridian.book.codes import BookSide, Tif

__all__ = ["Kind", "NewOrder", "OrderView", "Peg", "SelfTrade"]


class Kind(IntEnum):
    """Order types."""

    MARKET = 1
    LIMIT = 2
    STOP = 3
    """A market order once the market trades at its stop price or beyond."""
    STOP_LIMIT = 4
    MARKET_TO_LIMIT = 5
    """A limit order at the best opposite price of the moment it enters."""
    PEGGED = 6
    """Its limit follows the book."""
    TRAILING_STOP = 7
    """A stop that follows the last trade at a distance."""


class Peg(IntEnum):
    """What a pegged order follows: displayed prices of orders that are no pegs."""

    PRIMARY = 1
    """The best price of its own side."""
    MARKET = 2
    """The best price of the other side."""
    MIDPOINT = 3
    """Half way between; never displayed."""


class SelfTrade(IntEnum):
    """What an aggressor does when it meets an order of its own account (not 0)."""

    ALLOW = 1
    CANCEL_NEWEST = 2
    """The aggressor goes."""
    CANCEL_OLDEST = 3
    """The resting order goes."""
    CANCEL_BOTH = 4
    DECREMENT = 5
    """Both come down by the smaller quantity, without a trade."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrder:
    """Everything an order may ask for. Prices in ticks, quantities in lots, times ns UTC."""

    order_id: int
    """The caller's, 1 or more, unique among live orders."""
    side: BookSide
    quantity: int
    kind: Kind = Kind.LIMIT
    price: int | None = None
    """The limit; of a peg, the worst price it may follow to."""
    tif: Tif = Tif.DAY
    account: int = 0
    session: int = 0
    broker: int = 0
    stop_price: int | None = None
    trail: int | None = None
    """Ticks a trailing stop stays behind the last trade."""
    trail_bps: int | None = None
    """The same as hundredths of a percent of the last trade, rounded up, at least a tick."""
    peg: Peg | None = None
    offset: int = 0
    """Ticks added to what a peg follows."""
    display: int | None = None
    """Iceberg: what it shows at a time."""
    refresh_range: int = 0
    """Iceberg: how far the next tranches may stray from ``display``; needs the book's dice."""
    hidden: bool = False
    post_only: bool = False
    min_quantity: int = 0
    """What must trade at once."""
    all_or_none: bool = False
    discretion: int = 0
    """Ticks beyond its price at which a limit order takes what rests there."""
    expire_at: int | None = None
    self_trade: SelfTrade = SelfTrade.ALLOW


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderView:
    """A live order as it stands. Prices in ticks (0: none), quantities in lots."""

    order_id: int
    side: BookSide
    kind: Kind
    price: int
    stop_price: int
    quantity: int
    """Total, executed part included."""
    executed: int
    visible: int
    """What it displays now."""
    parked: bool
    """It waits aside and cannot be traded with as it stands."""
    account: int
    session: int
    broker: int
    tif: Tif
    expire_at: int
    """0: none."""
    display: int = 0
    """Iceberg: what it shows at a time; 0: no iceberg."""
    refresh_range: int = 0
    hidden: bool = False
    post_only: bool = False
    all_or_none: bool = False
    discretion: int = 0
    trail: int = 0
    trail_bps: int = 0
    peg: Peg | None = None
    offset: int = 0
    cap: int = 0
    """The worst price a peg may follow to; 0: any."""
    self_trade: SelfTrade = SelfTrade.ALLOW
    dormant: bool = False
    """It waits for the auction it is for."""

    @property
    def leaves(self) -> int:
        """What may still trade."""
        return self.quantity - self.executed
