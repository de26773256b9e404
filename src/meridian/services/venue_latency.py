"""How long what the venue sends is held back, drawn from seeded dice."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable
from decimal import Decimal
from typing import assert_never

from meridian.fix.fault_lane import MAX_HELD, Lane
from meridian.fix.faults import Faults
from meridian.management.definition import MAX_LATENCIES
from meridian.management.latency import (
    FixedLatency,
    LatencyDefinition,
    LatencyModel,
    NormalLatency,
    RangeLatency,
    SpikyLatency,
)
from meridian.schema.errors import ConflictError
from meridian.schema.times import NS_PER_SECOND

__all__ = ["Latencies", "LatentFaults", "draw"]

Scope = tuple[str | None, str | None]


class Latencies:
    """Those of a venue, by session and message type; None stands for any."""

    def __init__(self) -> None:
        self._models: dict[Scope, LatencyModel] = {}

    def __bool__(self) -> bool:
        return bool(self._models)

    def set(self, comp_id: str | None, msg_type: str | None, model: LatencyModel | None) -> None:
        """From now on. Raises ConflictError where there are too many."""
        if model is None:
            self._models.pop((comp_id, msg_type), None)
        elif len(self._models) >= MAX_LATENCIES and (comp_id, msg_type) not in self._models:
            raise ConflictError(f"a venue has at most {MAX_LATENCIES} latencies")
        else:
            self._models[comp_id, msg_type] = model

    def model(self, comp_id: str, msg_type: str) -> LatencyModel | None:
        """The one that counts, closest first."""
        scopes: tuple[Scope, ...] = ((comp_id, msg_type), (comp_id, None), (None, msg_type))
        found = (self._models.get(scope) for scope in (*scopes, (None, None)))
        return next((model for model in found if model is not None), None)

    def definitions(self) -> tuple[LatencyDefinition, ...]:
        """All that are set."""
        return tuple(
            LatencyDefinition(comp_id=comp_id, msg_type=msg_type, model=model)
            for (comp_id, msg_type), model in self._models.items()
        )


def draw(model: LatencyModel, dice: random.Random) -> int:
    """One latency, ns."""
    match model:
        case FixedLatency():
            return _ns(model.seconds)
        case RangeLatency():
            return dice.randrange(_ns(model.low), _ns(model.high) + 1)
        case NormalLatency():
            return max(round(dice.gauss(_ns(model.mean), _ns(model.deviation))), 0)
        case SpikyLatency():
            struck = dice.randrange(1_000) < model.per_mille
            return _ns(model.spike if struck else model.usual)
        case _:
            assert_never(model)


class LatentFaults(Faults):
    """Faults, and behind them the way to the client that takes its time.

    Args:
        latency: how long a message of that type is held, ns.
    """

    def __init__(self, dice: random.Random, latency: Callable[[str], int]) -> None:
        super().__init__(dice)
        self._latency = latency
        self._late: Lane[bytes] = Lane()
        self._holds: deque[tuple[bytes, int]] = deque(maxlen=MAX_HELD)

    def sent(self, raw: bytes, now: int) -> list[bytes]:
        pieces = super().sent(raw, now)
        if not pieces:
            return []
        hold = self._latency(raw.split(b"\x0135=", 1)[1].split(b"\x01", 1)[0].decode("latin-1"))
        if hold:
            self._holds.extend((piece, hold) for piece in pieces if piece.startswith(b"8="))
        return self._late.through(pieces, now, hold)

    def due_out(self, now: int) -> list[bytes]:
        return [] if self.silent(now) else self._late.through(super().due_out(now), now)

    def next_deadline(self) -> int | None:
        due, late = super().next_deadline(), self._late.next_deadline()
        if late is None or self._silent_by:
            return due
        return late if due is None else min(due, late)

    def drop_connection(self) -> None:
        super().drop_connection()
        self._late.clear()
        self._holds.clear()

    def take_over(self, former: LatentFaults) -> None:
        """What another one holds back leaves all the same, and what it has armed stays armed."""
        self._late, self._holds = former._late, former._holds
        for armed in former.armed():
            self.arm(armed.fault)

    def held(self, raw: bytes) -> int:
        """How long a message that leaves now was held back, ns."""
        if self._holds and raw.endswith(self._holds[0][0]):
            return self._holds.popleft()[1]
        return 0


def _ns(seconds: Decimal) -> int:
    return int(seconds * NS_PER_SECOND)
