"""Whether a request makes sense by itself, before anything in the book is looked at."""

from __future__ import annotations

from meridian.book.codes import MAX_ID, MAX_PRICE, MAX_QUANTITY, MAX_TRANCHES, RefusalCode, Tif
from meridian.book.orders import Kind, NewOrder, Peg, SelfTrade
from meridian.book.rules import BookRules
from meridian.book.working import STOPS

__all__ = ["order_refusal", "price_refusal", "quantity_refusal", "too_many_tranches"]

_PRICED = frozenset({Kind.LIMIT, Kind.STOP_LIMIT})
_PRICELESS = frozenset({Kind.MARKET, Kind.MARKET_TO_LIMIT, Kind.STOP, Kind.TRAILING_STOP})
_NEVER_RESTS = frozenset({Kind.MARKET, Kind.STOP, Kind.TRAILING_STOP})
_AT_ONCE = frozenset({Kind.MARKET, Kind.LIMIT, Kind.MARKET_TO_LIMIT})
_STAYS = frozenset({Tif.DAY, Tif.GTC, Tif.GTD})
_FOR_AUCTIONS = frozenset({Tif.OPG, Tif.CLS, Tif.GFA})


def order_refusal(
    new: NewOrder, rules: BookRules, now: int, *, dice: bool, traded: bool
) -> RefusalCode | None:
    """The first check that a new order fails, or None.

    Args:
        dice: whether the book has any.
        traded: whether the book has a last price.
    """
    # Rule 9: a trailing stop starts from the last trade, or from a stop price.
    astray = new.kind is Kind.TRAILING_STOP and not traded and new.stop_price is None
    if astray or _contradictory(new, now, dice=dice):
        return RefusalCode.BAD_INSTRUCTION
    lots = [lots for lots in (new.display, new.refresh_range, new.min_quantity) if lots]
    code = quantity_refusal(new.quantity, rules, *lots)
    if code is not None:
        return code
    # After the lots, which a tranche's least size is counted in.
    if too_many_tranches(new.quantity, new.display or 0, new.refresh_range, rules):
        return RefusalCode.BAD_INSTRUCTION
    prices = [price for price in (new.price, new.stop_price) if price is not None]
    if not all(1 <= price <= MAX_PRICE for price in prices):
        return RefusalCode.BAD_PRICE
    # Rule 19.
    if any(price % rules.tick(price) for price in prices):
        return RefusalCode.BAD_TICK
    # Rule 18; a stop price may lie anywhere.
    if new.price is not None and not rules.band_low <= new.price <= rules.band_high:
        return RefusalCode.PRICE_BAND
    return None


def quantity_refusal(quantity: int, rules: BookRules, *others: int) -> RefusalCode | None:
    """What is wrong with a total, or with other quantities that must be whole lots."""
    # Rule 19.
    if not rules.min_quantity <= quantity <= rules.max_quantity:
        return RefusalCode.BAD_QUANTITY
    if any(lots % rules.lot for lots in (quantity, *others)):
        return RefusalCode.BAD_LOT
    return None


def price_refusal(price: int, rules: BookRules) -> RefusalCode | None:
    """What is wrong with a limit price."""
    if not 1 <= price <= MAX_PRICE:
        return RefusalCode.BAD_PRICE
    # Rules 19 and 18.
    if price % rules.tick(price):
        return RefusalCode.BAD_TICK
    if not rules.band_low <= price <= rules.band_high:
        return RefusalCode.PRICE_BAND
    return None


def too_many_tranches(quantity: int, display: int, refresh_range: int, rules: BookRules) -> bool:
    """Whether an iceberg might come in more tranches than it may."""
    # Rule 6.
    return display > 0 and quantity > max(rules.lot, display - refresh_range) * MAX_TRANCHES


def _contradictory(new: NewOrder, now: int, *, dice: bool) -> bool:
    """Whether fields contradict each other, or one is missing."""
    parties = (new.account, new.session, new.broker)
    return (
        not _known(new)
        or not 1 <= new.order_id <= MAX_ID
        or new.side not in (1, -1)
        or not all(-MAX_ID <= party <= MAX_ID for party in parties)
        or (new.kind in _PRICED and new.price is None)
        or (new.kind in _PRICELESS and new.price is not None)
        or (new.peg is not None) != (new.kind is Kind.PEGGED)
        or (new.offset != 0 and new.kind is not Kind.PEGGED)
        or abs(new.offset) > MAX_PRICE
        or _bad_stop(new)
        or _bad_display(new, dice=dice)
        or _bad_conditions(new)
        or _bad_time(new, now)
    )


def _known(new: NewOrder) -> bool:
    """Whether numbers are integers, and words members: the engine tells those by identity."""
    names = (new.order_id, new.side, new.account, new.session, new.broker)
    amounts = (new.quantity, new.offset, new.refresh_range, new.min_quantity, new.discretion)
    perhaps = (new.price, new.stop_price, new.trail, new.trail_bps, new.display, new.expire_at)
    return (
        all(isinstance(number, int) for number in (*names, *amounts))
        and all(number is None or isinstance(number, int) for number in perhaps)
        and isinstance(new.kind, Kind)
        and isinstance(new.tif, Tif)
        and isinstance(new.peg, Peg | None)
        and isinstance(new.self_trade, SelfTrade)
    )


def _bad_stop(new: NewOrder) -> bool:
    if new.kind is Kind.TRAILING_STOP:
        trails = [trail for trail in (new.trail, new.trail_bps) if trail is not None]
        return len(trails) != 1 or not 1 <= trails[0] <= MAX_PRICE
    if new.trail is not None or new.trail_bps is not None:
        return True
    return (new.stop_price is not None) != (new.kind in STOPS)


def _bad_display(new: NewOrder, *, dice: bool) -> bool:
    if new.display is None:
        return new.refresh_range != 0 or (new.hidden and new.kind in _NEVER_RESTS)
    return (
        not 1 <= new.display <= MAX_QUANTITY
        or new.hidden
        or new.peg is Peg.MIDPOINT
        or new.kind in _NEVER_RESTS
        or not 0 <= new.refresh_range <= MAX_QUANTITY
        or (new.refresh_range > 0 and not dice)
    )


def _bad_conditions(new: NewOrder) -> bool:
    if not 0 <= new.min_quantity <= max(new.quantity, 0):
        return True
    once = new.kind in _AT_ONCE and new.tif not in _FOR_AUCTIONS
    if new.min_quantity and (not once or new.post_only):
        return True
    if new.post_only and (new.kind is not Kind.LIMIT or new.tif not in _STAYS):
        return True
    if not 0 <= new.discretion <= MAX_PRICE:
        return True
    # Rules 11 and 22: all or none, and discretion, go with nothing else.
    others = new.display is not None or new.hidden or new.min_quantity or new.post_only
    if new.discretion and (new.tif not in _STAYS or new.all_or_none):
        return True
    return (new.all_or_none or new.discretion > 0) and bool(
        new.kind is not Kind.LIMIT or new.tif in _FOR_AUCTIONS or others
    )


def _bad_time(new: NewOrder, now: int) -> bool:
    if (new.expire_at is not None) != (new.tif is Tif.GTD):
        return True
    if new.expire_at is not None and new.expire_at <= now:
        return True
    if new.kind in STOPS or new.kind is Kind.PEGGED:
        return new.tif not in _STAYS
    return new.kind is Kind.MARKET_TO_LIMIT and new.tif in _FOR_AUCTIONS
