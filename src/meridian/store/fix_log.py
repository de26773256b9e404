"""FIX sessions in a log file of their own: the cheapest store that survives kill -9."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from struct import Struct

from meridian.schema.errors import ConfigError, StoreError
from meridian.store.fix_log_file import HEAD_BYTES, FrameFile, Sync, log_path
from meridian.store.fix_messages import MAX_KEPT, MAX_UNFLUSHED, MAX_UNFLUSHED_BYTES

__all__ = ["COMPACT_ABOVE", "MAX_KEPT_BYTES", "LogMessageStore", "log_path"]

MAX_KEPT_BYTES = 1 << 28
"""Bytes of sent messages kept; older ones are gap-filled."""
COMPACT_ABOVE = 64 << 20
"""File size from which the file is rewritten once more than half of it is of no use any more."""

_RECORD = Struct("<BQI")
_MESSAGE, _NEXT_IN, _NEXT_OUT, _RESET = range(1, 5)
_FRAME_BYTES = 1 << 20
"""Rewritten messages come in frames of about this size."""


class LogMessageStore:
    """A ``meridian.fix.store.MessageStore`` in a file, one a session, open in one process.

    Changes gather in memory and become durable together with ``flush``, or when
    ``MAX_UNFLUSHED`` or ``MAX_UNFLUSHED_BYTES`` are reached. ``sync="flush"`` survives kill -9 of
    this process, ``sync="fdatasync"`` a loss of power as well. Where each message lies is kept in
    memory: 12 bytes a message.

    Raises:
        ConfigError: the file cannot be opened, is held by another process, or is damaged.
    """

    def __init__(self, path: str | Path, sync: Sync = "fdatasync", limit: int = MAX_KEPT) -> None:
        self._limit = limit
        self._next_in = 1
        self._next_out = 1
        self._created = 0
        self._compact_above = COMPACT_ABOVE
        self._forget()
        self._unsaved: list[bytes] = []
        self._unsaved_bytes = 0
        self._file = FrameFile(path, sync)
        try:
            for at, payload in self._file.frames():
                self._replay(at, payload)
        except ConfigError:
            self._file.close()
            raise

    @property
    def next_out(self) -> int:
        """MsgSeqNum of the next message to send, from 1."""
        return self._next_out

    @property
    def next_in(self) -> int:
        """MsgSeqNum expected next from the peer, from 1."""
        return self._next_in

    @property
    def created(self) -> int:
        """When the numbers last started from 1, ns UTC; 0 where nobody has said."""
        return self._created

    def append(self, seq: int, raw: bytes) -> None:
        """Keep a sent message and advance ``next_out``; empty ``raw`` only advances.

        Raises:
            ValueError: ``seq`` is not ``next_out``.
            StoreError: what waits for a flush cannot be written; this message is not kept.
        """
        if seq != self._next_out:
            raise ValueError(f"expected to append message {self._next_out}, got {seq}")
        # Before anything changes: a message that was refused must not be sent later all the same.
        if (
            len(self._unsaved) >= 2 * MAX_UNFLUSHED  # record and message
            or self._unsaved_bytes >= MAX_UNFLUSHED_BYTES
        ):
            self.flush()
        size = len(raw)
        self._unsaved.append(_RECORD.pack(_MESSAGE, seq, size))
        self._unsaved.append(raw)
        self._unsaved_bytes += _RECORD.size
        self._index(self._file.end + HEAD_BYTES + self._unsaved_bytes, size)
        self._unsaved_bytes += size

    def set_next_in(self, n: int) -> None:
        """Expect ``n`` next."""
        self._next_in = n
        self._record(_NEXT_IN, n)

    def set_next_out(self, n: int) -> None:
        """Send ``n`` next, passing numbers over.

        Raises:
            ValueError: ``n`` is below ``next_out``.
        """
        if n < self._next_out:
            raise ValueError(f"expected {self._next_out} or more, got {n}")
        self._pass_over(n)
        self._record(_NEXT_OUT, n)

    def flush(self) -> None:
        """Write what has changed as one frame; when that fails, the next call tries again.

        Raises:
            StoreError: it could not be written.
        """
        if not self._unsaved:
            return
        try:
            self._file.append(self._unsaved)
        except OSError as error:
            raise StoreError(f"cannot write message log {self._file.path}: {error}") from error
        self._unsaved.clear()
        self._unsaved_bytes = 0
        if self._file.end > max(self._compact_above, 2 * self._kept_bytes):
            self._compact()

    def messages(self, begin: int, end: int, limit: int | None = None) -> list[tuple[int, bytes]]:
        """The kept messages with begin <= seq <= end, ascending; the first ``limit`` of them.

        Raises:
            StoreError: they are not where they were written: somebody else cut the file.
        """
        self.flush()
        return list(islice(self._kept(begin, end), limit))

    def reset(self, now: int) -> None:
        """Both numbers back to 1, no messages."""
        self._unsaved.clear()
        self._unsaved_bytes = 0
        self._record(_RESET, now)
        self._restart(now)
        self.flush()

    def close(self) -> None:
        """Flush and let go of the file."""
        self.flush()
        self._file.close()

    # Inside: where messages lie, by number from ``_first``

    def _forget(self) -> None:
        self._first = 1
        self._at = array("Q")
        self._sizes = array("I")
        self._kept_bytes = 0

    def _restart(self, now: int) -> None:
        self._next_in = self._next_out = 1
        self._created = now
        self._forget()

    def _index(self, at: int, size: int) -> None:
        self._at.append(at)
        self._sizes.append(size)
        self._kept_bytes += size + _RECORD.size
        self._next_out += 1
        kept = len(self._sizes)
        # An eighth at a time: taking one from the front of an array moves all the others.
        if kept > self._limit + self._limit // 8:
            self._drop(kept - self._limit)
        elif self._kept_bytes > MAX_KEPT_BYTES:
            self._drop(kept // 8 + 1)

    def _drop(self, count: int) -> None:
        self._kept_bytes -= sum(self._sizes[:count]) + count * _RECORD.size
        del self._at[:count]
        del self._sizes[:count]
        self._first += count

    def _pass_over(self, n: int) -> None:
        gap = n - self._next_out
        if gap > self._limit:
            self._forget()
            self._first = n
        else:
            self._at.extend([0] * gap)
            self._sizes.extend([0] * gap)
            self._kept_bytes += gap * _RECORD.size
        self._next_out = n

    def _kept(self, begin: int, end: int) -> Iterator[tuple[int, bytes]]:
        oldest = max(begin, self._first, self._next_out - self._limit)
        for seq in range(oldest, min(end, self._next_out - 1) + 1):
            if size := self._sizes[seq - self._first]:
                yield seq, self._read(self._at[seq - self._first], size)

    # Inside: the file

    def _read(self, at: int, size: int) -> bytes:
        try:
            raw = self._file.read(at, size)
        except OSError as error:
            raise StoreError(f"cannot read message log {self._file.path}: {error}") from error
        if len(raw) < size:
            raise StoreError(f"message log {self._file.path} ends before byte {at + size}")
        return raw

    def _record(self, kind: int, number: int) -> None:
        self._unsaved.append(_RECORD.pack(kind, number, 0))
        self._unsaved_bytes += _RECORD.size

    def _replay(self, at: int, payload: bytes) -> None:
        position = 0
        while position < len(payload):
            kind, number, size = _RECORD.unpack_from(payload, position)
            position += _RECORD.size
            if kind == _MESSAGE:
                self._pass_over(number)
                self._index(at + position, size)
            elif kind == _NEXT_IN:
                self._next_in = number
            elif kind == _NEXT_OUT:
                self._pass_over(number)
            elif kind == _RESET:
                self._restart(number)
            else:
                raise ConfigError(f"{self._file.path}: unknown record {kind} at byte {at}")
            position += size

    def _compact(self) -> None:
        """Rewrite the file with what is still of use; a crash leaves the old or the new one."""
        try:
            self._file.rewrite(self._live_frames())
        except OSError:
            # Nothing is lost: the old file stands, and grows further before the next attempt.
            self._compact_above = 2 * self._file.end
            return
        self._compact_above = COMPACT_ABOVE
        # Its frames begin with a reset.
        for at, payload in self._file.frames():
            self._replay(at, payload)

    def _live_frames(self) -> Iterator[bytes]:
        numbers = ((_RESET, self._created), (_NEXT_IN, self._next_in), (_NEXT_OUT, self._first))
        parts = [_RECORD.pack(kind, number, 0) for kind, number in numbers]
        size = 0
        for seq, raw in self._kept(1, self._next_out):
            parts += (_RECORD.pack(_MESSAGE, seq, len(raw)), raw)
            size += len(raw)
            if size >= _FRAME_BYTES:
                yield b"".join(parts)
                parts, size = [], 0
        yield b"".join([*parts, _RECORD.pack(_NEXT_OUT, self._next_out, 0)])
