"""The arithmetic of a call auction, on lists of interest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

__all__ = ["Offer", "Uncross", "pairs", "uncross"]


class Offer(NamedTuple):
    """One order's part in an auction, or that of all orders at a price (order id 0).

    Price in ticks, 0 for market orders; quantity in lots.
    """

    order_id: int
    price: int
    quantity: int


class Uncross(NamedTuple):
    """What an auction does: price in ticks, volume in lots, and buys less sells at the price."""

    price: int
    volume: int
    surplus: int


def uncross(buys: Sequence[Offer], sells: Sequence[Offer], reference: int) -> Uncross | None:
    """The auction of these offers, or None where nothing trades.

    Args:
        buys: in priority order: market orders, then from the highest price on.
        sells: in priority order: market orders, then from the lowest price on.
        reference: last trade or reference price; 0 for none.
    """
    limits = sorted({offer.price for offer in (*buys, *sells) if offer.price})
    # Rule 17: with market orders only, the reference price.
    prices = limits or [reference] * bool(reference)
    if not prices:
        return None
    demand = _cumulative(buys, prices[::-1], 1)
    supply = _cumulative(sells, prices, -1)

    def merit(price: int) -> tuple[int, int, int, int]:
        # Rule 17: volume, then surplus, then the reference, then the higher price.
        bought, sold = demand[price], supply[price]
        away = abs(price - reference) if reference else 0
        return min(bought, sold), -abs(bought - sold), -away, price

    price = max(prices, key=merit)
    volume = min(demand[price], supply[price])
    return Uncross(price, volume, demand[price] - supply[price]) if volume else None


def pairs(
    buys: Sequence[Offer], sells: Sequence[Offer], volume: int
) -> Iterator[tuple[int, int, int]]:
    """Pair both sides in priority order: ``(buy_id, sell_id, quantity)`` up to the volume."""
    bought, sold = iter(buys), iter(sells)
    buy_left = sell_left = 0
    buy_id = sell_id = 0
    while volume:
        if not buy_left:
            buy_id, _, buy_left = next(bought)
        if not sell_left:
            sell_id, _, sell_left = next(sold)
        quantity = min(buy_left, sell_left, volume)
        yield buy_id, sell_id, quantity
        buy_left -= quantity
        sell_left -= quantity
        volume -= quantity


def _cumulative(offers: Sequence[Offer], prices: Sequence[int], side: int) -> dict[int, int]:
    """Lots that would trade at each of the prices, which go from the side's best to its worst."""
    found: dict[int, int] = {}
    total = at = 0
    for price in prices:
        while at < len(offers) and (not offers[at].price or (offers[at].price - price) * side >= 0):
            total += offers[at].quantity
            at += 1
        found[price] = total
    return found
