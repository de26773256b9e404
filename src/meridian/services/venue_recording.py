"""Recordings: read, checked, put in the place of bots."""

from __future__ import annotations

from pathlib import Path

from meridian.management import ReplayDefinition, VenueDefinition
from meridian.nasdaq import AddOrder, itch_messages
from meridian.schema.errors import ConfigError, MeridianError
from meridian.venue import Replay, Venue

__all__ = ["MAX_RECORDING", "build_replay", "with_recording"]

MAX_RECORDING = 1 << 30
"""Bytes of a recording; it is held in memory."""


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


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_RECORDING:
            raise ConfigError(f"larger than {MAX_RECORDING} bytes")
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}") from None
