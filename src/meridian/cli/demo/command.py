"""The command: starts everything, runs the story, checks the ledgers, stops everything."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from meridian.schema.errors import ConfigError
from meridian.services.logs import configure_logs
from meridian.services.loop import run

__all__ = ["demo"]


def demo(
    itch: Annotated[
        Path | None,
        typer.Option(
            help="Trade against this recording of Nasdaq ITCH 5.0 instead of bots.",
            exists=True,
            dir_okay=False,
            readable=True,
        ),
    ] = None,
    itch_rate: Annotated[
        int, typer.Option(min=1, max=1_000_000, help="Recorded messages a second.")
    ] = 500,
    keep: Annotated[
        bool, typer.Option("--keep", help="Leave everything running; say how to connect.")
    ] = False,
    seconds: Annotated[float, typer.Option(min=2, max=600, help="Length of the story.")] = 18,
    state: Annotated[
        Path | None, typer.Option(help="Folder for journals and logs; a temporary one if absent.")
    ] = None,
    plain: Annotated[
        bool, typer.Option("--plain", help="Lines instead of the live view, as without a terminal.")
    ] = False,
) -> None:
    """Run venue, sidecar, FIX plugin and kernel together and check their ledgers.

    Exits 0 only where venue executions, fills on the bus and fills in the kernel are equal.
    """
    # The kernel's half of the world, which the other commands need not wait for.
    from meridian.cli.demo.show import Show

    console = Console(highlight=False)
    with tempfile.TemporaryDirectory(prefix="meridian-demo-", ignore_cleanup_errors=True) as made:
        folder = state or Path(made)
        if state is not None and (state / "venue.jsonl").exists():
            raise ConfigError(f"{state} holds an earlier demo; name an empty folder")
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "demo.log").open("w") as log:
            configure_logs("INFO", log)
            show = Show(console, folder, live=console.is_terminal and not plain)
            passed = run(show.run(seconds, itch, itch_rate, keep=keep))
    raise typer.Exit(0 if passed else 1)
