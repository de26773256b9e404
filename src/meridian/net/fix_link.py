"""One TCP connection that carries a FIX session: the shell around the sans-IO core."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Protocol, cast

from meridian.fix.acceptor import Admission
from meridian.fix.events import SessionEvent
from meridian.fix.session import Session
from meridian.schema.errors import StoreError
from meridian.schema.times import NS_PER_SECOND

__all__ = [
    "LINGER",
    "READ_SHARE",
    "UNSENT_LIMIT",
    "WRITE_HIGH",
    "WRITE_LIMIT",
    "FixLink",
    "LinkOwner",
]

READ_SHARE = 65_536
"""Bytes read from a peer in one loop turn: what they ask for is done before the next peer is
served, so no peer holds the loop for longer than that."""
WRITE_HIGH = 262_144
"""Bytes in the transport's buffer above which nothing more is taken from the session."""
WRITE_LIMIT = 4_194_304
"""Bytes that wait in the session of a peer that does not read, before the link is dropped. What
was lost is resent after the next logon."""
UNSENT_LIMIT = 33_554_432
"""Bytes that one read of a peer's requests may make it be sent, before the link is dropped."""
LINGER = 2.0
"""Seconds the peer has to close after our end of stream, so that it sees FIN and not RST."""
MIN_DELAY = 0.001
"""Shortest timer, s: a clock that stands still must not spin the loop."""


class LinkOwner(Protocol):
    """What an endpoint wants to hear of its links. No method may raise."""

    def link_welcome(self, link: FixLink) -> bool:
        """The connection stands, ``link.host`` is known; False has it closed at once."""

    def link_admitted(self, link: FixLink) -> None:
        """The peer's Logon named its session: ``link.key``, ``link.session``."""

    def link_event(self, link: FixLink, event: SessionEvent) -> None:
        """Something happened in the session."""

    def link_note(self, link: FixLink, text: str) -> None:
        """Something worth a line in the log."""

    def link_closed(self, link: FixLink) -> None:
        """The session has left this link; the socket may linger."""

    def link_gone(self, link: FixLink) -> None:
        """The socket is closed."""


