"""An instrument as people define it: asset class, names, grid, rules, what it offers."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from meridian.management.fields import Amount, Currency, Model, Step, Word
from meridian.schema.numbers import canonical, is_multiple

__all__ = [
    "MAX_ALIASES",
    "MAX_SCHEDULE",
    "MAX_TICK_TABLE",
    "AliasDefinition",
    "AllocationName",
    "AssetDefinition",
    "CollarName",
    "CryptoDefinition",
    "EquityDefinition",
    "FeaturesDefinition",
    "FutureDefinition",
    "FxSpotDefinition",
    "InstrumentDefinition",
    "NdfDefinition",
    "OptionDefinition",
    "OrderTypeName",
    "PhaseName",
    "RulesDefinition",
    "ScheduledPhase",
    "TickStep",
    "TifName",
    "require_multiple",
]

MAX_ALIASES = 16
MAX_TICK_TABLE = 64
MAX_SCHEDULE = 64

Date = Annotated[str, StringConstraints(pattern=r"^[0-9]{8}$")]
Maturity = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}([0-9]{2})?$")]
DayTime = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]$")]
Asset = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{2,12}$")]


class OrderTypeName(StrEnum):
    """Order types, as the book has them."""

    MARKET = "market"
    LIMIT = "limit"
    STOP = "stop"
    STOP_LIMIT = "stop_limit"
    MARKET_TO_LIMIT = "market_to_limit"
    PEGGED = "pegged"
    TRAILING_STOP = "trailing_stop"


class TifName(StrEnum):
    """Times in force: the day, good till cancel, at the opening, and so on."""

    DAY = "day"
    GTC = "gtc"
    OPG = "opg"
    IOC = "ioc"
    FOK = "fok"
    GTD = "gtd"
    CLS = "cls"
    GFA = "gfa"


class PhaseName(StrEnum):
    """Trading phases."""

    PRE_OPEN = "pre_open"
    OPENING_AUCTION = "opening_auction"
    CONTINUOUS = "continuous"
    VOLATILITY_AUCTION = "volatility_auction"
    CLOSING_AUCTION = "closing_auction"
    TRADE_AT_LAST = "trade_at_last"
    HALTED = "halted"
    CLOSED = "closed"


class AllocationName(StrEnum):
    """Who is served first at one price."""

    FIFO = "fifo"
    PRO_RATA = "pro_rata"
    BROKER_TIME = "broker_time"


class CollarName(StrEnum):
    """What happens to what would trade beyond the collar."""

    CANCEL = "cancel"
    VOLATILITY_AUCTION = "volatility_auction"


class EquityDefinition(Model):
    """A share; ``exchange`` is a MIC."""

    type: Literal["equity"] = "equity"
    exchange: Word | None = None


class OptionDefinition(Model):
    """A right on ``underlying``; ``maturity`` is YYYYMM or YYYYMMDD."""

    type: Literal["option"] = "option"
    underlying: Word
    maturity: Maturity
    strike: Amount
    right: Literal["put", "call"]
    contract_multiplier: Amount = Decimal(100)


class FutureDefinition(Model):
    """A contract on ``underlying``; ``maturity`` is YYYYMM or YYYYMMDD."""

    type: Literal["future"] = "future"
    underlying: Word
    maturity: Maturity
    contract_multiplier: Amount = Decimal(1)


class FxSpotDefinition(Model):
    """A currency pair; dates are YYYYMMDD."""

    type: Literal["fx_spot"] = "fx_spot"
    base: Currency
    quote: Currency
    settl_type: Word = "0"
    settl_date: Date | None = None


class NdfDefinition(Model):
    """A currency pair settled in ``settl_currency`` at the rate of ``fixing_date``."""

    type: Literal["ndf"] = "ndf"
    base: Currency
    quote: Currency
    settl_currency: Currency
    fixing_date: Date
    settl_date: Date


class CryptoDefinition(Model):
    """A pair of digital assets, or one against a currency."""

    type: Literal["crypto"] = "crypto"
    base: Asset
    quote: Asset


AssetDefinition = Annotated[
    EquityDefinition
    | OptionDefinition
    | FutureDefinition
    | FxSpotDefinition
    | NdfDefinition
    | CryptoDefinition,
    Field(discriminator="type"),
]
"""An asset class with its attributes, told apart by ``type``."""


class AliasDefinition(Model):
    """Another symbol, or with ``source`` a SecurityID(48) of that SecurityIDSource(22)."""

    name: Word
    source: Word | None = None


class TickStep(Model):
    """From which price on which tick applies."""

    price: Amount
    tick: Step


class ScheduledPhase(Model):
    """At which time of the UTC day which phase begins."""

    at: DayTime
    phase: PhaseName


class RulesDefinition(Model):
    """How an instrument trades."""

    allocation: AllocationName = AllocationName.FIFO
    tick_table: tuple[TickStep, ...] = Field(default=(), max_length=MAX_TICK_TABLE)
    max_quantity: Amount | None = None
    band_low: Amount | None = None
    band_high: Amount | None = None
    collar: Amount | None = None
    collar_action: CollarName = CollarName.CANCEL
    phase: PhaseName = PhaseName.CONTINUOUS
    schedule: tuple[ScheduledPhase, ...] = Field(default=(), max_length=MAX_SCHEDULE)


class FeaturesDefinition(Model):
    """What is offered; the rest is refused with the field's standard reason."""

    order_types: frozenset[OrderTypeName] = frozenset(OrderTypeName)
    times_in_force: frozenset[TifName] = frozenset(TifName)


class InstrumentDefinition(Model):
    """One tradable thing, with the grid its prices and quantities must fall on."""

    symbol: Word
    tick_size: Step = Decimal("0.01")
    lot_size: Step = Decimal(1)
    min_quantity: Amount = Decimal(1)
    currency: Currency = "USD"
    reference_price: Amount
    """Where bots begin to quote."""
    asset: AssetDefinition = Field(default_factory=EquityDefinition)
    aliases: tuple[AliasDefinition, ...] = Field(default=(), max_length=MAX_ALIASES)
    features: FeaturesDefinition | None = None
    """None: the venue's."""
    rules: RulesDefinition = Field(default_factory=RulesDefinition)

    @model_validator(mode="after")
    def _on_the_grid(self) -> Self:
        require_multiple("reference_price", self.reference_price, "tick_size", self.tick_size)
        require_multiple("min_quantity", self.min_quantity, "lot_size", self.lot_size)
        return self


def require_multiple(name: str, value: Decimal, step_name: str, step: Decimal) -> None:
    """Hold a value to its grid.

    Raises:
        ValueError: it is off the grid; names both.
    """
    if not is_multiple(value, step):
        raise ValueError(
            f"{name}: {canonical(value)} is not a multiple of {step_name} {canonical(step)}"
        )
