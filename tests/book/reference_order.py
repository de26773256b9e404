"""Live orders of the reference book, and words its parts share."""

from __future__ import annotations

from dataclasses import dataclass

from meridian.book.codes import MAX_TRANCHES, BookSide, Tif
from meridian.book.orders import Kind, NewOrder, Peg, SelfTrade
from meridian.book.rules import AUCTIONS, Phase

BUY, SELL = BookSide.BID, BookSide.ASK
STOPS = {Kind.STOP, Kind.STOP_LIMIT, Kind.TRAILING_STOP}
STAYING = {Tif.DAY, Tif.GTC, Tif.GTD}
AT_ONCE = {Tif.IOC, Tif.FOK}
FOR_AUCTIONS = {Tif.OPG, Tif.CLS, Tif.GFA}
OPENING = {Phase.PRE_OPEN, Phase.OPENING_AUCTION}
PHASES_OF = {Tif.OPG: OPENING, Tif.CLS: {Phase.CLOSING_AUCTION}, Tif.GFA: AUCTIONS}


@dataclass(eq=False)
class Order:
    """A live order: what was asked for, and how it stands."""

    asked: NewOrder
    entry: int
    """Place among all orders ever accepted."""
    kind: Kind
    price: int
    total: int
    stop: int = 0
    executed: int = 0
    visible: int = 0
    time: int = 0
    """Of two orders alike, the lower trades first."""
    aside: bool = False
    """It waits, and nobody can trade with it as it stands (but see all-or-none)."""
    dormant: bool = False
    """It waits for its auction to begin."""
    done: bool = False

    @property
    def id(self):
        return self.asked.order_id

    @property
    def side(self):
        return self.asked.side

    @property
    def leaves(self):
        return self.total - self.executed

    @property
    def undisplayed(self):
        return self.asked.hidden or self.asked.peg is Peg.MIDPOINT

    @property
    def reach(self):
        """The worst price at which it takes."""
        return self.price + self.side * self.asked.discretion

    def own(self, other):
        mode, account = self.asked.self_trade, self.asked.account
        return mode != SelfTrade.ALLOW and account != 0 and account == other.asked.account

    def show(self):
        self.visible = (
            0 if self.undisplayed else min(self.asked.display or self.leaves, self.leaves)
        )

    def come_down(self, by):
        """The reserve goes first, so what is displayed changes only where it must."""
        self.total -= by
        self.visible = min(self.visible, self.leaves)

    def fixed(self):
        """Its price is not its owner's to replace."""
        return self.kind in STOPS | {Kind.PEGGED, Kind.MARKET}


def too_fine(asked, total, lot):
    """Whether an iceberg of this total might come in more tranches than it may."""
    display, stray = asked.display, asked.refresh_range
    return display is not None and total > max(lot, display - stray) * MAX_TRANCHES


class NoDice:
    """For trying out what would happen: every tranche as displayed."""

    def randrange(self, start, stop):
        return 0
