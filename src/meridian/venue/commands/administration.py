"""What trades here, when, and who decides: the operator's commands about instruments."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from meridian.book import Phase
from meridian.venue.instrument import Instrument

__all__ = [
    "AdministrativeCommand",
    "CreateInstrument",
    "DeleteInstrument",
    "Mode",
    "SetMode",
    "SetPhase",
    "UpdateInstrument",
]


class Mode(StrEnum):
    """Who decides what becomes of a new order."""

    MATCHING = "matching"
    """The book."""
    MANAGED = "managed"
    """The operator: the venue holds it until told."""


@dataclass(frozen=True, slots=True)
class CreateInstrument:
    """Open a book for a new instrument."""

    instrument: Instrument


@dataclass(frozen=True, slots=True)
class UpdateInstrument:
    """Put ``instrument`` in the place of the one with that symbol; refused while orders live."""

    instrument: Instrument


@dataclass(frozen=True, slots=True)
class DeleteInstrument:
    """Close the book; refused while orders live, unless they are to be cancelled."""

    symbol: str
    cancel_orders: bool = False


@dataclass(frozen=True, slots=True)
class SetPhase:
    """Move the book of ``symbol`` into a trading phase, as its schedule would."""

    symbol: str
    phase: Phase


@dataclass(frozen=True, slots=True)
class SetMode:
    """Change who decides about orders of ``symbol`` (None: of every instrument) from now on.

    Orders that are held stay held; those in the book stay there.
    """

    symbol: str | None
    mode: Mode


AdministrativeCommand = CreateInstrument | UpdateInstrument | DeleteInstrument | SetPhase | SetMode
