"""Credentials: readable while ``connect`` runs, by nothing else and never after."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from meridian.schema.errors import MeridianError

__all__ = ["Credentials", "CredentialsExpired"]

_PUBLIC = frozenset(("host", "port", "sender", "target"))
_REDACTED = "[redacted]"


class CredentialsExpired(MeridianError):
    """Credentials were read after ``connect`` returned, or from a copy."""


class Credentials(Mapping[str, Any]):
    """A read-only mapping that shows its names and never its values.

    A copy or a pickle carries the names alone, so a value cannot reach a log, a queue or a disk
    by accident.

    Raises:
        CredentialsExpired: on reading a value after :meth:`wipe`.
        KeyError: on reading a name that was never given.
    """

    __slots__ = ("_names", "_values")

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._names = tuple(values)
        self._values: dict[str, Any] | None = dict(values)

    def __getitem__(self, name: str) -> Any:
        if name not in self._names:
            raise KeyError(name)
        if self._values is None:
            raise CredentialsExpired(f"credential {name!r} is readable only while connect runs")
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __repr__(self) -> str:
        return f"Credentials({', '.join(f'{name}={_REDACTED}' for name in self._names)})"

    def __reduce__(self) -> tuple[Any, ...]:
        return _expired, (self._names,)

    def scrub(self, text: str) -> str:
        """The text with every secret value replaced, for errors that quote one.

        After :meth:`wipe` there is nothing left to recognise: scrub before it.
        """
        values = self._values or {}
        secrets = {str(value) for name, value in values.items() if name not in _PUBLIC}
        for secret in sorted(secrets - {""}, key=len, reverse=True):
            text = text.replace(secret, _REDACTED)
        return text

    def wipe(self) -> None:
        """Forget every value."""
        self._values = None


def _expired(names: tuple[str, ...]) -> Credentials:
    copy = Credentials(dict.fromkeys(names))
    copy.wipe()
    return copy
