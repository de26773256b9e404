"""What can go wrong, by what a test would do about it."""

from __future__ import annotations

__all__ = [
    "CommandInvalid",
    "CommandRefused",
    "ConnectionFailed",
    "ExpectationFailed",
    "NotAllowed",
    "NotFound",
    "SimulatorError",
    "TimedOut",
    "error_of",
]


class SimulatorError(Exception):
    """Root of every error the client raises on purpose."""


class ConnectionFailed(SimulatorError):
    """The daemon cannot be reached, did not start, or broke off."""


class CommandInvalid(SimulatorError):
    """The command cannot be read, or says what cannot be."""


class NotFound(SimulatorError):
    """The named venue, instrument, session, bot, order or fault does not exist."""


class CommandRefused(SimulatorError):
    """The venue's rules or its state say no; nothing changed."""


class NotAllowed(SimulatorError):
    """A token is asked for, or the one given is for reading only."""


class TimedOut(SimulatorError):
    """What was waited for did not come."""


class ExpectationFailed(SimulatorError, AssertionError):
    """No message met the expectation; shows the closest one field by field."""


_BY_CODE: dict[str, type[SimulatorError]] = {
    "invalid": CommandInvalid,
    "too_large": CommandInvalid,
    "not_found": NotFound,
    "conflict": CommandRefused,
    "refused": CommandRefused,
    "unauthorized": NotAllowed,
    "forbidden": NotAllowed,
    "timeout": TimedOut,
}


def error_of(code: str, text: str) -> SimulatorError:
    """The error for a failure's code."""
    return _BY_CODE.get(code, SimulatorError)(text)
