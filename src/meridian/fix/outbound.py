"""Number, keep and emit our messages; answer ResendRequests batch by batch."""

from __future__ import annotations

from dataclasses import dataclass

from meridian.fix import msgtypes
from meridian.fix.config import SessionConfig
from meridian.fix.encoder import Fields, Header, encode
from meridian.fix.faults import Faults
from meridian.fix.message import parse
from meridian.fix.store import MessageStore
from meridian.fix.tags import (
    BeginString,
    BodyLength,
    CheckSum,
    GapFillFlag,
    MsgSeqNum,
    MsgType,
    NewSeqNo,
    SenderCompID,
    SendingTime,
    TargetCompID,
)
from meridian.fix.timestamps import timestamp

__all__ = ["RESEND_BATCH", "Outbound"]

RESEND_BATCH = 1_000
"""Messages read from the store for one ``drain``, so that a long resend holds little memory."""

_REBUILT = frozenset(
    {
        BeginString,
        BodyLength,
        MsgType,
        MsgSeqNum,
        SenderCompID,
        SendingTime,
        TargetCompID,
        CheckSum,
    }
)


@dataclass(slots=True)
class _Resend:
    """What is still to be resent; ``gap`` is the first number of an unfinished gap fill."""

    begin: int
    end: int
    gap: int | None = None


class Outbound:
    """Our direction of the session.

    ``last_sent`` is when a message last went out, ns UTC; ``unsent`` counts the bytes that wait
    for a drain, or for the end of a resend.
    """

    def __init__(self, config: SessionConfig, store: MessageStore) -> None:
        self._config = config
        self._store = store
        self._never_resent = msgtypes.ADMIN | config.gap_fill_types
        self._buffer: list[bytes] = []
        self._resend: _Resend | None = None
        # New messages wait for the end of a resend, so that the peer reads numbers in order.
        self._behind: list[bytes] = []
        self._behind_from = 0
        self.last_sent = 0
        self.unsent = 0
        self.faults: Faults | None = None

    def send(self, msg_type: str, fields: Fields, now: int, *, emit: bool) -> int:
        """Number and keep a message; with ``emit`` it also goes to the peer.

        While a resend is under way it goes out after it; Logon and Logout go out at once and
        end the resend.

        Raises:
            ValueError, TypeError: a field cannot be encoded; nothing has changed.
        """
        if self.faults is not None:
            self._store.set_next_out(self._store.next_out + self.faults.skipped(msg_type, now))
        seq = self._store.next_out
        raw = encode(self._header(msg_type, seq, now), fields)
        # What is never resent is not kept; a Logon holds a password.
        self._store.append(seq, b"" if msg_type in self._never_resent else raw)
        if emit and self._resend is not None:
            if msg_type not in (msgtypes.Logon, msgtypes.Logout):
                self._behind_from = self._behind_from or seq
                self._behind.append(raw)
                self.unsent += len(raw)
                return seq
            self._end_resend()
        if emit:
            self._emit(raw, now)
        return seq

    def resend(self, begin: int, end: int) -> None:
        """Resend ``begin`` to ``end`` with the coming drains; 0 or beyond the last is the last."""
        # What waits behind a resend is on its way already.
        last = (self._behind_from or self._store.next_out) - 1
        end = last if end == 0 else min(end, last)
        if begin > end:
            return
        if self._resend is not None:
            begin = min(begin, self._resend.gap or self._resend.begin)
            end = max(end, self._resend.end)
        self._resend = _Resend(begin, end)

    def drain(self, now: int) -> bytes:
        """The bytes to write now; more may follow while they are not empty."""
        if self.faults is not None:
            self._put(self.faults.due_out(now))
        if self._resend is not None:
            self._fill(self._resend, now)
        data = b""
        if self._buffer:
            self._store.flush()
            data = b"".join(self._buffer)
            self._buffer.clear()
            self.unsent -= len(data)
        return data if self.faults is None else self.faults.write(data)

    def send_raw(self, data: bytes, now: int) -> None:
        """Bytes as they are, past numbers and store."""
        if self.faults is None or not self.faults.silent(now):
            self._put([data])

    def drop_connection(self) -> None:
        """Forget unsent bytes; the peer will ask for what it misses."""
        self._buffer.clear()
        self._end_resend()
        self.unsent = 0
        if self.faults is not None:
            self.faults.drop_connection()

    def _fill(self, resend: _Resend, now: int) -> None:
        """Resend until bytes are waiting or the range is done."""
        while not self._buffer and resend.begin <= resend.end:
            upto = min(resend.end, resend.begin + RESEND_BATCH - 1)
            kept = dict(self._store.messages(resend.begin, upto))
            for seq in range(resend.begin, upto + 1):
                self._resend_one(resend, seq, kept.get(seq), now)
            resend.begin = upto + 1
        if resend.begin > resend.end:
            self._fill_gap(resend, resend.begin, now)
            behind = self._behind.copy()
            self._end_resend()
            for raw in behind:
                self._emit(raw, now)

    def _end_resend(self) -> None:
        self._resend = None
        self.unsent -= sum(map(len, self._behind))
        self._behind.clear()
        self._behind_from = 0

    def _resend_one(self, resend: _Resend, seq: int, raw: bytes | None, now: int) -> None:
        if not raw:
            resend.gap = resend.gap or seq
            return
        message = parse(raw)
        self._fill_gap(resend, seq, now)
        header = self._header(message.msg_type, seq, now, message.get(SendingTime))
        body = [(tag, value) for tag, value in message.pairs() if tag not in _REBUILT]
        self._emit(encode(header, body), now)

    def _fill_gap(self, resend: _Resend, next_seq: int, now: int) -> None:
        if resend.gap is None:
            return
        header = self._header(msgtypes.SequenceReset, resend.gap, now, timestamp(now))
        self._emit(encode(header, [(NewSeqNo, next_seq), (GapFillFlag, "Y")]), now)
        resend.gap = None

    def _header(
        self, msg_type: str, seq: int, now: int, orig_sending_time: str | None = None
    ) -> Header:
        config = self._config
        return Header(
            config.begin_string,
            msg_type,
            seq,
            config.sender_comp_id,
            config.target_comp_id,
            now,
            orig_sending_time,
        )

    def _emit(self, raw: bytes, now: int) -> None:
        if self.faults is None:
            self._buffer.append(raw)
            self.unsent += len(raw)
        else:
            self._put(self.faults.sent(raw, now))
        self.last_sent = now

    def _put(self, pieces: list[bytes]) -> None:
        self._buffer += pieces
        self.unsent += sum(map(len, pieces))
