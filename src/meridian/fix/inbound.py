"""Which messages of the peer have come, which are missing, which wait for the missing ones."""

from __future__ import annotations

from meridian.fix.message import Message
from meridian.schema.times import NS_PER_SECOND

__all__ = ["MAX_PENDING", "MAX_PENDING_BYTES", "MAX_RESEND_REQUESTS", "RESEND_TIMEOUT", "Inbound"]

MAX_PENDING = 4_096
"""Messages kept while a gap is open; further ones are asked for again."""
MAX_PENDING_BYTES = 16_777_216
"""Bytes of these messages; further ones go as above."""
RESEND_TIMEOUT = 10 * NS_PER_SECOND
"""Without progress for so long, an open gap is asked for again, ns."""
MAX_RESEND_REQUESTS = 3
"""Requests without progress before the session gives up."""


class Inbound:
    """Sequence state of one direction. ``next`` is the MsgSeqNum expected, ``highest`` the
    highest one seen; a gap is open while ``next <= highest``. ``restarting``: this side has started
    over, and the peer, whose old numbers still count, has not answered yet."""

    def __init__(self, next_in: int) -> None:
        self.next = next_in
        self.highest = 0
        self.requests = 0
        self._asked_until = 0
        self._asked_at = 0
        self.restarting = False
        self._announce = False
        self._pending: dict[int, Message] = {}
        self._pending_bytes = 0

    @property
    def gap(self) -> bool:
        """Whether a message is known to be missing."""
        return self.next <= self.highest

    @property
    def last_processed(self) -> int:
        """LastMsgSeqNumProcessed(369), by the numbers that our messages now go by."""
        return 0 if self.restarting else self.next - 1

    @property
    def pending(self) -> int:
        """Messages that wait for the gap to close."""
        return len(self._pending)

    def reset(self) -> None:
        """Start over: 1 is expected and nothing known beyond."""
        self.next = 1
        self.drop_connection()

    def drop_connection(self) -> None:
        """Forget what only this connection knew; the peer will send it again."""
        self.highest = 0
        self.requests = 0
        self.restarting = False
        self._asked_until = 0
        self._announce = False
        self._pending.clear()
        self._pending_bytes = 0

    def advance(self, next_in: int) -> None:
        """Expect ``next_in``, above the present number; what waited below it is obsolete."""
        if self._pending and next_in > self.next + 1:
            for seq in [seq for seq in self._pending if seq < next_in]:
                self._release(seq)
        else:
            self._release(self.next)
        self.next = next_in
        self.requests = 0

    def hold(self, message: Message) -> None:
        """Keep a message from beyond the gap, if there is room."""
        self.highest = max(self.highest, message.seq_num)
        self._announce = True
        size = self._pending_bytes + len(message.raw)
        if len(self._pending) >= MAX_PENDING or size > MAX_PENDING_BYTES:
            return
        if message.seq_num not in self._pending:
            self._pending[message.seq_num] = message
            self._pending_bytes = size

    def next_held(self) -> Message | None:
        """The held message that is now next in sequence."""
        return self._pending.get(self.next)

    def should_ask(self) -> bool:
        """A gap is open that no outstanding ResendRequest covers."""
        return self.gap and self.next > self._asked_until

    def ask(self, chunk: int, now: int) -> tuple[int, int | None]:
        """Begin and end of the ResendRequest that goes out now, at most ``chunk`` messages where
        it is not 0; None: all there is."""
        self._asked_at = now
        self.requests += 1
        last = self.next + chunk - 1
        if chunk and last < self.highest - 1:
            self._asked_until = last
            return self.next, last
        self._asked_until = self.highest
        return self.next, None

    def assume_asked(self, now: int) -> None:
        """The peer knows what is missing: our Logon told it NextExpectedMsgSeqNum."""
        self._asked_until = self.highest
        self._asked_at = now

    def ask_again(self) -> None:
        """The outstanding request is taken for lost."""
        self._asked_until = 0

    def gap_closed(self) -> bool:
        """True once after a gap that was open has closed."""
        closed = self._announce and not self.gap
        if closed:
            self._announce = False
        return closed

    def progressed(self, now: int) -> None:
        """The peer is answering: give it another RESEND_TIMEOUT."""
        self._asked_at = now

    def not_after(self, now: int) -> None:
        """The clock shows ``now``: nothing was asked for later than that."""
        self._asked_at = min(self._asked_at, now)

    def deadline(self) -> int | None:
        """When to ask again, None while no gap is open."""
        return self._asked_at + RESEND_TIMEOUT if self.gap else None

    def _release(self, seq: int) -> None:
        if (message := self._pending.pop(seq, None)) is not None:
            self._pending_bytes -= len(message.raw)
