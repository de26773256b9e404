"""A recording of ITCH 5.0 messages drives one instrument's book, and clients trade against it.

Assumptions:

1. A recorded order (A, F, and the new half of U) enters as a limit order of participant ITCH and
   matches normally, so that it may trade with clients' orders.
2. A recorded execution (E, C) is an aggressor that ITCH does not show: it is replayed as an
   immediate-or-cancel order of the other side, at the resting order's price, for the executed
   quantity. Clients' orders ahead of the recorded one in price and time are filled in its place.
   The aggressor reaches no further than the recorded order, whatever clients left of it.
3. The recording is authoritative for its own orders: after an execution or cancel, what is left of
   the order is taken down to what the recording says. It is never put back up: what clients took
   out of the book stays taken.
4. A reference that clients consumed is not unknown; unknown is one that the file never added.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from meridian.book import BookSide, Kind, Tif
from meridian.nasdaq import (
    AddOrder,
    CancelOrder,
    DeleteOrder,
    ExecuteOrder,
    ItchError,
    ItchMessage,
    OtherMessage,
    ReplaceOrder,
    itch_messages,
)
from meridian.schema import Side
from meridian.venue.commands import ReduceOrder, SubmitOrder
from meridian.venue.events import Event
from meridian.venue.instrument import Instrument
from meridian.venue.order import Order
from meridian.venue.venue import Venue

__all__ = ["ITCH", "Replay", "ReplaySummary"]

ITCH = "ITCH"
"""The participant that recorded orders belong to."""
ITCH_PRICE_UNITS = 10_000
"""ITCH prices carry four decimals."""


@dataclass(frozen=True, slots=True)
class ReplaySummary:
    """How a replay went."""

    messages: int
    """Messages read so far, those that move no book included."""
    unknown_references: int
    """Executions, cancels and replaces of orders the file never added."""
    crossed: bool
    """Whether the book is crossed now."""


@dataclass(frozen=True, slots=True)
class _Recorded:
    """An order as the recording has it. Ticks and lots."""

    side: Side
    price: int
    leaves: int


class Replay:
    """Feeds a recording to a venue, one message a step.

    Raises:
        ItchError: the file is not ITCH 5.0, holds no order of the symbol, or one of its prices or
            quantities is off the instrument's grid; found before anything is replayed.
        KeyError: the venue does not trade the symbol.
    """

    def __init__(self, venue: Venue, symbol: str, data: bytes) -> None:
        self._venue = venue
        self._symbol = symbol
        self._grid = _Grid(venue.instruments[symbol])
        self._messages = itch_messages(data)
        self._recorded: dict[int, _Recorded] = {}
        self._seen: set[int] = set()
        self._foreign: set[int] = set()
        self._aggressors = 0
        self._read = 0
        self._unknown = 0
        self._finished = False
        self._check(data)

    @property
    def finished(self) -> bool:
        """Whether every message was replayed."""
        return self._finished

    def summary(self) -> ReplaySummary:
        """How it went so far."""
        crossed = self._venue.book(self._symbol).crossed
        return ReplaySummary(self._read, self._unknown, crossed)

    def step(self, now: int) -> list[Event]:
        """Replay the next message; nothing once :attr:`finished`."""
        message = next(self._messages, None)
        if message is None:
            self._finished = True
            return []
        self._read += 1
        if isinstance(message, AddOrder) and message.stock != self._symbol:
            self._foreign.add(message.locate)
        if message.locate in self._foreign:
            return []
        return self._replay(message, now)

    def _replay(self, message: ItchMessage, now: int) -> list[Event]:
        if isinstance(message, AddOrder):
            side = Side.BUY if message.buys else Side.SELL
            return self._add(message.reference, side, message.price, message.shares, now)
        if isinstance(message, OtherMessage):
            return []
        recorded = self._recorded.get(message.reference)
        if recorded is None:
            self._unknown += message.reference not in self._seen
            return []
        match message:
            case ExecuteOrder(reference=reference):
                lots = self._grid.lots(message.shares)
                events = self._aggress(reference, recorded, lots, now)
                return events + self._settle(reference, recorded.leaves - lots, now)
            case CancelOrder(reference=reference):
                lots = self._grid.lots(message.shares)
                return self._settle(reference, recorded.leaves - lots, now)
            case DeleteOrder(reference=reference):
                return self._settle(reference, 0, now)
            case ReplaceOrder(reference=reference):
                events = self._settle(reference, 0, now)
                new, price, shares = message.new_reference, message.price, message.shares
                return events + self._add(new, recorded.side, price, shares, now)

    def _add(self, reference: int, side: Side, price: int, shares: int, now: int) -> list[Event]:
        recorded = _Recorded(side, self._grid.ticks(price), self._grid.lots(shares))
        self._seen.add(reference)
        self._recorded[reference] = recorded
        return self._submit(str(reference), side, recorded.leaves, recorded.price, Tif.DAY, now)

    def _settle(self, reference: int, leaves: int, now: int) -> list[Event]:
        """The recording says what is left of its order."""
        recorded = self._recorded.pop(reference)
        if leaves > 0:
            self._recorded[reference] = replace(recorded, leaves=leaves)
        return self._venue.apply(ReduceOrder(ITCH, str(reference), max(leaves, 0)), now)

    def _aggress(self, reference: int, recorded: _Recorded, lots: int, now: int) -> list[Event]:
        """The unseen aggressor, as far as the order it executed against."""
        lots = min(lots, self._reach(reference, recorded))
        if lots == 0:
            return []
        self._aggressors += 1
        side = Side.SELL if recorded.side.buys else Side.BUY
        name = f"X{self._aggressors}"
        return self._submit(name, side, lots, recorded.price, Tif.IOC, now)

    def _reach(self, reference: int, recorded: _Recorded) -> int:
        """Lots from the front of the book through the recorded order.

        Where clients took all of that order, up to the first order of the recording, which the
        aggressor did not trade with.
        """
        target = self._venue.find(ITCH, str(reference))
        number = target.number if isinstance(target, Order) else None
        side = BookSide.BID if recorded.side.buys else BookSide.ASK
        lots = 0
        for resting in self._venue.book(self._symbol).resting(side):
            worse = (recorded.price - resting.price) * side > 0
            if worse or (number is None and self._venue.owner(resting.order_id) == ITCH):
                break
            lots += resting.leaves
            if resting.order_id == number:
                break
        return lots

    def _submit(
        self, name: str, side: Side, lots: int, price: int, tif: Tif, now: int
    ) -> list[Event]:
        order = SubmitOrder(
            participant=ITCH,
            cl_ord_id=name,
            symbol=self._symbol,
            side=side,
            order_type=Kind.LIMIT,
            time_in_force=tif,
            quantity=lots,
            price=price,
        )
        return self._venue.apply(order, now)

    def _check(self, data: bytes) -> None:
        found = False
        stocks: dict[int, str] = {}
        for message in itch_messages(data):
            if isinstance(message, AddOrder):
                stocks[message.locate] = message.stock
            if stocks.get(message.locate) != self._symbol:
                continue
            found = True
            if isinstance(message, AddOrder | ReplaceOrder):
                self._grid.ticks(message.price)
            if isinstance(message, AddOrder | ReplaceOrder | ExecuteOrder | CancelOrder):
                self._grid.lots(message.shares)
        if not found:
            there = ", ".join(sorted(set(stocks.values()))[:10]) or "no orders"
            raise ItchError(f"expected orders of {self._symbol}, the recording has {there}")


class _Grid:
    """ITCH's prices and shares on the instrument's grid."""

    def __init__(self, instrument: Instrument) -> None:
        self._instrument = instrument
        self._ticks = 1 / (Fraction(instrument.tick_size) * ITCH_PRICE_UNITS)
        self._lots = 1 / Fraction(instrument.lot_size)

    def ticks(self, price: int) -> int:
        ticks = price * self._ticks
        if ticks.denominator != 1 or ticks < 1:
            raise ItchError(
                f"{self._instrument.symbol}: recorded price {Fraction(price, ITCH_PRICE_UNITS)} is "
                f"not a positive multiple of the tick size {self._instrument.tick_size}"
            )
        return ticks.numerator

    def lots(self, shares: int) -> int:
        lots = shares * self._lots
        if lots.denominator != 1 or lots < 1:
            raise ItchError(
                f"{self._instrument.symbol}: recorded quantity {shares} is not a positive multiple "
                f"of the lot size {self._instrument.lot_size}"
            )
        return lots.numerator
