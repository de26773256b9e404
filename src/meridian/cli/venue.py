"""``meridian venue``: run an emulated venue, and steer one that runs."""

from __future__ import annotations

import json
import os
import sys
import threading
from pathlib import Path
from typing import Annotated, Any

import typer

from meridian.cli.venue_verbs import add_verbs
from meridian.management import Script, default_definition, parse_script
from meridian.schema.errors import ConfigError
from meridian.services.interrupts import stop_event
from meridian.services.logs import configure_logs
from meridian.services.loop import run as run_loop
from meridian.services.venue_daemon import ApiSettings, VenueDaemon
from meridian.services.venue_recording import with_recording

__all__ = ["venue_app"]

venue_app = typer.Typer(name="venue", no_args_is_help=True, help="An emulated venue.")
add_verbs(venue_app)


@venue_app.command()
def run(  # noqa: PLR0913 - each is an option of the command line
    config: Annotated[
        Path | None, typer.Argument(help="TOML script; without it a small default venue runs.")
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help="Port of the first endpoint; 0: any free one."),
    ] = None,
    bots: Annotated[bool, typer.Option(help="Let bots trade on the default venue.")] = True,
    journal: Annotated[
        Path | None, typer.Option(help="Append every order event and execution as JSON lines.")
    ] = None,
    itch: Annotated[
        Path | None, typer.Option(help="Drive a book from this ITCH 5.0 file instead of bots.")
    ] = None,
    itch_rate: Annotated[
        int, typer.Option(min=1, max=1_000_000, help="Recorded messages a second.")
    ] = 1_000,
    api: Annotated[bool, typer.Option(help="Serve management over HTTP.")] = True,
    api_host: Annotated[str, typer.Option(help="Where management listens.")] = "127.0.0.1",
    api_port: Annotated[
        int | None,
        typer.Option(
            min=0, max=65535, help="Its port; 0: any free one. Default: 8400, else any free one."
        ),
    ] = None,
    operator_token: Annotated[
        str | None, typer.Option(envvar="MERIDIAN_OPERATOR_TOKEN", help="May do everything.")
    ] = None,
    read_only_token: Annotated[
        str | None, typer.Option(envvar="MERIDIAN_READ_ONLY_TOKEN", help="May only look.")
    ] = None,
    state: Annotated[
        str | None,
        typer.Option(help="Keep venues in this file or database URL, and go on from it."),
    ] = None,
    until_stdin_closes: Annotated[
        bool, typer.Option(help="Stop as well when standard input ends.")
    ] = False,
) -> None:
    """Run a venue until interrupted; prints one JSON line when clients can connect."""
    script = Script(default_definition(bots=bots)) if config is None else _read_script(config)
    definition = script.definition
    if port is not None and definition.endpoints:
        first, *others = definition.endpoints
        moved = first.model_copy(update={"port": port})
        definition = definition.model_copy(update={"endpoints": (moved, *others)})
    if state is not None:
        definition = definition.model_copy(update={"persist": state})
    if itch is not None:
        definition = with_recording(definition, itch, itch_rate)
    settings = ApiSettings(api_host, api_port, operator_token, read_only_token) if api else None
    configure_logs()
    script = Script(definition, script.commands)
    run_loop(_serve(script, journal, settings, until_stdin_closes=until_stdin_closes))


async def _serve(
    script: Script, journal: Path | None, api: ApiSettings | None, *, until_stdin_closes: bool
) -> None:
    daemon = VenueDaemon(api, on_notice=_say)
    stopping = stop_event()
    if until_stdin_closes:
        _watch_stdin(stopping.set)
    _say(await daemon.start(script, journal))
    try:
        await daemon.run_until(stopping)
    finally:
        _say(await daemon.stop())


def _watch_stdin(stop: Any) -> None:
    import asyncio

    loop = asyncio.get_running_loop()

    def watch() -> None:
        while sys.stdin.buffer.read(4_096):
            pass
        try:
            loop.call_soon_threadsafe(stop)
        except RuntimeError:
            pass  # it has stopped for another reason

    # A thread, for no event loop can watch every kind of standard input on every system.
    threading.Thread(target=watch, name="stdin", daemon=True).start()


def _read_script(path: Path) -> Script:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: expected UTF-8 text, byte {error.start} is not") from None
    script = parse_script(text, str(path))
    definition = script.definition
    # Files are named from where the definition lies, wherever the venue is started.
    if definition.replay is not None:
        file = str(path.parent / definition.replay.file)
        replay = definition.replay.model_copy(update={"file": file})
        definition = definition.model_copy(update={"replay": replay})
    if definition.persist is not None and "://" not in definition.persist:
        kept = str(path.parent / definition.persist)
        definition = definition.model_copy(update={"persist": kept})
    return Script(definition, script.commands)


def _say(notice: dict[str, Any]) -> None:
    try:
        print(json.dumps(notice, separators=(",", ":")), flush=True)
    except BrokenPipeError:
        # Who started the venue listens no more (``| head -1``); its clients still trade.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
