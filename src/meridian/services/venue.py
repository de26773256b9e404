"""The venue daemon: the venue core under a clock, on sockets, with bots and a recording."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from meridian.fix.events import (
    Disconnected,
    Garbled,
    LoggedOn,
    LoggedOut,
    MessageReceived,
    SessionEvent,
    SessionRejected,
)
from meridian.management import VenueDefinition
from meridian.net.fix_acceptor import FixAcceptor
from meridian.schema.times import NS_PER_SECOND
from meridian.services.clock import Clock, wall_clock
from meridian.services.logs import logger
from meridian.services.venue_journal import VenueJournal
from meridian.services.venue_setup import build_bots, build_replay, build_sessions, build_venue
from meridian.venue import Event, FixDoor, MarketData, OrderExecuted, Replay, Reply, SessionReject

__all__ = ["REPLAY_BATCH", "Notice", "VenueService"]

REPLAY_BATCH = 1_000
"""Recorded messages replayed before sockets get their turn again."""
REPLAY_PAUSE = 0.005
"""Seconds between two batches of a recording."""

Notice = dict[str, Any]
"""What the daemon tells whoever started it; has an ``event``."""


class VenueService:
    """Runs one venue until :meth:`stop`.

    Args:
        on_notice: is told ``replay_complete``.

    Raises:
        ConfigError: the journal or the recording cannot be used.
    """

    def __init__(
        self,
        definition: VenueDefinition,
        *,
        clock: Clock = wall_clock,
        journal: Path | None = None,
        on_notice: Callable[[Notice], None] = lambda _: None,
    ) -> None:
        self._definition = definition
        self._clock = clock
        self._on_notice = on_notice
        self._log = logger("venue")
        self.venue = build_venue(definition, _base36(clock() // 1_000_000))
        self._market_data = MarketData(self.venue)
        self._bots = build_bots(definition)
        self._replay: Replay | None = None
        if definition.replay is not None:
            self._replay = build_replay(definition.replay, self.venue)
        self._journal = VenueJournal(journal, self.venue.instruments) if journal else None
        self._links: dict[str, FixAcceptor] = {}
        self._acceptors: list[FixAcceptor] = []
        self._clients = frozenset(
            session.comp_id for endpoint in definition.endpoints for session in endpoint.sessions
        )
        self._door = FixDoor(self.venue, self._market_data, self._clients)
        self._tasks: list[asyncio.Task[None]] = []
        self._wake = asyncio.Event()
        self._failed = asyncio.Event()
        self._failures: list[Exception] = []
        self._asleep_until: int | None = None
        self._counts: Counter[str] = Counter()

    async def start(self) -> Notice:
        """Listen and begin to trade; the notice says where and for whom.

        Raises:
            ConfigError: an address cannot be listened on.
        """
        endpoints = []
        try:
            for endpoint in self._definition.endpoints:
                sessions = build_sessions(self._definition, endpoint)
                acceptor = FixAcceptor(
                    endpoint.host,
                    endpoint.port,
                    sessions,
                    self._on_session_event,
                    self._clock,
                    self._on_note,
                )
                host, port = await acceptor.start()
                self._acceptors.append(acceptor)
                self._links.update(dict.fromkeys(sessions, acceptor))
                ids = [
                    {"sender_comp_id": client, "target_comp_id": self._definition.name}
                    for client in sessions
                ]
                endpoints.append(
                    {"protocol": endpoint.protocol, "host": host, "port": port, "sessions": ids}
                )
        except BaseException:
            await self.stop()
            raise
        self._tasks.append(asyncio.create_task(self._keep_time(), name="venue timers"))
        if self._replay is not None and self._definition.replay is not None:
            rate = self._definition.replay.messages_per_second
            replaying = self._run_replay(self._replay, rate)
            self._tasks.append(asyncio.create_task(replaying, name="venue replay"))
        return {
            "event": "ready",
            "pid": os.getpid(),
            "venue": self._definition.name,
            "endpoints": endpoints,
        }

    async def run_until(self, stopping: asyncio.Event) -> None:
        """Wait for ``stopping``; an error in the daemon ends the wait and is raised."""
        waiters = {asyncio.create_task(event.wait()) for event in (stopping, self._failed)}
        watched: set[asyncio.Task[Any]] = {*waiters, *self._tasks}
        try:
            while not any(waiter.done() for waiter in waiters):
                done, watched = await asyncio.wait(watched, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
            if self._failures:
                raise self._failures[0]
        finally:
            for waiter in waiters:
                waiter.cancel()

    async def stop(self) -> Notice:
        """Log every client out and release everything; the notice counts what happened."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        await asyncio.gather(*(acceptor.stop() for acceptor in self._acceptors))
        self._acceptors.clear()
        if self._journal is not None:
            self._journal.close()
            self._journal = None
        return {
            "event": "stopped",
            "executions": self._counts["executions"],
            "matches": self._counts["matches"],
        }

    def _on_session_event(self, session: str, event: SessionEvent) -> None:
        try:
            self._take(session, event)
        except Exception as error:
            # A venue that lost a message must not go on as if nothing had happened.
            self._failures.append(error)
            self._failed.set()
            raise

    def _take(self, session: str, event: SessionEvent) -> None:
        match event:
            case MessageReceived(message):
                answer = self._door.handle(session, message, self._clock())
                self._note(answer.events)
                self._send(answer.replies)
                self._wake_in_time()
            case LoggedOn():
                self._log.info("logged_on", session=session)
            case LoggedOut(text):
                self._log.info("logged_out", session=session, text=text)
            case Disconnected(reason):
                self._market_data.drop(session)
                self._log.info("disconnected", session=session, reason=reason)
            case SessionRejected(message):
                self._log.warning("client_rejected_message", session=session, message=str(message))
            case Garbled(reason):
                self._log.warning("garbled", session=session, reason=reason)
            case _:
                pass

    def _on_note(self, text: str) -> None:
        self._log.warning("acceptor", note=text)

    def _happened(self, events: list[Event]) -> None:
        """Events that no client message caused: to the journal and to the sessions concerned."""
        self._note(events)
        self._send(self._door.reports(events))
        self._wake_in_time()

    def _note(self, events: list[Event]) -> None:
        if not events:
            return
        if self._journal is not None:
            self._journal.write(events)
        for event in events:
            if isinstance(event, OrderExecuted):
                self._counts["matches"] += event.aggressor
                self._counts["executions"] += event.order.participant in self._clients
        self._market_data.observe(events)

    def _send(self, replies: Iterable[Reply | SessionReject]) -> None:
        for reply in replies:
            link = self._links[reply.session]
            if isinstance(reply, Reply):
                link.send(reply.session, reply.msg_type, reply.fields)
            else:
                link.reject(reply.session, reply.message, reply.reason_code, reply.tag, reply.text)

    def _wake_in_time(self) -> None:
        """Market data may have become due before anything that the timers wait for."""
        due = self._market_data.next_deadline()
        if due is not None and (self._asleep_until is None or due < self._asleep_until):
            self._wake.set()

    async def _keep_time(self) -> None:
        """Let bots act and market data flow when they are due."""
        while True:
            now = self._clock()
            for bot in self._bots:
                for command in bot.poll(self.venue, now):
                    self._happened(self.venue.apply(command, now))
            self._send(self._door.market_data(now))
            deadlines = [bot.next_deadline() for bot in self._bots]
            published = self._market_data.next_deadline()
            if published is not None:
                deadlines.append(published)
            self._asleep_until = min(deadlines, default=None)
            delay = None
            if self._asleep_until is not None:
                delay = (self._asleep_until - self._clock()) / NS_PER_SECOND
            self._wake.clear()
            try:
                await asyncio.wait_for(self._wake.wait(), delay)
            except TimeoutError:
                pass

    async def _run_replay(self, replay: Replay, rate: int) -> None:
        """Replay at the recording's rate, counted from the start so that pauses are made up."""
        began, done = self._clock(), 0
        while not replay.finished:
            due = 1 + (self._clock() - began) * rate // NS_PER_SECOND
            for _ in range(min(due - done, REPLAY_BATCH)):
                self._happened(replay.step(self._clock()))
                done += 1
            await asyncio.sleep(REPLAY_PAUSE)
        summary = replay.summary()
        self._on_notice(
            {
                "event": "replay_complete",
                "messages": summary.messages,
                "unknown_references": summary.unknown_references,
                "crossed": summary.crossed,
            }
        )


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[digit] + digits
    return digits or "0"
