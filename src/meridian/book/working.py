"""An order while the engine works on it."""

from __future__ import annotations

from dataclasses import dataclass

from meridian.book.codes import BookSide, Tif
from meridian.book.orders import Kind, NewOrder, OrderView, Peg, SelfTrade

__all__ = ["STOPS", "Working"]

STOPS = frozenset({Kind.STOP, Kind.STOP_LIMIT, Kind.TRAILING_STOP})


@dataclass(slots=True)
class Working:
    """Everything about one live order that is not in the ladder; 0 stands for none.

    While the order rests its quantities are the ladder's, and those here are out of date.
    """

    order_id: int
    side: int
    kind: Kind
    quantity: int
    """Total, executed part included."""
    price: int = 0
    """The limit; of a peg, where it follows to now."""
    executed: int = 0
    tif: Tif = Tif.DAY
    account: int = 0
    session: int = 0
    broker: int = 0
    display: int = 0
    refresh_range: int = 0
    hidden: bool = False
    stop: int = 0
    trail: int = 0
    trail_bps: int = 0
    peg: Peg | None = None
    offset: int = 0
    cap: int = 0
    """The worst price a peg may follow to."""
    min_quantity: int = 0
    all_or_none: bool = False
    post_only: bool = False
    discretion: int = 0
    expire_at: int = 0
    self_trade: SelfTrade = SelfTrade.ALLOW
    entry: int = 0
    """Place in the order of entry; never changes."""
    time: int = 0
    """Priority among orders that wait aside."""
    dormant: bool = False
    """Waits for the auction it is for."""

    @classmethod
    def entering(cls, new: NewOrder, entry: int) -> Working:
        """The order that a checked request asks for."""
        pegged = new.kind is Kind.PEGGED
        return cls(
            order_id=new.order_id,
            side=int(new.side),
            kind=new.kind,
            quantity=new.quantity,
            price=0 if pegged else new.price or 0,
            tif=new.tif,
            account=new.account,
            session=new.session,
            broker=new.broker,
            display=new.display or 0,
            refresh_range=new.refresh_range,
            # Rule 10: a midpoint peg never shows.
            hidden=new.hidden or new.peg is Peg.MIDPOINT,
            stop=new.stop_price or 0,
            trail=new.trail or 0,
            trail_bps=new.trail_bps or 0,
            peg=new.peg,
            offset=new.offset,
            cap=new.price or 0 if pegged else 0,
            min_quantity=new.min_quantity,
            all_or_none=new.all_or_none,
            post_only=new.post_only,
            discretion=new.discretion,
            expire_at=new.expire_at or 0,
            self_trade=new.self_trade,
            entry=entry,
            time=entry,
        )

    @property
    def leaves(self) -> int:
        """What may still trade."""
        return self.quantity - self.executed

    @property
    def reach(self) -> int:
        """The worst price at which it takes."""
        return self.price + self.side * self.discretion

    @property
    def shown(self) -> int:
        """Lots it displays when it comes to rest."""
        if self.hidden:
            return 0
        return min(self.display, self.leaves) if self.display else self.leaves

    @property
    def memorable(self) -> bool:
        """Whether there is more to it than the ladder's record holds."""
        return (
            self.kind is Kind.PEGGED
            or self.expire_at > 0
            or self.refresh_range > 0
            or self.post_only
            or self.discretion > 0
            or self.self_trade is not SelfTrade.ALLOW
            or self.tif in (Tif.OPG, Tif.CLS, Tif.GFA)
        )

    def own(self, account: int) -> bool:
        """Whether meeting an order of ``account`` is a self-trade to prevent."""
        return self.self_trade is not SelfTrade.ALLOW and account == self.account != 0

    def view(self, visible: int, *, parked: bool) -> OrderView:
        """The order to look at."""
        return OrderView(
            order_id=self.order_id,
            side=BookSide(self.side),
            kind=self.kind,
            price=self.price,
            stop_price=self.stop,
            quantity=self.quantity,
            executed=self.executed,
            visible=visible,
            parked=parked,
            account=self.account,
            session=self.session,
            broker=self.broker,
            tif=self.tif,
            expire_at=self.expire_at,
            display=self.display,
            refresh_range=self.refresh_range,
            hidden=self.hidden,
            post_only=self.post_only,
            all_or_none=self.all_or_none,
            discretion=self.discretion,
            trail=self.trail,
            trail_bps=self.trail_bps,
            peg=self.peg,
            offset=self.offset,
            cap=self.cap,
            self_trade=self.self_trade,
            dormant=self.dormant,
        )
