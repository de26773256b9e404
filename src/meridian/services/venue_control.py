"""Commands about the whole daemon: time, dice, a clean slate, what was said and done."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from meridian.fix.decoder import Decoded
from meridian.management import Expectation
from meridian.management import commands as c
from meridian.management import replies as r
from meridian.schema.times import NS_PER_SECOND
from meridian.services.backlog import Page
from meridian.services.venue import VenueService
from meridian.services.venue_records import Note, Records, event_view
from meridian.services.venue_wire import MessageDecoder, WireEntry, message_view

__all__ = ["MAX_COMPARED", "MAX_STEPS", "Control"]

MAX_STEPS = 10_000
"""Deadlines that an advance of the clock stops at; beyond them it jumps to its end."""
STEPS_A_TURN = 100
"""Of these, how many before sockets get their turn."""
MAX_COMPARED = 1_000
"""Latest messages of a session that a failed expectation is compared with."""


class Control:
    """What concerns every venue, command by command; methods are named after the commands.

    Args:
        venues: those that a command without a venue, or of that venue, concerns.
    """

    def __init__(
        self, records: Records, venues: Callable[[str | None], list[VenueService]]
    ) -> None:
        self._records = records
        self._venues = venues

    # Time and dice ---------------------------------------------------------------------------

    def get_clock(self, command: c.GetClock) -> r.ClockView:
        """What time it is."""
        return self._records.clock.view()

    def freeze_clock(self, command: c.FreezeClock) -> r.ClockView:
        """Stand still."""
        self._records.clock.freeze(command.at)
        return self._time_changed()

    async def advance_clock(self, command: c.AdvanceClock) -> r.ClockView:
        """Move on, from deadline to deadline, so that what is due happens in its order."""
        clock = self._records.clock
        target = clock() + int(command.seconds * NS_PER_SECOND)
        for step in range(MAX_STEPS):
            due = min(
                (d for v in self._venues(None) if (d := v.next_deadline()) is not None),
                default=target,
            )
            if due >= target:
                break
            clock.advance(max(due - clock(), 0))
            self._tick()
            if step % STEPS_A_TURN == 0:
                await asyncio.sleep(0)
        clock.advance(max(target - clock(), 0))
        self._tick()
        return self._time_changed()

    def real_clock(self, command: c.RealClock) -> r.ClockView:
        """Go with the machine."""
        self._records.clock.real()
        return self._time_changed()

    def set_seed(self, command: c.SetSeed) -> r.Done:
        """Throw all dice anew."""
        for venue in self._venues(command.venue):
            venue.reseed(command.seed)
            venue.endpoints.reseed(command.seed)
            venue.hurry()
        return r.Done()

    # A clean slate ---------------------------------------------------------------------------

    def reset(self, command: c.Reset) -> r.Done:
        """Forget what happened."""
        level = command.level
        venues = self._venues(command.venue)
        for venue in venues:
            if level is not c.ResetLevel.ORDERS:
                venue.endpoints.renew()
            if level is c.ResetLevel.ORDERS:
                venue.forget_orders()
            elif level is c.ResetLevel.ALL:
                venue.begin_anew()
        if level is c.ResetLevel.ALL:
            self._records.clock.real()
            self._records.events.forget()
            self._records.wire.forget()
        data = {"level": level.value, "venues": [venue.name for venue in venues]}
        self._records.events.note(command.venue, Note(self._records.clock(), "reset", data))
        return r.Done()

    # What was said and done ------------------------------------------------------------------

    async def read_events(self, command: c.ReadEvents) -> r.Events:
        """What happened."""
        page = await self._records.events.wait_page(
            command.after, command.limit, event_view, command.wait
        )
        return r.Events(items=tuple(page.items), next=page.next, lost=page.lost)

    async def read_journal(self, command: c.ReadJournal) -> r.Journal:
        """Messages, raw and decoded."""
        wanted = _filter(command.venue, command.session, command.direction)
        page: Page[tuple[int, WireEntry]] = await self._records.wire.wait_page(
            command.after,
            command.limit,
            lambda number, entry: (
                (number, entry)
                if wanted(entry) and command.msg_type in (None, entry.msg_type)
                else None
            ),
            command.wait,
        )
        decoder = self._decoder()
        items = [message_view(n, entry, decoder.decode(entry)) for n, entry in page.items]
        return r.Journal(items=tuple(items), next=page.next, lost=page.lost)

    async def expect(self, command: c.Expect) -> r.Expected:
        """The message a test waits for, or what came instead."""
        expectation = Expectation(command.msg_type, command.fields)
        wanted = _filter(command.venue, command.session, command.direction)
        decoder = self._decoder()
        # Of the right type, by its code or by its name, is cheap to see; the rest is decoded.
        seen: list[tuple[int, WireEntry]] = []

        def met(number: int, entry: WireEntry) -> r.MessageView | None:
            if not wanted(entry):
                return None
            seen.append((number, entry))
            message = decoder.decode(entry)
            if message is None or not expectation.met_by(message):
                return None
            return message_view(number, entry, message)

        page = await self._records.wire.wait_page(command.after, 1, met, command.timeout)
        if page.items:
            return r.Expected(message=page.items[0])
        compared: list[Decoded] = []
        for _, entry in seen[-MAX_COMPARED:]:
            message = decoder.decode(entry)
            if message is not None:
                compared.append(message)
        report = expectation.report(expectation.closest(compared), len(seen))
        return r.Expected(message=None, closest=report)

    # Inside ----------------------------------------------------------------------------------

    def _decoder(self) -> MessageDecoder:
        decoder = MessageDecoder()
        for venue in self._venues(None):
            for client in venue.endpoints.clients.values():
                decoder.learn(venue.name, client.definition.comp_id, client.protocol)
        return decoder

    def _tick(self) -> None:
        for venue in self._venues(None):
            venue.tick()

    def _time_changed(self) -> r.ClockView:
        for venue in self._venues(None):
            venue.hurry()
        return self._records.clock.view()


def _filter(
    venue: str | None, session: str | None, way: c.WireWay | None
) -> Callable[[WireEntry], bool]:
    def wanted(entry: WireEntry) -> bool:
        return (
            venue in (None, entry.venue)
            and session in (None, entry.session)
            and way in (None, entry.way)
        )

    return wanted
