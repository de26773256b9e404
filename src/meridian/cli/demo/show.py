"""The demo's stage: every part is real and in its place, and what happens is shown."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.live import Live

from meridian.cli.demo import ledger
from meridian.cli.demo.market import MarketViewer
from meridian.cli.demo.story import Story
from meridian.cli.demo.venue_process import VenueProcess
from meridian.cli.demo.view import Board, IntentView, describe
from meridian.kernel import BaseEvent, OrderEvent, SessionEvent
from meridian.schema import FillEvent
from meridian.services.fix_stack import FixStack
from meridian.services.interrupts import stop_event
from meridian.services.sidecar import SidecarSettings
from meridian.testing import Relay

__all__ = ["Show"]

FRAMES_PER_SECOND = 8
REPLAY_PATIENCE_SECONDS = 600.0
TRADER, VIEWER = 0, 1
"""Places of the two sessions in the default venue."""


class Show:
    """One run of the demo."""

    def __init__(self, console: Console, folder: Path, *, live: bool) -> None:
        self._console = console
        self._folder = folder
        self._live = live
        self._board = Board("an order travels from intent to fill and back")
        self._fills: list[FillEvent] = []
        self._events: list[BaseEvent] = []
        self._began = time.monotonic()
        self._told = 0
        self._story: Story | None = None

    async def run(self, seconds: float, itch: Path | None, itch_rate: int, *, keep: bool) -> bool:
        """Play it; True where the ledgers agree (and a recording ended as it should)."""
        arguments = ["--port", "0"]
        if itch is not None:
            arguments += ["--itch", str(itch), "--itch-rate", str(itch_rate)]
        self._board.duration = seconds
        async with AsyncExitStack() as stage:
            venue = VenueProcess(self._folder, arguments)
            stage.push_async_callback(venue.stop)
            ready = await venue.start()
            endpoint = ready["endpoints"][0]
            relay = Relay(endpoint["host"], endpoint["port"])
            stage.push_async_callback(relay.stop)
            stack = self._stack(endpoint, await relay.start())
            stage.push_async_callback(stack.stop)
            self._say(f"venue {ready['venue']} runs as process {ready['pid']}")
            settled = await self._play(stack, relay, endpoint, seconds)
            replayed = await self._replayed(venue) if itch is not None else True
            if not keep:
                await stack.stop()
            check = self._check(venue, endpoint)
            if keep:
                await self._keep(endpoint)
        return settled and replayed and check

    def _stack(self, endpoint: dict[str, Any], port: int) -> FixStack:
        session = endpoint["sessions"][TRADER]
        credentials = {
            "host": "127.0.0.1",
            "port": port,
            "sender": session["sender_comp_id"],
            "target": session["target_comp_id"],
        }
        # A demo shows a recovery in seconds; the default back-off goes up to a minute.
        settings = SidecarSettings(backoff_base=0.2, backoff_cap=1.0)
        return FixStack.build(self._folder, credentials, exchange_id="MERIDIAN", sidecar=settings)

    async def _play(
        self, stack: FixStack, relay: Relay, endpoint: dict[str, Any], seconds: float
    ) -> bool:
        """Start the kernel and the market view, tell the story, wait for its last word."""
        kernel = stack.kernel
        kernel.subscribe_events(self._on_event)
        bus = asyncio.create_task(self._listen(stack))
        await stack.start()
        symbols = await kernel.list_symbols()
        session = endpoint["sessions"][VIEWER]
        viewer = MarketViewer(
            endpoint["host"],
            endpoint["port"],
            session["sender_comp_id"],
            session["target_comp_id"],
            self._stir,
        )
        await viewer.start(symbols)
        self._board.books = viewer.books

        def cut(outage: float) -> None:
            relay.refusing = True
            relay.cut()
            asyncio.get_running_loop().call_later(outage, setattr, relay, "refusing", False)

        self._story = Story(kernel, viewer.books, cut, self._say)
        drawing = asyncio.create_task(self._draw(stack))
        try:
            await self._story.run(symbols, seconds)
            settled = await self._story.settle()
        finally:
            drawing.cancel()
            await asyncio.wait([drawing])
            await viewer.stop()
        if not settled:
            self._say("an order did not end in time", "bold red")
        bus.cancel()
        await asyncio.wait([bus])
        return settled

    async def _listen(self, stack: FixStack) -> None:
        """An independent subscriber of the bus."""
        with stack.bus.subscribe("platform.ccm.*.fill.*") as fills:
            async for envelope in fills:
                self._fills.append(FillEvent.model_validate_json(envelope.payload))

    async def _draw(self, stack: FixStack) -> None:
        if not self._live:
            return
        with Live(console=self._console, auto_refresh=False, screen=True) as live:
            while True:
                await self._refresh(stack)
                live.update(self._board.render(self._console.height), refresh=True)
                await asyncio.sleep(1 / FRAMES_PER_SECOND)

    async def _refresh(self, stack: FixStack) -> None:
        board, kernel = self._board, stack.kernel
        board.elapsed = time.monotonic() - self._began
        board.session = stack.sidecar.status
        notes = self._story.notes if self._story else {}
        intents = {intent.intent_id: intent for intent in await kernel.get_all_intents()}
        board.intents = [
            IntentView(notes.get(state.intent_id, ""), intents[state.intent_id].order, state)
            for state in await kernel.get_all_orders()
        ]
        board.positions = await kernel.get_positions()
        applied = sum(ledger.from_kernel(self._events).values())
        board.counts = f"{len(self._fills)} fills on the bus, {applied} in the kernel"

    def _on_event(self, event: BaseEvent) -> None:
        self._events.append(event)
        self._stir()
        if isinstance(event, OrderEvent | SessionEvent):
            text, style = describe(event)
            self._say(text, style)

    def _stir(self) -> None:
        if self._story is not None:
            self._story.stir()

    def _say(self, text: str, style: str = "") -> None:
        self._board.elapsed = time.monotonic() - self._began
        self._board.tell(text, style)
        if not self._live:
            self._console.print(self._board.events[-1], soft_wrap=True)

    async def _replayed(self, venue: VenueProcess) -> bool:
        """The recording has ended, with a whole book and no order it never added."""
        told = await venue.wait_for("replay_complete", REPLAY_PATIENCE_SECONDS)
        if told is None:
            self._console.print("the recording did not come to its end", style="bold red")
            return False
        self._console.print(
            f"replayed {told['messages']} messages, unknown order references "
            f"{told['unknown_references']}, book crossed: {'yes' if told['crossed'] else 'no'}"
        )
        return not told["unknown_references"] and not told["crossed"]

    def _check(self, venue: VenueProcess, endpoint: dict[str, Any]) -> bool:
        trader = endpoint["sessions"][TRADER]["sender_comp_id"]
        check = ledger.Check(
            ledger.from_venue(venue.journal, trader),
            ledger.from_bus(self._fills),
            ledger.from_kernel(self._events),
        )
        self._console.print(check.table())
        for line in check.differences():
            self._console.print(line, style="red", soft_wrap=True)
        against = ledger.counterparties(venue.journal, trader)
        traded = ", ".join(f"{name} {count}" for name, count in sorted(against.items()))
        self._console.print(f"traded against: {traded or 'nobody'}")
        if not check.venue:
            self._console.print("nothing was executed, so nothing was shown", style="bold red")
            return False
        verdict = "equal" if check.holds else "NOT EQUAL"
        style = "bold green" if check.holds else "bold red"
        self._console.print(f"the three ledgers are {verdict}", style=style)
        return check.holds

    async def _keep(self, endpoint: dict[str, Any]) -> None:
        stopping = stop_event()
        trader, viewer = (endpoint["sessions"][place] for place in (TRADER, VIEWER))
        for line in (
            "left running; end it with Ctrl-C. Connect a FIX client:",
            f"  {endpoint['protocol']} at {endpoint['host']} port {endpoint['port']}",
            f"  SenderCompID {viewer['sender_comp_id']}, TargetCompID {viewer['target_comp_id']}",
            f"  the kernel stays logged on as {trader['sender_comp_id']}",
            f"  journals and logs in {self._folder}",
        ):
            self._console.print(line, soft_wrap=True)
        await stopping.wait()
