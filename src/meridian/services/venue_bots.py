"""The bots of one venue: made, changed and stopped while it runs."""

from __future__ import annotations

import random
from dataclasses import dataclass
from importlib.metadata import entry_points

from meridian.management import Activity, BotDefinition, BotKind, InstrumentDefinition
from meridian.management.definition import MAX_BOTS
from meridian.schema.errors import ConfigError, ConflictError, NotFoundError
from meridian.schema.times import NS_PER_SECOND
from meridian.venue import (
    AutoCancel,
    AutoFill,
    AutoPartial,
    AutoReject,
    Bot,
    BotSettings,
    MarketMaker,
    NoiseTrader,
    PartialThenCancel,
)

__all__ = ["BOT_PREFIX", "PLUGINS", "BotEntry", "BotPool"]

BOT_PREFIX = "BOT-"
"""What the names of bots among the participants begin with."""

_INTERVALS = {
    Activity.NONE: None,
    Activity.SLOW: NS_PER_SECOND,
    Activity.FAST: NS_PER_SECOND // 5,
}


_KINDS: dict[BotKind, type[Bot]] = {
    BotKind.NOISE: NoiseTrader,
    BotKind.AUTO_FILL: AutoFill,
    BotKind.AUTO_PARTIAL: AutoPartial,
    BotKind.AUTO_REJECT: AutoReject,
    BotKind.AUTO_CANCEL: AutoCancel,
    BotKind.PARTIAL_THEN_CANCEL: PartialThenCancel,
}
PLUGINS = "meridian.bots"
"""The entry point group of bots that others wrote: a class with the constructor of ``Bot``."""


def _plugin(name: str) -> type[Bot]:
    found = entry_points(group=PLUGINS)
    try:
        kind: type[Bot] = found[name].load()
    except KeyError:
        known = ", ".join(found.names) or "none"
        text = f"bot plugin {name!r}: expected an entry point of {PLUGINS}, one of: {known}"
        raise ConfigError(text) from None
    except (ImportError, AttributeError) as error:
        raise ConfigError(f"bot plugin {name!r}: cannot be loaded: {error}") from None
    return kind


@dataclass(slots=True)
class BotEntry:
    """A bot as it is configured; ``bot`` is None while its activity is none."""

    name: str
    definition: BotDefinition
    participant: str
    bot: Bot | None


class BotPool:
    """Every bot by name, each with dice of its own so that none disturbs another."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self.by_name: dict[str, BotEntry] = {}

    def entry(self, name: str) -> BotEntry:
        """By name. Raises NotFoundError."""
        found = self.by_name.get(name)
        if found is None:
            known = ", ".join(self.by_name) or "none"
            raise NotFoundError(f"bot {name!r}: expected one of: {known}")
        return found

    def add(self, definition: BotDefinition, instrument: InstrumentDefinition) -> BotEntry:
        """A bot that acts from now on. Raises ConflictError where its name is taken."""
        name = definition.name or self._free_name(definition)
        if name in self.by_name:
            raise ConflictError(f"bot {name!r} is there already")
        if len(self.by_name) >= MAX_BOTS:
            raise ConflictError(f"a venue has at most {MAX_BOTS} bots")
        return self._put(name, definition, instrument)

    def change(self, name: str, definition: BotDefinition, i: InstrumentDefinition) -> BotEntry:
        """Another definition for a bot, and its dice from the beginning."""
        return self._put(name, definition, i)

    def remove(self, name: str) -> BotEntry:
        """It acts no more. Raises NotFoundError."""
        entry = self.entry(name)
        del self.by_name[name]
        return entry

    def reseed(self, seed: int, instruments: dict[str, InstrumentDefinition]) -> None:
        """Every bot from the beginning, dice thrown from ``seed``."""
        self._seed = seed
        for entry in list(self.by_name.values()):
            self._put(entry.name, entry.definition, instruments[entry.definition.symbol])

    def acting(self) -> list[Bot]:
        """Those that act."""
        return [entry.bot for entry in self.by_name.values() if entry.bot is not None]

    def on(self, symbol: str) -> list[str]:
        """Names of the bots of an instrument."""
        return [e.name for e in self.by_name.values() if e.definition.symbol == symbol]

    def _put(
        self, name: str, definition: BotDefinition, instrument: InstrumentDefinition
    ) -> BotEntry:
        participant = f"{BOT_PREFIX}{name}"
        bot = self._build(name, participant, definition, instrument)
        entry = self.by_name[name] = BotEntry(name, definition, participant, bot)
        return entry

    def _build(
        self,
        name: str,
        participant: str,
        definition: BotDefinition,
        instrument: InstrumentDefinition,
    ) -> Bot | None:
        interval = _INTERVALS[definition.activity]
        if interval is None:
            return None
        smallest = int(instrument.min_quantity / instrument.lot_size)
        settings = BotSettings(
            participant=participant,
            symbol=definition.symbol,
            reference=int(instrument.reference_price / instrument.tick_size),
            quantity=max(int(definition.quantity / instrument.lot_size), smallest),
            smallest=smallest,
            interval=interval,
        )
        # Reproducible play, no secrets.
        dice = random.Random(f"{self._seed}:{name}")
        if definition.kind is BotKind.MARKET_MAKER:
            return MarketMaker(settings, dice, definition.levels, definition.spread)
        kind = _KINDS.get(definition.kind) or _plugin(definition.plugin or "")
        return kind(settings, dice)

    def _free_name(self, definition: BotDefinition) -> str:
        stem = name = f"{definition.kind.value}-{definition.symbol}"[:56]
        number = 1
        while name in self.by_name:
            number += 1
            name = f"{stem}-{number}"
        return name
