"""The published dialogue format: one line is one step of a tester against an acceptor.

``I`` the tester sends, ``E`` it expects a message, ``i`` it connects or disconnects, ``e`` it waits
for the end. A digit and a comma in front of the rest name the connection, else it is 1.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from meridian.fix.timestamps import timestamp

SECOND = 1_000_000_000
LINE = re.compile(rb"([IEie])(?:(\d),)?(.*)", re.DOTALL)
TIME = re.compile(rb"<TIME([+-]\d+)?>")
OPEN = {
    b"10": re.compile(rb"\d{3}"),
    b"42": re.compile(rb"\d{8}-\d{2}:\d{2}:\d{2}"),
    b"52": re.compile(rb"\d{8}-\d{2}:\d{2}:\d{2}(\.\d{3})?"),
    b"60": re.compile(rb"\d{8}-\d{2}:\d{2}:\d{2}"),
    b"122": re.compile(rb"\d{8}-\d{2}:\d{2}:\d{2}(\.\d{3})?"),
}
"""Tags whose values the dialogues leave open, and what their values look like."""


class Step(NamedTuple):
    command: str
    connection: str
    body: bytes
    where: str


def read_script(path: Path) -> list[Step]:
    steps = []
    for number, line in enumerate(path.read_bytes().split(b"\n"), 1):
        line = line.rstrip(b"\r")
        if not line or line.startswith(b"#"):
            continue
        match = LINE.fullmatch(line)
        assert match is not None, f"{path.name}:{number}: no step: {line!r}"
        command, connection = match[1].decode(), (match[2] or b"1").decode()
        where = f"{path.parent.name}/{path.name}:{number}"
        steps.append(Step(command, connection, match[3].strip(b" "), where))
    return steps


def completed(body: bytes, now: int) -> bytes:
    """Fill in times, BodyLength and CheckSum where a line leaves them out.

    A CheckSum given without a BodyLength leaves the SOH before it out of the count: that is how
    the published lines were meant.
    """
    body = TIME.sub(lambda m: timestamp(now + int(m[1] or 0) * SECOND)[:17].encode(), body)
    if not body.startswith(b"8="):
        return body
    begin, rest = body.split(b"\x01", 1)
    rest, given, checksum = rest.partition(b"\x0110=")
    if given and rest[:2] == b"9=":
        rest += b"\x01"
    if not rest.startswith(b"9="):
        rest = b"9=%d\x01%b" % (len(rest), rest)
    head = begin + b"\x01" + rest
    if not head.endswith(b"\x01"):
        head += b"\x01"
    return head + (b"10=" + checksum if given else b"10=%03d\x01" % (sum(head) % 256))


def compare(step: Step, heard: bytes, now: int) -> None:
    """The same fields in the same order with the same values, but for the open ones."""
    wanted, got = _fields(completed(step.body, now)), _fields(heard)
    shown = f"{step.where}\nwanted {_shown(wanted)}\n   got {_shown(got)}"
    assert [pair[0] for pair in wanted] == [pair[0] for pair in got], shown
    for (tag, value), (_, other) in zip(wanted, got, strict=True):
        pattern = OPEN.get(tag)
        if pattern is not None:
            assert pattern.fullmatch(other), shown
        else:
            assert value == other, shown


def _fields(raw: bytes) -> list[tuple[bytes, bytes]]:
    parts = (part.partition(b"=") for part in raw.rstrip(b"\x01").split(b"\x01"))
    return [(tag, value) for tag, _, value in parts]


def _shown(fields: list[tuple[bytes, bytes]]) -> str:
    return b"|".join(b"=".join(pair) for pair in fields).decode("latin-1")
