"""Definitions out of TOML text, and the one that serves without a file."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from decimal import Decimal

from pydantic import ValidationError

from meridian.management.definition import (
    DEFAULT_PORT,
    Activity,
    BotDefinition,
    BotKind,
    EndpointDefinition,
    InstrumentDefinition,
    SessionDefinition,
    VenueDefinition,
)
from meridian.schema.errors import ConfigError

__all__ = ["default_definition", "parse_definition"]

MAX_SHOWN = 80
"""Characters of a wrong value that an error repeats."""

_EXPECTED = {
    "extra_forbidden": "unknown key",
    "missing": "required key is missing",
    "too_short": "expected at least one",
    "tuple_type": "expected an array",
    "model_type": "expected a table",
}


def parse_definition(text: str, source: str) -> VenueDefinition:
    """Read a venue's TOML; ``source`` names the file in errors. Prices may be numbers or strings.

    Raises:
        ConfigError: one line per mistake: source, key path, what was expected.
    """
    try:
        tree = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{source}: not valid TOML: {error}") from None
    except (ValueError, ArithmeticError):
        raise ConfigError(f"{source}: not valid TOML: a number is out of range") from None
    except RecursionError:
        raise ConfigError(f"{source}: not valid TOML: nested too deeply") from None
    try:
        return VenueDefinition.model_validate(tree)
    except ValidationError as error:
        raise ConfigError("\n".join(_complaints(error, source))) from None


def _complaints(error: ValidationError, source: str) -> Iterator[str]:
    mistakes = error.errors(include_url=False, include_context=False)
    for mistake in mistakes:
        where = mistake["loc"]
        # An array whose items are wrong is also "too short": the items say enough.
        deeper = any(m["loc"][: len(where)] == where != m["loc"] for m in mistakes)
        if mistake["type"] == "too_short" and deeper:
            continue
        path = ".".join(str(part) for part in where)
        reason = _EXPECTED.get(mistake["type"])
        if reason is None:
            reason = mistake["msg"].removeprefix("Value error, ")
            reason = reason.replace("Input should be", "expected")
        # What stands under an unknown key may be a password under a misspelt one.
        secret = "password" in path or mistake["type"] == "extra_forbidden"
        if not secret and not isinstance(mistake["input"], dict | list | tuple):
            reason = f"{reason}, got {_shown(mistake['input'])!r}"
        yield f"{source}: {path}: {reason}" if path else f"{source}: {reason}"


def _shown(value: object) -> str:
    # A long integer has no decimal text that Python would make.
    text = hex(value) if isinstance(value, int) and value.bit_length() > 64 else str(value)
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}..."


def default_definition(port: int = DEFAULT_PORT) -> VenueDefinition:
    """One venue, three instruments, two sessions, a maker and a noise trader for each book.

    ``port`` 0 lets the system choose.
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
    bots = tuple(
        BotDefinition(
            kind=kind,
            symbol=instrument.symbol,
            activity=Activity.FAST,
            quantity=100 * instrument.lot_size,
        )
        for instrument in instruments
        for kind in BotKind
    )
    sessions = (SessionDefinition(comp_id="TRADER"), SessionDefinition(comp_id="VIEWER"))
    return VenueDefinition(
        instruments=instruments,
        endpoints=(EndpointDefinition(port=port, sessions=sessions),),
        bots=bots,
    )
