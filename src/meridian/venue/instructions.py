"""What an order asks for beyond type, price and time in force."""

from __future__ import annotations

from dataclasses import dataclass

from meridian.book import Peg, SelfTrade

__all__ = ["PLAIN", "Instructions"]


@dataclass(frozen=True, slots=True)
class Instructions:
    """What an order asks for beyond type, price and time in force, as the book has it."""

    stop_price: int | None = None
    trail: int | None = None
    trail_bps: int | None = None
    peg: Peg | None = None
    offset: int = 0
    display: int | None = None
    refresh_range: int = 0
    hidden: bool = False
    post_only: bool = False
    min_quantity: int = 0
    all_or_none: bool = False
    discretion: int = 0
    expire_at: int | None = None
    self_trade: SelfTrade = SelfTrade.ALLOW


PLAIN = Instructions()
"""Nothing more; orders that say exactly this object take the shortest way."""
