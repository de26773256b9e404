"""The daemon without its sockets for people: venues, and who carries commands out."""

from __future__ import annotations

import asyncio
import inspect
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ValidationError

from meridian.management import Failure, FailureCode, ManagementCommand, Script, VenueDefinition
from meridian.management import commands as c
from meridian.management import replies as r
from meridian.management.mistakes import complaints
from meridian.schema.errors import ConfigError, ConflictError, MeridianError, NotFoundError
from meridian.services.venue import Notice, VenueService, new_run
from meridian.services.venue_control import Control
from meridian.services.venue_entities import Entities
from meridian.services.venue_records import Records
from meridian.services.venue_refusals import RefusedError
from meridian.services.venue_steering import Steering
from meridian.services.venue_verbs import Verbs

if TYPE_CHECKING:
    from meridian.store.venue_state import VenueState, VenueStates

__all__ = ["MAX_VENUES", "VenueHost"]

MAX_VENUES = 100

_CODES: tuple[tuple[type[Exception], FailureCode], ...] = (
    (RefusedError, FailureCode.REFUSED),
    (NotFoundError, FailureCode.NOT_FOUND),
    (ConflictError, FailureCode.CONFLICT),
    (ConfigError, FailureCode.INVALID),
)
Handler = Callable[[Any], Any]
_REDEFINING = ("create_", "update_", "delete_", "set_seed", "set_latency")
"""What commands begin with that make another definition."""


