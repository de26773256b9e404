"""What happens to orders in the reference book: changes, stops, pegs, phases."""

from __future__ import annotations

from copy import copy

from reference_order import (
    BUY,
    FOR_AUCTIONS,
    PHASES_OF,
    SELL,
    STOPS,
    too_fine,
)

from meridian.book.codes import (
    MAX_PRICE,
    MAX_QUANTITY,
    BookSide,
    CancelReason,
    Event,
    RefusalCode,
    Tif,
)
from meridian.book.orders import Kind, Peg
from meridian.book.rules import AUCTIONS, Phase


class Changes:
    # Changes ----------------------------------------------------------------------------------

    def do_cancel(self, order_id):
        if order_id not in self.orders:
            return RefusalCode.UNKNOWN_ORDER
        self.drop(self.orders[order_id], CancelReason.REQUESTED)
        return None

    def do_reduce(self, order_id, by):
        if order_id not in self.orders:
            return RefusalCode.UNKNOWN_ORDER
        order = self.orders[order_id]
        if not 1 <= by <= MAX_QUANTITY:
            return RefusalCode.BAD_QUANTITY
        if by % self.rules.lot:
            return RefusalCode.BAD_LOT
        if by >= order.leaves:
            return self.do_cancel(order_id)
        order.come_down(by)
        self.emit(Event.REDUCED, order_id, order.leaves)
        return None

    def do_replace(self, order_id, quantity, price):
        if order_id not in self.orders:
            return RefusalCode.UNKNOWN_ORDER
        order = self.orders[order_id]
        code = self.replace_refusal(order, quantity, price)
        if code is not None:
            return code
        if order.fixed():
            price = order.price
        keeps = price == order.price and quantity <= order.total
        leaves = quantity - order.executed
        told = (Event.REPLACED, order_id, price, quantity, leaves)
        if not leaves:
            self.forget(order)
            self.emit(*told, 0)
        elif keeps:
            order.come_down(order.total - quantity)
            self.emit(*told, 1)
        else:
            order.total, order.price, order.time = quantity, price, self.tick()
            self.emit(*told, 0)
            if not order.aside:
                self.reenter(order)
        return None

    def replace_refusal(self, order, quantity, price):
        rules, last = self.rules, self.phase is Phase.TRADE_AT_LAST
        stays = quantity == order.executed or (price == order.price and quantity <= order.total)
        free = not order.fixed()
        own_price = (0, order.asked.price or 0)
        checks = (
            (RefusalCode.PHASE, self.phase in (Phase.HALTED, Phase.CLOSED)),
            (RefusalCode.BAD_QUANTITY, self.bad_quantity(quantity)),
            (RefusalCode.BAD_LOT, quantity % rules.lot),
            (RefusalCode.BAD_INSTRUCTION, too_fine(order.asked, quantity, rules.lot)),
            (RefusalCode.BAD_INSTRUCTION, not free and price not in own_price),
            (RefusalCode.BAD_INSTRUCTION, not free and quantity > order.total),
            (RefusalCode.BAD_PRICE, free and not 1 <= price <= MAX_PRICE),
            (RefusalCode.BAD_TICK, free and price % rules.tick(price)),
            (RefusalCode.PRICE_BAND, free and self.out_of_band(price)),
            (RefusalCode.BELOW_EXECUTED, quantity < order.executed),
            (RefusalCode.PHASE, free and last and not stays and price != self.last_price),
        )
        code = next((code for code, fails in checks if fails), None)
        matching = self.phase in (Phase.CONTINUOUS, Phase.TRADE_AT_LAST)
        if code is None and order.asked.post_only and matching and not stays:
            moved = copy(order)
            moved.total, moved.price = quantity, price
            if self.available(moved):
                return RefusalCode.WOULD_TAKE
        return code

    def reenter(self, order):
        if self.phase in (Phase.CONTINUOUS, Phase.TRADE_AT_LAST):
            self.enter(order)
        else:
            self.rest(order)

    def do_mass_cancel(self, side, account, session):
        for order in self.book_order():
            if (
                side in (None, order.side)
                and account in (None, order.asked.account)
                and session in (None, order.asked.session)
            ):
                self.drop(order, CancelReason.REQUESTED)

    # Stops and pegs ---------------------------------------------------------------------------

    def trailed(self, order, price):
        """Where a trailing stop stands behind a trade."""
        new = order.asked
        distance = new.trail or max(1, -(-price * new.trail_bps // 10_000))
        return self.on_grid(price + order.side * distance, -order.side) or self.rules.tick(1)

    def on_grid(self, price, side):
        """The nearest price that is one, away from the other side; 0 for none."""
        while price > 0 and price % self.rules.tick(price):
            price -= side
        return max(0, price)

    def examine_notes(self):
        """Each trade in turn triggers stops, or drags those that trail."""
        for price in self.notes:
            stops = [o for o in self.by_entry() if o.kind in STOPS and o not in self.triggered]
            for order in stops:
                if price * order.side >= order.stop * order.side:
                    self.triggered.append(order)
                elif order.kind is Kind.TRAILING_STOP:
                    better = min if order.side is BUY else max
                    order.stop = better(order.stop, self.trailed(order, price))
        self.notes = []

    def trigger(self, order):
        self.emit(Event.TRIGGERED, order.id, order.stop)
        order.kind = Kind.LIMIT if order.kind is Kind.STOP_LIMIT else Kind.MARKET
        order.stop = 0
        self.enter(order)

    def peg_price(self, order):
        """Where a peg belongs now; 0 for nowhere."""
        if self.phase is not Phase.CONTINUOUS:
            return 0
        new, best = order.asked, {}
        for side in BookSide:
            others = (o for o in self.queue(side) if o.visible and o.kind is not Kind.PEGGED)
            best[side] = next((o.price for o in others), 0)
        if new.peg is Peg.MIDPOINT:
            total = best[BUY] + best[SELL]
            middle = total // 2 if new.side is BUY else -(-total // 2)
            reference = middle if best[BUY] and best[SELL] else 0
        else:
            reference = best[new.side if new.peg is Peg.PRIMARY else new.side.opposite]
        if not reference:
            return 0
        price = reference + new.offset
        if new.price is not None:
            price = (min if new.side is BUY else max)(price, new.price)
        price = self.on_grid(price, new.side)
        return 0 if self.out_of_band(price) else price

    def move_peg(self, order):
        order.price = self.peg_price(order)
        if order.price:
            self.emit(Event.REPRICED, order.id, order.price)
            self.enter(order)
        else:
            self.park(order)

    # Phases -----------------------------------------------------------------------------------

    def do_set_phase(self, new):
        if new is self.phase:
            return
        due = new is Phase.CONTINUOUS or (self.phase in AUCTIONS and new is not Phase.HALTED)
        if due:
            self.uncross()
            self.collar_from = self.last_price or self.rules.reference_price
            for order in self.by_entry():
                if order.kind is Kind.MARKET and not order.dormant:
                    self.drop(order, CancelReason.MARKET_REMAINDER)
        for order in self.by_entry():
            if order.asked.tif in FOR_AUCTIONS and self.has_passed(order, new, due):
                self.drop(order, CancelReason.AUCTION_REMAINDER)
        self.begin(new)
        if new is Phase.CLOSED:
            for order in self.book_order():
                if order.asked.tif is Tif.DAY:
                    self.forget(order)
                    self.emit(Event.EXPIRED, order.id, order.leaves)

    def has_passed(self, order, new, due):
        """Whether an order for an auction has none to come."""
        if order.dormant:
            return new in (Phase.TRADE_AT_LAST, Phase.CLOSED)
        return new is not Phase.HALTED and (due or new not in PHASES_OF[order.asked.tif])

    def begin(self, phase):
        self.phase = phase
        self.emit(Event.PHASE, phase)
        self.published = (0, 0, 0)
        for order in self.by_entry():
            if order.dormant and phase in PHASES_OF[order.asked.tif]:
                self.emit(Event.TRIGGERED, order.id, 0)
                order.dormant = False
                if order.kind is Kind.LIMIT:
                    self.rest(order)
                else:
                    order.time = self.tick()

    def uncross(self):
        """Buys and sells pair off in priority order, all at one price."""
        found = self.indicative()
        if found is None:
            return
        price, volume, _ = found
        buys, sells = self.auction_queue(BUY, price), self.auction_queue(SELL, price)
        touched = set()
        while volume:
            buy, sell = buys[0], sells[0]
            quantity = min(buy.leaves, sell.leaves, volume)
            volume -= quantity
            self.trades += 1
            self.last_price = price
            self.notes.append(price)
            self.emit(Event.AUCTION_TRADED, self.trades, buy.id, sell.id, price, quantity)
            for order, queue in ((buy, buys), (sell, sells)):
                order.executed += quantity
                order.visible = max(0, order.visible - quantity)
                touched.add(order.id)
                if not order.leaves:
                    self.forget(queue.pop(0))
        for order in (*buys[:1], *sells[:1]):
            tranche_ended = order.asked.display is not None and not order.visible
            if order.id in touched and tranche_ended:
                self.refresh(order)
