"""What a session must remember: two sequence numbers and the messages it sent.

A store may gather changes until ``flush``: the session flushes before a byte that depends on them
leaves, and when it commits what it received, so that a read batch costs one commit.

A durable store that cannot write raises ``StoreError`` (``meridian.schema.errors``), from any
method that changes it; what it was told stays in memory for the next ``flush``.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from itertools import islice
from operator import itemgetter
from typing import Protocol

__all__ = ["MAX_STORED", "MAX_STORED_BYTES", "MemoryMessageStore", "MessageStore"]

MAX_STORED = 100_000
"""Sent messages a memory store keeps; older ones are gap-filled when the peer asks."""
MAX_STORED_BYTES = 67_108_864
"""Bytes of messages a memory store keeps; older ones go as above."""


_SEQ = itemgetter(0)


class MessageStore(Protocol):
    """The state of one session that outlives its connections."""

    @property
    def next_out(self) -> int:
        """MsgSeqNum of the next message to send, from 1."""

    @property
    def next_in(self) -> int:
        """MsgSeqNum expected next from the peer, from 1."""

    @property
    def created(self) -> int:
        """When the numbers last started from 1, ns UTC; 0 where nobody has said."""

    def append(self, seq: int, raw: bytes) -> None:
        """Keep a sent message and advance ``next_out``; durable after ``flush``.

        Empty ``raw`` advances the number and keeps nothing.

        Raises:
            ValueError: ``seq`` is not ``next_out``.
        """

    def set_next_in(self, n: int) -> None:
        """Expect ``n`` next; durable after ``flush``."""

    def set_next_out(self, n: int) -> None:
        """Send ``n`` next, passing numbers over; durable after ``flush``.

        Raises:
            ValueError: ``n`` is below ``next_out``.
        """

    def messages(self, begin: int, end: int, limit: int | None = None) -> list[tuple[int, bytes]]:
        """The kept messages with begin <= seq <= end, ascending; some may be gone.

        With ``limit`` the first so many of them: numbers without a message cost nothing.
        """

    def reset(self, now: int) -> None:
        """Both numbers back to 1, no messages, created ``now``; durable when it returns."""

    def flush(self) -> None:
        """Make every change so far durable, all or none; cheap when there is none.

        What durable means (the process, or the machine, may end) is the store's to say.
        """


class MemoryMessageStore:
    """Forgets all with the process; keeps the last ``limit`` messages, or what of them fits into
    ``MAX_STORED_BYTES``."""

    def __init__(self, limit: int = MAX_STORED) -> None:
        self._limit = limit
        self._next_in = 1
        self._next_out = 1
        self._created = 0
        self._sent: deque[tuple[int, bytes]] = deque()
        self._bytes = 0

    @property
    def next_out(self) -> int:
        return self._next_out

    @property
    def next_in(self) -> int:
        return self._next_in

    @property
    def created(self) -> int:
        return self._created

    def append(self, seq: int, raw: bytes) -> None:
        if seq != self._next_out:
            raise ValueError(f"expected to append message {self._next_out}, got {seq}")
        if raw:
            self._sent.append((seq, raw))
            self._bytes += len(raw)
        while len(self._sent) > self._limit or self._bytes > MAX_STORED_BYTES:
            _, oldest = self._sent.popleft()
            self._bytes -= len(oldest)
        self._next_out = seq + 1

    def set_next_in(self, n: int) -> None:
        self._next_in = n

    def set_next_out(self, n: int) -> None:
        if n < self._next_out:
            raise ValueError(f"expected {self._next_out} or more, got {n}")
        self._next_out = n

    def messages(self, begin: int, end: int, limit: int | None = None) -> list[tuple[int, bytes]]:
        first = bisect_left(self._sent, begin, key=_SEQ)
        behind = bisect_left(self._sent, end + 1, lo=first, key=_SEQ)
        if limit is not None:
            behind = min(behind, first + limit)
        return list(islice(self._sent, first, behind))

    def reset(self, now: int) -> None:
        self._created = now
        self._next_in = 1
        self._next_out = 1
        self._sent.clear()
        self._bytes = 0

    def flush(self) -> None:
        """Nothing: no change outlives the process."""
