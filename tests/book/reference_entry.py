"""How the reference book takes or refuses a new order."""

from __future__ import annotations

from reference_order import (
    AT_ONCE,
    FOR_AUCTIONS,
    OPENING,
    PHASES_OF,
    STAYING,
    STOPS,
    Order,
    too_fine,
)

from meridian.book.codes import (
    MAX_ID,
    MAX_PRICE,
    MAX_QUANTITY,
    BookSide,
    CancelReason,
    Event,
    RefusalCode,
    Tif,
)
from meridian.book.orders import Kind, Peg, SelfTrade
from meridian.book.rules import AUCTIONS, Phase


class Entry:
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
        order = Order(new, self.entries, new.kind, new.price or 0, new.quantity)
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
        sizes = (new.quantity, new.display or 0, new.refresh_range, new.min_quantity)
        checks = (
            (RefusalCode.BAD_INSTRUCTION, lambda: self.contradicts(new, now)),
            (RefusalCode.BAD_QUANTITY, lambda: self.bad_quantity(new.quantity)),
            (RefusalCode.BAD_LOT, lambda: any(size % rules.lot for size in sizes)),
            (RefusalCode.BAD_INSTRUCTION, lambda: too_fine(new, new.quantity, rules.lot)),
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
            not all(isinstance(n, int) for n in self.numbers(new) if n is not None)
            or new.quantity is None
            or new.side not in tuple(BookSide)
            or not isinstance(new.tif, Tif)
            or not isinstance(kind, Kind)
            or not isinstance(new.self_trade, SelfTrade)
            or not (new.peg is None or isinstance(new.peg, Peg))
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

    @staticmethod
    def numbers(new):
        amounts = (new.quantity, new.display, new.refresh_range, new.min_quantity)
        prices = (new.price, new.stop_price, new.trail, new.trail_bps, new.offset, new.discretion)
        return (new.order_id, new.expire_at, *amounts, *prices)

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
            or (least and (new.kind not in entering or new.post_only or new.tif in FOR_AUCTIONS))
            or (new.post_only and not (limit and new.tif in STAYING))
            or (new.all_or_none and not (limit and plain and (once or new.tif in STAYING)))
            or not 0 <= new.discretion <= MAX_PRICE
            or (new.discretion and not (limit and plain and new.tif in STAYING))
            or (new.discretion and new.all_or_none)
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
