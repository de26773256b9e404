"""What all parts of the engine share: the ladder, the orders aside, the phase, the events."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Protocol

from meridian.book.aside import Aside
from meridian.book.codes import CancelReason, Event, Tif
from meridian.book.orders import Kind, OrderView
from meridian.book.rules import Allocation, BookRules, Phase
from meridian.book.working import Working

if TYPE_CHECKING:
    from meridian.book.pure_ladder import Ladder

__all__ = ["Core", "Dice"]


FIRST_PRICES = 16
"""Prices asked of the ladder at first; twice as many each time more are needed."""


class Dice(Protocol):
    """A seeded generator; ``random.Random`` is one."""

    def randrange(self, start: int, stop: int) -> int:
        """An integer in [start, stop)."""


def _undisturbed() -> None:
    """Nothing to do when a collar acts."""


class Core:
    """Shared state and the few ways in which it changes."""

    def __init__(self, ladder: Ladder, rules: BookRules, dice: Dice | None) -> None:
        self.ladder = ladder
        self.rules = rules
        self.dice = dice
        self.phase = rules.phase
        self.events: list[tuple[int, ...]] = []
        self.aside = Aside()
        self.special: dict[int, Working] = {}
        """Resting orders with more to them than the ladder's record holds."""
        self.thrown: set[int] = set()
        """Resting icebergs whose tranches the dice decide."""
        self.pegs: dict[int, Working] = {}
        """All pegs, resting and parked, in order of entry."""
        self.discretionary: dict[int, Working] = {}
        """Resting orders with discretion."""
        self.expiring: dict[int, Working] = {}
        """Live orders with an expiry."""
        self.entries = 0
        """Counts entries and losses of time."""
        self.notes: list[int] = []
        """Trade prices that stops have not seen in this call."""
        self.anchor = 0
        """Reference of the collar for this call; 0 for none."""
        self.touched: set[tuple[int, int]] = set()
        """Sides and prices where the display may have changed in this call."""
        self.interrupt: Callable[[], None] = _undisturbed
        """What a collar does to the phase."""

    @property
    def reference(self) -> int:
        """Last trade, else the reference price of the rules; 0 for none."""
        return self.ladder.last_price or self.rules.reference_price or 0

    @property
    def simple(self) -> bool:
        """Whether the ladder can match alone: rules, phase and all that acts on its own."""
        rules, aside = self.rules, self.aside
        return (
            self.phase is Phase.CONTINUOUS
            and rules.allocation is Allocation.FIFO
            and rules.collar is None
            and len(rules.tick_table) == 1
            and not self.pegs
            and not self.thrown
            and not self.discretionary
            and len(aside.stops) + len(aside.dormant) == len(aside)
            and not aside.triggered
        )

    def __len__(self) -> int:
        return len(self.ladder) + len(self.aside)

    def next_time(self) -> int:
        """A later place than any before."""
        self.entries += 1
        return self.entries

    def tell(self, event: Event, *fields: int) -> None:
        """Add an event; plain integers only."""
        self.events.append((int(event), *map(int, fields)))

    # Orders ----------------------------------------------------------------------------------

    def find(self, order_id: int) -> Working | None:
        """A live order as it stands; change nothing in it."""
        return self.aside.orders.get(order_id) or self.resting(order_id)

    def resting(self, order_id: int) -> Working | None:
        """An order of the ladder with its present quantities, or None."""
        record = self.ladder.record(order_id)
        if record is None:
            return None
        order = self.special.get(order_id)
        if order is None:
            order = Working(
                order_id, record[1], Kind.LIMIT, record[7], record[2], tif=Tif(record[12])
            )
            order.display, order.hidden = record[5], bool(record[6])
            order.account, order.session, order.broker = record[9:12]
        order.quantity, order.executed = record[7], record[8]
        return order

    def rest(self, order: Working) -> None:
        """Put an order at the back of its queue."""
        shown = order.shown
        self.ladder.add(
            order.order_id,
            order.side,
            order.price,
            shown,
            order.leaves - shown,
            order.display,
            int(order.hidden),
            order.quantity,
            order.executed,
            order.account,
            order.session,
            order.broker,
            int(order.tif),
        )
        if order.memorable:
            self.special[order.order_id] = order
        if order.refresh_range:
            self.thrown.add(order.order_id)
        if order.discretion:
            self.discretionary[order.order_id] = order
        self.touched.add((order.side, order.price))

    def pull(self, order: Working) -> None:
        """Take a resting order out of the ladder, to work on it."""
        self.ladder.remove(order.order_id)
        self.special.pop(order.order_id, None)
        self.thrown.discard(order.order_id)
        self.discretionary.pop(order.order_id, None)
        self.touched.add((order.side, order.price))

    def park(self, order: Working) -> None:
        """Set an order aside and say so."""
        self.aside.add(order)
        self.tell(Event.PARKED, order.order_id)

    def lower(self, order: Working, by: int) -> None:
        """Take some of its leaves off a live order in place; the caller says so."""
        if order.order_id not in self.aside:
            self.ladder.shrink(order.order_id, by)
            self.touched.add((order.side, order.price))
        order.quantity -= by

    def refresh(self, order_id: int) -> int:
        """Choose and announce the tranche that an iceberg shows now; its size in lots."""
        record = self.ladder.record(order_id)
        if record is None:
            return 0
        visible = record[3]
        order = self.special.get(order_id)
        # Rule 6.
        if order is not None and order.refresh_range and self.dice is not None:
            lot = self.rules.lot
            lots = order.refresh_range // lot
            stray = lot * self.dice.randrange(-lots, lots + 1)
            visible = max(lot, min(order.display + stray, visible + record[4]))
            self.ladder.retranche(order_id, visible)
        self.tell(Event.REFRESHED, order_id, visible)
        return visible

    def withdraw(self, order: Working) -> None:
        """Take a live order out of wherever it is; it is done."""
        if order.order_id in self.aside:
            self.aside.remove(order)
        else:
            self.pull(order)
        self.forget(order.order_id)

    def forget(self, order_id: int) -> None:
        """An order is done and rests no more."""
        self.special.pop(order_id, None)
        self.thrown.discard(order_id)
        self.discretionary.pop(order_id, None)
        self.pegs.pop(order_id, None)
        self.expiring.pop(order_id, None)

    def cancel(self, order: Working, reason: CancelReason) -> None:
        """Take a live order out and say why."""
        self.withdraw(order)
        self.tell(Event.CANCELLED, order.order_id, order.leaves, reason)

    def note(self, price: int) -> None:
        """A trade happened; stops will see its price once what traded is complete."""
        self.ladder.last_price = price
        # Seeing one price twice in a row changes nothing, so notes stay as few as prices.
        if self.aside.stops and self.notes[-1:] != [price]:
            self.notes.append(price)

    def next_trade(self) -> int:
        """Id of a new trade."""
        self.ladder.trades += 1
        return self.ladder.trades

    # Views -----------------------------------------------------------------------------------

    def view(self, order_id: int) -> OrderView | None:
        """A live order to look at, or None."""
        parked = self.aside.orders.get(order_id)
        if parked is not None:
            return parked.view(0, parked=True)
        order, record = self.resting(order_id), self.ladder.record(order_id)
        return order.view(record[3], parked=False) if order and record else None

    def side(self, side: int) -> list[Working]:
        """Resting orders of a side in priority order."""
        found = (self.resting(record[0]) for record in self.ladder.records(side))
        return [order for order in found if order is not None]

    def prices(self, side: int) -> Iterator[int]:
        """Prices of a side, best first; those already given may go meanwhile."""
        wanted, last = FIRST_PRICES, 0
        while True:
            prices = self.ladder.prices(side, wanted)
            fresh = [price for price in prices if not last or (last - price) * side > 0]
            if not fresh:
                return
            yield from fresh
            last = fresh[-1]
            wanted *= 2

    def in_book_order(self) -> list[Working]:
        """Every live order: bids, asks, each in priority order, then those aside by id."""
        aside = sorted(self.aside.orders.values(), key=lambda order: order.order_id)
        return [*self.side(1), *self.side(-1), *aside]
