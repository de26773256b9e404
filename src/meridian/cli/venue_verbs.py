"""``meridian venue VERB``: the management commands, one word on the command line each.

Every field of a command is an option. Exit codes: 0 done, 1 refused, 2 misused, 3 not met in time.
"""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any

import typer

from meridian.client import (
    CommandInvalid,
    ConnectionFailed,
    Simulator,
    SimulatorError,
    TimedOut,
)

__all__ = ["EXIT_MISUSED", "EXIT_REFUSED", "EXIT_UNMET", "add_verbs"]

EXIT_REFUSED = 1
EXIT_MISUSED = 2
EXIT_UNMET = 3

DEFAULT_URL = "http://127.0.0.1:8400"

Url = Annotated[str, typer.Option(envvar="MERIDIAN_URL", help="Where the daemon's API listens.")]
Token = Annotated[
    str | None, typer.Option(envvar="MERIDIAN_TOKEN", help="An operator's or read-only token.")
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object instead of a table.")]


def add_verbs(app: typer.Typer) -> None:
    """Add what steers a daemon that runs."""
    app.command(name="do")(do)
    app.command(name="expect")(expect)
    app.command(name="log")(log)
    app.command(name="status")(status)


def do(
    command: Annotated[str, typer.Argument(help="A management command, such as fill_order.")],
    fields: Annotated[
        list[str] | None, typer.Argument(help="Its fields, name=value; a value may be JSON.")
    ] = None,
    url: Url = DEFAULT_URL,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Carry out any management command: meridian venue do fill_order order_id=O1 quantity=40"""
    given = _fields(fields or [])
    reply = _asked(url, token, lambda sim: sim.execute(command, **given))
    _show(reply, as_json=as_json)
    unmet = reply.get("kind") == "expected" and reply["message"] is None
    unmet |= reply.get("kind") == "next_order" and reply["order"] is None
    if unmet:
        raise typer.Exit(EXIT_UNMET)


def expect(
    msg_type: Annotated[str, typer.Argument(help="MsgType(35), such as D.")],
    fields: Annotated[list[str] | None, typer.Argument(help="Name=value or tag=value.")] = None,
    timeout: Annotated[float, typer.Option(min=0, max=30, help="Seconds to wait.")] = 1.0,
    url: Url = DEFAULT_URL,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Wait for a message with these fields; exit 3 and show the closest where none comes."""
    wanted = {name: str(value) for name, value in _pairs(fields or [])}
    reply = _asked(
        url,
        token,
        lambda sim: sim.execute("expect", msg_type=msg_type, fields=wanted, timeout=timeout),
    )
    if reply["message"] is None and not as_json:
        print(reply["closest"])
    else:
        _show(reply, as_json=as_json)
    if reply["message"] is None:
        raise typer.Exit(EXIT_UNMET)


def log(url: Url = DEFAULT_URL, token: Token = None, as_json: AsJson = False) -> None:
    """The latest messages in and out, decoded."""
    if as_json:
        messages = _asked(url, token, lambda sim: {"items": sim.messages()})
        print(json.dumps(messages["items"]))
    else:
        print(_asked(url, token, lambda sim: {"text": sim.log()})["text"])


def status(url: Url = DEFAULT_URL, token: Token = None, as_json: AsJson = False) -> None:
    """Venues, their sessions and who is logged on."""

    def look(simulator: Simulator) -> dict[str, Any]:
        venues = simulator.execute("list_venues")["items"]
        for venue in venues:
            asked = {"venue": venue["name"]}
            venue["sessions"] = simulator.execute("list_sessions", **asked)["items"]
        return {"venues": venues}

    _show(_asked(url, token, look), as_json=as_json)


def _asked(url: str, token: str | None, ask: Any) -> dict[str, Any]:
    try:
        with Simulator.connect(url, token) as simulator:
            reply: dict[str, Any] = ask(simulator)
            return reply
    except SimulatorError as error:
        print(f"meridian: {error}", file=sys.stderr)
        if isinstance(error, CommandInvalid):
            raise typer.Exit(EXIT_MISUSED) from None
        if isinstance(error, TimedOut):
            raise typer.Exit(EXIT_UNMET) from None
        if isinstance(error, ConnectionFailed):
            raise typer.Exit(EXIT_MISUSED) from None
        raise typer.Exit(EXIT_REFUSED) from None


def _pairs(fields: list[str]) -> list[tuple[str, str]]:
    pairs = []
    for field in fields:
        name, equals, value = field.partition("=")
        if not equals or not name:
            print(f"meridian: {field}: expected name=value", file=sys.stderr)
            raise typer.Exit(EXIT_MISUSED)
        pairs.append((name, value))
    return pairs


def _fields(fields: list[str]) -> dict[str, Any]:
    """Values that are JSON lists, objects, booleans or null are read as such; the rest is text."""
    read: dict[str, Any] = {}
    for name, value in _pairs(fields):
        structured = value[:1] in ("{", "[") or value in ("true", "false", "null")
        try:
            read[name] = json.loads(value) if structured else value
        except ValueError:
            print(f"meridian: {name}: expected JSON, got {value}", file=sys.stderr)
            raise typer.Exit(EXIT_MISUSED) from None
    return read


def _show(reply: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(reply))
        return
    for line in _rows(reply, ""):
        print(line)


def _rows(value: Any, indent: str) -> list[str]:
    """Tables as ``key: value`` lines, lists as dashes: for eyes; programs take ``--json``."""
    if isinstance(value, dict):
        lines = []
        for key, inner in value.items():
            if isinstance(inner, dict | list) and inner:
                lines += [f"{indent}{key}:", *_rows(inner, indent + "  ")]
            elif inner not in (None, [], {}):
                lines.append(f"{indent}{key}: {inner}")
        return lines
    if isinstance(value, list):
        lines = []
        for inner in value:
            first, *rest = _rows(inner, indent + "  ") or [f"{indent}  "]
            lines += [f"{indent}- {first.strip()}", *rest]
        return lines
    return [f"{indent}{value}"]
