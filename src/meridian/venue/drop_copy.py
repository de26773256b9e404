"""Drop copy: sessions that get a copy of the execution reports of others."""

from __future__ import annotations

from collections.abc import Sequence

from meridian.fix import msgtypes
from meridian.venue.fix_versions import Version
from meridian.venue.fix_words import Reply

__all__ = ["MAX_COPIES", "DropCopy"]

MAX_COPIES = 100
"""Drop copy sessions of one session."""


class DropCopy:
    """Who is copied to whom. A copy is numbered and kept for a resend like any report."""

    def __init__(self) -> None:
        self._targets: dict[str, tuple[str, ...]] = {}

    @property
    def active(self) -> bool:
        """Whether anybody is copied."""
        return bool(self._targets)

    def add(self, source: str, target: str) -> None:
        """Copy the reports of ``source`` to ``target`` from now on.

        Raises:
            ValueError: they are the same, or the source has ``MAX_COPIES`` already.
        """
        targets = self.targets(source)
        if source == target:
            raise ValueError(f"{source}: a session cannot be its own drop copy")
        if target not in targets:
            if len(targets) >= MAX_COPIES:
                raise ValueError(f"{source}: expected at most {MAX_COPIES} drop copy sessions")
            self._targets[source] = (*targets, target)

    def remove(self, source: str, target: str) -> None:
        """Copy no more; nothing where it was not copied."""
        left = tuple(name for name in self.targets(source) if name != target)
        if left:
            self._targets[source] = left
        else:
            self._targets.pop(source, None)

    def forget(self, session: str) -> None:
        """The session is gone, as source and as target."""
        self._targets.pop(session, None)
        for source in list(self._targets):
            self.remove(source, session)

    def targets(self, source: str) -> Sequence[str]:
        """The sessions that get copies of a session's reports."""
        return self._targets.get(source, ())

    def sources(self, target: str) -> list[str]:
        """The sessions whose reports a session gets copies of."""
        return [source for source, targets in self._targets.items() if target in targets]

    @staticmethod
    def copy(target: str, source: str, body: bytes, version: Version) -> Reply:
        """A report for a drop copy session: whose it is, and from FIX.4.4 on that it is a copy."""
        if version.rank >= 43:
            # The entering firm, as a proprietary code.
            more = f"453=1\x01448={source}\x01447=D\x01452=7\x01"
        else:
            more = f"109={source}\x01"
        if version.rank >= 44:
            more += "797=Y\x01"
        return Reply(target, msgtypes.ExecutionReport, body + more.encode("latin-1"))
