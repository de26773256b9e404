"""Resting orders of one instrument and the matching between them: the pure twin of ``_ladder``."""

from __future__ import annotations

from array import array
from itertools import islice
from typing import TYPE_CHECKING

from meridian.book.admission import check_limits, check_record
from meridian.book.codes import (
    MAX_ID,
    MAX_PRICE,
    MAX_QUANTITY,
    ROW_WIDTH,
    CancelReason,
    Event,
    Op,
    RefusalCode,
    Tif,
)
from meridian.book.pure_levels import (
    DISPLAY,
    EXECUTED,
    HIDDEN,
    ORDER_ID,
    PRICE,
    RESERVE,
    SEQ,
    SIDE,
    TOTAL,
    VISIBLE,
    Level,
    Order,
    Side,
)
from meridian.book.rows import command_rows, extend_rows

if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = ["Ladder"]

EventTuple = tuple[int, ...]

# Plain integers: an enum member costs a look-up in its class each time it is named.
REFUSED, ACCEPTED, TRADED = int(Event.REFUSED), int(Event.ACCEPTED), int(Event.TRADED)
CANCELLED, REPLACED, REDUCED = int(Event.CANCELLED), int(Event.REPLACED), int(Event.REDUCED)
REFRESHED = int(Event.REFRESHED)
REQUESTED = int(CancelReason.REQUESTED)
IOC, FOK = int(Tif.IOC), int(Tif.FOK)
PLAIN_TIFS = frozenset((int(Tif.DAY), int(Tif.GTC), IOC, FOK))
ANY_PRICE = -(2**62)
"""A rank that every price is better than."""


