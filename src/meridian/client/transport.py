"""How commands reach a venue: over HTTP, or however an embedder brings them there."""

from __future__ import annotations

from typing import Any, Protocol

__all__ = ["Transport"]


class Transport(Protocol):
    """Carries one command and its reply, both as JSON values."""

    def call(self, command: dict[str, Any], patience: float) -> dict[str, Any]:
        """Have it carried out; ``patience`` is how long the command itself may wait, s.

        Raises:
            SimulatorError: it failed; the class says how.
        """

    def close(self) -> None:
        """Release what it holds; safe to call more than once."""
