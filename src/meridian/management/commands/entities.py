"""Create, read, update and delete: venues, instruments, endpoints, sessions, bots."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from meridian.management.commands.base import ManagementCommand, OfVenue
from meridian.management.definition import (
    Activity,
    BotDefinition,
    EndpointDefinition,
    SessionDefinition,
)
from meridian.management.fields import Amount, Currency, Model, Secret, Seed, Step, Whole, Word
from meridian.management.instruments import (
    MAX_ALIASES,
    AliasDefinition,
    FeaturesDefinition,
    InstrumentDefinition,
    RulesDefinition,
)

__all__ = [
    "BotChanges",
    "CreateBot",
    "CreateEndpoint",
    "CreateInstrument",
    "CreateSession",
    "CreateVenue",
    "DeleteBot",
    "DeleteEndpoint",
    "DeleteInstrument",
    "DeleteSession",
    "DeleteVenue",
    "GetBot",
    "GetEndpoint",
    "GetInstrument",
    "GetSession",
    "GetVenue",
    "InstrumentChanges",
    "ListBots",
    "ListEndpoints",
    "ListInstruments",
    "ListSessions",
    "ListVenues",
    "SessionChanges",
    "UpdateBot",
    "UpdateInstrument",
    "UpdateSession",
]


class CreateVenue(ManagementCommand):
    """A venue without anything yet; ``name`` is its CompID, ``seed`` fixes what its bots do."""

    command: Literal["create_venue"] = "create_venue"
    name: Word
    seed: Seed = 1
    features: FeaturesDefinition = Field(default_factory=FeaturesDefinition)


class DeleteVenue(ManagementCommand):
    """Log its sessions out, close its endpoints, forget its orders."""

    command: Literal["delete_venue"] = "delete_venue"
    venue: Word


class GetVenue(OfVenue):
    """One venue."""

    READS: ClassVar[bool] = True
    command: Literal["get_venue"] = "get_venue"


class ListVenues(ManagementCommand):
    """Every venue."""

    READS: ClassVar[bool] = True
    command: Literal["list_venues"] = "list_venues"


class CreateInstrument(OfVenue):
    """An instrument and its book."""

    command: Literal["create_instrument"] = "create_instrument"
    instrument: InstrumentDefinition


class InstrumentChanges(Model):
    """What is to be different; what is not given stays."""

    tick_size: Step | None = None
    lot_size: Step | None = None
    min_quantity: Amount | None = None
    currency: Currency | None = None
    reference_price: Amount | None = None
    aliases: tuple[AliasDefinition, ...] | None = Field(default=None, max_length=MAX_ALIASES)
    features: FeaturesDefinition | None = None
    rules: RulesDefinition | None = None


class UpdateInstrument(OfVenue):
    """Change an instrument; its grid only while no order is open."""

    command: Literal["update_instrument"] = "update_instrument"
    symbol: Word
    changes: InstrumentChanges


class DeleteInstrument(OfVenue):
    """Refused while orders are open, unless they are to be cancelled."""

    command: Literal["delete_instrument"] = "delete_instrument"
    symbol: Word
    cancel_orders: bool = False


class GetInstrument(OfVenue):
    """One instrument."""

    READS: ClassVar[bool] = True
    command: Literal["get_instrument"] = "get_instrument"
    symbol: Word


class ListInstruments(OfVenue):
    """Every instrument of a venue."""

    READS: ClassVar[bool] = True
    command: Literal["list_instruments"] = "list_instruments"


class CreateEndpoint(OfVenue):
    """Listen for clients."""

    command: Literal["create_endpoint"] = "create_endpoint"
    endpoint: EndpointDefinition


class DeleteEndpoint(OfVenue):
    """Log its sessions out and listen no more; their orders stay in the book."""

    command: Literal["delete_endpoint"] = "delete_endpoint"
    endpoint: Word


class GetEndpoint(OfVenue):
    """One endpoint."""

    READS: ClassVar[bool] = True
    command: Literal["get_endpoint"] = "get_endpoint"
    endpoint: Word


class ListEndpoints(OfVenue):
    """Every endpoint of a venue."""

    READS: ClassVar[bool] = True
    command: Literal["list_endpoints"] = "list_endpoints"


class CreateSession(OfVenue):
    """Let one more client in; ``endpoint`` may be left out where there is only one."""

    command: Literal["create_session"] = "create_session"
    endpoint: Word | None = None
    session: SessionDefinition


class SessionChanges(Model):
    """Who may log on from the next logon; without username and password, whoever has the CompID."""

    username: Secret | None = None
    password: Secret | None = Field(default=None, repr=False)

    @model_validator(mode="after")
    def _both_or_neither(self) -> Self:
        if (self.username is None) != (self.password is None):
            raise ValueError("expected both username and password, or neither")
        return self


class UpdateSession(OfVenue):
    """Change who may log on."""

    command: Literal["update_session"] = "update_session"
    comp_id: Word
    changes: SessionChanges


class DeleteSession(OfVenue):
    """Log the client out and let it in no more; its orders stay in the book."""

    command: Literal["delete_session"] = "delete_session"
    comp_id: Word


class GetSession(OfVenue):
    """One session."""

    READS: ClassVar[bool] = True
    command: Literal["get_session"] = "get_session"
    comp_id: Word


class ListSessions(OfVenue):
    """Every session of a venue."""

    READS: ClassVar[bool] = True
    command: Literal["list_sessions"] = "list_sessions"


class CreateBot(OfVenue):
    """Let a bot trade on a book."""

    command: Literal["create_bot"] = "create_bot"
    bot: BotDefinition


class BotChanges(Model):
    """What is to be different; what is not given stays."""

    activity: Activity | None = None
    levels: Whole | None = Field(default=None, ge=1, le=50)
    spread: Whole | None = Field(default=None, ge=1, le=10_000)
    quantity: Amount | None = None


class UpdateBot(OfVenue):
    """Change how a bot trades."""

    command: Literal["update_bot"] = "update_bot"
    bot: Word
    changes: BotChanges


class DeleteBot(OfVenue):
    """Stop a bot and cancel its orders."""

    command: Literal["delete_bot"] = "delete_bot"
    bot: Word


class GetBot(OfVenue):
    """One bot."""

    READS: ClassVar[bool] = True
    command: Literal["get_bot"] = "get_bot"
    bot: Word


class ListBots(OfVenue):
    """Every bot of a venue."""

    READS: ClassVar[bool] = True
    command: Literal["list_bots"] = "list_bots"
