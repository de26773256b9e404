"""The reference book's queues, and how orders meet."""

from __future__ import annotations

from copy import copy

from reference_order import (
    AT_ONCE,
    BUY,
    SELL,
    NoDice,
)

from meridian.book.codes import (
    CancelReason,
    Event,
)
from meridian.book.orders import Kind, SelfTrade
from meridian.book.rules import Allocation, CollarAction, Phase


class Matching:
    # Queues -----------------------------------------------------------------------------------

    def by_entry(self):
        return sorted(self.orders.values(), key=lambda order: order.entry)

    def rank(self, order, broker=0):
        """Lower trades first: price, then broker, displayed, hidden, all-or-none, then time."""
        place = 3 if order.aside else 1 if order.visible else 2
        if place == 1 and broker and broker == order.asked.broker:
            place = 0
        return (-order.side * order.price, place, order.time)

    def queue(self, side):
        """What rests on a side, in priority order."""
        resting = (o for o in self.orders.values() if o.side is side and not o.aside)
        return sorted(resting, key=self.rank)

    def book_order(self):
        """Bids, asks, then what waits aside by id."""
        aside = sorted((o for o in self.orders.values() if o.aside), key=lambda order: order.id)
        return [*self.queue(BUY), *self.queue(SELL), *aside]

    def waiting_all_or_none(self):
        for side in (BUY, SELL):
            waiting = [o for o in self.orders.values() if o.side is side and o.asked.all_or_none]
            yield from sorted(waiting, key=self.rank)

    def makers(self, taker):
        """Whom an aggressor would trade with now, first come first."""
        last = self.phase is Phase.TRADE_AT_LAST
        found = []
        for order in self.orders.values():
            reached = (
                taker.kind is Kind.MARKET or order.price * taker.side <= taker.reach * taker.side
            )
            if last:
                reached = order.price == self.last_price
            fits = order.asked.all_or_none and order.leaves <= taker.leaves and not last
            if order.side is not taker.side and reached and (fits or not order.aside):
                found.append(order)
        by_broker = self.rules.allocation is Allocation.BROKER_TIME and not last
        broker = taker.asked.broker if by_broker else 0
        return sorted(found, key=lambda order: self.rank(order, broker))

    def auction_queue(self, side, price):
        """Who would trade at an auction price: market orders by time, then the limits."""
        waiting = (o for o in self.orders.values() if o.side is side and o.kind is Kind.MARKET)
        markets = sorted((o for o in waiting if not o.dormant), key=lambda order: order.time)
        return markets + [o for o in self.queue(side) if o.price * side >= price * side]

    # Matching ---------------------------------------------------------------------------------

    def match(self, taker):
        """Trade until nothing more can; True where the collar stopped it."""
        while taker.leaves and not taker.done and (makers := self.makers(taker)):
            price = makers[0].price
            if self.beyond_collar(price):
                # A collar that only keeps an order from its discretion does it no harm.
                return taker.kind is Kind.MARKET or price * taker.side <= taker.price * taker.side
            if self.rules.allocation is Allocation.PRO_RATA and self.phase is Phase.CONTINUOUS:
                self.share_out(taker, [o for o in makers if o.price == price and o.visible])
            while taker.leaves and not taker.done:
                maker = next((o for o in self.makers(taker) if o.price == price), None)
                if maker is None:
                    break
                self.meet(taker, maker, maker.visible or maker.leaves)
        if not taker.leaves:
            self.forget(taker)
        return False

    def beyond_collar(self, price):
        if self.rules.collar is None or not self.collar_from or self.phase is not Phase.CONTINUOUS:
            return False
        return abs(price - self.collar_from) > self.rules.collar

    def share_out(self, taker, makers):
        """Pro rata: one round, by what each displays."""
        wanted, total = taker.leaves, sum(order.visible for order in makers)
        shares = [(o, min(o.visible, wanted * o.visible // total)) for o in makers]
        for maker, exact in shares:
            share = exact // self.rules.lot * self.rules.lot
            if share and taker.leaves and not taker.done:
                self.meet(taker, maker, share)

    def meet(self, taker, maker, most):
        """Two orders trade, unless they are of one account and the aggressor minds."""
        if taker.own(maker):
            self.self_trade(taker, maker)
            return
        quantity = min(most, taker.leaves)
        self.trades += 1
        self.last_price = maker.price
        self.notes.append(maker.price)
        taker.executed += quantity
        self.emit(Event.TRADED, self.trades, maker.id, taker.id, maker.price, quantity)
        self.take(maker, quantity)

    def take(self, maker, quantity):
        maker.executed += quantity
        if not maker.leaves:
            self.forget(maker)
        elif maker.visible:
            maker.visible -= quantity
            if not maker.visible:
                self.refresh(maker)

    def refresh(self, order):
        """The next tranche joins the back of the queue."""
        lot, size = self.rules.lot, order.asked.display
        stray = order.asked.refresh_range // lot
        if stray:
            size = max(lot, size + lot * self.dice.randrange(-stray, stray + 1))
        order.visible = min(size, order.leaves)
        order.time = self.tick()
        self.emit(Event.REFRESHED, order.id, order.visible)

    def self_trade(self, taker, maker):
        mode = taker.asked.self_trade
        if mode is SelfTrade.DECREMENT:
            quantity = min(taker.leaves, maker.leaves)
            for order in (maker, taker):
                order.come_down(quantity)
                if order.leaves:
                    self.emit(Event.REDUCED, order.id, order.leaves)
                else:
                    self.forget(order)
                    self.emit(Event.CANCELLED, order.id, quantity, CancelReason.SELF_TRADE)
        if mode in (SelfTrade.CANCEL_OLDEST, SelfTrade.CANCEL_BOTH):
            self.drop(maker, CancelReason.SELF_TRADE)
        if mode in (SelfTrade.CANCEL_NEWEST, SelfTrade.CANCEL_BOTH):
            self.drop(taker, CancelReason.SELF_TRADE)

    def available(self, order):
        """What an order would trade if it entered now: it does, in a copy of the book."""
        trial, taker = copy(self), copy(order)
        trial.orders = {other.id: copy(other) for other in self.orders.values()}
        trial.events, trial.notes, trial.triggered, trial.dice = [], [], [], NoDice()
        if taker.asked.self_trade not in (SelfTrade.ALLOW, SelfTrade.CANCEL_OLDEST):
            # Where its own order is next, there is no more to be had.
            taker.asked = copy(taker.asked)
            object.__setattr__(taker.asked, "self_trade", SelfTrade.CANCEL_NEWEST)
        trial.match(taker)
        return taker.executed - order.executed

    def enter(self, order):
        """An order of a phase that matches trades, then what is left stays or goes."""
        self.orders.pop(order.id, None)
        order.aside = False
        collared = self.match(order)
        if order.done or not order.leaves:
            return
        stays = order.kind in (Kind.LIMIT, Kind.PEGGED) and order.asked.tif not in AT_ONCE
        if collared and self.rules.collar_action is CollarAction.VOLATILITY_AUCTION:
            if stays:
                self.rest(order)
            else:
                self.drop(order, CancelReason.COLLAR)
            self.begin(Phase.VOLATILITY_AUCTION)
        elif collared:
            self.drop(order, CancelReason.COLLAR)
        elif order.kind is Kind.MARKET:
            self.drop(order, CancelReason.MARKET_REMAINDER)
        elif stays:
            self.rest(order)
        else:
            self.drop(order, CancelReason.IOC_REMAINDER)

    def rest(self, order):
        order.aside = order.dormant = False
        order.time = self.tick()
        order.show()
        self.orders[order.id] = order

    def park(self, order):
        order.aside = True
        order.visible = 0
        order.time = self.tick()
        self.orders[order.id] = order
        self.emit(Event.PARKED, order.id)

    def forget(self, order):
        order.done = True
        self.orders.pop(order.id, None)
        if order in self.triggered:
            self.triggered.remove(order)

    def drop(self, order, reason):
        self.forget(order)
        self.emit(Event.CANCELLED, order.id, order.leaves, reason)
