"""The engine of one book: everything that the ladder does not do alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from meridian.book.call_auction import CallAuction
from meridian.book.changes import Changes
from meridian.book.codes import Event, RefusalCode
from meridian.book.core import Core, Dice
from meridian.book.displayed import Displayed
from meridian.book.entry import Entry
from meridian.book.expiry import Expiry
from meridian.book.matching import Matching
from meridian.book.orders import NewOrder
from meridian.book.pegs import Pegs
from meridian.book.phases import Phases
from meridian.book.rules import BookRules, Phase
from meridian.book.stops import Stops
from meridian.book.trades import Trades
from meridian.book.working import Working

if TYPE_CHECKING:
    from meridian.book.pure_ladder import Ladder

__all__ = ["Engine"]

EventTuple = tuple[int, ...]


class Engine:
    """Runs one command at a time and returns its events.

    A command is: expiry, the command itself, then whatever it set in motion, one step at a time.
    """

    def __init__(
        self, ladder: Ladder, rules: BookRules, dice: Dice | None, *, level_events: bool
    ) -> None:
        self.core = core = Core(ladder, rules, dice)
        self.auction = CallAuction(core)
        self.expiry = Expiry(core)
        self.trades = Trades(core)
        self.displayed = Displayed(core) if level_events else None
        self._matching = Matching(core)
        self._stops = Stops(core, self._matching)
        self._pegs = Pegs(core, self._matching)
        self._phases = Phases(core, self.auction)
        self._entry = Entry(core, self._matching, self._stops, self._pegs, self.expiry)
        self._changes = Changes(core, self._matching)
        self.choose_path()

    def submit(self, new: NewOrder, now: int | None = None) -> list[EventTuple]:
        """Enter an order; without a time nothing expires."""
        self._begin(now)
        self._entry.submit(new, now or 0)
        return self._finish()

    def refuse(self, order_id: int, code: RefusalCode) -> list[EventTuple]:
        """Refuse what cannot be read."""
        return [(int(Event.REFUSED), order_id, int(code))]

    def cancel(self, order_id: int) -> list[EventTuple]:
        """Take an order out."""
        self._begin()
        self._changes.cancel(order_id)
        return self._finish()

    def mass_cancel(
        self, side: int | None, account: int | None, session: int | None
    ) -> list[EventTuple]:
        """Take every order out that matches."""
        self._begin()
        self._changes.mass_cancel(side, account, session)
        return self._finish()

    def reduce(self, order_id: int, by: int) -> list[EventTuple]:
        """Take lots off an order."""
        self._begin()
        self._changes.reduce(order_id, by)
        return self._finish()

    def replace(self, order_id: int, quantity: int, price: int) -> list[EventTuple]:
        """Give an order a new total and price."""
        self._begin()
        self._changes.replace(order_id, quantity, price)
        return self._finish()

    def advance(self, now: int) -> list[EventTuple]:
        """Expire what is due."""
        self._begin(now)
        return self._finish()

    def set_phase(self, phase: Phase, now: int) -> list[EventTuple]:
        """Enter a phase."""
        self._begin(now)
        self._phases.change(phase)
        return self._finish()

    def bust(self, trade_id: int) -> list[EventTuple]:
        """Declare a trade void."""
        self._begin()
        self.trades.bust(trade_id)
        return self.core.events

    def correct(self, trade_id: int, price: int, quantity: int) -> list[EventTuple]:
        """Give a trade another price and quantity."""
        self._begin()
        self.trades.correct(trade_id, price, quantity)
        return self.core.events

    def choose_path(self) -> None:
        """Let the ladder act alone while nothing here is needed."""
        core = self.core
        self._simple = core.simple and self.displayed is None
        core.ladder.plain = self._simple and not core.aside and not core.special

    def quickly(
        self, command: Callable[..., list[EventTuple]], order_id: int, *arguments: int
    ) -> list[EventTuple] | None:
        """Let the ladder do a plain command where orders only need looking after its trades.

        None where it may not. Stops wait for prices and orders with an expiry for their time;
        neither takes part in what others do.
        """
        core = self.core
        known = order_id in core.aside or order_id in core.special
        if not self._simple or known or len(core) >= core.rules.max_orders:
            return None
        core.ladder.plain = True
        try:
            events = command(core.ladder, order_id, *arguments)
        finally:
            core.ladder.plain = False
        trades = [event for event in events if event[0] == Event.TRADED]
        if not trades:
            return events
        core.events = events
        for _, _, resting_id, _, price, _ in trades:
            core.note(price)
            if resting_id in core.special and resting_id not in core.ladder:
                core.forget(resting_id)
        return self._finish()

    def check(self) -> None:
        """Raise AssertionError where the book contradicts itself."""
        core = self.core
        ladder, aside = core.ladder, core.aside
        ladder.check_ladder()
        aside.check()
        assert not any(order_id in ladder for order_id in aside.orders), "resting and aside"
        assert all(order_id in ladder for order_id in core.special), "a special order is gone"
        assert all(core.find(order_id) is order for order_id, order in core.pegs.items())
        assert len(core) <= core.rules.max_orders
        for order in core.in_book_order():
            self._check_grid(order)
        if core.phase is Phase.CONTINUOUS:
            assert not 0 < ladder.best(-1) <= ladder.best(1), "the book is crossed"
            assert not aside.markets, "a market order waits"

    def _check_grid(self, order: Working) -> None:
        """An order's lots are whole, and a price at which others may trade is one of the grid."""
        rules = self.core.rules
        assert order.quantity % rules.lot == order.executed % rules.lot == 0, "lots"
        record = self.core.ladder.record(order.order_id)
        if record is not None:
            assert record[3] % rules.lot == 0, "a tranche of broken lots"
            assert rules.tradable(order.price), "off the grid"

    def _begin(self, now: int | None = None) -> None:
        core = self.core
        core.events = []
        core.touched.clear()
        # Rule 18: the collar's reference stands for the whole call.
        core.anchor = core.reference
        if now is not None:
            self.expiry.advance(now)

    def _finish(self) -> list[EventTuple]:
        while self.core.phase is Phase.CONTINUOUS and self._step():
            pass
        # Rule 16: outside continuous trading stops are triggered too, but wait to enter.
        self._stops.look()
        self.auction.publish()
        if self.displayed is not None:
            self.displayed.tell()
        self.choose_path()
        return self.core.events

    def _step(self) -> bool:
        """The first thing set in motion: a stop, all or none, an order's discretion, a peg."""
        return (
            self._stops.step()
            or self._try_whole()
            or self._matching.use_discretion()
            or self._pegs.step()
        )

    def _try_whole(self) -> bool:
        """Let the first all-or-none order trade whose whole quantity is there."""
        aside, ladder = self.core.aside, self.core.ladder
        if not aside.whole:
            return False
        in_turn = aside.whole_in_turn(ladder.best(1), ladder.best(-1))
        return any(map(self._matching.trade_whole, in_turn))
