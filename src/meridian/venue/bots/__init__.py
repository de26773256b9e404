"""Automated trading on one book."""

from meridian.venue.bots.base import Bot, BotSettings, Dice
from meridian.venue.bots.deciders import (
    AutoCancel,
    AutoFill,
    AutoPartial,
    AutoReject,
    Decider,
    PartialThenCancel,
)
from meridian.venue.bots.traders import DRIFT_BAND, MAX_NOISE_ORDERS, MarketMaker, NoiseTrader

__all__ = [
    "DRIFT_BAND",
    "MAX_NOISE_ORDERS",
    "AutoCancel",
    "AutoFill",
    "AutoPartial",
    "AutoReject",
    "Bot",
    "BotSettings",
    "Decider",
    "Dice",
    "MarketMaker",
    "NoiseTrader",
    "PartialThenCancel",
]
