"""One venue as it runs: the venue core under a clock, on sockets, with bots and a recording."""

from __future__ import annotations

import asyncio
import os
from collections import Counter, deque
from collections.abc import Callable, Coroutine, Iterable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from meridian.book import Phase, Tif
from meridian.fix.events import (
    Disconnected,
    Garbled,
    LoggedOn,
    LoggedOut,
    MessageReceived,
    SessionEvent,
    SessionRejected,
)
from meridian.management import BotDefinition, ReplayDefinition, VenueDefinition
from meridian.schema.times import NS_PER_SECOND
from meridian.services.clock import Clock, wall_clock
from meridian.services.venue_bots import BotEntry, BotPool
from meridian.services.venue_endpoints import Endpoints, endpoint_notice
from meridian.services.venue_happenings import KINDS, happening
from meridian.services.venue_instruments import build_features, build_instrument
from meridian.services.venue_journal import VenueJournal
from meridian.services.venue_recording import build_replay
from meridian.services.venue_records import Note, Records
from meridian.services.venue_refusals import refuse_where_refused
from meridian.venue import (
    ITCH,
    Event,
    FixDoor,
    MarketData,
    OrderAccepted,
    OrderExecuted,
    Replay,
    Reply,
    SessionReject,
    Unsupported,
    Venue,
)
from meridian.venue.commands import CancelByVenue, Command, ExpireOrder, Mode, SetMode, SetPhase
from meridian.venue.events import OrderPending

if TYPE_CHECKING:
    from meridian.store.venue_state import VenueState

__all__ = ["MAX_UNSEEN", "REPLAY_BATCH", "Notice", "VenueService", "new_run"]

REPLAY_BATCH = 1_000
"""Recorded messages replayed before sockets get their turn again."""
REPLAY_PAUSE = 0.005
"""Seconds between two batches of a recording."""
MAX_UNSEEN = 10_000
"""Orders kept for ``next_order``; beyond them the oldest are passed over."""

NS_PER_DAY = 86_400 * NS_PER_SECOND

Notice = dict[str, Any]
"""What the daemon tells whoever started it; has an ``event``."""


