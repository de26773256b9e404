"""``meridian venue``: run an emulated venue."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from meridian.management import VenueDefinition, default_definition, parse_definition
from meridian.schema.errors import ConfigError
from meridian.services.interrupts import stop_event
from meridian.services.logs import configure_logs
from meridian.services.loop import run as run_loop
from meridian.services.venue import VenueService
from meridian.services.venue_recording import with_recording

__all__ = ["venue_app"]

venue_app = typer.Typer(name="venue", no_args_is_help=True, help="An emulated venue.")


@venue_app.callback()
def _venue() -> None:
    """An emulated venue."""


@venue_app.command()
def run(
    config: Annotated[
        Path | None, typer.Argument(help="TOML definition; without it a small default venue runs.")
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help="Port of the first endpoint; 0: any free one."),
    ] = None,
    journal: Annotated[
        Path | None, typer.Option(help="Append every order event and execution as JSON lines.")
    ] = None,
    itch: Annotated[
        Path | None, typer.Option(help="Drive a book from this ITCH 5.0 file instead of bots.")
    ] = None,
    itch_rate: Annotated[
        int, typer.Option(min=1, max=1_000_000, help="Recorded messages a second.")
    ] = 1_000,
) -> None:
    """Run a venue until interrupted; prints one JSON line when clients can connect."""
    definition = default_definition() if config is None else _read_definition(config)
    if port is not None:
        first, *others = definition.endpoints
        moved = first.model_copy(update={"port": port})
        definition = definition.model_copy(update={"endpoints": (moved, *others)})
    if itch is not None:
        definition = with_recording(definition, itch, itch_rate)
    configure_logs()
    run_loop(_serve(definition, journal))


async def _serve(definition: VenueDefinition, journal: Path | None) -> None:
    service = VenueService(definition, journal=journal, on_notice=_say)
    stopping = stop_event()
    _say(await service.start())
    try:
        await service.run_until(stopping)
    finally:
        _say(await service.stop())


def _read_definition(path: Path) -> VenueDefinition:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: expected UTF-8 text, byte {error.start} is not") from None
    definition = parse_definition(text, str(path))
    if definition.replay is None:
        return definition
    # A recording is named from where the definition lies, wherever the venue is started.
    file = str(path.parent / definition.replay.file)
    replay = definition.replay.model_copy(update={"file": file})
    return definition.model_copy(update={"replay": replay})


def _say(notice: dict[str, Any]) -> None:
    try:
        print(json.dumps(notice, separators=(",", ":")), flush=True)
    except BrokenPipeError:
        # Who started the venue listens no more (``| head -1``); its clients still trade.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