class FixLink(asyncio.BufferedProtocol):
    """Feeds bytes and time to a session, delivers its events, writes once a loop turn."""

    def __init__(
        self, owner: LinkOwner, clock: Callable[[], int], core: Session | Admission
    ) -> None:
        self.session = core if isinstance(core, Session) else None
        self.key = ""
        self.host = ""
        self.peer = ""
        self._space = memoryview(bytearray(READ_SHARE))
        self._admission = core if isinstance(core, Admission) else None
        self._owner = owner
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._events: deque[SessionEvent] = deque()
        self._delivering = False
        self._flush_due = False
        self._paused = False
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = 0
        self._linger: asyncio.TimerHandle | None = None

    # What asyncio tells

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(high=WRITE_HIGH)
        peer = transport.get_extra_info("peername")
        self.host = str(peer[0]) if peer else "?"
        self.peer = f"{self.host}:{peer[1]}" if peer else "?"
        if not self._owner.link_welcome(self):
            self._leave("")
            self._transport.close()
            return
        try:
            if self.session is not None:
                self.session.connected(self._clock())
        except StoreError as error:
            self._fail(error)
        self.settle()

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._space

    def buffer_updated(self, nbytes: int) -> None:
        data = self._space[:nbytes].tobytes()
        now = self._clock()
        try:
            if self.session is not None:
                self.session.receive_data(data, now)
            elif self._admission is not None:
                self._admission.receive_data(data, now)
                self._admit()
        except StoreError as error:
            self._admit()
            self._fail(error)
        self.settle()

    def eof_received(self) -> None:
        if self._admission is not None:
            self._admission.receive_eof(self._clock())
            self._admit()

    def connection_lost(self, exc: Exception | None) -> None:
        self._leave(f"connection lost: {exc}" if exc else "")
        if self._linger is not None:
            self._linger.cancel()
        self._owner.link_gone(self)

    def pause_writing(self) -> None:
        self._paused = True

    def resume_writing(self) -> None:
        self._paused = False
        self.mark()

    # What the endpoint asks

    def mark(self) -> None:
        """The session has something to write: do it once in the coming loop turn."""
        if self.session is not None and self.session.unsent > UNSENT_LIMIT:
            self._owner.link_note(
                self, f"{self.peer}: dropped: asks for more than {UNSENT_LIMIT} B"
            )
            self.abort("the peer asks for too much at once")
        elif not self._flush_due:
            self._flush_due = True
            self._loop.call_soon(self._flush)

    def settle(self) -> None:
        """After any change of the session: deliver events, plan the write and the timer."""
        if self.session is not None:
            self._deliver(self.session)
        self.mark()
        self._plan()

    def abort(self, reason: str) -> None:
        """Leave at once, without a word to the peer."""
        self._leave(reason)
        if self._transport is not None:
            self._transport.abort()

    # Inside

    def _admit(self) -> None:
        admission = self._admission
        if admission is None:
            return
        if admission.session is not None:
            self._admission = None
            self.session, self.key = admission.session, admission.key
            self._owner.link_admitted(self)
        elif admission.refusal:
            self._owner.link_note(self, f"{self.peer}: refused: {admission.refusal}")
            self._finish()

    def _fail(self, error: StoreError) -> None:
        """What the session says cannot be kept: none of it may leave."""
        self._owner.link_note(self, f"{self.peer}: dropped: {error}")
        self.abort(str(error))

    def _deliver(self, session: Session) -> None:
        self._events.extend(session.events())
        # A handler that changes the session comes back here: the outer call goes on for it.
        if self._delivering:
            return
        self._delivering = True
        while self._events:
            self._owner.link_event(self, self._events.popleft())
        self._delivering = False
        try:
            session.commit()
        except StoreError as error:
            self._fail(error)

    def _flush(self) -> None:
        self._flush_due = False
        session, transport = self.session, self._transport
        if session is None or transport is None:
            return
        if self._paused:
            self._flush_slow(session)
            return
        try:
            data = session.data_to_send()
        except StoreError as error:
            self._fail(error)
            return
        if data:
            transport.write(data)
            # A long resend goes on as long as the peer keeps reading.
            self.mark()
        elif session.close_expected:
            self._finish()
        self._plan()

    def _flush_slow(self, session: Session) -> None:
        # What the transport holds does not count: a batch of a resend may be larger.
        if session.unsent > WRITE_LIMIT:
            self._owner.link_note(self, f"{self.peer}: dropped: more than {WRITE_LIMIT} B unread")
            self.abort("the peer does not read")
        elif session.close_expected:
            self._finish()

    def _plan(self) -> None:
        core = self.session or self._admission
        deadline = None if core is None else core.next_deadline()
        if deadline is None or (self._timer is not None and self._timer_at <= deadline):
            return
        if self._timer is not None:
            self._timer.cancel()
        delay = (deadline - self._clock()) / NS_PER_SECOND
        self._timer = self._loop.call_later(max(delay, MIN_DELAY), self._on_timer)
        self._timer_at = deadline

    def _on_timer(self) -> None:
        self._timer = None
        now = self._clock()
        try:
            if self.session is not None:
                self.session.poll(now)
            elif self._admission is not None:
                self._admission.poll(now)
                self._admit()
        except StoreError as error:
            self._fail(error)
        self.settle()

    def _finish(self) -> None:
        """End our stream and give the peer time to end its own."""
        self._leave("")
        transport = self._transport
        if transport is None or transport.is_closing() or self._linger is not None:
            return
        if transport.can_write_eof():
            transport.write_eof()
        else:
            # TLS ends both directions at once.
            transport.close()
        self._linger = self._loop.call_later(LINGER, transport.abort)

    def _leave(self, reason: str) -> None:
        """Part the session from the connection; it is free for another one."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._admission = None
        session, self.session = self.session, None
        if session is None:
            return
        try:
            session.receive_eof(self._clock(), reason)
        except StoreError as error:
            self._owner.link_note(self, f"{self.peer}: {error}")
        self._deliver(session)
        self._owner.link_closed(self)
