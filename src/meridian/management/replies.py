"""What management answers: views of the entities, pages of what happened, failures."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, JsonValue

from meridian.management.commands.orders import BookMode
from meridian.management.commands.sessions import FaultName, WireWay
from meridian.management.definition import Activity
from meridian.management.fields import Model
from meridian.management.instruments import InstrumentDefinition, PhaseName
from meridian.management.latency import LatencyDefinition
from meridian.schema.numbers import Exact

__all__ = [
    "BookLevel",
    "BookView",
    "BotView",
    "Bots",
    "ClockMode",
    "ClockView",
    "Done",
    "EndpointView",
    "Endpoints",
    "EventView",
    "Events",
    "Expected",
    "Failure",
    "FailureCode",
    "FaultView",
    "Faults",
    "FieldView",
    "InstrumentView",
    "Instruments",
    "Journal",
    "Latencies",
    "MessageView",
    "NextOrderReply",
    "OrderView",
    "Orders",
    "Outcome",
    "Reply",
    "SessionView",
    "Sessions",
    "VenueView",
    "Venues",
]


class FailureCode(StrEnum):
    """Why a command did nothing."""

    INVALID = "invalid"
    """It cannot be read, or says what cannot be."""
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    """What it would make is there already, or what it would change is not in the state for it."""
    REFUSED = "refused"
    """The venue's rules say no."""
    UNAUTHORIZED = "unauthorized"
    FORBIDDEN = "forbidden"
    TIMEOUT = "timeout"
    TOO_LARGE = "too_large"
    INTERNAL = "internal"


class Failure(Model):
    """A command that changed nothing. ``text`` says what, where, and what was expected."""

    kind: Literal["failure"] = "failure"
    code: FailureCode
    text: str


class Done(Model):
    """It is done, and there is nothing to tell."""

    kind: Literal["done"] = "done"


class VenueView(Model):
    """A venue and the names of what it has."""

    kind: Literal["venue"] = "venue"
    name: str
    seed: int
    instruments: tuple[str, ...]
    endpoints: tuple[str, ...]
    sessions: tuple[str, ...]
    bots: tuple[str, ...]


class InstrumentView(Model):
    """An instrument, its definition and how its book stands."""

    kind: Literal["instrument"] = "instrument"
    symbol: str
    definition: InstrumentDefinition
    mode: BookMode
    phase: PhaseName
    live_orders: int
    """Orders in its book, held ones not among them."""


class SessionView(Model):
    """A session; ``peer`` is the client's address while it is connected."""

    kind: Literal["session"] = "session"
    comp_id: str
    endpoint: str
    protocol: str
    sender_comp_id: str
    """What the client puts into SenderCompID(49)."""
    target_comp_id: str
    host: str
    port: int
    username: str | None
    state: str
    logged_on: bool
    peer: str | None
    next_out: int
    next_in: int
    faults: int


class EndpointView(Model):
    """Where clients connect, with the real port."""

    kind: Literal["endpoint"] = "endpoint"
    name: str
    protocol: str
    host: str
    port: int
    sessions: tuple[str, ...]


class BotView(Model):
    """A bot."""

    kind: Literal["bot"] = "bot"
    name: str
    type: str
    symbol: str
    activity: Activity
    participant: str
    open_orders: int


class OrderView(Model):
    """An order as it stands. ``pending`` names a client's request that waits for a decision."""

    kind: Literal["order"] = "order"
    order_id: str
    cl_ord_id: str
    orig_cl_ord_id: str | None
    session: str
    symbol: str
    side: str
    order_type: str
    time_in_force: str
    quantity: Exact
    price: Exact | None
    executed: Exact
    leaves: Exact
    average_price: Exact
    status: str
    held: bool
    """A command decides about it, not the book."""
    pending: Literal["cancel", "replace"] | None = None
    at: int
    """When it last changed, ns UTC."""


class Outcome(Model):
    """What a verb on orders did: the orders as they stand, and the ExecIDs it made."""

    kind: Literal["outcome"] = "outcome"
    orders: tuple[OrderView, ...]
    exec_ids: tuple[str, ...]


class NextOrderReply(Model):
    """The next order, or None where none came in time."""

    kind: Literal["next_order"] = "next_order"
    order: OrderView | None


