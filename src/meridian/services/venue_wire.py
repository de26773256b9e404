"""The journal of messages: every byte that FIX sessions read and write, framed when looked at."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import partial
from itertools import repeat
from typing import NamedTuple

from meridian.fix.config import SessionConfig
from meridian.fix.decoder import Decoded, DecodedField, Decoder, ProblemCode
from meridian.fix.dictionary import appl_ver_id
from meridian.fix.encoder import Header, encode
from meridian.fix.profile import FIXT
from meridian.fix.session import Session
from meridian.fix.store import MessageStore
from meridian.management.commands import WireWay
from meridian.management.replies import FieldView, MessageView
from meridian.services.backlog import Backlog
from meridian.services.venue_latency import LatentFaults

__all__ = [
    "MAX_MESSAGES",
    "MessageDecoder",
    "WireEntry",
    "WireJournal",
    "WiredSession",
    "message_view",
]

MAX_MESSAGES = 50_000
"""Messages the journal keeps."""
MAX_UNFINISHED = 65_536
"""Bytes of a message whose end has not come; beyond them they are kept as they are."""

_END = re.compile(rb"\x0110=[0-9]{3}\x01")
_SECRETS = re.compile(r"(\x01(?:554|925|1402|1404)=)[^\x01]*")
_LOGON_DATA = re.compile(r"(\x0135=A\x01.*\x0196=)[^\x01]*")
_MSG_TYPE = re.compile(rb"\x0135=([^\x01]+)\x01")
_OF_SEQUENCE = frozenset(
    {ProblemCode.SEQUENCE_GAP, ProblemCode.SEQUENCE_LOW, ProblemCode.SEQUENCE_MISSING}
)


class WireEntry(NamedTuple):
    """One message as it went over the wire; garbage that came with it stands before it."""

    at: int
    venue: str
    session: str
    way: WireWay
    raw: bytes
    held: int = 0
    """For how long the venue's latency held it back, ns."""

    @property
    def msg_type(self) -> str:
        """MsgType(35), empty where there is none."""
        found = _MSG_TYPE.search(self.raw)
        return found[1].decode("latin-1") if found else ""


_entry = partial(tuple.__new__, WireEntry)
WireJournal = Backlog[WireEntry]
"""Messages of every session, in the order they passed."""


class WiredSession(Session):
    """A session whose every byte goes into the journal, faults included."""

    def __init__(
        self,
        config: SessionConfig,
        store: MessageStore,
        venue: str,
        key: str,
        journal: WireJournal | None,
        now: Callable[[], int],
    ) -> None:
        super().__init__(config, store)
        self._venue = venue
        self._key = key
        self._journal = journal
        self._clock = now
        self._unfinished = {WireWay.IN: b"", WireWay.OUT: b""}

    def receive_data(self, data: bytes, now: int) -> None:
        if self._journal is not None:
            self._record(self._journal, WireWay.IN, data)
        super().receive_data(data, now)

    def data_to_send(self) -> bytes:
        data = super().data_to_send()
        if data and self._journal is not None:
            self._record(self._journal, WireWay.OUT, data)
        return data

    def receive_eof(self, now: int, reason: str = "") -> None:
        super().receive_eof(now, reason)
        self._unfinished = {WireWay.IN: b"", WireWay.OUT: b""}

    def _record(self, journal: WireJournal, way: WireWay, data: bytes) -> None:
        data = self._unfinished[way] + data
        messages = []
        begin = 0
        for trailer in _END.finditer(data):
            end = trailer.end()
            messages.append(data[begin:end])
            begin = end
        rest = data[begin:]
        if len(rest) > MAX_UNFINISHED:
            messages.append(rest)
            rest = b""
        self._unfinished[way] = rest
        about = repeat(self._clock()), repeat(self._venue), repeat(self._key), repeat(way)
        # Past the generated constructor: every message passes here, and few are looked at.
        rows = zip(*about, messages, self._holds(way, messages), strict=False)
        journal.add(map(_entry, rows), len(messages))

    def _holds(self, way: WireWay, messages: list[bytes]) -> Iterable[int]:
        faults = self.faults
        if way is WireWay.IN or not isinstance(faults, LatentFaults):
            return repeat(0)
        return map(faults.held, messages)


class MessageDecoder:
    """Decodes journal entries, each by itself."""

    def __init__(self) -> None:
        self._decoder = Decoder()

    def learn(self, venue: str, client: str, protocol: str) -> None:
        """What version a session over FIXT speaks, though its Logon may be long gone."""
        if protocol.startswith("FIX.5"):
            header = Header(FIXT, "A", 1, client, venue, 0)
            logon = encode(header, [(98, 0), (108, 0), (1137, appl_ver_id(protocol))])
            self._decoder.feed(logon)
            self._decoder.finish()

    def decode(self, entry: WireEntry) -> Decoded | None:
        """The message, None where the bytes hold none."""
        decoder = self._decoder
        found = decoder.feed(entry.raw) + decoder.finish()
        return found[-1] if found else None


def message_view(number: int, entry: WireEntry, decoded: Decoded | None) -> MessageView:
    """For management; passwords are masked."""
    text = _SECRETS.sub(r"\1***", entry.raw.decode("latin-1"))
    text = _LOGON_DATA.sub(r"\1***", text)
    problems = () if decoded is None else decoded.problems
    return MessageView(
        seq=number,
        at=entry.at,
        venue=entry.venue,
        session=entry.session,
        direction=entry.way,
        msg_type=entry.msg_type,
        name="" if decoded is None else decoded.name,
        raw=text.replace("\x01", "|"),
        held=entry.held,
        fields=() if decoded is None else tuple(map(_field_view, decoded.fields)),
        problems=tuple(p.text for p in problems if p.code not in _OF_SEQUENCE),
    )


def _field_view(field: DecodedField) -> FieldView:
    return FieldView(
        tag=field.tag,
        name=field.name,
        value=field.value,
        meaning=field.meaning,
        entries=tuple(tuple(map(_field_view, entry)) for entry in field.entries),
    )
