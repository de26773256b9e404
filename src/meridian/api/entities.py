"""Venues and what they have, as resources: a path is a thing, a method is a command."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import Field

from meridian.api.asking import Asking
from meridian.management import (
    BotDefinition,
    EndpointDefinition,
    InstrumentDefinition,
    SessionDefinition,
)
from meridian.management import commands as c
from meridian.management import replies as r
from meridian.management.fields import Model, Seed, Word
from meridian.management.instruments import FeaturesDefinition

__all__ = ["entities"]

entities = APIRouter(prefix="/v1/venues", tags=["entities"])


class NewVenue(Model):
    """A venue to be made."""

    name: Word
    seed: Seed = 1
    features: FeaturesDefinition = Field(default_factory=FeaturesDefinition)


@entities.get("")
async def list_venues(asker: Asking) -> r.Venues:
    """Every venue."""
    return await asker.ask(c.ListVenues, r.Venues)


@entities.post("", status_code=201)
async def create_venue(asker: Asking, venue: NewVenue) -> r.VenueView:
    """A venue without anything yet."""
    return await asker.ask(c.CreateVenue, r.VenueView, **dict(venue))


@entities.get("/{venue}")
async def get_venue(asker: Asking, venue: Word) -> r.VenueView:
    """One venue."""
    return await asker.ask(c.GetVenue, r.VenueView, venue=venue)


@entities.delete("/{venue}")
async def delete_venue(asker: Asking, venue: Word) -> r.Done:
    """Log its sessions out, close its endpoints, forget its orders."""
    return await asker.ask(c.DeleteVenue, r.Done, venue=venue)


@entities.get("/{venue}/instruments")
async def list_instruments(asker: Asking, venue: Word) -> r.Instruments:
    """Every instrument."""
    return await asker.ask(c.ListInstruments, r.Instruments, venue=venue)


@entities.post("/{venue}/instruments", status_code=201)
async def create_instrument(
    asker: Asking, venue: Word, instrument: InstrumentDefinition
) -> r.InstrumentView:
    """An instrument and its book."""
    return await asker.ask(c.CreateInstrument, r.InstrumentView, venue=venue, instrument=instrument)


@entities.get("/{venue}/instruments/{symbol:path}")
async def get_instrument(asker: Asking, venue: Word, symbol: Word) -> r.InstrumentView:
    """One instrument."""
    return await asker.ask(c.GetInstrument, r.InstrumentView, venue=venue, symbol=symbol)


@entities.patch("/{venue}/instruments/{symbol:path}")
async def update_instrument(
    asker: Asking, venue: Word, symbol: Word, changes: c.InstrumentChanges
) -> r.InstrumentView:
    """Change an instrument; its grid only while no order is open."""
    return await asker.ask(
        c.UpdateInstrument, r.InstrumentView, venue=venue, symbol=symbol, changes=changes
    )


@entities.delete("/{venue}/instruments/{symbol:path}")
async def delete_instrument(
    asker: Asking, venue: Word, symbol: Word, cancel_orders: bool = False
) -> r.Done:
    """Refused while orders are open, unless they are to be cancelled."""
    return await asker.ask(
        c.DeleteInstrument, r.Done, venue=venue, symbol=symbol, cancel_orders=cancel_orders
    )


@entities.get("/{venue}/endpoints")
async def list_endpoints(asker: Asking, venue: Word) -> r.Endpoints:
    """Every endpoint."""
    return await asker.ask(c.ListEndpoints, r.Endpoints, venue=venue)


@entities.post("/{venue}/endpoints", status_code=201)
async def create_endpoint(
    asker: Asking, venue: Word, endpoint: EndpointDefinition
) -> r.EndpointView:
    """Listen for clients."""
    return await asker.ask(c.CreateEndpoint, r.EndpointView, venue=venue, endpoint=endpoint)


@entities.get("/{venue}/endpoints/{endpoint:path}")
async def get_endpoint(asker: Asking, venue: Word, endpoint: Word) -> r.EndpointView:
    """One endpoint."""
    return await asker.ask(c.GetEndpoint, r.EndpointView, venue=venue, endpoint=endpoint)


@entities.delete("/{venue}/endpoints/{endpoint:path}")
async def delete_endpoint(asker: Asking, venue: Word, endpoint: Word) -> r.Done:
    """Log its sessions out and listen no more."""
    return await asker.ask(c.DeleteEndpoint, r.Done, venue=venue, endpoint=endpoint)


@entities.get("/{venue}/sessions")
async def list_sessions(asker: Asking, venue: Word) -> r.Sessions:
    """Every session."""
    return await asker.ask(c.ListSessions, r.Sessions, venue=venue)


@entities.post("/{venue}/sessions", status_code=201)
async def create_session(
    asker: Asking, venue: Word, session: SessionDefinition, endpoint: Word | None = None
) -> r.SessionView:
    """Let one more client in; ``endpoint`` may be left out where there is only one."""
    return await asker.ask(
        c.CreateSession, r.SessionView, venue=venue, endpoint=endpoint, session=session
    )


@entities.get("/{venue}/sessions/{comp_id:path}")
async def get_session(asker: Asking, venue: Word, comp_id: Word) -> r.SessionView:
    """One session."""
    return await asker.ask(c.GetSession, r.SessionView, venue=venue, comp_id=comp_id)


@entities.patch("/{venue}/sessions/{comp_id:path}")
async def update_session(
    asker: Asking, venue: Word, comp_id: Word, changes: c.SessionChanges
) -> r.SessionView:
    """Change who may log on."""
    return await asker.ask(
        c.UpdateSession, r.SessionView, venue=venue, comp_id=comp_id, changes=changes
    )


@entities.delete("/{venue}/sessions/{comp_id:path}")
async def delete_session(asker: Asking, venue: Word, comp_id: Word) -> r.Done:
    """Log the client out and let it in no more."""
    return await asker.ask(c.DeleteSession, r.Done, venue=venue, comp_id=comp_id)


@entities.get("/{venue}/bots")
async def list_bots(asker: Asking, venue: Word) -> r.Bots:
    """Every bot."""
    return await asker.ask(c.ListBots, r.Bots, venue=venue)


@entities.post("/{venue}/bots", status_code=201)
async def create_bot(asker: Asking, venue: Word, bot: BotDefinition) -> r.BotView:
    """Let a bot trade on a book."""
    return await asker.ask(c.CreateBot, r.BotView, venue=venue, bot=bot)


@entities.get("/{venue}/bots/{bot:path}")
async def get_bot(asker: Asking, venue: Word, bot: Word) -> r.BotView:
    """One bot."""
    return await asker.ask(c.GetBot, r.BotView, venue=venue, bot=bot)


@entities.patch("/{venue}/bots/{bot:path}")
async def update_bot(asker: Asking, venue: Word, bot: Word, changes: c.BotChanges) -> r.BotView:
    """Change how a bot trades."""
    return await asker.ask(c.UpdateBot, r.BotView, venue=venue, bot=bot, changes=changes)


@entities.delete("/{venue}/bots/{bot:path}")
async def delete_bot(asker: Asking, venue: Word, bot: Word) -> r.Done:
    """Stop a bot and cancel its orders."""
    return await asker.ask(c.DeleteBot, r.Done, venue=venue, bot=bot)
