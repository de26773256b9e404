"""An obvious book to hold the real one against, written from the rules in docs/book.md.

Slow, plainly right: one dict of orders, sorted again for every question; "what could trade" is
asked by trading on a copy. It shares words (orders, rules, codes, the hash's text) with the real
book and no logic.
"""

from __future__ import annotations

from reference_changes import Changes
from reference_entry import Entry
from reference_matching import Matching
from reference_order import (
    BUY,
    FOR_AUCTIONS,
    SELL,
)

from meridian.book.codes import (
    MAX_PRICE,
    MAX_QUANTITY,
    ROW_WIDTH,
    BookSide,
    Event,
    Op,
    RefusalCode,
    Tif,
)
from meridian.book.orders import Kind, NewOrder, OrderView
from meridian.book.rules import AUCTIONS, BookRules, Phase
from meridian.book.state import State, hash_of


class ReferenceBook(Matching, Entry, Changes):
    """A book with the calls, events and hash of the real one."""

    def __init__(self, rules=None, dice=None, *, level_events=False):
        self.rules = rules or BookRules()
        self.dice = dice
        self.level_events = level_events
        self.phase = self.rules.phase
        self.orders = {}
        self.events = []
        self.last_price = 0
        self.trades = 0
        self.busted = set()
        self.notes = []
        """Prices of the trades that stops have not seen."""
        self.triggered = []
        self.published = (0, 0, 0)
        self.clock = 0
        """Counts what takes a time; not the time of day."""
        self.collar_from = 0

    # Commands ---------------------------------------------------------------------------------

    def limit(self, order_id, side, price, quantity, tif=0, account=0):
        return self.submit(self.hot(order_id, side, quantity, Kind.LIMIT, price, tif, account))

    def market(self, order_id, side, quantity, tif=3, account=0):
        return self.submit(self.hot(order_id, side, quantity, Kind.MARKET, None, tif, account))

    def hot(self, order_id, side, quantity, kind, price, tif, account):
        known = {*BookSide}, {*Tif}
        return NewOrder(
            order_id=order_id,
            side=BookSide(side) if side in known[0] else side,
            quantity=quantity,
            kind=kind,
            price=price,
            tif=Tif(tif) if tif in known[1] else tif,
            account=account,
        )

    def submit(self, new, now=0):
        return self.call(self.do_submit, new, now, now=now)

    def cancel(self, order_id):
        return self.call(self.do_cancel, order_id)

    def reduce(self, order_id, by):
        return self.call(self.do_reduce, order_id, by)

    def replace(self, order_id, quantity, price):
        return self.call(self.do_replace, order_id, quantity, price)

    def advance(self, now):
        return self.call(lambda: None, now=now)

    def set_phase(self, phase, now=0):
        return self.call(self.do_set_phase, phase, now=now)

    def mass_cancel(self, *, side=None, account=None, session=None):
        return self.call(self.do_mass_cancel, side, account, session)

    def bust(self, trade_id):
        if not self.trade_stands(trade_id):
            return [(Event.REFUSED, trade_id, RefusalCode.UNKNOWN_TRADE)]
        self.busted.add(trade_id)
        return [(Event.BUSTED, trade_id)]

    def correct(self, trade_id, price, quantity):
        if not self.trade_stands(trade_id):
            return [(Event.REFUSED, trade_id, RefusalCode.UNKNOWN_TRADE)]
        if not 1 <= quantity <= MAX_QUANTITY:
            return [(Event.REFUSED, trade_id, RefusalCode.BAD_QUANTITY)]
        if quantity % self.rules.lot:
            return [(Event.REFUSED, trade_id, RefusalCode.BAD_LOT)]
        if not 1 <= price <= MAX_PRICE:
            return [(Event.REFUSED, trade_id, RefusalCode.BAD_PRICE)]
        if price % self.rules.tick(price):
            return [(Event.REFUSED, trade_id, RefusalCode.BAD_TICK)]
        return [(Event.CORRECTED, trade_id, price, quantity)]

    def trade_stands(self, trade_id):
        return 1 <= trade_id <= self.trades and trade_id not in self.busted

    def apply(self, commands):
        """Rows of the width of a batch in, the events' rows out, both flat."""
        rows = []
        for start in range(0, len(commands), ROW_WIDTH):
            op, order_id, side, price, quantity, tif, account = commands[start : start + ROW_WIDTH]
            if op == Op.LIMIT:
                events = self.limit(order_id, side, price, quantity, tif, account)
            elif op == Op.MARKET:
                events = self.market(order_id, side, quantity, tif, account)
            elif op == Op.CANCEL:
                events = self.cancel(order_id)
            elif op == Op.REDUCE:
                events = self.reduce(order_id, quantity)
            elif op == Op.REPLACE:
                events = self.replace(order_id, quantity, price)
            else:
                events = [(Event.REFUSED, order_id, RefusalCode.BAD_INSTRUCTION)]
            for event in events:
                rows += [*event, *[0] * (ROW_WIDTH - len(event))]
        return rows

    # What anybody may see ---------------------------------------------------------------------

    def depth(self, side, levels=None):
        found = {}
        for order in self.queue(side):
            if order.visible:
                quantity, count = found.get(order.price, (0, 0))
                found[order.price] = (quantity + order.visible, count + 1)
        return [(price, *level) for price, level in found.items()][:levels]

    def best_displayed(self, side):
        return next((price for price, _, _ in self.depth(side)), 0)

    def order(self, order_id):
        order = self.orders.get(order_id)
        return self.view(order) if order else None

    def indicative(self):
        """(price, volume, surplus): most volume, least surplus, nearest reference, highest."""
        reference = self.last_price or self.rules.reference_price
        resting = {order.price for order in self.orders.values() if not order.aside}
        best = None
        for price in resting or {reference} - {None}:
            buys = sum(order.leaves for order in self.auction_queue(BUY, price))
            sells = sum(order.leaves for order in self.auction_queue(SELL, price))
            volume, surplus = min(buys, sells), buys - sells
            distance = abs(price - reference) if reference else 0
            merit = (volume, -abs(surplus), -distance, price)
            if volume and (best is None or merit > best[0]):
                best = merit, (price, volume, surplus)
        return best[1] if best else None

    def state_hash(self):
        queued = [o for o in self.orders.values() if o.aside and not o.dormant]
        return hash_of(
            State(
                phase=self.phase,
                last_price=self.last_price,
                trades=self.trades,
                busted=self.busted,
                published=self.published if self.phase in AUCTIONS else (0, 0, 0),
                triggered=[order.id for order in self.triggered],
                by_entry=[
                    order.id
                    for order in self.by_entry()
                    if order.aside
                    or order.kind is Kind.PEGGED
                    or order.asked.discretion
                    or order.asked.tif in {Tif.GTD, *FOR_AUCTIONS}
                ],
                by_time=[
                    order.id
                    for order in sorted(queued, key=lambda order: order.time)
                    if order.kind is Kind.MARKET or order.asked.all_or_none
                ],
                bids=map(self.view, self.queue(BUY)),
                asks=map(self.view, self.queue(SELL)),
                aside=(self.view(order) for order in self.orders.values() if order.aside),
            )
        )

    def check_invariants(self):
        for order in self.orders.values():
            assert order.leaves > 0
            assert 0 <= order.visible <= order.leaves
            assert order.executed >= 0
        if self.phase is Phase.CONTINUOUS and self.queue(BUY) and self.queue(SELL):
            assert self.queue(BUY)[0].price < self.queue(SELL)[0].price, "the book is crossed"

    @staticmethod
    def view(order):
        asked = order.asked
        return OrderView(
            order_id=order.id,
            side=order.side,
            kind=order.kind,
            price=order.price,
            stop_price=order.stop,
            quantity=order.total,
            executed=order.executed,
            visible=order.visible,
            parked=order.aside,
            account=asked.account,
            session=asked.session,
            broker=asked.broker,
            tif=asked.tif,
            expire_at=asked.expire_at or 0,
            display=asked.display or 0,
            refresh_range=asked.refresh_range,
            hidden=order.undisplayed,
            post_only=asked.post_only,
            all_or_none=asked.all_or_none,
            discretion=asked.discretion,
            trail=asked.trail or 0,
            trail_bps=asked.trail_bps or 0,
            peg=asked.peg,
            offset=asked.offset,
            cap=asked.price or 0 if asked.peg else 0,
            self_trade=asked.self_trade,
            dormant=order.dormant,
        )

    # Every call -------------------------------------------------------------------------------

    def call(self, command, *arguments, now=None):
        self.events = []
        before = {side: self.depth(side) for side in (SELL, BUY)}
        self.collar_from = self.last_price or self.rules.reference_price
        if now is not None:
            self.expire(now)
        code = command(*arguments)
        if code is not None:
            self.emit(Event.REFUSED, getattr(arguments[0], "order_id", arguments[0]), code)
        while self.phase is Phase.CONTINUOUS and self.settle_a_step():
            pass
        self.examine_notes()
        if self.phase in AUCTIONS and (self.indicative() or (0, 0, 0)) != self.published:
            self.published = self.indicative() or (0, 0, 0)
            self.emit(Event.INDICATIVE, *self.published)
        if self.level_events:
            self.tell_levels(before)
        return self.events

    def emit(self, *event):
        self.events.append(tuple(map(int, event)))

    def tell_levels(self, before):
        for side, levels in before.items():
            old = {price: level for price, *level in levels}
            new = {price: level for price, *level in self.depth(side)}
            for price in sorted({*old, *new}, reverse=side is BUY):
                if old.get(price) != new.get(price):
                    self.emit(Event.LEVEL, side, price, *new.get(price, (0, 0)))

    def tick(self):
        self.clock += 1
        return self.clock

    def expire(self, now):
        for order in self.by_entry():
            if order.asked.tif is Tif.GTD and now >= order.asked.expire_at:
                self.forget(order)
                self.emit(Event.EXPIRED, order.id, order.leaves)

    def settle_a_step(self):
        """One thing that follows from what happened; False where nothing does."""
        self.examine_notes()
        if self.triggered:
            self.trigger(self.triggered.pop(0))
            return True
        for order in self.waiting_all_or_none():
            if self.available(order) == order.leaves:
                self.match(order)
                return True
        for order in self.by_entry():
            if order.asked.discretion and self.available(order):
                self.match(order)
                order.visible = order.leaves
                return True
        for order in self.by_entry():
            if order.kind is Kind.PEGGED and self.peg_price(order) != order.price:
                self.move_peg(order)
                return True
        return False
