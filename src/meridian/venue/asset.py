"""What kind of thing an instrument is, with the attributes of its asset class."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

__all__ = [
    "Asset",
    "Crypto",
    "Equity",
    "Future",
    "FxSpot",
    "Ndf",
    "Option",
    "PutOrCall",
]


class PutOrCall(StrEnum):
    """Which right an option gives: PutOrCall(201)."""

    PUT = "0"
    CALL = "1"


@dataclass(frozen=True, slots=True)
class Equity:
    """A share."""

    exchange: str | None = None
    """SecurityExchange(207), a MIC."""


@dataclass(frozen=True, slots=True)
class Option:
    """A right on ``underlying``. ``maturity`` is YYYYMM or YYYYMMDD."""

    underlying: str
    maturity: str
    strike: Decimal
    right: PutOrCall
    contract_multiplier: Decimal = Decimal(100)


@dataclass(frozen=True, slots=True)
class Future:
    """A contract on ``underlying``. ``maturity`` is YYYYMM or YYYYMMDD."""

    underlying: str
    maturity: str
    contract_multiplier: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True)
class FxSpot:
    """A currency pair. ``settl_type`` is SettlType(63), ``settl_date`` YYYYMMDD."""

    base: str
    quote: str
    settl_type: str = "0"
    settl_date: str | None = None


@dataclass(frozen=True, slots=True)
class Ndf:
    """A pair that settles in ``settl_currency`` at the rate of ``fixing_date``; YYYYMMDD."""

    base: str
    quote: str
    settl_currency: str
    fixing_date: str
    settl_date: str


@dataclass(frozen=True, slots=True)
class Crypto:
    """A pair of digital assets, or one against a currency."""

    base: str
    quote: str


Asset = Equity | Option | Future | FxSpot | Ndf | Crypto
