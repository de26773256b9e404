"""Writes decoded FIX messages to a terminal, a pipe or a file."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Iterable

import typer
from rich.console import Console
from rich.text import Text

from meridian.cli.fix_view import Glyphs, in_full, in_one_line
from meridian.fix.decoder import Decoded

__all__ = ["Output"]

PLAIN_WIDTH = 100
"""Columns of a title where there is no terminal."""


class Output:
    """Writes each batch at once, so that a log that grows is seen to grow."""

    def __init__(self, *, summary: bool, as_json: bool) -> None:
        self.messages = 0
        self.wrong = 0
        self._summary = summary
        self._as_json = as_json
        self._console = Console(highlight=False, soft_wrap=True)
        self._glyphs = Glyphs()
        stream = sys.stdout
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
            if not stream.encoding.lower().startswith("utf"):
                self._glyphs = Glyphs.ascii()

    def show(self, batch: Iterable[Decoded]) -> None:
        """Write some messages."""
        lines = [self._one(message) for message in batch]
        if not lines:
            return
        try:
            sys.stdout.write("".join(lines))
            sys.stdout.flush()
        except BrokenPipeError:
            # Who reads has seen enough (``| head``).
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit from None

    def end(self) -> None:
        """Say how many there were, to people."""
        if self._as_json:
            return
        wrong = f", {self.wrong} with something wrong" if self.wrong else ""
        plural = "" if self.messages == 1 else "s"
        print(f"{self.messages or 'no'} message{plural}{wrong}", file=sys.stderr)

    def _one(self, message: Decoded) -> str:
        self.messages += 1
        self.wrong += bool(message.problems)
        if self._as_json:
            return json.dumps(message.as_dict(), separators=(",", ":")) + "\n"
        label = str(message.line)
        if self._summary:
            return self._drawn(in_one_line(message, self._glyphs, label)) + "\n"
        width = self._console.width if self._console.is_terminal else PLAIN_WIDTH
        return self._drawn(in_full(message, self._glyphs, f"line {label}", width)) + "\n"

    def _drawn(self, text: Text) -> str:
        if not self._console.is_terminal or self._console.no_color:
            return text.plain
        with self._console.capture() as capture:
            self._console.print(text, end="")
        return capture.get()
