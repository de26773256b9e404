"""The standard header and trailer around a body: one form, fields in ascending order of tag."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from meridian.fix.config import SessionConfig
from meridian.fix.encoder import Fields, encode_fields, frame
from meridian.fix.tags import (
    ApplVerID,
    BeginString,
    BodyLength,
    DeliverToCompID,
    DeliverToLocationID,
    DeliverToSubID,
    LastMsgSeqNumProcessed,
    MessageEncoding,
    MsgSeqNum,
    MsgType,
    OnBehalfOfCompID,
    OnBehalfOfLocationID,
    OnBehalfOfSubID,
    OrigSendingTime,
    PossDupFlag,
    PossResend,
    SenderCompID,
    SenderLocationID,
    SenderSubID,
    SendingTime,
    TargetCompID,
    TargetLocationID,
    TargetSubID,
)
from meridian.fix.timestamps import timestamp
from meridian.schema.times import NS_PER_MILLISECOND

__all__ = ["ROUTING", "HeaderWriter", "Kept", "read_kept", "routing_of"]

_SECONDS_ONLY = 17
"""Characters of a SendingTime without milliseconds."""
_TRAILER = len(b"10=000\x01")

ROUTING = frozenset(
    {
        SenderSubID,
        TargetSubID,
        SenderLocationID,
        TargetLocationID,
        OnBehalfOfCompID,
        OnBehalfOfSubID,
        OnBehalfOfLocationID,
        DeliverToCompID,
        DeliverToSubID,
        DeliverToLocationID,
        PossResend,
        MessageEncoding,
        ApplVerID,
    }
)
"""Header fields that an application may add to a message of its own."""

_SESSION = frozenset(
    {
        BeginString,
        BodyLength,
        MsgType,
        MsgSeqNum,
        PossDupFlag,
        SenderCompID,
        SendingTime,
        TargetCompID,
        OrigSendingTime,
        LastMsgSeqNumProcessed,
    }
)
_HEADER = ROUTING | _SESSION


class HeaderWriter:
    """Puts a header of ``config``'s session before a body and completes the message.

    What never changes is prepared: the common message costs one formatting.
    """

    def __init__(self, config: SessionConfig) -> None:
        self._prefix = b"8=%b\x019=" % config.begin_string.encode("ascii")
        self._stamp_length = None if config.profile.milliseconds else _SECONDS_ONLY
        self._own = {
            tag: value
            for tag, value in (
                (SenderCompID, config.sender_comp_id),
                (SenderSubID, config.sender_sub_id),
                (TargetCompID, config.target_comp_id),
                (TargetSubID, config.target_sub_id),
                (SenderLocationID, config.sender_location_id),
                (TargetLocationID, config.target_location_id),
            )
            if value
        }
        self._stamped = -1
        self._middle = b""
        self._before = _joined(self._own, lambda tag: tag < SendingTime)
        self._after = _joined(self._own, lambda tag: tag > SendingTime)

    def stamp(self, now: int) -> str:
        """``now``, ns UTC, as this version writes SendingTime(52)."""
        return timestamp(now)[: self._stamp_length]

    def message(self, msg_type: str, seq: int, now: int, body: bytes) -> bytes:
        """A message with nothing in its header but what each has."""
        # Many messages are sent in one millisecond, the finest a header shows.
        if now // NS_PER_MILLISECOND != self._stamped:
            middle = f"{self._before}52={self.stamp(now)}\x01{self._after}"
            self._middle = middle.encode("latin-1")
            self._stamped = now // NS_PER_MILLISECOND
        opening = b"35=%b\x0134=%d\x01" % (msg_type.encode("ascii"), seq)
        return frame(self._prefix, opening + self._middle + body)

    def special(
        self, msg_type: str, seq: int, now: int, body: bytes, more: Iterable[tuple[int, str]]
    ) -> bytes:
        """A message whose header has ``more`` fields, which win over the session's own."""
        header = {**self._own, SendingTime: self.stamp(now), **dict(more), MsgSeqNum: str(seq)}
        opening = encode_fields([(MsgType, msg_type), *sorted(header.items())])
        return frame(self._prefix, opening + body)


def routing_of(fields: Fields) -> list[tuple[int, str]]:
    """Header fields an application asks for, as text.

    Raises:
        ValueError: a tag that is the session's to write, or no header field at all.
    """
    for tag, _ in fields:
        if tag not in ROUTING:
            raise ValueError(f"tag {tag} is not a header field that an application may set")
    return [(tag, str(value)) for tag, value in fields]


class Kept(NamedTuple):
    """A message of ours as it was first sent; ``routing`` is what its application added."""

    msg_type: str
    sending_time: str
    routing: list[tuple[int, str]]
    body: bytes


def read_kept(raw: bytes) -> Kept:
    """Take a message of ours apart; its body stays as it is, byte for byte."""
    header: dict[int, str] = {}
    at = 0
    while True:
        stop = raw.index(b"\x01", at)
        name, _, value = raw[at:stop].partition(b"=")
        tag = int(name)
        if tag not in _HEADER:
            break
        header[tag] = value.decode("latin-1")
        at = stop + 1
    routing = [(tag, value) for tag, value in header.items() if tag in ROUTING]
    return Kept(header[MsgType], header[SendingTime], routing, raw[at:-_TRAILER])


def _joined(fields: Mapping[int, str], tags: Callable[[int], bool]) -> str:
    return "".join(f"{tag}={value}\x01" for tag, value in fields.items() if tags(tag))
