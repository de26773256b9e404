"""The command tree."""

from __future__ import annotations

import sys
from importlib import metadata
from typing import Annotated

import typer

from meridian.cli.demo import demo
from meridian.cli.doctor import doctor
from meridian.cli.fix import fix_app
from meridian.cli.venue import venue_app
from meridian.schema.errors import MeridianError

__all__ = ["app", "main"]

app = typer.Typer(
    name="meridian",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.command()(demo)
app.command()(doctor)
app.add_typer(fix_app)
app.add_typer(venue_app)


def _show_version(wanted: bool) -> None:
    if wanted:
        print(metadata.version("meridian-execution"))
        raise typer.Exit


@app.callback()
def meridian(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="And exit.")
    ] = False,
) -> None:
    """An emulated venue, an adapter SDK and an order kernel."""


def main() -> None:
    """Run the command line. Errors made for people print one line and exit 1."""
    try:
        app()
    except MeridianError as error:
        print(f"meridian: {error}", file=sys.stderr)
        sys.exit(1)
