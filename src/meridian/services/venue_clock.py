"""The venues' time: the machine's, or one that a test moves by hand."""

from __future__ import annotations

from meridian.management.replies import ClockMode, ClockView
from meridian.services.clock import Clock, wall_clock

__all__ = ["VenueClock"]


class VenueClock:
    """A ``Clock`` that can stand still and be moved on."""

    def __init__(self, machine: Clock = wall_clock) -> None:
        self._machine = machine
        self._frozen: int | None = None
        self._ahead = 0

    def __call__(self) -> int:
        """Nanoseconds since 1970-01-01 UTC."""
        return self._machine() + self._ahead if self._frozen is None else self._frozen

    @property
    def frozen(self) -> bool:
        """Whether it stands still."""
        return self._frozen is not None

    def freeze(self, at: int | None = None) -> None:
        """Stand still, where it is or at ``at``."""
        self._frozen = self() if at is None else at

    def advance(self, nanoseconds: int) -> None:
        """Jump on; a clock that stands goes on standing there."""
        if self._frozen is None:
            self._ahead += nanoseconds
        else:
            self._frozen += nanoseconds

    def real(self) -> None:
        """Go with the machine again."""
        self._frozen = None
        self._ahead = 0

    def view(self) -> ClockView:
        """For management."""
        if self._frozen is not None:
            mode = ClockMode.FROZEN
        else:
            mode = ClockMode.SHIFTED if self._ahead else ClockMode.REAL
        return ClockView(mode=mode, now=self())
