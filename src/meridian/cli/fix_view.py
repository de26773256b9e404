"""A decoded FIX message on a terminal."""

from __future__ import annotations

from dataclasses import dataclass

from rich.text import Text

from meridian.fix import tags
from meridian.fix.decoder import Decoded, DecodedField, gist

__all__ = ["Glyphs", "in_full", "in_one_line", "printable"]

MAX_NAME = 32
"""Columns of a name at most; a longer one pushes its value to the right."""

_TYPE_STYLES = {"8": "bold green", "3": "bold red", "j": "bold red", "9": "bold red"}
_ADMIN = frozenset("01245A")


@dataclass(frozen=True, slots=True)
class Glyphs:
    """What a terminal can draw."""

    arrow: str = "→"
    wrong: str = "✗"
    rule: str = "━"
    first: str = "╭ "
    middle: str = "│ "
    last: str = "╰ "
    only: str = "╶ "

    @classmethod
    def ascii(cls) -> Glyphs:
        """For terminals that know no more."""
        return cls("->", "!", "=", ". ", "| ", "' ", "- ")


def printable(text: str) -> str:
    """What a log holds must not steer the terminal: control characters are written out."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else "␁" if c == "\x01" else _escaped(c) for c in text)


def _escaped(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def in_one_line(message: Decoded, glyphs: Glyphs, label: str) -> Text:
    """Time, session, number, type and the gist."""
    line = Text.assemble(
        (f"{label:>6} ", "dim"),
        (f"{_clock(message):<13} ", "dim"),
        (f"{_route(message, glyphs):<24} ", "cyan"),
        (f"{_number(message):>7}  ", "dim"),
        (f"{printable(_name(message)):<25} ", _style(message)),
        printable(gist(message)),
    )
    for problem in message.problems:
        line.append(f"  {glyphs.wrong} {printable(problem.text)}", "red")
    return line


def in_full(message: Decoded, glyphs: Glyphs, label: str, width: int) -> Text:
    """A title, what is wrong, and every field with groups set in."""
    named = _name(message)
    kind = f" ({message.msg_type})" if message.msg_type and named != message.msg_type else ""
    time = message.first(tags.SendingTime)
    title = Text.assemble(
        (f"{glyphs.rule * 2} ", "dim"),
        (printable(named), _style(message)),
        (printable(kind), "dim"),
        (f"  {_route(message, glyphs)}", "cyan"),
        f"  {_number(message)}",
        (f"  {printable(time.meaning or time.value) if time else ''}", "dim"),
    )
    tail = f" {message.version} {glyphs.rule * 2} {label}"
    gap = max(width - title.cell_len - len(tail) - 1, 2)
    title.append(f" {glyphs.rule * gap}{tail}\n", "dim")
    if message.prefix:
        title.append(f"   {printable(message.prefix)}\n", "dim italic")
    for problem in message.problems:
        title.append(f" {glyphs.wrong} {printable(problem.text)}\n", "bold red")
    wrong = frozenset(problem.tag for problem in message.problems)
    rows = _rows(message.fields, "", glyphs)
    names = max((len(guide) + len(_label(field)) for guide, field in rows), default=0)
    names = min(names, MAX_NAME)
    for guide, field in rows:
        _row(title, guide, field, names, bad=field.tag in wrong)
    return title


def _rows(
    fields: tuple[DecodedField, ...], guide: str, glyphs: Glyphs, *, entry: bool = False
) -> list[tuple[str, DecodedField]]:
    """Every field with the lines that hold its group entry together."""
    rows: list[tuple[str, DecodedField]] = []
    for field in fields:
        rows.append((guide, field))
        for held in field.entries:
            rows += _rows(held, guide + glyphs.middle, glyphs, entry=True)
    if entry:
        ends = glyphs.only if len(rows) == 1 else glyphs.first
        at = len(guide) - len(glyphs.middle)
        rows = [_turned(row, at, ends if n == 0 else "") for n, row in enumerate(rows)]
        if len(rows) > 1:
            rows[-1] = _turned(rows[-1], at, glyphs.last)
    return rows


def _turned(row: tuple[str, DecodedField], at: int, glyph: str) -> tuple[str, DecodedField]:
    guide, field = row
    return (guide[:at] + glyph + guide[at + len(glyph) :] if glyph else guide), field


def _row(text: Text, guide: str, field: DecodedField, names: int, *, bad: bool) -> None:
    frame = field.section != "body"
    text.append(f"{field.tag or '?':>6} ", "dim")
    text.append(guide, "blue")
    known = "dim" if frame else "cyan"
    text.append(
        f"{_label(field):<{max(names - len(guide), 0)}}  ", known if field.name else "yellow"
    )
    text.append(printable(field.value), "bold red" if bad else "dim" if frame else "bold")
    if field.meaning:
        text.append(f"  {printable(field.meaning)}", "dim" if frame else "green")
    text.append("\n")


def _label(field: DecodedField) -> str:
    return field.name or ("unknown tag" if field.tag else "no tag")


def _name(message: Decoded) -> str:
    return message.name or message.msg_type or "no MsgType"


def _style(message: Decoded) -> str:
    if message.msg_type in _ADMIN:
        return "bold blue"
    return _TYPE_STYLES.get(message.msg_type, "bold")


def _route(message: Decoded, glyphs: Glyphs) -> str:
    return printable(f"{message.sender or '?'} {glyphs.arrow} {message.target or '?'}")


def _number(message: Decoded) -> str:
    return "#?" if message.seq_num is None else f"#{message.seq_num}"


def _clock(message: Decoded) -> str:
    """The time of day of SendingTime(52), to the millisecond."""
    return printable(message.sending_time.partition("-")[2][:12] or message.sending_time[:12])
