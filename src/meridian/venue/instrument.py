"""Instruments: what trades, and the grid between Decimals at the door and integers inside."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from typing import NamedTuple

from meridian.book import MAX_PRICE, MAX_QUANTITY, Allocation, BookRules, CollarAction, Phase
from meridian.schema.numbers import canonical
from meridian.venue.asset import Asset, Equity
from meridian.venue.features import Features
from meridian.venue.reasons import OrderReason, Refusal

__all__ = ["MAX_TEXTS", "SECONDS_PER_DAY", "Alias", "Instrument", "TradingRules"]

SECONDS_PER_DAY = 86_400
MAX_TEXTS = 4_096
"""Prices, averages and quantities each that an instrument remembers as they are written."""
_AVERAGE = Decimal("0.00000001")
"""Average prices carry eight decimals."""


class Alias(NamedTuple):
    """Another name: a symbol, or a SecurityID(48) of a SecurityIDSource(22)."""

    name: str
    source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TradingRules:
    """How an instrument trades. Prices and quantities in its own units, not ticks and lots.

    ``tick_table``: from which price on which larger tick applies, ascending; each a multiple of
    the tick size. ``schedule``: at which second of the UTC day which phase begins, ascending.
    """

    allocation: Allocation = Allocation.FIFO
    tick_table: tuple[tuple[Decimal, Decimal], ...] = ()
    max_quantity: Decimal | None = None
    band_low: Decimal | None = None
    band_high: Decimal | None = None
    collar: Decimal | None = None
    collar_action: CollarAction = CollarAction.CANCEL
    reference_price: Decimal | None = None
    phase: Phase = Phase.CONTINUOUS
    schedule: tuple[tuple[int, Phase], ...] = ()


_PLAIN_RULES = TradingRules()


@dataclass(frozen=True, slots=True)
class Instrument:
    """A tradable thing. Sizes are in the instrument's own units, all greater than 0.

    ``min_quantity`` is a multiple of ``lot_size``. ``features`` None: the venue's.

    Raises:
        ValueError: a size is off the grid or a rule contradicts another; names both.
    """

    symbol: str
    tick_size: Decimal
    lot_size: Decimal
    min_quantity: Decimal
    currency: str = "USD"
    asset: Asset = field(default_factory=Equity)
    aliases: tuple[Alias, ...] = ()
    features: Features | None = None
    rules: TradingRules = _PLAIN_RULES
    price_scale: tuple[int, int] = field(init=False, repr=False, compare=False)
    """Decimals of a price, and units of its last decimal in a tick."""
    quantity_scale: tuple[int, int] = field(init=False, repr=False, compare=False)
    book_rules: BookRules = field(init=False, repr=False, compare=False)
    _prices: dict[int, str] = field(init=False, repr=False, compare=False, default_factory=dict)
    _averages: dict[int, str] = field(init=False, repr=False, compare=False, default_factory=dict)
    _quantities: dict[int, str] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("tick_size", "lot_size", "min_quantity"):
            if getattr(self, name) <= 0:
                raise ValueError(f"{self.symbol}: {name} {getattr(self, name)}: expected above 0")
        object.__setattr__(self, "price_scale", _scale(self.tick_size))
        object.__setattr__(self, "quantity_scale", _scale(self.lot_size))
        rules = _book_rules(self)
        object.__setattr__(self, "book_rules", rules)

    def ticks(self, price: Decimal, name: str = "Price(44)") -> int | Refusal:
        """A price in ticks, or what was expected instead."""
        name = f"{name} {price}"
        if price <= 0:
            return Refusal(OrderReason.OTHER, f"{name} is not positive")
        if price > self.tick_size * MAX_PRICE:
            return Refusal(OrderReason.OTHER, f"{name} is above the highest price")
        ticks = Fraction(price) / Fraction(self.tick_size)
        if ticks.denominator != 1:
            step = canonical(self.tick_size)
            return Refusal(OrderReason.OTHER, f"{name} is not a multiple of the tick size {step}")
        return ticks.numerator

    def lots(self, quantity: Decimal, name: str = "OrderQty(38)") -> int | Refusal:
        """A quantity in lots, or what was expected instead."""
        code, name = OrderReason.INCORRECT_QUANTITY, f"{name} {quantity}"
        if quantity <= 0:
            return Refusal(code, f"{name} is not positive")
        if quantity > self.lot_size * MAX_QUANTITY:
            return Refusal(code, f"{name} is above the largest quantity")
        if quantity < self.min_quantity:
            return Refusal(code, f"{name} is below the minimum {canonical(self.min_quantity)}")
        lots = Fraction(quantity) / Fraction(self.lot_size)
        if lots.denominator != 1:
            step = canonical(self.lot_size)
            return Refusal(code, f"{name} is not a multiple of the lot size {step}")
        return lots.numerator

    def price_text(self, ticks: int) -> str:
        """A price as it is written, with the tick size's decimals."""
        text = self._prices.get(ticks)
        if text is None:
            decimals, units = self.price_scale
            text = _remember(self._prices, ticks, _fixed(ticks * units, decimals))
        return text

    def quantity_text(self, lots: int) -> str:
        """A quantity as it is written."""
        text = self._quantities.get(lots)
        if text is None:
            decimals, units = self.quantity_scale
            text = _remember(self._quantities, lots, _stripped(_fixed(lots * units, decimals)))
        return text

    def average_text(self, notional: int, lots: int) -> str:
        """The average price of ``lots`` that cost ``notional`` ticks x lots; "0" where none did."""
        if lots == 0:
            return "0"
        ticks, rest = divmod(notional, lots)
        if not rest:
            text = self._averages.get(ticks)
            if text is None:
                text = _remember(self._averages, ticks, _stripped(self.price_text(ticks)))
            return text
        average = Decimal(notional) * self.tick_size / lots
        return canonical(average.quantize(_AVERAGE, rounding=ROUND_HALF_EVEN))


