"""Who may do what: bearer tokens and the two roles."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import ip_address

from meridian.schema.errors import ConfigError

__all__ = ["LOCAL_NAMES", "Role", "Tokens", "is_loopback"]

LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]", "::1", "testserver"})
"""What a browser may call this machine while no token is asked for."""
_SCHEME = "bearer "


class Role(StrEnum):
    """What a token lets its holder do."""

    READ_ONLY = "read_only"
    """Look, change nothing."""
    OPERATOR = "operator"
    """Everything."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """The secrets that let people in; with neither, everybody may do everything."""

    operator: str | None = field(default=None, repr=False)
    read_only: str | None = field(default=None, repr=False)

    @property
    def open(self) -> bool:
        """Whether no token is asked for."""
        return self.operator is None and self.read_only is None

    def role(self, authorization: str) -> Role | None:
        """The role of an Authorization header, None for nobody."""
        if self.open:
            return Role.OPERATOR
        scheme, given = authorization[: len(_SCHEME)], authorization[len(_SCHEME) :].strip()
        if scheme.lower() != _SCHEME:
            return None
        for token, role in ((self.operator, Role.OPERATOR), (self.read_only, Role.READ_ONLY)):
            if token is not None and hmac.compare_digest(token.encode(), given.encode()):
                return role
        return None

    def require_for(self, host: str) -> None:
        """Refuse to serve the world without a token.

        Raises:
            ConfigError: ``host`` is not this machine alone, and no operator's token is set.
        """
        if self.open and not is_loopback(host):
            raise ConfigError(
                f"management on {host}: expected an operator token, for others can reach it; "
                "without one only 127.0.0.1, ::1 and localhost are served"
            )


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the address."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
