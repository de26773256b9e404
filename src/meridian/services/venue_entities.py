"""Commands about entities: what a venue has is made, shown, changed and deleted while it runs."""

from __future__ import annotations

from pydantic import ValidationError

from meridian.management import commands as c
from meridian.management import replies as r
from meridian.management.instruments import InstrumentDefinition
from meridian.management.mistakes import complaints
from meridian.schema.errors import ConfigError, ConflictError, NotFoundError
from meridian.services.venue import VenueService
from meridian.services.venue_bots import BotEntry
from meridian.services.venue_endpoints import client_view, endpoint_view
from meridian.services.venue_instruments import build_instrument
from meridian.services.venue_views import instrument_view
from meridian.venue import commands as v

__all__ = ["Entities"]


class Entities:
    """The parts of one venue, command by command; methods are named after the commands."""

    def __init__(self, service: VenueService) -> None:
        self._service = service

    def get_venue(self, command: c.GetVenue) -> r.VenueView:
        """The venue and the names of what it has."""
        service = self._service
        return r.VenueView(
            name=service.name,
            seed=service.seed,
            instruments=tuple(service.instruments),
            endpoints=tuple(service.endpoints.by_name),
            sessions=tuple(service.endpoints.clients),
            bots=tuple(service.bots.by_name),
        )

    # Instruments -----------------------------------------------------------------------------

    def create_instrument(self, command: c.CreateInstrument) -> r.InstrumentView:
        """Open a book."""
        definition = command.instrument
        if definition.symbol in self._service.instruments:
            raise ConflictError(f"instrument {definition.symbol!r} is there already")
        instrument = build_instrument(definition)
        self._service.command(v.CreateInstrument(instrument))
        self._service.instruments[definition.symbol] = definition
        return self._instrument(definition.symbol)

    def update_instrument(self, command: c.UpdateInstrument) -> r.InstrumentView:
        """Put another definition in the place of one without live orders."""
        service = self._service
        old = self._definition(command.symbol)
        given = command.changes.model_dump(exclude_none=True)
        try:
            new = InstrumentDefinition.model_validate(old.model_dump() | given)
        except ValidationError as error:
            raise ConfigError("; ".join(complaints(error))) from None
        service.command(v.UpdateInstrument(build_instrument(new)))
        service.instruments[command.symbol] = new
        return self._instrument(command.symbol)

    def delete_instrument(self, command: c.DeleteInstrument) -> r.Done:
        """Close a book, and stop the bots on it where its orders are to go."""
        service, symbol = self._service, command.symbol
        self._definition(symbol)
        bots = service.bots.on(symbol)
        live = [order for order in service.venue.open_orders() if order.symbol == symbol]
        if (live or bots) and not command.cancel_orders:
            raise ConflictError(f"{symbol}: {len(live)} orders are live, bots: {bots}")
        for name in bots:
            service.bots.remove(name)
        # First out of the book, then the book: while it stands, reports know its grid.
        for order in live:
            text = "the instrument trades here no more"
            service.apply(v.CancelByVenue(order.order_id, text))
        service.command(v.DeleteInstrument(symbol))
        del service.instruments[symbol]
        return r.Done()

    def get_instrument(self, command: c.GetInstrument) -> r.InstrumentView:
        """One instrument."""
        return self._instrument(command.symbol)

    def list_instruments(self, command: c.ListInstruments) -> r.Instruments:
        """Every instrument."""
        return r.Instruments(items=tuple(map(self._instrument, self._service.instruments)))

    # Endpoints and sessions ------------------------------------------------------------------

    async def create_endpoint(self, command: c.CreateEndpoint) -> r.EndpointView:
        """Listen for clients."""
        endpoint = await self._service.endpoints.open(command.endpoint)
        self._service.note("endpoint_created", endpoint=endpoint.name, port=endpoint.port)
        return endpoint_view(endpoint)

    async def delete_endpoint(self, command: c.DeleteEndpoint) -> r.Done:
        """Log its sessions out and listen no more."""
        await self._service.endpoints.close(command.endpoint)
        self._service.note("endpoint_deleted", endpoint=command.endpoint)
        return r.Done()

    def get_endpoint(self, command: c.GetEndpoint) -> r.EndpointView:
        """One endpoint."""
        return endpoint_view(self._service.endpoints.endpoint(command.endpoint))

    def list_endpoints(self, command: c.ListEndpoints) -> r.Endpoints:
        """Every endpoint."""
        return r.Endpoints(
            items=tuple(map(endpoint_view, self._service.endpoints.by_name.values()))
        )

    def create_session(self, command: c.CreateSession) -> r.SessionView:
        """Let one more client in."""
        endpoints = self._service.endpoints
        client = endpoints.admit(endpoints.endpoint(command.endpoint), command.session)
        self._service.note("session_created", session=command.session.comp_id)
        return client_view(client, self._service.name)

    def update_session(self, command: c.UpdateSession) -> r.SessionView:
        """Ask another login."""
        changes = command.changes
        endpoints = self._service.endpoints
        client = endpoints.change(command.comp_id, changes.username, changes.password)
        self._service.note("session_updated", session=command.comp_id)
        return client_view(client, self._service.name)

    def delete_session(self, command: c.DeleteSession) -> r.Done:
        """Cut the client off."""
        self._service.endpoints.dismiss(command.comp_id)
        self._service.note("session_deleted", session=command.comp_id)
        return r.Done()

    def get_session(self, command: c.GetSession) -> r.SessionView:
        """One session."""
        client = self._service.endpoints.client(command.comp_id)
        return client_view(client, self._service.name)

    def list_sessions(self, command: c.ListSessions) -> r.Sessions:
        """Every session."""
        clients = self._service.endpoints.clients.values()
        return r.Sessions(items=tuple(client_view(each, self._service.name) for each in clients))

    # Bots ------------------------------------------------------------------------------------

    def create_bot(self, command: c.CreateBot) -> r.BotView:
        """Let a bot trade."""
        self._definition(command.bot.symbol)
        entry = self._service.add_bot(command.bot)
        self._service.note("bot_created", bot=entry.name)
        self._service.hurry()
        return self._bot(entry)

    def update_bot(self, command: c.UpdateBot) -> r.BotView:
        """Let it trade otherwise."""
        service = self._service
        old = service.bots.entry(command.bot)
        given = command.changes.model_dump(exclude_none=True)
        definition = old.definition.model_copy(update=given)
        instrument = self._definition(definition.symbol)
        entry = service.bots.change(command.bot, definition, instrument)
        service.note("bot_updated", bot=entry.name)
        service.hurry()
        return self._bot(entry)

    def delete_bot(self, command: c.DeleteBot) -> r.Done:
        """Stop it and cancel its orders."""
        service = self._service
        entry = service.bots.remove(command.bot)
        for order in service.venue.open_orders(entry.participant):
            service.apply(v.CancelByVenue(order.order_id, "the bot was stopped"))
        service.note("bot_deleted", bot=command.bot)
        return r.Done()

    def get_bot(self, command: c.GetBot) -> r.BotView:
        """One bot."""
        return self._bot(self._service.bots.entry(command.bot))

    def list_bots(self, command: c.ListBots) -> r.Bots:
        """Every bot."""
        return r.Bots(items=tuple(map(self._bot, self._service.bots.by_name.values())))

    # Inside ----------------------------------------------------------------------------------

    def _definition(self, symbol: str) -> InstrumentDefinition:
        found = self._service.instruments.get(symbol)
        if found is None:
            raise NotFoundError(f"{symbol} does not trade at {self._service.name}")
        return found

    def _instrument(self, symbol: str) -> r.InstrumentView:
        definition, venue = self._definition(symbol), self._service.venue
        return instrument_view(venue, definition)

    def _bot(self, entry: BotEntry) -> r.BotView:
        return r.BotView(
            name=entry.name,
            type=entry.definition.kind.value,
            symbol=entry.definition.symbol,
            activity=entry.definition.activity,
            participant=entry.participant,
            open_orders=len(self._service.venue.open_orders(entry.participant)),
        )
