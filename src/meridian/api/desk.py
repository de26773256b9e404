"""What the application needs of whoever carries commands out."""

from __future__ import annotations

from typing import Protocol

from pydantic import BaseModel

from meridian.management import ManagementCommand

__all__ = ["Desk"]


class Desk(Protocol):
    """Takes commands, gives replies."""

    @property
    def ready(self) -> bool:
        """Whether clients can connect and trade."""

    async def execute(self, command: ManagementCommand) -> BaseModel:
        """Do it; the reply is one of ``Reply``, or a ``Failure`` where nothing changed."""

    def metrics(self) -> bytes:
        """Every counter and gauge in the Prometheus text format."""
