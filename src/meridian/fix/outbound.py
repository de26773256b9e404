"""Number, keep and emit our messages; answer ResendRequests batch by batch."""

from __future__ import annotations

from dataclasses import dataclass

from meridian.fix import msgtypes
from meridian.fix.config import SessionConfig
from meridian.fix.encoder import Fields, encode_fields
from meridian.fix.faults import Faults
from meridian.fix.header import HeaderWriter, read_kept, routing_of
from meridian.fix.inbound import Inbound
from meridian.fix.store import MessageStore
from meridian.fix.tags import (
    GapFillFlag,
    LastMsgSeqNumProcessed,
    NewSeqNo,
    OrigSendingTime,
    PossDupFlag,
)

__all__ = ["RESEND_BATCH", "Outbound"]

RESEND_BATCH = 1_000
"""Messages taken from the store for one ``drain``, so that a long resend holds little memory."""

_AT_ONCE = frozenset({msgtypes.Logon, msgtypes.Logout})


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

    def __init__(self, config: SessionConfig, store: MessageStore, inbound: Inbound) -> None:
        self._store = store
        self._inbound = inbound
        self._headers = HeaderWriter(config)
        self._last_processed = config.last_processed
        self._never_resent = msgtypes.ADMIN | config.gap_fill_types
        self._buffer: list[bytes] = []
        self._resend: _Resend | None = None
        # New messages wait for the end of a resend, so that the peer reads numbers in order.
        self._behind: list[bytes] = []
        self._behind_from = 0
        self.last_sent = 0
        self.unsent = 0
        self.faults: Faults | None = None

    def send(
        self, msg_type: str, body: Fields | bytes, now: int, *, emit: bool, header: Fields = ()
    ) -> int:
        """Number and keep a message; with ``emit`` it also goes to the peer.

        While a resend is under way it goes out after it; Logon and Logout go out at once and
        end the resend.

        Raises:
            ValueError, TypeError: a field cannot be encoded; nothing has changed.
        """
        store = self._store
        if self.faults is not None:
            store.set_next_out(store.next_out + self.faults.skipped(msg_type, now))
        seq = store.next_out
        if not isinstance(body, bytes):
            body = encode_fields(body)
        if header or self._last_processed:
            raw = self._special(msg_type, seq, now, body, routing_of(header))
        else:
            raw = self._headers.message(msg_type, seq, now, body)
        # What is never resent is not kept; a Logon holds a password.
        store.append(seq, b"" if msg_type in self._never_resent else raw)
        if emit:
            if self._resend is not None:
                self._send_beside(msg_type, seq, raw, now)
            else:
                self._emit(raw, now)
        return seq

    @property
    def next(self) -> int:
        """MsgSeqNum of our next message."""
        return self._store.next_out

    def skip_to(self, seq: int) -> None:
        """Send ``seq`` next, above the present number."""
        self._store.set_next_out(seq)

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

    def _send_beside(self, msg_type: str, seq: int, raw: bytes, now: int) -> None:
        """Send while a resend is under way."""
        if msg_type in _AT_ONCE:
            self._end_resend()
            self._emit(raw, now)
            return
        self._behind_from = self._behind_from or seq
        self._behind.append(raw)
        self.unsent += len(raw)

    def _fill(self, resend: _Resend, now: int) -> None:
        """Resend until bytes are waiting or the range is done."""
        while not self._buffer and resend.begin <= resend.end:
            batch = self._store.messages(resend.begin, resend.end, RESEND_BATCH)
            for seq, raw in batch:
                self._resend_one(resend, seq, raw, now)
            if len(batch) < RESEND_BATCH:
                self._pass_over(resend, resend.end + 1)
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

    def _resend_one(self, resend: _Resend, seq: int, raw: bytes, now: int) -> None:
        kept = read_kept(raw)
        # What was kept under another configuration may be stale by this one.
        if kept.msg_type in self._never_resent:
            self._pass_over(resend, seq + 1)
            return
        self._pass_over(resend, seq)
        self._fill_gap(resend, seq, now)
        again = [(PossDupFlag, "Y"), (OrigSendingTime, kept.sending_time), *kept.routing]
        self._emit(self._special(kept.msg_type, seq, now, kept.body, again), now)
        resend.begin = seq + 1

    def _pass_over(self, resend: _Resend, seq: int) -> None:
        """Nothing can be resent below ``seq``."""
        if resend.begin < seq:
            resend.gap = resend.gap or resend.begin
            resend.begin = seq

    def _fill_gap(self, resend: _Resend, next_seq: int, now: int) -> None:
        if resend.gap is None:
            return
        again = [(PossDupFlag, "Y"), (OrigSendingTime, self._headers.stamp(now))]
        body = encode_fields([(NewSeqNo, next_seq), (GapFillFlag, "Y")])
        self._emit(self._special(msgtypes.SequenceReset, resend.gap, now, body, again), now)
        resend.gap = None

    def _special(
        self, msg_type: str, seq: int, now: int, body: bytes, more: list[tuple[int, str]]
    ) -> bytes:
        if self._last_processed:
            more = [*more, (LastMsgSeqNumProcessed, str(self._inbound.last_processed))]
        return self._headers.special(msg_type, seq, now, body, more)

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
