"""The errors callers handle. Business refusals on the wire are values, not these."""

__all__ = [
    "ConfigError",
    "ConflictError",
    "ExchangeError",
    "MeridianError",
    "NotFoundError",
    "OrderRejected",
    "OutcomeUnknown",
    "SessionClosed",
    "SessionDegradedError",
    "StoreError",
    "ValidationError",
]


class MeridianError(Exception):
    """Root of every error Meridian raises on purpose."""


class ConfigError(MeridianError):
    """A configuration file, environment or address cannot be used; says where and why."""


class ValidationError(MeridianError):
    """An order violates the market's constraints; nothing was stored or sent."""


class NotFoundError(MeridianError):
    """The named intent, symbol or asset does not exist."""


class ConflictError(MeridianError):
    """The same idempotency key was used with another content."""


class ExchangeError(MeridianError):
    """The venue or the way to it failed."""


class OrderRejected(ExchangeError):
    """The venue refused this very request: definitive."""


class SessionDegradedError(ExchangeError):
    """The session is not accepting submissions; nothing was sent."""


class StoreError(MeridianError):
    """A durable store could not read or keep what it was asked to; says where and why."""


class OutcomeUnknown(ExchangeError):
    """The request may or may not have reached the venue."""


class SessionClosed(MeridianError):
    """The plugin published after its ``disconnect`` returned."""
