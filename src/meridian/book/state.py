"""The state of a book as one text, the same for every implementation, and its hash."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

from meridian.book.orders import OrderView

__all__ = ["hash_of"]


def hash_of(
    *,
    phase: int,
    last_price: int,
    trades: int,
    bids: Iterable[OrderView],
    asks: Iterable[OrderView],
    aside: Iterable[OrderView],
) -> str:
    """SHA-256, in hexadecimal, of the book's canonical text.

    The text is ASCII lines that end in a newline, decimal integers separated by commas: first
    ``phase,last_price,trades``; then one line an order: bids, then asks, each in priority order
    (price, displayed before hidden, time), then those that wait aside by id. A line is id, side
    (1 or -1), kind, price, stop price, total, executed, visible, undisplayed (leaves less visible),
    parked (0 or 1), account, session, broker, tif, expiry; 0 stands for none.

    Args:
        last_price: ticks; 0 before the first trade.
        trades: how many trades the book has made.
        aside: parked orders in any order.
    """
    lines = [f"{int(phase)},{last_price},{trades}\n"]
    lines += [_line(order) for order in bids]
    lines += [_line(order) for order in asks]
    lines += [_line(order) for order in sorted(aside, key=lambda order: order.order_id)]
    return sha256("".join(lines).encode("ascii")).hexdigest()


def _line(order: OrderView) -> str:
    return (
        f"{order.order_id},{int(order.side)},{int(order.kind)},{order.price},{order.stop_price},"
        f"{order.quantity},{order.executed},{order.visible},{order.leaves - order.visible},"
        f"{int(order.parked)},{order.account},{order.session},{order.broker},"
        f"{int(order.tif)},{order.expire_at}\n"
    )
