"""Instruments and features from how people define them to how the venue has them."""

from __future__ import annotations

from decimal import Decimal
from typing import assert_never

from meridian.book import Allocation, CollarAction, Kind, Phase, Tif
from meridian.management import InstrumentDefinition
from meridian.management.instruments import (
    AssetDefinition,
    CryptoDefinition,
    EquityDefinition,
    FeaturesDefinition,
    FutureDefinition,
    FxSpotDefinition,
    NdfDefinition,
    OptionDefinition,
    RulesDefinition,
)
from meridian.schema.errors import ConfigError
from meridian.venue import Instrument
from meridian.venue.asset import (
    Asset,
    Crypto,
    Equity,
    Future,
    FxSpot,
    Ndf,
    Option,
    PutOrCall,
)
from meridian.venue.features import Features
from meridian.venue.instrument import Alias, TradingRules

__all__ = ["build_features", "build_instrument"]


def build_instrument(definition: InstrumentDefinition) -> Instrument:
    """The instrument of a definition.

    Raises:
        ConfigError: its rules contradict each other or its grid; names both.
    """
    features = definition.features
    try:
        return Instrument(
            symbol=definition.symbol,
            tick_size=definition.tick_size,
            lot_size=definition.lot_size,
            min_quantity=definition.min_quantity,
            currency=definition.currency,
            asset=_asset(definition.asset),
            aliases=tuple(Alias(alias.name, alias.source) for alias in definition.aliases),
            features=None if features is None else build_features(features),
            rules=_rules(definition.rules, definition.reference_price),
        )
    except ValueError as error:
        raise ConfigError(f"instrument {error}") from None


def build_features(definition: FeaturesDefinition) -> Features:
    """What a venue or an instrument offers."""
    return Features(
        order_types=frozenset(Kind[name.name] for name in definition.order_types),
        times_in_force=frozenset(Tif[name.name] for name in definition.times_in_force),
    )


def _asset(definition: AssetDefinition) -> Asset:
    d = definition
    match d:
        case EquityDefinition():
            return Equity(d.exchange)
        case OptionDefinition():
            right = PutOrCall.PUT if d.right == "put" else PutOrCall.CALL
            return Option(d.underlying, d.maturity, d.strike, right, d.contract_multiplier)
        case FutureDefinition():
            return Future(d.underlying, d.maturity, d.contract_multiplier)
        case FxSpotDefinition():
            return FxSpot(d.base, d.quote, d.settl_type, d.settl_date)
        case NdfDefinition():
            return Ndf(d.base, d.quote, d.settl_currency, d.fixing_date, d.settl_date)
        case CryptoDefinition():
            return Crypto(d.base, d.quote)
        case _:
            assert_never(d)


def _rules(definition: RulesDefinition, reference_price: Decimal) -> TradingRules:
    return TradingRules(
        allocation=Allocation[definition.allocation.name],
        tick_table=tuple((step.price, step.tick) for step in definition.tick_table),
        max_quantity=definition.max_quantity,
        band_low=definition.band_low,
        band_high=definition.band_high,
        collar=definition.collar,
        collar_action=CollarAction[definition.collar_action.name],
        reference_price=None if definition.collar is None else reference_price,
        phase=Phase[definition.phase.name],
        schedule=tuple((_second(each.at), Phase[each.phase.name]) for each in definition.schedule),
    )


def _second(at: str) -> int:
    hours, minutes, seconds = map(int, at.split(":"))
    return (hours * 60 + minutes) * 60 + seconds
