"""An obvious book to hold the real one against, written from the rules in docs/book.md.

Short, slow, plainly right: one dict of orders, sorted again for every question; "what could trade"
is asked by trading on a copy. It shares words (orders, rules, codes, the hash's text) with the real
book and no logic.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass

from meridian.book.codes import (
    MAX_ID,
    MAX_PRICE,
    MAX_QUANTITY,
    ROW_WIDTH,
    BookSide,
    CancelReason,
    Event,
    Op,
    RefusalCode,
    Tif,
)
from meridian.book.orders import Kind, NewOrder, OrderView, Peg, SelfTrade
from meridian.book.rules import AUCTIONS, Allocation, BookRules, CollarAction, Phase
from meridian.book.state import hash_of

BUY, SELL = BookSide.BID, BookSide.ASK
STOPS = {Kind.STOP, Kind.STOP_LIMIT, Kind.TRAILING_STOP}
STAYING = {Tif.DAY, Tif.GTC, Tif.GTD}
AT_ONCE = {Tif.IOC, Tif.FOK}
FOR_AUCTIONS = {Tif.OPG, Tif.CLS, Tif.GFA}
OPENING = {Phase.PRE_OPEN, Phase.OPENING_AUCTION}
PHASES_OF = {Tif.OPG: OPENING, Tif.CLS: {Phase.CLOSING_AUCTION}, Tif.GFA: AUCTIONS}


@dataclass(eq=False)
class Order:
    """A live order: what was asked for, and how it stands."""

    asked: NewOrder
    entry: int
    """Place among all orders ever accepted."""
    trades_before: int
    """Trades the book had made when it came."""
    kind: Kind
    price: int
    total: int
    stop: int = 0
    executed: int = 0
    visible: int = 0
    time: int = 0
    """Of two orders alike, the lower trades first."""
    aside: bool = False
    """It waits, and nobody can trade with it as it stands (but see all-or-none)."""
    dormant: bool = False
    """It waits for its auction to begin."""
    done: bool = False

    @property
    def id(self):
        return self.asked.order_id

    @property
    def side(self):
        return self.asked.side

    @property
    def leaves(self):
        return self.total - self.executed

    @property
    def undisplayed(self):
        return self.asked.hidden or self.asked.peg is Peg.MIDPOINT

    def own(self, other):
        mode, account = self.asked.self_trade, self.asked.account
        return mode != SelfTrade.ALLOW and account != 0 and account == other.asked.account

    def show(self):
        self.visible = (
            0 if self.undisplayed else min(self.asked.display or self.leaves, self.leaves)
        )

    def come_down(self, by):
        """The reserve goes first, so what is displayed changes only where it must."""
        self.total -= by
        self.visible = min(self.visible, self.leaves)

    def fixed(self):
        """Its price is not its owner's to replace."""
        return self.kind in STOPS | {Kind.PEGGED, Kind.MARKET}


class NoDice:
    """For trying out what would happen: every tranche as displayed."""

    def randrange(self, start, stop):
        return 0