def _remember(texts: dict[int, str], number: int, text: str) -> str:
    if len(texts) >= MAX_TEXTS:
        texts.clear()
    texts[number] = text
    return text


def _scale(size: Decimal) -> tuple[int, int]:
    exponent = size.as_tuple().exponent
    decimals = max(-exponent, 0) if isinstance(exponent, int) else 0
    return decimals, int(size.scaleb(decimals))


def _fixed(units: int, decimals: int) -> str:
    if not decimals:
        return str(units)
    sign = "-" if units < 0 else ""
    whole, rest = divmod(abs(units), 10**decimals)
    return f"{sign}{whole}.{rest:0{decimals}d}"


def _stripped(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


def _book_rules(instrument: Instrument) -> BookRules:
    """The rules in ticks and lots."""
    rules, symbol = instrument.rules, instrument.symbol

    def whole(name: str, value: Decimal | None, step: Decimal) -> int | None:
        if value is None:
            return None
        steps = Fraction(value) / Fraction(step)
        if steps.denominator != 1 or steps < 0:
            raise ValueError(f"{symbol}: {name} {value}: expected a multiple of {step}")
        return steps.numerator

    tick, lot = instrument.tick_size, instrument.lot_size
    table = [
        (whole("tick_table", start, tick) or 1, whole("tick_table", step, tick) or 0)
        for start, step in rules.tick_table
    ]
    if not table or table[0][0] != 1:
        table.insert(0, (1, 1))
    seconds = [second for second, _ in rules.schedule]
    if seconds != sorted(set(seconds)) or any(not 0 <= at < SECONDS_PER_DAY for at in seconds):
        raise ValueError(
            f"{symbol}: schedule: expected ascending seconds below {SECONDS_PER_DAY}, got {seconds}"
        )
    try:
        return BookRules(
            allocation=rules.allocation,
            tick_table=tuple(table),
            min_quantity=whole("min_quantity", instrument.min_quantity, lot) or 1,
            max_quantity=whole("max_quantity", rules.max_quantity, lot) or MAX_QUANTITY,
            band_low=whole("band_low", rules.band_low, tick) or 1,
            band_high=whole("band_high", rules.band_high, tick) or MAX_PRICE,
            collar=whole("collar", rules.collar, tick),
            collar_action=rules.collar_action,
            reference_price=whole("reference_price", rules.reference_price, tick),
            phase=rules.phase,
        )
    except ValueError as error:
        raise ValueError(f"{symbol}: {error}") from None
