"""FIX without I/O: scanner, messages, the session state machine, the message-store protocol.

May import: schema, native.
Entry points: ``Session`` for either role, ``SessionDirectory`` and ``Admission`` for an acceptor's
new connections, ``Faults`` for deliberate misbehaviour; ``dictionary`` and ``validator`` for what
messages must be.

1. Bytes from a peer never raise out of this room, and no wait, queue or retry is unbounded.
2. A message's number is in the store before its bytes can be sent, and so is the message unless
   it is of a kind that is never resent.
3. Application messages come out in sequence; after a crash those not committed come again.
4. How the network cuts the stream changes neither events nor answers.
"""

from meridian.fix import msgtypes, reasons, tags
from meridian.fix.acceptor import Admission
from meridian.fix.directory import SessionDirectory, SessionTemplate
from meridian.fix.events import (
    Disconnected,
    Garbled,
    LoggedOn,
    LoggedOut,
    MessageReceived,
    SessionEvent,
    SessionRejected,
    Synchronised,
)
from meridian.fix.fault import Direction, Fault, FaultKind
from meridian.fix.faults import FaultCount, Faults
from meridian.fix.message import FieldError, Fields, Header, Message, encode, parse
from meridian.fix.schedule import Schedule
from meridian.fix.session import Session, SessionConfig
from meridian.fix.states import State
from meridian.fix.store import MemoryMessageStore, MessageStore

__all__ = [
    "Admission",
    "Direction",
    "Disconnected",
    "Fault",
    "FaultCount",
    "FaultKind",
    "Faults",
    "FieldError",
    "Fields",
    "Garbled",
    "Header",
    "LoggedOn",
    "LoggedOut",
    "MemoryMessageStore",
    "Message",
    "MessageReceived",
    "MessageStore",
    "Schedule",
    "Session",
    "SessionConfig",
    "SessionDirectory",
    "SessionEvent",
    "SessionRejected",
    "SessionTemplate",
    "State",
    "Synchronised",
    "encode",
    "msgtypes",
    "parse",
    "reasons",
    "tags",
]
