"""Call auctions in the book: the indicative price, and the uncross."""

from __future__ import annotations

from collections.abc import Iterable

from meridian.book.auction import Offer, Uncross, pairs, uncross
from meridian.book.codes import CancelReason, Event
from meridian.book.core import Core
from meridian.book.rules import AUCTIONS

__all__ = ["CallAuction"]


class CallAuction:
    """Says what an uncross would do, and does it."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self.published = (0, 0, 0)
        """The last indicative price, volume and surplus of this auction."""
        self._lots: dict[tuple[int, int], int] = {}
        """Whole quantity by side and price, as far as it was counted in this auction."""

    def indicative(self) -> Uncross | None:
        """What an uncross would do now, or None where nothing would trade."""
        if self._core.phase not in AUCTIONS:
            self._lots.clear()
        return uncross(self._levels(1), self._levels(-1), self._core.reference)

    def publish(self) -> None:
        """Say what the auction would do, where that changed."""
        if self._core.phase not in AUCTIONS:
            self._lots.clear()
            return
        for place in self._core.touched:
            self._lots.pop(place, None)
        now = self.indicative() or (0, 0, 0)
        if now != self.published:
            self.published = (now[0], now[1], now[2])
            self._core.tell(Event.INDICATIVE, *now)

    def uncross(self) -> None:
        """Trade what the auction trades; market orders left are cancelled."""
        core = self._core
        buys, sells = self._offers(1), self._offers(-1)
        outcome = uncross(buys, sells, core.reference)
        executed: dict[int, int] = {}
        if outcome is not None:
            for buy_id, sell_id, quantity in pairs(buys, sells, outcome.volume):
                trade_id = core.next_trade()
                core.tell(Event.AUCTION_TRADED, trade_id, buy_id, sell_id, outcome.price, quantity)
                for order_id in (buy_id, sell_id):
                    executed[order_id] = executed.get(order_id, 0) + quantity
            core.note(outcome.price)
        self._execute(executed)
        # Rule 17.
        for order in sorted(core.aside.markets.values(), key=lambda order: order.entry):
            core.cancel(order, CancelReason.MARKET_REMAINDER)

    def _execute(self, executed: dict[int, int]) -> None:
        """Take what traded off the orders."""
        core = self._core
        refreshed: list[int] = []
        for order_id, quantity in executed.items():
            order = core.find(order_id)
            record = core.ladder.record(order_id)
            assert order is not None
            if quantity == order.leaves:
                core.withdraw(order)
            elif record is None:
                order.executed += quantity
            elif record[6] or quantity < record[3]:
                core.touched.add((order.side, order.price))
                core.ladder.take(order_id, quantity)
            else:
                core.pull(order)
                order.executed += quantity
                core.rest(order)
                refreshed.append(order_id)
        for order_id in refreshed:
            core.refresh(order_id)

    def _offers(self, side: int) -> list[Offer]:
        """One side in priority order: market orders first, whole icebergs at their tranche."""
        core = self._core
        markets: Iterable[Offer] = (
            Offer(order.order_id, 0, order.leaves)
            for order in sorted(core.aside.markets.values(), key=lambda order: order.time)
            if order.side == side
        )
        resting = (
            Offer(record[0], record[2], record[3] + record[4])
            for record in core.ladder.records(side)
        )
        return [*markets, *resting]

    def _levels(self, side: int) -> list[Offer]:
        """One side by price: all market orders, then each price that meets anybody, best first."""
        core = self._core
        lots = {1: 0, -1: 0}
        for order in core.aside.markets.values():
            lots[order.side] += order.leaves
        offers = [Offer(0, 0, lots[side])]
        against = core.ladder.best(-side)
        for price in core.prices(side):
            if not lots[-side] and (not against or (price - against) * side < 0):
                break
            offers.append(Offer(0, price, self._lots_at(side, price)))
        return offers

    def _lots_at(self, side: int, price: int) -> int:
        lots = self._lots.get((side, price))
        if lots is None:
            ids = self._core.ladder.queue(side, price)
            records = (self._core.ladder.record(order_id) for order_id in ids)
            lots = sum(record[3] + record[4] for record in records if record)
            self._lots[side, price] = lots
        return lots
