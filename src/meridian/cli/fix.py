"""``meridian fix``: tools for FIX."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from meridian.cli.fix_log import Wanted, batches, batches_of_order
from meridian.cli.fix_output import Output
from meridian.fix.decoder import Decoder
from meridian.fix.dictionary import Dictionary, DictionaryError, load_dictionary

__all__ = ["fix_app"]

FOUND_PROBLEMS = 1
INTERRUPTED = 130

fix_app = typer.Typer(name="fix", no_args_is_help=True, help="Tools for FIX.")


@fix_app.callback()
def _fix() -> None:
    """Tools for FIX."""


@fix_app.command()
def decode(  # noqa: PLR0913 - one argument for each option
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE|-",
            help="A log; - is the standard input, read as it grows.",
        ),
    ],
    order: Annotated[
        str | None,
        typer.Option(help="Only this ClOrdID or OrderID, through every replace and cancel."),
    ] = None,
    types: Annotated[
        str, typer.Option("--type", help="Only these MsgTypes or names: D,ExecutionReport.")
    ] = "",
    session: Annotated[
        str, typer.Option(help="Only this CompID, or SENDER:TARGET for one direction.")
    ] = "",
    problems: Annotated[
        bool, typer.Option("--problems", help="Only messages with something wrong.")
    ] = False,
    summary: Annotated[bool, typer.Option("--summary", help="One line a message.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    dictionary: Annotated[
        list[Path] | None,
        typer.Option(
            help="A venue's own QuickFIX XML or Orchestra file; may be repeated.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    show_secrets: Annotated[
        bool, typer.Option("--show-secrets", help="Show passwords, which are *** otherwise.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Exit 1 if something is wrong or nothing is found.")
    ] = False,
) -> None:
    """Say what the FIX messages in a log mean, however the log wrote them."""
    custom = [_load(path) for path in dictionary or ()]
    wanted = Wanted(types, session, only_problems=problems)
    output = Output(summary=summary, as_json=as_json)

    def decoder() -> Decoder:
        return Decoder(custom, show_secrets=show_secrets)

    found = batches(file, decoder) if order is None else batches_of_order(file, decoder, order)
    try:
        for batch in found:
            output.show([message for message in batch if wanted.includes(message)])
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None
    except OSError as error:
        raise typer.BadParameter(f"{file}: {error.strerror}", param_hint="FILE") from None
    output.end()
    if check and (output.wrong or not output.messages):
        raise typer.Exit(FOUND_PROBLEMS)


def _load(path: Path) -> Dictionary:
    try:
        return load_dictionary(path.read_bytes())
    except (OSError, DictionaryError) as error:
        raise typer.BadParameter(f"{path}: {error}", param_hint="--dictionary") from None
