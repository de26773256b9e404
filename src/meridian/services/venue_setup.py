"""A venue definition turned into the parts that run it."""

from __future__ import annotations

import random
from pathlib import Path

from meridian.fix.config import SessionConfig
from meridian.fix.session import Session
from meridian.fix.store import MemoryMessageStore
from meridian.management import (
    Activity,
    BotDefinition,
    BotKind,
    EndpointDefinition,
    InstrumentDefinition,
    ReplayDefinition,
    VenueDefinition,
)
from meridian.nasdaq import AddOrder, itch_messages
from meridian.schema.errors import ConfigError, MeridianError
from meridian.schema.times import NS_PER_SECOND
from meridian.venue import (
    ITCH,
    Bot,
    BotSettings,
    Instrument,
    MarketMaker,
    NoiseTrader,
    Replay,
    Venue,
)

__all__ = [
    "MAX_RECORDING",
    "MAX_STORED",
    "build_bots",
    "build_replay",
    "build_sessions",
    "build_venue",
    "with_recording",
]

MAX_RECORDING = 1 << 30
"""Bytes of a recording; it is held in memory."""
MAX_STORED = 20_000
"""Sent messages a session can give again; older ones are gap-filled."""

_INTERVALS = {
    Activity.NONE: None,
    Activity.SLOW: NS_PER_SECOND,
    Activity.FAST: NS_PER_SECOND // 5,
}
# A stale price helps nobody: a client that comes back is told the present one.
_NEVER_RESENT = frozenset({"W"})


def build_venue(definition: VenueDefinition, run: str) -> Venue:
    """The venue with its instruments; ``run`` as :class:`Venue` has it."""
    instruments = [
        Instrument(
            symbol=instrument.symbol,
            tick_size=instrument.tick_size,
            lot_size=instrument.lot_size,
            min_quantity=instrument.min_quantity,
            currency=instrument.currency,
        )
        for instrument in definition.instruments
    ]
    house = {ITCH, *(_participant(place, bot) for place, bot in enumerate(definition.bots))}
    for endpoint in definition.endpoints:
        for session in endpoint.sessions:
            if session.comp_id in house:
                raise ConfigError(f"comp_id {session.comp_id} is the name of the venue's own flow")
    return Venue(instruments, run, house)


def build_sessions(definition: VenueDefinition, endpoint: EndpointDefinition) -> dict[str, Session]:
    """The FIX sessions of an endpoint, by the client's CompID."""
    return {
        session.comp_id: Session(
            SessionConfig(
                sender_comp_id=definition.name,
                target_comp_id=session.comp_id,
                initiator=False,
                username=session.username,
                password=session.password,
                gap_fill_types=_NEVER_RESENT,
            ),
            MemoryMessageStore(MAX_STORED),
        )
        for session in endpoint.sessions
    }


def build_bots(definition: VenueDefinition) -> list[Bot]:
    """The bots that act at all, each with dice of its own so that none disturbs another."""
    bots: list[Bot] = []
    instruments = {instrument.symbol: instrument for instrument in definition.instruments}
    for place, bot in enumerate(definition.bots):
        interval = _INTERVALS[bot.activity]
        if interval is None:
            continue
        instrument = instruments[bot.symbol]
        settings = _bot_settings(_participant(place, bot), bot, instrument, interval)
        # Reproducible play, no secrets.
        dice = random.Random(f"{definition.seed}:{place}")
        if bot.kind is BotKind.MARKET_MAKER:
            bots.append(MarketMaker(settings, dice, bot.levels, bot.spread))
        else:
            bots.append(NoiseTrader(settings, dice))
    return bots


def build_replay(definition: ReplayDefinition, venue: Venue) -> Replay:
    """The recording, read and checked.

    Raises:
        ConfigError: the file cannot be read or does not fit the instrument.
    """
    try:
        return Replay(venue, definition.symbol, _read(Path(definition.file)))
    except MeridianError as error:
        raise ConfigError(f"{definition.file}: {error}") from None


def with_recording(
    definition: VenueDefinition, file: Path, messages_per_second: int
) -> VenueDefinition:
    """The same venue with a recording in place of the bots of its instrument.

    The instrument is that of the recording's first order.

    Raises:
        ConfigError: the file cannot be read, or the venue does not trade its instrument.
    """
    try:
        messages = itch_messages(_read(file))
        symbol = next((m.stock for m in messages if isinstance(m, AddOrder)), None)
    except MeridianError as error:
        raise ConfigError(f"{file}: {error}") from None
    symbols = [instrument.symbol for instrument in definition.instruments]
    if symbol not in symbols:
        there = symbol or "no orders"
        raise ConfigError(
            f"{file}: the recording has {there}, expected one of {', '.join(symbols)}"
        )
    return definition.model_copy(
        update={
            "bots": tuple(bot for bot in definition.bots if bot.symbol != symbol),
            "replay": ReplayDefinition(
                file=str(file), symbol=symbol, messages_per_second=messages_per_second
            ),
        }
    )


def _participant(place: int, bot: BotDefinition) -> str:
    return f"BOT-{place}-{bot.kind.value}-{bot.symbol}"


def _bot_settings(
    participant: str, bot: BotDefinition, instrument: InstrumentDefinition, interval: int
) -> BotSettings:
    smallest = int(instrument.min_quantity / instrument.lot_size)
    return BotSettings(
        participant=participant,
        symbol=bot.symbol,
        reference=int(instrument.reference_price / instrument.tick_size),
        quantity=max(int(bot.quantity / instrument.lot_size), smallest),
        smallest=smallest,
        interval=interval,
    )


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_RECORDING:
            raise ConfigError(f"larger than {MAX_RECORDING} bytes")
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}") from None
