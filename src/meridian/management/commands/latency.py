"""Let the venue take its time."""

from __future__ import annotations

from typing import ClassVar, Literal

from meridian.management.commands.base import OfVenue
from meridian.management.fields import Word
from meridian.management.latency import LatencyModel

__all__ = ["ListLatencies", "SetLatency"]


class SetLatency(OfVenue):
    """Let messages leave later from now on: see ``LatencyDefinition``; ``model`` None: no more."""

    command: Literal["set_latency"] = "set_latency"
    comp_id: Word | None = None
    msg_type: Word | None = None
    model: LatencyModel | None


class ListLatencies(OfVenue):
    """What is set."""

    READS: ClassVar[bool] = True
    command: Literal["list_latencies"] = "list_latencies"
