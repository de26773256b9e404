"""The management commands: the same for a file, HTTP, the command line and the client."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, get_args

from pydantic import Field, ValidationError

from meridian.management.commands.base import MAX_WAIT, ManagementCommand, OfVenue
from meridian.management.commands.control import (
    AdvanceClock,
    Expect,
    FreezeClock,
    GetClock,
    ReadEvents,
    ReadJournal,
    RealClock,
    Reset,
    ResetLevel,
    SetSeed,
)
from meridian.management.commands.entities import (
    BotChanges,
    CreateBot,
    CreateEndpoint,
    CreateInstrument,
    CreateSession,
    CreateVenue,
    DeleteBot,
    DeleteEndpoint,
    DeleteInstrument,
    DeleteSession,
    DeleteVenue,
    GetBot,
    GetEndpoint,
    GetInstrument,
    GetSession,
    GetVenue,
    InstrumentChanges,
    ListBots,
    ListEndpoints,
    ListInstruments,
    ListSessions,
    ListVenues,
    SessionChanges,
    UpdateBot,
    UpdateInstrument,
    UpdateSession,
)
from meridian.management.commands.latency import ListLatencies, SetLatency
from meridian.management.commands.orders import (
    AcceptOrder,
    AcceptRequest,
    BookMode,
    BustExecution,
    CancelOrder,
    CorrectExecution,
    DoneForDay,
    ExpireOrder,
    FillOrder,
    GetBook,
    GetOrder,
    ListOrders,
    MatchOrders,
    NextOrder,
    RejectOrder,
    RejectRequest,
    SetMode,
    SetPhase,
)
from meridian.management.commands.sessions import (
    ArmFault,
    DisarmFault,
    DisconnectSession,
    FaultDefinition,
    FaultName,
    ListFaults,
    LogoutSession,
    ResetSession,
    SendMessage,
    SendRaw,
    SetSequence,
    WireWay,
)
from meridian.management.mistakes import complaints, shown

__all__ = [
    "COMMANDS",
    "MAX_WAIT",
    "AcceptOrder",
    "AcceptRequest",
    "AdvanceClock",
    "ArmFault",
    "BookMode",
    "BotChanges",
    "BustExecution",
    "CancelOrder",
    "Command",
    "CorrectExecution",
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
    "DisarmFault",
    "DisconnectSession",
    "DoneForDay",
    "Expect",
    "ExpireOrder",
    "FaultDefinition",
    "FaultName",
    "FillOrder",
    "FreezeClock",
    "GetBook",
    "GetBot",
    "GetClock",
    "GetEndpoint",
    "GetInstrument",
    "GetOrder",
    "GetSession",
    "GetVenue",
    "InstrumentChanges",
    "ListBots",
    "ListEndpoints",
    "ListFaults",
    "ListInstruments",
    "ListLatencies",
    "ListOrders",
    "ListSessions",
    "ListVenues",
    "LogoutSession",
    "ManagementCommand",
    "MatchOrders",
    "NextOrder",
    "OfVenue",
    "ReadEvents",
    "ReadJournal",
    "RealClock",
    "RejectOrder",
    "RejectRequest",
    "Reset",
    "ResetLevel",
    "ResetSession",
    "SendMessage",
    "SendRaw",
    "SessionChanges",
    "SetLatency",
    "SetMode",
    "SetPhase",
    "SetSeed",
    "SetSequence",
    "UpdateBot",
    "UpdateInstrument",
    "UpdateSession",
    "WireWay",
    "read_command",
]

Command = Annotated[
    CreateVenue
    | DeleteVenue
    | GetVenue
    | ListVenues
    | CreateInstrument
    | UpdateInstrument
    | DeleteInstrument
    | GetInstrument
    | ListInstruments
    | CreateEndpoint
    | DeleteEndpoint
    | GetEndpoint
    | ListEndpoints
    | CreateSession
    | UpdateSession
    | DeleteSession
    | GetSession
    | ListSessions
    | CreateBot
    | UpdateBot
    | DeleteBot
    | GetBot
    | ListBots
    | SetMode
    | SetPhase
    | GetBook
    | ListOrders
    | GetOrder
    | NextOrder
    | AcceptOrder
    | RejectOrder
    | FillOrder
    | CancelOrder
    | ExpireOrder
    | DoneForDay
    | MatchOrders
    | BustExecution
    | CorrectExecution
    | AcceptRequest
    | RejectRequest
    | SetSequence
    | ResetSession
    | SendMessage
    | SendRaw
    | LogoutSession
    | DisconnectSession
    | ArmFault
    | DisarmFault
    | ListFaults
    | SetLatency
    | ListLatencies
    | Reset
    | SetSeed
    | GetClock
    | FreezeClock
    | AdvanceClock
    | RealClock
    | ReadEvents
    | ReadJournal
    | Expect,
    Field(discriminator="command"),
]
"""Any of them, told apart by ``command``."""

COMMANDS: Mapping[str, type[ManagementCommand]] = MappingProxyType(
    {kind.model_fields["command"].default: kind for kind in get_args(get_args(Command)[0])}
)
"""The word in ``command`` -> its class."""


def read_command(tree: Any) -> ManagementCommand | list[str]:
    """A command out of decoded JSON or TOML, or what is wrong with it, one line a mistake."""
    # Not the union's own reader: building that for all commands costs more than a venue.
    word = tree.get("command") if isinstance(tree, dict) else None
    kind = COMMANDS.get(word) if isinstance(word, str) else None
    if kind is None:
        return [f"command: expected one of {', '.join(COMMANDS)}, got {shown(word)}"]
    try:
        return kind.model_validate(tree)
    except ValidationError as error:
        return list(complaints(error))
