"""Everything the venue can be told to do."""

from meridian.venue.commands.administration import (
    AdministrativeCommand,
    CreateInstrument,
    DeleteInstrument,
    Mode,
    SetMode,
    SetPhase,
    UpdateInstrument,
)
from meridian.venue.commands.operator import (
    AcceptOrder,
    AcceptRequest,
    BustExecution,
    CancelByVenue,
    CorrectExecution,
    DoneForDay,
    ExpireOrder,
    FillOrder,
    MatchOrders,
    OperatorCommand,
    RejectOrder,
    RejectRequest,
)
from meridian.venue.commands.participant import (
    CancelOrder,
    MassCancel,
    ParticipantCommand,
    ReduceOrder,
    RefuseOrder,
    ReplaceOrder,
    Request,
    SubmitOrder,
)

__all__ = [
    "AcceptOrder",
    "AcceptRequest",
    "AdministrativeCommand",
    "BustExecution",
    "CancelByVenue",
    "CancelOrder",
    "Command",
    "CorrectExecution",
    "CreateInstrument",
    "DeleteInstrument",
    "DoneForDay",
    "ExpireOrder",
    "FillOrder",
    "MassCancel",
    "MatchOrders",
    "Mode",
    "OperatorCommand",
    "ParticipantCommand",
    "ReduceOrder",
    "RefuseOrder",
    "RejectOrder",
    "RejectRequest",
    "ReplaceOrder",
    "Request",
    "SetMode",
    "SetPhase",
    "SubmitOrder",
    "UpdateInstrument",
]

Command = ParticipantCommand | OperatorCommand | AdministrativeCommand