class Ladder:
    """Orders by price, then displayed before hidden, then time.

    The hot methods do everything themselves while ``plain`` holds; otherwise, and for times in
    force other than DAY, GTC, IOC and FOK, they hand over to the ``slow_`` methods, which a
    subclass overrides. Prices are ticks, quantities lots; sides are 1 (bid) and -1 (ask). An
    order's total is always what executed, is visible and is in reserve; a hidden order has
    everything in reserve, any other something visible.
    """

    def __init__(self) -> None:
        self.plain = True
        self.trades = 0
        """Trades so far, which is also the id of the last one."""
        self.last_price = 0
        """Price of the last trade; 0 before the first."""
        self._orders: dict[int, Order] = {}
        self._bids = Side(1)
        self._asks = Side(-1)
        self._seq = 0
        self.configure()

    def configure(
        self,
        *,
        lot: int = 1,
        tick: int = 1,
        min_quantity: int = 1,
        max_quantity: int = MAX_QUANTITY,
        band_low: int = 1,
        band_high: int = MAX_PRICE,
        max_orders: int = 1_000_000,
    ) -> None:
        """Set what the hot methods refuse.

        Raises:
            ValueError: a value that makes no sense, by name.
        """
        check_limits((lot, tick, min_quantity, max_quantity, band_low, band_high, max_orders))
        self._lot, self._tick = lot, tick
        self._least, self._most = min_quantity, max_quantity
        self._low, self._high = band_low, band_high
        self._max_orders = max_orders

    # Commands ---------------------------------------------------------------------------------

    def limit(
        self, order_id: int, side: int, price: int, quantity: int, tif: int = 0, account: int = 0
    ) -> list[EventTuple]:
        """Enter a limit order; events in order, a refusal is one of them and changes nothing."""
        if not self.plain or tif not in PLAIN_TIFS:
            return self.slow_limit(order_id, side, price, quantity, tif, account)
        orders = self._orders
        if (
            not self._least <= quantity <= self._most
            or not self._low <= price <= self._high
            or quantity % self._lot
            or price % self._tick
            or order_id in orders
            or not 0 < order_id <= MAX_ID
            or not -MAX_ID <= account <= MAX_ID
            or (side != 1 and side != -1)
            or len(orders) >= self._max_orders
        ):
            code = self._limit_refusal(order_id, side, price, quantity, tif, account)
            if code:
                return [(REFUSED, order_id, code)]
        own, against = (self._bids, self._asks) if side == 1 else (self._asks, self._bids)
        events: list[EventTuple] = [(ACCEPTED, order_id, side, price, quantity, quantity, 0)]
        leaves = quantity
        bound = -price * side
        if against.ranks and against.ranks[-1] >= bound:
            if tif == FOK and self.available(-side, price, quantity) < quantity:
                events.append((CANCELLED, order_id, quantity, int(CancelReason.FOK_UNFILLABLE)))
                return events
            leaves = self._match(against, order_id, quantity, bound, events)
            if not leaves:
                return events
        if tif >= IOC:
            reason = CancelReason.IOC_REMAINDER if tif == IOC else CancelReason.FOK_UNFILLABLE
            events.append((CANCELLED, order_id, leaves, int(reason)))
            return events
        # What Side.append does, without the calls: this is where most orders pass.
        level = own.levels.get(price)
        if level is None:
            level = own.open(price)
        self._seq = seq = self._seq + 1
        done = quantity - leaves
        order = [order_id, side, price, leaves, 0, 0, 0, quantity, done, account, 0, 0, tif, seq]
        orders[order_id] = order
        level.queue.append(order)
        level.visible += leaves
        level.orders += 1
        return events

    def market(
        self, order_id: int, side: int, quantity: int, tif: int = IOC, account: int = 0
    ) -> list[EventTuple]:
        """Enter an order at any price; what does not trade is cancelled."""
        if not self.plain or tif not in PLAIN_TIFS:
            return self.slow_market(order_id, side, quantity, tif, account)
        code = self._entry_refusal(order_id, side, account) or self._quantity_refusal(quantity)
        if not code and order_id in self._orders:
            code = int(RefusalCode.DUPLICATE_ID)
        if code:
            return [(REFUSED, order_id, code)]
        events: list[EventTuple] = [(ACCEPTED, order_id, side, 0, quantity, 0, 0)]
        if tif == FOK and self.available(-side, 0, quantity) < quantity:
            events.append((CANCELLED, order_id, quantity, int(CancelReason.FOK_UNFILLABLE)))
            return events
        against = self._asks if side == 1 else self._bids
        leaves = self._match(against, order_id, quantity, ANY_PRICE, events)
        if leaves:
            events.append((CANCELLED, order_id, leaves, int(CancelReason.MARKET_REMAINDER)))
        return events

    def cancel(self, order_id: int) -> list[EventTuple]:
        """Take an order out."""
        if not self.plain:
            return self.slow_cancel(order_id)
        order = self._orders.pop(order_id, None)
        if order is None:
            return [(REFUSED, order_id, int(RefusalCode.UNKNOWN_ORDER))]
        leaves = order[VISIBLE] + order[RESERVE]
        self._leave(order)
        return [(CANCELLED, order_id, leaves, REQUESTED)]

    def reduce(self, order_id: int, by: int) -> list[EventTuple]:
        """Take lots off an order in place, reserve first; all it has left cancels it."""
        if not self.plain:
            return self.slow_reduce(order_id, by)
        order = self._orders.get(order_id)
        code = 0
        if order is None:
            code = int(RefusalCode.UNKNOWN_ORDER)
        elif not 1 <= by <= MAX_QUANTITY:
            code = int(RefusalCode.BAD_QUANTITY)
        elif by % self._lot:
            code = int(RefusalCode.BAD_LOT)
        if order is None or code:
            return [(REFUSED, order_id, code)]
        leaves = order[VISIBLE] + order[RESERVE] - by
        if leaves <= 0:
            return self.cancel(order_id)
        self._shrink(order, by)
        return [(REDUCED, order_id, leaves)]

    def replace(self, order_id: int, quantity: int, price: int) -> list[EventTuple]:
        """Give an order a new total and price.

        A lower or equal total at the same price keeps its place; anything else joins the back of
        a queue and may trade. A total equal to what has executed completes the order.
        """
        if not self.plain:
            return self.slow_replace(order_id, quantity, price)
        order = self._orders.get(order_id)
        if order is None:
            return [(REFUSED, order_id, int(RefusalCode.UNKNOWN_ORDER))]
        code = self._quantity_refusal(quantity) or self._price_refusal(price)
        if not code and quantity < order[EXECUTED]:
            code = int(RefusalCode.BELOW_EXECUTED)
        if code:
            return [(REFUSED, order_id, code)]
        leaves = quantity - order[EXECUTED]
        if leaves and price == order[PRICE] and quantity <= order[TOTAL]:
            self._shrink(order, order[TOTAL] - quantity)
            return [(REPLACED, order_id, price, quantity, leaves, 1)]
        moved = order.copy()
        del self._orders[order_id]
        self._leave(order)
        events: list[EventTuple] = [(REPLACED, order_id, price, quantity, leaves, 0)]
        side = order[SIDE]
        against = self._asks if side == 1 else self._bids
        leaves = self._match(against, order_id, leaves, -price * side, events)
        if leaves:
            moved[PRICE], moved[TOTAL], moved[EXECUTED] = price, quantity, quantity - leaves
            moved[VISIBLE], moved[RESERVE] = self._tranche(moved, leaves)
            self._rest(moved)
        return events

    def apply(self, commands: Buffer) -> array[int]:
        """Run rows ``[op, order_id, side, price, quantity, tif, account]``; return event rows.

        Raises:
            ValueError, TypeError: the buffer is not rows of int64; nothing was run.
        """
        rows = command_rows(commands)
        events = array("q")
        for at in range(0, len(rows), ROW_WIDTH):
            extend_rows(events, self._run(rows[at : at + ROW_WIDTH].tolist()))
        return events

    def _run(self, row: list[int]) -> list[EventTuple]:
        op, order_id, side, price, quantity, tif, account = row
        if op == Op.LIMIT:
            return self.limit(order_id, side, price, quantity, tif, account)
        if op == Op.CANCEL:
            return self.cancel(order_id)
        if op == Op.MARKET:
            return self.market(order_id, side, quantity, tif, account)
        if op == Op.REDUCE:
            return self.reduce(order_id, quantity)
        if op == Op.REPLACE:
            return self.replace(order_id, quantity, price)
        return [(REFUSED, order_id, int(RefusalCode.BAD_INSTRUCTION))]

    # What a subclass overrides ----------------------------------------------------------------

    def slow_limit(
        self, order_id: int, side: int, price: int, quantity: int, tif: int, account: int
    ) -> list[EventTuple]:
        """Limit order that the plain path does not cover; a bare ladder refuses it."""
        return [(REFUSED, order_id, int(RefusalCode.BAD_INSTRUCTION))]

    def slow_market(
        self, order_id: int, side: int, quantity: int, tif: int, account: int
    ) -> list[EventTuple]:
        """Market order that the plain path does not cover; a bare ladder refuses it."""
        return [(REFUSED, order_id, int(RefusalCode.BAD_INSTRUCTION))]

    def slow_cancel(self, order_id: int) -> list[EventTuple]:
        """Cancel while not plain; a bare ladder refuses it."""
        return [(REFUSED, order_id, int(RefusalCode.BAD_INSTRUCTION))]

    def slow_reduce(self, order_id: int, by: int) -> list[EventTuple]:
        """Reduce while not plain; a bare ladder refuses it."""
        return [(REFUSED, order_id, int(RefusalCode.BAD_INSTRUCTION))]

    def slow_replace(self, order_id: int, quantity: int, price: int) -> list[EventTuple]:
        """Replace while not plain; a bare ladder refuses it."""
        return [(REFUSED, order_id, int(RefusalCode.BAD_INSTRUCTION))]

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
        if order_id in self._orders:
            raise ValueError(f"order {order_id} rests already")
        order = [order_id, side, price, visible, reserve, display, hidden, total, executed]
        order += [account, session, broker, tif]
        check_record(tuple(order))
        order[HIDDEN] = 1 if hidden else 0
        self._rest([*order, 0])

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
        order[EXECUTED] += quantity
        level = self._side(order[SIDE]).levels[order[PRICE]]
        if quantity < open_lots:
            if order[HIDDEN]:
                order[RESERVE] -= quantity
                level.aside -= quantity
            else:
                order[VISIBLE] -= quantity
                level.visible -= quantity
            return open_lots - quantity
        if order[HIDDEN] or not order[RESERVE]:
            del self._orders[order_id]
            self._leave(order)
            return 0
        level.visible -= quantity
        self._refresh(level, order)
        level.requeue(order)
        return order[VISIBLE]

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
        level = self._side(order[SIDE]).levels[order[PRICE]]
        more = visible - order[VISIBLE]
        order[VISIBLE] += more
        order[RESERVE] -= more
        level.visible += more
        level.aside -= more

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
        self._shrink(order, by)

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
        return next(iter(ladder.levels[abs(ladder.ranks[-1])]))[ORDER_ID]

    def best(self, side: int) -> int:
        """Best price, or 0."""
        ranks = self._side(side).ranks
        return abs(ranks[-1]) if ranks else 0

    def best_displayed(self, side: int) -> int:
        """Best price at which anything is displayed, or 0."""
        return next((level.price for level in self._side(side) if level.orders), 0)

    def queue(self, side: int, price: int) -> list[int]:
        """Order ids at a price: displayed, then hidden, each in time order."""
        level = self._side(side).levels.get(price)
        return [] if level is None else [order[ORDER_ID] for order in level]

    def prices(self, side: int, n: int = -1) -> list[int]:
        """Prices, best first; all of them, or the first ``n``."""
        ranks = self._side(side).ranks
        return [abs(rank) for rank in islice(reversed(ranks), None if n < 0 else n)]

    def level(self, side: int, price: int) -> tuple[int, int]:
        """Displayed lots and orders at a price."""
        level = self._side(side).levels.get(price)
        return (0, 0) if level is None else (level.visible, level.orders)

    def depth(self, side: int, n: int = -1) -> list[tuple[int, int, int]]:
        """Displayed ``(price, lots, orders)``, best first; all of them, or the first ``n``."""
        shown = ((x.price, x.visible, x.orders) for x in self._side(side) if x.orders)
        return list(islice(shown, None if n < 0 else n))

    def record(self, order_id: int) -> EventTuple | None:
        """``(order_id, side, price, visible, reserve, display, hidden, total, executed, account,

        session, broker, tif, seq)``; ``seq`` grows with each order that joins a queue.
        """
        order = self._orders.get(order_id)
        return None if order is None else tuple(order)

    def records(self, side: int) -> list[EventTuple]:
        """Every order of a side in the sequence in which they would trade."""
        return [tuple(order) for level in self._side(side) for order in level]

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
            side.check()
        resting = [order for side in (self._bids, self._asks) for level in side for order in level]
        assert len(resting) == len(self._orders), "an order is not reachable exactly once"
        for order in resting:
            assert self._orders[order[ORDER_ID]] is order
            assert order[TOTAL] == order[EXECUTED] + order[VISIBLE] + order[RESERVE]

    # Within -----------------------------------------------------------------------------------

    def _side(self, side: int) -> Side:
        if side == 1:
            return self._bids
        if side == -1:
            return self._asks
        raise ValueError(f"side: expected 1 or -1, got {side}")

    def _entry_refusal(self, order_id: int, side: int, account: int) -> int:
        known = 0 < order_id <= MAX_ID and -MAX_ID <= account <= MAX_ID
        return 0 if known and side in (1, -1) else int(RefusalCode.BAD_INSTRUCTION)

    def _quantity_refusal(self, quantity: int) -> int:
        if not self._least <= quantity <= self._most:
            return int(RefusalCode.BAD_QUANTITY)
        return int(RefusalCode.BAD_LOT) if quantity % self._lot else 0

    def _price_refusal(self, price: int) -> int:
        if not 1 <= price <= MAX_PRICE:
            return int(RefusalCode.BAD_PRICE)
        if price % self._tick:
            return int(RefusalCode.BAD_TICK)
        return 0 if self._low <= price <= self._high else int(RefusalCode.PRICE_BAND)

    def _limit_refusal(
        self, order_id: int, side: int, price: int, quantity: int, tif: int, account: int
    ) -> int:
        code = self._entry_refusal(order_id, side, account) or self._quantity_refusal(quantity)
        code = code or self._price_refusal(price)
        if not code and order_id in self._orders:
            code = int(RefusalCode.DUPLICATE_ID)
        if not code and tif < IOC and len(self._orders) >= self._max_orders:
            code = int(RefusalCode.BOOK_FULL)
        return code

    def _rest(self, order: Order) -> None:
        self._seq += 1
        order[SEQ] = self._seq
        self._orders[order[ORDER_ID]] = order
        self._side(order[SIDE]).append(order)

    def _leave(self, order: Order) -> None:
        side = self._bids if order[SIDE] == 1 else self._asks
        level = side.levels[order[PRICE]]
        level.discard(order)
        if not level.orders:
            side.close_if_empty(level)

    def _shrink(self, order: Order, by: int) -> None:
        level = self._side(order[SIDE]).levels[order[PRICE]]
        from_reserve = min(by, order[RESERVE])
        order[TOTAL] -= by
        order[RESERVE] -= from_reserve
        level.aside -= from_reserve
        order[VISIBLE] -= by - from_reserve
        level.visible -= by - from_reserve

    @staticmethod
    def _tranche(order: Order, leaves: int) -> tuple[int, int]:
        """Visible and reserve of an order that comes to rest with ``leaves``."""
        if order[HIDDEN]:
            return 0, leaves
        visible = min(order[DISPLAY], leaves) if order[DISPLAY] else leaves
        return visible, leaves - visible

    def _refresh(self, level: Level, order: Order) -> None:
        """Show the next tranche of an order whose last one is gone; the caller moves it back."""
        visible, reserve = self._tranche(order, order[RESERVE])
        order[VISIBLE], order[RESERVE] = visible, reserve
        level.visible += visible
        level.aside -= visible
        self._seq += 1
        order[SEQ] = self._seq

    def _match(
        self, against: Side, aggressor_id: int, leaves: int, bound: int, events: list[EventTuple]
    ) -> int:
        """Trade down to a rank; append the events and return what the aggressor has left."""
        ranks = against.ranks
        while leaves and ranks and ranks[-1] >= bound:
            level = against.levels[abs(ranks[-1])]
            self.last_price = level.price
            leaves = self._match_displayed(level, aggressor_id, leaves, events)
            if leaves and level.hidden_orders:
                leaves = self._match_hidden(level, aggressor_id, leaves, events)
            if not level.orders:
                against.close_if_empty(level)
        return leaves

    def _match_displayed(
        self, level: Level, aggressor_id: int, leaves: int, events: list[EventTuple]
    ) -> int:
        queue = level.queue
        price = level.price
        while leaves and level.orders:
            order = queue[0]
            visible = order[VISIBLE]
            if not visible:
                queue.popleft()
                level.void -= 1
                continue
            quantity = visible if visible < leaves else leaves
            leaves -= quantity
            self.trades = trade_id = self.trades + 1
            events.append((TRADED, trade_id, order[ORDER_ID], aggressor_id, price, quantity))
            order[EXECUTED] += quantity
            level.visible -= quantity
            if quantity < visible:
                order[VISIBLE] = visible - quantity
                break
            queue.popleft()
            if order[RESERVE]:
                self._refresh(level, order)
                queue.append(order)
                events.append((REFRESHED, order[ORDER_ID], order[VISIBLE]))
            else:
                level.orders -= 1
                del self._orders[order[ORDER_ID]]
        return leaves

    def _match_hidden(
        self, level: Level, aggressor_id: int, leaves: int, events: list[EventTuple]
    ) -> int:
        queue = level.hidden
        while leaves and level.hidden_orders:
            order = queue[0]
            reserve = order[RESERVE]
            if not reserve:
                queue.popleft()
                level.void -= 1
                continue
            quantity = min(reserve, leaves)
            leaves -= quantity
            self.trades += 1
            events.append(
                (TRADED, self.trades, order[ORDER_ID], aggressor_id, level.price, quantity)
            )
            order[EXECUTED] += quantity
            order[RESERVE] -= quantity
            level.aside -= quantity
            if not order[RESERVE]:
                queue.popleft()
                level.hidden_orders -= 1
                del self._orders[order[ORDER_ID]]
        return leaves
