"""Random play on a venue: commands of participants and of the operator that mostly make sense."""

from __future__ import annotations

from decimal import Decimal
from random import Random

from meridian.book import Kind, Peg, Phase, SelfTrade, Tif
from meridian.schema import Side
from meridian.venue import Alias, Instructions, Instrument, SubmitOrder, Venue
from meridian.venue import commands as c

SYMBOLS = ("AAPL", "MSFT")
INSTRUMENTS = [
    Instrument(name, Decimal("0.01"), Decimal(1), Decimal(1), aliases=(Alias(f"{name}.X"),))
    for name in SYMBOLS
]
SPECIALS = [
    (Kind.MARKET, Tif.DAY, None, Instructions()),
    (Kind.MARKET_TO_LIMIT, Tif.DAY, None, Instructions()),
    (Kind.STOP, Tif.DAY, None, Instructions(stop_price=4)),
    (Kind.STOP_LIMIT, Tif.DAY, 3, Instructions(stop_price=4)),
    (Kind.TRAILING_STOP, Tif.DAY, None, Instructions(trail=1, stop_price=3)),
    (Kind.PEGGED, Tif.DAY, None, Instructions(peg=Peg.PRIMARY)),
    (Kind.PEGGED, Tif.DAY, 5, Instructions(peg=Peg.MIDPOINT)),
    (Kind.LIMIT, Tif.DAY, 3, Instructions(display=1)),
    (Kind.LIMIT, Tif.DAY, 3, Instructions(all_or_none=True)),
    (Kind.LIMIT, Tif.DAY, 3, Instructions(hidden=True)),
    (Kind.LIMIT, Tif.DAY, 3, Instructions(self_trade=SelfTrade.DECREMENT)),
    (Kind.LIMIT, Tif.DAY, 3, Instructions(discretion=2)),
    (Kind.LIMIT, Tif.CLS, 3, Instructions()),
]
TIFS = (Tif.DAY, Tif.DAY, Tif.GTC, Tif.IOC, Tif.FOK)
VERBS = (
    c.AcceptOrder,
    c.AcceptOrder,
    c.RejectOrder,
    c.CancelByVenue,
    c.ExpireOrder,
    c.DoneForDay,
    c.AcceptRequest,
    c.AcceptRequest,
    c.RejectRequest,
)


class Player:
    """Thinks of the next command; looks at the venue to name what is there, now and then not."""

    def __init__(self, seed: int) -> None:
        self._dice = Random(seed)
        self._names = 0
        self.exec_ids: list[str] = ["ER-0"]

    def command(self, venue: Venue, now: int):
        dice = self._dice
        whim = dice.random()
        if whim < 0.45:
            return self._submit(now)
        if whim < 0.62:
            return self._request(venue)
        if whim < 0.64:
            return c.MassCancel(self._who(), self._name(), dice.choice([None, "AAPL", "NOPE"]))
        if whim < 0.92:
            return self._verb(venue)
        return self._administration()

    def _submit(self, now: int) -> SubmitOrder:
        dice = self._dice
        side = dice.choice((Side.BUY, Side.SELL, Side.SELL_SHORT))
        symbol = dice.choice(("AAPL", "AAPL", "AAPL", "AAPL.X", "MSFT"))
        kind, tif, price, asked = Kind.LIMIT, dice.choice(TIFS), dice.randint(1, 6), Instructions()
        if dice.random() < 0.3:
            kind, tif, price, asked = dice.choice(SPECIALS)
        elif dice.random() < 0.1:
            tif, asked = Tif.GTD, Instructions(expire_at=now + dice.randint(1, 9))
        lots = dice.randint(1, 9)
        who, name = self._who(), self._name()
        return SubmitOrder(who, name, symbol, side, kind, tif, lots, price, "", asked)

    def _request(self, venue: Venue):
        dice, order = self._dice, self._order(venue)
        if order is None:
            request = c.Request(self._who(), self._name(), "n1")
        else:
            request = c.Request(order.participant, self._name(), order.cl_ord_id)
        if dice.random() < 0.4:
            return c.CancelOrder(request)
        price = dice.choice([None, dice.randint(1, 6), order.price if order else 1])
        return c.ReplaceOrder(request, dice.randint(1, 12), price)

    def _verb(self, venue: Venue):
        dice, order = self._dice, self._order(venue)
        order_id = "OR-0" if order is None else order.order_id
        whim = dice.random()
        lots, price = dice.randint(1, 6), dice.choice([None, *range(1, 7)])
        if whim < 0.3:
            return c.FillOrder(order_id, dice.choice([None, lots]), price, dice.random() < 0.4)
        if whim < 0.45:
            other = self._order(venue)
            other_id = "OR-0" if other is None else other.order_id
            return c.MatchOrders(order_id, other_id, lots, price or 3)
        if whim < 0.6:
            return c.BustExecution(dice.choice(self.exec_ids))
        if whim < 0.7:
            return c.CorrectExecution(dice.choice(self.exec_ids), lots, price or 3)
        return dice.choice(VERBS)(order_id)

    def _administration(self):
        dice = self._dice
        return dice.choice(
            (
                c.SetMode(dice.choice([None, "AAPL"]), c.Mode.MANAGED),
                c.SetMode(dice.choice([None, "AAPL"]), c.Mode.MATCHING),
                c.SetPhase("AAPL", dice.choice(list(Phase))),
                c.SetPhase("AAPL", Phase.CONTINUOUS),
                c.SetPhase("AAPL", Phase.CONTINUOUS),
                c.UpdateInstrument(INSTRUMENTS[1]),
                c.DeleteInstrument("MSFT", dice.random() < 0.5),
                c.CreateInstrument(INSTRUMENTS[1]),
            )
        )

    def _order(self, venue: Venue):
        live = venue.open_orders()
        return self._dice.choice(live) if live else None

    def _who(self) -> str:
        return self._dice.choice("AB")

    def _name(self) -> str:
        # Now and then a name is used again.
        self._names += self._dice.random() < 0.95
        return f"n{self._names}"
