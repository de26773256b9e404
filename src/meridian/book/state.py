"""The state of a book as one text, the same for every implementation, and its hash."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from meridian.book.orders import OrderView

__all__ = ["State", "hash_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """All that decides what a book says next, but for its rules and its dice."""

    phase: int
    last_price: int
    """Ticks; 0 before the first trade."""
    trades: int
    """How many the book has made."""
    busted: Iterable[int]
    """Trade ids."""
    published: tuple[int, int, int]
    """The last indicative price, volume and surplus; zeros where there is no auction."""
    triggered: Iterable[int]
    """Ids of triggered stops, in the sequence in which they will enter."""
    by_entry: Iterable[int]
    """Ids in order of entry: orders aside, pegs, with discretion, an expiry or for an auction."""
    by_time: Iterable[int]
    """Ids in time order: waiting all-or-none and market orders."""
    bids: Iterable[OrderView]
    """Resting orders in priority order: price, displayed before hidden, time."""
    asks: Iterable[OrderView]
    aside: Iterable[OrderView]
    """Parked orders in any sequence."""


def hash_of(state: State) -> str:
    """SHA-256, in hexadecimal, of the book's canonical text.

    The text is ASCII lines that end in a newline, decimal integers separated by commas; 0 stands
    for none. First a line each of: phase, last price, trades; busted trades, ascending; the
    published indication; triggered; by entry; by time. Then one line an order: bids, asks, then
    those aside by id. Such a line is id, side (1 or -1), kind, price, stop price, total,
    executed, visible, undisplayed (leaves less visible), parked (0 or 1), account, session,
    broker, tif, expiry, display, refresh range, hidden, post only, all or none, discretion, trail,
    trail in basis points, peg, offset, cap, self-trade prevention, dormant.
    """
    lines = [
        _line(state.phase, state.last_price, state.trades),
        _line(*sorted(state.busted)),
        _line(*state.published),
        _line(*state.triggered),
        _line(*state.by_entry),
        _line(*state.by_time),
    ]
    aside = sorted(state.aside, key=lambda order: order.order_id)
    lines += [_line(*_numbers(order)) for side in (state.bids, state.asks, aside) for order in side]
    return sha256("".join(lines).encode("ascii")).hexdigest()


def _line(*numbers: int) -> str:
    return ",".join([str(int(number)) for number in numbers]) + "\n"


def _numbers(order: OrderView) -> tuple[int, ...]:
    return (
        order.order_id,
        order.side,
        order.kind,
        order.price,
        order.stop_price,
        order.quantity,
        order.executed,
        order.visible,
        order.leaves - order.visible,
        order.parked,
        order.account,
        order.session,
        order.broker,
        order.tif,
        order.expire_at,
        order.display,
        order.refresh_range,
        order.hidden,
        order.post_only,
        order.all_or_none,
        order.discretion,
        order.trail,
        order.trail_bps,
        order.peg or 0,
        order.offset,
        order.cap,
        order.self_trade,
        order.dormant,
    )
