"""The command tree."""

from __future__ import annotations

import sys

import typer

from meridian.schema.errors import MeridianError

__all__ = ["app", "main"]

app = typer.Typer(
    name="meridian",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="An emulated venue, an adapter SDK and an order kernel.",
)


def main() -> None:
    """Run the command line. Errors made for people print one line and exit 1."""
    try:
        app()
    except MeridianError as error:
        print(f"meridian: {error}", file=sys.stderr)
        sys.exit(1)
