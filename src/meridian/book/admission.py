"""What a ladder takes in: the checks both twins share off their hot paths."""

from __future__ import annotations

from operator import index

from meridian.book.codes import MAX_ID, MAX_PRICE, MAX_QUANTITY

__all__ = ["MAX_ORDERS", "MAX_TIF", "check_limits", "check_record"]

MAX_ORDERS = 2**31
"""Most orders that any ladder may be told to hold."""
MAX_TIF = 255
"""Largest time in force a record keeps."""

Limits = tuple[int, int, int, int, int, int, int]


def check_limits(limits: Limits) -> Limits:
    """Lot, tick, least and largest quantity, lowest and highest price, number of orders, checked.

    Raises:
        ValueError: a value that makes no sense, by name.
        TypeError: a value that is no integer.
    """
    lot, tick, min_quantity, max_quantity, band_low, band_high, max_orders = map(index, limits)
    for name, low, value, high in (
        ("lot", 1, lot, MAX_QUANTITY),
        ("tick", 1, tick, MAX_PRICE),
        ("min_quantity", 1, min_quantity, MAX_QUANTITY),
        ("max_quantity", min_quantity, max_quantity, MAX_QUANTITY),
        ("band_low", 1, band_low, MAX_PRICE),
        ("band_high", band_low, band_high, MAX_PRICE),
        ("max_orders", 0, max_orders, MAX_ORDERS),
    ):
        if not low <= value <= high:
            raise ValueError(f"{name}: expected {low} to {high}, got {value}")
    return lot, tick, min_quantity, max_quantity, band_low, band_high, max_orders


def check_record(record: tuple[int, ...]) -> None:
    """Check a record that is to rest.

    Raises:
        ValueError: its fields are out of range or contradict each other.
    """
    order_id, side, price, visible, reserve, display, hidden, total, executed = record[:9]
    tif = record[12]
    if side not in (1, -1) or not 0 < order_id <= MAX_ID or not 1 <= price <= MAX_PRICE:
        raise ValueError(f"order {order_id}: no order has side {side} and price {price}")
    if not 0 <= tif <= MAX_TIF or not all(-MAX_ID <= party <= MAX_ID for party in record[9:12]):
        raise ValueError(f"order {order_id}: account, session, broker or tif out of range")
    if hidden:
        rests = visible == 0 and reserve > 0
    else:
        rests = visible > 0 and (reserve == 0 or (reserve > 0 and display > 0))
    adds_up = executed >= 0 and total == executed + visible + reserve
    if not rests or not adds_up or total > MAX_QUANTITY or not 0 <= display <= MAX_QUANTITY:
        raise ValueError(
            f"order {order_id}: visible {visible}, reserve {reserve}, display {display}, "
            f"executed {executed} and total {total} contradict each other"
        )