class VenueHost:
    """Every venue of a daemon; the ``Desk`` that the API asks.

    Commands are carried out on one event loop, each as a whole: what one sees another has
    finished, but for those that wait for something to happen.

    Args:
        records: where events and messages are kept, the time and the log; its own by default.
        on_notice: is told ``replay_complete``.
    """

    def __init__(
        self,
        records: Records | None = None,
        *,
        on_notice: Callable[[Notice], None] = lambda _: None,
    ) -> None:
        self.records = records or Records()
        self.ready = False
        self._on_notice = on_notice
        self._venues: dict[str, VenueService] = {}
        self._handlers: dict[str, dict[str, Handler]] = {}
        self._failed: asyncio.Future[None] = asyncio.get_event_loop().create_future()
        self._states: VenueStates | None = None
        """Where venues keep what they must not forget."""
        self._of_all = _handlers([Control(self.records, self._concerned)], c.ManagementCommand)
        self._of_all |= {
            "create_venue": self._create_venue,
            "delete_venue": self._delete_venue,
            "list_venues": self._list_venues,
        }

    # Life ------------------------------------------------------------------------------------

    async def start(self, script: Script, journal: Path | None = None) -> Notice:
        """Carry out a script; the notice says where clients connect.

        The script's own venue keeps the journal and runs the recording. Where ``persist`` names a
        database in which venues were kept, those go on as they were instead.

        Raises:
            ConfigError: a step failed; says which and why. Or what was kept cannot be used.
        """
        definition = script.definition
        if definition.persist is not None:
            self._states = _open_states(definition.persist)
            self._states.on_failure = self._end
        try:
            if await self._resume(definition.name, journal):
                self.ready = True
                return self.ready_notice()
            await self._open(_bare(definition), journal)
            for step in script.steps()[1:]:
                reply = await self.execute(step)
                if isinstance(reply, Failure):
                    raise ConfigError(f"{step.word}: {reply.text}")
            if definition.replay is not None:
                self._venues[definition.name].start_replay(definition.replay)
        except BaseException:
            await self.stop()
            raise
        self.ready = True
        if self._states is not None:
            # Only now is there something to come back to.
            self._redefine()
            self._states.commit()
        return self.ready_notice()

    def ready_notice(self) -> Notice:
        """Where clients connect, and as whom."""
        venues = [venue.ready_notice() for venue in self._venues.values()]
        endpoints = [point for venue in venues for point in venue["endpoints"]]
        names = list(self._venues)
        return {
            "event": "ready",
            "pid": os.getpid(),
            "venue": names[0] if names else None,
            "endpoints": endpoints,
        }

    async def run_until(self, stopping: asyncio.Event) -> None:
        """Wait for ``stopping``; an error in a venue ends the wait and is raised."""
        stopped = asyncio.create_task(stopping.wait())
        try:
            ends: set[asyncio.Future[Any]] = {stopped, self._failed}
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            if self._failed.done():
                self._failed.result()
        finally:
            stopped.cancel()

    async def stop(self) -> Notice:
        """Log every client out and release everything; the notice counts what happened."""
        self.ready = False
        notices = await asyncio.gather(*(venue.stop() for venue in self._venues.values()))
        self._venues.clear()
        self._handlers.clear()
        if self._failed.done():
            self._failed.exception()
        if self._states is not None:
            self._states.close()
            self._states = None
        totals = {key: sum(n[key] for n in notices) for key in ("executions", "matches")}
        return {"event": "stopped", **totals}

    # The desk --------------------------------------------------------------------------------

    async def execute(self, command: ManagementCommand) -> BaseModel:
        """Carry out one command; a ``Failure`` changed nothing."""
        word = command.word
        try:
            handler = self._of_all.get(word)
            if handler is None:
                venue = command.venue if isinstance(command, c.OfVenue) else None
                handler = self._handlers[self.venue(venue).name][word]
            reply = handler(command)
            done: BaseModel = await reply if inspect.isawaitable(reply) else reply
            self._keep(command)
        except MeridianError as error:
            code = next((code for kind, code in _CODES if isinstance(error, kind)), None)
            return Failure(code=code or FailureCode.CONFLICT, text=str(error))
        except Exception as error:
            self.records.log.error(
                "command_failed", command=word, error=repr(error), exc_info=error
            )
            return Failure(code=FailureCode.INTERNAL, text=f"{word}: {error!r}")
        return done

    def words(self) -> set[str]:
        """The commands that somebody carries out now."""
        return {*self._of_all, *(word for each in self._handlers.values() for word in each)}

    def metrics(self) -> bytes:
        """Every counter and gauge in the Prometheus text format."""
        # Costs a tenth of a second to import, and most that embed a venue never ask.
        from meridian.services.venue_metrics import metrics_text

        return metrics_text(self._venues.values(), self.records)

    def venue(self, name: str | None) -> VenueService:
        """By name; None is the only one there is.

        Raises:
            NotFoundError: no such venue, or several to choose from.
        """
        if name is None and len(self._venues) == 1:
            return next(iter(self._venues.values()))
        found = self._venues.get(name or "")
        if found is None:
            known = ", ".join(self._venues) or "none"
            raise NotFoundError(f"venue {name!r}: expected one of: {known}")
        return found

    # Venues ----------------------------------------------------------------------------------

    async def _create_venue(self, command: c.CreateVenue) -> BaseModel:
        definition = VenueDefinition(
            name=command.name, seed=command.seed, features=command.features
        )
        await self._open(definition, None)
        return await self.execute(c.GetVenue(venue=command.name))

    async def _delete_venue(self, command: c.DeleteVenue) -> r.Done:
        service = self.venue(command.venue)
        del self._venues[service.name], self._handlers[service.name]
        await service.stop()
        if self._states is not None:
            self._states.delete(service.name)
        return r.Done()

    async def _list_venues(self, command: c.ListVenues) -> r.Venues:
        views = [await self.execute(c.GetVenue(venue=name)) for name in self._venues]
        return r.Venues(items=tuple(view for view in views if isinstance(view, r.VenueView)))

    async def _open(self, definition: VenueDefinition, journal: Path | None) -> None:
        if definition.name in self._venues:
            raise ConflictError(f"venue {definition.name!r} is there already")
        if len(self._venues) >= MAX_VENUES:
            raise ConflictError(f"a daemon has at most {MAX_VENUES} venues")
        state = None
        if self._states is not None:
            state = self._states.create(definition.name, new_run(self.records.machine()))
        await self._begin(definition, journal, state)

    async def _resume(self, first: str, journal: Path | None) -> bool:
        """Let every venue that was kept go on; False where there is none."""
        states = self._states
        if states is None:
            return False
        names = sorted(states.names(), key=lambda name: name != first)
        for name in names:
            state = states.open(name)
            try:
                definition = VenueDefinition.model_validate_json(state.definition)
            except ValidationError as error:
                text = "; ".join(complaints(error))
                raise ConfigError(f"{states.database.path}: venue {name}: {text}") from None
            await self._begin(definition, journal if name == first else None, state)
        return bool(names)

    async def _begin(
        self, definition: VenueDefinition, journal: Path | None, state: VenueState | None
    ) -> None:
        service = VenueService(
            definition,
            journal=journal,
            on_notice=self._on_notice,
            records=self.records,
            state=state,
        )
        self._venues[definition.name] = service
        parts = [Entities(service), Verbs(service), Steering(service)]
        self._handlers[definition.name] = _handlers(parts, c.OfVenue)
        service.failed.add_done_callback(self._venue_failed)
        await service.start()

    def _keep(self, command: ManagementCommand) -> None:
        """Nobody is told that something was done before it is kept."""
        if self._states is None or command.READS:
            return
        if command.word.startswith(_REDEFINING):
            self._redefine()
        self._states.commit()

    def _redefine(self) -> None:
        for service in self._venues.values():
            if service.state is not None and self.ready:
                service.state.redefined = True

    def _venue_failed(self, failed: asyncio.Future[None]) -> None:
        if (error := failed.exception()) is not None:
            self._end(error)

    def _end(self, error: BaseException) -> None:
        if not self._failed.done():
            self._failed.set_exception(error)

    def _concerned(self, name: str | None) -> list[VenueService]:
        return list(self._venues.values()) if name is None else [self.venue(name)]


def _handlers(parts: Iterable[object], kind: type[ManagementCommand]) -> dict[str, Handler]:
    """The methods of parts that are named after commands."""
    return {
        word: getattr(part, word)
        for part in parts
        for word, command in c.COMMANDS.items()
        if hasattr(part, word) and issubclass(command, kind)
    }


def _bare(definition: VenueDefinition) -> VenueDefinition:
    """The venue alone: what it has comes step by step."""
    empty = {"instruments": (), "endpoints": (), "bots": (), "latencies": (), "replay": None}
    return definition.model_copy(update=empty)


def _open_states(location: str) -> VenueStates:
    # A quarter of a second of imports that a venue without a memory does without.
    from meridian.store.database import Database
    from meridian.store.tables import METADATA
    from meridian.store.venue_state import VenueStates

    return VenueStates(Database(location, METADATA))
