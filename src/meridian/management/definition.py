"""What a venue is made of: instruments, endpoints with their sessions, bots, a recording."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum
from typing import Literal, Self

from pydantic import Field, model_validator

from meridian.management.fields import Amount, FileName, Model, Secret, Seed, Whole, Word
from meridian.management.instruments import (
    FeaturesDefinition,
    InstrumentDefinition,
    require_multiple,
)
from meridian.management.latency import LatencyDefinition

__all__ = [
    "DEFAULT_PORT",
    "Activity",
    "BotDefinition",
    "BotKind",
    "EndpointDefinition",
    "InstrumentDefinition",
    "Protocol",
    "ReplayDefinition",
    "SessionDefinition",
    "VenueDefinition",
]

DEFAULT_PORT = 9880
MAX_INSTRUMENTS = 10_000
MAX_ENDPOINTS = 100
MAX_SESSIONS = 1_000
"""Sessions of one endpoint."""
MAX_BOTS = 1_000
MAX_LATENCIES = 1_000
MAX_MESSAGES_PER_SECOND = 1_000_000


Protocol = Literal[
    "FIX.4.0",
    "FIX.4.1",
    "FIX.4.2",
    "FIX.4.3",
    "FIX.4.4",
    "FIX.5.0",
    "FIX.5.0SP1",
    "FIX.5.0SP2",
]
"""The application's version; FIX.5.0 and later are spoken over FIXT.1.1."""


class SessionDefinition(Model):
    """A configured connection from one client; a password goes with a username."""

    comp_id: Word
    protocol: Protocol | None = None
    """None: the endpoint's."""
    copies: tuple[Word, ...] = Field(default=(), max_length=MAX_SESSIONS)
    """Drop copy: CompIDs of the sessions whose execution reports it gets copies of."""
    username: Secret | None = None
    password: Secret | None = Field(default=None, repr=False)

    @model_validator(mode="after")
    def _both_or_neither(self) -> Self:
        if (self.username is None) != (self.password is None):
            raise ValueError("expected both username and password, or neither")
        if self.comp_id in self.copies:
            raise ValueError(f"copies: a session cannot be its own drop copy: {self.comp_id}")
        return self


class EndpointDefinition(Model):
    """Where clients connect; port 0 lets the system choose. ``name`` defaults to its place."""

    name: Word | None = None
    protocol: Protocol = "FIX.4.4"
    host: Word = "127.0.0.1"
    port: Whole = Field(default=DEFAULT_PORT, ge=0, le=65535)
    validate_messages: bool = True
    """Whether messages are held to the dictionary of their version."""
    sessions: tuple[SessionDefinition, ...] = Field(default=(), max_length=MAX_SESSIONS)


class BotKind(StrEnum):
    """What a bot does."""

    MARKET_MAKER = "market_maker"
    NOISE = "noise"
    AUTO_FILL = "auto_fill"
    AUTO_PARTIAL = "auto_partial"
    AUTO_REJECT = "auto_reject"
    AUTO_CANCEL = "auto_cancel"
    PARTIAL_THEN_CANCEL = "partial_then_cancel"
    PLUGIN = "plugin"
    """One of your own: ``plugin`` names its entry point in the group ``meridian.bots``."""


class Activity(StrEnum):
    """How often a bot acts."""

    NONE = "none"
    SLOW = "slow"
    FAST = "fast"


class BotDefinition(Model):
    """Automated trading on one instrument's book. ``name`` defaults to kind and symbol."""

    name: Word | None = None
    kind: BotKind
    symbol: str
    activity: Activity = Activity.SLOW
    levels: Whole = Field(default=5, ge=1, le=50)
    """Market maker: price levels quoted on each side."""
    spread: Whole = Field(default=2, ge=1, le=10_000)
    """Market maker: ticks between its best bid and its best ask."""
    quantity: Amount = Decimal(100)
    """Market maker: size of each quote. Noise: largest size of an order."""
    plugin: Word | None = None

    @model_validator(mode="after")
    def _plugin_is_named(self) -> Self:
        if (self.kind is BotKind.PLUGIN) != (self.plugin is not None):
            raise ValueError("expected plugin with kind 'plugin', and with no other")
        return self


class ReplayDefinition(Model):
    """A recording of ITCH 5.0 messages that drives one instrument's book."""

    file: FileName
    symbol: str
    messages_per_second: Whole = Field(default=1_000, ge=1, le=MAX_MESSAGES_PER_SECOND)


class VenueDefinition(Model):
    """A whole venue. ``name`` is its CompID; ``seed`` fixes what its bots do.

    ``persist``: a file or database URL that the daemon keeps its venues in.
    """

    name: Word = "MERIDIAN"
    seed: Seed = 1
    features: FeaturesDefinition = Field(default_factory=FeaturesDefinition)
    instruments: tuple[InstrumentDefinition, ...] = Field(default=(), max_length=MAX_INSTRUMENTS)
    endpoints: tuple[EndpointDefinition, ...] = Field(default=(), max_length=MAX_ENDPOINTS)
    bots: tuple[BotDefinition, ...] = Field(default=(), max_length=MAX_BOTS)
    latencies: tuple[LatencyDefinition, ...] = Field(default=(), max_length=MAX_LATENCIES)
    replay: ReplayDefinition | None = None
    persist: FileName | None = None

    @model_validator(mode="after")
    def _names_agree(self) -> Self:
        symbols = [instrument.symbol for instrument in self.instruments]
        comp_ids = [session.comp_id for point in self.endpoints for session in point.sessions]
        _require_unique("instruments: symbol", symbols)
        _require_unique("endpoints.sessions: comp_id", comp_ids)
        if self.name in comp_ids:
            raise ValueError(f"endpoints.sessions: comp_id {self.name!r} is the venue's own name")
        users = [(f"bots.{place}", bot.symbol) for place, bot in enumerate(self.bots)]
        if self.replay is not None:
            users.append(("replay", self.replay.symbol))
        for where, symbol in users:
            if symbol not in symbols:
                raise ValueError(
                    f"{where}.symbol: {symbol!r} is none of the instruments {', '.join(symbols)}"
                )
        lots = {instrument.symbol: instrument.lot_size for instrument in self.instruments}
        for place, bot in enumerate(self.bots):
            require_multiple(f"bots.{place}.quantity", bot.quantity, "lot_size", lots[bot.symbol])
        return self


def _require_unique(name: str, values: Iterable[str]) -> None:
    twice = [value for value, count in Counter(values).items() if count > 1]
    if twice:
        raise ValueError(f"{name} {twice[0]!r} is used twice, expected unique ones")
