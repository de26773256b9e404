"""How long a venue takes to answer, and whom it lets wait."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from meridian.management.fields import Model, Whole, Word
from meridian.schema.numbers import Exact

__all__ = [
    "MAX_LATENCY",
    "FixedLatency",
    "LatencyDefinition",
    "LatencyModel",
    "NormalLatency",
    "RangeLatency",
    "SpikyLatency",
]

MAX_LATENCY = 60
"""Seconds."""

Duration = Annotated[Exact, Field(ge=0, le=MAX_LATENCY, decimal_places=9)]
"""Seconds, to the nanosecond."""


class FixedLatency(Model):
    """Always the same."""

    type: Literal["fixed"] = "fixed"
    seconds: Duration


class RangeLatency(Model):
    """Anything from ``low`` to ``high``, equally likely."""

    type: Literal["range"] = "range"
    low: Duration
    high: Duration

    @model_validator(mode="after")
    def _ascends(self) -> Self:
        if self.high < self.low:
            raise ValueError(f"high: expected at least low, {self.low}")
        return self


class NormalLatency(Model):
    """Around ``mean``, never below 0."""

    type: Literal["normal"] = "normal"
    mean: Duration
    deviation: Duration


class SpikyLatency(Model):
    """``usual``, and now and then ``spike``: ``per_mille`` is how often."""

    type: Literal["spikes"] = "spikes"
    usual: Duration
    spike: Duration
    per_mille: Whole = Field(default=10, ge=0, le=1_000)


LatencyModel = Annotated[
    FixedLatency | RangeLatency | NormalLatency | SpikyLatency, Field(discriminator="type")
]


class LatencyDefinition(Model):
    """What the venue sends leaves so much later; what comes behind it waits, too.

    ``comp_id`` None: to every session; ``msg_type`` None: whatever it is. Of several the one of
    session and type counts, else the session's, else the type's, else the venue's.
    """

    comp_id: Word | None = None
    msg_type: Word | None = None
    model: LatencyModel