class BookLevel(Model):
    """A price with what is displayed there."""

    price: Exact
    quantity: Exact
    orders: int


class BookView(Model):
    """A book by price level, best first."""

    kind: Literal["book"] = "book"
    symbol: str
    phase: PhaseName
    bids: tuple[BookLevel, ...]
    asks: tuple[BookLevel, ...]


class FaultView(Model):
    """A fault that is armed, how many messages of its scope it saw and how many it struck."""

    kind: Literal["fault"] = "fault"
    name: str
    type: FaultName
    seen: int
    hits: int


class ClockMode(StrEnum):
    """How the venues' time passes."""

    REAL = "real"
    FROZEN = "frozen"
    SHIFTED = "shifted"
    """It passes, ahead of the machine's."""


class ClockView(Model):
    """The venues' time, ns UTC."""

    kind: Literal["clock"] = "clock"
    mode: ClockMode
    now: int


class FieldView(Model):
    """A field of a decoded message; groups hold entries."""

    tag: int
    name: str
    value: str
    meaning: str = ""
    entries: tuple[tuple[FieldView, ...], ...] = ()


class MessageView(Model):
    """A message as it was on the wire. ``raw`` has ``|`` for SOH; ``seq`` is the journal's.

    ``held``: for how long the venue's latency held it back, ns.
    """

    kind: Literal["message"] = "message"
    seq: int
    at: int
    venue: str
    session: str
    direction: WireWay
    msg_type: str
    name: str
    raw: str
    held: int
    fields: tuple[FieldView, ...]
    problems: tuple[str, ...]


class Journal(Model):
    """A page of the journal; ``next`` is what to ask ``after`` next, ``lost`` what is gone."""

    kind: Literal["journal"] = "journal"
    items: tuple[MessageView, ...]
    next: int
    lost: int


class EventView(Model):
    """Something that happened; ``data`` depends on ``type``."""

    seq: int
    at: int
    venue: str | None
    type: str
    data: dict[str, JsonValue]


class Events(Model):
    """A page of events; ``next`` is what to ask ``after`` next, ``lost`` how many are gone."""

    kind: Literal["events"] = "events"
    items: tuple[EventView, ...]
    next: int
    lost: int


class Expected(Model):
    """The message that was expected, or in ``closest`` what came instead, field by field."""

    kind: Literal["expected"] = "expected"
    message: MessageView | None
    closest: str = ""


class Venues(Model):
    """Every venue."""

    kind: Literal["venues"] = "venues"
    items: tuple[VenueView, ...]


class Instruments(Model):
    """Instruments of a venue."""

    kind: Literal["instruments"] = "instruments"
    items: tuple[InstrumentView, ...]


class Endpoints(Model):
    """Endpoints of a venue."""

    kind: Literal["endpoints"] = "endpoints"
    items: tuple[EndpointView, ...]


class Sessions(Model):
    """Sessions of a venue."""

    kind: Literal["sessions"] = "sessions"
    items: tuple[SessionView, ...]


class Bots(Model):
    """Bots of a venue."""

    kind: Literal["bots"] = "bots"
    items: tuple[BotView, ...]


class Orders(Model):
    """Orders of a venue; ``more`` where the limit cut the list."""

    kind: Literal["orders"] = "orders"
    items: tuple[OrderView, ...]
    more: bool


class Faults(Model):
    """Faults armed on a session."""

    kind: Literal["faults"] = "faults"
    items: tuple[FaultView, ...]


class Latencies(Model):
    """Latencies of a venue."""

    kind: Literal["latencies"] = "latencies"
    items: tuple[LatencyDefinition, ...]


Reply = Annotated[
    Done
    | VenueView
    | InstrumentView
    | EndpointView
    | SessionView
    | BotView
    | OrderView
    | Outcome
    | NextOrderReply
    | BookView
    | ClockView
    | Venues
    | Instruments
    | Endpoints
    | Sessions
    | Bots
    | Orders
    | Faults
    | Latencies
    | Journal
    | Events
    | Expected,
    Field(discriminator="kind"),
]
"""Any answer but a failure, told apart by ``kind``."""
