"""Plays our own dialogues: the published format's steps, and what an application does between.

Lines, ``|`` for SOH, ``#`` for comments; ``@FIX.4.0,FIX.4.1`` behind the letter limits a line:

    V versions           the dialogue is played once for each
    S name=value ...     settings of the session; ``initiator``, ``validate``
    i CONNECT            a connection stands; ``i DISCONNECT``: the peer ends it
    e DISCONNECT         we want it closed; ``e OPEN``: we do not
    I 35=..|34=..|..     the peer says; 8, 9, 49, 52, 56 and 10 are filled in where left out
    B ...                the peer's bytes as they are
    E 35=..|34=..|..     we say exactly this, in this order; 8, 9, 49, 52, 56, 10 where written
    T seconds            time passes
    A what ...           the application: send, answer, logout, reset, ...
    X name               the session's next event

``<TIME>`` and ``<TIME-5>`` are now and before, in the form of the version; ``<VER>`` is
``|1137=9`` in FIXT. What we say and no line expects is an error.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from fix_echo import validators
from fix_wire import SECOND, Desk

from meridian.fix import parse, reasons
from meridian.fix.message import decode
from meridian.fix.profile import FIXT
from meridian.fix.verdicts import MESSAGE

LINE = re.compile(r"([A-Za-z])(?:@(\S+))? ?(.*)")
TIME = re.compile(r"<TIME([+-]\d+)?>")
IMPLIED = {8, 9, 49, 52, 56, 10}


class Line(NamedTuple):
    command: str
    text: str
    where: str


class Play(NamedTuple):
    """A dialogue for one version."""

    name: str
    version: str
    settings: list[str]
    lines: list[Line]


def read_plays(folder: Path) -> list[Play]:
    return [play for path in sorted(folder.glob("*.def")) for play in _read(path)]


def _read(path: Path) -> list[Play]:
    versions, settings = ["FIX.4.4"], []
    lines: list[tuple[str, str | None, str, str]] = []
    for number, text in enumerate(path.read_text("latin-1").splitlines(), 1):
        if not text or text.startswith("#"):
            continue
        match = LINE.fullmatch(text)
        assert match is not None, f"{path.name}:{number}: {text!r}"
        if match[1] == "V":
            versions = match[3].split()
        elif match[1] == "S":
            settings += match[3].split()
        else:
            lines.append((match[1], match[2], match[3], f"{path.name}:{number}"))
    return [
        Play(
            path.stem,
            version,
            settings,
            [
                Line(command, text, f"{version} {where}")
                for command, only, text, where in lines
                if only is None or version in only.split(",")
            ],
        )
        for version in versions
    ]


class Player:
    """A desk that follows a dialogue."""

    def __init__(self, play: Play) -> None:
        self.version = play.version
        options = dict(setting.partition("=")[::2] for setting in play.settings)
        initiator = options.pop("initiator", None) is not None
        values: dict[str, object] = {name: _value(text) for name, text in options.items()}
        appl_ver_id = "9" if play.version == FIXT else ""
        values["begin_string"] = play.version
        values["default_appl_ver_id"] = appl_ver_id or None
        if values.pop("validate", None) is not None:
            values |= validators(play.version, appl_ver_id)
        if (versions := options.get("appl_versions")) is not None:
            del values["appl_versions"]
            values["appl_validators"] = {
                version: validators(play.version, version)["validator"]
                for version in versions.split(",")
            }
        self.desk = Desk(initiator=initiator, **values)
        self.heard: list[bytes] = []
        self.events: list[object] = []
        self.last = None

    def play(self, lines: list[Line]) -> None:
        for line in lines:
            if line.command != "E":
                said = [_shown(raw) for raw in self.heard]
                assert not said, f"before {line.where}: {said}"
            try:
                self._step(line)
            except AssertionError as error:
                raise AssertionError(f"{line.where}: {line.text}\n{error}") from None
            self._settle()
        assert not self.heard, f"at the end: {[_shown(raw) for raw in self.heard]}"

    def _step(self, line: Line) -> None:
        desk, text = self.desk, self._filled(line.text)
        match line.command:
            case "i" if text == "CONNECT":
                desk.session.connected(desk.now)
            case "i":
                desk.session.receive_eof(desk.now)
            case "e":
                assert desk.session.close_expected is (text == "DISCONNECT"), desk.session.state
                if text == "DISCONNECT":
                    desk.session.receive_eof(desk.now)
            case "I":
                desk.session.receive_data(desk.wire(text), desk.now)
            case "B":
                desk.session.receive_data(text.replace("|", "\x01").encode("latin-1"), desk.now)
            case "E":
                assert self.heard, "nothing was said"
                wanted = [tuple(field.partition("=")[::2]) for field in text.split("|")]
                named = {int(tag) for tag, _ in wanted}
                got = _fields(self.heard.pop(0), IMPLIED - named)
                assert got == wanted, f"said {got}"
            case "T":
                desk.now += int(float(text) * SECOND)
                desk.session.poll(desk.now)
            case "A":
                self._act(*text.split(" ", 1))
            case "X":
                assert self.events, "no event"
                assert _named(self.events.pop(0)) == text

    def _settle(self) -> None:
        session = self.desk.session
        for event in session.events():
            self.events.append(event)
            self.last = getattr(event, "message", self.last)
        session.commit()
        while data := session.data_to_send():
            at = 0
            while at < len(data):
                verdict, end, _ = decode(data, at)
                assert verdict == MESSAGE, data[at:]
                self.heard.append(data[at:end])
                at = end

    def _act(self, what: str, rest: str = "") -> None:
        session, now = self.desk.session, self.desk.now
        match what:
            case "send":
                kind, _, body = rest.partition(" ")
                session.send(kind, [tuple(f.split("=", 1)) for f in body.split("|")], now)
            case "unsupported":
                session.unsupported(self.last, now)
            case "unavailable":
                code = reasons.APPLICATION_NOT_AVAILABLE
                session.business_reject(self.last, code, "Application not available", now)
            case "conditionally":
                code = reasons.CONDITIONALLY_REQUIRED_FIELD_MISSING
                text = "Conditionally required field missing"
                session.business_reject(self.last, code, text, now, [(379, rest)])
            case "logout":
                session.logout(rest, now)
            case "reset":
                session.reset(now)
            case "reset_sequence":
                session.reset_sequence(int(rest), now)
            case "numbers":
                assert session.next_numbers == tuple(map(int, rest.split())), session.next_numbers
            case _:
                raise AssertionError(f"no such act: {what}")

    def _filled(self, text: str) -> str:
        text = text.replace("<VER>", "|1137=9" if self.version == FIXT else "")
        return TIME.sub(lambda match: self.desk.stamp(int(match[1] or 0)), text)


def _value(text: str) -> object:
    if text == "none":
        return None
    if text in ("yes", "no"):
        return text == "yes"
    if text.startswith("{"):
        return frozenset(text[1:-1].split(","))
    return int(text) if text.isdecimal() else text


def _fields(raw: bytes, without: set[int]) -> list[tuple[str, str]]:
    return [(str(tag), value) for tag, value in parse(raw).pairs() if tag not in without]


def _shown(raw: bytes) -> str:
    return "|".join(f"{tag}={value}" for tag, value in _fields(raw, IMPLIED))


def _named(event: object) -> str:
    name = type(event).__name__
    message = getattr(event, "message", None)
    again = " again" if getattr(event, "poss_resend", False) else ""
    return name if message is None else f"{name} {message.msg_type}{again}"
