"""One conversation in every version of FIX, and what holds each message to its dictionary."""

from __future__ import annotations

import re
from functools import cache

from meridian.fix.dictionary import VERSIONS as DICTIONARIES
from meridian.fix.dictionary import appl_ver_id, combine, standard
from meridian.fix.encoder import Header, encode, encode_fields, frame
from meridian.fix.message import parse
from meridian.fix.validator import Validator
from meridian.venue import FixDoor, MarketData, Reply, Venue
from meridian.venue.fix_versions import VERSIONS

__all__ = ["NOW", "SECONDS", "VERSIONS", "Talk", "begin_of", "checked", "human"]

NOW = 1_700_000_000_123_456_789
SECONDS = "20231114-22:13:20"
assert VERSIONS.keys() | {"FIXT.1.1"} == DICTIONARIES.keys()


def begin_of(version: str) -> tuple[str, str | None]:
    """BeginString(8) and DefaultApplVerID(1137) of a session of a version."""
    return ("FIXT.1.1", appl_ver_id(version)) if version.startswith("FIX.5") else (version, None)


@cache
def validator(version: str) -> Validator:
    application = standard(version)
    if version.startswith("FIX.5"):
        application = combine(standard("FIXT.1.1"), application)
    return Validator(application)


def checked(version: str, msg_type: str, body: bytes) -> None:
    """The dictionary finds nothing wrong with the message."""
    if (version, msg_type) == ("FIX.4.4", "y"):
        # MinPriceIncrement, which only later versions have, is sent on purpose.
        body = re.sub(rb"\x01969=[^\x01]*", b"", body)
    begin, _ = begin_of(version)
    stamp = SECONDS if version in ("FIX.4.0", "FIX.4.1") else f"{SECONDS}.123"
    head = f"35={msg_type}|34=1|49=MERIDIAN|52={stamp}|56=ALICE|".replace("|", "\x01")
    message = parse(frame(b"8=%b\x019=" % begin.encode(), head.encode() + body))
    fault = validator(version).check(message)
    assert fault is None, (fault, message)


def human(body: bytes) -> str:
    return body.decode("latin-1").replace("\x01", "|")


class Talk:
    """Sessions of a venue, each speaking a version of its own."""

    def __init__(self, venue: Venue, **versions: str) -> None:
        self.venue = venue
        self.market_data = MarketData(venue)
        self.door = FixDoor(venue, self.market_data)
        self.versions = versions
        for session, version in versions.items():
            self.door.speak(session, *begin_of(version))
        self.now = NOW

    def say(self, session: str, text: str) -> list[tuple[str, str]]:
        """What a message causes: (session, human FIX), checked against the dictionaries."""
        version = self.versions[session]
        begin, _ = begin_of(version)
        fields = [
            (int(tag), value) for tag, _, value in (f.partition("=") for f in text.split("|"))
        ]
        header = Header(begin, fields[0][1], 7, session, "MERIDIAN", NOW)
        message = parse(encode(header, fields[1:]))
        answer = self.door.handle(session, message, self.now)
        self.market_data.observe(answer.events)
        return [self._read(reply) for reply in answer.replies]

    def do(self, command) -> list[tuple[str, str]]:
        """What an operator's command causes."""
        events = self.venue.apply(command, self.now)
        self.market_data.observe(events)
        return [self._read(reply) for reply in self.door.reports(events)]

    def refresh(self) -> list[tuple[str, str]]:
        """The market data that is due a second later."""
        self.now += 1_000_000_000
        return [self._read(reply) for reply in self.door.market_data(self.now)]

    def _read(self, reply) -> tuple[str, str]:
        if not isinstance(reply, Reply):
            return reply.session, type(reply).__name__
        checked(self.versions[reply.session], reply.msg_type, reply.body)
        assert encode_fields(reply.fields) == reply.body
        return reply.session, f"35={reply.msg_type}|{human(reply.body)}"
