"""Steer a venue from synchronous code: connect to a daemon, or spawn one.

Depends on the standard library alone and imports nothing of Meridian, so that a test suite that
only steers a venue starts fast. May import: nothing of Meridian.
"""

from meridian.client.errors import (
    CommandInvalid,
    CommandRefused,
    ConnectionFailed,
    ExpectationFailed,
    NotAllowed,
    NotFound,
    SimulatorError,
    TimedOut,
)
from meridian.client.order import Order
from meridian.client.session import Session
from meridian.client.simulator import Simulator
from meridian.client.venue import Connection, Venue

__all__ = [
    "CommandInvalid",
    "CommandRefused",
    "Connection",
    "ConnectionFailed",
    "ExpectationFailed",
    "NotAllowed",
    "NotFound",
    "Order",
    "Session",
    "Simulator",
    "SimulatorError",
    "TimedOut",
    "Venue",
]