class VenueService:
    """Runs one venue until :meth:`stop`.

    Args:
        on_notice: is told ``replay_complete``.
        records: where events and messages are kept, and the venue's clock; its own by default.
        state: where the venue keeps what it must not forget, and goes on from; whoever gives it
            commits it after each command. Without one a restart forgets all.

    Raises:
        ConfigError: the journal, the recording, an instrument or the state cannot be used.
    """

    def __init__(
        self,
        definition: VenueDefinition,
        *,
        clock: Clock = wall_clock,
        journal: Path | None = None,
        on_notice: Callable[[Notice], None] = lambda _: None,
        records: Records | None = None,
        state: VenueState | None = None,
    ) -> None:
        self.name = definition.name
        self.seed = definition.seed
        self.records = records or Records(clock)
        self._definition = definition
        self._clock: Clock = self.records.clock
        self._on_notice = on_notice
        self._log = self.records.log
        self.instruments = {each.symbol: each for each in definition.instruments}
        machine = self.records.machine
        self.state = state
        self._left: int | None = None
        """When a former life of the venue was told something last, ns UTC."""
        if state is None:
            self.venue = Venue(
                [build_instrument(each) for each in definition.instruments],
                new_run(machine()),
                {ITCH},
                features=build_features(definition.features),
            )
        else:
            # A venue without a memory does without its imports.
            from meridian.services.venue_past import recall

            self.venue, self._left = recall(definition, state, self._clock())
            state.tell_definition = lambda: self.definition().model_dump_json()
        self.bots = BotPool(definition.seed)
        for bot in definition.bots:
            self.add_bot(bot)
        self._market_data = MarketData(self.venue)
        self._journal = VenueJournal(journal, self.venue.instruments) if journal else None
        self._door = FixDoor(self.venue, self._market_data)
        self.endpoints = Endpoints(
            self._door,
            definition.name,
            definition.seed,
            machine,
            self.records.wire,
            self._on_session_event,
            self._on_note,
            state=state,
        )
        for latency in definition.latencies:
            self.endpoints.delay(latency.comp_id, latency.msg_type, latency.model)
        self.unseen: deque[str] = deque(maxlen=MAX_UNSEEN)
        """OrderIDs that came and that nobody has asked for yet."""
        self.counts: Counter[str] = Counter()
        """How often each kind of event happened; matches and client executions besides."""
        self._tasks: list[asyncio.Task[None]] = []
        self._wake = asyncio.Event()
        self.failed: asyncio.Future[None] = asyncio.get_event_loop().create_future()
        """Has an exception once the venue cannot go on."""
        self._asleep_until: int | None = None

    # Life ------------------------------------------------------------------------------------

    async def start(self) -> Notice:
        """Listen and begin to trade; the notice says where and for whom.

        Raises:
            ConfigError: an address cannot be listened on.
            ConflictError: two sessions or endpoints have one name.
        """
        try:
            for definition in self._definition.endpoints:
                await self.endpoints.open(definition)
        except BaseException:
            await self.stop()
            raise
        self._resume()
        self._begin(self._keep_time(), "venue timers")
        if self._definition.replay is not None:
            self.start_replay(self._definition.replay)
        return self.ready_notice()

    def definition(self) -> VenueDefinition:
        """The venue as it is now, to make it again."""
        bots = [
            e.definition.model_copy(update={"name": e.name}) for e in self.bots.by_name.values()
        ]
        now = {
            "seed": self.seed,
            "instruments": tuple(self.instruments.values()),
            "endpoints": self.endpoints.definitions(),
            "bots": tuple(bots),
            "latencies": self.endpoints.latencies.definitions(),
        }
        return self._definition.model_copy(update=now)

    def start_replay(self, definition: ReplayDefinition) -> None:
        """Let a recording drive a book. Raises ConfigError where it cannot be read."""
        replay = build_replay(definition, self.venue)
        replaying = self._run_replay(replay, definition.messages_per_second)
        self._begin(replaying, "venue replay")

    def ready_notice(self) -> Notice:
        """Where clients connect, and as whom."""
        endpoints = [endpoint_notice(each, self.name) for each in self.endpoints.by_name.values()]
        return {"event": "ready", "pid": os.getpid(), "venue": self.name, "endpoints": endpoints}

    async def run_until(self, stopping: asyncio.Event) -> None:
        """Wait for ``stopping``; an error in the venue ends the wait and is raised."""
        stopped = asyncio.create_task(stopping.wait())
        try:
            ends: set[asyncio.Future[Any]] = {stopped, self.failed}
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            if self.failed.done():
                self.failed.result()
        finally:
            stopped.cancel()

    async def stop(self) -> Notice:
        """Log every client out and release everything; the notice counts what happened."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        # Whoever stops a venue that failed has been told, or does not want to know.
        if self.failed.done():
            self.failed.exception()
        if self.state is not None:
            # What is kept from here on is about a venue that is being taken apart.
            definition = self.definition().model_dump_json()
            self.state.tell_definition = lambda: definition
        await self.endpoints.close_all()
        if self._journal is not None:
            self._journal.close()
            self._journal = None
        return {
            "event": "stopped",
            "executions": self.counts["client_executions"],
            "matches": self.counts["matches"],
        }

    # What management does --------------------------------------------------------------------

    def apply(self, command: Command) -> list[Event]:
        """Carry out a command of the venue; sessions and market data are told what it did."""
        with self._together():
            events = self.venue.apply(command, self._clock())
            self._happened(events)
        return events

    def command(self, command: Command) -> list[Event]:
        """As ``apply``. Raises RefusedError where nothing changed."""
        events = self.apply(command)
        refuse_where_refused(events)
        return events

    def add_bot(self, definition: BotDefinition) -> BotEntry:
        """Let a bot trade. Raises ConflictError where its name is taken."""
        entry = self.bots.add(definition, self.instruments[definition.symbol])
        self.venue.welcome(entry.participant)
        return entry

    def note(self, kind: str, **data: Any) -> None:
        """Tell of something that no event of the core tells of."""
        self.records.events.note(self.name, Note(self._clock(), kind, data))

    def hurry(self) -> None:
        """Something became due that the timers do not know of."""
        self._wake.set()

    def tick(self) -> None:
        """Let all happen that is due: expiry, phases, bots, market data."""
        now = self._clock()
        with self._together():
            self._happened(self.venue.poll(now))
            for bot in self.bots.acting():
                for command in bot.poll(self.venue, now):
                    self._happened(self.venue.apply(command, now))
            self._send(self._door.market_data(now))
        self._commit()

    def next_deadline(self) -> int | None:
        """When ``tick`` next has something to do, ns UTC."""
        deadlines: list[int | None] = [bot.next_deadline() for bot in self.bots.acting()]
        deadlines += [self.venue.next_deadline(), self._market_data.next_deadline()]
        return min((due for due in deadlines if due is not None), default=None)

    def forget_orders(self) -> None:
        """Orders, books and executions are gone; nobody is told. Subscriptions end."""
        self.venue.clear()
        for session in self.endpoints.clients:
            self._market_data.drop(session)
        self.unseen.clear()
        self.reseed(self.seed)
        self.hurry()

    def begin_anew(self) -> None:
        """As at the start, but for the instruments, endpoints, sessions and bots there are now."""
        self.seed = self._definition.seed
        self.forget_orders()
        self.apply(SetMode(None, Mode.MATCHING))
        for symbol, definition in self.instruments.items():
            if not definition.rules.schedule:
                self.apply(SetPhase(symbol, Phase[definition.rules.phase.name]))

    def reseed(self, seed: int) -> None:
        """Throw the dice of bots anew; faults do with their sessions."""
        self.seed = seed
        self.bots.reseed(seed, self.instruments)

    def _resume(self) -> None:
        """Go on from a former life: who was told of it hears what the end of it changed."""
        if self._left is None:
            return
        clock = self.records.clock
        # Time never goes back, whatever clock the former life went by.
        clock.advance(max(self._left - clock(), 0))
        over = self._left // NS_PER_DAY < clock() // NS_PER_DAY
        for order in self.venue.open_orders():
            if self.venue.is_house(order.participant):
                self.apply(CancelByVenue(order.order_id, "the venue was started again"))
            elif over and order.time_in_force is Tif.DAY:
                self.apply(ExpireOrder(order.order_id))
            elif order.held:
                self.unseen.append(order.order_id)
        self._commit()
        self.note("resumed", orders=len(self.venue.open_orders()))

    def _together(self) -> AbstractContextManager[None]:
        """What happens inside is kept by one commit, after it."""
        return nullcontext() if self.state is None else self.state.states.hold()

    def _commit(self) -> None:
        if self.state is not None:
            self.state.states.commit()

    def _begin(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        task.add_done_callback(self._ended)
        self._tasks.append(task)

    def _ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self._fail(error)

    def _fail(self, error: BaseException) -> None:
        if not self.failed.done():
            self.failed.set_exception(error)

    # What happens ----------------------------------------------------------------------------

    def _on_session_event(self, session: str, event: SessionEvent) -> None:
        try:
            if self.state is None:
                self._take(session, event)
            else:
                # The session commits, once it counts the message as handled.
                with self.state.states.hold():
                    self._take(session, event)
        except Exception as error:
            # A venue that lost a message must not go on as if nothing had happened.
            self._fail(error)
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
                self.note("logged_on", session=session)
            case LoggedOut(text):
                self._log.info("logged_out", session=session, text=text)
                self.note("logged_out", session=session, text=text)
            case Disconnected(reason):
                self._door.drop(session)
                self._log.info("disconnected", session=session, reason=reason)
                self.note("disconnected", session=session, reason=reason)
            case SessionRejected(message):
                self._log.warning("client_rejected_message", session=session, message=str(message))
                self.note("client_rejected_message", session=session, text=str(message))
            case Garbled(reason):
                self._log.warning("garbled", session=session, reason=reason)
                self.note("garbled", session=session, reason=reason)
            case _:
                pass

    def _on_note(self, text: str) -> None:
        self._log.warning("acceptor", note=text)
        self.note("connection", text=text)

    def _happened(self, events: list[Event]) -> None:
        """Events that no client message caused: to the journal and to the sessions concerned."""
        if not events:
            return
        self._note(events)
        self._send(self._door.reports(events))
        self._wake_in_time()

    def _note(self, events: list[Event]) -> None:
        if not events:
            return
        if self._journal is not None:
            self._journal.write(events)
        counts, clients = self.counts, self.endpoints.clients
        for event in events:
            counts[KINDS.get(type(event), "refused_command")] += 1
            if isinstance(event, OrderAccepted):
                # A held order was told of when it came.
                if event.order.terms.participant in clients and not event.order.held:
                    self.unseen.append(event.order.order_id)
            elif isinstance(event, OrderExecuted):
                counts["matches"] += event.first
                counts["client_executions"] += event.order.terms.participant in clients
            elif isinstance(event, OrderPending) and event.order.participant in clients:
                self.unseen.append(event.order.order_id)
        self.records.events.happened(self.name, self._tell, events)
        self._market_data.observe(events)

    def _tell(self, event: Event) -> dict[str, Any]:
        return happening(event, self.venue.instruments)

    def _send(self, replies: Iterable[Reply | SessionReject | Unsupported]) -> None:
        clients = self.endpoints.clients
        for reply in replies:
            acceptor = clients[reply.session].endpoint.acceptor
            if isinstance(reply, Reply):
                acceptor.send(reply.session, reply.msg_type, reply.body)
            elif isinstance(reply, Unsupported):
                acceptor.unsupported(reply.session, reply.message)
            else:
                code, text = reply.reason_code, reply.text
                acceptor.reject(reply.session, reply.message, code, reply.tag, text)

    # Time ------------------------------------------------------------------------------------

    def _wake_in_time(self) -> None:
        """Something may have become due before anything that the timers wait for."""
        due = self._market_data.next_deadline()
        expiry = self.venue.next_deadline()
        if expiry is not None:
            due = expiry if due is None else min(due, expiry)
        if due is not None and (self._asleep_until is None or due < self._asleep_until):
            self._wake.set()

    async def _keep_time(self) -> None:
        """Let bots act, orders expire and market data flow when they are due."""
        while True:
            self.tick()
            self._asleep_until = self.next_deadline()
            delay = None
            # A clock that stands still makes nothing due; whoever moves it says so.
            if self._asleep_until is not None and not self.records.clock.frozen:
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
            with self._together():
                for _ in range(min(due - done, REPLAY_BATCH)):
                    self._happened(replay.step(self._clock()))
                    done += 1
            self._commit()
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


def new_run(now: int) -> str:
    """A word for the ids of a run that begins ``now``, ns UTC: none before had it."""
    number = now // 1_000_000
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[digit] + digits
    return digits or "0"
