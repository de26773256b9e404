"""Resting orders of the pure ladder: what moves them, trades with them and tells about them."""

from __future__ import annotations

from itertools import islice

from meridian.book.admission import check_record
from meridian.book.codes import Event
from meridian.book.pure_levels import (
    ACCOUNT,
    DISPLAY,
    EXECUTED,
    HIDDEN,
    ORDER_ID,
    PRICE,
    RESERVE,
    SIDE,
    TOTAL,
    VISIBLE,
    Level,
    Order,
    Side,
)

__all__ = ["ANY_PRICE", "EventTuple", "Resting"]

EventTuple = tuple[int, ...]

# A plain integer: an enum member costs a look-up in its class each time it is named.
TRADED, REFRESHED = int(Event.TRADED), int(Event.REFRESHED)
ANY_PRICE = -(2**62)
"""A rank that every price is better than."""


class Resting:
    """Orders by price, then displayed before hidden, then time.

    An order's total is always what executed, is visible and is in reserve; a hidden order has
    everything in reserve, any other something visible.
    """

    def __init__(self) -> None:
        self.trades = 0
        """Trades so far, which is also the id of the last one."""
        self.last_price = 0
        """Price of the last trade; 0 before the first."""
        self._orders: dict[int, Order] = {}
        self._bids = Side(1)
        self._asks = Side(-1)

    # Building blocks --------------------------------------------------------------------------

    def add(  # noqa: PLR0913 - one value for each field of the record
        self,
        order_id: int,
        side: int,
        price: int,
        visible: int,
        reserve: int,
        display: int,
        hidden: int,
        total: int,
        executed: int,
        account: int,
        session: int,
        broker: int,
        tif: int,
    ) -> None:
        """Rest an order at the back of its queue; no matching, no event.

        Raises:
            ValueError: the id rests already, or the fields contradict each other.
        """
        state = (visible, reserve, display, 1 if hidden else 0, total, executed)
        order = (order_id, side, price, *state, account, session, broker, tif)
        check_record(order)
        if order_id in self._orders:
            raise ValueError(f"order {order_id} rests already")
        self._rest(order)

    def remove(self, order_id: int) -> None:
        """Take an order out without an event. Raises KeyError where none rests."""
        self._leave(self._orders.pop(order_id))

    def take(self, order_id: int, quantity: int) -> int:
        """Execute lots of a resting order; what may trade next in its place, 0 when it is done.

        An iceberg whose tranche ends shows the next one at the back of the queue.

        Raises:
            KeyError: no such order.
            ValueError: more than may trade at once, or less than one.
        """
        order = self._orders[order_id]
        open_lots = order[RESERVE] if order[HIDDEN] else order[VISIBLE]
        if not 1 <= quantity <= open_lots:
            raise ValueError(f"order {order_id}: expected 1 to {open_lots} lots, got {quantity}")
        if quantity == open_lots and (order[HIDDEN] or not order[RESERVE]):
            del self._orders[order_id]
            self._leave(order)
            return 0
        executed = order[EXECUTED] + quantity
        if quantity == open_lots:
            level = self._side(order[SIDE]).levels[order[PRICE]]
            level.visible -= quantity
            level.displayed.discard(order_id)
            return self._refresh(level, order, executed)
        if order[HIDDEN]:
            self._change(order, _with(order, 0, open_lots - quantity, executed))
        else:
            self._change(order, _with(order, open_lots - quantity, order[RESERVE], executed))
        return open_lots - quantity

    def retranche(self, order_id: int, visible: int) -> None:
        """Show another part of an iceberg's leaves, in its place.

        Raises:
            KeyError: no such order.
            ValueError: hidden, or not within 1 and its leaves.
        """
        order = self._orders[order_id]
        leaves = order[VISIBLE] + order[RESERVE]
        tranched = order[DISPLAY] > 0 or visible == leaves
        if order[HIDDEN] or not tranched or not 1 <= visible <= leaves:
            raise ValueError(f"order {order_id}: expected 1 to {leaves} lots, got {visible}")
        self._change(order, _with(order, visible, leaves - visible, order[EXECUTED]))

    def shrink(self, order_id: int, by: int) -> None:
        """Take lots off an order and its total, reserve first; it keeps its place.

        Raises:
            KeyError: no such order.
            ValueError: nothing would be left, or ``by`` is negative.
        """
        order = self._orders[order_id]
        leaves = order[VISIBLE] + order[RESERVE]
        if not 0 <= by < leaves:
            raise ValueError(f"order {order_id}: expected 0 to {leaves - 1} lots, got {by}")
        self._change(order, self._shrunk(order, by))

    # Looking ----------------------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self._orders)

    def __contains__(self, order_id: object) -> bool:
        return order_id in self._orders

    def front(self, side: int) -> int:
        """The order that trades next, or 0."""
        ladder = self._side(side)
        if not ladder.ranks:
            return 0
        return next(iter(ladder.levels[abs(ladder.ranks[-1])]))

    def best(self, side: int) -> int:
        """Best price, or 0."""
        ranks = self._side(side).ranks
        return abs(ranks[-1]) if ranks else 0

    def best_displayed(self, side: int) -> int:
        """Best price at which anything is displayed, or 0."""
        return next((level.price for level in self._side(side) if level.displayed.ids), 0)

    def queue(self, side: int, price: int) -> list[int]:
        """Order ids at a price: displayed, then hidden, each in time order."""
        level = self._side(side).levels.get(price)
        return [] if level is None else list(level)

    def prices(self, side: int, n: int = -1) -> list[int]:
        """Prices, best first; all of them, or the first ``n``."""
        ranks = self._side(side).ranks
        return [abs(rank) for rank in islice(reversed(ranks), None if n < 0 else n)]

    def level(self, side: int, price: int) -> tuple[int, int]:
        """Displayed lots and orders at a price."""
        level = self._side(side).levels.get(price)
        return (0, 0) if level is None else (level.visible, len(level.displayed.ids))

    def depth(self, side: int, n: int = -1) -> list[tuple[int, int, int]]:
        """Displayed ``(price, lots, orders)``, best first; all of them, or the first ``n``."""
        shown = (
            (level.price, level.visible, len(level.displayed.ids))
            for level in self._side(side)
            if level.displayed.ids
        )
        return list(islice(shown, None if n < 0 else n))

    def record(self, order_id: int) -> EventTuple | None:
        """``(order_id, side, price, visible, reserve, display, hidden, total, executed, account,

        session, broker, tif)``, or None.
        """
        return self._orders.get(order_id)

    def records(self, side: int) -> list[EventTuple]:
        """Every order of a side in the sequence in which they would trade."""
        return [self._orders[order_id] for level in self._side(side) for order_id in level]

    def available(self, side: int, limit: int, wanted: int) -> int:
        """Lots of a side that an aggressor could take at ``limit`` (0: any price) or better.

        Counted up to ``wanted``; reserve and hidden orders included.
        """
        ladder = self._side(side)
        bound = limit * side if limit else ANY_PRICE
        found = 0
        for level in ladder:
            if found >= wanted or level.price * side < bound:
                break
            found += level.visible + level.aside
        return max(0, min(found, wanted))

    def check_ladder(self) -> None:
        """Raise AssertionError where the ladder contradicts itself."""
        for side in (self._bids, self._asks):
            side.check(self._orders)
        reached = [order_id for side in (self._bids, self._asks) for x in side for order_id in x]
        assert len(reached) == len(set(reached)) == len(self._orders)
        for order_id, order in self._orders.items():
            assert order[ORDER_ID] == order_id
            assert order[TOTAL] == order[EXECUTED] + order[VISIBLE] + order[RESERVE]

    # Within -----------------------------------------------------------------------------------

    def _side(self, side: int) -> Side:
        if side == 1:
            return self._bids
        if side == -1:
            return self._asks
        raise ValueError(f"side: expected 1 or -1, got {side}")

    def _rest(self, order: Order) -> None:
        self._orders[order[ORDER_ID]] = order
        side = self._side(order[SIDE])
        level = side.levels.get(order[PRICE])
        if level is None:
            level = side.open(order[PRICE])
        level.append(order)

    def _leave(self, order: Order) -> None:
        side = self._bids if order[SIDE] == 1 else self._asks
        level = side.levels[order[PRICE]]
        level.discard(order)
        if not level.displayed.ids:
            side.close_if_empty(level)

    def _change(self, old: Order, new: Order) -> None:
        """Give an order other amounts in its place."""
        self._orders[old[ORDER_ID]] = new
        self._side(old[SIDE]).levels[old[PRICE]].change(old, new)

    @staticmethod
    def _shrunk(order: Order, by: int) -> Order:
        """The order with lots less, reserve first, its total too."""
        from_reserve = min(by, order[RESERVE])
        visible, reserve = order[VISIBLE] - (by - from_reserve), order[RESERVE] - from_reserve
        return _with(order, visible, reserve, order[EXECUTED])

    @staticmethod
    def _tranche(order: Order, leaves: int) -> tuple[int, int]:
        """Visible and reserve of an order that comes to rest with ``leaves``."""
        if order[HIDDEN]:
            return 0, leaves
        visible = min(order[DISPLAY], leaves) if order[DISPLAY] else leaves
        return visible, leaves - visible

    def _refresh(self, level: Level, order: Order, executed: int) -> int:
        """Show the next tranche at the back of the queue; the last one is out of every count."""
        visible, reserve = self._tranche(order, order[RESERVE])
        level.visible += visible
        level.aside -= visible
        level.displayed.ids[order[ORDER_ID]] = None
        self._orders[order[ORDER_ID]] = _with(order, visible, reserve, executed)
        return visible

    def _match(
        self, against: Side, aggressor_id: int, leaves: int, bound: int, events: list[EventTuple]
    ) -> int:
        """Trade down to a rank; append the events and return what the aggressor has left."""
        ranks = against.ranks
        while leaves and ranks and ranks[-1] >= bound:
            level = against.levels[abs(ranks[-1])]
            self.last_price = level.price
            leaves = self._match_displayed(level, aggressor_id, leaves, events)
            if leaves and level.hidden.ids:
                leaves = self._match_hidden(level, aggressor_id, leaves, events)
            if not level.displayed.ids:
                against.close_if_empty(level)
        return leaves

    def _match_displayed(
        self, level: Level, aggressor_id: int, leaves: int, events: list[EventTuple]
    ) -> int:
        queue, orders, price = level.displayed, self._orders, level.price
        while leaves and queue.ids:
            order_id = queue.front()
            order = orders[order_id]
            visible = order[VISIBLE]
            quantity = visible if visible < leaves else leaves
            leaves -= quantity
            self.trades = trade_id = self.trades + 1
            events.append((TRADED, trade_id, order_id, aggressor_id, price, quantity))
            executed = order[EXECUTED] + quantity
            level.visible -= quantity
            if quantity < visible:
                orders[order_id] = _with(order, visible - quantity, order[RESERVE], executed)
                break
            queue.discard(order_id)
            if order[RESERVE]:
                events.append((REFRESHED, order_id, self._refresh(level, order, executed)))
            else:
                del orders[order_id]
        return leaves

    def _match_hidden(
        self, level: Level, aggressor_id: int, leaves: int, events: list[EventTuple]
    ) -> int:
        queue, orders, price = level.hidden, self._orders, level.price
        while leaves and queue.ids:
            order_id = queue.front()
            order = orders[order_id]
            quantity = min(order[RESERVE], leaves)
            leaves -= quantity
            self.trades = trade_id = self.trades + 1
            events.append((TRADED, trade_id, order_id, aggressor_id, price, quantity))
            level.aside -= quantity
            if quantity < order[RESERVE]:
                left = order[RESERVE] - quantity
                orders[order_id] = _with(order, 0, left, order[EXECUTED] + quantity)
                break
            queue.discard(order_id)
            del orders[order_id]
        return leaves


def _with(order: Order, visible: int, reserve: int, executed: int) -> Order:
    """The record with other amounts."""
    total = visible + reserve + executed
    return (
        *order[:VISIBLE],
        *(visible, reserve, order[DISPLAY], order[HIDDEN], total, executed),
        *order[ACCOUNT:],
    )
