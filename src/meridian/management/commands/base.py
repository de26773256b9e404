"""What every management command has."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from meridian.management.fields import Model, Word

__all__ = ["MAX_WAIT", "ManagementCommand", "OfVenue", "Wait"]

MAX_WAIT = 30
"""Seconds that one command may wait for something to happen."""

Wait = Annotated[float, Field(ge=0, le=MAX_WAIT, allow_inf_nan=False)]
"""Seconds to wait; a test's patience, so no exact number."""


class ManagementCommand(Model):
    """One thing to do or to tell. ``READS``: it changes nothing, so anybody let in may ask it."""

    READS: ClassVar[bool] = False

    @property
    def word(self) -> str:
        """What ``command`` says."""
        word: str = type(self).model_fields["command"].default
        return word


class OfVenue(ManagementCommand):
    """A command about one venue; without ``venue``, about the only one there is."""

    venue: Word | None = None
