"""Commands on the resting orders of one instrument: the pure twin of ``_ladder.pyx``."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from meridian.book.admission import check_limits
from meridian.book.codes import (
    MAX_ID,
    MAX_PRICE,
    MAX_QUANTITY,
    MAX_TRANCHES,
    ROW_WIDTH,
    CancelReason,
    Event,
    Op,
    RefusalCode,
    Tif,
)
from meridian.book.pure_levels import (
    ACCOUNT,
    DISPLAY,
    EXECUTED,
    HIDDEN,
    PRICE,
    RESERVE,
    SIDE,
    TOTAL,
    VISIBLE,
)
from meridian.book.pure_resting import ANY_PRICE, EventTuple, Resting
from meridian.book.rows import command_rows, extend_rows

if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = ["Ladder"]

# Plain integers: an enum member costs a look-up in its class each time it is named.
REFUSED, ACCEPTED, CANCELLED = int(Event.REFUSED), int(Event.ACCEPTED), int(Event.CANCELLED)
REPLACED, REDUCED = int(Event.REPLACED), int(Event.REDUCED)
REQUESTED = int(CancelReason.REQUESTED)
IOC, FOK = int(Tif.IOC), int(Tif.FOK)
PLAIN_TIFS = frozenset((int(Tif.DAY), int(Tif.GTC), IOC, FOK))


class Ladder(Resting):
    """Price-time matching of plain orders, and the building blocks for all others.

    The commands do everything themselves while ``plain`` holds; otherwise, and for times in force
    other than DAY, GTC, IOC and FOK, they hand over to the ``slow_`` methods, which a subclass
    overrides. Prices are ticks, quantities lots; sides are 1 (bid) and -1 (ask). A command returns
    its events as tuples (``events.py``); a refusal is an event and changes nothing.
    """

    def __init__(self) -> None:
        super().__init__()
        self.plain = True
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
            TypeError: a value that is no integer.
        """
        lot, tick, min_quantity, max_quantity, band_low, band_high, max_orders = check_limits(
            (lot, tick, min_quantity, max_quantity, band_low, band_high, max_orders)
        )
        self._lot, self._tick = lot, tick
        self._least, self._most = min_quantity, max_quantity
        self._low, self._high = band_low, band_high
        self._max_orders = max_orders
        self._coarse = lot > 1 or tick > 1

    # Commands ---------------------------------------------------------------------------------

    def limit(
        self, order_id: int, side: int, price: int, quantity: int, tif: int = 0, account: int = 0
    ) -> list[EventTuple]:
        """Enter a limit order; events in order, a refusal is one of them and changes nothing."""
        if not self.plain or (tif and tif not in PLAIN_TIFS):
            return self.slow_limit(order_id, side, price, quantity, tif, account)
        orders = self._orders
        if (
            not self._least <= quantity <= self._most
            or not self._low <= price <= self._high
            or order_id in orders
            or not 0 < order_id <= MAX_ID
            or (side != 1 and side != -1)
            or len(orders) >= self._max_orders
            or (self._coarse and (quantity % self._lot or price % self._tick))
            or (account and not -MAX_ID <= account <= MAX_ID)
        ):
            code = self._limit_refusal(order_id, side, price, quantity, tif, account)
            if code:
                return [(REFUSED, order_id, code)]
        own, against = (self._bids, self._asks) if side == 1 else (self._asks, self._bids)
        events: list[EventTuple] = [(ACCEPTED, order_id, side, price, quantity, quantity, 0)]
        ranks = against.ranks
        leaves = quantity
        if tif >= IOC or (ranks and ranks[-1] >= -price * side):
            leaves = self._aggress(order_id, side, price, quantity, tif, events)
            if not leaves:
                return events
        # What _rest does, without the calls: this is where most orders pass.
        level = own.levels.get(price)
        if level is None:
            level = own.open(price)
        # The level's own integer for the price: many orders, one object, and that a warm one.
        price, done = level.price, quantity - leaves
        order = (order_id, side, price, leaves, 0, 0, 0, quantity, done, account, 0, 0, tif)
        orders[order_id] = order
        level.visible += leaves
        level.displayed.ids[order_id] = None
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
        self._change(order, self._shrunk(order, by))
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
        code = self._quantity_refusal(quantity)
        if not code and 0 < order[DISPLAY] * MAX_TRANCHES < quantity:
            code = int(RefusalCode.BAD_INSTRUCTION)
        code = code or self._price_refusal(price)
        if not code and quantity < order[EXECUTED]:
            code = int(RefusalCode.BELOW_EXECUTED)
        if code:
            return [(REFUSED, order_id, code)]
        leaves = quantity - order[EXECUTED]
        if leaves and price == order[PRICE] and quantity <= order[TOTAL]:
            self._change(order, self._shrunk(order, order[TOTAL] - quantity))
            return [(REPLACED, order_id, price, quantity, leaves, 1)]
        del self._orders[order_id]
        self._leave(order)
        events: list[EventTuple] = [(REPLACED, order_id, price, quantity, leaves, 0)]
        side = order[SIDE]
        against = self._asks if side == 1 else self._bids
        leaves = self._match(against, order_id, leaves, -price * side, events)
        if leaves:
            visible, reserve = self._tranche(order, leaves)
            amounts = (visible, reserve, order[DISPLAY], order[HIDDEN], quantity, quantity - leaves)
            self._rest((order_id, side, price, *amounts, *order[ACCOUNT:]))
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

    # Within -----------------------------------------------------------------------------------

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

    def _aggress(
        self,
        order_id: int,
        side: int,
        price: int,
        quantity: int,
        tif: int,
        events: list[EventTuple],
    ) -> int:
        """Trade a limit order; what is left to rest."""
        if tif == FOK and self.available(-side, price, quantity) < quantity:
            events.append((CANCELLED, order_id, quantity, int(CancelReason.FOK_UNFILLABLE)))
            return 0
        against = self._asks if side == 1 else self._bids
        leaves = self._match(against, order_id, quantity, -price * side, events)
        if leaves and tif == IOC:
            events.append((CANCELLED, order_id, leaves, int(CancelReason.IOC_REMAINDER)))
            return 0
        return leaves