class ReferenceBook:
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
        """(trade id, price) of the trades that stops have not seen."""
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
        if not 1 <= price <= MAX_PRICE:
            return [(Event.REFUSED, trade_id, RefusalCode.BAD_PRICE)]
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
        return hash_of(
            phase=self.phase,
            last_price=self.last_price,
            trades=self.trades,
            bids=map(self.view, self.queue(BUY)),
            asks=map(self.view, self.queue(SELL)),
            aside=(self.view(order) for order in self.orders.values() if order.aside),
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
            account=order.asked.account,
            session=order.asked.session,
            broker=order.asked.broker,
            tif=order.asked.tif,
            expire_at=order.asked.expire_at or 0,
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
            if order.kind is Kind.PEGGED and self.peg_price(order) != order.price:
                self.move_peg(order)
                return True
        return False

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
                taker.kind is Kind.MARKET or order.price * taker.side <= taker.price * taker.side
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
                return True
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
        for maker, share in shares:
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
        self.notes.append((self.trades, maker.price))
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
        stray = order.asked.refresh_range
        size = order.asked.display + (self.dice.randrange(-stray, stray + 1) if stray else 0)
        order.visible = max(1, min(size, order.leaves))
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

    # New orders -------------------------------------------------------------------------------

    def do_submit(self, new, now):
        code = self.refusal(new, now)
        if code is not None:
            return code
        order = self.order_of(new)
        if new.post_only and self.available(order):
            return RefusalCode.WOULD_TAKE
        self.accept(order)
        matching = self.phase in (Phase.CONTINUOUS, Phase.TRADE_AT_LAST)
        if order.kind in STOPS or order.dormant:
            self.park(order)
        elif not matching and order.kind is Kind.LIMIT and not new.all_or_none:
            self.rest(order)
        elif not matching or (order.kind is Kind.PEGGED and not order.price):
            self.park(order)
        elif not order.price and order.kind is Kind.LIMIT:
            self.drop(order, CancelReason.NO_LIQUIDITY)
        elif new.tif is Tif.FOK and self.available(order) < new.quantity:
            self.drop(order, CancelReason.FOK_UNFILLABLE)
        elif new.min_quantity and self.available(order) < new.min_quantity:
            self.drop(order, CancelReason.MIN_QUANTITY)
        elif new.all_or_none and self.available(order) < new.quantity:
            if new.tif is Tif.IOC:
                self.drop(order, CancelReason.IOC_REMAINDER)
            else:
                self.park(order)
        else:
            self.enter(order)
        return None

    def order_of(self, new):
        self.entries = getattr(self, "entries", 0) + 1
        order = Order(new, self.entries, self.trades, new.kind, new.price or 0, new.quantity)
        if new.kind is Kind.PEGGED:
            order.price = self.peg_price(order)
        elif new.kind is Kind.MARKET_TO_LIMIT:
            order.kind = Kind.LIMIT
            order.price = next((o.price for o in self.queue(new.side.opposite)), 0)
        elif new.kind is Kind.MARKET and self.phase is Phase.TRADE_AT_LAST:
            order.kind, order.price = Kind.LIMIT, self.last_price
        elif new.kind in STOPS:
            order.stop = new.stop_price or 0
            if new.kind is Kind.TRAILING_STOP and self.last_price:
                order.stop = self.trailed(order, self.last_price)
        order.dormant = new.tif in (Tif.CLS, Tif.GFA) and self.phase not in PHASES_OF[new.tif]
        return order

    def accept(self, order):
        new = order.asked
        displays = order.kind in (Kind.LIMIT, Kind.STOP_LIMIT, Kind.PEGGED)
        visible = 0
        if displays and not order.undisplayed and not new.all_or_none:
            visible = min(new.display or new.quantity, new.quantity)
        flags = (
            1 * order.undisplayed
            + 2 * (new.display is not None)
            + 4 * new.all_or_none
            + 8 * new.post_only
        )
        self.emit(Event.ACCEPTED, new.order_id, new.side, order.price, new.quantity, visible, flags)

    def refusal(self, new, now):
        """The first check that fails."""
        rules, prices = self.rules, [p for p in (new.price, new.stop_price) if p is not None]
        sizes = (new.quantity, new.display or 0, new.min_quantity)
        checks = (
            (RefusalCode.BAD_INSTRUCTION, lambda: self.contradicts(new, now)),
            (RefusalCode.BAD_QUANTITY, lambda: self.bad_quantity(new.quantity)),
            (RefusalCode.BAD_LOT, lambda: any(size % rules.lot for size in sizes)),
            (RefusalCode.BAD_PRICE, lambda: any(not 1 <= p <= MAX_PRICE for p in prices)),
            (RefusalCode.BAD_TICK, lambda: any(p % rules.tick(p) for p in prices)),
            (RefusalCode.PRICE_BAND, lambda: new.price and self.out_of_band(new.price)),
            (RefusalCode.DUPLICATE_ID, lambda: new.order_id in self.orders),
            (RefusalCode.PHASE, lambda: self.wrong_phase(new)),
            (RefusalCode.STOP_WRONG_SIDE, lambda: self.triggered_already(new)),
            (RefusalCode.BOOK_FULL, lambda: self.full_for(new)),
        )
        return next((code for code, fails in checks if fails()), None)

    def contradicts(self, new, now):
        kind, trails = new.kind, [t for t in (new.trail, new.trail_bps) if t is not None]
        limited = (Kind.LIMIT, Kind.STOP_LIMIT)
        return (
            new.side not in tuple(BookSide)
            or new.tif not in tuple(Tif)
            or not 1 <= new.order_id <= MAX_ID
            or any(abs(number) > MAX_ID for number in (new.account, new.session, new.broker))
            or (kind in limited and new.price is None)
            or (kind not in (*limited, Kind.PEGGED) and new.price is not None)
            or (kind in (Kind.STOP, Kind.STOP_LIMIT) and new.stop_price is None)
            or (kind not in STOPS and new.stop_price is not None)
            or len(trails) != (1 if kind is Kind.TRAILING_STOP else 0)
            or any(not 1 <= trail <= MAX_PRICE for trail in trails)
            or (kind is Kind.TRAILING_STOP and not self.last_price and new.stop_price is None)
            or (kind is Kind.PEGGED) != (new.peg is not None)
            or (kind is not Kind.PEGGED and new.offset != 0)
            or abs(new.offset) > MAX_PRICE
            or (new.tif is Tif.GTD) != (new.expire_at is not None)
            or (new.expire_at is not None and new.expire_at <= now)
            or (kind in STOPS | {Kind.PEGGED} and new.tif not in STAYING)
            or (kind is Kind.MARKET_TO_LIMIT and new.tif in FOR_AUCTIONS)
            or self.contradicts_showing(new)
            or self.contradicts_taking(new)
        )

    def contradicts_showing(self, new):
        unpriced = new.kind in (Kind.MARKET, Kind.STOP, Kind.TRAILING_STOP)
        iceberg, unseen = new.display is not None, new.hidden or new.peg is Peg.MIDPOINT
        return (
            (unpriced and (iceberg or new.hidden))
            or (iceberg and unseen)
            or (iceberg and not 1 <= new.display <= MAX_QUANTITY)
            or not 0 <= new.refresh_range <= MAX_QUANTITY
            or (new.refresh_range > 0 and (not iceberg or self.dice is None))
        )

    def contradicts_taking(self, new):
        least, once = new.min_quantity, new.tif in AT_ONCE
        entering = (Kind.LIMIT, Kind.MARKET, Kind.MARKET_TO_LIMIT)
        plain = new.display is None and not new.hidden and not least and not new.post_only
        limit = new.kind is Kind.LIMIT
        return (
            not 0 <= least <= max(new.quantity, 0)
            or (least and (new.kind not in entering or new.post_only))
            or (new.post_only and not (limit and new.tif in STAYING))
            or (new.all_or_none and not (limit and plain and (once or new.tif in STAYING)))
        )

    def bad_quantity(self, quantity):
        return not self.rules.min_quantity <= quantity <= self.rules.max_quantity

    def out_of_band(self, price):
        return not self.rules.band_low <= price <= self.rules.band_high

    def wrong_phase(self, new):
        phase, at_once = self.phase, new.tif in AT_ONCE or new.min_quantity or new.post_only
        if phase in (Phase.HALTED, Phase.CLOSED):
            return True
        if phase is Phase.PRE_OPEN or phase in AUCTIONS:
            wrong = at_once or new.kind is Kind.MARKET_TO_LIMIT
            return wrong or (new.tif is Tif.OPG and phase not in OPENING)
        if phase is Phase.TRADE_AT_LAST:
            at_last = new.kind is Kind.LIMIT and new.price == self.last_price
            odd = new.all_or_none or new.post_only or new.min_quantity
            may = at_last or (new.kind is Kind.MARKET and self.last_price)
            return not may or odd or new.tif in FOR_AUCTIONS
        return new.tif is Tif.OPG

    def triggered_already(self, new):
        if new.kind not in (Kind.STOP, Kind.STOP_LIMIT) or not self.last_price:
            return False
        return self.last_price * new.side >= new.stop_price * new.side

    def full_for(self, new):
        market = new.kind is Kind.MARKET and new.tif not in FOR_AUCTIONS
        passing = new.tif in AT_ONCE or (market and self.phase is Phase.CONTINUOUS)
        return not passing and len(self.orders) >= self.rules.max_orders

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
            (RefusalCode.BAD_INSTRUCTION, not free and price not in own_price),
            (RefusalCode.BAD_INSTRUCTION, not free and quantity > order.total),
            (RefusalCode.BAD_PRICE, free and not 1 <= price <= MAX_PRICE),
            (RefusalCode.BAD_TICK, free and price % rules.tick(price)),
            (RefusalCode.PRICE_BAND, free and self.out_of_band(price)),
            (RefusalCode.BELOW_EXECUTED, quantity < order.executed),
            (RefusalCode.PHASE, free and last and not stays and price != self.last_price),
        )
        return next((code for code, fails in checks if fails), None)

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
        return max(1, price + order.side * distance)

    def examine_notes(self):
        """Each trade in turn triggers stops, or drags those that trail."""
        for trade_id, price in self.notes:
            for order in self.by_entry():
                parked = order.kind in STOPS and order not in self.triggered
                if not parked or trade_id <= order.trades_before:
                    continue
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
            self.notes.append((self.trades, price))
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
