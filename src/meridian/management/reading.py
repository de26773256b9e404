"""Definitions out of TOML text, and the one that serves without a file."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from typing import Any

from pydantic import ValidationError

from meridian.management.commands import read_command
from meridian.management.definition import (
    DEFAULT_PORT,
    Activity,
    BotDefinition,
    BotKind,
    EndpointDefinition,
    SessionDefinition,
    VenueDefinition,
)
from meridian.management.instruments import InstrumentDefinition
from meridian.management.mistakes import complaints
from meridian.management.script import MAX_COMMANDS, Script
from meridian.schema.errors import ConfigError

__all__ = ["default_definition", "parse_definition", "parse_script"]


def parse_definition(text: str, source: str) -> VenueDefinition:
    """The venue of a file that has no further commands.

    Raises:
        ConfigError: as ``parse_script``, and where there are commands.
    """
    script = parse_script(text, source)
    if script.commands:
        raise ConfigError(f"{source}: commands: expected none here")
    return script.definition


def parse_script(text: str, source: str) -> Script:
    """Read a venue's TOML; ``source`` names the file in errors. Prices may be numbers or strings.

    Its tables are commands in short; ``[[commands]]`` are others, in their order.

    Raises:
        ConfigError: one line per mistake: source, key path, what was expected.
    """
    tree = _read_toml(text, source)
    wanted = tree.pop("commands", [])
    if not isinstance(wanted, list):
        raise ConfigError(f"{source}: commands: expected an array")
    if len(wanted) > MAX_COMMANDS:
        raise ConfigError(f"{source}: commands: expected at most {MAX_COMMANDS}")
    try:
        definition = VenueDefinition.model_validate(tree)
    except ValidationError as error:
        raise ConfigError("\n".join(f"{source}: {line}" for line in complaints(error))) from None
    commands = []
    for place, words in enumerate(wanted):
        command = read_command(words)
        if isinstance(command, list):
            lines = [f"{source}: commands.{place}.{line}" for line in command]
            raise ConfigError("\n".join(lines))
        commands.append(command)
    return Script(definition, tuple(commands))


def _read_toml(text: str, source: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{source}: not valid TOML: {error}") from None
    except (ValueError, ArithmeticError):
        raise ConfigError(f"{source}: not valid TOML: a number is out of range") from None
    except RecursionError:
        raise ConfigError(f"{source}: not valid TOML: nested too deeply") from None


def default_definition(port: int = DEFAULT_PORT, *, bots: bool = True) -> VenueDefinition:
    """One venue, three instruments, two sessions, a maker and a noise trader for each book.

    ``port`` 0 lets the system choose. Without ``bots`` nobody trades but clients.
    """
    instruments = (
        InstrumentDefinition(symbol="AAPL", reference_price=Decimal("150.00")),
        InstrumentDefinition(symbol="MSFT", reference_price=Decimal("310.00")),
        InstrumentDefinition(
            symbol="EURUSD",
            tick_size=Decimal("0.00005"),
            lot_size=Decimal(1000),
            min_quantity=Decimal(1000),
            reference_price=Decimal("1.08500"),
        ),
    )
    traders = tuple(
        BotDefinition(
            kind=kind,
            symbol=instrument.symbol,
            activity=Activity.FAST,
            quantity=100 * instrument.lot_size,
        )
        for instrument in instruments
        for kind in (BotKind.MARKET_MAKER, BotKind.NOISE)
    )
    sessions = (SessionDefinition(comp_id="TRADER"), SessionDefinition(comp_id="VIEWER"))
    return VenueDefinition(
        instruments=instruments,
        endpoints=(EndpointDefinition(port=port, sessions=sessions),),
        bots=traders if bots else (),
    )
